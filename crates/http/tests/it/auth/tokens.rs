use std::time::Duration;

use chrono::TimeDelta;
use edgeos_app::tokens::Subject;
use edgeos_http::Machine;
use edgeos_ports::Environment;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::{human_token, user, user_token};
use crate::harness::{SECRET_KEY, Send, TestServer};

const ANN: &str = "ann@x.example";

#[tokio::test]
async fn logout_ends_one_token_on_every_server() {
    let server = TestServer::start().await;
    let id = user(&server, ANN, None).await;
    let (mine, other) = (user_token(&server, ANN).await, TestServer::token(Subject::User(id)));
    let beside = server.beside().await;
    for server in [&server, &beside] {
        assert_eq!(status(server, &mine).await, 200);
    }

    let answer = server.post("/auth/logout").bearer_auth(&mine).answer().await;
    assert_eq!((answer.status, answer.body), (204, json!("")));
    assert_eq!(status(&server, &mine).await, 401);
    refused_soon(&beside, &mine).await;
    for server in [&server, &beside] {
        assert_eq!(status(server, &other).await, 200);
    }
    let after_a_restart = server.beside().await;
    assert_eq!(status(&after_a_restart, &mine).await, 401);
    assert_eq!(status(&after_a_restart, &other).await, 200);
}

#[tokio::test]
async fn logout_wants_a_token_of_either_kind() {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    let answer = server.post("/auth/logout").answer().await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")));

    let human = human_token(&server, tenant, ANN).await;
    server.post("/auth/logout").bearer_auth(&human).answer().await.expect(204);
    server.post("/auth/logout").bearer_auth(&human).answer().await.expect(401);
}

#[tokio::test]
async fn a_token_with_no_more_than_the_three_claims_counts() {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    let user = user(&server, ANN, None).await;
    let (human, _) = server.human(tenant).await;
    let later = in_an_hour();

    let token = mint(&json!({ "sub": user.to_string(), "exp": later, "token_type": "user" }));
    assert_eq!(status(&server, &token).await, 200);
    server.post("/auth/logout").bearer_auth(&token).answer().await.expect(204);
    assert_eq!(status(&server, &token).await, 401, "it is told by its hash");

    let claims = json!({ "sub": human.to_string(), "exp": later, "token_type": "human" });
    let me = server.get("/humans/me").bearer_auth(mint(&claims)).answer().await.expect(200);
    assert_eq!(me["id"], human.to_string());
    let stranger = json!({ "sub": user.to_string(), "exp": later, "token_type": "human" });
    let answer = server.get("/humans/me").bearer_auth(mint(&stranger)).answer().await;
    assert_eq!(answer.status, 401, "there is no such human");
}

#[tokio::test]
async fn a_token_that_lacks_something_is_refused() {
    let server = TestServer::start().await;
    let user = user(&server, ANN, None).await.to_string();
    let (now, later) = (Machine.now().timestamp(), in_an_hour());
    for (claims, expected) in [
        (json!({ "sub": user, "exp": later }), 403),
        (json!({ "sub": user, "exp": later, "token_type": "human" }), 403),
        (json!({ "exp": later, "token_type": "user" }), 401),
        (json!({ "sub": user, "token_type": "user" }), 401),
        (json!({ "sub": 5, "exp": later, "token_type": "user" }), 401),
        (json!({ "sub": "ann", "exp": later, "token_type": "user" }), 401),
        (json!({ "sub": user, "exp": now - 1, "token_type": "user" }), 401),
        (json!({ "sub": user, "exp": later, "iat": later, "token_type": "user" }), 401),
    ] {
        let answer = server.get("/users/me").bearer_auth(mint(&claims)).answer().await;
        assert_eq!(answer.status, expected, "{claims}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{claims}");
    }

    let good = mint(&json!({ "sub": user, "exp": later, "token_type": "user" }));
    assert_eq!(status(&server, &good).await, 200);
    let claims = good.split('.').nth(1).unwrap();
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    assert_eq!(status(&server, &unsigned).await, 401);
}

fn mint(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET_KEY.as_bytes());
    jsonwebtoken::encode(&Header::default(), claims, &key).unwrap()
}

fn in_an_hour() -> i64 {
    (Machine.now() + TimeDelta::hours(1)).timestamp()
}

async fn status(server: &TestServer, token: &str) -> u16 {
    server.get("/users/me").bearer_auth(token).answer().await.status
}

/// News takes a moment from one server to the other.
async fn refused_soon(server: &TestServer, token: &str) {
    let refused = async {
        while status(server, token).await != 401 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(4), refused).await.unwrap();
}
