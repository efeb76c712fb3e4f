use std::time::Duration;

use edgeos_domain::{Role, StaffEmail, TenantId, User, UserId};
use edgeos_ports::{
    Key, Paging, PlatformStore, StoreError, Tenants, Transaction, UserFilter, Users,
};
use edgeos_postgres::{Login, PgSettings, PgStore};
use edgeos_testkit::TestDatabase;
use sea_orm::sqlx::{self, AssertSqlSafe, Executor};

use crate::support::{TestStore, settings, uuid};

const ALL: Paging = Paging { skip: 0, limit: 100 };

fn user(email: &str, role: Role, tenant: Option<TenantId>) -> User {
    User {
        id: UserId(uuid()),
        email: StaffEmail::parse(email).unwrap(),
        full_name: Some("Ann O'Neil".to_owned()),
        role,
        tenant,
        deleted: false,
    }
}

#[tokio::test]
async fn the_servers_role_can_do_nothing_but_serve() {
    let test = TestStore::new().await;
    assert_eq!(test.store.check_role().await.unwrap(), None);
}

#[tokio::test]
async fn a_role_that_could_pass_over_policies_is_found_out() {
    let database = TestDatabase::new().await.unwrap();
    let superuser = database.superuser().await.unwrap();
    let name = format!("strong_{}", uuid().simple());
    for (powers, found) in [
        ("BYPASSRLS", "BYPASSRLS"),
        ("SUPERUSER", "superuser"),
        ("CREATEROLE", "CREATEROLE"),
        ("IN ROLE edgeos_lookup", "member"),
        ("IN ROLE edgeos_owner", "member"),
    ] {
        superuser
            .execute(AssertSqlSafe(format!("CREATE ROLE {name} LOGIN {powers}")))
            .await
            .unwrap();
        let app = Some(Login { user: name.clone(), password: None });
        let store = PgStore::connect(&PgSettings { app, ..settings(&database) });
        let refusal = store.check_role().await.unwrap().expect(powers).to_string();
        assert!(refusal.contains(found), "{powers}: {refusal}");
        store.close().await;
        superuser.execute(AssertSqlSafe(format!("DROP ROLE {name}"))).await.unwrap();
    }
}

#[tokio::test]
async fn a_lock_that_takes_too_long_is_busy_and_not_a_failure() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Acme").await;
    let mut holder = test.store.begin_platform(None).await.unwrap();
    holder.lock_tenant(tenant.id).await.unwrap();

    let mut second = test.store.begin_platform(None).await.unwrap();
    let waited = second.lock_tenant(tenant.id).await;
    assert!(matches!(waited, Err(StoreError::Busy(_))), "{waited:?}");
}

#[tokio::test]
async fn a_pool_without_a_free_connection_is_unavailable() {
    let database = TestDatabase::new().await.unwrap();
    let store = PgStore::connect(&PgSettings {
        pool_size: 1,
        acquire_timeout: Duration::from_millis(50),
        ..settings(&database)
    });
    let _holder = store.begin_platform(None).await.unwrap();
    let refused = store.begin_platform(None).await.map(drop);
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_database_that_is_gone_is_unavailable() {
    let database = TestDatabase::new().await.unwrap();
    let store = PgStore::connect(&PgSettings {
        port: 1,
        acquire_timeout: Duration::from_millis(200),
        ..settings(&database)
    });
    let refused = store.ping().await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn nothing_of_a_scope_is_left_on_the_connection() {
    let database = TestDatabase::new().await.unwrap();
    let store = PgStore::connect(&PgSettings { pool_size: 1, ..settings(&database) });
    let mut tx = store.begin_platform(None).await.unwrap();
    tx.insert_user(&user("ann@x.example", Role::Superadmin, None)).await.unwrap();
    tx.commit().await.unwrap();

    // The pool's one connection served the platform a moment ago.
    let app = database.owner_options();
    let pool = sqlx::PgPool::connect_with(app).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    connection.execute("SET ROLE edgeos_app").await.unwrap();
    for scope in ["SET LOCAL app.platform = 'on'", "SET LOCAL app.platform = ''"] {
        connection.execute("BEGIN").await.unwrap();
        connection.execute(scope).await.unwrap();
        connection.execute("COMMIT").await.unwrap();
        let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(seen, 0, "after {scope}");
    }
}

#[tokio::test]
async fn an_email_belongs_to_one_user_of_the_installation() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Acme").await;
    let mut tx = test.store.begin_platform(None).await.unwrap();
    let ann = user("Ann@X.example", Role::Admin, Some(tenant.id));
    tx.insert_user(&ann).await.unwrap();
    let found = tx.user_by_email(&StaffEmail::parse("ANN@x.example").unwrap()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&ann));
    let again = tx.insert_user(&user("ann@x.example", Role::Viewer, Some(tenant.id))).await;
    assert!(matches!(again, Err(StoreError::Taken(Key::UserEmail))), "{again:?}");
}

#[tokio::test]
async fn users_are_found_by_any_part_and_wildcards_are_literal() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Acme").await;
    let mut tx = test.store.begin_platform(None).await.unwrap();
    for name in ["zoe", "bob_b", "ann"] {
        let email = format!("{name}@x.example");
        tx.insert_user(&user(&email, Role::Admin, Some(tenant.id))).await.unwrap();
    }
    for (search, expected) in [
        (None, vec!["ann@x.example", "bob_b@x.example", "zoe@x.example"]),
        (Some("O'NEIL"), vec!["ann@x.example", "bob_b@x.example", "zoe@x.example"]),
        (Some("_"), vec!["bob_b@x.example"]),
        (Some("%"), vec![]),
    ] {
        let filter = UserFilter { search: search.map(str::to_owned), ..UserFilter::default() };
        let page = tx.users(&filter, ALL).await.unwrap();
        let emails: Vec<_> = page.items.iter().map(|user| user.email.as_str()).collect();
        assert_eq!(emails, expected, "{search:?}");
        assert_eq!(page.total, expected.len() as u64);
    }
}
