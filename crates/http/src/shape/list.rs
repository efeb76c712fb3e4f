use deserr::{Deserr, IntoValue, Sequence, Value, ValuePointerRef};
use serde_json::json;
use utoipa::ToSchema;

use super::{Described, Fault, Wrong, described, schema::reference, source::object_has_nul};

/// At most `MAX` values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List<T, const MAX: usize>(pub(crate) Vec<T>);

/// Any JSON object that the database can keep.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct JsonObject(pub(crate) serde_json::Map<String, serde_json::Value>);

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Deserr<Wrong>, const MAX: usize> Deserr<Wrong> for List<T, MAX> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        if let Value::Sequence(items) = &value
            && items.len() > MAX
        {
            let msg = format!("List should have at most {MAX} items");
            return Err(Wrong::value(location, Fault::ValueError, msg).ctx("max_length", MAX));
        }
        Vec::deserialize_from_value(value, location).map(Self)
    }
}

impl Deserr<Wrong> for JsonObject {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        if !matches!(value, Value::Map(_)) {
            let msg = "Input should be an object";
            return Err(Wrong::kind(location, Fault::ModelAttributesType, msg, value));
        }
        let serde_json::Value::Object(fields) =
            <serde_json::Value as Deserr<Wrong>>::deserialize_from_value(value, location)?
        else {
            unreachable!("an object stays an object");
        };
        if object_has_nul(&fields) {
            let msg = "Texts should not contain NUL characters";
            return Err(Wrong::value(location, Fault::ValueError, msg));
        }
        Ok(Self(fields))
    }
}

impl<T: ToSchema, const MAX: usize> Described for List<T, MAX> {
    fn describe() -> serde_json::Value {
        json!({ "type": "array", "items": reference::<T>(), "maxItems": MAX })
    }
}

impl Described for JsonObject {
    fn describe() -> serde_json::Value {
        json!({ "type": "object", "additionalProperties": true })
    }
}

described!([T: ToSchema, const MAX: usize] List<T, MAX>, T);
described!([] JsonObject);
