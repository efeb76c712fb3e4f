//! The program `edgeos` as people start it.

use std::process::{Command, Output, Stdio};

use edgeos_testkit::TestDatabase;
use sqlx::{Executor, PgPool};
use uuid::Uuid;

use crate::{harness::SECRET_KEY, patience::until};

fn edgeos(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_edgeos"))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn variables(database: &TestDatabase) -> Vec<(&'static str, String)> {
    vec![
        ("SECRET_KEY", SECRET_KEY.to_owned()),
        ("POSTGRES_SERVER", database.host().to_owned()),
        ("POSTGRES_PORT", database.port().to_string()),
        ("POSTGRES_USER", database.owner_name().to_owned()),
        ("POSTGRES_DB", database.name().to_owned()),
        ("POSTGRES_SSL_MODE", "disable".to_owned()),
        ("SUPERADMIN", "First@Example.com".to_owned()),
    ]
}

#[test]
fn every_problem_with_the_settings_is_printed_at_once() {
    for arguments in [&["serve"][..], &[], &["migrate"]] {
        let output = edgeos(arguments, &[("ENVIRONMENT", "prod"), ("PORT", "many")]);
        assert_eq!(output.status.code(), Some(1));
        let printed = String::from_utf8(output.stderr).unwrap();
        for name in ["ENVIRONMENT", "PORT", "SECRET_KEY", "POSTGRES_SERVER", "POSTGRES_USER"] {
            assert!(printed.contains(name), "{name} is not in {printed}");
        }
    }
}

#[test]
fn the_settings_can_be_printed_without_secrets() {
    let output = edgeos(&["config"], &[("SECRET_KEY", SECRET_KEY), ("PORT", "x")]);
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("SECRET_KEY=***") && !printed.contains(SECRET_KEY), "{printed}");
    assert!(printed.contains("PORT must be"), "{printed}");
}

#[test]
fn a_server_that_does_not_answer_is_not_healthy() {
    let nowhere = [
        ("SECRET_KEY", SECRET_KEY),
        ("POSTGRES_SERVER", "localhost"),
        ("POSTGRES_USER", "nobody"),
        ("HOST", "127.0.0.1"),
        ("PORT", "1"),
    ];
    let output = edgeos(&["health"], &nowhere);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("127.0.0.1:1"));
}

#[tokio::test]
async fn migrating_twice_at_once_makes_one_superadmin() {
    let database = TestDatabase::empty().await.unwrap();
    let owned = variables(&database);
    let variables: Vec<_> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
    std::thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| edgeos(&["migrate"], &variables)));
        for one in both {
            let output = one.join().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    });
    let people = sqlx::query_scalar("SELECT email FROM users WHERE role = 'superadmin'");
    let people: Vec<String> = people.fetch_all(&database.superuser().await.unwrap()).await.unwrap();
    assert_eq!(people, ["first@example.com"]);
}

#[tokio::test]
async fn a_migration_that_fails_is_named_whatever_is_logged() {
    let database = TestDatabase::empty().await.unwrap();
    let sql = database.superuser().await.unwrap();
    sql.execute("CREATE TABLE coupons ()").await.unwrap();
    let mut owned = variables(&database);
    owned.push(("RUST_LOG", "error".to_owned()));
    let variables: Vec<_> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let output = edgeos(&["migrate"], &variables);
    let printed = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("m20261124_000004_popups_catalogue"), "{printed}");
    assert!(printed.contains("coupons"), "{printed}");
}

/// Runs a command that succeeds; what it logged.
#[track_caller]
fn runs(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output = edgeos(arguments, variables);
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    log
}

/// E-mail, role, tenant and deletion of every user.
async fn users(sql: &PgPool) -> Vec<(String, String, Option<Uuid>, bool)> {
    let users = "SELECT email, role, tenant_id, deleted FROM users ORDER BY email";
    sqlx::query_as(users).fetch_all(sql).await.unwrap()
}

fn superadmin(email: &str) -> (String, String, Option<Uuid>, bool) {
    (email.to_owned(), "superadmin".to_owned(), None, false)
}

#[tokio::test]
async fn a_new_installation_has_one_superadmin_and_nothing_else() {
    let database = TestDatabase::empty().await.unwrap();
    let owned = variables(&database);
    let mut variables: Vec<_> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
    variables.extend([("ENVIRONMENT", "production"), ("SUPERADMIN", "Root@corp.example.com")]);
    let sql = database.superuser().await.unwrap();
    for _ in 0..2 {
        runs(&["migrate"], &variables);
        assert_eq!(users(&sql).await, [superadmin("root@corp.example.com")]);
        let tenants = sqlx::query_scalar("SELECT count(*) FROM tenants");
        let tenants: i64 = tenants.fetch_one(&sql).await.unwrap();
        assert_eq!(tenants, 0);
    }
    variables.push(("SUPERADMIN", "root at corp"));
    assert_eq!(edgeos(&["migrate"], &variables).status.code(), Some(1));
}

#[tokio::test]
async fn the_first_superadmin_comes_back_unless_somebody_else_is_one() {
    let database = TestDatabase::new().await.unwrap();
    let owned = variables(&database);
    let variables: Vec<_> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let sql = database.superuser().await.unwrap();
    runs(&["migrate"], &variables);
    for lost in [
        "UPDATE users SET deleted = true",
        "INSERT INTO tenants (id, name, slug) VALUES (gen_random_uuid(), 'Ours', 'ours');
         UPDATE users SET role = 'viewer', tenant_id = (SELECT id FROM tenants)",
    ] {
        sql.execute(lost).await.unwrap();
        let log = runs(&["migrate"], &variables);
        assert!(log.contains("WARN") && log.contains("nobody was superadmin"), "{log}");
        assert_eq!(users(&sql).await, [superadmin("first@example.com")]);
    }

    let other = "INSERT INTO users (id, email, role)
                 VALUES (gen_random_uuid(), 'other@example.com', 'superadmin');
                 UPDATE users SET deleted = true WHERE email = 'first@example.com'";
    sql.execute(other).await.unwrap();
    let before = users(&sql).await;
    runs(&["migrate"], &variables);
    assert_eq!(users(&sql).await, before);
}

#[tokio::test]
async fn a_server_that_starts_brings_the_first_superadmin_back() {
    let database = TestDatabase::new().await.unwrap();
    let owned = variables(&database);
    let variables: Vec<_> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let sql = database.superuser().await.unwrap();
    runs(&["migrate"], &variables);
    sql.execute("UPDATE users SET deleted = true").await.unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_edgeos"))
        .env_clear()
        .envs(variables.iter().copied().chain([("HOST", "127.0.0.1"), ("PORT", "0")]))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until(async || users(&sql).await == [superadmin("first@example.com")]).await;
    server.kill().unwrap();
    server.wait().unwrap();
}
