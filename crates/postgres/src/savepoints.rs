use edgeos_ports::{Savepoints, StoreError};
use sea_orm::ConnectionTrait;

use crate::{PgTx, error::store_error};

impl Savepoints for PgTx {
    async fn set_savepoint(&mut self) -> Result<(), StoreError> {
        self.control("SAVEPOINT part").await
    }

    async fn release_savepoint(&mut self) -> Result<(), StoreError> {
        self.control("RELEASE SAVEPOINT part").await
    }

    async fn undo_to_savepoint(&mut self) -> Result<(), StoreError> {
        self.control("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part").await
    }
}

impl PgTx {
    /// Runs `sql`, several statements perhaps.
    pub(crate) async fn control(&self, sql: &str) -> Result<(), StoreError> {
        self.db.execute_unprepared(sql).await.map_err(store_error)?;
        Ok(())
    }
}
