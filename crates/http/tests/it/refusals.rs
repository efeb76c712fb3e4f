//! The refusals that operations have in common, from each operation that has them.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection};

use crate::{
    bounds,
    description::Described,
    harness::{Send, TestServer},
    organisation::Organisation,
    people::Person,
    surface::{Class, Operation, operations},
};

/// Reads its body before it knows any shape.
const WEBHOOK: &str = "payments-simplefi_webhook";

fn takes_body(operation: &Operation) -> bool {
    operation.fields.is_some() || operation.id == WEBHOOK
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_anybody_is_asked() {
    let server = TestServer::start_with(&[("REQUEST_BODY_LIMIT", "1KiB")]).await;
    for operation in operations(&server).await.iter().filter(|operation| takes_body(operation)) {
        let path = operation.at(|_| "zz".to_owned());
        let request = server.request(operation.method.clone(), &path);
        let answer = request.body("x".repeat(1025)).answer().await;
        assert_eq!(answer.status, 413, "{}", operation.id);
        assert!(answer.body["detail"].is_string(), "{}", operation.id);
    }
}

#[tokio::test]
async fn a_body_that_is_no_text_is_refused_before_anybody_is_asked() {
    let server = TestServer::start().await;
    for operation in operations(&server).await.iter().filter(|operation| takes_body(operation)) {
        let path = operation.at(|_| "zz".to_owned());
        let request = server.request(operation.method.clone(), &path);
        let answer = request.body(vec![b'"', 0xff, b'"']).answer().await;
        assert_eq!(answer.status, 400, "{}", operation.id);
    }
}

#[tokio::test]
async fn a_path_that_could_lead_nowhere_is_wrong() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    for operation in
        operations(&server).await.iter().filter(|operation| !operation.places.is_empty())
    {
        let who = match operation.class {
            Class::Public => server.anonymous(),
            _ => ours.insider(operation, &root),
        };
        // No identifier, and no text that could be stored.
        let path = operation.at(|_| "a%00b".to_owned());
        let body = operation.fields.is_some().then(|| bounds::body(&ours, operation));
        let answer = who.send(operation.method.clone(), &path, body.as_ref()).await;
        assert_eq!(answer.status, 422, "{}: {answer:?}", operation.id);
        let places: Vec<_> = answer.faults().into_iter().map(|(_, place)| place).collect();
        assert!(places.iter().all(|place| place[0] == "path"), "{}: {places:?}", operation.id);
    }
}

#[tokio::test]
async fn a_request_whose_twin_still_runs_is_told_to_come_back() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    let mut twin = server.sql.acquire().await.unwrap();
    let heeds = |operation: &Operation| {
        Described::all().any(|described| {
            described.id == operation.id && described.has_parameter("Idempotency-Key")
        })
    };
    let mut asked = 0;
    for operation in operations(&server).await.into_iter().filter(heeds) {
        let who = ours.insider(&operation, &root);
        let id = &operation.id;
        let mut running = twin.begin().await.unwrap();
        let key = format!("idempotency|{}|{}|{id}|twin", ours.id, who.id());
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        sqlx::query(lock).bind(key).execute(&mut *running).await.unwrap();
        let path = operation.at(|place| ours.value(place));
        let request = who.request(operation.method.clone(), &path);
        let request = request.header("Idempotency-Key", "twin");
        let answer = request.json(&ours.body(&operation).unwrap()).answer().await;
        assert_eq!((answer.status, answer.header("retry-after")), (409, Some("1")), "{id}");
        running.rollback().await.unwrap();
        asked += 1;
    }
    assert_eq!(asked, 8);
}

/// Calls `operation` as somebody who may.
async fn call(
    who: &Person<'_>,
    operation: &Operation,
    ours: &Organisation<'_>,
) -> (u16, Option<String>) {
    let path = operation.asked(|name| match name {
        "domain" => "localhost".to_owned(),
        name => ours.value(name),
    });
    let body = operation.fields.is_some().then(|| bounds::body(ours, operation));
    let body = body.or_else(|| (operation.id == WEBHOOK).then(|| notice(ours)));
    let request = who.request(operation.method.clone(), &path);
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let answer = request.answer().await;
    (answer.status, answer.header("retry-after").map(str::to_owned))
}

/// What the payment provider tells about the payment.
fn notice(ours: &Organisation<'_>) -> Value {
    let request = json!({ "id": ours.value("external_id"), "status": "approved" });
    json!({ "event_type": "new_payment", "data": { "payment_request": request } })
}

/// Takes what `tables` says from everybody, for as long as the transaction lives.
async fn take(running: &mut sqlx::PgTransaction<'_>, tables: &str) {
    let sql = format!(
        "SELECT format('LOCK TABLE %I.%I IN ACCESS EXCLUSIVE MODE', schemaname, tablename)
         FROM pg_tables WHERE schemaname = 'public' AND tablename {tables} ORDER BY tablename"
    );
    let locks: Vec<String> =
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut **running).await.unwrap();
    assert!(!locks.is_empty());
    for lock in locks {
        sqlx::query(AssertSqlSafe(lock)).execute(&mut **running).await.unwrap();
    }
}

/// Operations that ask for their caller at most, or answer from what is remembered.
const ASK_NOTHING_ELSE: [&str; 3] = [
    "email-templates-get_default_template",
    "email-templates-list_template_types",
    "uploads-get_presigned_upload_url",
];

#[tokio::test]
async fn every_operation_says_that_the_database_is_busy() {
    let variables = [("DATABASE_LOCK_TIMEOUT", "50ms")];
    let server = TestServer::start_with(&variables).await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    // Knows nobody yet.
    let stranger = server.beside_with(&variables).await;
    let operations = operations(&server).await;
    let busy = (503, Some("1".to_owned()));

    let mut holder = server.sql.acquire().await.unwrap();
    let mut running = holder.begin().await.unwrap();
    take(&mut running, "NOT IN ('humans', 'tenants', 'users')").await;
    let (mut others, mut unimpressed) = (Vec::new(), Vec::new());
    for operation in operations {
        // Those who call are known, so that it is the operation that waits.
        let is_about_callers = ["auth-", "humans-", "tenants-", "users-"]
            .iter()
            .any(|tag| operation.id.starts_with(tag));
        if is_about_callers {
            others.push(operation);
            continue;
        }
        let who = match operation.class {
            Class::Public => server.anonymous().naming(ours.id),
            _ => ours.insider(&operation, &root),
        };
        if call(&who, &operation, &ours).await != busy {
            unimpressed.push(operation.id.clone());
            others.push(operation);
        }
    }
    assert_eq!(unimpressed, ASK_NOTHING_ELSE);
    take(&mut running, "IN ('humans', 'tenants', 'users')").await;
    for operation in &others {
        let who = match operation.class {
            Class::Public => stranger.anonymous().naming(ours.id),
            _ => ours.insider(operation, &root).at(&stranger),
        };
        assert_eq!(call(&who, operation, &ours).await, busy, "{}", operation.id);
    }
    running.rollback().await.unwrap();
    tokio::time::timeout(Duration::from_secs(20), server.stop()).await.unwrap();
}
