use edgeos_domain::PopupId;
use rust_decimal::Decimal;

use crate::{StoreError, Transaction};

/// What there is of a popup, in numbers that are true at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PopupStats {
    /// Applications by their status.
    pub applications: ApplicationStats,
    /// Whom they bring.
    pub attendees: AttendeeStats,
    /// What was asked for and paid.
    pub payments: PaymentStats,
}

/// How many applications there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationStats {
    /// In any status.
    pub total: u64,
    /// Not submitted.
    pub draft: u64,
    /// Waiting for the fee.
    pub pending_fee: u64,
    /// Waiting for a decision.
    pub in_review: u64,
    /// Accepted.
    pub accepted: u64,
    /// Rejected.
    pub rejected: u64,
    /// Taken back.
    pub withdrawn: u64,
}

/// How many attendees there are, whatever the status of their applications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttendeeStats {
    /// In any category.
    pub total: u64,
    /// Applicants.
    pub main: u64,
    /// Spouses.
    pub spouse: u64,
    /// Kids.
    pub kid: u64,
    /// Those of accepted applications.
    pub accepted: u64,
    /// Those who hold a product.
    pub with_products: u64,
}

/// How many payments there are, of any type, and over how much, in USD. `None` is the sum of nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentStats {
    /// In any status.
    pub total: u64,
    /// Waiting for the money.
    pub pending: u64,
    /// Paid.
    pub approved: u64,
    /// Refused.
    pub rejected: u64,
    /// Over before they were paid.
    pub expired: u64,
    /// Taken back.
    pub cancelled: u64,
    /// Asked for, in any status.
    pub total_revenue: Option<Decimal>,
    /// Waited for.
    pub pending_revenue: Option<Decimal>,
    /// Paid.
    pub approved_revenue: Option<Decimal>,
    /// What discounts took off approved purchases.
    pub total_discounts: Option<Decimal>,
    /// Paid for applying.
    pub application_fee_revenue: Option<Decimal>,
}

/// The figures of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait Dashboard: Transaction {
    /// The figures of `popup`, taken by one statement; nothing but zeros for a popup that the tenant
    /// doesn't have.
    async fn popup_stats(&mut self, popup: PopupId) -> Result<PopupStats, StoreError>;
}
