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
