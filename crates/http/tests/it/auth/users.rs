use chrono::TimeDelta;
use edgeos_http::Machine;
use edgeos_ports::Environment;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::{
    code_in, delete_tenant, mail_since, not, places, token, user, user_authenticate, user_code,
    user_login, user_token,
};
use crate::{
    harness::{SECRET_KEY, Send, TestServer},
    patience::until,
};

const ANN: &str = "ann@x.example";

#[tokio::test]
async fn a_mailed_code_signs_a_user_in_once() {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    let id = user(&server, ANN, Some(tenant)).await;

    let sent = user_login(&server, ANN).await;
    assert_eq!(sent.header("cache-control"), Some("no-store"));
    let sent = sent.expect(200);
    assert_eq!(sent["expires_in_minutes"], 15);
    assert_eq!(sent["email"], ANN);
    assert!(sent["message"].is_string());
    let code = code_in(&mail_since(&server, 0, ANN).await);

    let before = Machine.now();
    let token = token(user_authenticate(&server, ANN, &code).await);
    let key = DecodingKey::from_secret(SECRET_KEY.as_bytes());
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_aud = false;
    let claims = jsonwebtoken::decode::<Value>(&token, &key, &validation).unwrap().claims;
    assert_eq!(claims["sub"], id.to_string());
    assert_eq!(claims["token_type"], "user");
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 691_200);
    let issued = before.timestamp()..=Machine.now().timestamp();
    assert!(issued.contains(&claims["iat"].as_i64().unwrap()));
    assert!(claims["jti"].is_string());

    let me = server.get("/users/me").bearer_auth(&token).answer().await.expect(200);
    assert_eq!(me["email"], ANN);
    user_authenticate(&server, ANN, &code).await.expect(401);
}

#[tokio::test]
async fn a_code_is_six_digits_as_text() {
    let server = TestServer::start().await;
    user(&server, ANN, None).await;
    let code = user_code(&server, ANN).await;
    for wrong in [
        json!(code[..5]),
        json!(format!("{}a", &code[..5])),
        json!(code.parse::<u32>().unwrap()),
        json!("٠١٢٣٤٥"),
        json!(null),
    ] {
        let body = json!({ "email": ANN, "code": wrong });
        let answer = server.post("/auth/user/authenticate").json(&body).answer().await;
        assert_eq!(places(&answer), [json!(["body", "code"])], "{wrong}");
        let shown = answer.body.to_string();
        assert!(!shown.contains(&code[..5]), "what was sent isn't repeated: {shown}");
    }
    user_authenticate(&server, ANN, &code).await.expect(200);
}

#[tokio::test]
async fn five_wrong_codes_use_the_right_one_up() {
    let server = TestServer::start().await;
    user(&server, ANN, None).await;
    let code = user_code(&server, ANN).await;
    for _ in 0..5 {
        user_authenticate(&server, ANN, &not(&code)).await.expect(401);
    }
    let refused = user_authenticate(&server, ANN, &code).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), None, "waiting doesn't help");
    user_token(&server, ANN).await;
}

#[tokio::test]
async fn a_new_code_replaces_the_one_before() {
    let server = TestServer::start().await;
    user(&server, ANN, None).await;
    let first = user_code(&server, ANN).await;
    let mut second = user_code(&server, ANN).await;
    if second == first {
        second = user_code(&server, ANN).await;
    }
    user_authenticate(&server, ANN, &first).await.expect(401);
    user_authenticate(&server, ANN, &second).await.expect(200);
}

#[tokio::test]
async fn a_code_that_is_over_is_refused() {
    let server = TestServer::start().await;
    user(&server, ANN, None).await;
    let code = user_code(&server, ANN).await;
    sqlx::query("UPDATE user_login_codes SET expires_at = $1")
        .bind(Machine.now() - TimeDelta::seconds(1))
        .execute(&server.sql)
        .await
        .unwrap();
    user_authenticate(&server, ANN, &code).await.expect(401);
}

#[tokio::test]
async fn letter_case_and_blanks_make_no_other_account() {
    let server = TestServer::start().await;
    let id = user(&server, ANN, None).await;
    let sent = user_login(&server, "  ANN@X.EXAMPLE ").await.expect(200);
    assert_eq!(sent["email"], ANN);
    let code = code_in(&mail_since(&server, 0, ANN).await);
    let token = token(user_authenticate(&server, "Ann@X.Example", &code).await);
    let me = server.get("/users/me").bearer_auth(&token).answer().await.expect(200);
    assert_eq!(me["id"], id.to_string());
}

