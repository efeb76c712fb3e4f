//! What a request has to go through before an operation runs, and in which order.

use serde_json::json;

use crate::harness::{Send, TestServer};

#[tokio::test]
async fn who_has_no_token_hears_nothing_about_the_query() {
    let server = TestServer::start().await;
    let answer = server.get("/users?limit=0").answer().await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")));
    assert!(answer.body["detail"].is_string());

    let (_, superadmin) = server.user("superadmin", None).await;
    let answer = server.get("/users?limit=0").bearer_auth(superadmin).answer().await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.faults(), [("greater_than_equal".to_owned(), json!(["query", "limit"]))]);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_before_anybody_is_asked() {
    let server = TestServer::start().await;
    let answer = server.post("/users").body("{bad").answer().await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.faults(), [("json_invalid".to_owned(), json!(["body", 1]))]);

    let answer = server.post("/users").body(vec![b'"', 0xff, b'"']).answer().await;
    assert_eq!(answer.status, 400);
    assert!(answer.body["detail"].is_string());
}

#[tokio::test]
async fn a_body_of_another_type_is_wrong_once_the_caller_is_known() {
    let server = TestServer::start().await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let send = |token: Option<&str>| {
        let request = server.post("/users").header("Content-Type", "text/plain").body("{bad");
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    };
    assert_eq!(send(None).answer().await.status, 401);
    let answer = send(Some(&superadmin)).answer().await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.faults(), [("model_attributes_type".to_owned(), json!(["body"]))]);
}

#[tokio::test]
async fn an_empty_body_is_missing() {
    let server = TestServer::start().await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let answer = server.post("/tenants").bearer_auth(superadmin).answer().await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.faults(), [("missing".to_owned(), json!(["body"]))]);
}

#[tokio::test]
async fn a_role_comes_before_the_shape() {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    let (_, viewer) = server.user("viewer", Some(tenant)).await;
    let answer = server.post("/tenants").bearer_auth(viewer).json(&json!({})).answer().await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (403, None));
    assert!(answer.body["detail"].is_string());
}

#[tokio::test]
async fn path_and_body_are_judged_together() {
    let server = TestServer::start().await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let answer = server
        .patch("/tenants/zz")
        .bearer_auth(superadmin)
        .json(&json!({ "name": null, "sender_email": 5 }))
        .answer()
        .await;
    assert_eq!(answer.status, 422);
    let mut faults = answer.faults();
    faults.sort_by_key(|(_, place)| place.to_string());
    let places = [["body", "name"], ["body", "sender_email"], ["path", "tenant_id"]];
    let types = ["string_type", "string_type", "uuid_parsing"];
    let expected = types.map(str::to_owned).into_iter().zip(places.map(|place| json!(place)));
    assert_eq!(faults, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_anything_is_looked_at() {
    let server = TestServer::start_with(&[("REQUEST_BODY_LIMIT", "1KiB")]).await;
    let announced = server.post("/users").body("x".repeat(1025)).answer().await;
    assert_eq!(announced.status, 413);
    assert!(announced.body["detail"].is_string());
    assert!(announced.header("x-request-id").is_some());
    assert_eq!(server.post("/users").body(" ".repeat(1024)).answer().await.status, 422);
}

#[tokio::test]
async fn a_text_with_nul_is_wrong_and_not_a_failure() {
    let server = TestServer::start().await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let answer = server.get("/users?search=%00").bearer_auth(&superadmin).answer().await;
    assert_eq!(answer.status, 422);
    let far = "/users?skip=99999999999999999999";
    let answer = server.get(far).bearer_auth(&superadmin).answer().await;
    assert_eq!(answer.faults(), [("less_than_equal".to_owned(), json!(["query", "skip"]))]);
}
