use futures_util::future::join_all;
use serde_json::json;

use super::{
    human_login, not, retry_after, user, user_authenticate, user_code, user_login, user_token,
};
use crate::harness::{Answer, Send, TestServer};

const ANN: &str = "ann@x.example";

#[tokio::test]
async fn the_sixth_login_is_refused_and_the_fifth_code_still_counts() {
    let server = TestServer::start().await;
    user(&server, ANN, None).await;
    for _ in 0..4 {
        user_login(&server, ANN).await.expect(200);
    }
    let code = user_code(&server, ANN).await;
    retry_after(&user_login(&server, "ANN@x.example").await);
    user_authenticate(&server, ANN, &code).await.expect(200);
}

#[tokio::test]
async fn a_human_has_five_logins_in_each_tenant() {
    let server = TestServer::start().await;
    let (ours, theirs) = (server.tenant("ours").await, server.tenant("theirs").await);
    for _ in 0..5 {
        human_login(&server, ours, ANN).await.expect(200);
    }
    let refused = human_login(&server, ours, ANN).await;
    retry_after(&refused);
    assert!(refused.detail().contains("15 min"), "{}", refused.detail());
    human_login(&server, theirs, ANN).await.expect(200);
}

#[tokio::test]
async fn unknown_addresses_are_limited_too() {
    let server = TestServer::start().await;
    for _ in 0..5 {
        user_login(&server, "nobody@x.example").await.expect(404);
    }
    retry_after(&user_login(&server, "nobody@x.example").await);
}

#[tokio::test]
async fn an_address_gets_twenty_login_mails_over_all_tenants() {
    let server = TestServer::start().await;
    for tenant in ["one", "two", "three", "four"] {
        let tenant = server.tenant(tenant).await;
        for _ in 0..5 {
            human_login(&server, tenant, ANN).await.expect(200);
        }
    }
    let fifth = server.tenant("five").await;
    retry_after(&human_login(&server, fifth, ANN).await);
    user(&server, ANN, None).await;
    retry_after(&user_login(&server, ANN).await);
    human_login(&server, fifth, "bob@x.example").await.expect(200);
}

#[tokio::test]
async fn a_client_has_a_budget_of_login_mails() {
    let server = behind_a_proxy().await;
    let tenant = server.tenant("ours").await;
    let login = async |client: &str, email: &str| {
        let body = json!({ "tenant_id": tenant.0, "email": email });
        let request = server.post("/auth/human/login").header("X-Forwarded-For", client);
        request.json(&body).answer().await
    };
    for number in 0..3 {
        login("192.0.2.1", &format!("person-{number}@x.example")).await.expect(200);
    }
    for _ in 0..6 {
        retry_after(&login("192.0.2.1", ANN).await);
    }
    login("192.0.2.2", ANN).await.expect(200);
}

#[tokio::test]
async fn a_client_has_a_budget_of_failed_verifications() {
    let server = behind_a_proxy().await;
    user(&server, ANN, None).await;
    let code = user_code(&server, ANN).await;
    for email in ["a@x.example", "b@x.example", "c@x.example"] {
        verify_from(&server, "192.0.2.1", email, "123456").await.expect(404);
    }
    retry_after(&verify_from(&server, "192.0.2.1", ANN, &code).await);
    verify_from(&server, "192.0.2.2", ANN, &not(&code)).await.expect(401);
    verify_from(&server, "192.0.2.2", ANN, &code).await.expect(200);
}

#[tokio::test]
async fn guesses_at_the_same_time_share_the_budget() {
    let server = behind_a_proxy().await;
    let guesses = (0..30).map(async |number| {
        let email = format!("person-{number}@x.example");
        verify_from(&server, "192.0.2.1", &email, "123456").await.status
    });
    let mut answers = join_all(guesses).await;
    answers.sort_unstable();
    assert_eq!(answers[..3], [404; 3]);
    assert_eq!(answers[3..], [429; 27]);
}

#[tokio::test]
async fn good_codes_use_up_no_budget() {
    let server = behind_a_proxy().await;
    for email in ["a@x.example", "b@x.example", "c@x.example"] {
        user(&server, email, None).await;
        let code = user_code(&server, email).await;
        verify_from(&server, "192.0.2.1", email, &code).await.expect(200);
    }
    for _ in 0..3 {
        verify_from(&server, "192.0.2.1", ANN, "123456").await.expect(404);
    }
    retry_after(&verify_from(&server, "192.0.2.1", ANN, "123456").await);
}

#[tokio::test]
async fn forwarding_headers_of_strangers_buy_nothing() {
    let server = TestServer::start_with(&[("RATE_LIMIT_ADDRESS", "1")]).await;
    let tenant = server.tenant("ours").await;
    human_login(&server, tenant, ANN).await.expect(200);
    let body = json!({ "tenant_id": tenant.0, "email": "bob@x.example" });
    let request = server.post("/auth/human/login").header("X-Forwarded-For", "192.0.2.9");
    retry_after(&request.json(&body).answer().await);
}

#[tokio::test]
async fn the_short_forms_have_no_budget_of_their_own() {
    let server = TestServer::start().await;
    user(&server, ANN, None).await;
    let code = user_code(&server, ANN).await;
    let verify = async |email: &str, code: &str| {
        let body = json!({ "email": email, "code": code });
        server.post("/auth/verify").json(&body).answer().await
    };
    verify("nobody@x.example", &code).await.expect(404);
    for _ in 0..3 {
        user_authenticate(&server, ANN, &not(&code)).await.expect(401);
    }
    for _ in 0..2 {
        verify(ANN, &not(&code)).await.expect(401);
    }
    assert_eq!(verify(ANN, &code).await.status, 429);
    for _ in 0..4 {
        user_login(&server, ANN).await.expect(200);
    }
    let body = json!({ "email": ANN });
    retry_after(&server.post("/auth/login").json(&body).answer().await);
}

#[tokio::test]
async fn a_limit_of_zero_is_none() {
    let server = TestServer::start_with(&[("RATE_LIMIT_LOGIN", "0")]).await;
    user(&server, ANN, None).await;
    for _ in 0..6 {
        user_login(&server, ANN).await.expect(200);
    }
}

#[tokio::test]
async fn without_mail_nobody_can_sign_in() {
    let server = TestServer::start_with(&[("ENVIRONMENT", "staging")]).await;
    let tenant = server.tenant("ours").await;
    user(&server, ANN, None).await;
    assert_eq!(user_login(&server, ANN).await.status, 503);
    assert_eq!(human_login(&server, tenant, ANN).await.status, 503);
    assert_eq!(super::mails(&server).await, 0);
}

#[tokio::test]
async fn a_signed_in_user_may_sign_in_again() {
    let server = TestServer::start().await;
    user(&server, ANN, None).await;
    let tokens = [user_token(&server, ANN).await, user_token(&server, ANN).await];
    assert_ne!(tokens[0], tokens[1]);
    for token in tokens {
        server.get("/users/me").bearer_auth(token).answer().await.expect(200);
    }
}

/// What a user of this client address, who enters this code, is answered.
async fn verify_from(server: &TestServer, client: &str, email: &str, code: &str) -> Answer {
    let body = json!({ "email": email, "code": code });
    let request = server.post("/auth/user/authenticate").header("X-Forwarded-For", client);
    request.json(&body).answer().await
}

/// A server that believes forwarding headers, with a small budget for each client.
async fn behind_a_proxy() -> TestServer {
    let variables = [("TRUSTED_PROXIES", "127.0.0.0/8"), ("RATE_LIMIT_ADDRESS", "3")];
    TestServer::start_with(&variables).await
}
