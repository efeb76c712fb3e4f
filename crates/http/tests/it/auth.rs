//! Signing in with mailed codes, and signing out.

mod budgets;
mod humans;
mod outages;
mod tokens;
mod users;

use std::{collections::BTreeSet, time::Duration};

use edgeos_domain::{TenantId, UserId};
use edgeos_mail::inbox::ReceivedMail;
use serde_json::{Value, json};

use crate::harness::{Answer, Send, TestServer};

/// How long mail may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A backoffice user with this e-mail; a superadmin when there is no tenant.
async fn user(server: &TestServer, email: &str, tenant: Option<TenantId>) -> UserId {
    let role = if tenant.is_some() { "admin" } else { "superadmin" };
    let sql = "INSERT INTO users (id, email, role, tenant_id) \
               VALUES (gen_random_uuid(), $1, $2, $3) RETURNING id";
    let user = sqlx::query_scalar(sql).bind(email).bind(role).bind(tenant.map(|tenant| tenant.0));
    UserId(user.fetch_one(&server.sql).await.unwrap())
}

async fn user_login(server: &TestServer, email: &str) -> Answer {
    server.post("/auth/user/login").json(&json!({ "email": email })).answer().await
}

async fn user_authenticate(server: &TestServer, email: &str, code: &str) -> Answer {
    let body = json!({ "email": email, "code": code });
    server.post("/auth/user/authenticate").json(&body).answer().await
}

async fn human_login(server: &TestServer, tenant: TenantId, email: &str) -> Answer {
    let body = json!({ "tenant_id": tenant.0, "email": email });
    server.post("/auth/human/login").json(&body).answer().await
}

async fn human_authenticate(
    server: &TestServer,
    tenant: TenantId,
    email: &str,
    code: &str,
) -> Answer {
    let body = json!({ "tenant_id": tenant.0, "email": email, "code": code });
    server.post("/auth/human/authenticate").json(&body).answer().await
}

/// The code that a login mails to a user.
async fn user_code(server: &TestServer, email: &str) -> String {
    let before = newest(server).await;
    user_login(server, email).await.expect(200);
    code_in(&mail_since(server, before, email).await)
}

/// The code that a login mails to somebody at the portal.
async fn human_code(server: &TestServer, tenant: TenantId, email: &str) -> String {
    let before = newest(server).await;
    human_login(server, tenant, email).await.expect(200);
    code_in(&mail_since(server, before, email).await)
}

/// A token of a user who signs in.
pub(crate) async fn user_token(server: &TestServer, email: &str) -> String {
    let code = user_code(server, email).await;
    token(user_authenticate(server, email, &code).await)
}

/// A token of somebody who signs in to the portal.
pub(crate) async fn human_token(server: &TestServer, tenant: TenantId, email: &str) -> String {
    let code = human_code(server, tenant, email).await;
    token(human_authenticate(server, tenant, email, &code).await)
}

fn token(answer: Answer) -> String {
    let body = answer.expect(200);
    assert_eq!(body["token_type"], "bearer");
    body["access_token"].as_str().unwrap().to_owned()
}

/// The newest mail, once all that is on its way has arrived.
async fn newest(server: &TestServer) -> u64 {
    let sql = "SELECT EXISTS (SELECT FROM outbox WHERE state = 'queued') \
               OR EXISTS (SELECT FROM platform_outbox WHERE state = 'queued')";
    let arrived = async {
        while sqlx::query_scalar(sql).fetch_one(&server.sql).await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, arrived).await.expect("mail is delivered");
    server.inbox().messages().first().map_or(0, |mail| mail.id)
}

/// A mail to `address` that is newer than the one with the id `before`.
async fn mail_since(server: &TestServer, before: u64, address: &str) -> ReceivedMail {
    let is_it = |mail: &ReceivedMail| mail.id > before && mail.to.iter().any(|to| to == address);
    let mail = tokio::time::timeout(PATIENCE, server.inbox().wait_for(is_it)).await;
    mail.unwrap_or_else(|_| panic!("no mail to {address}"))
}

/// The only run of six digits that stands free in either part of a login mail.
#[track_caller]
fn code_in(mail: &ReceivedMail) -> String {
    let runs = |part: &str| -> BTreeSet<String> {
        let words = part.split(|c: char| !c.is_alphanumeric());
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
        words.filter(is_code).map(str::to_owned).collect()
    };
    let (text, html) = (runs(&mail.text), runs(&mail.html));
    assert_eq!(text, html);
    assert_eq!(text.len(), 1, "{text:?}");
    text.into_iter().next().unwrap()
}

/// A code that isn't `code`.
fn not(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

/// Whole seconds until the next attempt; asserts that they are given and make sense.
#[track_caller]
fn retry_after(answer: &Answer) -> u64 {
    assert_eq!(answer.status, 429, "{answer:?}");
    let seconds = answer.header("retry-after").expect("Retry-After").parse().unwrap();
    assert!((1..=900).contains(&seconds), "{seconds}");
    seconds
}

/// How many login mails wait or were sent, over all tenants and kinds.
async fn mails(server: &TestServer) -> i64 {
    let sql = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM platform_outbox)";
    sqlx::query_scalar(sql).fetch_one(&server.sql).await.unwrap()
}

/// Deletes a tenant as a superadmin does, and waits until the server has heard of it.
async fn delete_tenant(server: &TestServer, tenant: TenantId) {
    let (_, superadmin) = server.user("superadmin", None).await;
    let path = format!("/tenants/{}", tenant.0);
    server.delete(&path).bearer_auth(&superadmin).answer().await.expect(204);
    let heard = async {
        let humans = || server.get("/humans").header("X-Tenant-Id", tenant.to_string());
        while humans().bearer_auth(&superadmin).answer().await.status != 403 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.expect("the server hears of it");
}

fn places(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 422, "{answer:?}");
    answer.faults().into_iter().map(|(_, place)| place).collect()
}
