//! Turns what `utoipa` writes into the style of the contract, so that both describe one thing in one way.

use serde_json::{Map, Value, json};

use super::refusals;
use crate::shape::INLINE;

const SCHEMAS: &str = "#/components/schemas/";

type Object = Map<String, Value>;

/// Rewrites `document`: descriptions in place, `anyOf` with `null` for what may be null, no obligatory
/// fields with a default, the names of lists, and the refusals that operations have in common.
pub(super) fn of_the_contract(document: &mut Value) {
    rewrite(document);
    let schemas = object_at(document, "/components/schemas");
    schemas.retain(|name, _| !name.starts_with(INLINE));
    *schemas = std::mem::take(schemas).into_iter().map(|(name, s)| (list_name(&name), s)).collect();
    schemas.extend(errors());
    object_at(document, "/components/responses").extend(refusals::responses());
    for (_, operations) in object_at(document, "/paths").iter_mut() {
        for (_, operation) in operations.as_object_mut().into_iter().flatten() {
            dress_operation(operation);
        }
    }
}

fn object_at<'a>(document: &'a mut Value, pointer: &str) -> &'a mut Object {
    let mut value = document;
    for step in pointer.split('/').skip(1) {
        value = &mut value[step];
    }
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("it was made one")
}

/// Rewrites every schema in `value`, innermost first.
fn rewrite(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(rewrite),
        Value::Object(fields) => {
            put_in_place(fields);
            fields.values_mut().for_each(rewrite);
            merge_all_of(fields);
            rename_reference(fields);
            drop_sizes(fields);
            nullable_as_any_of(fields);
            flatten_any_of(fields);
            relax_required(fields);
        }
        _ => {}
    }
}

/// A reference whose name is a description becomes that description.
fn put_in_place(fields: &mut Object) {
    let Some(reference) = fields.get("$ref").and_then(Value::as_str) else { return };
    let Some(text) = reference.strip_prefix(SCHEMAS).and_then(|name| name.strip_prefix(INLINE))
    else {
        return;
    };
    // Names of generic types are followed by those of their parts: only the first value counts.
    let described = serde_json::Deserializer::from_str(text).into_iter().next();
    let Some(Ok(Value::Object(schema))) = described else { return };
    fields.remove("$ref");
    for (key, value) in schema {
        fields.entry(key).or_insert(value);
    }
    // The description may consist of a reference to another one.
    put_in_place(fields);
}

fn rename_reference(fields: &mut Object) {
    let Some(Value::String(reference)) = fields.get_mut("$ref") else { return };
    if let Some(name) = reference.strip_prefix(SCHEMAS) {
        *reference = format!("{SCHEMAS}{}", list_name(name));
    }
}

/// `ListModel_PopupPublic` is `ListModel_PopupPublic_` in the contract.
fn list_name(name: &str) -> String {
    let is_list = name.starts_with("ListModel_") && !name.ends_with('_');
    if is_list { format!("{name}_") } else { name.to_owned() }
}

/// The contract doesn't tell how many bits a number has, nor that counts aren't negative.
fn drop_sizes(fields: &mut Object) {
    let sized = ["int8", "int16", "int32", "int64", "uint32", "uint64", "float", "double"];
    if fields.get("format").and_then(Value::as_str).is_some_and(|format| sized.contains(&format)) {
        fields.remove("format");
        if fields.get("minimum").and_then(Value::as_f64) == Some(0.0) {
            fields.remove("minimum");
        }
    }
}

