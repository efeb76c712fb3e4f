use std::time::Duration;

use edgeos_domain::{NewTenant, Tenant, TenantId};
use edgeos_ports::{PlatformStore, Tenants, Transaction};
use edgeos_postgres::{Login, PgSettings, PgStore};
use edgeos_testkit::TestDatabase;
use sea_orm::{prelude::Uuid, sqlx::postgres::PgSslMode};

/// A database of its own, and the store over it, working as the server does.
pub(crate) struct TestStore {
    pub(crate) store: PgStore,
    pub(crate) database: TestDatabase,
}

impl TestStore {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::new().await.unwrap();
        let store = PgStore::connect(&settings(&database));
        Self { store, database }
    }

    /// A tenant of this name.
    pub(crate) async fn tenant(&self, name: &str) -> Tenant {
        let new = NewTenant {
            name: name.to_owned(),
            sender_email: None,
            sender_name: None,
            image_url: None,
            icon_url: None,
            logo_url: None,
        };
        let tenant = new.into_tenant(TenantId(uuid())).unwrap();
        let mut tx = self.store.begin_platform(None).await.unwrap();
        let labels = [tenant.slug.as_str().to_owned()];
        tx.insert_tenant(&tenant, &labels).await.unwrap();
        tx.commit().await.unwrap();
        tenant
    }
}

/// The server's settings for `database`, impatient.
pub(crate) fn settings(database: &TestDatabase) -> PgSettings {
    PgSettings {
        host: database.host().to_owned(),
        port: database.port(),
        database: database.name().to_owned(),
        owner: Login { user: database.owner_name().to_owned(), password: None },
        app: None,
        ssl_mode: PgSslMode::Disable,
        pool_size: 4,
        acquire_timeout: Duration::from_secs(5),
        lock_timeout: Duration::from_millis(100),
        statement_timeout: Duration::from_secs(5),
    }
}

/// The same, for a crowd that waits for its turn.
pub(crate) fn patient(database: &TestDatabase) -> PgSettings {
    let patience = Duration::from_secs(30);
    PgSettings {
        pool_size: 8,
        acquire_timeout: patience,
        lock_timeout: patience,
        statement_timeout: patience,
        ..settings(database)
    }
}

#[expect(clippy::disallowed_methods, reason = "tests make their own data")]
pub(crate) fn uuid() -> Uuid {
    Uuid::new_v4()
}
