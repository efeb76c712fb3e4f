//! Requests that may be repeated without repeating their effect.
//!
//! The key is claimed in the transaction that makes the effect, and the answer stored in it: a request that
//! is refused or fails leaves no key behind, and none is answered twice. Where the payment provider is asked
//! between two transactions, the first one holds the key for the second, and it goes with the payment if that is
//! dropped.

use std::fmt;

use chrono::TimeDelta;
use edgeos_domain::PaymentId;
use edgeos_ports::{Environment, IdempotencyKeys, IdempotentRequest, KeyClaim, StoredAnswer};

use crate::AppError;

/// How long a key is remembered.
const LIFE: TimeDelta = TimeDelta::hours(24);

/// How long a request that asks the payment provider can be under way. Of one that hasn't answered by then, nobody
/// will ever know the answer: its server is gone.
const RUNNING: TimeDelta = TimeDelta::minutes(10);

/// A request whose sender gave a key, and how its outcome is answered.
pub struct Repeatable<'a, T> {
    /// Key, and what it belongs to.
    pub request: IdempotentRequest,
    /// The answer to the outcome, byte for byte.
    pub render: &'a (dyn Fn(&T) -> StoredAnswer + Sync),
}

/// What became of a request that may be a repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once<T> {
    /// It was carried out now.
    Done(T),
    /// It had been carried out before; this was the answer.
    Repeated(StoredAnswer),
}

impl<T> Repeatable<'_, T> {
    /// Claims the key, if there is one; the answer when the request was carried out before.
    ///
    /// # Errors
    ///
    /// `StillRunning` while the same request is carried out elsewhere, `Invalid` when the key was used for
    /// another request.
    pub(crate) async fn claim(
        once: Option<&Self>,
        tx: &mut impl IdempotencyKeys,
        env: &dyn Environment,
    ) -> Result<Option<StoredAnswer>, AppError> {
        let Some(once) = once else { return Ok(None) };
        match tx.claim_key(&once.request, env.now()).await? {
            KeyClaim::New => Ok(None),
            KeyClaim::Running => Err(AppError::StillRunning),
            KeyClaim::Answered(answer) => Ok(Some(answer)),
            KeyClaim::Misused => {
                Err(AppError::invalid("")("the idempotency key was used for another request"))
            }
        }
    }

    /// Holds the claimed key, if there is one, until the transaction after this one stores the answer about
    /// `payment`.
    pub(crate) async fn hold(
        once: Option<&Self>,
        tx: &mut impl IdempotencyKeys,
        env: &dyn Environment,
        payment: PaymentId,
    ) -> Result<(), AppError> {
        let Some(once) = once else { return Ok(()) };
        let now = env.now();
        Ok(tx.hold_key(&once.request, payment, now, now + RUNNING).await?)
    }

    /// Stores the answer to `outcome` under the claimed key, if there is one.
    pub(crate) async fn settle(
        once: Option<&Self>,
        tx: &mut impl IdempotencyKeys,
        env: &dyn Environment,
        outcome: &T,
    ) -> Result<(), AppError> {
        let Some(once) = once else { return Ok(()) };
        let now = env.now();
        Ok(tx.store_answer(&once.request, &(once.render)(outcome), now, now + LIFE).await?)
    }
}

impl<T> fmt::Debug for Repeatable<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repeatable").field("request", &self.request).finish_non_exhaustive()
    }
}
