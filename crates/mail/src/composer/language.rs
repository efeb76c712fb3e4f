//! The template language as mails speak it: Jinja as a guest, who reaches nothing but the variables.

use std::{
    collections::BTreeSet,
    fmt::{self, Write},
    sync::{Arc, LazyLock},
};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value,
    escape_formatter, functions,
    machinery::{CompiledTemplate, TemplateConfig, eval, make_string_output},
    syntax::SyntaxConfig,
    value::{Kwargs, ValueKind},
};

use super::missing::{self, Lack};

/// Work that one part of a mail may take: an instruction each, or 64 bytes of data.
const FUEL: u64 = 500_000;

/// Macros and recursive loops within one another.
const NESTING_MAX: usize = 50;

/// The most numbers that `range` counts.
const RANGE_MAX: u64 = 10_000;

/// The longest text that a template may make, in bytes.
const OUTPUT_MAX: usize = 2 * 1024 * 1024;

/// What a part of a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A document, in which values are escaped.
    Html,
    /// Plain text.
    Text,
}

/// Whether `source` is of the language.
pub(super) fn check(source: &str) -> Result<(), Error> {
    compile(source, Part::Text).map(|_| ())
}

/// What `source` makes of `variables`, which lack values as `lack` says.
pub(super) fn render(
    source: &str,
    part: Part,
    variables: &Value,
    lack: Lack,
) -> Result<String, Error> {
    let environment: &Environment<'_> = &ENVIRONMENT;
    let mut compiled = compile(source, part)?;
    missing::tolerate(&mut compiled.instructions, lack);
    let root = match lack {
        Lack::Nothing => variables.clone(),
        Lack::Placeholder => missing::with_placeholders(variables, globals()),
    };
    let mut text = String::new();
    eval(
        environment,
        &compiled.instructions,
        root,
        &compiled.blocks,
        &mut make_string_output(&mut text),
        compiled.initial_auto_escape,
    )?;
    if text.len() > OUTPUT_MAX {
        return Err(invalid("the result is longer than 2 MiB"));
    }
    Ok(text)
}

/// The same for everybody. Values show as nothing when they are unknown, escaped in documents, and with two
/// decimals when they are fractions.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(NESTING_MAX);
    environment.set_formatter(format);
    environment.remove_global("debug");
    environment.add_function("range", range);
    environment.add_filter("escape", escape);
    environment.add_filter("e", escape);
    environment.add_filter("striptags", strip_tags);
    environment.add_filter("truncate", truncate);
    environment.add_filter("wordcount", |text: &str| text.split_whitespace().count());
    missing::add_operations(&mut environment);
    environment
});

fn globals() -> BTreeSet<String> {
    ENVIRONMENT.globals().map(|(name, _)| name.to_owned()).collect()
}

fn compile(source: &str, part: Part) -> Result<CompiledTemplate<'_>, Error> {
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    let escape = match part {
        Part::Html => AutoEscape::Html,
        Part::Text => AutoEscape::None,
    };
    let config = TemplateConfig {
        syntax_config: syntax.expect("the delimiters are the usual ones"),
        default_auto_escape: Arc::new(move |_| escape.clone()),
    };
    CompiledTemplate::new("template", source, &config)
}

pub(super) fn invalid(what: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}

fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        return Ok(());
    }
    if value.kind() == ValueKind::Number && !value.is_integer() {
        let amount = f64::try_from(value.clone())?;
        return out.write_str(&format!("{amount:.2}")).map_err(Error::from);
    }
    if matches!(state.auto_escape(), AutoEscape::Html) && !value.is_safe() {
        return out.write_str(&escaped(&printed(value)?)).map_err(Error::from);
    }
    if value.kind() != ValueKind::String {
        return out.write_str(&printed(value)?).map_err(Error::from);
    }
    escape_formatter(out, state, value)
}

/// `value` as text, within bounds: a list may hold another many times.
fn printed(value: &Value) -> Result<String, Error> {
    let mut text = Bounded(String::new());
    write!(text, "{value}").map_err(|_| invalid("a value is longer than 2 MiB"))?;
    Ok(text.0)
}

/// Text that refuses to grow beyond what a template may make.
struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        if self.0.len() + more.len() > OUTPUT_MAX {
            return Err(fmt::Error);
        }
        self.0.push_str(more);
        Ok(())
    }
}

/// Text for HTML, unless it is HTML already. Unlike minijinja's own, it leaves slashes alone: links stay
/// readable in the source.
fn escape(state: &State, value: &Value) -> Result<Value, Error> {
    if value.is_safe() || value.is_undefined() {
        return Ok(value.clone());
    }
    let text = printed(value)?;
    state.consume_fuel(text.len() as u64 / 64)?;
    Ok(Value::from_safe_string(escaped(&text)))
}

/// `text` as it stands in HTML, in attributes too.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

fn range(lower: isize, upper: Option<isize>, step: Option<isize>) -> Result<Value, Error> {
    let numbers = functions::range(lower, upper, step)?;
    let (from, to) = upper.map_or((0, lower), |upper| (lower, upper));
    let step = step.map_or(1, isize::unsigned_abs).max(1) as u64;
    if from.abs_diff(to) as u64 / step > RANGE_MAX {
        return Err(invalid("range has too many elements"));
    }
    Ok(numbers)
}

/// The text between the tags, its white space in single blanks.
fn strip_tags(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut in_tag = false;
    for character in text.chars() {
        match character {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            other if !in_tag => words.push(other),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first `length` (255) characters of a longer text, `end` (`...`) among them; whole words unless
/// `killwords`. A text that is `leeway` (5) longer stays.
#[expect(clippy::needless_pass_by_value, reason = "the language passes it by value")]
fn truncate(text: &str, length: Option<usize>, options: Kwargs) -> Result<String, Error> {
    let length = match options.get::<Option<usize>>("length")? {
        Some(named) => named,
        None => length.unwrap_or(255),
    };
    let end = options.get::<Option<&str>>("end")?.unwrap_or("...");
    let leeway = options.get::<Option<usize>>("leeway")?.unwrap_or(5);
    let killwords = options.get::<Option<bool>>("killwords")?.unwrap_or_default();
    options.assert_all_used()?;
    if text.chars().count() <= length.saturating_add(leeway) {
        return Ok(text.to_owned());
    }
    let room = length.saturating_sub(end.chars().count());
    let mut kept: String = text.chars().take(room).collect();
    if !killwords && let Some(blank) = kept.rfind(' ') {
        kept.truncate(blank);
    }
    Ok(kept + end)
}
