use std::{fmt, ops::Deref};

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde_json::json;

use super::{Described, Fault, Wrong, described};

/// A text of at most `MAX` characters, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text<const MAX: usize>(String);

/// A text of any length, as it was sent; what is too long means nothing rather than being wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AnyText(String);

/// A text of at most `MAX` characters, without the blanks around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trimmed<const MAX: usize>(String);

/// A text of 1 to `MAX` characters, without the blanks around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filled<const MAX: usize>(String);

/// A text of exactly `LENGTH` decimal digits.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Digits<const LENGTH: usize>(String);

/// A text of at most `MAX` characters without line breaks and other control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line<const MAX: usize>(String);

/// An address of the web, of at most `MAX` characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HttpUrl<const MAX: usize>(pub(crate) edgeos_domain::HttpUrl);

/// A text that is read by a rule of the domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parsed<T>(pub(crate) T);

/// A value of the domain that has a text form.
pub(crate) trait FromText: Sized {
    /// Longest text that is looked at.
    const MAX: usize;
    /// Its name among the formats of JSON schema.
    const FORMAT: Option<&'static str> = None;
    /// The broken rule; its words are the answer's.
    type Refusal: fmt::Display;

    /// Reads `text`.
    fn from_text(text: &str) -> Result<Self, Self::Refusal>;
}

impl<const MAX: usize> Text<MAX> {
    /// The text.
    pub(crate) fn into_inner(self) -> String {
        self.0
    }

    /// The text, unless there is nothing in it but blanks.
    pub(crate) fn filled(self) -> Option<String> {
        (!self.0.trim().is_empty()).then_some(self.0)
    }
}

impl<const MAX: usize> Trimmed<MAX> {
    /// The text.
    pub(crate) fn into_inner(self) -> String {
        self.0
    }
}

impl<const MAX: usize> Filled<MAX> {
    /// The text.
    pub(crate) fn into_inner(self) -> String {
        self.0
    }
}

impl<const MAX: usize> Line<MAX> {
    /// The text.
    pub(crate) fn into_inner(self) -> String {
        self.0
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for AnyText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> Deref for Filled<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const LENGTH: usize> Deref for Digits<LENGTH> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

// What consists of digits alone is a login code.
impl<const LENGTH: usize> fmt::Debug for Digits<LENGTH> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digits(..)")
    }
}

impl<const MAX: usize> Deserr<Wrong> for Text<MAX> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        read_text(value, MAX, location).map(Self)
    }
}

impl Deserr<Wrong> for AnyText {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        read_text(value, usize::MAX, location).map(Self)
    }
}

impl<const MAX: usize> Deserr<Wrong> for Trimmed<MAX> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let text = read_text(value, usize::MAX, location)?;
        let trimmed = text.trim();
        within(trimmed, MAX, location)?;
        Ok(Self(trimmed.to_owned()))
    }
}

impl<const MAX: usize> Deserr<Wrong> for Filled<MAX> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let text = read_text(value, usize::MAX, location)?;
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(too_short(1, location).echo(text));
        }
        within(trimmed, MAX, location)?;
        Ok(Self(trimmed.to_owned()))
    }
}

impl<const LENGTH: usize> Deserr<Wrong> for Digits<LENGTH> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let text = read_text(value, LENGTH, location)?;
        if text.chars().count() < LENGTH {
            return Err(too_short(LENGTH, location));
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            let msg = format!("String should be {LENGTH} digits");
            return Err(Wrong::value(location, Fault::StringPatternMismatch, msg));
        }
        Ok(Self(text))
    }
}

impl<const MAX: usize> Deserr<Wrong> for HttpUrl<MAX> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let text = read_text(value, MAX, location)?;
        edgeos_domain::HttpUrl::parse(&text, MAX).map(Self).map_err(|refusal| {
            Wrong::value(location, Fault::ValueError, refusal.to_string()).echo(text)
        })
    }
}

