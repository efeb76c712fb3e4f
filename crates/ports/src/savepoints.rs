use crate::{StoreError, Transaction};

/// Lets a part of a transaction fail without the rest. One savepoint at a time.
#[trait_variant::make(Send)]
pub trait Savepoints: Transaction {
    /// What follows can be taken back alone.
    async fn set_savepoint(&mut self) -> Result<(), StoreError>;

    /// What followed the savepoint stays, as far as the transaction does.
    async fn release_savepoint(&mut self) -> Result<(), StoreError>;

    /// What followed the savepoint didn't happen, an error included. Locks taken since then are given up.
    async fn undo_to_savepoint(&mut self) -> Result<(), StoreError>;
}
