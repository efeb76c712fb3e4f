use rust_decimal::Decimal;

use super::PaymentStatus;
use crate::{CouponId, MailTemplate};

/// What moves along with a payment's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentEffect {
    /// Nothing.
    Nothing,
    /// The attendees get what was sold, see [`Settlement::settle`](crate::Settlement::settle); the human's cart goes.
    Settle(Settling),
    /// More of the money is there, see [`Settlement::pay_off`](crate::Settlement::pay_off).
    PayOff {
        /// What still isn't, in USD.
        outstanding: Decimal,
    },
    /// What the payment held is given back.
    Release {
        /// The coupon that has a use less.
        coupon: Option<CouponId>,
        /// What the application's credit grows by, in USD.
        credit: Decimal,
    },
    /// The attendees lose what was sold, see [`Settlement::revoke`](crate::Settlement::revoke). Money, credit and what they gave up don't come
    /// back.
    Revoke {
        /// The coupon that has a use less.
        coupon: Option<CouponId>,
    },
    /// The application's fee is paid, see [`Trigger::FeePaid`](crate::Trigger::FeePaid).
    AdmitApplication,
}

/// How a purchase is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settling {
    /// Whether what the payment held was given back before: stock isn't asked for again, but an oversold product is
    /// worth a warning.
    pub late: bool,
    /// The coupon that is used again, whatever its limit.
    pub coupon_again: Option<CouponId>,
    /// The credit that is taken again, in USD: as much of it as the application has. What is missing is told to
    /// [`Settlement::settle`](crate::Settlement::settle).
    pub credit_again: Decimal,
    /// The part of the amount that hasn't come in yet, in USD: installments to come.
    pub outstanding: Decimal,
    /// What the application's credit grows by, in USD.
    pub credit_granted: Decimal,
    /// Whether the human gets an ambassador group, unless there is one in the popup.
    pub ambassador_group: bool,
}

/// A mail about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentMail {
    /// What it looks like.
    pub template: MailTemplate,
    /// Why it is sent; once per payment.
    pub occasion: PaymentOccasion,
}

/// Why a mail about a payment is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentOccasion {
    /// It was approved.
    Approved,
    /// Its last installment was paid.
    PlanCompleted,
}

/// Something strange, from which nothing follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaymentWarning {
    /// A status that the provider shouldn't know.
    #[error("the provider reports an unknown status")]
    UnknownStatus,
    /// A report that comes too late.
    #[error("the provider reports {}, but the payment is {}", reported.as_str(), present.as_str())]
    Ignored {
        /// What the provider says.
        reported: PaymentStatus,
        /// How far the payment is.
        present: PaymentStatus,
    },
    /// Money for what was taken back: staff decide what becomes of it.
    #[error("the provider reports money for a payment that was approved and taken back")]
    Revoked,
    /// Another sum was paid than was due. Somebody has to look at this.
    #[error("the provider reports {reported} USD as paid, but {due} USD were due")]
    Amount {
        /// What the provider says.
        reported: Decimal,
        /// What was due.
        due: Decimal,
    },
}

impl PaymentOccasion {
    /// The occasion as keys of mails name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::PlanCompleted => "plan_completed",
        }
    }
}
