//! Operations of an OpenAPI document.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::schema::{Field, Shape};

/// An operation, as far as clients can tell it from another.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) tag: String,
    /// Whether it wants a token.
    pub(super) is_secured: bool,
    /// By place and name: `query limit`.
    pub(super) parameters: BTreeMap<String, Field>,
    pub(super) body: Option<Body>,
    /// By status.
    pub(super) answers: BTreeMap<String, Contents>,
}

/// What is sent to an operation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Body {
    pub(super) is_required: bool,
    pub(super) contents: Contents,
}

/// What a body consists of, by its type.
pub(super) type Contents = BTreeMap<String, Shape>;

/// Every operation of `document` by its id.
pub(super) fn operations(document: &Value) -> BTreeMap<String, Operation> {
    let mut operations = BTreeMap::new();
    for (path, methods) in entries(&document["paths"]) {
        for (method, described) in entries(methods) {
            let id = described["operationId"].as_str().unwrap_or_default().to_owned();
            operations.insert(id, Operation::read(document, path, method, described));
        }
    }
    operations
}

impl Operation {
    fn read(document: &Value, path: &str, method: &str, described: &Value) -> Self {
        let parameters = described["parameters"].as_array().into_iter().flatten();
        let body = resolved(document, &described["requestBody"]);
        Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            tag: described["tags"][0].as_str().unwrap_or_default().to_owned(),
            is_secured: described["security"].is_array(),
            parameters: parameters.map(|parameter| read_parameter(document, parameter)).collect(),
            body: body.is_object().then(|| Body {
                is_required: body["required"] == true,
                contents: contents(document, body),
            }),
            answers: entries(&described["responses"])
                .map(|(status, answer)| {
                    (status.clone(), contents(document, resolved(document, answer)))
                })
                .collect(),
        }
    }
}

fn read_parameter(document: &Value, parameter: &Value) -> (String, Field) {
    let (place, name) = (&parameter["in"], &parameter["name"]);
    let name =
        format!("{} {}", place.as_str().unwrap_or_default(), name.as_str().unwrap_or_default());
    let is_required = parameter["required"] == true;
    (name, Field::read(document, &parameter["schema"], is_required))
}

fn contents(document: &Value, described: &Value) -> Contents {
    let shape = |(kind, content): (&String, &Value)| {
        (kind.clone(), Shape::read(document, &content["schema"]))
    };
    entries(&described["content"]).map(shape).collect()
}

/// What `value` refers to, if it is a reference.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or(value),
        None => value,
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
