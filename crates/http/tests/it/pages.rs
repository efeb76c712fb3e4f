//! What is served besides the operations, and what answers when nothing is.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Send, TestServer};

#[tokio::test]
async fn everything_has_two_addresses_and_no_trailing_slash() {
    let server = TestServer::start().await;
    for path in [
        "/openapi.json",
        "/api/v1/openapi.json",
        "/v1/openapi.json",
        "/docs",
        "/docs/",
        "/docs/swagger-ui.css",
        "/docs/swagger-ui-bundle.js",
        "/docs/start.js",
        "/redoc",
        "/redoc/redoc.standalone.js",
        "/health-check",
        "/health-check/",
    ] {
        assert_eq!(server.get(path).answer().await.status, 200, "{path}");
    }
    for path in ["/api/v1/users", "/v1/users", "/v1/users/", "/api/v1/users/?limit=1"] {
        assert_eq!(server.get(path).answer().await.status, 401, "{path}");
    }
    let sent = json!({ "email": 5 });
    for path in ["/api/v1/auth/user/login", "/v1/auth/user/login", "/v1/auth/user/login/"] {
        assert_eq!(server.post(path).json(&sent).answer().await.status, 422, "{path}");
    }
}

#[tokio::test]
async fn the_pages_load_nothing_from_elsewhere() {
    let server = TestServer::start().await;
    for path in ["/docs", "/redoc", "/dev/mail"] {
        let page = server.get(path).answer().await;
        let html = page.body.as_str().unwrap();
        assert!(!html.contains("//"), "{path} refers to another server: {html}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'self'"), "{policy}");
    }
    let script = server.get("/redoc/redoc.standalone.js").answer().await;
    assert!(!script.body.as_str().unwrap().contains("cdn.redoc.ly"));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_apart() {
    let server = TestServer::start().await;
    for path in ["/x", "/api/v1/x", "/api/v1", "/v1/users/me/x"] {
        let answer = server.get(path).answer().await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.detail(), "Not Found");
    }
    for (method, path, allowed) in [
        (Method::PUT, "/api/v1/users", "GET, POST"),
        (Method::PUT, "/v1/users", "GET, POST"),
        (Method::OPTIONS, "/v1/users", "GET, POST"),
        (Method::POST, "/health-check", "GET"),
        (Method::POST, "/docs", "GET"),
        (Method::HEAD, "/openapi.json", "GET"),
        (Method::HEAD, "/api/v1/openapi.json", "GET"),
        (Method::HEAD, "/v1/openapi.json", "GET"),
    ] {
        let answer = server.request(method.clone(), path).answer().await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{path}");
        assert!(method == Method::HEAD || answer.body["detail"].is_string());
    }
    for path in ["/v1/users", "/health-check"] {
        let answer = server.request(Method::HEAD, path).answer().await;
        assert_eq!(answer.status, 405, "{path}");
        assert!(answer.header("allow").unwrap().contains("GET"));
    }
}

#[tokio::test]
async fn every_answer_names_its_request_and_is_guarded() {
    let server = TestServer::start().await;
    for path in ["/health-check", "/x", "/users"] {
        let answer = server.get(path).header("X-Request-Id", "mine-1").answer().await;
        assert_eq!(answer.header("x-request-id"), Some("mine-1"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    }
    for odd in ["two words", &"x".repeat(65)] {
        let answer = server.get("/health-check").header("X-Request-Id", odd).answer().await;
        let id = answer.header("x-request-id").unwrap();
        assert!(uuid::Uuid::try_parse(id).is_ok(), "{id}");
    }
}

#[tokio::test]
async fn what_is_personal_is_not_kept_by_browsers() {
    let server = TestServer::start().await;
    let login = server.post("/auth/user/login").json(&json!({})).answer().await;
    assert_eq!(login.header("cache-control"), Some("no-store"));
    let (_, superadmin) = server.user("superadmin", None).await;
    let me = server.get("/users/me").bearer_auth(superadmin).answer().await;
    assert_eq!(me.header("cache-control"), Some("no-store"));
    assert_eq!(server.get("/openapi.json").answer().await.header("cache-control"), None);
}

#[tokio::test]
async fn the_description_has_the_name_of_the_installation() {
    let server = TestServer::start_with(&[("PROJECT_NAME", "Lakeside")]).await;
    let document = server.get("/openapi.json").answer().await.expect(200);
    assert_eq!(document["info"]["title"], "Lakeside API");
}

#[tokio::test]
async fn a_healthy_server_says_how_everything_is() {
    let server = TestServer::start().await;
    let health = server.get("/health-check").answer().await.expect(200);
    let checks = json!({ "database": "ok", "redis": "off", "mail": "ok", "storage": "off" });
    assert_eq!(health, json!({ "status": "healthy", "checks": checks }));
}

#[tokio::test]
async fn the_inbox_can_be_read_and_emptied() {
    let server = TestServer::start().await;
    server.get("/dev/mail").answer().await.expect(200);
    assert_eq!(server.get("/dev/mail.json").answer().await.expect(200), json!([]));
    server.delete("/dev/mail.json").answer().await.expect(204);
}

#[tokio::test]
async fn the_inbox_is_not_read_through_a_proxy() {
    let server = TestServer::start().await;
    for name in ["x-forwarded-for", "forwarded"] {
        let through = server.get("/dev/mail.json").header(name, "203.0.113.9").answer().await;
        assert_eq!(through.status, 405, "{name}");
    }
}

#[tokio::test]
async fn there_is_no_inbox_outside_development() {
    let server = TestServer::start_with(&[("ENVIRONMENT", "staging")]).await;
    assert_eq!(server.get("/dev/mail").answer().await.status, 404);
    assert_eq!(server.get("/dev/mail.json").answer().await.status, 404);
    let health = server.get("/health-check").answer().await.expect(200);
    assert_eq!(health["checks"]["mail"], "off");
}
