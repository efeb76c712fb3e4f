use std::time::Duration;

use edgeos_domain::TenantId;
use edgeos_ports::{
    Change, OneTransaction, PlatformStore, Source, Store, StoreError, TenantScope, Transaction,
};
use sea_orm::sqlx::{AssertSqlSafe, ConnectOptions, Executor, PgPool, postgres::PgPoolOptions};

use crate::{
    PgSettings,
    connection::{Connection, Share},
    error::sqlx_error,
    listen,
    whole::Whole,
};

/// How long a transaction may wait for the server that opened it. Exports wait longest, for their readers.
const IDLE_TIMEOUT: Duration = Duration::from_mins(2);

/// The store over one pool for all tenants, whose role can't pass over row-level security.
#[derive(Debug, Clone)]
pub struct PgStore {
    pool: PgPool,
    /// One connection that no request can take, for the sign of life.
    pulse: PgPool,
    lock_timeout: Duration,
    statement_timeout: Duration,
    /// The transaction that all of this store's are parts of, if there is one.
    whole: Option<Whole>,
}

/// A transaction that sees one tenant's rows. Each tenant-scoped port is implemented on it, in a file
/// of the port's name.
#[derive(Debug)]
pub struct PgTx {
    pub(crate) db: Connection,
    pub(crate) tenant: TenantId,
}

/// A transaction on the global tables. Each global port is implemented on it, in a file of the port's
/// name.
#[derive(Debug)]
pub struct PgPlatformTx {
    pub(crate) db: Connection,
}

impl PgStore {
    /// A store over a pool that connects as `settings` say; connections are opened when they are needed.
    #[must_use]
    pub fn connect(settings: &PgSettings) -> Self {
        let takes_role = settings.app.is_none();
        let pool = PgPoolOptions::new()
            .max_connections(settings.pool_size)
            .acquire_timeout(settings.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    // A connection that was idle for long may be dead; asking a busy one costs a round trip.
                    if meta.idle_for > Duration::from_secs(30) {
                        sqlx::Connection::ping(connection).await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if takes_role {
                        connection.execute("SET ROLE edgeos_app").await?;
                    }
                    Ok(())
                })
            })
            .connect_lazy_with(settings.app_options().disable_statement_logging());
        let pulse = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(1))
            .connect_lazy_with(settings.app_options().disable_statement_logging());
        Self {
            pool,
            pulse,
            lock_timeout: settings.lock_timeout,
            statement_timeout: settings.statement_timeout,
            whole: None,
        }
    }

    /// The pool, for what needs a connection outside a transaction.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The connection for signs of life.
    pub(crate) fn pulse(&self) -> &PgPool {
        &self.pulse
    }

    /// Connections open and idle at the moment.
    #[must_use]
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// Closes every connection; transactions under way are waited for.
    pub async fn close(&self) {
        self.pool.close().await;
        self.pulse.close().await;
    }

    async fn open(
        &self,
        mode: &str,
        kind: &'static str,
        settings: &str,
    ) -> Result<Connection, StoreError> {
        // A server that freezes or is cut off gives its locks back soon.
        let settings = format!(
            "SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {}; \
             SET LOCAL idle_in_transaction_session_timeout = {}; {settings}",
            self.lock_timeout.as_millis(),
            self.statement_timeout.as_millis(),
            IDLE_TIMEOUT.as_millis(),
        );
        let share = if let Some(whole) = &self.whole {
            Share::Part(whole.begin(&settings).await?)
        } else {
            // One round trip. Everything set here ends with the transaction: a pooled connection carries
            // nothing over.
            let open = AssertSqlSafe(format!("BEGIN {mode}; {settings}"));
            Share::Own(self.pool.begin_with(open).await.map_err(sqlx_error)?)
        };
        Ok(Connection::new(share, kind))
    }
}

impl Store for PgStore {
    type Tx = PgTx;

    async fn begin(&self, scope: &TenantScope) -> Result<PgTx, StoreError> {
        let tenant = scope.tenant();
        let mode = if scope.read_only() { "READ ONLY" } else { "READ WRITE" };
        let db = self.open(mode, "tenant", &tenant_setting(tenant)).await?;
        Ok(PgTx { db, tenant })
    }

    async fn begin_snapshot(&self, scope: &TenantScope) -> Result<PgTx, StoreError> {
        let tenant = scope.tenant();
        let mode = "ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let db = self.open(mode, "tenant", &tenant_setting(tenant)).await?;
        Ok(PgTx { db, tenant })
    }
}

impl PlatformStore for PgStore {
    type PlatformTx = PgPlatformTx;

    async fn begin_platform(&self, tenant: Option<TenantId>) -> Result<PgPlatformTx, StoreError> {
        let mut settings = "SET LOCAL app.platform = 'on'".to_owned();
        if let Some(tenant) = tenant {
            settings.push_str("; ");
            settings.push_str(&tenant_setting(tenant));
        }
        Ok(PgPlatformTx { db: self.open("READ WRITE", "platform", &settings).await? })
    }
}

impl OneTransaction for PgStore {
    async fn in_one_transaction(&self) -> Result<Self, StoreError> {
        let tx = self.pool.begin().await.map_err(sqlx_error)?;
        Ok(Self { whole: Some(Whole::new(tx)), ..self.clone() })
    }

    async fn finish(self) -> Result<(), StoreError> {
        match self.whole {
            Some(whole) => whole.commit().await,
            None => Err(StoreError::Failed(Source::from("there is no transaction to finish"))),
        }
    }
}

/// A UUID prints as hex digits and dashes, so nothing in it needs quoting.
fn tenant_setting(tenant: TenantId) -> String {
    format!("SET LOCAL app.tenant_id = '{tenant}'")
}

impl Transaction for PgTx {
    async fn commit(self) -> Result<(), StoreError> {
        self.db.commit().await
    }

    async fn announce(&mut self, change: Change) -> Result<(), StoreError> {
        listen::announce(&self.db, &change).await
    }
}

impl Transaction for PgPlatformTx {
    async fn commit(self) -> Result<(), StoreError> {
        self.db.commit().await
    }

    async fn announce(&mut self, change: Change) -> Result<(), StoreError> {
        listen::announce(&self.db, &change).await
    }
}
