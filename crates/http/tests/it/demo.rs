//! The demonstrations: complete, true to the rules, and gone without a trace.

mod catalogue;
mod commands;
mod money;
mod walk;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_app::{
    attempts::{AttemptLimits, Attempts},
    demo::SeedDemo,
    keys::Keyring,
    tenants::PlatformHosts,
};
use edgeos_domain::HostName;
use edgeos_http::Machine;
use edgeos_ports::Environment;
use edgeos_postgres::PgStore;
use edgeos_redis::LocalLimits;
use edgeos_testkit::TestDatabase;
use sqlx::PgPool;
use uuid::Uuid;

use crate::harness::{SECRET_KEY, settings};

/// A database in which the demonstrations were made.
struct Seeded {
    database: TestDatabase,
    sql: PgPool,
}

/// The machine, so many days from now.
struct Later(i64);

impl Environment for Later {
    fn now(&self) -> DateTime<Utc> {
        Machine.now() + TimeDelta::days(self.0)
    }

    fn uuid(&self) -> Uuid {
        Machine.uuid()
    }

    fn fill(&self, bytes: &mut [u8]) {
        Machine.fill(bytes);
    }
}

impl Seeded {
    async fn today() -> Self {
        Self::after(0).await
    }

    /// Seeded so many days from now.
    async fn after(days: i64) -> Self {
        let database = TestDatabase::new().await.unwrap();
        seeder(&database, days).seed().await.unwrap();
        Self { sql: database.superuser().await.unwrap(), database }
    }

    /// The popup of the village with this slug.
    async fn popup(&self, slug: &str) -> Uuid {
        let popup = "SELECT p.id FROM popups p JOIN tenants t ON t.id = p.tenant_id
                     WHERE t.slug = 'demo' AND p.slug = $1";
        sqlx::query_scalar(popup).bind(slug).fetch_one(&self.sql).await.unwrap()
    }
}

fn seeder(database: &TestDatabase, days: i64) -> SeedDemo<PgStore> {
    let store = PgStore::connect(&settings(database, &[]).postgres);
    let keys = Arc::new(Keyring::new(SECRET_KEY, None));
    let attempts = Attempts::new(Arc::new(LocalLimits::default()), AttemptLimits::unlimited());
    let hosts = PlatformHosts { portal: HostName::parse("localhost").unwrap(), reserved: vec![] };
    SeedDemo::new(store, Arc::new(Later(days)), keys, attempts, hosts)
}
