use chrono::{DateTime, Utc};

use crate::{StoreError, Transaction};

/// A token that no longer counts although it isn't over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedToken {
    /// Its `jti`, or its SHA-256 in hex when it has none.
    pub key: String,
    /// Its own end, after which nobody has to remember it.
    pub expires_at: DateTime<Utc>,
}

/// Tokens that no longer count, over the whole installation.
#[trait_variant::make(Send)]
pub trait RevokedTokens: Transaction {
    /// Stores that `token` no longer counts; nothing happens when that is stored already.
    async fn revoke_token(&mut self, token: &RevokedToken) -> Result<(), StoreError>;

    /// The tokens revoked at `since` or later that aren't over at `now`.
    async fn revoked_tokens(
        &mut self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<RevokedToken>, StoreError>;

    /// Deletes what is over at `now`; how many.
    async fn purge_revoked_tokens(&mut self, now: DateTime<Utc>) -> Result<u64, StoreError>;
}
