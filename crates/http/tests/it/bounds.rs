//! Every text and every number that is taken in: as long or as large as it may be, and one more.

use serde_json::{Value, json};

use crate::{
    harness::{Answer, NO_STORAGE, TestServer},
    organisation::Organisation,
    people::Person,
    surface::{Class, Operation, operations},
};

/// Outside of the Basic Multilingual Plane: four bytes in UTF-8, one character of a column.
const WIDE: &str = "🙂";

/// Larger than whatever is stored, and than what a machine word holds.
const HUGE: &str = "99999999999999999999";

/// Lists of things, each with one that is fine.
fn item(field: &str) -> Option<Value> {
    let item = match field {
        "companions" => json!({ "name": "Bo", "category": "kid" }),
        "members" => json!({ "email": "di@example.com", "first_name": "Di", "last_name": "Wu" }),
        "products" => json!({ "name": "Bed", "price": 50 }),
        _ => return None,
    };
    Some(item)
}

/// A place in a body, and what it takes.
#[derive(Debug, Clone)]
struct Place {
    /// Names of fields, and indices of lists.
    path: Vec<Value>,
    takes: Takes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// A text of at most so many characters.
    Text(usize),
    /// A whole number between these.
    Whole(i64, i64),
    /// A decimal.
    Decimal,
    /// One of some words, an identifier or a time.
    Fixed,
}

impl Place {
    /// What `body` is with `value` here.
    fn put(&self, body: &Value, value: Value) -> Value {
        let mut body = body.clone();
        if let [list, ..] = self.path.as_slice()
            && self.path.len() > 1
        {
            let list = list.as_str().unwrap();
            let lacks_item = body[list].as_array().is_none_or(Vec::is_empty);
            if lacks_item {
                body[list] = json!([item(list).unwrap()]);
            }
        }
        let mut target = &mut body;
        for step in &self.path {
            target = match step.as_u64() {
                Some(index) => &mut target[usize::try_from(index).unwrap()],
                None => &mut target[step.as_str().unwrap()],
            };
        }
        *target = value;
        body
    }

    /// Whether `answer` says that something is wrong here.
    fn is_blamed_by(&self, answer: &Answer) -> bool {
        answer.status == 422 && faults(answer).any(|fault| fault["loc"] == self.location())
    }

    /// The types of the faults that `answer` finds here.
    fn faults(&self, answer: &Answer) -> Vec<String> {
        let here = faults(answer).filter(|fault| fault["loc"] == self.location());
        here.map(|fault| fault["type"].as_str().unwrap().to_owned()).collect()
    }

    fn location(&self) -> Value {
        json!([&[json!("body")], self.path.as_slice()].concat())
    }
}

fn faults(answer: &Answer) -> impl Iterator<Item = &Value> {
    answer.body["detail"].as_array().into_iter().flatten()
}

/// The schema behind references.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            resolved(document, document.pointer(reference.trim_start_matches('#')).unwrap())
        }
        None => schema,
    }
}

/// The places of a body described by `schema`.
fn places(document: &Value, schema: &Value, above: &[Value]) -> Vec<Place> {
    let schema = resolved(document, schema);
    let mut found = Vec::new();
    let alternatives = schema["anyOf"].as_array().into_iter().flatten();
    found.extend(alternatives.flat_map(|kind| places(document, kind, above)));
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = [above, &[json!(name)]].concat();
        found.extend(field_places(document, field, &path));
    }
    found
}