/// An object that is said to be several objects at once has the fields of all of them.
fn merge_all_of(fields: &mut Object) {
    let Some(Value::Array(parts)) = fields.get("allOf") else { return };
    if !parts.iter().all(|part| part["properties"].is_object()) {
        return;
    }
    let (mut properties, mut required) = (Object::new(), Vec::new());
    for part in parts {
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    fields.remove("allOf");
    fields.insert("type".to_owned(), "object".into());
    fields.insert("properties".to_owned(), properties.into());
    fields.insert("required".to_owned(), required.into());
}

fn nullable_as_any_of(fields: &mut Object) {
    let null = json!({ "type": "null" });
    if let Some(Value::Array(kinds)) = fields.get("oneOf")
        && kinds.contains(&null)
    {
        let mut kinds: Vec<_> = kinds.iter().filter(|kind| **kind != null).cloned().collect();
        for kind in kinds.iter_mut().filter_map(Value::as_object_mut) {
            // What is said of a field is said of null, too.
            if let Some(description) = kind.remove("description") {
                fields.insert("description".to_owned(), description);
            }
        }
        kinds.push(null);
        fields.remove("oneOf");
        fields.insert("anyOf".to_owned(), kinds.into());
        return;
    }
    let Some(Value::Array(types)) = fields.get("type") else { return };
    let kinds: Vec<_> = types.iter().filter(|kind| **kind != "null").cloned().collect();
    if kinds.len() == types.len() {
        return;
    }
    let [kind] = kinds.as_slice() else { return };
    let kind = kind.clone();
    let mut inner = std::mem::take(fields);
    for outside in ["description", "default"] {
        fields.extend(inner.remove_entry(outside));
    }
    inner.insert("type".to_owned(), kind);
    fields.insert("anyOf".to_owned(), Value::Array(vec![inner.into(), null]));
}

/// An alternative that consists of alternatives is as many alternatives.
fn flatten_any_of(fields: &mut Object) {
    let Some(Value::Array(kinds)) = fields.get_mut("anyOf") else { return };
    let flat = std::mem::take(kinds).into_iter().flat_map(|kind| match kind {
        Value::Object(mut inner) if inner.len() == 1 && inner.contains_key("anyOf") => {
            inner.remove("anyOf").and_then(|kinds| kinds.as_array().cloned()).unwrap_or_default()
        }
        kind => vec![kind],
    });
    *kinds = flat.collect();
}

/// What has a default, or may be left out, isn't obligatory.
fn relax_required(fields: &mut Object) {
    let Some(Value::Object(properties)) = fields.get_mut("properties") else { return };
    let mut optional = Vec::new();
    for (name, property) in properties.iter_mut() {
        let Some(property) = property.as_object_mut() else { continue };
        if property.remove("x-optional").is_some() || property.contains_key("default") {
            optional.push(Value::from(name.as_str()));
        }
    }
    let Some(Value::Array(required)) = fields.get_mut("required") else { return };
    required.retain(|name| !optional.contains(name));
    if required.is_empty() {
        fields.remove("required");
    }
}

fn dress_operation(operation: &mut Value) {
    let Some(operation) = operation.as_object_mut() else { return };
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        dress_parameter(parameter);
    }
    let refusals = refusals::of(operation);
    let is_repeatable = refusals::has_header(operation, "Idempotency-Key");
    let Some(Value::Object(responses)) = operation.get_mut("responses") else { return };
    for (status, name) in refusals {
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        responses.entry(status).or_insert(reference);
    }
    for (status, response) in responses.iter_mut() {
        let Some(response) = response.as_object_mut().filter(|it| !it.contains_key("$ref")) else {
            continue;
        };
        response.entry("description").or_insert_with(|| in_short(status).into());
        if is_repeatable && status.starts_with('2') {
            let replayed = json!({
                "description": "There when this is the answer to an earlier request of the same key",
                "schema": { "type": "string", "const": "true" },
            });
            response.insert("headers".to_owned(), json!({ "Idempotency-Replayed": replayed }));
        }
    }
    let mut in_order: Vec<_> = std::mem::take(responses).into_iter().collect();
    in_order.sort_by(|(status, _), (other, _)| status.cmp(other));
    responses.extend(in_order);
}

/// What an answer means where nothing more is to be said.
fn in_short(status: &str) -> &'static str {
    match status {
        "204" => "Done",
        "400" => "A rule says no",
        "404" => "It isn't there",
        "409" => "It is in the way of something",
        _ => "The answer",
    }
}

fn dress_parameter(parameter: &mut Value) {
    let has_default = parameter["schema"].get("default").is_some();
    if has_default {
        parameter["required"] = false.into();
    }
    let nullable = parameter["schema"]["anyOf"].as_array();
    let is_nullable = nullable.is_some_and(|kinds| kinds.contains(&json!({ "type": "null" })));
    if parameter["required"] == false && !has_default && !is_nullable {
        let mut schema = json!({ "anyOf": [parameter["schema"].take(), { "type": "null" }] });
        schema.as_object_mut().into_iter().for_each(flatten_any_of);
        parameter["schema"] = schema;
    }
}

