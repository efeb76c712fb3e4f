//! Limits that several servers count together in Redis, and what is left of them without it.

use std::fs;

use edgeos_testkit::TestRedis;
use futures_util::future::join_all;
use serde_json::json;

use crate::{
    harness::{NO_STORAGE, Send, TestServer},
    patience::until,
    people::Person,
};

async fn redis_of(server: &TestServer) -> String {
    let health = server.get("/health-check").answer().await.expect(200);
    health["checks"]["redis"].as_str().unwrap().to_owned()
}

/// How many of `attempts` at an address for an upload succeed; the others are too many.
async fn uploads(who: &Person<'_>, attempts: usize) -> usize {
    let body = json!({ "filename": "a.png", "content_type": "image/png" });
    let answers = (0..attempts).map(|_| who.post("/uploads/presigned-url", body.clone()));
    let mut passed = 0;
    for answer in join_all(answers).await {
        match answer.status {
            200 => passed += 1,
            429 => {
                let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
                assert!((1..=3600).contains(&seconds), "{answer:?}");
            }
            _ => panic!("{answer:?}"),
        }
    }
    passed
}

fn variables<'a>(url: &'a str, limit: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut variables = NO_STORAGE.to_vec();
    variables.extend([("REDIS_URL", url), ("RATE_LIMIT_UPLOAD", limit)]);
    variables
}

#[tokio::test]
async fn servers_with_one_redis_count_together() {
    let redis = TestRedis::start().await.unwrap();
    let url = redis.url();
    let server = TestServer::start_with(&variables(&url, "30")).await;
    let other = server.beside_with(&variables(&url, "30")).await;
    assert_eq!(redis_of(&server).await, "ok");
    let (_, token) = server.user("superadmin", None).await;
    let (here, there) = (server.holder_of(token.clone()), other.holder_of(token));
    let (one, two) = futures_util::future::join(uploads(&here, 40), uploads(&there, 40)).await;
    assert_eq!(one + two, 30);
}

#[tokio::test]
async fn a_redis_that_is_killed_while_requests_run_changes_no_answer() {
    let redis = TestRedis::start().await.unwrap();
    let url = redis.url();
    let server = TestServer::start_with(&variables(&url, "100")).await;
    let root = server.superadmin().await;
    let requests = async {
        let mut passed = 0;
        for _ in 0..20 {
            passed += uploads(&root, 10).await;
        }
        passed
    };
    let faults = async {
        for _ in 0..2 {
            redis.kill();
            until(async || redis_of(&server).await == "failing").await;
            redis.start_again().await.unwrap();
            until(async || redis_of(&server).await == "ok").await;
        }
    };
    let (passed, ()) = futures_util::future::join(requests, faults).await;
    // Whatever is left, when Redis is back for good.
    let passed = passed + uploads(&root, 100).await;
    assert_eq!(passed, 100);
}

#[tokio::test]
async fn a_server_starts_without_its_redis_and_finds_it_later() {
    let redis = TestRedis::start().await.unwrap();
    redis.kill();
    let server = TestServer::start_with(&[("REDIS_URL", &redis.url())]).await;
    assert_eq!(redis_of(&server).await, "failing");
    redis.start_again().await.unwrap();
    until(async || redis_of(&server).await == "ok").await;
}

#[tokio::test]
async fn an_encrypted_redis_is_vouched_for_by_whom_the_settings_name() {
    let (_redis, encrypted) = TestRedis::start_encrypted().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let authority = directory.path().join("authority.pem");
    fs::write(&authority, &encrypted.authority).unwrap();
    let (url, authority) = (encrypted.url.as_str(), authority.display().to_string());
    let trusting = [("REDIS_URL", url), ("REDIS_CA_FILE", authority.as_str())];
    assert_eq!(redis_of(&TestServer::start_with(&trusting).await).await, "ok");
    let strange = TestServer::start_with(&[("REDIS_URL", url)]).await;
    assert_eq!(redis_of(&strange).await, "failing");
}
