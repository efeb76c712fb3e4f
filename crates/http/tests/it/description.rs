//! What the description of the API says, held against every answer that a test gets.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock, Mutex},
};

use chrono::{DateTime, NaiveDateTime};
use jsonschema::{Draft, Validator};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::{counting::Cost, harness::Answer};

/// Fields that an answer may lack; all others are there, if only as null.
const OPTIONAL: &[(&str, &str)] = &[
    // Shown when somebody looks up a code at the door.
    ("AttendeePublic", "application_status"),
    ("AttendeePublic", "popup_id"),
    ("AttendeePublic", "popup_name"),
    // A wish that is told again as it was said.
    ("PaymentProductRequest", "custom_amount"),
    ("ValidationError", "ctx"),
    ("ValidationError", "input"),
];

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&edgeos_http::description()).unwrap());

static OPERATIONS: LazyLock<Vec<Described>> = LazyLock::new(|| {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let described = |(path, methods): (&String, &'static Value)| {
        let segments: Vec<_> = path["/api/v1".len()..].split('/').map(str::to_owned).collect();
        let methods = methods.as_object().unwrap().iter();
        methods
            .map(|(method, operation)| Described {
                id: operation["operationId"].as_str().unwrap(),
                method: method.to_uppercase().parse().unwrap(),
                segments: segments.clone(),
                operation,
            })
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(described).collect()
});

/// What has been compiled, by operation and status: a process meets few of all.
static VALIDATORS: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);

type Validators = HashMap<(&'static str, u16), Arc<Validator>>;

/// An operation, as it is described.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) id: &'static str,
    method: Method,
    segments: Vec<String>,
    operation: &'static Value,
}

impl Described {
    /// All there are.
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> {
        OPERATIONS.iter()
    }

    /// The operation that is behind `path`, whichever prefix it has; none when it is something else.
    pub(crate) fn find(method: &Method, path: &str) -> Option<&'static Self> {
        let path = path.strip_prefix("/api/v1").or_else(|| path.strip_prefix("/v1"))?;
        let segments: Vec<_> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
        let is_variable = |segment: &String| segment.starts_with('{');
        let fits = |operation: &&Self| {
            let mut pairs = operation.segments.iter().zip(&segments);
            operation.method == *method
                && operation.segments.len() == segments.len()
                && pairs.all(|(ours, theirs)| is_variable(ours) || ours == theirs)
        };
        // A fixed segment counts more than a variable one.
        let rank =
            |operation: &&Self| operation.segments.iter().map(is_variable).collect::<Vec<_>>();
        OPERATIONS.iter().filter(fits).min_by_key(rank)
    }

    pub(crate) fn reads(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether it has a parameter of this name.
    pub(crate) fn has_parameter(&self, name: &str) -> bool {
        let parameters = self.operation["parameters"].as_array().into_iter().flatten();
        parameters.into_iter().any(|parameter| parameter["name"] == name)
    }

    /// Where `answer` isn't what it is said to be.
    pub(crate) fn faults(&self, answer: &Answer) -> Vec<String> {
        let response = resolved(&self.operation["responses"][answer.status.to_string()]);
        if response.is_null() {
            return vec!["the status is not described".to_owned()];
        }
        let mut faults = Vec::new();
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            if header["required"] == true && answer.header(&name.to_lowercase()).is_none() {
                faults.push(format!("the header {name} is missing"));
            }
        }
        let kind = answer.header("content-type").and_then(|kind| kind.split(';').next());
        match (response["content"].as_object(), kind) {
            (None, None) if answer.body == "" => {}
            (None, _) => faults.push("no body is described".to_owned()),
            (Some(contents), kind) => match contents.get(kind.unwrap_or_default()) {
                None => faults.push(format!("no body of the type {kind:?} is described")),
                Some(_) if kind != Some("application/json") => {}
                Some(content) => {
                    let validator = self.validator(answer.status, &content["schema"]);
                    let errors = validator.iter_errors(&answer.body);
                    let fault = |error: jsonschema::ValidationError<'_>| {
                        format!("{}: {error}", error.instance_path())
                    };
                    faults.extend(errors.map(fault));
                }
            },
        }
        faults
    }

    fn validator(&self, status: u16, schema: &Value) -> Arc<Validator> {
        let mut validators = VALIDATORS.lock().unwrap();
        let compiled =
            validators.entry((self.id, status)).or_insert_with(|| compile(schema).into());
        compiled.clone()
    }
}

/// The format of times without a zone.
const LOCAL_TIME: &str = "local-time";

/// Events begin and end by the clock on their walls.
const LOCAL_TIMES: [(&str, &str); 4] = [
    ("PopupAdmin", "start_date"),
    ("PopupAdmin", "end_date"),
    ("PopupPublic", "start_date"),
    ("PopupPublic", "end_date"),
];

/// Lists whose entries the contract doesn't describe: schema, field, and what the entries are.
const ITEMS: [(&str, &str, &str); 3] = [
    ("AttendeePublic", "products", "ProductWithQuantity"),
    ("GroupMemberPublic", "products", "ProductPublic"),
    ("GroupMemberBatchResult", "products", "ProductPublic"),
];

