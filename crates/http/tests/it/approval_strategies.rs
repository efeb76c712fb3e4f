//! How events decide about applications.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Send, TestServer};

/// A server, an admin, and the path of the strategy of a popup of theirs.
async fn world() -> (TestServer, String, String) {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    let (_, admin) = server.user("admin", Some(tenant)).await;
    let body = json!({ "name": "Fair" });
    let popup = server.post("/popups").bearer_auth(&admin).json(&body).answer().await.expect(201);
    let path = format!("/popups/{}/approval-strategy", popup["id"].as_str().unwrap());
    (server, admin, path)
}

async fn send(server: &TestServer, method: Method, path: &str, token: &str, body: Value) -> Answer {
    server.request(method, path).bearer_auth(token).json(&body).answer().await
}

#[tokio::test]
async fn a_new_popup_accepts_everybody() {
    let (server, admin, path) = world().await;
    let strategy = server.get(&path).bearer_auth(&admin).answer().await.expect(200);
    assert_eq!(strategy["strategy_type"], "auto_accept");
    for (field, value) in [
        ("required_approvals", 1),
        ("accept_threshold", 2),
        ("reject_threshold", -2),
        ("strong_yes_weight", 2),
        ("yes_weight", 1),
        ("no_weight", -1),
        ("strong_no_weight", -2),
    ] {
        assert_eq!(strategy[field], value, "{field}");
    }
    assert!(strategy["created_at"].is_string() && strategy["updated_at"].is_string());
}

#[tokio::test]
async fn a_strategy_is_replaced_as_a_whole() {
    let (server, admin, path) = world().await;
    let put = async |body: Value| send(&server, Method::POST, &path, &admin, body).await;
    let body = json!({ "strategy_type": "threshold", "required_approvals": "3" });
    let first = put(body).await.expect(201);
    assert_eq!(first["required_approvals"], 3);
    let second = put(json!({ "strategy_type": "weighted" })).await.expect(201);
    assert_eq!(second["strategy_type"], "weighted");
    assert_eq!(second["required_approvals"], 1);
    assert_eq!((&second["id"], &second["created_at"]), (&first["id"], &first["created_at"]));
    assert_ne!(second["updated_at"], first["updated_at"]);
    assert_eq!(put(json!({})).await.expect(201)["strategy_type"], "any_reviewer");
    for wrong in [
        json!({ "strategy_type": "foo" }),
        json!({ "strategy_type": null }),
        json!({ "required_approvals": 0 }),
        json!({ "accept_threshold": -2 }),
        json!({ "yes_weight": 1_000_001 }),
        json!({ "yes_weight": 1.5 }),
    ] {
        assert_eq!(put(wrong.clone()).await.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn a_change_is_checked_with_what_is_there() {
    let (server, admin, path) = world().await;
    let change = async |body: Value| send(&server, Method::PATCH, &path, &admin, body).await;
    let before = change(json!({ "foo": 1 })).await.expect(200);
    assert_eq!(before["strategy_type"], "auto_accept");
    for wrong in [
        json!({ "required_approvals": 0 }),
        json!({ "accept_threshold": -5, "reject_threshold": 5 }),
        json!({ "accept_threshold": -2 }),
        json!({ "required_approvals": 2_147_483_648_u32 }),
        json!({ "strategy_type": "foo" }),
        json!({ "yes_weight": null }),
    ] {
        assert_eq!(change(wrong.clone()).await.status, 422, "{wrong}");
    }
    change(json!({ "required_approvals": 3 })).await.expect(200);
    let after = change(json!({ "strategy_type": "weighted" })).await.expect(200);
    assert_eq!(after["required_approvals"], 3);
    assert_eq!(after["id"], before["id"]);
}

#[tokio::test]
async fn a_strategy_can_be_taken_away() {
    let (server, admin, path) = world().await;
    let send = async |method, body| send(&server, method, &path, &admin, body).await;
    send(Method::DELETE, json!({})).await.expect(204);
    send(Method::GET, json!({})).await.expect(404);
    send(Method::DELETE, json!({})).await.expect(404);
    send(Method::PATCH, json!({ "yes_weight": 2 })).await.expect(404);
    send(Method::POST, json!({ "strategy_type": "any_reviewer" })).await.expect(201);
}

#[tokio::test]
async fn a_strategy_is_for_the_staff_of_its_tenant() {
    let (server, admin, path) = world().await;
    let tenants = "SELECT tenant_id FROM popups";
    let ours =
        edgeos_domain::TenantId(sqlx::query_scalar(tenants).fetch_one(&server.sql).await.unwrap());
    let theirs = server.tenant("theirs").await;
    let (_, viewer) = server.user("viewer", Some(ours)).await;
    let (_, human) = server.human(ours).await;
    let (_, stranger) = server.user("admin", Some(theirs)).await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let methods = [Method::GET, Method::POST, Method::PATCH, Method::DELETE];
    for method in methods {
        let send =
            async |token: &str| send(&server, method.clone(), &path, token, json!({})).await.status;
        let reads = method == Method::GET;
        assert_eq!(send(&stranger).await, 404, "{method}");
        assert_eq!(send(&viewer).await, if reads { 200 } else { 403 }, "{method}");
        assert_eq!(send(&human).await, 403, "{method}");
        assert_eq!(send(&superadmin).await, 400, "{method}");
        let elsewhere = server.request(method.clone(), &path).bearer_auth(&superadmin);
        let elsewhere = elsewhere.header("X-Tenant-Id", theirs.to_string()).json(&json!({}));
        elsewhere.answer().await.expect(404);
        server.request(method, &path).answer().await.expect(401);
    }
    server.get(&path).bearer_auth(&admin).answer().await.expect(200);
}
