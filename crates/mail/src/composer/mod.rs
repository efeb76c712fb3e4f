//! Mails made of templates: the built-in ones, and those of organisers.

mod built_in;
mod language;
mod missing;

use std::{collections::HashMap, fmt::Write, sync::Arc};

use edgeos_domain::MailTemplate;
use edgeos_ports::{
    ComposeError, ComposedMail, Composition, CustomTemplate, Draft, InvalidTemplate, MailComposer,
    MailFrame, Rendered, Source,
};
use minijinja::value::Serde;
use serde_json::{Map, Value};
use tokio::{sync::Semaphore, task::spawn_blocking};

use self::{language::Part, missing::Lack};
use crate::document::{inlined, plain_text};

/// The longest subject, in characters.
const SUBJECT_MAX: usize = 255;

/// The digits of a login code.
const CODE_LENGTH: usize = 6;

/// Previews that are made at the same time at most, so that they leave the processor to the rest.
const PREVIEWS: usize = 2;

/// Makes mails of the templates that are built into the program, and of those that organisers write.
#[derive(Clone)]
pub struct TemplateComposer {
    built_in: Arc<HashMap<MailTemplate, BuiltIn>>,
    previews: Arc<Semaphore>,
}

/// The built-in words of a mail.
struct BuiltIn {
    html: String,
    text: String,
}

impl Default for TemplateComposer {
    fn default() -> Self {
        Self::new()
    }
}

impl TemplateComposer {
    /// The built-in templates, put together.
    #[must_use]
    pub fn new() -> Self {
        let built_in = MailTemplate::ALL.into_iter().map(|template| {
            let whole = |extension| built_in::whole(&format!("{}.{extension}", template.as_str()));
            (template, BuiltIn { html: whole("html"), text: whole("txt") })
        });
        Self {
            built_in: Arc::new(built_in.collect()),
            previews: Arc::new(Semaphore::new(PREVIEWS)),
        }
    }

    fn compose_now(
        &self,
        template: MailTemplate,
        custom: Option<&CustomTemplate>,
        mut variables: Map<String, Value>,
    ) -> Result<Composition, ComposeError> {
        let failed = |error: Source| ComposeError(template, error);
        let subject = render_subject(template.subject(), &variables, Lack::Nothing)
            .map_err(|error| failed(error.into()))?;
        let fell_back = match custom {
            None => None,
            Some(custom) => match compose_custom(custom, &subject, &variables) {
                Ok(mail) => return Ok(Composition { mail, fell_back: None }),
                Err(invalid) => Some(invalid.to_string()),
            },
        };
        variables.insert("subject".to_owned(), subject.clone().into());
        let words = &self.built_in[&template];
        let values = values(&variables);
        let text = language::render(&words.text, Part::Text, &values, Lack::Nothing)
            .map_err(|error| failed(error.into()))?;
        let html = language::render(&words.html, Part::Html, &values, Lack::Nothing)
            .map_err(|error| failed(error.into()))?;
        let mut html = inlined(&html).map_err(|excess| failed(excess.into()))?;
        if template.is_login() {
            html = apart(&html, variables.get("auth_code").and_then(Value::as_str));
        }
        let mail = ComposedMail { subject, text: tidy(&text), html, attachments: Vec::new() };
        Ok(Composition { mail, fell_back })
    }
}

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
        let (composer, custom) = (self.clone(), custom.cloned());
        spawn_blocking(move || composer.compose_now(template, custom.as_ref(), variables))
            .await
            .map_err(|panic| ComposeError(template, panic.into()))?
    }

    async fn preview(
        &self,
        draft: Draft<'_>,
        variables: &Value,
        frame: &MailFrame,
    ) -> Result<Rendered, InvalidTemplate> {
        let busy = |_| InvalidTemplate::Content("the server is busy".to_owned());
        let permit = self.previews.clone().acquire_owned().await.map_err(busy)?;
        let variables = self::variables(draft.template, variables, frame);
        let (subject, html) = (draft.subject.map(str::to_owned), draft.html.to_owned());
        let rendered = spawn_blocking(move || {
            // Held until the work is done, even if nobody waits for it any more.
            let _permit = permit;
            preview_now(subject.as_deref(), &html, variables)
        });
        rendered.await.map_err(|_| InvalidTemplate::Content("it can't be rendered".to_owned()))?
    }

    fn check(&self, subject: Option<&str>, html: Option<&str>) -> Result<(), InvalidTemplate> {
        if let Some(html) = html {
            language::check(html).map_err(content)?;
        }
        subject.map_or(Ok(()), |subject| {
            language::check(subject).map_err(|error| InvalidTemplate::Subject(told(&error)))
        })
    }

    fn built_in(&self, template: MailTemplate) -> &str {
        &self.built_in[&template].html
    }
}

fn compose_custom(
    custom: &CustomTemplate,
    built_in_subject: &str,
    variables: &Map<String, Value>,
) -> Result<ComposedMail, InvalidTemplate> {
    let own = custom.subject.as_deref().map(|subject| {
        render_subject(subject, variables, Lack::Nothing)
            .map_err(|error| InvalidTemplate::Subject(told(&error)))
    });
    let subject = own.transpose()?.filter(|subject| !subject.is_empty());
    let subject = subject.unwrap_or_else(|| built_in_subject.to_owned());
    let mut variables = variables.clone();
    variables.insert("subject".to_owned(), subject.clone().into());
    let (html, text) = render_document(&custom.html, &variables, Lack::Nothing)?;
    Ok(ComposedMail { subject, text, html, attachments: Vec::new() })
}

fn preview_now(
    subject: Option<&str>,
    html: &str,
    mut variables: Map<String, Value>,
) -> Result<Rendered, InvalidTemplate> {
    // The document is told of first: it is what the editor is about.
    language::check(html).map_err(content)?;
    let rendered = subject.map(|subject| {
        render_subject(subject, &variables, Lack::Placeholder)
            .map_err(|error| InvalidTemplate::Subject(told(&error)))
    });
    if let Some(Ok(subject)) = &rendered {
        variables.insert("subject".to_owned(), subject.clone().into());
    }
    let (html, text) = render_document(html, &variables, Lack::Placeholder)?;
    Ok(Rendered { subject: rendered.transpose()?, text, html })
}

/// An organiser's document, and the same as text.
fn render_document(
    source: &str,
    variables: &Map<String, Value>,
    lack: Lack,
) -> Result<(String, String), InvalidTemplate> {
    let html = language::render(source, Part::Html, &values(variables), lack).map_err(content)?;
    let excess = |excess: crate::document::Excess| InvalidTemplate::Content(excess.to_string());
    let html = inlined(&html).map_err(excess)?;
    let text = plain_text(&html).map_err(excess)?;
    Ok((html, text))
}

fn render_subject(
    source: &str,
    variables: &Map<String, Value>,
    lack: Lack,
) -> Result<String, minijinja::Error> {
    language::render(source, Part::Text, &values(variables), lack).map(|text| one_line(&text))
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

#[expect(clippy::needless_pass_by_value, reason = "fits `map_err`")]
fn content(error: minijinja::Error) -> InvalidTemplate {
    InvalidTemplate::Content(told(&error))
}

/// What is wrong and in which line.
fn told(error: &minijinja::Error) -> String {
    let kind = error.kind().to_string();
    let what = error.detail().map_or_else(|| kind.clone(), |detail| format!("{kind}: {detail}"));
    match error.line() {
        Some(line) => format!("{what} (line {line})"),
        None => what,
    }
}

fn has_code(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= CODE_LENGTH)
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