/// What holds values against `schema`, and nothing else of the document.
fn compile(schema: &Value) -> Validator {
    let mut schemas = Map::new();
    let mut root = strict(schema, "");
    let mut wanted = references(&root);
    while let Some(name) = wanted.pop_first() {
        if !schemas.contains_key(&name) {
            let schema = strict(&DOCUMENT["components"]["schemas"][&name], &name);
            wanted.extend(references(&schema));
            schemas.insert(name, schema);
        }
    }
    root["components"] = json!({ "schemas": schemas });
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_format("date-time", |text: &str| DateTime::parse_from_rfc3339(text).is_ok())
        .with_format(LOCAL_TIME, |text: &str| text.parse::<NaiveDateTime>().is_ok())
        .build(&root)
        .unwrap()
}

/// `schema`, whose name is `name`, with every field that it has and no other.
fn strict(schema: &Value, name: &str) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(|item| strict(item, "")).collect(),
        Value::Object(fields) => {
            let below = fields.iter().map(|(word, inner)| match (word.as_str(), inner) {
                ("properties", Value::Object(properties)) => {
                    let property = |(field, property): (&String, &Value)| {
                        (field.clone(), known(name, field, strict(property, "")))
                    };
                    (word.clone(), properties.iter().map(property).collect())
                }
                _ => (word.clone(), strict(inner, "")),
            });
            let mut schema: Value = below.collect();
            if let Some(properties) = fields.get("properties").and_then(Value::as_object) {
                let is_there = |field: &&String| !OPTIONAL.contains(&(name, field.as_str()));
                schema["required"] = properties.keys().filter(is_there).cloned().collect();
                let others = schema.as_object_mut().unwrap();
                others.entry("additionalProperties").or_insert(false.into());
            }
            schema
        }
        plain => plain.clone(),
    }
}

/// The schema of a field, with what the description leaves open.
fn known(schema: &str, field: &str, mut property: Value) -> Value {
    if let Some((.., item)) = ITEMS.iter().find(|(of, name, _)| (*of, *name) == (schema, field)) {
        assert_eq!(property["items"], json!({}), "{schema}.{field} has items that are described");
        property["items"] = json!({ "$ref": format!("#/components/schemas/{item}") });
    } else {
        assert_ne!(property.get("items"), Some(&json!({})), "{schema}.{field} may hold anything");
    }
    if LOCAL_TIMES.contains(&(schema, field)) {
        for kind in property["anyOf"].as_array_mut().into_iter().flatten() {
            if kind["format"] == "date-time" {
                kind["format"] = LOCAL_TIME.into();
            }
        }
    }
    property
}

/// The names of the schemas that `value` refers to.
fn references(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            let own = own.map(|reference| reference.rsplit('/').next().unwrap().to_owned());
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// What `value` refers to, if it is a reference.
fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

#[test]
fn what_is_not_as_described_is_found() {
    let me = json!({
        "email": "ann@example.com", "full_name": null, "role": "admin", "deleted": false, "tenant_id": null,
        "auth_code": null, "code_expiration": null, "auth_attempts": 0, "id": uuid::Uuid::nil(),
    });
    let faults = |status: u16, kind: &str, body: &Value| {
        let headers = HashMap::from([("content-type".to_owned(), kind.to_owned())]);
        let answer = Answer { status, headers, body: body.clone(), cost: Cost::default() };
        let operation = Described::find(&Method::GET, "/v1/users/me/").unwrap();
        assert_eq!(operation.id, "users-get_current_user_info");
        operation.faults(&answer).len()
    };
    assert_eq!(faults(200, "application/json; charset=utf-8", &me), 0);
    assert_eq!(faults(201, "application/json", &me), 1);
    assert_eq!(faults(200, "text/plain", &me), 1);
    for (field, value) in [
        ("further", json!(1)),
        ("role", json!("owner")),
        ("email", json!("ann")),
        ("id", json!("7")),
        ("deleted", json!(null)),
        ("code_expiration", json!("yesterday")),
    ] {
        let mut wrong = me.clone();
        wrong[field] = value;
        assert_eq!(faults(200, "application/json", &wrong), 1, "{wrong}");
    }
    for field in ["full_name", "deleted"] {
        let mut wrong = me.clone();
        wrong.as_object_mut().unwrap().remove(field);
        assert_eq!(faults(200, "application/json", &wrong), 1, "{wrong}");
    }
    // Whoever is refused is asked for a token.
    assert_eq!(faults(401, "application/json", &json!({ "detail": "Not authenticated" })), 1);
}

#[test]
fn a_fixed_segment_counts_more_than_a_variable_one() {
    let found = |method: Method, path: &str| Described::find(&method, path).map(|found| found.id);
    assert_eq!(found(Method::GET, "/v1/users/me"), Some("users-get_current_user_info"));
    assert_eq!(found(Method::GET, "/api/v1/users/5"), Some("users-get_user"));
    assert_eq!(found(Method::DELETE, "/v1/users/me"), Some("users-delete_user"));
    assert_eq!(found(Method::OPTIONS, "/v1/users/me"), None);
    assert_eq!(found(Method::GET, "/health-check"), None);
}
