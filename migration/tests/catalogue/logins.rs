//! A tenant's own logins: what they see, and how they come and go.

use edgeos_testkit::TestDatabase;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use crate::session::{
    A, B, PLATFORM, changed, commit, number, owner, refused, run, scope, seed, server, session,
};

/// A verifier of the form that PostgreSQL takes as it is.
const VERIFIER: &str = "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==\
    $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// The name that the seed gave a tenant's login.
async fn name(database: &TestDatabase, tenant: &str, kind: &str) -> String {
    let mut owner = owner(database).await;
    let query = format!(
        "SELECT db_username FROM tenant_credentials WHERE tenant_id = '{tenant}' AND credential_type = '{kind}'"
    );
    sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut owner).await.unwrap()
}

async fn issue(server: &mut PgConnection, tenant: &str, kind: &str, name: &str) -> bool {
    let call = issuing(tenant, kind, name, VERIFIER);
    sqlx::query_scalar(AssertSqlSafe(call)).fetch_one(server).await.unwrap()
}

fn issuing(tenant: &str, kind: &str, name: &str, verifier: &str) -> String {
    format!("SELECT platform.issue_tenant_login('{tenant}', '{kind}', '{name}', '{verifier}')")
}

async fn drop_login(server: &mut PgConnection, name: &str) -> bool {
    let call = format!("SELECT platform.drop_tenant_login('{name}')");
    sqlx::query_scalar(AssertSqlSafe(call)).fetch_one(server).await.unwrap()
}

#[tokio::test]
async fn a_login_sees_and_changes_its_tenant_whatever_it_sets() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    let (crud, readonly) = (name(&database, A, "crud").await, name(&database, A, "readonly").await);
    assert!(issue(&mut server, A, "crud", &crud).await);
    assert!(issue(&mut server, A, "readonly", &readonly).await);

    let pretend = format!("{}; {PLATFORM}", scope(B));
    for login in [&crud, &readonly] {
        let mut login = session(database.superuser_options().username(login)).await;
        for settings in ["", &pretend] {
            let own = format!("SELECT count(*) FROM humans WHERE tenant_id = '{A}'");
            assert_eq!(number(&mut login, settings, &own).await, 1);
            assert_eq!(number(&mut login, settings, "SELECT count(*) FROM humans").await, 1);
            let own = format!("SELECT count(*) FROM tenants WHERE id = '{A}'");
            assert_eq!(number(&mut login, settings, &own).await, 1);
            assert_eq!(number(&mut login, settings, "SELECT count(*) FROM tenants").await, 1);
            for statement in [
                "SELECT * FROM outbox",
                "SELECT * FROM users",
                "SELECT * FROM audit_log",
                "SELECT * FROM tenant_credentials",
                "SELECT * FROM human_login_codes",
                "UPDATE tenants SET name = 'X'",
                "DELETE FROM application_snapshots",
                "SELECT platform.tenant_of_human(gen_random_uuid())",
                "SELECT platform.drop_tenant_login('usr_0000000000000000')",
                "SET ROLE edgeos_app",
            ] {
                let refusal = refused(&mut login, settings, statement).await;
                assert!(refusal.is_forbidden(), "{statement}: {refusal:?}");
            }
        }
    }

    let mut writer = session(database.superuser_options().username(&crud)).await;
    assert_eq!(changed(&mut writer, &pretend, "UPDATE humans SET age = '7'").await, 1);
    let theirs = format!(
        "INSERT INTO humans (id, tenant_id, email) VALUES (gen_random_uuid(), '{B}', 'new@x.example')"
    );
    assert!(refused(&mut writer, &pretend, &theirs).await.is_forbidden());
    let mut reader = session(database.superuser_options().username(&readonly)).await;
    assert!(refused(&mut reader, "", "UPDATE humans SET age = '7'").await.is_forbidden());

    drop((writer, reader));
    assert!(drop_login(&mut server, &crud).await);
    assert!(drop_login(&mut server, &readonly).await);
}

#[tokio::test]
async fn issuing_again_changes_the_password_and_keeps_the_rights() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    let login = name(&database, A, "crud").await;
    let mut superuser = session(database.superuser_options()).await;
    let password = format!("SELECT rolpassword FROM pg_authid WHERE rolname = '{login}'");

    assert!(issue(&mut server, A, "crud", &login).await);
    let first: String = sqlx::query_scalar(AssertSqlSafe(password.clone()))
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(first, VERIFIER);

    let other = VERIFIER.replace("c2FsdHNhbHRzYWx0c2FsdA==", "cGVwcGVycGVwcGVycGVwcA==");
    run(&mut server, issuing(A, "crud", &login, &other)).await;
    let second: String =
        sqlx::query_scalar(AssertSqlSafe(password)).fetch_one(&mut superuser).await.unwrap();
    assert_eq!(second, other);

    let limited = format!(
        "SELECT count(*) FROM pg_roles WHERE rolname = '{login}' AND rolconnlimit = 10 AND rolcanlogin
             AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication)
             AND (SELECT array_agg(roleid::regrole::text) FROM pg_auth_members WHERE member = pg_roles.oid)
                 = ARRAY['tenant_role']"
    );
    assert_eq!(number(&mut superuser, "", &limited).await, 1);
    assert!(drop_login(&mut server, &login).await);
}

