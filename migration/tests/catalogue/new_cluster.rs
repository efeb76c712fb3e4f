//! The roles of the schema in a cluster that has none of them.

use std::env;

use edgeos_testkit::{
    OWNER,
    cluster::{Cluster, Purpose},
    create_owner, random_text,
};
use migration::lock;
use sqlx::{Connection, postgres::PgConnectOptions};

use crate::{
    rules::{findings, texts},
    session::{run, session},
};

#[tokio::test]
async fn the_roles_are_made_once_whoever_comes_first() {
    let directory = env::temp_dir().join(format!("edgeos_roles_{}", random_text()));
    let cluster = Cluster::start(&directory, Purpose::Tests).unwrap();
    let superuser = cluster.access().superuser("postgres");
    create_owner(&superuser, None).await.unwrap();
    let mut session = session(superuser.clone()).await;
    run(&mut session, "CREATE ROLE plain LOGIN").await;
    run(&mut session, "CREATE DATABASE plain OWNER plain").await;
    for database in ["one", "two", "three", "four"] {
        run(&mut session, format!("CREATE DATABASE {database} OWNER {OWNER}")).await;
    }

    let plain = superuser.clone().username("plain").database("plain");
    let error = migrate(plain).await.unwrap_err();
    assert!(error.contains("the role edgeos_app is missing"), "{error}");
    assert!(error.contains("ALTER ROLE plain CREATEROLE"), "{error}");
    let roles = "SELECT rolname::text FROM pg_roles
        WHERE rolname IN ('edgeos_app', 'edgeos_lookup', 'tenant_role', 'tenant_viewer_role')";
    assert!(texts(&mut session, roles.to_owned()).await.is_empty());

    let owner = |database: &str| superuser.clone().username(OWNER).database(database);
    let (one, two, three, four) = tokio::join!(
        migrate(owner("one")),
        migrate(owner("two")),
        migrate(owner("three")),
        migrate(owner("four")),
    );
    for (database, migrated) in [("one", one), ("two", two), ("three", three), ("four", four)] {
        migrated.unwrap();
        let mut session = crate::session::session(owner(database)).await;
        let findings = findings(&mut session).await;
        assert!(findings.is_empty(), "{database}: {findings:#?}");
        // What the server does where it has no login of its own.
        run(&mut session, "SET ROLE edgeos_app; SELECT count(*) FROM humans").await;
    }
    assert_eq!(texts(&mut session, roles.to_owned()).await.len(), 4);
    let members = "SELECT member::regrole::text FROM pg_auth_members
        WHERE roleid = 'edgeos_lookup'::regrole AND member <> 'postgres'::regrole";
    let members = texts(&mut session, members.to_owned()).await;
    assert!(members.iter().all(|member| member == OWNER), "{members:?}");

    session.close().await.unwrap();
    cluster.stop().unwrap();
    Cluster::remove(&directory).unwrap();
}

async fn migrate(options: PgConnectOptions) -> Result<(), String> {
    let db = lock::single_connection(options).await.unwrap();
    let migrated = lock::migrate_up(&db).await.map_err(|error| error.to_string());
    db.close().await.unwrap();
    migrated
}
