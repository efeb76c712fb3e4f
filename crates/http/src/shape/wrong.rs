use std::ops::ControlFlow;

use deserr::{
    DeserializeError, ErrorKind, IntoValue, MergeWithError, Value, ValueKind, ValuePointerRef,
};
use serde::Serialize;
use serde_json::json;

/// Longest text that an answer repeats.
const LONGEST_ECHO: usize = 200;
/// Fields whose names contain one of these are never repeated.
const SECRET: [&str; 4] = ["code", "password", "key", "token"];

/// Every wrong value of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Wrong(Vec<WrongValue>);

#[derive(Debug, Clone, PartialEq, Serialize)]
struct WrongValue {
    r#type: Fault,
    loc: Vec<Step>,
    msg: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<serde_json::Value>,
}

/// One step to a value: the part of the request, a field, or an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// What can be wrong with a value, as the `type` of an answer names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    Missing,
    StringType,
    StringTooLong,
    StringTooShort,
    StringPatternMismatch,
    IntParsing,
    UuidParsing,
    Enum,
    GreaterThanEqual,
    LessThanEqual,
    DatetimeFromDateParsing,
    FiniteNumber,
    ValueError,
    ModelAttributesType,
    JsonInvalid,
}

impl Wrong {
    /// One fault at `loc`.
    pub(crate) fn at(loc: Vec<Step>, r#type: Fault, msg: impl Into<String>) -> Self {
        Self(vec![WrongValue { r#type, loc, msg: msg.into(), input: None, ctx: None }])
    }

    /// One fault of the body as a whole.
    pub(crate) fn body(r#type: Fault, msg: impl Into<String>) -> Self {
        Self::at(vec![Step::from("body")], r#type, msg)
    }

    /// One fault of the value at `location`.
    pub(crate) fn value(
        location: ValuePointerRef<'_>,
        r#type: Fault,
        msg: impl Into<String>,
    ) -> Self {
        Self::at(steps(location), r#type, msg)
    }

    /// The same, repeating the `input` unless it is long, nested, or the name of its field forbids it.
    pub(crate) fn echo(mut self, input: impl Into<serde_json::Value>) -> Self {
        let input = input.into();
        let short = match &input {
            serde_json::Value::String(text) => text.chars().count() <= LONGEST_ECHO,
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => false,
            _ => true,
        };
        for wrong in &mut self.0 {
            if short && !wrong.loc.iter().any(Step::is_secret) {
                wrong.input = Some(input.clone());
            }
        }
        self
    }

    /// The same, with the bound that was crossed.
    pub(crate) fn ctx(mut self, name: &str, bound: impl Into<serde_json::Value>) -> Self {
        let ctx = json!({ name: bound.into() });
        self.0.iter_mut().for_each(|wrong| wrong.ctx = Some(ctx.clone()));
        self
    }

    /// The faults of both.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// A value of another kind than its place takes.
    pub(crate) fn kind<V: IntoValue>(
        location: ValuePointerRef<'_>,
        r#type: Fault,
        msg: &str,
        actual: Value<V>,
    ) -> Self {
        let wrong = Self::value(location, r#type, msg);
        match actual {
            Value::Null => wrong.echo(serde_json::Value::Null),
            Value::Boolean(value) => wrong.echo(value),
            Value::Integer(value) => wrong.echo(value),
            Value::NegativeInteger(value) => wrong.echo(value),
            Value::Float(value) => wrong.echo(value),
            Value::String(value) => wrong.echo(value),
            Value::Sequence(_) | Value::Map(_) => wrong,
        }
    }
}

impl Step {
    fn is_secret(&self) -> bool {
        let Self::Key(key) = self else { return false };
        let key = key.to_lowercase();
        SECRET.iter().any(|word| key.contains(word))
    }
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

fn steps(location: ValuePointerRef<'_>) -> Vec<Step> {
    let (mut steps, mut rest) = (Vec::new(), &location);
    loop {
        match rest {
            ValuePointerRef::Origin => break,
            ValuePointerRef::Key { key, prev } => {
                steps.push(Step::from(*key));
                rest = prev;
            }
            ValuePointerRef::Index { index, prev } => {
                steps.push(Step::Index(*index));
                rest = prev;
            }
        }
    }
    steps.reverse();
    steps
}

impl MergeWithError<Self> for Wrong {
    fn merge(before: Option<Self>, other: Self, _: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        ControlFlow::Continue(match before {
            Some(before) => before.and(other),
            None => other,
        })
    }
}

impl DeserializeError for Wrong {
    fn error<V: IntoValue>(
        before: Option<Self>,
        error: ErrorKind<'_, V>,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let wrong = match error {
            ErrorKind::MissingField { field } => {
                Self::value(location.push_key(field), Fault::Missing, "Field required")
            }
            ErrorKind::IncorrectValueKind { actual, accepted } => {
                let (fault, msg) = expected(accepted);
                Self::kind(location, fault, msg, actual)
            }
            ErrorKind::UnknownValue { value, accepted } => {
                let msg = format!("Input should be {}", accepted.join(", "));
                Self::value(location, Fault::Enum, msg).echo(value)
            }
            ErrorKind::UnknownKey { key, .. } => {
                Self::value(location.push_key(key), Fault::ValueError, "Unknown field")
            }
            ErrorKind::BadSequenceLen { expected, .. } => Self::value(
                location,
                Fault::ValueError,
                format!("List should have {expected} items"),
            ),
            ErrorKind::Unexpected { msg } => Self::value(location, Fault::ValueError, msg),
        };
        Self::merge(before, wrong, location)
    }
}

fn expected(accepted: &[ValueKind]) -> (Fault, &'static str) {
    match accepted {
        [ValueKind::String, ..] => (Fault::StringType, "Input should be a valid string"),
        [ValueKind::Map, ..] => (Fault::ModelAttributesType, "Input should be an object"),
        [ValueKind::Sequence, ..] => (Fault::ValueError, "Input should be a list"),
        [ValueKind::Boolean, ..] => (Fault::ValueError, "Input should be true or false"),
        _ => (Fault::IntParsing, "Input should be a valid integer"),
    }
}