/// What every refusal looks like.
fn errors() -> Object {
    let schemas = json!({
        "HTTPValidationError": {
            "type": "object",
            "properties": {
                "detail": {
                    "type": "array",
                    "items": { "$ref": "#/components/schemas/ValidationError" },
                },
            },
        },
        "ValidationError": {
            "type": "object",
            "properties": {
                "loc": { "type": "array", "items": { "anyOf": [{ "type": "string" }, { "type": "integer" }] } },
                "msg": { "type": "string" },
                "type": { "type": "string" },
                "input": { "description": "What was sent, if it is short and no secret" },
                "ctx": { "type": "object", "description": "The bounds that were passed" },
            },
            "required": ["loc", "msg", "type"],
        },
        "Problem": {
            "type": "object",
            "properties": { "detail": { "type": "string" } },
            "required": ["detail"],
        },
    });
    schemas.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use utoipa::{OpenApi, ToSchema};

    use super::*;
    use crate::{
        answer::{Instant, ListModel, Money},
        shape::{Amount, Flag, Id, Int32, List, Patch, Sent, Text, choice},
    };

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Mood {
        Good,
        Bad,
    }

    choice! {
        /// How it goes.
        MoodWord(Mood) { "good" => Good, "bad" => Bad }
    }

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only described")]
    struct Input {
        id: Id,
        name: Text<255>,
        nick: Option<Text<9>>,
        #[schema(default = true)]
        active: Flag,
        /// In the popup's currency.
        price: Option<Amount<10, 2>>,
        mood: Patch<MoodWord>,
        size: Sent<Int32>,
        tags: List<Text<5>, 3>,
    }

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only described")]
    struct Output {
        amount: Money<2>,
        at: Option<Instant>,
        count: u64,
        words: Option<Vec<String>>,
    }

    #[derive(OpenApi)]
    #[openapi(components(schemas(Input, ListModel<Output>)))]
    struct Api;

    fn schemas() -> Value {
        let mut document = json!(Api::openapi());
        of_the_contract(&mut document);
        document["components"]["schemas"].take()
    }

    #[test]
    fn input_is_described_as_in_the_contract() {
        let schemas = schemas();
        let decimal = r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$";
        assert_eq!(
            schemas["Input"],
            json!({
                "type": "object",
                "required": ["id", "name", "tags"],
                "properties": {
                    "id": { "type": "string", "format": "uuid" },
                    "name": { "type": "string", "maxLength": 255 },
                    "nick": { "anyOf": [{ "type": "string", "maxLength": 9 }, { "type": "null" }] },
                    "active": { "type": "boolean", "default": true },
                    "price": {
                        "description": "In the popup's currency.",
                        "anyOf": [{ "type": "number" }, { "type": "string", "pattern": decimal }, { "type": "null" }],
                    },
                    "mood": { "anyOf": [{ "$ref": "#/components/schemas/MoodWord" }, { "type": "null" }] },
                    "size": { "anyOf": [{ "type": "integer" }, { "type": "null" }] },
                    "tags": { "type": "array", "items": { "type": "string", "maxLength": 5 }, "maxItems": 3 },
                },
            })
        );
        assert_eq!(schemas["MoodWord"], json!({ "type": "string", "enum": ["good", "bad"] }));
    }

    #[test]
    fn lists_refer_to_their_entries() {
        let schemas = schemas();
        assert_eq!(
            schemas["ListModel_Output_"],
            json!({
                "type": "object",
                "required": ["results", "paging"],
                "properties": {
                    "results": { "type": "array", "items": { "$ref": "#/components/schemas/Output" } },
                    "paging": { "$ref": "#/components/schemas/Paging" },
                },
            })
        );
        let output = &schemas["Output"]["properties"];
        assert_eq!(output["at"]["anyOf"][0], json!({ "type": "string", "format": "date-time" }));
        assert_eq!(output["words"]["anyOf"][1], json!({ "type": "null" }), "{output}");
        assert_eq!(output["count"], json!({ "type": "integer" }));
        assert!(schemas.as_object().unwrap().keys().all(|name| !name.starts_with(INLINE)));
    }
}
