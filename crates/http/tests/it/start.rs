//! What a server wants to be in order before it serves.

use edgeos_http::spawn;
use edgeos_testkit::TestDatabase;
use sqlx::Executor;

use crate::harness::{Send, TestServer, settings};

async fn refusal(database: &TestDatabase, variables: &[(&str, &str)]) -> String {
    let refused = spawn(&settings(database, variables)).await;
    format!("{:#}", refused.expect_err("the server should not start"))
}

#[tokio::test]
async fn a_role_that_could_pass_over_policies_may_not_serve() {
    let database = TestDatabase::new().await.unwrap();
    let superuser = database.superuser_options();
    let name = superuser.get_username().to_owned();
    let refused = refusal(&database, &[("POSTGRES_APP_USER", &name)]).await;
    assert!(refused.contains("superuser"), "{refused}");
    let refused = refusal(&database, &[("POSTGRES_APP_USER", database.owner_name())]).await;
    assert!(refused.contains("owns tables"), "{refused}");
}

#[tokio::test]
async fn a_database_without_the_schema_is_not_served() {
    let database = TestDatabase::empty().await.unwrap();
    let refused = refusal(&database, &[]).await;
    assert!(refused.contains("edgeos migrate"), "{refused}");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let server = TestServer::start().await;
    let port = server.url("/x").rsplit(':').next().unwrap().replace("/x", "");
    let refused = refusal(&server.database, &[("PORT", &port)]).await;
    assert!(refused.contains(&port) && refused.contains("taken"), "{refused}");
}

#[tokio::test]
async fn a_server_without_its_database_says_so_in_time() {
    let server = TestServer::start().await;
    let name = server.database.name().to_owned();
    let postgres = server.database.superuser_options().database("postgres");
    let other = sqlx::PgPool::connect_with(postgres).await.unwrap();
    let close = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
    other.execute(sqlx::AssertSqlSafe(close)).await.unwrap();
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    sqlx::query(end).bind(&name).execute(&other).await.unwrap();

    let health = server.get("/health-check");
    let health = tokio::time::timeout(std::time::Duration::from_secs(2), health.answer());
    let health = health.await.expect("an answer within two seconds").expect(503);
    assert_eq!(health["status"], "unhealthy");
    assert_eq!(health["checks"]["database"], "failing");
    assert!(health["detail"].is_string());
}

#[tokio::test]
async fn a_stopped_server_can_be_started_again() {
    let server = TestServer::start().await;
    let again = server.beside().await;
    server.stop().await;
    again.get("/health-check").answer().await.expect(200);
}
