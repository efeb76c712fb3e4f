use std::{borrow::Cow, fmt, time::Duration};

use edgeos_ports::{Forbidden, LimitReached, Resource, StoreError};

/// Words for people; most are fixed.
pub type Words = Cow<'static, str>;

/// Why a use case refused or failed. Knows nothing of HTTP.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No valid proof of who asks.
    #[error("{0}")]
    Unauthenticated(Words),
    /// The caller's role doesn't suffice.
    #[error(transparent)]
    Role(#[from] Forbidden),
    /// The caller may do such things, but not this one.
    #[error("{0}")]
    Forbidden(Words),
    /// The tenant has no such thing; what another tenant has counts as missing.
    #[error("{0} not found")]
    NotFound(Resource),
    /// A rule of the product says no.
    #[error("{0}")]
    Refused(Words),
    /// The present state of things says no.
    #[error("{0}")]
    Conflict(Words),
    /// A field of the input breaks a rule.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field, as the contract names it; empty for a rule over several fields.
        field: &'static str,
        /// The broken rule, for people to read.
        reason: String,
    },
    /// Answers don't fit the form; one text for each problem.
    #[error("some answers are not valid")]
    Answers(Vec<String>),
    /// Too many attempts.
    #[error("{words}")]
    TooMany {
        /// What was attempted too often.
        words: Words,
        /// When the next attempt may count, if that helps.
        retry_after: Option<Duration>,
    },
    /// The same request is being carried out at this moment.
    #[error("this request is still being carried out, please try again in a moment")]
    StillRunning,
    /// What this needs is under way.
    #[error("{0}")]
    NotYet(Words),
    /// Something that this needs is switched off or out of reach.
    #[error("{0}")]
    Unavailable(Words),
    /// Another server that this needs has failed.
    #[error("{0}")]
    Upstream(Words),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AppError {
    /// Blames `field` for a broken rule: `Percent::new(value).map_err(AppError::invalid("discount_value"))`.
    pub fn invalid<E: fmt::Display>(field: &'static str) -> impl FnOnce(E) -> Self {
        move |rule| Self::Invalid { field, reason: rule.to_string() }
    }

    /// A refusal in the words of the rule that refused.
    pub fn refused(rule: impl fmt::Display) -> Self {
        Self::Refused(rule.to_string().into())
    }

    /// A conflict in the words of the rule that refused.
    pub fn conflict(rule: impl fmt::Display) -> Self {
        Self::Conflict(rule.to_string().into())
    }

    /// A prohibition in the words of the rule that refused.
    pub fn forbidden(rule: impl fmt::Display) -> Self {
        Self::Forbidden(rule.to_string().into())
    }

    /// Too many attempts at what `words` names.
    pub fn too_many(words: impl Into<Words>) -> impl FnOnce(LimitReached) -> Self {
        let words = words.into();
        move |reached| Self::TooMany { words, retry_after: Some(reached.retry_after) }
    }
}
