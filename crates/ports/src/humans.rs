use edgeos_domain::{Human, HumanId};

use crate::{StoreError, Transaction};

/// The humans of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait Humans: Transaction {
    /// The human `id`, or `None` when the tenant has no such human.
    async fn human(&mut self, id: HumanId) -> Result<Option<Human>, StoreError>;
}
