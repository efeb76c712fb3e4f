use edgeos_domain::{FeeRefusal, PaymentRefusal, PricingRefusal, PurchaseRefusal};
use edgeos_ports::ProviderError;

use crate::AppError;

impl From<PurchaseRefusal> for AppError {
    fn from(refusal: PurchaseRefusal) -> Self {
        match refusal {
            PurchaseRefusal::NotAccepted => Self::forbidden(refusal),
            PurchaseRefusal::PopupClosed | PurchaseRefusal::NoProvider => Self::refused(refusal),
        }
    }
}

impl From<PricingRefusal> for AppError {
    fn from(refusal: PricingRefusal) -> Self {
        match refusal {
            PricingRefusal::CustomAmountOfOther
            | PricingRefusal::CustomAmountOfSeveral
            | PricingRefusal::CustomAmount => Self::invalid("products")(refusal),
            PricingRefusal::ProductUnavailable
            | PricingRefusal::ForeignAttendee
            | PricingRefusal::AttendeeCategory
            | PricingRefusal::Exclusive
            | PricingRefusal::SoldOut
            | PricingRefusal::PatronInEdit
            | PricingRefusal::NothingToBuy
            | PricingRefusal::TooLarge => Self::refused(refusal),
        }
    }
}

impl From<FeeRefusal> for AppError {
    fn from(refusal: FeeRefusal) -> Self {
        match refusal {
            FeeRefusal::NotPendingFee => Self::invalid("application_id")(refusal),
            FeeRefusal::PopupClosed | FeeRefusal::NoFee | FeeRefusal::NoProvider => {
                Self::refused(refusal)
            }
            FeeRefusal::Open { .. } => Self::conflict(refusal),
        }
    }
}

impl From<PaymentRefusal> for AppError {
    fn from(refusal: PaymentRefusal) -> Self {
        match refusal {
            PaymentRefusal::Transition { .. } => Self::conflict(refusal),
        }
    }
}

/// A provider that doesn't help. What it says is in its adapter's log.
pub(super) fn provider_failed(_: ProviderError) -> AppError {
    AppError::Upstream("the payment provider is not available, please try again later".into())
}
