//! Payments: what one is, and every way in which it moves.
//!
//! A payment is made pending, or approved at once when nothing is due. From then on it moves by a
//! [`PaymentTransition`], which tells what has to be stored, given and sent along. Whoever carries one out holds the
//! locks of the application and the payment.

mod change;
mod currency;
mod effect;
mod refusal;
mod status;
mod transition;
mod trigger;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

pub use self::{
    change::PaymentChange,
    currency::{Currency, InvalidCurrency, InvalidRate, Rate},
    effect::{PaymentEffect, PaymentMail, PaymentOccasion, PaymentWarning, Settling},
    refusal::{FeeRefusal, PaymentRefusal, PurchaseRefusal, admit_purchase, fee_due},
    status::{PaymentSource, PaymentStatus, PaymentType},
    transition::PaymentTransition,
    trigger::{PaidIn, PaymentTrigger, ProviderReport},
};
use crate::{
    Application, ApplicationId, CouponId, Discount, GroupId, Holdings, PaymentId, PopupId, Quote,
    Settlement, TenantId, Units, to_cents,
};

/// A purchase, or the fee of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Identifies the payment within the tenant.
    pub id: PaymentId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// By which application.
    pub application: ApplicationId,
    /// To which popup.
    pub popup: PopupId,
    /// What is paid for. Never changes.
    pub payment_type: PaymentType,
    /// The provider's name for it, at most [`EXTERNAL_ID_MAX`](Self::EXTERNAL_ID_MAX) characters.
    pub external_id: Option<String>,
    /// Where the customer pays.
    pub checkout_url: Option<String>,
    /// What is due in USD, insurance included; not negative. Never changes.
    pub amount: Decimal,
    /// How much of the amount is insurance.
    pub insurance_amount: Decimal,
    /// How far it is.
    pub progress: PaymentProgress,
    /// In what it is or was paid.
    pub terms: PaymentTerms,
    /// How far the installments are.
    pub installments: Installments,
    /// The coupon whose discount won, unless it was deleted.
    pub coupon: Option<CouponId>,
    /// Its code.
    pub coupon_code: Option<String>,
    /// The percentage of the discount that won, with two decimals; `None` for fees.
    pub discount_value: Option<Decimal>,
    /// The money that the discount took off; `None` for fees and older payments.
    pub discount_amount: Option<Decimal>,
    /// Whether passes were changed.
    pub edit_passes: bool,
    /// The application's group when it was made.
    pub group: Option<GroupId>,
    /// What approval moves; `None` for fees, and for older payments until it moves, see
    /// [`reconstructed_plan`](Self::reconstructed_plan).
    pub settlement: Option<Settlement>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When anything about it changed last.
    pub updated_at: DateTime<Utc>,
}

/// How far a payment is. Moves by a [`PaymentTransition`] and in no other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentProgress {
    status: PaymentStatus,
    once_approved: bool,
    money_came: bool,
}

/// In what a payment is or was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentTerms {
    /// USD until it is paid, then what the customer paid in.
    pub currency: Currency,
    /// USD per unit of the currency.
    pub rate: Option<Rate>,
    /// Through whom the money comes; `None` when nothing is due.
    pub source: Option<PaymentSource>,
}

/// How far the installments of a payment are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Installments {
    /// Whether the customer agreed to pay so.
    pub agreed: bool,
    /// How many there will be.
    pub total: Option<u32>,
    /// How many were paid.
    pub paid: Option<u32>,
    /// Whether the provider said that all of them are paid.
    pub completed: bool,
}

impl PaymentProgress {
    /// As the database has it, for a payment that wasn't approved before. Whether its money came is as its status says.
    #[must_use]
    pub fn stored(status: PaymentStatus) -> Self {
        let approved = status == PaymentStatus::Approved;
        Self { status, once_approved: approved, money_came: approved }
    }

    /// The same, for a payment that was approved at some time if `once` says so, and whose money came if that is known
    /// and said; else it came with the approval.
    #[must_use]
    pub fn after_approval(self, once: bool, money_came: Option<bool>) -> Self {
        let once_approved = self.once_approved || once;
        Self { once_approved, money_came: money_came.unwrap_or(once_approved), ..self }
    }

    /// How far the payment is.
    #[must_use]
    pub fn status(self) -> PaymentStatus {
        self.status
    }

