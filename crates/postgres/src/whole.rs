use std::sync::Arc;

use edgeos_ports::{Source, StoreError};
use sea_orm::sqlx::{self, AssertSqlSafe, Executor, PgConnection, Postgres};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::error::sqlx_error;

/// A transaction that consists of parts, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Whole {
    parts: Arc<Mutex<Parts>>,
}

#[derive(Debug)]
pub(crate) struct Parts {
    /// `None` once it is over.
    tx: Option<sqlx::Transaction<'static, Postgres>>,
    /// Whether the last part was begun and not committed.
    is_open: bool,
}

/// The part that is under way: what follows its savepoint.
pub(crate) type Part = OwnedMutexGuard<Parts>;

impl Whole {
    /// The whole that `tx` is, without parts so far.
    pub(crate) fn new(tx: sqlx::Transaction<'static, Postgres>) -> Self {
        Self { parts: Arc::new(Mutex::new(Parts { tx: Some(tx), is_open: false })) }
    }

    /// Begins a part, in which `settings` hold.
    pub(crate) async fn begin(&self, settings: &str) -> Result<Part, StoreError> {
        // Nobody is waited for: whoever has the part before may be the one who asks.
        let part = self.parts.clone().try_lock_owned();
        let mut part = part.map_err(|_| misused("another part is under way"))?;
        if part.tx.is_none() {
            return Err(misused("the transaction is over"));
        }
        part.undo().await?;
        // The part before may have had another scope.
        let begin = "SAVEPOINT step; SET LOCAL app.platform = 'off'; SET LOCAL app.tenant_id = ''";
        part.run(&format!("{begin}; {settings}")).await?;
        part.is_open = true;
        Ok(part)
    }

    /// Makes what the parts have committed last.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let mut parts = self.parts.try_lock().map_err(|_| misused("a part is under way"))?;
        if parts.tx.is_some() {
            parts.undo().await?;
        }
        let tx = parts.tx.take().ok_or_else(|| misused("the transaction is over"))?;
        tx.commit().await.map_err(sqlx_error)
    }
}

impl Parts {
    /// The connection.
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        self.tx.as_mut().expect("nothing ends a whole while a part of it is under way")
    }

    /// Keeps what the part has done.
    pub(crate) async fn release(&mut self) -> Result<(), StoreError> {
        self.run("RELEASE SAVEPOINT step").await?;
        self.is_open = false;
        Ok(())
    }

    /// Takes back what a part has done that was dropped.
    async fn undo(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.is_open) {
            self.run("ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step").await?;
        }
        Ok(())
    }

    async fn run(&mut self, sql: &str) -> Result<(), StoreError> {
        self.connection().execute(AssertSqlSafe(sql)).await.map_err(sqlx_error)?;
        Ok(())
    }
}

fn misused(why: &'static str) -> StoreError {
    StoreError::Failed(Source::from(why))
}
