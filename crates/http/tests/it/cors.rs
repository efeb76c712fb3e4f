//! Which pages may read answers.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, TestServer},
    patience::until,
};

async fn from(server: &TestServer, origin: &str, path: &str) -> Answer {
    server.get(path).header("Origin", origin).answer().await
}

async fn asks(server: &TestServer, origin: &str, method: &str, headers: &str) -> Answer {
    server
        .request(Method::OPTIONS, "/users")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", method)
        .header("Access-Control-Request-Headers", headers)
        .answer()
        .await
}

#[tokio::test]
async fn known_pages_may_read_any_answer() {
    let server = TestServer::start_with(&[
        ("BACKEND_CORS_ORIGINS", "https://tools.example.org"),
        ("BACKOFFICE_URL", "https://backoffice.example.org/"),
    ])
    .await;
    for origin in [
        "http://demo.localhost:3000",
        "http://localhost:3000",
        "https://tools.example.org",
        "https://backoffice.example.org",
    ] {
        for path in ["/users", "/x", "/health-check"] {
            let answer = from(&server, origin, path).await;
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{path}");
            assert_eq!(answer.header("vary"), Some("Origin"));
            let exposed = answer.header("access-control-expose-headers").unwrap();
            assert!(exposed.contains("Retry-After") && exposed.contains("X-Request-Id"));
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
    }
}

#[tokio::test]
async fn strange_pages_may_read_nothing() {
    let server = TestServer::start().await;
    for origin in [
        "https://evil.example.org",
        "http://localhost:3001",
        "https://demo.localhost:3000",
        "http://evil-localhost:3000",
        "null",
        "not an origin",
    ] {
        let answer = from(&server, origin, "/health-check").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        assert_eq!(answer.header("vary"), Some("Origin"));
        assert_eq!(asks(&server, origin, "GET", "").await.status, 400);
    }
}

#[tokio::test]
async fn a_star_admits_every_page() {
    let server = TestServer::start_with(&[("BACKEND_CORS_ORIGINS", "*")]).await;
    let answer = from(&server, "https://anybody.example.org", "/health-check").await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn an_active_custom_domain_is_admitted() {
    let server = TestServer::start().await;
    let sql = "INSERT INTO tenants (id, name, slug, custom_domain, custom_domain_active) VALUES \
               (gen_random_uuid(), 'a', 'a', 'on.example.net', true), \
               (gen_random_uuid(), 'c', 'c', 'conf', true), \
               (gen_random_uuid(), 'b', 'b', 'off.example.net', false) RETURNING id";
    let ids: Vec<Uuid> = sqlx::query_scalar(sql).fetch_all(&server.sql).await.unwrap();
    let server = server.beside().await;
    let allowed = async |origin: &str| {
        let answer = from(&server, origin, "/health-check").await;
        answer.header("access-control-allow-origin").map(str::to_owned)
    };
    assert_eq!(allowed("https://on.example.net").await.as_deref(), Some("https://on.example.net"));
    assert!(allowed("http://on.example.net:3000").await.is_some());
    assert_eq!(allowed("https://conf").await.as_deref(), Some("https://conf"));
    assert_eq!(allowed("https://fair").await, None);
    assert_eq!(allowed("http://on.example.net").await, None);
    assert_eq!(allowed("https://off.example.net").await, None);

    let (_, superadmin) = server.user("superadmin", None).await;
    let switched_on = server.patch(&format!("/tenants/{}", ids[2])).bearer_auth(superadmin);
    switched_on.json(&json!({ "custom_domain_active": true })).answer().await.expect(200);
    until(async || allowed("https://off.example.net").await.is_some()).await;
}

#[tokio::test]
async fn browsers_may_ask_in_advance() {
    let server = TestServer::start().await;
    let origin = "http://localhost:3000";
    let answer = asks(&server, origin, "PATCH", "authorization,x-tenant-id,idempotency-key").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-max-age"), Some("600"));
    assert!(answer.header("access-control-allow-methods").unwrap().contains("PATCH"));
    assert!(answer.header("access-control-allow-headers").unwrap().contains("X-Tenant-Id"));
    assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
    assert_eq!(asks(&server, origin, "TRACE", "").await.status, 400);
    assert_eq!(asks(&server, origin, "GET", "x-anything").await.status, 400);
}
