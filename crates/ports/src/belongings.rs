use chrono::{DateTime, Utc};
use edgeos_domain::{ApplicationId, HoldingChanges, Holdings};
use rust_decimal::Decimal;

use crate::{StoreError, Transaction};

/// What payments leave behind: what attendees hold, and the credit of applications. Whoever changes any of it
/// locks the application first.
#[trait_variant::make(Send)]
pub trait Belongings: Transaction {
    /// What the attendees of `application` hold.
    async fn holdings(&mut self, application: ApplicationId) -> Result<Holdings, StoreError>;

    /// Makes the attendees hold what `changes` says.
    async fn change_holdings(&mut self, changes: &HoldingChanges) -> Result<(), StoreError>;

    /// Gives `application` this credit, in USD.
    async fn set_credit(
        &mut self,
        application: ApplicationId,
        credit: Decimal,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;
}