impl<const MAX: usize> Deserr<Wrong> for Line<MAX> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let text = read_text(value, MAX, location)?;
        if text.chars().any(char::is_control) {
            let msg = "String should not contain line breaks or control characters";
            return Err(Wrong::value(location, Fault::ValueError, msg));
        }
        Ok(Self(text))
    }
}

impl<T: FromText> Deserr<Wrong> for Parsed<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let text = read_text(value, T::MAX, location)?;
        T::from_text(&text).map(Self).map_err(|refusal| {
            Wrong::value(location, Fault::ValueError, refusal.to_string()).echo(text)
        })
    }
}

/// The text of `value`, if it is one of at most `max` characters that the database can keep.
pub(super) fn read_text<V: IntoValue>(
    value: Value<V>,
    max: usize,
    location: ValuePointerRef<'_>,
) -> Result<String, Wrong> {
    let text = match value {
        Value::String(text) => text,
        other => {
            let msg = "Input should be a valid string";
            return Err(Wrong::kind(location, Fault::StringType, msg, other));
        }
    };
    if text.contains('\0') {
        let msg = "String should not contain NUL characters";
        return Err(Wrong::value(location, Fault::ValueError, msg));
    }
    within(&text, max, location)?;
    Ok(text)
}

fn within(text: &str, max: usize, location: ValuePointerRef<'_>) -> Result<(), Wrong> {
    // A text never has more characters than bytes.
    if text.len() <= max || text.chars().count() <= max {
        return Ok(());
    }
    let msg = format!("String should have at most {max} characters");
    let wrong = Wrong::value(location, Fault::StringTooLong, msg);
    Err(wrong.echo(text).ctx("max_length", max))
}

fn too_short(min: usize, location: ValuePointerRef<'_>) -> Wrong {
    let plural = if min == 1 { "" } else { "s" };
    let msg = format!("String should have at least {min} character{plural}");
    Wrong::value(location, Fault::StringTooShort, msg).ctx("min_length", min)
}

impl<const MAX: usize> Described for Text<MAX> {
    fn describe() -> serde_json::Value {
        json!({ "type": "string", "maxLength": MAX })
    }
}

impl Described for AnyText {
    fn describe() -> serde_json::Value {
        json!({ "type": "string" })
    }
}

impl<const MAX: usize> Described for Trimmed<MAX> {
    fn describe() -> serde_json::Value {
        Text::<MAX>::describe()
    }
}

impl<const MAX: usize> Described for Filled<MAX> {
    fn describe() -> serde_json::Value {
        json!({ "type": "string", "minLength": 1, "maxLength": MAX })
    }
}

impl<const LENGTH: usize> Described for Digits<LENGTH> {
    fn describe() -> serde_json::Value {
        let pattern = format!(r"^\d{{{LENGTH}}}$");
        json!({ "type": "string", "minLength": LENGTH, "maxLength": LENGTH, "pattern": pattern })
    }
}

impl<const MAX: usize> Described for Line<MAX> {
    fn describe() -> serde_json::Value {
        json!({ "type": "string", "maxLength": MAX })
    }
}

impl<const MAX: usize> Described for HttpUrl<MAX> {
    fn describe() -> serde_json::Value {
        json!({ "type": "string", "maxLength": MAX })
    }
}

impl<T: FromText> Described for Parsed<T> {
    fn describe() -> serde_json::Value {
        match T::FORMAT {
            Some(format) => json!({ "type": "string", "format": format, "maxLength": T::MAX }),
            None => json!({ "type": "string", "maxLength": T::MAX }),
        }
    }
}

described!([const MAX: usize] Text<MAX>);
described!([] AnyText);
described!([const MAX: usize] Trimmed<MAX>);
described!([const MAX: usize] Filled<MAX>);
described!([const LENGTH: usize] Digits<LENGTH>);
described!([const MAX: usize] Line<MAX>);
described!([const MAX: usize] HttpUrl<MAX>);
described!([T: FromText] Parsed<T>);
