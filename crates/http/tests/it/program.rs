//! The program `edgeos` as people start it.

use std::process::{Command, Output};

use crate::harness::SECRET_KEY;
use edgeos_testkit::TestDatabase;

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
async fn seeding_twice_makes_one_demo() {
    let database = TestDatabase::new().await.unwrap();
    let owned = variables(&database);
    let mut variables: Vec<_> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(edgeos(&["migrate"], &variables).status.success());
    for _ in 0..2 {
        let output = edgeos(&["seed", "demo"], &variables);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let tenants = sqlx::query_scalar("SELECT count(*) FROM tenants WHERE slug = 'demo'");
    let tenants: i64 = tenants.fetch_one(&database.superuser().await.unwrap()).await.unwrap();
    assert_eq!(tenants, 1);

    variables.push(("ENVIRONMENT", "production"));
    assert_eq!(edgeos(&["seed"], &variables).status.code(), Some(3));
}
