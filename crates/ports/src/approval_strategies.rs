use edgeos_domain::{ApprovalStrategy, PopupId};

use crate::{StoreError, Transaction};

/// How the popups of the transaction's tenant decide about applications.
#[trait_variant::make(Send)]
pub trait ApprovalStrategies: Transaction {
    /// The strategy of `popup`, if it has one.
    async fn strategy(&mut self, popup: PopupId) -> Result<Option<ApprovalStrategy>, StoreError>;

    /// Stores `strategy` as the one of its popup. What comes back is what is stored: of one that is
    /// replaced, id and time of creation stay.
    async fn put_strategy(
        &mut self,
        strategy: &ApprovalStrategy,
    ) -> Result<ApprovalStrategy, StoreError>;

    /// Deletes the strategy of `popup`; whether it had one.
    async fn delete_strategy(&mut self, popup: PopupId) -> Result<bool, StoreError>;
}
