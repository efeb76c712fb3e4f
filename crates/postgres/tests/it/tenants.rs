use edgeos_domain::{HostName, Tenant};
use edgeos_ports::{
    Credential, CredentialType, Credentials, Key, Paging, PlatformStore, StoreError, TenantFilter,
    Tenants, Transaction,
};
use sea_orm::sqlx::{self, ConnectOptions, Connection, Executor};

use crate::support::{TestStore, uuid};

const ALL: Paging = Paging { skip: 0, limit: 100 };

#[tokio::test]
async fn live_tenants_come_first_and_by_name() {
    let test = TestStore::new().await;
    for name in ["beta", "Alpha", "gone", "Gamma"] {
        let tenant = test.tenant(name).await;
        if name == "gone" {
            let mut tx = test.store.begin_platform(None).await.unwrap();
            let labels = [tenant.slug.as_str().to_owned()];
            tx.update_tenant(&tenant.into_deleted(), &labels).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
    let mut tx = test.store.begin_platform(None).await.unwrap();
    let page = tx.tenants(&TenantFilter::default(), ALL).await.unwrap();
    let names: Vec<_> = page.items.iter().map(|tenant| tenant.name.as_str()).collect();
    assert_eq!(names, ["Alpha", "beta", "Gamma", "gone"]);
    let filter = TenantFilter { deleted: Some(true), search: Some("ON".to_owned()) };
    assert_eq!(tx.tenants(&filter, ALL).await.unwrap().total, 1);
    assert_eq!(tx.every_tenant().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_tenant_can_be_locked_while_something_is_written_into_it() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Busy").await;
    let sql = test.database.superuser().await.unwrap();
    let mut writing = sql.begin().await.unwrap();
    sqlx::query("INSERT INTO tenant_labels (label, tenant_id) VALUES ('busy-too', $1)")
        .bind(tenant.id.0)
        .execute(&mut *writing)
        .await
        .unwrap();

    let mut tx = test.store.begin_platform(None).await.unwrap();
    let locked = tx.lock_tenant(tenant.id).await.unwrap();
    assert_eq!(locked.map(|locked| locked.id), Some(tenant.id));
}

#[tokio::test]
async fn a_host_label_leads_to_one_tenant() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let mut tx = test.store.begin_platform(None).await.unwrap();
    let domain = |tenant: Tenant, host: &str| Tenant {
        custom_domain: Some(HostName::parse(host).unwrap()),
        custom_domain_active: true,
        ..tenant
    };
    // The slug of another tenant as one's own domain.
    let grab = domain(theirs.clone(), "ours");
    let labels = ["theirs".to_owned(), "ours".to_owned()];
    let refused = tx.update_tenant(&grab, &labels).await;
    assert!(matches!(refused, Err(StoreError::Taken(Key::CustomDomain))), "{refused:?}");
    drop(tx);

    let mut tx = test.store.begin_platform(None).await.unwrap();
    let own = domain(ours.clone(), "tickets.example.com");
    tx.update_tenant(&own, &["ours".to_owned()]).await.unwrap();
    assert_eq!(tx.active_domains().await.unwrap(), ["tickets.example.com"]);
    let found = tx.tenant_of_active_domain("tickets.example.com").await.unwrap();
    assert_eq!(found.map(|tenant| tenant.id), Some(ours.id));
    let refused =
        tx.update_tenant(&domain(theirs, "tickets.example.com"), &["theirs".to_owned()]).await;
    assert!(matches!(refused, Err(StoreError::Taken(Key::CustomDomain))), "{refused:?}");
}

#[tokio::test]
async fn a_tenants_database_login_sees_its_tenant_and_nothing_else() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let superuser = test.database.superuser().await.unwrap();
    for tenant in [&ours, &theirs] {
        sqlx::query("INSERT INTO humans (id, tenant_id, email) VALUES ($1, $2, 'ann@x.example')")
            .bind(uuid())
            .bind(tenant.id.0)
            .execute(&superuser)
            .await
            .unwrap();
    }
    let credential = Credential {
        id: edgeos_domain::CredentialId(uuid()),
        tenant: ours.id,
        credential_type: CredentialType::Crud,
        db_username: format!("usr_{:016x}", uuid().as_u128() >> 64),
        sealed_password: "sealed".to_owned(),
    };
    let mut tx = test.store.begin_platform(Some(ours.id)).await.unwrap();
    assert!(tx.issue_credential(&credential, "correct horse", &[7; 16]).await.unwrap());
    tx.commit().await.unwrap();

    let login = test
        .database
        .superuser_options()
        .username(&credential.db_username)
        .password("correct horse");
    let mut connection = login.connect().await.unwrap();
    let count = "SELECT count(*) FROM humans";
    for attempt in [
        "SELECT 1".to_owned(),
        format!("SET app.tenant_id = '{}'", theirs.id),
        "SET app.platform = 'on'".to_owned(),
    ] {
        connection.execute(sqlx::AssertSqlSafe(attempt.clone())).await.unwrap();
        let seen: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap();
        assert_eq!(seen, 1, "after {attempt}");
    }
    for forbidden in [
        "UPDATE tenants SET name = 'x'",
        "SELECT count(*) FROM users",
        "SELECT count(*) FROM tenant_credentials",
        "SELECT count(*) FROM outbox",
        "SELECT count(*) FROM audit_log",
        "SET ROLE edgeos_app",
    ] {
        connection.execute(forbidden).await.expect_err(forbidden);
    }
    let names: Vec<String> =
        sqlx::query_scalar("SELECT name FROM tenants").fetch_all(&mut connection).await.unwrap();
    assert_eq!(names, ["Ours"]);
    connection.close().await.unwrap();

    let mut tx = test.store.begin_platform(Some(ours.id)).await.unwrap();
    assert_eq!(tx.drop_credentials(ours.id).await.unwrap(), 1);
    tx.commit().await.unwrap();
    login.connect().await.map(drop).expect_err("the login is gone");
}