    /// Whether it is or was approved.
    #[must_use]
    pub fn once_approved(self) -> bool {
        self.once_approved
    }

    /// Whether the provider reported its money, or nothing was due; staff approve without.
    #[must_use]
    pub fn money_came(self) -> bool {
        self.money_came
    }

    /// Whether it was paid and taken back. Another report of its money changes nothing.
    #[must_use]
    pub fn is_revoked(self) -> bool {
        self.money_came && self.status != PaymentStatus::Approved
    }

    fn moved(self, status: PaymentStatus) -> Self {
        let once_approved = self.once_approved || status == PaymentStatus::Approved;
        Self { status, once_approved, ..self }
    }

    fn with_money(self) -> Self {
        Self { money_came: true, ..self }
    }
}

impl Payment {
    /// The longest name that the provider may have for a payment, in characters.
    pub const EXTERNAL_ID_MAX: usize = 255;

    /// The purchase by `application` of what `quote` priced: approved if nothing is due, else pending. A coupon that
    /// it names, and the credit that its settlement uses, are taken along with it.
    #[must_use]
    pub fn purchase(
        id: PaymentId,
        application: &Application,
        quote: &Quote,
        edit_passes: bool,
        now: DateTime<Utc>,
    ) -> Self {
        let amount = quote.due();
        let coupon = match &quote.discount {
            Some(Discount::Coupon(coupon)) => Some(coupon),
            _ => None,
        };
        let fresh = Self::pending(id, application, PaymentType::PassPurchase, amount, now);
        let free = amount.is_zero();
        let status = if free { PaymentStatus::Approved } else { PaymentStatus::Pending };
        Self {
            insurance_amount: quote.insurance_amount,
            progress: PaymentProgress::stored(status),
            terms: PaymentTerms { source: fresh.terms.source.filter(|_| !free), ..fresh.terms },
            coupon: coupon.map(|coupon| coupon.id),
            coupon_code: coupon.map(|coupon| coupon.code.clone()),
            discount_value: Some(to_cents(quote.discount_value())),
            discount_amount: Some(quote.discount_amount),
            edit_passes,
            group: quote.group,
            settlement: Some(quote.settlement.clone()),
            ..fresh
        }
    }

    /// The fee of `application`, pending.
    #[must_use]
    pub fn fee(
        id: PaymentId,
        application: &Application,
        amount: Decimal,
        now: DateTime<Utc>,
    ) -> Self {
        Self::pending(id, application, PaymentType::ApplicationFee, amount, now)
    }

    fn pending(
        id: PaymentId,
        application: &Application,
        payment_type: PaymentType,
        amount: Decimal,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            tenant: application.tenant,
            application: application.id,
            popup: application.popup,
            payment_type,
            external_id: None,
            checkout_url: None,
            amount: to_cents(amount),
            insurance_amount: to_cents(Decimal::ZERO),
            progress: PaymentProgress::stored(PaymentStatus::Pending),
            terms: PaymentTerms {
                currency: Currency::usd(),
                rate: None,
                source: Some(PaymentSource::SimpleFi),
            },
            installments: Installments { paid: Some(0), ..Installments::default() },
            coupon: None,
            coupon_code: None,
            discount_value: None,
            discount_amount: None,
            edit_passes: false,
            group: None,
            settlement: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// How far it is.
    #[must_use]
    pub fn status(&self) -> PaymentStatus {
        self.progress.status
    }

    /// The plan of a payment that was made without one: what `lines`, the units it sells, amount to, when `holdings`
    /// are what the application's attendees hold. It holds for the moment, and is kept once it is carried out.
    #[must_use]
    pub fn reconstructed_plan(&self, lines: &[Units], holdings: &Holdings) -> Settlement {
        let plan = Settlement::reconstructed(lines, self.edit_passes, holdings);
        if self.status() == PaymentStatus::Approved { plan.as_settled() } else { plan }
    }

    /// This payment after `transition`. Whoever carries out its effect sets the settlement.
    #[must_use]
    pub fn after(self, transition: &PaymentTransition, now: DateTime<Utc>) -> Self {
        Self {
            progress: transition.progress,
            terms: transition.terms.clone(),
            installments: transition.installments,
            updated_at: now,
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