#[tokio::test]
async fn who_is_no_active_user_is_not_found() {
    let server = TestServer::start().await;
    let (ours, gone) = (server.tenant("ours").await, server.tenant("gone").await);
    user(&server, "deleted@x.example", Some(ours)).await;
    sqlx::query("UPDATE users SET deleted = true").execute(&server.sql).await.unwrap();
    user(&server, "left@x.example", Some(gone)).await;
    let code = user_code(&server, "left@x.example").await;
    let token = user_token(&server, "left@x.example").await;
    delete_tenant(&server, gone).await;

    let before = super::mails(&server).await;
    for email in ["nobody@x.example", "deleted@x.example", "left@x.example"] {
        let refused = user_login(&server, email).await;
        assert_eq!(refused.detail(), "User not found");
        assert_eq!(refused.status, 404);
        assert_eq!(user_authenticate(&server, email, &code).await.status, 404);
    }
    assert_eq!(super::mails(&server).await, before);
    server.get("/users/me").bearer_auth(&token).answer().await.expect(401);
}

#[tokio::test]
async fn an_address_that_no_user_can_have_is_wrong() {
    let server = TestServer::start().await;
    for email in ["", "ann", "ann@localhost", "ann@b.test", "a b@x.example"] {
        assert_eq!(places(&user_login(&server, email).await), [json!(["body", "email"])]);
    }
    let empty = server.post("/auth/user/authenticate").json(&json!({})).answer().await;
    assert_eq!(places(&empty), [json!(["body", "email"]), json!(["body", "code"])]);
}

#[tokio::test]
async fn nothing_stored_or_listed_shows_a_code() {
    let server = TestServer::start().await;
    user(&server, ANN, None).await;
    let code = user_code(&server, ANN).await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let list = server.get("/users").bearer_auth(superadmin).answer().await.expect(200);
    for user in list["results"].as_array().unwrap() {
        assert_eq!((&user["auth_code"], &user["code_expiration"]), (&json!(null), &json!(null)));
        assert_eq!(user["auth_attempts"], 0);
    }
    let hash: Vec<u8> = sqlx::query_scalar("SELECT code_hash FROM user_login_codes")
        .fetch_one(&server.sql)
        .await
        .unwrap();
    assert_eq!(hash.len(), 32);
    // Once it is sent, the mail has forgotten it.
    let mails = "SELECT state, context::text FROM platform_outbox";
    let mails = async || -> (String, String) {
        sqlx::query_as(mails).fetch_one(&server.sql).await.unwrap()
    };
    until(async || mails().await.0 == "sent").await;
    let (_, context) = mails().await;
    assert!(!context.contains(&code), "{context}");
}

#[tokio::test]
async fn the_short_forms_do_as_the_long_ones() {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    let id = user(&server, ANN, Some(tenant)).await;

    for (body, subject) in [
        (json!({ "email": ANN }), Some(id.to_string())),
        (json!({ "email": ANN, "tenant_id": tenant.0 }), None),
    ] {
        let before = super::newest(&server).await;
        let sent = server.post("/v1/auth/login").json(&body).answer().await.expect(200);
        assert_eq!((&sent["email"], &sent["expires_in_minutes"]), (&json!(ANN), &json!(15)));
        let mut verify = body;
        verify["code"] = json!(code_in(&mail_since(&server, before, ANN).await));
        let token = token(server.post("/v1/auth/verify").json(&verify).answer().await);
        let me = server.get("/users/me").bearer_auth(&token).answer().await;
        match subject {
            Some(id) => assert_eq!(me.expect(200)["id"], id),
            None => assert_eq!(me.status, 403, "this is a human"),
        }
        server.post("/v1/auth/verify").json(&verify).answer().await.expect(401);
    }
    let nobody = json!({ "email": "nobody@x.example" });
    server.post("/v1/auth/login").json(&nobody).answer().await.expect(404);
    for body in [json!({ "email": "ann" }), json!({ "email": "ann", "tenant_id": tenant.0 })] {
        let answer = server.post("/v1/auth/login").json(&body).answer().await;
        assert_eq!(places(&answer), [json!(["body", "email"])]);
    }
}
