//! Who is let in, and in which tenant.

use edgeos_app::tokens::Subject;
use edgeos_domain::UserId;

use crate::{
    harness::{Send, TestServer, nobody},
    patience::until,
};

#[tokio::test]
async fn a_token_must_be_a_good_one() {
    let server = TestServer::start().await;
    let status = async |header: &str| {
        let answer = server.get("/users/me").header("Authorization", header).answer().await;
        (answer.status, answer.header("www-authenticate").map(str::to_owned))
    };
    let refused = (401, Some("Bearer".to_owned()));
    assert_eq!(status("Basic YTpi").await, refused);
    assert_eq!(status("Bearer").await, refused);
    assert_eq!(status("Bearer no.token.here").await, refused);
    let unknown = TestServer::token(Subject::User(UserId(nobody())));
    assert_eq!(status(&format!("Bearer {unknown}")).await, refused);

    let (_, superadmin) = server.user("superadmin", None).await;
    assert_eq!(status(&format!("bEARER {superadmin}")).await, (200, None));
    let altered = format!("Bearer {superadmin}x");
    assert_eq!(status(&altered).await, refused);
}

#[tokio::test]
async fn the_two_kinds_of_tokens_never_mix() {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    let (_, human) = server.human(tenant).await;
    let answer = server.get("/users/me").bearer_auth(human).answer().await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (403, Some("Bearer")));
}

#[tokio::test]
async fn who_is_deleted_or_works_for_a_deleted_tenant_is_out_on_every_server() {
    let server = TestServer::start().await;
    let beside = server.beside().await;
    let tenant = server.tenant("ours").await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let (admin_id, admin) = server.user("admin", Some(tenant)).await;
    let (_, other) = server.user("admin", Some(tenant)).await;
    for server in [&server, &beside] {
        server.get("/users/me").bearer_auth(&admin).answer().await.expect(200);
        server.get("/users/me").bearer_auth(&other).answer().await.expect(200);
    }
    let path = format!("/users/{}", admin_id.0);
    server.delete(&path).bearer_auth(&superadmin).answer().await.expect(204);
    for server in [&server, &beside] {
        refused_soon(server, &admin).await;
        server.get("/users/me").bearer_auth(&other).answer().await.expect(200);
    }
    let path = format!("/tenants/{}", tenant.0);
    server.delete(&path).bearer_auth(&superadmin).answer().await.expect(204);
    for server in [&server, &beside] {
        refused_soon(server, &other).await;
    }
}

/// News takes a moment from one server to the other.
async fn refused_soon(server: &TestServer, token: &str) {
    until(async || server.get("/users/me").bearer_auth(token).answer().await.status == 401).await;
}