#[tokio::test]
async fn only_a_login_that_the_tenants_credential_names_is_issued() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    let login = name(&database, A, "crud").await;
    for call in [
        issuing(A, "crud", "postgres", VERIFIER),
        issuing(A, "crud", database.owner_name(), VERIFIER),
        issuing(A, "crud", "usr_0123456789abcdef0", VERIFIER),
        issuing(A, "crud", "usr_0123456789ABCDEF", VERIFIER),
        issuing(A, "crud", "usr_0123456789abcdef", VERIFIER),
        issuing(A, "readonly", &login, VERIFIER),
        issuing(B, "crud", &login, VERIFIER),
        issuing(A, "owner", &login, VERIFIER),
        issuing(A, "crud", &login, "secret"),
        issuing(A, "crud", &login, "SCRAM-SHA-256$secret"),
        issuing(A, "crud", &login, ""),
        format!("SELECT platform.issue_tenant_login('{A}', NULL, '{login}', '{VERIFIER}')"),
        format!("SELECT platform.issue_tenant_login('{A}', 'crud', NULL, '{VERIFIER}')"),
        format!("SELECT platform.issue_tenant_login('{A}', 'crud', '{login}', NULL)"),
        "SELECT platform.drop_tenant_login('postgres')".to_owned(),
        "SELECT platform.drop_tenant_login('edgeos_app')".to_owned(),
        "SELECT platform.drop_tenant_login(NULL)".to_owned(),
    ] {
        let refusal = refused(&mut server, "", &call).await;
        assert_eq!(refusal.code, "22023", "{call}: {refusal:?}");
        assert!(!refusal.message.contains("secret"), "{refusal:?}");
    }
    let existing = format!("SELECT count(*) FROM pg_roles WHERE rolname = '{login}'");
    assert_eq!(number(&mut server, "", &existing).await, 0);
}

#[tokio::test]
async fn a_credential_of_the_same_transaction_is_enough_and_rolls_back_with_it() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    let login = format!("usr_{}", &database.name()[5..21]);
    let rename = format!(
        "{PLATFORM}; UPDATE tenant_credentials SET db_username = '{login}'
             WHERE tenant_id = '{A}' AND credential_type = 'crud'"
    );
    run(&mut server, format!("BEGIN; {rename}")).await;
    assert!(issue(&mut server, A, "crud", &login).await);
    run(&mut server, "ROLLBACK").await;
    assert!(!drop_login(&mut server, &login).await, "the role went with its transaction");
}

#[tokio::test]
async fn dropping_a_login_ends_its_sessions_and_takes_what_it_owned() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    let login = name(&database, A, "crud").await;
    assert!(issue(&mut server, A, "crud", &login).await);
    let mut session = session(database.superuser_options().username(&login)).await;
    run(&mut session, "SELECT lo_create(0); CREATE TEMPORARY TABLE scratch (id integer)").await;

    assert!(drop_login(&mut server, &login).await);
    assert!(session.ping().await.is_err());
    assert!(!drop_login(&mut server, &login).await, "there is none any more");
    let reconnected = database.superuser_options().username(&login).connect().await;
    assert!(reconnected.is_err());
}

#[tokio::test]
async fn a_login_that_owns_something_elsewhere_is_disarmed() {
    let database = TestDatabase::new().await.unwrap();
    let elsewhere = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let mut server = server(&database).await;
    let login = name(&database, A, "crud").await;
    assert!(issue(&mut server, A, "crud", &login).await);
    let mut abroad = session(elsewhere.superuser_options().username(&login)).await;
    run(&mut abroad, "SELECT lo_create(0)").await;
    drop(abroad);

    assert!(drop_login(&mut server, &login).await);
    let harmless = format!(
        "SELECT count(*) FROM pg_roles WHERE rolname = '{login}' AND NOT rolcanlogin
             AND NOT EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)"
    );
    assert_eq!(number(&mut server, "", &harmless).await, 1);

    // What it owns goes with the other database; then the name can go as well.
    drop(elsewhere);
    assert!(drop_login(&mut server, &login).await);
    assert!(!drop_login(&mut server, &login).await);
}

#[tokio::test]
async fn where_roles_cannot_be_created_no_login_is_issued_and_nothing_fails() {
    let database = TestDatabase::new().await.unwrap();
    seed(&database).await;
    let owner_name = format!("plain_{}", database.name());
    let mut superuser = session(database.superuser_options()).await;
    run(
        &mut superuser,
        format!(
            "CREATE ROLE {owner_name};
             ALTER FUNCTION platform.issue_tenant_login(uuid, text, text, text) OWNER TO {owner_name};
             GRANT SELECT ON tenant_credentials TO {owner_name};
             CREATE POLICY plain_rows ON tenant_credentials TO {owner_name} USING (true)"
        ),
    )
    .await;
    let mut server = server(&database).await;
    let login = name(&database, A, "crud").await;
    commit(&mut server, PLATFORM, "UPDATE tenants SET name = 'Before' WHERE slug = 'a'").await;
    assert!(!issue(&mut server, A, "crud", &login).await);

    run(&mut superuser, format!("DROP OWNED BY {owner_name} CASCADE; DROP ROLE {owner_name}"))
        .await;
}
