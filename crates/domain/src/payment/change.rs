use chrono::{DateTime, Utc};

use super::{Currency, PaidIn, Payment, PaymentSource, PaymentStatus, PaymentTrigger, Rate};
use crate::Patch;

/// What staff change about a payment; `None` and `Keep` change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaymentChange {
    /// See [`PaymentStatus`].
    pub status: Option<PaymentStatus>,
    /// See [`Payment::external_id`].
    pub external_id: Patch<String>,
    /// Through whom the money came.
    pub source: Patch<PaymentSource>,
    /// USD per unit of the currency.
    pub rate: Patch<Rate>,
    /// What the customer paid in.
    pub currency: Option<Currency>,
}

impl PaymentChange {
    /// What the change of the status means, if there is one. It comes before the other fields.
    #[must_use]
    pub fn trigger(&self) -> Option<PaymentTrigger> {
        let rate = match self.rate {
            Patch::Set(rate) => Some(rate),
            Patch::Keep | Patch::Clear => None,
        };
        let paid_in = PaidIn { currency: self.currency.clone(), rate };
        self.status.map(|status| PaymentTrigger::ByHand { status, paid_in })
    }
}

impl Payment {
    /// This payment after `change`, but for the status. What the change says counts more than what followed from the
    /// status.
    #[must_use]
    pub fn changed(mut self, change: PaymentChange, now: DateTime<Utc>) -> Self {
        self.external_id = change.external_id.over(self.external_id);
        self.terms.source = change.source.over(self.terms.source);
        self.terms.rate = change.rate.over(self.terms.rate);
        self.terms.currency = change.currency.unwrap_or(self.terms.currency);
        self.updated_at = now;
        self
    }
}
