use chrono::{DateTime, Utc};
use edgeos_domain::{
    ApplicationId, AttendeeId, Payment, PaymentId, PaymentStatus, PopupId, ProductId, TenantId,
    TraceStep, Units,
};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{Page, Paging, StoreError, Transaction};

/// What a payment says about one of its products, as it was when the payment was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLine {
    /// What.
    pub product: ProductId,
    /// For whom.
    pub attendee: AttendeeId,
    /// How many units. Older databases hold quantities below one.
    pub quantity: i32,
    /// What it was called.
    pub name: String,
    /// What it was said to be.
    pub description: Option<String>,
    /// What one unit cost, in USD.
    pub price: Decimal,
    /// Its category, in lower case: `ticket`.
    pub category: String,
    /// When the payment was made.
    pub created_at: DateTime<Utc>,
}

/// A line, and what its attendee is called now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLineView {
    /// The line.
    pub line: PaymentLine,
    /// The attendee's name; `None` if nobody knows it.
    pub attendee_name: Option<String>,
}

/// A payment, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentView {
    /// The payment.
    pub payment: Payment,
    /// Its lines, by product, then by attendee.
    pub lines: Vec<PaymentLineView>,
}

/// Which payments a list shows; what is `None` doesn't narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Payments to this popup.
    pub popup: Option<PopupId>,
    /// Payments by this application.
    pub application: Option<ApplicationId>,
    /// The payment that the provider calls so.
    pub external_id: Option<String>,
    /// Payments in this status.
    pub status: Option<PaymentStatus>,
}

/// An installment that was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidInstallment {
    /// The provider's name for the installment.
    pub external_id: String,
    /// What was paid, in `currency`.
    pub amount: Decimal,
    /// What was paid in.
    pub currency: String,
    /// When it was paid.
    pub paid_at: DateTime<Utc>,
}

/// A payment that has waited for some time, and that somebody may still pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StalePayment {
    /// Identifies the payment within the tenant.
    pub id: PaymentId,
    /// To which popup.
    pub popup: PopupId,
    /// The provider's name for it; without one, the provider can't be asked.
    pub external_id: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The payments of the transaction's tenant. Whoever changes one locks its application first.
#[trait_variant::make(Send)]
pub trait Payments: Transaction {
    /// The payment `id`, to learn whose it is; that never changes.
    async fn payment(&mut self, id: PaymentId) -> Result<Option<Payment>, StoreError>;

    /// The payment `id`, locked until the transaction ends and read under the lock.
    async fn lock_payment(&mut self, id: PaymentId) -> Result<Option<Payment>, StoreError>;

    /// The payment that the provider calls `external_id`.
    async fn payment_by_external_id(
        &mut self,
        external_id: &str,
    ) -> Result<Option<Payment>, StoreError>;

    /// The pending purchases of `application`, by id.
    async fn pending_purchases(
        &mut self,
        application: ApplicationId,
    ) -> Result<Vec<Payment>, StoreError>;

    /// As [`pending_purchases`](Self::pending_purchases), locked until the transaction ends.
    async fn lock_pending_purchases(
        &mut self,
        application: ApplicationId,
    ) -> Result<Vec<Payment>, StoreError>;

    /// The pending fee of `application`, locked until the transaction ends.
    async fn lock_pending_fee(
        &mut self,
        application: ApplicationId,
    ) -> Result<Option<Payment>, StoreError>;

    /// What `payment` sells, without lines of less than one unit.
    async fn sold_units(&mut self, payment: PaymentId) -> Result<Vec<Units>, StoreError>;

    /// Stores a new payment with its lines, and how its amount came about.
    async fn insert_payment(
        &mut self,
        payment: &Payment,
        lines: &[PaymentLine],
        trace: &[TraceStep],
    ) -> Result<(), StoreError>;

    /// Stores `payment` anew; what can't change stays. [`Taken`](StoreError::Taken) when another payment has
    /// its external id.
    async fn update_payment(&mut self, payment: &Payment) -> Result<(), StoreError>;

    /// Deletes the payment `id` with its lines, and the idempotency key that it was made with.
    async fn delete_payment(&mut self, id: PaymentId) -> Result<(), StoreError>;

    /// The payment `id` with its lines.
    async fn payment_view(&mut self, id: PaymentId) -> Result<Option<PaymentView>, StoreError>;

    /// One page of the payments that match `filter`, newest first, then by id downwards.
    async fn payment_views(
        &mut self,
        filter: &PaymentFilter,
        paging: Paging,
    ) -> Result<Page<PaymentView>, StoreError>;

    /// The newest payment of `application`, and how far it is.
    async fn latest_payment(
        &mut self,
        application: ApplicationId,
    ) -> Result<Option<(PaymentId, PaymentStatus)>, StoreError>;

    /// Keeps an installment of `payment`, which is locked, unless it is kept already: then `None`. How many
    /// are kept afterwards.
    async fn insert_installment(
        &mut self,
        payment: PaymentId,
        id: Uuid,
        installment: &PaidInstallment,
    ) -> Result<Option<u32>, StoreError>;

    /// Pending payments without a checkout that were made before `before`, the oldest first, `limit` at most.
    async fn unopened_payments(
        &mut self,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<PaymentId>, StoreError>;

    /// Takes a pending payment with a checkout that was made before `made_before` and wasn't taken since
    /// `taken_before`, for whoever asks the provider about it at `now`: nobody else gets it for a while. The one
    /// that has waited longest for it comes first; those that somebody is at work on are passed over.
    async fn claim_stale_payment(
        &mut self,
        made_before: DateTime<Utc>,
        taken_before: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<StalePayment>, StoreError>;
}

/// Finds the tenant of what the provider talks about, and tenants whose payments need a look.
#[trait_variant::make(Send)]
pub trait PaymentTenants: Transaction {
    /// The tenant of the payment `id`.
    async fn tenant_of_payment(&mut self, id: PaymentId) -> Result<Option<TenantId>, StoreError>;

    /// The tenant of the payment that the provider calls so; `None` also when there are several.
    async fn tenant_of_external_payment(
        &mut self,
        external_id: &str,
    ) -> Result<Option<TenantId>, StoreError>;

    /// Tenants with payments that are pending since before `before`, `limit` at most.
    async fn tenants_with_stale_payments(
        &mut self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<TenantId>, StoreError>;
}
