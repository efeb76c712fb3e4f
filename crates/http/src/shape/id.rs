use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde_json::json;
use uuid::Uuid;

use super::{Described, Fault, Wrong, described, source::is_text_only};

/// An identifier: hyphenated, 32 hex digits, in braces, or with the prefix `urn:uuid:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id(pub(crate) Uuid);

/// Yes or no. In path and query: `true`, `1`, `on`, `yes` and their opposites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flag(pub(crate) bool);

impl From<Id> for Uuid {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl From<Flag> for bool {
    fn from(flag: Flag) -> Self {
        flag.0
    }
}

impl Deserr<Wrong> for Id {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let msg = "Input should be a valid UUID";
        match value {
            Value::String(text) => Uuid::try_parse(&text)
                .map(Self)
                .map_err(|_| Wrong::value(location, Fault::UuidParsing, msg).echo(text)),
            other => Err(Wrong::kind(location, Fault::UuidParsing, msg, other)),
        }
    }
}

impl Deserr<Wrong> for Flag {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let read = match &value {
            Value::Boolean(flag) => Some(*flag),
            Value::String(text) if is_text_only(location) => {
                match text.to_ascii_lowercase().as_str() {
                    "true" | "t" | "1" | "on" | "yes" | "y" => Some(true),
                    "false" | "f" | "0" | "off" | "no" | "n" => Some(false),
                    _ => None,
                }
            }
            _ => None,
        };
        read.map(Self).ok_or_else(|| {
            Wrong::kind(location, Fault::ValueError, "Input should be true or false", value)
        })
    }
}

impl Described for Id {
    fn describe() -> serde_json::Value {
        json!({ "type": "string", "format": "uuid" })
    }
}

impl Described for Flag {
    fn describe() -> serde_json::Value {
        json!({ "type": "boolean" })
    }
}

described!([] Id);
described!([] Flag);
