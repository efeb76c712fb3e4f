//! Mails made of templates: the built-in ones, and those of organisers.

mod built_in;
mod guest;
mod guests;
mod language;
mod missing;
mod turns;

use std::{collections::HashMap, fmt::Write, path::PathBuf, sync::Arc, time::Duration};

use edgeos_domain::MailTemplate;
use edgeos_ports::{
    ComposeError, ComposedMail, Composition, CustomTemplate, Draft, InvalidTemplate, MailComposer,
    MailFrame, RenderError, Rendered, Source, WordsToCheck,
};
use minijinja::value::Serde;
use serde_json::{Map, Value};
use tokio::{task::spawn_blocking, time::timeout};

pub use self::guest::render_for_another;
use self::{
    guest::{Task, Words},
    guests::{Guests, Unanswered},
    language::Part,
    missing::Lack,
};
use crate::document::inlined;

/// The longest subject, in characters.
const SUBJECT_MAX: usize = 255;

/// The digits of a login code.
const CODE_LENGTH: usize = 6;

/// How long a mail may take to be made, the wait for a turn included.
const PATIENCE: Duration = Duration::from_secs(22);

/// Makes mails of the templates that are built into the program, and of those that organisers write: the latter in
/// processes of their own.
#[derive(Clone)]
pub struct TemplateComposer {
    built_in: Arc<HashMap<MailTemplate, BuiltIn>>,
    guests: Arc<Guests>,
}

/// The built-in words of a mail.
struct BuiltIn {
    html: String,
    text: String,
}

impl TemplateComposer {
    /// The built-in templates, put together. Organisers' templates are rendered by processes of `program`, which
    /// has to call [`render_for_another`] when it is started with the argument `render-template` alone; `None` is
    /// the program that runs.
    #[must_use]
    pub fn new(program: Option<PathBuf>) -> Self {
        Self::with(Guests::new(program))
    }

    fn with(guests: Guests) -> Self {
        let built_in = MailTemplate::ALL.into_iter().map(|template| {
            let whole = |extension| built_in::whole(&format!("{}.{extension}", template.as_str()));
            (template, BuiltIn { html: whole("html"), text: whole("txt") })
        });
        Self { built_in: Arc::new(built_in.collect()), guests: Arc::new(guests) }
    }

    async fn composed(
        &self,
        template: MailTemplate,
        custom: Option<&CustomTemplate>,
        variables: Map<String, Value>,
    ) -> Result<Composition, ComposeError> {
        let values = values(&variables);
        let subject = language::render(template.subject(), Part::Text, &values, Lack::Nothing);
        let subject = one_line(&subject.map_err(failed(template))?);
        let fell_back = match custom {
            None => None,
            Some(custom) => match self.in_custom_words(custom, &subject, &variables).await? {
                Ok(mail) => return Ok(Composition { mail, fell_back: None }),
                Err(reason) => Some(reason),
            },
        };
        let composer = self.clone();
        let made = spawn_blocking(move || composer.in_built_in_words(template, subject, variables));
        let mail = made.await.map_err(failed(template))??;
        Ok(Composition { mail, fell_back })
    }

    /// The mail in an organiser's words, or why there is none.
    async fn in_custom_words(
        &self,
        custom: &CustomTemplate,
        built_in_subject: &str,
        variables: &Map<String, Value>,
    ) -> Result<Result<ComposedMail, String>, ComposeError> {
        let Some(words) = &custom.words else {
            return Ok(Err(InvalidTemplate::Content(TOO_LONG.to_owned()).to_string()));
        };
        let task = Task::Mail {
            subject: words.subject.clone(),
            built_in_subject: built_in_subject.to_owned(),
            html: words.html.clone(),
            variables: variables.clone(),
        };
        Ok(match self.guests.mail(custom, task).await {
            Ok(Ok(Words { subject, html, text })) => {
                let subject = subject.unwrap_or_else(|| built_in_subject.to_owned());
                Ok(ComposedMail { subject, text, html, attachments: Vec::new() })
            }
            Ok(Err(refusal)) => Err(InvalidTemplate::from(refusal).to_string()),
            Err(Unanswered::Excess) => Err(InvalidTemplate::Content(EXCESS.to_owned()).to_string()),
            // The mail goes out all the same.
            Err(Unanswered::Broken) => Err("the server can't render templates".to_owned()),
            Err(Unanswered::Busy) => return Err(ComposeError::Busy),
        })
    }

    fn in_built_in_words(
        &self,
        template: MailTemplate,
        subject: String,
        mut variables: Map<String, Value>,
    ) -> Result<ComposedMail, ComposeError> {
        variables.insert("subject".to_owned(), subject.clone().into());
        let words = &self.built_in[&template];
        let html = language::render(&words.html, Part::Html, &values(&variables), Lack::Nothing);
        let mut html = inlined(&html.map_err(failed(template))?).map_err(failed(template))?;
        if template.is_login() {
            html = apart(&html, variables.get("auth_code").and_then(Value::as_str));
            keep_digits_apart(&mut variables);
        }
        let text = language::render(&words.text, Part::Text, &values(&variables), Lack::Nothing);
        let text = tidy(&text.map_err(failed(template))?);
        Ok(ComposedMail { subject, text, html, attachments: Vec::new() })
    }
}

/// What an organiser reads whose words take all the memory or time that there is.
const EXCESS: &str = "it needs too much memory or time";

/// What an organiser reads whose words were stored past the server.
const TOO_LONG: &str = "it is too long";

