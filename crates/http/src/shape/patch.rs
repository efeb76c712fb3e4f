use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde_json::json;
use utoipa::ToSchema;

use super::{Described, Wrong, described, reference};

/// A field of a PATCH body that can be emptied: left out, `null`, or a value. Needs `#[deserr(default)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Patch<T> {
    /// Left out: the stored value stays.
    #[default]
    Keep,
    /// `null`: the stored value goes.
    Clear,
    /// A value: it replaces the stored one.
    Set(T),
}

/// A field of a PATCH body that can't be emptied: left out or a value. Needs `#[deserr(default)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent<T>(pub(crate) Option<T>);

impl<T> Patch<T> {
    /// The same, with the value put through `convert`.
    pub(crate) fn map<U>(self, convert: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(convert(value)),
        }
    }
}

impl<T> Patch<T> {
    /// `None` to leave the stored value, `Some(None)` to empty it, `Some(Some(_))` to replace it.
    #[expect(clippy::option_option, reason = "the two levels mean different things")]
    pub(crate) fn change(self) -> Option<Option<T>> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }
}

impl<T> From<Patch<T>> for edgeos_domain::Patch<T> {
    fn from(patch: Patch<T>) -> Self {
        match patch {
            Patch::Keep => Self::Keep,
            Patch::Clear => Self::Clear,
            Patch::Set(value) => Self::Set(value),
        }
    }
}

impl<T> Sent<T> {
    /// The value, put through `convert`; `None` when it was left out.
    pub(crate) fn map<U>(self, convert: impl FnOnce(T) -> U) -> Option<U> {
        self.0.map(convert)
    }
}

impl<T> Default for Sent<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Deserr<Wrong>> Deserr<Wrong> for Patch<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        match value {
            Value::Null => Ok(Self::Clear),
            value => T::deserialize_from_value(value, location).map(Self::Set),
        }
    }
}

impl<T: Deserr<Wrong>> Deserr<Wrong> for Sent<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        T::deserialize_from_value(value, location).map(|value| Self(Some(value)))
    }
}

impl<T: ToSchema> Described for Patch<T> {
    fn describe() -> serde_json::Value {
        json!({ "anyOf": [reference::<T>(), { "type": "null" }], "x-optional": true })
    }
}

impl<T: ToSchema> Described for Sent<T> {
    fn describe() -> serde_json::Value {
        // The contract allows null here, though the value can't be null: clients are described as they are.
        json!({ "anyOf": [reference::<T>(), { "type": "null" }], "x-optional": true })
    }
}

described!([T: ToSchema] Patch<T>, T);
described!([T: ToSchema] Sent<T>, T);
