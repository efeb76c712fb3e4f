//! Payments: orders are priced, paid at the provider, settled and taken back.
//!
//! Whatever moves a payment locks, in this order, its popup, human and application, the payment, limited products
//! and coupons, and has the domain say what follows. The provider is asked between transactions: what is wanted is
//! recorded before, what it answers after.

mod admin;
mod checkout;
mod create;
mod fee;
mod mail;
mod order;
mod preview;
mod refusal;
mod settle;
mod sweeper;
mod webhook;

use std::{fmt, sync::Arc};

use edgeos_domain::{Application, ApplicationId, PaymentId, PaymentStatus, Popup};
use edgeos_ports::{
    Applications, Belongings, Carts, Coupons, Environment, GroupLeaders, Page, Paging, Participant,
    PaymentFilter, PaymentProvider, PaymentTenants, PaymentView, Payments, PlatformStore, Products,
    ProviderAccount, Reader, Resource, Store, Tenants,
};

pub use self::{order::Purchase, sweeper::SweepReport, webhook::Notice};
use crate::{
    AppError, applications::ApplicationTx, checkout_addresses::CheckoutAddresses,
    coupons::CouponGuesses, keys::Keyring, popups::payment_key, slots::Slots,
};

/// Hints about which the provider is asked at the same time; further ones have to come again.
const CONFIRMATIONS: usize = 8;

/// Everything that a payment touches.
pub trait PaymentTx:
    ApplicationTx + Belongings + Carts + Coupons + GroupLeaders + Payments + Products
{
}

impl<T> PaymentTx for T where
    T: ApplicationTx + Belongings + Carts + Coupons + GroupLeaders + Payments + Products
{
}

/// Where payments are kept, and the tenants that they belong to.
pub trait PaymentStore:
    Store<Tx: PaymentTx> + PlatformStore<PlatformTx: PaymentTenants + Tenants>
{
}

impl<S> PaymentStore for S where
    S: Store<Tx: PaymentTx> + PlatformStore<PlatformTx: PaymentTenants + Tenants>
{
}

/// Payments, as buyers, staff and the provider work with them.
#[derive(Clone)]
pub struct ManagePayments<S> {
    store: S,
    env: Arc<dyn Environment>,
    keys: Arc<Keyring>,
    provider: Arc<dyn PaymentProvider>,
    addresses: CheckoutAddresses,
    guesses: CouponGuesses,
    /// Whoever knows a payment's name may have the provider asked about it: not at the expense of buyers.
    confirmations: Slots,
}

/// A payment that a buyer asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The payment.
    pub view: PaymentView,
    /// Whether it was made for this request; otherwise it had been paid before.
    pub is_new: bool,
}

impl<S> ManagePayments<S> {
    /// The use cases over `store`, with checkouts at `provider`. `guesses` limits how often somebody may guess a
    /// coupon.
    pub fn new(
        store: S,
        env: Arc<dyn Environment>,
        keys: Arc<Keyring>,
        provider: Arc<dyn PaymentProvider>,
        addresses: CheckoutAddresses,
        guesses: CouponGuesses,
    ) -> Self {
        let confirmations = Slots::new(CONFIRMATIONS);
        Self { store, env, keys, provider, addresses, guesses, confirmations }
    }

    /// The account of `popup` at the provider, if it has one.
    fn account(&self, popup: &Popup) -> Option<ProviderAccount> {
        payment_key(&self.keys, popup).and_then(ProviderAccount::new)
    }
}

impl<S: PaymentStore> ManagePayments<S> {
    /// One page of the tenant's payments that match `filter`, newest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        filter: &PaymentFilter,
        paging: Paging,
    ) -> Result<Page<PaymentView>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.payment_views(filter, paging).await?)
    }

    /// The payment `id`.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get(&self, by: &Reader, id: PaymentId) -> Result<PaymentView, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        seen(&mut tx, id).await
    }

    /// One page of the payments of the human's own `application`, newest first.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn list_mine(
        &self,
        by: &Participant,
        application: ApplicationId,
        paging: Paging,
    ) -> Result<Page<PaymentView>, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        own(&mut tx, by, application).await?;
        let filter = PaymentFilter { application: Some(application), ..PaymentFilter::default() };
        Ok(tx.payment_views(&filter, paging).await?)
    }

    /// The newest payment of the human's own `application`, and how far it is.
    ///
    /// # Errors
    ///
    /// `NotFound` for the application, or when it has no payment.
    pub async fn latest(
        &self,
        by: &Participant,
        application: ApplicationId,
    ) -> Result<(PaymentId, PaymentStatus), AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        own(&mut tx, by, application).await?;
        let latest = tx.latest_payment(application).await?;
        latest.ok_or(AppError::NotFound(Resource::Payment))
    }
}

impl<S> fmt::Debug for ManagePayments<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagePayments").finish_non_exhaustive()
    }
}

/// The application `id`, if it is the human's own.
async fn own(
    tx: &mut impl Applications,
    by: &Participant,
    id: ApplicationId,
) -> Result<Application, AppError> {
    let application = tx.application(id).await?;
    let own = application.filter(|application| application.human == by.human());
    own.ok_or(AppError::NotFound(Resource::Application))
}

/// Where the log tells of what is asked about the payment `id`.
fn about(id: PaymentId) -> tracing::Span {
    tracing::info_span!("payment", payment.id = %id)
}

/// The payment as an answer shows it, after this transaction's changes.
async fn seen(tx: &mut impl Payments, id: PaymentId) -> Result<PaymentView, AppError> {
    tx.payment_view(id).await?.ok_or(AppError::NotFound(Resource::Payment))
}
