//! Mails made of the built-in templates.

mod built_in;
mod language;

use edgeos_domain::MailTemplate;
use edgeos_ports::{ComposeError, ComposedMail, MailComposer, MailFrame};
use minijinja::{Environment, value::Serde};
use serde_json::{Map, Value, json};

/// The longest subject, in characters.
const SUBJECT_MAX: usize = 255;

/// The digits of a login code.
const CODE_LENGTH: usize = 6;

/// Makes mails of the templates that are built into the program.
pub struct TemplateComposer {
    built_in: Environment<'static>,
}

impl Default for TemplateComposer {
    fn default() -> Self {
        Self::new()
    }
}

impl TemplateComposer {
    /// The built-in templates, compiled.
    #[must_use]
    pub fn new() -> Self {
        let mut built_in = language::environment();
        for &(name, source) in built_in::SOURCES {
            built_in.add_template(name, source).expect("tests compile every built-in template");
        }
        for template in MailTemplate::ALL {
            if let Some(subject) = built_in::subject(template) {
                built_in
                    .add_template_owned(subject_name(template), subject)
                    .expect("tests compile every built-in subject");
            }
        }
        Self { built_in }
    }

    fn render(&self, name: &str, variables: &Value) -> Result<String, minijinja::Error> {
        self.built_in.get_template(name)?.render(Serde(variables))
    }

    fn compose_with(
        &self,
        template: MailTemplate,
        mut variables: Map<String, Value>,
    ) -> Result<ComposedMail, minijinja::Error> {
        let name = template.as_str();
        let subject = self.render(&subject_name(template), &Value::Object(variables.clone()))?;
        let subject = one_line(&subject);
        variables.insert("subject".to_owned(), subject.clone().into());
        let variables = Value::Object(variables);
        let text = self.render(&format!("{name}.txt"), &variables)?;
        let html = self.render(&format!("{name}.html"), &variables)?;
        Ok(ComposedMail { subject, text: tidy(&text), html })
    }
}

impl MailComposer for TemplateComposer {
    fn compose(
        &self,
        template: MailTemplate,
        context: &Value,
        frame: &MailFrame,
    ) -> Result<ComposedMail, ComposeError> {
        if built_in::subject(template).is_none() {
            return Err(ComposeError::Missing(template));
        }
        let variables = variables(template, context, frame);
        for required in built_in::required(template) {
            if !variables.contains_key(*required) {
                let template = template.as_str();
                tracing::warn!(template, variable = required, "a mail lacks a variable");
            }
        }
        self.compose_with(template, variables)
            .map_err(|error| ComposeError::Failed(template, error.into()))
    }
}

/// Everything that a template may show: the context without its nulls, and what is known everywhere.
fn variables(template: MailTemplate, context: &Value, frame: &MailFrame) -> Map<String, Value> {
    let mut variables = match without_nulls(context) {
        Value::Object(variables) => variables,
        _ => Map::new(),
    };
    if template.is_login() {
        // The code is the one run of six digits in the mail: a name that has another isn't used.
        for name in ["user_name", "first_name"] {
            if variables.get(name).and_then(Value::as_str).is_some_and(has_code) {
                variables.remove(name);
            }
        }
    } else {
        variables.insert("portal_url".to_owned(), frame.link.clone().into());
    }
    variables.insert("project_name".to_owned(), frame.project_name.clone().into());
    variables.insert("current_year".to_owned(), frame.current_year.into());
    let logo_url = frame.logo_url.as_deref().unwrap_or_default();
    let frame = json!({ "name": frame.name, "logo_url": logo_url, "link": frame.link });
    variables.insert("frame".to_owned(), frame);
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

fn subject_name(template: MailTemplate) -> String {
    format!("{}.subject", template.as_str())
}

fn has_code(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= CODE_LENGTH)
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
