use rust_decimal::Decimal;

use crate::{HttpUrl, Patch, Popup, to_cents};

/// How a request for a scholarship stands with staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScholarshipStatus {
    /// Not decided, as if there were none.
    Pending,
    /// Granted.
    Approved,
    /// Not granted.
    Rejected,
}

/// What an applicant asks for, and what staff made of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scholarship {
    /// Whether the applicant asks for one.
    pub request: bool,
    /// The applicant's reasons, at most [`DETAILS_MAX`](Scholarship::DETAILS_MAX) characters.
    pub details: Option<String>,
    /// The applicant's video, an address on the web.
    pub video_url: Option<String>,
    /// What staff decided; `None` means undecided.
    pub status: Option<ScholarshipStatus>,
    /// Reduction of the price in percent, 0 to 100 with two decimals.
    pub discount_percentage: Option<Decimal>,
    /// Money granted on top, with two decimals.
    pub incentive_amount: Option<Decimal>,
    /// The currency of the incentive.
    pub incentive_currency: Option<String>,
}

/// What a request of the applicant changes about a scholarship; `None` and `Keep` change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScholarshipRequest {
    /// Whether the applicant asks for one.
    pub request: Option<bool>,
    /// See [`Scholarship::details`].
    pub details: Patch<String>,
    /// See [`Scholarship::video_url`].
    pub video_url: Patch<HttpUrl>,
}

/// A decision that a request asks for. What can be seen in it alone was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScholarshipDecision {
    /// Granted.
    Approve {
        /// Reduction of the price in percent, 0 to 100 with two decimals.
        discount_percentage: Decimal,
        /// Money on top.
        incentive: Option<Incentive>,
    },
    /// Not granted.
    Reject,
}

/// Money granted on top of a reduction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incentive {
    /// Not negative, with two decimals; nothing is possible.
    pub amount: Decimal,
    /// 3 to 10 letters; always there when the amount isn't zero.
    pub currency: Option<String>,
}

/// What is wrong with a decision, seen by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecision {
    /// To leave it open is no decision.
    #[error("must be approved or rejected")]
    Pending,
    /// Without a percentage nothing is granted.
    #[error("a discount percentage is required to approve")]
    DiscountMissing,
    /// A percentage outside 0 to 100.
    #[error("must be between 0 and 100")]
    Discount,
    /// An amount below nothing, or with more than ten digits before the point.
    #[error("must be at least 0 and below 10 000 000 000")]
    Amount,
    /// An amount of nothing in particular.
    #[error("a currency is required with an amount")]
    CurrencyMissing,
    /// Not 3 to 10 letters.
    #[error("must have 3 to 10 letters")]
    Currency,
}

/// Why a scholarship isn't decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScholarshipRefusal {
    /// The popup's switch is off.
    #[error("this event doesn't offer scholarships")]
    NotOffered,
    /// The popup's switch for incentives is off.
    #[error("this event doesn't offer incentives")]
    NoIncentives,
    /// There is nothing to decide.
    #[error("the applicant didn't ask for a scholarship")]
    NotRequested,
}

impl ScholarshipStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Approved, Self::Rejected];

    /// The status as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    /// The status that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl ScholarshipDecision {
    /// The decision for `status`, with the values sent along; those of a rejection are dropped. Values are
    /// rounded half away from zero to two decimals.
    ///
    /// # Errors
    ///
    /// Every [`InvalidDecision`] that applies, at most one of each value.
    pub fn new(
        status: ScholarshipStatus,
        discount_percentage: Option<Decimal>,
        incentive_amount: Option<Decimal>,
        incentive_currency: Option<&str>,
    ) -> Result<Self, Vec<InvalidDecision>> {
        match status {
            ScholarshipStatus::Pending => Err(vec![InvalidDecision::Pending]),
            ScholarshipStatus::Rejected => Ok(Self::Reject),
            ScholarshipStatus::Approved => {
                let currency = incentive_currency.map(str::trim).filter(|text| !text.is_empty());
                let discount = checked_discount(discount_percentage);
                match (discount, checked_incentive(incentive_amount, currency)) {
                    (Ok(discount_percentage), Ok(incentive)) => {
                        Ok(Self::Approve { discount_percentage, incentive })
                    }
                    (discount, incentive) => {
                        let wrong = incentive.err().unwrap_or_default();
                        Err(discount.err().into_iter().chain(wrong).collect())
                    }
                }
            }
        }
    }
}

