use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::{FieldType, Form, FormField};

/// Why answers can't be stored, whatever the form asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAnswers {
    /// More answers than any form has questions.
    #[error("must not have more than 500 keys")]
    TooMany,
    /// A key longer than any name of a question.
    #[error("keys must not be longer than 100 characters")]
    LongKey,
    /// More than an application should carry.
    #[error("must not be larger than 64 KiB")]
    TooLarge,
    /// U+0000, which PostgreSQL can't store.
    #[error("must not contain the character U+0000")]
    Nul,
}

/// Whether `answers` can be stored at all.
///
/// # Errors
///
/// The first [`InvalidAnswers`] that applies, in the order of its variants.
pub fn check_answer_limits(answers: &Map<String, Value>) -> Result<(), InvalidAnswers> {
    if answers.len() > 500 {
        return Err(InvalidAnswers::TooMany);
    }
    if answers.keys().any(|key| key.chars().count() > 100) {
        return Err(InvalidAnswers::LongKey);
    }
    let size = serde_json::to_vec(answers).map_or(usize::MAX, |bytes| bytes.len());
    if size > 64 * 1024 {
        return Err(InvalidAnswers::TooLarge);
    }
    if has_nul_in(answers) { Err(InvalidAnswers::Nul) } else { Ok(()) }
}

impl Form {
    /// The answers to store when `new` replaces `stored` (empty for a new application): duplicate choices
    /// dropped, numbers in texts made text. Keys that the form doesn't know are kept. An answer that isn't
    /// changed isn't checked again, as the question may have changed since. `submitting` asks for all required
    /// answers.
    ///
    /// # Errors
    ///
    /// One text per problem, each naming the question: missing answers first, then wrong ones.
    pub fn check_answers(
        &self,
        stored: &Map<String, Value>,
        mut new: Map<String, Value>,
        submitting: bool,
    ) -> Result<Map<String, Value>, Vec<String>> {
        let mut problems = Vec::new();
        let fields = self.fields_in_order();
        if submitting {
            let missing = fields.iter().filter(|field| self.demands(field));
            let missing = missing.filter(|field| !is_answered(new.get(&field.name)));
            problems.extend(missing.map(|field| format!("{}: an answer is required", field.label)));
        }
        for field in fields {
            let Some(answer) = new.get_mut(&field.name) else { continue };
            if is_empty(answer) || stored.get(&field.name) == Some(&*answer) {
                continue;
            }
            match checked(field, answer) {
                Ok(clean) => *answer = clean,
                Err(wrong) => {
                    problems.extend(wrong.into_iter().map(|why| format!("{}: {why}", field.label)));
                }
            }
        }
        if problems.is_empty() { Ok(new) } else { Err(problems) }
    }

    /// Whether nobody can submit without an answer. The portal draws the sections of companions and
    /// scholarships by itself: nobody could answer other questions there.
    fn demands(&self, field: &FormField) -> bool {
        let label = field.section.and_then(|id| self.section(id)).map(|section| &section.label);
        let drawn_by_portal = label.is_some_and(|label| {
            let label = label.to_lowercase();
            label.contains("children") || label.contains("scholarship")
        });
        field.required && !drawn_by_portal
    }
}

/// Whether there is nothing to check.
fn is_empty(answer: &Value) -> bool {
    answer.is_null() || answer.as_str() == Some("")
}

fn is_answered(answer: Option<&Value>) -> bool {
    match answer {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => true,
    }
}

/// `answer` as it is stored, or what is wrong with it.
fn checked(field: &FormField, answer: &Value) -> Result<Value, Vec<String>> {
    let options = field.options.as_deref().unwrap_or_default();
    let wrong = |why: &str| Err(vec![why.to_owned()]);
    match (field.field_type, answer) {
        (FieldType::Text | FieldType::Textarea, Value::Number(_) | Value::Bool(_)) => {
            Ok(Value::String(answer.to_string()))
        }
        (FieldType::Text | FieldType::Textarea, Value::String(_))
        | (FieldType::Number, Value::Number(_))
        | (FieldType::Boolean, Value::Bool(_))
        | (FieldType::Kids, _) => Ok(answer.clone()),
        (FieldType::Text | FieldType::Textarea, _) => wrong("must be a text"),

        (FieldType::Number, Value::String(text)) if is_number(text) => Ok(answer.clone()),
        (FieldType::Number, _) => wrong("must be a number"),

        (FieldType::Boolean, _) => wrong("must be true or false"),

        (FieldType::Select | FieldType::SelectCards, Value::String(text))
            if options.is_empty() || options.contains(text) =>
        {
            Ok(answer.clone())
        }
        (FieldType::Select | FieldType::SelectCards, _) => wrong("must be one of the options"),

        (FieldType::Multiselect, Value::Array(items)) => choices(items, options),
        (FieldType::Multiselect, _) => wrong("must be a list of options"),

        (FieldType::Date, Value::String(text)) if is_date(text) => Ok(answer.clone()),
        (FieldType::Date, _) => wrong("must be a date like 2030-12-31"),

        (FieldType::Email, Value::String(text)) if is_email(text) => Ok(answer.clone()),
        (FieldType::Email, _) => wrong("must be an e-mail address"),

        (FieldType::Url, Value::String(text)) if is_web_address(text) => Ok(answer.clone()),
        (FieldType::Url, _) => wrong("must be an http or https address"),
    }
}

/// `items` without repetitions, or what is wrong with them.
fn choices(items: &[Value], options: &[String]) -> Result<Value, Vec<String>> {
    let mut chosen: Vec<Value> = Vec::new();
    let mut problems = Vec::new();
    for item in items {
        match item {
            Value::String(text) if !options.is_empty() && !options.contains(text) => {
                problems.push(format!("{text} is not one of the options"));
            }
            Value::String(_) if chosen.contains(item) => {}
            Value::String(_) => chosen.push(item.clone()),
            _ => problems.push(format!("{item} is not a text")),
        }
    }
    if problems.is_empty() { Ok(Value::Array(chosen)) } else { Err(problems) }
}

/// A decimal number; `inf` and `nan`, which parse as well, have other letters.
fn is_number(text: &str) -> bool {
    let text = text.trim();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    plain && text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_date(text: &str) -> bool {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shape && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

/// Laxer than [`Email`](crate::Email), which becomes an identity: any address that somebody may have.
fn is_email(text: &str) -> bool {
    let sides: Vec<_> = text.split('@').collect();
    sides.len() == 2
        && sides.iter().all(|side| !side.is_empty())
        && !text.contains(char::is_whitespace)
}

/// Laxer than [`HttpUrl`](crate::HttpUrl), which the server puts into pages: people answer with what their
/// browser shows.
fn is_web_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(address) => address.split(']').next(),
        None => host.split(':').next(),
    };
    let host = host.unwrap_or_default();
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    is_web && !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn has_nul_in(answers: &Map<String, Value>) -> bool {
    answers.iter().any(|(key, value)| key.contains('\0') || has_nul(value))
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(object) => has_nul_in(object),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
