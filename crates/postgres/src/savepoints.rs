use edgeos_ports::{Savepoints, StoreError};

use crate::PgTx;

impl Savepoints for PgTx {
    async fn set_savepoint(&mut self) -> Result<(), StoreError> {
        self.db.execute("SAVEPOINT part", []).await?;
        Ok(())
    }

    async fn release_savepoint(&mut self) -> Result<(), StoreError> {
        self.db.execute("RELEASE SAVEPOINT part", []).await?;
        Ok(())
    }

    async fn undo_to_savepoint(&mut self) -> Result<(), StoreError> {
        self.db.execute("ROLLBACK TO SAVEPOINT part", []).await?;
        self.release_savepoint().await
    }
}
