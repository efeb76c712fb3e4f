use serde_json::{Value, json};

use super::Report;

/// A contract with something of everything.
fn contract() -> Value {
    json!({
        "paths": {
            "/api/v1/hats/{hat_id}": {
                "patch": {
                    "operationId": "hats-update_hat",
                    "tags": ["hats"],
                    "security": [{ "OAuth2PasswordBearer": [] }],
                    "parameters": [
                        { "in": "path", "name": "hat_id", "required": true,
                          "schema": { "type": "string", "format": "uuid" } },
                        { "in": "query", "name": "limit", "required": false,
                          "schema": { "type": "integer", "maximum": 1000, "default": 100 } },
                    ],
                    "requestBody": {
                        "required": true,
                        "content": { "application/json": {
                            "schema": { "$ref": "#/components/schemas/HatUpdate" },
                        } },
                    },
                    "responses": {
                        "200": { "content": { "application/json": {
                            "schema": { "$ref": "#/components/schemas/HatPublic" },
                        } } },
                        "422": { "content": { "application/json": {
                            "schema": { "type": "object", "properties": {} },
                        } } },
                    },
                },
            },
            "/api/v1/hats": {
                "get": {
                    "operationId": "hats-list_hats",
                    "tags": ["hats"],
                    "responses": { "200": { "content": { "application/json": {
                        "schema": {
                            "type": "array", "items": { "$ref": "#/components/schemas/HatPublic" },
                        },
                    } } } },
                },
            },
        },
        "components": { "schemas": {
            "Colour": { "type": "string", "enum": ["red", "blue"] },
            "HatUpdate": {
                "type": "object",
                "properties": {
                    "colour": { "$ref": "#/components/schemas/Colour" },
                    "note": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
                    "price": { "anyOf": [{ "type": "number" }, { "type": "string" }] },
                },
                "required": ["colour"],
            },
            "HatPublic": {
                "type": "object",
                "properties": {
                    "id": { "type": "string", "format": "uuid" },
                    "colour": { "$ref": "#/components/schemas/Colour" },
                    "note": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
                    "size": { "type": "integer" },
                    "labels": {
                        "type": "object", "additionalProperties": { "type": "string" },
                    },
                    "inside": {
                        "anyOf": [{ "$ref": "#/components/schemas/HatPublic" }, { "type": "null" }],
                    },
                },
                "required": ["id", "colour"],
            },
        } },
    })
}

const UPDATE: &str = "/paths/~1api~1v1~1hats~1{hat_id}/patch";
const SENT: &str = "/components/schemas/HatUpdate";
const ANSWERED: &str = "/components/schemas/HatPublic";

/// The contract, changed at a place.
fn with(pointer: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut ours = contract();
    change(ours.pointer_mut(pointer).unwrap());
    ours
}

fn errors(ours: &Value, additions: &str) -> Vec<String> {
    Report::compare(&contract(), ours, additions).errors
}

fn remove(field: &str) -> impl FnOnce(&mut Value) + '_ {
    move |value| {
        value.as_object_mut().unwrap().remove(field).unwrap();
    }
}

fn put(field: &str, what: Value) -> impl FnOnce(&mut Value) + '_ {
    move |value| value[field] = what
}

#[test]
fn the_contract_keeps_to_itself() {
    let report = Report::compare(&contract(), &contract(), "# nothing\n\n");
    assert!(report.errors.is_empty(), "{:?}", report.errors);
    let shown = report.to_string();
    assert!(shown.contains("2 of 2   hats"), "{shown}");
    assert!(shown.contains("2 of 2 operations present with the contract's shapes"), "{shown}");
}

