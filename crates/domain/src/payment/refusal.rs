use rust_decimal::Decimal;

use super::PaymentStatus;
use crate::{Application, ApplicationStatus, Popup};

/// Why nothing is sold, in the order in which it is told. What is wrong with the order itself comes between the
/// last two, see [`PricingRefusal`](crate::PricingRefusal).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PurchaseRefusal {
    /// Only who takes part buys.
    #[error("the application is not accepted")]
    NotAccepted,
    /// The popup is archived or over.
    #[error("this event is closed")]
    PopupClosed,
    /// Something is due, and the popup has no account at the provider.
    #[error("payments are not set up for this event")]
    NoProvider,
}

/// Why no fee is asked for, in the order in which it is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeeRefusal {
    /// The application waits for something else.
    #[error("the application doesn't wait for a fee")]
    NotPendingFee,
    /// The popup is archived or over.
    #[error("this event is closed")]
    PopupClosed,
    /// The popup asks for none.
    #[error("this event has no application fee")]
    NoFee,
    /// The customer can still pay the one asked for before. Clients cut the address off after `Checkout URL: `.
    #[error("a payment of the fee is open already. Checkout URL: {checkout_url}")]
    Open {
        /// Where.
        checkout_url: String,
    },
    /// The popup has no account at the provider.
    #[error("payments are not set up for this event")]
    NoProvider,
}

/// Why a payment's status doesn't change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaymentRefusal {
    /// Neither does money come back, nor is one failure another.
    #[error("a payment that is {} can't become {}", from.as_str(), to.as_str())]
    Transition {
        /// How far it is.
        from: PaymentStatus,
        /// How far it should be.
        to: PaymentStatus,
    },
}

/// Whether somebody with `application` may buy anything in `popup`.
///
/// # Errors
///
/// `NotAccepted`, then `PopupClosed`.
pub fn admit_purchase(application: &Application, popup: &Popup) -> Result<(), PurchaseRefusal> {
    if application.status() != ApplicationStatus::Accepted {
        return Err(PurchaseRefusal::NotAccepted);
    }
    if popup.is_closed() {
        return Err(PurchaseRefusal::PopupClosed);
    }
    Ok(())
}

/// The fee that `application` to `popup` waits for, in USD.
///
/// # Errors
///
/// `NotPendingFee`, then `PopupClosed`, then `NoFee`.
pub fn fee_due(application: &Application, popup: &Popup) -> Result<Decimal, FeeRefusal> {
    if application.status() != ApplicationStatus::PendingFee {
        return Err(FeeRefusal::NotPendingFee);
    }
    if popup.is_closed() {
        return Err(FeeRefusal::PopupClosed);
    }
    let amount = popup.fee.amount().filter(|amount| popup.fee.required() && !amount.is_zero());
    amount.ok_or(FeeRefusal::NoFee)
}
