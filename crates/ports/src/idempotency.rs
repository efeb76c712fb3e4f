use chrono::{DateTime, Utc};
use edgeos_domain::PaymentId;
use uuid::Uuid;

use crate::{StoreError, Transaction};

/// A request that its sender may repeat without repeating its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentRequest {
    /// The user or human who asks.
    pub actor: Uuid,
    /// The operation's name in the contract.
    pub operation: &'static str,
    /// The sender's key, 1 to 255 visible ASCII characters.
    pub key: String,
    /// SHA-256 of path and body.
    pub hash: [u8; 32],
}

/// The answer that the first request got, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The status of HTTP.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// What is known of a request's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyClaim {
    /// Nothing: the key is this transaction's until it ends.
    New,
    /// The request is being carried out at this moment.
    Running,
    /// It was answered.
    Answered(StoredAnswer),
    /// The key was used for another path or body.
    Misused,
}

/// Keys of repeatable requests within the transaction's tenant.
#[trait_variant::make(Send)]
pub trait IdempotencyKeys: Transaction {
    /// Takes the key of `request` for this transaction, unless it is taken. Doesn't wait.
    async fn claim_key(
        &mut self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<KeyClaim, StoreError>;

    /// Keeps the key that this transaction claimed for `request` beyond its end: until
    /// [`store_answer`](Self::store_answer), or until `expires_at`, whoever claims it hears that the request runs. The
    /// key goes with `payment`, if that is deleted before.
    async fn hold_key(
        &mut self,
        request: &IdempotentRequest,
        payment: PaymentId,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Stores the answer to `request`, whose key this transaction claimed or an earlier one holds, until
    /// `expires_at`.
    async fn store_answer(
        &mut self,
        request: &IdempotentRequest,
        answer: &StoredAnswer,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Gives up a key that is held for `payment`: its request has failed, and may be carried out anew.
    async fn release_key(&mut self, payment: PaymentId) -> Result<(), StoreError>;

    /// Deletes keys that are over at `now`, at most `limit`; how many.
    async fn purge_idempotency_keys(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError>;
}
