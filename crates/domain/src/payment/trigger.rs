use rust_decimal::Decimal;

use super::{Currency, PaymentStatus, Rate};

/// What happens to a payment. Only staff who may write move one by hand; the provider's word counts once it is known to
/// be the provider's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentTrigger {
    /// The provider tells how far its request is.
    Reported(ProviderReport),
    /// The provider was asked about a fee before another one is opened. What it doesn't know is over.
    FeeChecked(ProviderReport),
    /// The provider tells of an installment that was paid, and is kept now.
    InstallmentPaid {
        /// How many are kept, this one included.
        kept: u32,
        /// In what it was paid.
        paid_in: PaidIn,
    },
    /// The customer agreed to pay by installments.
    PlanActivated {
        /// How many there will be.
        installments: u32,
    },
    /// All installments are paid.
    PlanCompleted {
        /// How many there were.
        paid: u32,
    },
    /// The installments were called off.
    PlanCancelled,
    /// Staff say how far it is.
    ByHand {
        /// How far.
        status: PaymentStatus,
        /// In what it was paid, as far as they say.
        paid_in: PaidIn,
    },
    /// The application makes another purchase.
    Superseded,
    /// Nobody paid in time.
    TimedOut,
}

/// What the provider says about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderReport {
    /// How far it is; `None` if the provider says something unheard of.
    pub status: Option<PaymentStatus>,
    /// In what it was paid.
    pub paid_in: PaidIn,
    /// What the request asks for in USD, if the provider tells.
    pub amount: Option<Decimal>,
}

/// In what a payment was paid; `None` changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaidIn {
    /// The currency.
    pub currency: Option<Currency>,
    /// USD per unit of it.
    pub rate: Option<Rate>,
}