impl Scholarship {
    /// The longest reasons, in characters.
    pub const DETAILS_MAX: usize = 10_000;

    /// The longest address of a video, in characters.
    pub const VIDEO_MAX: usize = 2048;

    /// Whether the request waits for staff, in an event that offers scholarships. Nobody is accepted
    /// meanwhile but through a group.
    #[must_use]
    pub fn is_open(&self, offered: bool) -> bool {
        scholarship_open(offered, self.request, self.status)
    }

    /// This scholarship as the applicant asks for it, in `popup`.
    ///
    /// # Errors
    ///
    /// `NotOffered` when one is asked for that wasn't before, and the popup has none.
    pub fn requested(
        self,
        asked: ScholarshipRequest,
        popup: &Popup,
    ) -> Result<Self, ScholarshipRefusal> {
        let request = asked.request.unwrap_or(self.request);
        if request && !self.request && !popup.allows_scholarship {
            return Err(ScholarshipRefusal::NotOffered);
        }
        Ok(Self {
            request,
            details: asked.details.over(self.details),
            video_url: asked.video_url.map(String::from).over(self.video_url),
            ..self
        })
    }

    /// This scholarship as `decision` leaves it, in `popup`.
    ///
    /// # Errors
    ///
    /// The first [`ScholarshipRefusal`] that applies, in the order of its variants.
    pub fn decided(
        self,
        decision: ScholarshipDecision,
        popup: &Popup,
    ) -> Result<Self, ScholarshipRefusal> {
        if !popup.allows_scholarship {
            return Err(ScholarshipRefusal::NotOffered);
        }
        let (status, discount_percentage, incentive) = match decision {
            ScholarshipDecision::Reject => (ScholarshipStatus::Rejected, None, None),
            ScholarshipDecision::Approve { discount_percentage, incentive } => {
                (ScholarshipStatus::Approved, Some(discount_percentage), incentive)
            }
        };
        if incentive.is_some() && !popup.allows_incentive {
            return Err(ScholarshipRefusal::NoIncentives);
        }
        if !self.request {
            return Err(ScholarshipRefusal::NotRequested);
        }
        let (incentive_amount, incentive_currency) =
            incentive.map_or((None, None), |granted| (Some(granted.amount), granted.currency));
        Ok(Self {
            status: Some(status),
            discount_percentage,
            incentive_amount,
            incentive_currency,
            ..self
        })
    }
}

/// Whether a request for a scholarship holds an application back: it is offered, asked for, and neither
/// approved nor rejected.
#[must_use]
pub fn scholarship_open(offered: bool, requested: bool, status: Option<ScholarshipStatus>) -> bool {
    let decided = matches!(status, Some(ScholarshipStatus::Approved | ScholarshipStatus::Rejected));
    offered && requested && !decided
}

fn checked_discount(share: Option<Decimal>) -> Result<Decimal, InvalidDecision> {
    let share = share.ok_or(InvalidDecision::DiscountMissing)?;
    if share < Decimal::ZERO || share > Decimal::ONE_HUNDRED {
        return Err(InvalidDecision::Discount);
    }
    Ok(to_cents(share))
}

fn checked_incentive(
    amount: Option<Decimal>,
    currency: Option<&str>,
) -> Result<Option<Incentive>, Vec<InvalidDecision>> {
    let mut wrong = Vec::new();
    let stored = amount.map(to_cents);
    let limit = Decimal::from(10_000_000_000_i64);
    if amount.is_some_and(|sum| sum < Decimal::ZERO) || stored.is_some_and(|sum| sum >= limit) {
        wrong.push(InvalidDecision::Amount);
    }
    match currency {
        Some(text) if !is_currency(text) => wrong.push(InvalidDecision::Currency),
        None if stored.is_some_and(|sum| sum > Decimal::ZERO) => {
            wrong.push(InvalidDecision::CurrencyMissing);
        }
        Some(_) | None => {}
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(stored.map(|amount| Incentive { amount, currency: currency.map(str::to_owned) }))
}

fn is_currency(text: &str) -> bool {
    (3..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests;
