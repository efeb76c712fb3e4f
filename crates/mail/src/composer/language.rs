//! The template language as mails speak it.

use std::fmt::Write;

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value,
    escape_formatter, syntax::SyntaxConfig, value::ValueKind,
};

use super::CODE_LENGTH;

/// Work that one part of a mail may take, about an instruction each.
const FUEL: u64 = 500_000;

/// An environment without templates. Values show as nothing when they are unknown, escaped in `.html`, and
/// with two decimals when they are fractions.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the delimiters are the usual ones"));
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    // Errors would carry the variables along.
    environment.set_debug(false);
    environment.set_formatter(format);
    environment.add_filter("escape", escape);
    environment.add_filter("e", escape);
    environment.add_filter("apart", apart);
    environment.add_filter("number", number);
    environment.add_filter("money", money);
    environment
}

fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        return Ok(());
    }
    if is_fraction(value) {
        return out.write_str(&number(value)?).map_err(Error::from);
    }
    if matches!(state.auto_escape(), AutoEscape::Html) {
        return out.write_str(escape(value).as_str().unwrap_or_default()).map_err(Error::from);
    }
    escape_formatter(out, state, value)
}

/// Text for HTML, unless it is HTML already. Unlike minijinja's own, it leaves slashes alone: links stay
/// readable in the source.
fn escape(value: &Value) -> Value {
    if value.is_safe() {
        value.clone()
    } else {
        Value::from_safe_string(escaped(&value.to_string()))
    }
}

fn escaped(text: &str) -> String {
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

fn is_fraction(value: &Value) -> bool {
    value.kind() == ValueKind::Number && !value.is_integer()
}

/// A number as people read it: whole ones as they are, others with two decimals.
fn number(value: &Value) -> Result<String, Error> {
    if is_fraction(value) { money(value) } else { Ok(value.to_string()) }
}

/// An amount with two decimals; nothing for an unknown one.
fn money(value: &Value) -> Result<String, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(String::new());
    }
    let amount = f64::try_from(value.clone())
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, "this is no amount"))?;
    Ok(format!("{amount:.2}"))
}

/// Text for HTML in which no six digits follow one another: every sixth is written as a character reference,
/// which browsers show as the same digit. Nobody takes such digits for a login code.
fn apart(value: &Value) -> Value {
    let mut html = String::new();
    let mut digits = 0;
    for character in escaped(&value.to_string()).chars() {
        digits = if character.is_ascii_digit() { digits + 1 } else { 0 };
        if digits == CODE_LENGTH {
            write!(html, "&#{};", u32::from(character)).expect("a string takes all");
            digits = 0;
        } else {
            html.push(character);
        }
    }
    Value::from_safe_string(html)
}
