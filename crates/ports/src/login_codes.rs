use chrono::{DateTime, Utc};
use edgeos_domain::{Email, HttpUrl, UserId};
use uuid::Uuid;

use crate::{StoreError, Transaction};

/// What is kept of a login code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLoginCode {
    /// A keyed hash, which leads back to no code without the key.
    pub hash: [u8; 32],
    /// From when on the code counts no more.
    pub expires_at: DateTime<Utc>,
}

/// What a try at a code found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeTry {
    /// The try was counted. This is what the code has to match; nobody else can try until the
    /// transaction ends.
    Counted(Vec<u8>),
    /// All tries at the code are used up.
    Exhausted,
    /// There is no code, or it is over.
    Missing,
}

/// Somebody who asked for a code and isn't a human of the tenant yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingHuman {
    /// Identifies the row; one that is replaced keeps its own.
    pub id: Uuid,
    /// The address that the code went to.
    pub email: Email,
    /// A picture for the human to be.
    pub picture_url: Option<HttpUrl>,
    /// The end of the code, and of this.
    pub expires_at: DateTime<Utc>,
}

/// Login codes of backoffice users: one for each user.
#[trait_variant::make(Send)]
pub trait UserLoginCodes: Transaction {
    /// Stores `code` for `user` in place of the code before and its tries.
    async fn replace_user_login_code(
        &mut self,
        user: UserId,
        code: &StoredLoginCode,
    ) -> Result<(), StoreError>;

    /// Counts a try at the code of `user` unless `tries` are used up.
    async fn try_user_login_code(
        &mut self,
        user: UserId,
        tries: u32,
        now: DateTime<Utc>,
    ) -> Result<CodeTry, StoreError>;

    /// Deletes the code of `user`.
    async fn delete_user_login_code(&mut self, user: UserId) -> Result<(), StoreError>;

    /// Deletes codes that are over at `now`, at most `limit`; how many.
    async fn purge_user_login_codes(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError>;
}

/// Login codes of the transaction's tenant: one for each address, whether a human has it or not.
#[trait_variant::make(Send)]
pub trait HumanLoginCodes: Transaction {
    /// Stores `code` for `email` in place of the code before and its tries.
    async fn replace_human_login_code(
        &mut self,
        email: &Email,
        code: &StoredLoginCode,
    ) -> Result<(), StoreError>;

    /// Counts a try at the code of `email` unless `tries` are used up.
    async fn try_human_login_code(
        &mut self,
        email: &Email,
        tries: u32,
        now: DateTime<Utc>,
    ) -> Result<CodeTry, StoreError>;

    /// Deletes the code of `email`.
    async fn delete_human_login_code(&mut self, email: &Email) -> Result<(), StoreError>;

    /// Deletes codes that are over at `now`, at most `limit`; how many.
    async fn purge_human_login_codes(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError>;

    /// Stores `pending` in place of what is stored for its address.
    async fn replace_pending_human(&mut self, pending: &PendingHuman) -> Result<(), StoreError>;

    /// Deletes whoever is pending with `email`, and gives what was stored unless it is over at `now`.
    async fn take_pending_human(
        &mut self,
        email: &Email,
        now: DateTime<Utc>,
    ) -> Result<Option<PendingHuman>, StoreError>;

    /// Deletes pending humans that are over at `now`, at most `limit`; how many.
    async fn purge_pending_humans(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError>;
}
