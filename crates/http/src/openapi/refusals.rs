//! The refusals that operations have in common. Each is described once, and operations refer to it.

use serde_json::{Map, Value, json};

use crate::call::TENANT_HEADER;

type Object = Map<String, Value>;

/// The refusals by name, for the operations to refer to.
pub(super) fn responses() -> Object {
    let problem = |schema: &str, description: &str, header: Option<(&str, &str, Value)>| {
        let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
        let mut response = json!({
            "description": description,
            "content": { "application/json": { "schema": schema } },
        });
        if let Some((name, description, schema)) = header {
            response["headers"][name] =
                json!({ "description": description, "required": true, "schema": schema });
        }
        response
    };
    let scheme =
        || ("WWW-Authenticate", "How to sign in", json!({ "type": "string", "const": "Bearer" }));
    let after =
        || ("Retry-After", "Seconds until another try makes sense", json!({ "type": "integer" }));
    [
        (
            "Unreadable",
            problem(
                "Problem",
                "A header has no meaning or is missing, or the body is no text",
                None,
            ),
        ),
        ("Unauthorized", problem("Problem", "No valid token", Some(scheme()))),
        ("Forbidden", problem("Problem", "The caller may not do this", None)),
        (
            "StillRunning",
            problem("Problem", "The first request with this key still runs", Some(after())),
        ),
        ("TooLarge", problem("Problem", "The body is larger than the server takes", None)),
        ("WrongShape", problem("HTTPValidationError", "The input has the wrong shape", None)),
        ("Busy", problem("Problem", "The database is busy", Some(after()))),
    ]
    .map(|(name, response)| (name.to_owned(), response))
    .into_iter()
    .collect()
}

/// The refusals of `operation`: their statuses, and their names in [`responses`].
pub(super) fn of(operation: &Object) -> Vec<(&'static str, &'static str)> {
    let takes_body = operation.contains_key("requestBody");
    let wants_token = operation.contains_key("security");
    // Whoever signs out may have a token of either kind.
    let takes_any_token =
        operation["operationId"].as_str().is_some_and(|id| id.starts_with("auth-"));
    [
        (takes_body || wants_token && has_header(operation, TENANT_HEADER), "400", "Unreadable"),
        (wants_token, "401", "Unauthorized"),
        (wants_token && !takes_any_token, "403", "Forbidden"),
        (has_header(operation, "Idempotency-Key"), "409", "StillRunning"),
        (takes_body, "413", "TooLarge"),
        (takes_body || operation.contains_key("parameters"), "422", "WrongShape"),
        (true, "503", "Busy"),
    ]
    .into_iter()
    .filter(|(applies, ..)| *applies)
    .map(|(_, status, name)| (status, name))
    .collect()
}

/// Whether `operation` has a parameter of this name.
pub(super) fn has_header(operation: &Object, name: &str) -> bool {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    parameters.into_iter().flatten().any(|parameter| parameter["name"] == name)
}
