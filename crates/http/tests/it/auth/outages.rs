use std::time::Duration;

use edgeos_mail::inbox::Mood;
use edgeos_testkit::TestRedis;

use super::{
    code_in, human_authenticate, human_login, mail_since, not, retry_after, user,
    user_authenticate, user_code, user_login,
};
use crate::harness::TestServer;

const ANN: &str = "ann@x.example";

#[tokio::test]
async fn a_code_outlasts_a_mail_server_that_is_down() {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    user(&server, ANN, Some(tenant)).await;
    server.inbox().set_mood(Mood::Down);
    user_login(&server, ANN).await.expect(200);
    human_login(&server, tenant, "bob@x.example").await.expect(200);
    tried_in_vain(&server, "platform_outbox").await;
    tried_in_vain(&server, "outbox").await;

    server.inbox().set_mood(Mood::Well);
    let code = code_in(&mail_since(&server, 0, ANN).await);
    user_authenticate(&server, ANN, &code).await.expect(200);
    let code = code_in(&mail_since(&server, 0, "bob@x.example").await);
    human_authenticate(&server, tenant, "bob@x.example", &code).await.expect(200);
}

#[tokio::test]
async fn a_code_outlasts_redis() {
    let redis = TestRedis::start().await.unwrap();
    let server = TestServer::start_with(&[("REDIS_URL", &redis.url())]).await;
    user(&server, ANN, None).await;
    let code = user_code(&server, ANN).await;
    redis.kill();
    user_authenticate(&server, ANN, &code).await.expect(200);
    everything_holds(&server).await;
}

#[tokio::test]
async fn everything_holds_with_redis() {
    let redis = TestRedis::start().await.unwrap();
    let server = TestServer::start_with(&[("REDIS_URL", &redis.url())]).await;
    everything_holds(&server).await;
}

#[tokio::test]
async fn everything_holds_where_redis_never_was() {
    let redis = TestRedis::start().await.unwrap();
    redis.kill();
    let server = TestServer::start_with(&[("REDIS_URL", &redis.url())]).await;
    everything_holds(&server).await;
}

/// A code once, five tries, five logins.
async fn everything_holds(server: &TestServer) {
    let (once, tries, logins) = ("once@x.example", "tries@x.example", "logins@x.example");
    for email in [once, tries, logins] {
        user(server, email, None).await;
    }
    let code = user_code(server, once).await;
    user_authenticate(server, once, &code).await.expect(200);
    user_authenticate(server, once, &code).await.expect(401);

    let code = user_code(server, tries).await;
    for _ in 0..5 {
        user_authenticate(server, tries, &not(&code)).await.expect(401);
    }
    user_authenticate(server, tries, &code).await.expect(429);
    let code = user_code(server, tries).await;
    user_authenticate(server, tries, &code).await.expect(200);

    for _ in 0..5 {
        user_login(server, logins).await.expect(200);
    }
    retry_after(&user_login(server, logins).await);
}

/// Waits until sending has failed.
async fn tried_in_vain(server: &TestServer, table: &str) {
    let sql = format!("SELECT count(*) FROM {table} WHERE last_error IS NOT NULL");
    let failed = async {
        loop {
            let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone()))
                .fetch_one(&server.sql)
                .await
                .unwrap();
            if count > 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), failed).await.expect("a failed attempt");
}
