use edgeos_domain::ApplicationSnapshot;

use crate::{StoreError, Transaction};

/// What applications looked like after what happened to them. Snapshots stay as they are written.
#[trait_variant::make(Send)]
pub trait Snapshots: Transaction {
    /// Stores `snapshots`.
    async fn insert_snapshots(
        &mut self,
        snapshots: &[ApplicationSnapshot],
    ) -> Result<(), StoreError>;
}
