use std::any::TypeId;

use actix_web::HttpRequest;
use deserr::{Deserr, IntoValue, ValuePointerRef};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::{Fault, Wrong};

/// Whether the value at `location` comes from a place that holds text only.
pub(super) fn is_text_only(location: ValuePointerRef<'_>) -> bool {
    location.first_field() != Some("body")
}

/// Whether `T` is `()`: that part of the request isn't looked at.
pub(crate) fn is_unit<T: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<()>()
}

/// The query as a `T`; of a parameter that is repeated the last one counts.
pub(crate) fn from_query<T: Deserr<Wrong> + 'static>(query: &str) -> Result<T, Wrong> {
    if is_unit::<T>() {
        return read(Value::Null, "query");
    }
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let map = pairs.map(|(key, value)| (key.into_owned(), Value::String(value.into_owned())));
    read(Value::Object(map.collect()), "query")
}

/// The variable segments of the path as a `T`.
pub(crate) fn from_path<T: Deserr<Wrong> + 'static>(request: &HttpRequest) -> Result<T, Wrong> {
    if is_unit::<T>() {
        return read(Value::Null, "path");
    }
    let map = request.match_info().iter().map(|(key, value)| {
        let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
        (key.to_owned(), Value::String(value))
    });
    read(Value::Object(map.collect()), "path")
}

/// The header `name` as a `T`; `None` when it isn't there.
pub(crate) fn from_header<T: Deserr<Wrong>>(
    request: &HttpRequest,
    name: &str,
) -> Result<Option<T>, Wrong> {
    let Some(header) = request.headers().get(name) else { return Ok(None) };
    let value = Value::String(String::from_utf8_lossy(header.as_bytes()).into_owned());
    let root = ValuePointerRef::Origin;
    T::deserialize_from_value(value.into_value(), root.push_key("header").push_key(name)).map(Some)
}

/// The body as a `T`; `None` is an empty body.
pub(crate) fn from_body<T: Deserr<Wrong> + 'static>(body: Option<Value>) -> Result<T, Wrong> {
    let absent = !is_unit::<T>() && matches!(body, None | Some(Value::Null));
    let read = read(body.unwrap_or(Value::Null), "body");
    if absent {
        return read.map_err(|_| Wrong::body(Fault::Missing, "Field required"));
    }
    read
}

fn read<T: Deserr<Wrong>>(value: Value, part: &str) -> Result<T, Wrong> {
    T::deserialize_from_value(value.into_value(), ValuePointerRef::Origin.push_key(part))
}

/// The first NUL in a text or a key of `value`: the database can't keep it.
pub(super) fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => object_has_nul(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

pub(super) fn object_has_nul(fields: &Map<String, Value>) -> bool {
    fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value))
}
