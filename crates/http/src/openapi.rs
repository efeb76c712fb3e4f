//! The description of the API: what the handlers say about themselves, in the words of the contract.

mod refusals;
mod style;

use serde_json::{Value, json};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::{AppExt, scope};

use crate::{email_templates::EmailTemplateType, routes};

/// Under which the description lists the operations.
pub(crate) const PREFIX: &str = "/api/v1";
/// The other address of every operation.
pub(crate) const SHORT_PREFIX: &str = "/v1";

/// The whole document.
pub(crate) fn document() -> Value {
    let app = actix_web::App::new().into_utoipa_app();
    let (_, mut described) =
        app.service(scope(PREFIX).configure(routes::operations)).split_for_parts();
    // Named by a path alone, which isn't looked into.
    let components = described.components.get_or_insert_default();
    components.schemas.insert(EmailTemplateType::name().into(), EmailTemplateType::schema());
    let mut document = json!(described);
    style::of_the_contract(&mut document);
    describe_answers(&mut document);
    document["info"] = json!({ "title": "EdgeOS API", "version": "1.1.0" });
    document["components"]["securitySchemes"] = json!({
        "OAuth2PasswordBearer": {
            "type": "oauth2",
            "flows": { "password": { "scopes": {}, "tokenUrl": "/v1/auth/user/authenticate" } },
        },
    });
    document
}

/// The whole document as text; `cargo xtask openapi` keeps it in `docs/openapi.json`.
#[must_use]
pub fn description() -> String {
    format!("{:#}\n", document())
}

/// Gives a description to every answer that has none: without one the document isn't OpenAPI, and generators of
/// clients refuse it.
fn describe_answers(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.filter_map(|(_, path)| path.as_object_mut()).flatten();
    for (_, operation) in operations {
        let answers = operation.get_mut("responses").and_then(Value::as_object_mut);
        for (status, answer) in answers.into_iter().flatten() {
            let Some(answer) = answer.as_object_mut() else { continue };
            let said = answer.get("$ref").or(answer.get("description")).and_then(Value::as_str);
            if said.is_none_or(str::is_empty) {
                answer.insert("description".to_owned(), words_for(status).into());
            }
        }
    }
}

fn words_for(status: &str) -> &'static str {
    match status {
        "200" => "The answer",
        "201" => "What was made",
        "204" => "Done",
        "403" => "The caller may not do this",
        "404" => "There is no such thing",
        _ => "Refused",
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    #[test]
    fn what_is_written_down_is_what_is_served() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let written: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let fresh = written == document();
        assert!(fresh, "docs/openapi.json is out of date: `cargo xtask openapi` writes it anew");
    }

    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }

    #[test]
    fn every_alternative_is_a_schema() {
        fn check(value: &Value) {
            match value {
                Value::Object(fields) => {
                    for kind in fields.get("anyOf").and_then(Value::as_array).into_iter().flatten()
                    {
                        assert!(kind.is_object(), "{value}");
                    }
                    fields.values().for_each(check);
                }
                Value::Array(items) => items.iter().for_each(check),
                _ => {}
            }
        }
        check(&document());
    }

    #[test]
    fn every_answer_has_a_description() {
        let document = document();
        for path in document["paths"].as_object().unwrap().values() {
            for operation in path.as_object().unwrap().values() {
                for (status, answer) in operation["responses"].as_object().unwrap() {
                    let said = answer.get("$ref").or(answer.get("description"));
                    let said = said.and_then(Value::as_str).unwrap_or_default();
                    assert!(!said.is_empty(), "{}: {status}", operation["operationId"]);
                }
            }
        }
    }

    #[test]
    fn every_operation_has_an_id_of_its_own() {
        let document = document();
        let paths = document["paths"].as_object().unwrap();
        let mut seen = BTreeSet::new();
        for (path, operations) in paths {
            assert!(path.starts_with("/api/v1/"), "{path}");
            for (method, operation) in operations.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                let tag = operation["tags"][0].as_str().unwrap();
                assert!(id.starts_with(&format!("{tag}-")), "{method} {path}: {id}");
                assert!(seen.insert(id.to_owned()), "{id} is there twice");
            }
        }
    }
}
