use std::time::Duration;

use serde::Deserialize;

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done; the answer is this status (`http_500`), with `Retry-After` if that is given.
    Status(u16, Option<u64>),
    /// Nothing is done, and nothing answered (`timeout`).
    Timeout,
    /// Nothing is done, and the connection is dropped (`reset`).
    Reset,
    /// The work is done, but the connection is dropped before the answer (`reset_after`).
    ResetAfter,
    /// The answer lacks the address of the checkout (`no_checkout_url`).
    NoCheckoutUrl,
    /// The answer breaks off within its JSON (`bad_json`).
    BadJson,
    /// The answer calls the status `created` (`created_status`).
    CreatedStatus,
    /// What is created is paid already (`approved_status`).
    ApprovedStatus,
    /// The answer calls the request so, whatever it is called (`named`, with `id`).
    Named(String),
    /// The answer is the object `payment_request` of another one (`wrapped`).
    Wrapped,
    /// All is well, but late (`slow_ms`, with `ms`).
    Slow(Duration),
}

/// What goes wrong with the next calls: `{"next": 3, "kind": "http_500"}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Words")]
pub struct Faults {
    /// How many calls.
    pub next: u32,
    /// What happens to them.
    pub kind: Fault,
}

#[derive(Deserialize)]
struct Words {
    #[serde(default = "one")]
    next: u32,
    kind: String,
    #[serde(default)]
    ms: u64,
    #[serde(default)]
    id: String,
    retry_after: Option<u64>,
}

fn one() -> u32 {
    1
}

impl Faults {
    /// Spoils the next `next` calls.
    #[must_use]
    pub fn next(next: u32, kind: Fault) -> Self {
        Self { next, kind }
    }
}

impl TryFrom<Words> for Faults {
    type Error = String;

    fn try_from(words: Words) -> Result<Self, String> {
        let kind = match words.kind.as_str() {
            "timeout" => Fault::Timeout,
            "reset" => Fault::Reset,
            "reset_after" => Fault::ResetAfter,
            "no_checkout_url" => Fault::NoCheckoutUrl,
            "bad_json" => Fault::BadJson,
            "created_status" => Fault::CreatedStatus,
            "approved_status" => Fault::ApprovedStatus,
            "named" => Fault::Named(words.id),
            "wrapped" => Fault::Wrapped,
            "slow_ms" => Fault::Slow(Duration::from_millis(words.ms)),
            other => {
                let status = other.strip_prefix("http_").and_then(|status| status.parse().ok());
                let status = status.filter(|status| (200..600).contains(status));
                let status = status.ok_or_else(|| format!("no such fault: {other}"))?;
                Fault::Status(status, words.retry_after)
            }
        };
        Ok(Self { next: words.next, kind })
    }
}
