//! JSON of others, of which we need a few fields and believe nothing.

use std::{collections::BTreeMap, str::FromStr};

use rust_decimal::Decimal;
use serde_json::value::RawValue;

/// A JSON object whose fields are read one by one, the rest of them being of any kind.
pub(crate) struct Object {
    path: String,
    fields: BTreeMap<String, Box<RawValue>>,
}

/// A field that is missing, or not what it must be: `data.payment_request.id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadField(pub(crate) String);

impl Object {
    /// `None` for anything but one JSON object.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let fields = serde_json::from_slice(text).ok()?;
        Some(Self { path: String::new(), fields })
    }

    /// The object in a field.
    pub(crate) fn object(&self, name: &str) -> Result<Self, BadField> {
        self.optional_object(name)?.ok_or_else(|| self.bad(name))
    }

    /// As [`object`](Self::object); null is nothing.
    pub(crate) fn optional_object(&self, name: &str) -> Result<Option<Self>, BadField> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let fields = serde_json::from_str(value).map_err(|_| self.bad(name))?;
        Ok(Some(Self { path: self.path_of(name), fields }))
    }

    /// The objects in the list in a field; null is an empty one.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Self>, BadField> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let list: Vec<_> = serde_json::from_str(value).map_err(|_| self.bad(name))?;
        let path = self.path_of(name);
        Ok(list.into_iter().map(|fields| Self { path: path.clone(), fields }).collect())
    }

    /// The text in a field: 1 to `max` characters, without U+0000.
    pub(crate) fn text(&self, name: &str, max: usize) -> Result<String, BadField> {
        self.optional_text(name, max)?.ok_or_else(|| self.bad(name))
    }

    /// As [`text`](Self::text); null is nothing.
    pub(crate) fn optional_text(&self, name: &str, max: usize) -> Result<Option<String>, BadField> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text: String = serde_json::from_str(value).map_err(|_| self.bad(name))?;
        let fits = !text.is_empty() && !text.contains('\0') && text.chars().count() <= max;
        if fits { Ok(Some(text)) } else { Err(self.bad(name)) }
    }

    /// The text in a field that tells people something: without control characters, cut to `max` characters. Null is
    /// nothing, and so is a text of which nothing is left.
    pub(crate) fn optional_label(
        &self,
        name: &str,
        max: usize,
    ) -> Result<Option<String>, BadField> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text: String = serde_json::from_str(value).map_err(|_| self.bad(name))?;
        let shown = text.trim().chars().filter(|character| !character.is_control());
        Ok(Some(shown.take(max).collect()).filter(|label: &String| !label.is_empty()))
    }

    /// The number in a field, exactly as it is written; also as a text. Null is nothing.
    pub(crate) fn optional_number(&self, name: &str) -> Result<Option<Decimal>, BadField> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let digits = value.trim_matches('"');
        let number = Decimal::from_str(digits).or_else(|_| Decimal::from_scientific(digits));
        number.map(Some).map_err(|_| self.bad(name))
    }

    /// The count in a field, at most what a column of integers holds.
    pub(crate) fn count(&self, name: &str) -> Result<u32, BadField> {
        let count = self.value(name).and_then(|value| serde_json::from_str::<i32>(value).ok());
        count.and_then(|count| u32::try_from(count).ok()).ok_or_else(|| self.bad(name))
    }

    /// Whether a field has a value that isn't null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Blames a field.
    pub(crate) fn bad(&self, name: &str) -> BadField {
        BadField(self.path_of(name))
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(|value| value.get()).filter(|value| *value != "null")
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}