#[test]
fn what_clients_would_miss_is_an_error_whatever_is_listed() {
    let field = |schema: &str, name: &str| format!("{schema}/properties/{name}");
    for (ours, error) in [
        (with("/paths", remove("/api/v1/hats")), "hats-list_hats is not there: GET /api/v1/hats"),
        (with(UPDATE, remove("security")), "hats-update_hat a token is wanted in one of them"),
        (with(UPDATE, remove("requestBody")), "hats-update_hat body is not taken"),
        (
            with(&format!("{UPDATE}/parameters"), |all| all.as_array_mut().unwrap().truncate(1)),
            "hats-update_hat query limit is not there",
        ),
        (
            with(&format!("{UPDATE}/parameters/1"), put("required", json!(true))),
            "hats-update_hat query limit has to be there",
        ),
        (
            with(&format!("{UPDATE}/parameters/1/schema"), put("maximum", json!(10))),
            "hats-update_hat query limit has maximum 10 instead of 1000",
        ),
        (
            with(&format!("{UPDATE}/responses"), remove("200")),
            "hats-update_hat 200 is not answered",
        ),
        (
            with(&format!("{UPDATE}/responses/200/content"), |content| {
                *content = json!({ "text/plain": { "schema": { "type": "string" } } });
            }),
            "hats-update_hat 200 not as application/json",
        ),
        (
            with(&format!("{ANSWERED}/properties"), remove("size")),
            "answered HatPublic.size is not there",
        ),
        (
            with(&field(ANSWERED, "size"), put("type", json!("string"))),
            "answered HatPublic.size is a text instead of an integer",
        ),
        (
            with(&field(ANSWERED, "size"), put("type", json!(["integer", "null"]))),
            "answered HatPublic.size may be null",
        ),
        (
            with(&field(ANSWERED, "id"), remove("format")),
            "answered HatPublic.id has the format none instead of uuid",
        ),
        (
            with(ANSWERED, put("required", json!(["id"]))),
            "answered HatPublic.colour may be missing",
        ),
        (
            with(&field(ANSWERED, "labels/additionalProperties"), put("type", json!("integer"))),
            "answered HatPublic.labels.* is an integer instead of a text",
        ),
        (
            with(&field(SENT, "note"), |note| *note = json!({ "type": "string" })),
            "sent HatUpdate.note may not be null",
        ),
        (
            with(&field(SENT, "price"), |price| *price = json!({ "type": "number" })),
            "sent HatUpdate.price may not be a text",
        ),
        (
            with(SENT, put("required", json!(["colour", "note"]))),
            "sent HatUpdate.note has to be there",
        ),
        (
            with("/components/schemas/Colour", put("enum", json!(["red"]))),
            "sent Colour is never \"blue\"",
        ),
        (with("/components/schemas/Colour", remove("enum")), "answered Colour may be any text"),
    ] {
        let errors = errors(&ours, error);
        assert!(errors.iter().any(|found| found == error), "{error}: {errors:#?}");
    }
}

#[test]
fn what_is_beyond_the_contract_has_to_be_listed() {
    let field = json!({ "type": "boolean" });
    let operation = json!({
        "operationId": "hats-burn_hat", "tags": ["hats"], "responses": { "204": {} },
    });
    for (ours, line) in [
        (
            with("/paths", put("/api/v1/hats/burn", json!({ "post": operation }))),
            "hats-burn_hat POST /api/v1/hats/burn",
        ),
        (
            with(&format!("{ANSWERED}/properties"), put("is_new", field.clone())),
            "answered HatPublic.is_new is there",
        ),
        (
            with(&format!("{SENT}/properties"), put("is_new", field.clone())),
            "sent HatUpdate.is_new is there",
        ),
        (with(SENT, remove("required")), "sent HatUpdate.colour may be left out"),
        (
            with(&format!("{SENT}/properties/colour"), |colour| {
                *colour = json!({ "anyOf": [colour, { "type": "null" }] });
            }),
            "sent HatUpdate.colour may be null",
        ),
        (
            with(&format!("{UPDATE}/responses"), put("202", json!({}))),
            "hats-update_hat 202 is answered",
        ),
        (
            with(&format!("{UPDATE}/parameters"), |all| {
                let header = json!({ "in": "header", "name": "X-Why", "schema": field });
                all.as_array_mut().unwrap().push(header);
            }),
            "hats-update_hat header X-Why is there",
        ),
    ] {
        let unlisted = errors(&ours, "");
        assert!(unlisted.iter().any(|error| error.starts_with(line)), "{line}: {unlisted:#?}");
        assert_eq!(errors(&ours, line), [""; 0], "{line}");
        let stale = errors(&contract(), line);
        assert!(stale.len() == 1 && stale[0].starts_with(line), "{line}: {stale:#?}");
    }
}

#[test]
fn a_line_is_about_one_operation_where_a_schema_of_others_is_as_it_was() {
    let mut ours = contract();
    let mut new = ours["components"]["schemas"]["HatPublic"].clone();
    new["properties"]["is_new"] = json!({ "type": "boolean" });
    ours["paths"]["/api/v1/hats"]["get"]["responses"]["200"]["content"]["application/json"] =
        json!({ "schema": { "type": "array", "items": new } });
    assert_eq!(errors(&ours, "hats-list_hats: answered HatPublic.is_new is there"), [""; 0]);
    assert_eq!(errors(&ours, "answered HatPublic.is_new is there").len(), 2);
}

#[test]
fn answers_may_promise_more() {
    for ours in [
        with(ANSWERED, put("required", json!(["id", "colour", "size"]))),
        with(&format!("{ANSWERED}/properties/note"), |note| *note = json!({ "type": "string" })),
        with(&format!("{ANSWERED}/properties/size"), put("maximum", json!(60))),
        with(&format!("{UPDATE}/responses"), put("404", json!({}))),
        with(&format!("{SENT}/properties/note/anyOf/0"), put("maxLength", json!(255))),
    ] {
        assert_eq!(errors(&ours, ""), [""; 0], "{ours}");
    }
}