impl MailComposer for TemplateComposer {
    async fn compose(
        &self,
        template: MailTemplate,
        custom: Option<&CustomTemplate>,
        context: &Value,
        frame: &MailFrame,
    ) -> Result<Composition, ComposeError> {
        let mut variables = variables(template, context, frame);
        if !template.is_login() {
            variables.insert("portal_url".to_owned(), frame.link.clone().into());
        }
        for variable in template.variables() {
            if variable.required && !variables.contains_key(variable.name) {
                let template = template.as_str();
                tracing::warn!(template, variable = variable.name, "a mail lacks a variable");
            }
        }
        let composed = timeout(PATIENCE, self.composed(template, custom, variables)).await;
        composed.unwrap_or(Err(ComposeError::Busy))
    }

    async fn preview(
        &self,
        draft: Draft<'_>,
        variables: &Value,
        frame: &MailFrame,
    ) -> Result<Rendered, RenderError> {
        let task = Task::Preview {
            subject: draft.subject.map(str::to_owned),
            html: draft.html.to_owned(),
            variables: self::variables(draft.template, variables, frame),
        };
        let words = self.guests.preview(draft.tenant, task).await;
        let Words { subject, html, text } = words.map_err(unanswered)??;
        Ok(Rendered { subject, text, html })
    }

    async fn check(&self, words: WordsToCheck<'_>) -> Result<(), RenderError> {
        if words.subject.is_none() && words.html.is_none() {
            return Ok(());
        }
        let task = Task::Check {
            subject: words.subject.map(str::to_owned),
            html: words.html.map(str::to_owned),
        };
        self.guests.preview(words.tenant, task).await.map_err(unanswered)??;
        Ok(())
    }

    fn built_in(&self, template: MailTemplate) -> &str {
        &self.built_in[&template].html
    }
}

fn failed<E: Into<Source>>(template: MailTemplate) -> impl FnOnce(E) -> ComposeError {
    move |error| ComposeError::Fails(template, error.into())
}

fn unanswered(why: Unanswered) -> RenderError {
    match why {
        Unanswered::Busy | Unanswered::Broken => RenderError::Busy,
        Unanswered::Excess => InvalidTemplate::Content(EXCESS.to_owned()).into(),
    }
}

impl From<guest::Refusal> for RenderError {
    fn from(refusal: guest::Refusal) -> Self {
        InvalidTemplate::from(refusal).into()
    }
}

/// The variables as the language has them. The summary of an order is HTML that the server made.
fn values(variables: &Map<String, Value>) -> minijinja::Value {
    let value = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::String(html) if name == "order_summary" => {
                minijinja::Value::from_safe_string(html.clone())
            }
            value => minijinja::Value::from(Serde(value)),
        };
        (name.clone(), value)
    };
    minijinja::Value::from_pairs(variables.iter().map(value))
}

/// Everything that a template may show: the context without its nulls, and what is known everywhere.
fn variables(template: MailTemplate, context: &Value, frame: &MailFrame) -> Map<String, Value> {
    let mut variables = match without_nulls(context) {
        Value::Object(variables) => variables,
        _ => Map::new(),
    };
    let known = [
        ("project_name", frame.project_name.clone().into()),
        ("current_year", frame.current_year.into()),
        ("tenant_name", frame.name.clone().into()),
        ("tenant_logo_url", frame.logo_url.clone().unwrap_or_default().into()),
        ("home_url", frame.link.clone().into()),
    ];
    if template.is_login() {
        // The code is the one run of six digits in the mail: a name that has another isn't used.
        for name in ["user_name", "first_name"] {
            if variables.get(name).and_then(Value::as_str).is_some_and(has_code) {
                variables.remove(name);
            }
        }
    }
    for (name, value) in known {
        variables.entry(name).or_insert(value);
    }
    variables
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let known = map.iter().filter(|(_, value)| !value.is_null());
            known.map(|(key, value)| (key.clone(), without_nulls(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

fn has_code(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= CODE_LENGTH)
}

/// Parts the digits of names that the text of a login mail shows: an invisible joiner stands after every fifth.
fn keep_digits_apart(variables: &mut Map<String, Value>) {
    for name in ["tenant_name", "project_name"] {
        let Some(Value::String(text)) = variables.get_mut(name) else { continue };
        let (mut parted, mut run) = (String::with_capacity(text.len()), 0);
        for character in text.chars() {
            run = if character.is_ascii_digit() { run + 1 } else { 0 };
            if run == CODE_LENGTH {
                parted.push('\u{2060}');
                run = 1;
            }
            parted.push(character);
        }
        *text = parted;
    }
}

/// `html` in which no six digits follow one another but those of `code`: of others, every sixth is written as
/// a character reference, which browsers show as the same digit. Nobody takes such digits for a login code.
fn apart(html: &str, code: Option<&str>) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        text.push_str(&rest[..start]);
        let length = rest[start..].bytes().take_while(u8::is_ascii_digit).count();
        let (digits, after) = rest[start..].split_at(length);
        if Some(digits) == code {
            text.push_str(digits);
        } else {
            for (place, digit) in digits.chars().enumerate() {
                if place % CODE_LENGTH == CODE_LENGTH - 1 {
                    write!(text, "&#{};", u32::from(digit)).expect("a string takes all");
                } else {
                    text.push(digit);
                }
            }
        }
        rest = after;
    }
    text + rest
}

/// A subject fit for a header: breaks and control characters are one space.
fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let lines: Vec<&str> = text.split(breaks).filter(|line| !line.is_empty()).collect();
    let line: String = lines.join(" ").trim().chars().take(SUBJECT_MAX).collect();
    line.trim_end().to_owned()
}

/// A text without the blank lines that template tags leave behind.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut blank_lines = 0;
    for line in text.trim().lines().map(str::trim_end) {
        blank_lines = if line.is_empty() { blank_lines + 1 } else { 0 };
        if blank_lines < 2 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy
}

#[cfg(test)]
mod tests;