fn field_places(document: &Value, field: &Value, path: &[Value]) -> Vec<Place> {
    let field = resolved(document, field);
    if let Some(alternatives) = field["anyOf"].as_array() {
        let is_decimal = alternatives.iter().any(|kind| kind["type"] == "number");
        if is_decimal {
            return vec![Place { path: path.to_vec(), takes: Takes::Decimal }];
        }
        return alternatives.iter().flat_map(|kind| field_places(document, kind, path)).collect();
    }
    let place = |takes| vec![Place { path: path.to_vec(), takes }];
    match field["type"].as_str() {
        Some("string") => {
            let fixed = !field["enum"].is_null() || !field["const"].is_null();
            let formatted = field["format"] == "uuid" || field["format"] == "date-time";
            if fixed || formatted {
                return place(Takes::Fixed);
            }
            // Where nothing says how long a text may be, only some words count.
            match field["maxLength"].as_u64() {
                Some(max) => place(Takes::Text(usize::try_from(max).unwrap())),
                None => place(Takes::Fixed),
            }
        }
        Some("integer") => {
            let min = field["minimum"].as_i64().unwrap_or(i32::MIN.into());
            let max = field["maximum"].as_i64().unwrap_or(i32::MAX.into());
            place(Takes::Whole(min, max))
        }
        Some("number") => place(Takes::Decimal),
        Some("array") => {
            let list = path.last().and_then(Value::as_str).unwrap();
            let items = resolved(document, &field["items"]);
            match (items["properties"].is_object(), item(list)) {
                (true, Some(_)) => places(document, items, &[path, &[json!(0)]].concat()),
                (true, None) => panic!("what is one of {list}?"),
                (false, _) => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Each operation with a body, and the places of it.
async fn taking_in(server: &TestServer) -> Vec<(Operation, Vec<Place>)> {
    let document = server.anonymous().get("/openapi.json").await.expect(200);
    let described = |id: &str| {
        let paths = document["paths"].as_object().unwrap().values();
        let all = paths.flat_map(|methods| methods.as_object().unwrap().values());
        all.into_iter().find(|operation| operation["operationId"] == *id).cloned().unwrap()
    };
    let all = operations(server).await.into_iter().filter(|operation| operation.fields.is_some());
    all.map(|operation| {
        let body = described(&operation.id)["requestBody"]["content"]["application/json"]["schema"]
            .clone();
        let places = places(&document, &body, &[]);
        (operation, places)
    })
    .collect()
}

/// Who may call `operation`, and hasn't used up what it may be called for.
async fn caller<'a>(
    server: &'a TestServer,
    root: &Person<'a>,
    ours: &Organisation<'a>,
    operation: &Operation,
) -> Person<'a> {
    match operation.class {
        Class::Public => server.anonymous().naming(ours.id),
        Class::Human if operation.id == "applications-create_my_application" => {
            server.participant(&ours.tenant).await
        }
        Class::Human => ours.human.clone(),
        Class::Superadmin => root.naming(ours.id),
        _ => ours.admin.clone(),
    }
}

pub(crate) fn body(ours: &Organisation<'_>, operation: &Operation) -> Value {
    if operation.class != Class::Public {
        return ours.body(operation).unwrap();
    }
    json!({ "email": "ann@example.com", "tenant_id": ours.id, "code": "000000" })
}

#[tokio::test]
async fn one_more_than_there_is_room_for_is_refused_by_name() {
    let server = TestServer::start_with(&NO_STORAGE).await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    let (mut sent, mut wrong) = (0, Vec::new());
    for (operation, places) in taking_in(&server).await {
        let who = caller(&server, &root, &ours, &operation).await;
        let (body, path) = (body(&ours, &operation), operation.at(|place| ours.value(place)));
        for place in places {
            let too_much = match place.takes {
                Takes::Text(max) => vec![json!("x".repeat(max + 1)), json!("a\0b")],
                Takes::Whole(min, max) => {
                    vec![json!(i128::from(min) - 1), json!(i128::from(max) + 1), json!(HUGE)]
                }
                Takes::Decimal => vec![json!(HUGE), json!("1e400"), json!("NaN"), json!("a\0b")],
                Takes::Fixed if is_any_text(&operation, &place) => vec![json!("a\0b")],
                Takes::Fixed => vec![json!("a\0b"), json!(WIDE)],
            };
            for value in too_much {
                let sending = place.put(&body, value);
                let answer = who.send(operation.method.clone(), &path, Some(&sending)).await;
                let what = format!("{} with {place:?} in {sending}", operation.id);
                sent += 1;
                // What the contract has and nothing reads is passed over, whatever it says.
                let named = place.is_blamed_by(&answer) || is_passed_over(&operation, &place);
                if !named || answer.status >= 500 {
                    wrong.push(format!("{what}: {} {}", answer.status, answer.body));
                }
            }
        }
    }
    assert!(sent > 500, "{sent}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_there_is_room_for_is_never_too_much() {
    let server = TestServer::start_with(&NO_STORAGE).await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    let (mut sent, mut wrong) = (0, Vec::new());
    for (operation, places) in taking_in(&server).await {
        if operation.id == "tenants-update_tenant" {
            // Another address or a deleted organisation would end the rest.
            continue;
        }
        let path = operation.at(|place| ours.value(place));
        for place in places {
            let much = match place.takes {
                Takes::Text(max) => vec![json!(WIDE.repeat(max)), json!("x".repeat(max))],
                Takes::Whole(min, max) => vec![json!(min), json!(max)],
                Takes::Decimal => vec![json!("0"), json!("0.005"), json!(99.99)],
                Takes::Fixed => continue,
            };
            for value in much {
                let who = caller(&server, &root, &ours, &operation).await;
                let sending = place.put(&body(&ours, &operation), value);
                let answer = who.send(operation.method.clone(), &path, Some(&sending)).await;
                let what = format!("{} with {place:?}", operation.id);
                sent += 1;
                let faults = place.faults(&answer);
                let size = ["string_too_long", "less_than_equal", "greater_than_equal"];
                let too_much = faults.iter().any(|fault| size.contains(&fault.as_str()));
                if too_much || answer.status >= 500 {
                    wrong.push(format!("{what}: {} {}", answer.status, answer.body));
                }
            }
        }
    }
    assert!(sent > 300, "{sent}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_query_that_no_column_could_hold_is_refused_by_name() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    let mut sent = 0;
    for operation in operations(&server).await {
        let who = caller(&server, &root, &ours, &operation).await;
        let path = operation.at(|place| match place {
            "domain" => "localhost".to_owned(),
            place => ours.value(place),
        });
        for name in &operation.queries {
            let wrong = match name.as_str() {
                "skip" | "limit" => ["-1", HUGE, "%00"],
                _ => ["%00", "a%00b", "%00%00"],
            };
            for value in wrong {
                let path = format!("{path}?{name}={value}");
                let answer = who.send(operation.method.clone(), &path, None).await;
                let what = format!("{} with {name}={value}", operation.id);
                sent += 1;
                let blamed = faults(&answer).any(|fault| fault["loc"] == json!(["query", name]));
                assert!(answer.status == 422 && blamed, "{what}: {answer:?}");
            }
        }
    }
    assert!(sent > 100, "{sent}");
}

fn is_passed_over(operation: &Operation, place: &Place) -> bool {
    let field = place.path[0].as_str().unwrap();
    PASSED_OVER.contains(&(operation.id.as_str(), field))
}

fn is_any_text(operation: &Operation, place: &Place) -> bool {
    let field = place.path[0].as_str().unwrap();
    ANY_TEXT.contains(&(operation.id.as_str(), field))
}

/// Texts that are looked up or of which a part is read: what is too long is as unknown as what nobody has.
const ANY_TEXT: &[(&str, &str)] = &[
    ("check-ins-scan_code", "code"),
    ("uploads-get_presigned_upload_url", "content_type"),
    ("uploads-get_presigned_upload_url", "filename"),
];

/// Fields that clients send and nothing reads.
const PASSED_OVER: &[(&str, &str)] = &[
    ("applications-create_my_application", "email"),
    ("popups-create_popup", "slug"),
    ("users-create_user", "auth_attempts"),
];
