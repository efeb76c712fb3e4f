//! The way to the checkout: the payment is recorded before the provider is asked, and what it answers after.

use edgeos_domain::{
    PaidIn, Payment, PaymentId, PaymentStatus, PaymentTrigger, PaymentType, ProviderReport, Tenant,
    TenantId,
};
use edgeos_ports::{
    CreatedRequest, IdempotencyKeys, Key, NewPaymentRequest, PaymentReference, PaymentSubject,
    Payments, ProviderAccount, ProviderError, RequestStatus, Resource, StoreError, TenantScope,
    Tenants, Transaction,
};

use super::{
    ManagePayments, PaymentStore, Sale,
    refusal::provider_failed,
    seen,
    settle::{Buyer, lock_payment},
};
use crate::{
    AppError,
    checkout_addresses::CheckoutPage,
    idempotency::{Once, Repeatable},
};

/// A payment that is recorded, and waits for its checkout.
pub(super) struct Checkout {
    pub(super) buyer: Buyer,
    pub(super) payment: Payment,
    pub(super) account: ProviderAccount,
    pub(super) page: CheckoutPage,
    pub(super) subject: PaymentSubject,
}

impl<S: PaymentStore> ManagePayments<S> {
    /// Opens the checkout, and records it; if there is none, the payment goes as if it had never been.
    pub(super) async fn check_out(
        &self,
        checkout: Checkout,
        once: Option<&Repeatable<'_, Sale>>,
    ) -> Result<Once<Sale>, AppError> {
        let Payment { id, tenant, .. } = checkout.payment;
        let scope = TenantScope::of_worker(tenant);
        let opened = match self.open(checkout).await {
            Ok(created) => self.record(&scope, id, created, once).await,
            Err(error) => Err(error),
        };
        match opened {
            Ok(sale) => Ok(Once::Done(sale)),
            Err(error) => {
                if let Err(failure) = self.discard(&scope, id).await {
                    tracing::error!(payment.id = %id, error = &failure as &dyn std::error::Error,
                        "payment {id} has no checkout and can't be dropped yet");
                }
                Err(error)
            }
        }
    }

    async fn open(&self, checkout: Checkout) -> Result<CreatedRequest, AppError> {
        let Checkout { buyer, payment, account, page, subject } = checkout;
        let tenant = self.tenant(payment.tenant).await?;
        let token = self.keys.webhook_token(payment.id);
        let unusable = |error| {
            tracing::error!("an address of this installation can't be used: {error}");
            AppError::Upstream("no checkout can be opened".into())
        };
        let notification_url = self.addresses.notification(payment.id, &token).map_err(unusable)?;
        let returns = self.addresses.returns(&tenant, &buyer.popup.slug, page).map_err(unusable)?;
        let memo = match payment.payment_type {
            PaymentType::PassPurchase => tenant.name,
            PaymentType::ApplicationFee => format!("Application fee – {}", buyer.popup.name),
        };
        let request = NewPaymentRequest {
            payment: payment.id,
            amount: payment.amount,
            currency: payment.terms.currency.as_str().to_owned(),
            reference: PaymentReference {
                email: buyer.human.email.as_str().to_owned(),
                application: payment.application,
                subject,
            },
            memo,
            notification_url,
            success_url: returns.success,
            cancel_url: returns.cancel,
        };
        self.provider.create_payment_request(&account, &request).await.map_err(provider_failed)
    }

    /// Records the checkout. Whatever happened to the payment meanwhile stays.
    async fn record(
        &self,
        scope: &TenantScope,
        id: PaymentId,
        created: CreatedRequest,
        once: Option<&Repeatable<'_, Sale>>,
    ) -> Result<Sale, AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(scope).await?;
        let (mut buyer, payment) = lock_payment(&mut tx, id).await?;
        let payment = Payment {
            external_id: Some(created.external_id),
            checkout_url: Some(created.checkout_url.as_str().to_owned()),
            updated_at: env.now(),
            ..payment
        };
        tx.update_payment(&payment).await.map_err(known_already)?;
        if payment.status() == PaymentStatus::Pending {
            let reported = PaymentTrigger::Reported(report(created.status));
            buyer.advance(&mut tx, env, payment, &reported).await?;
        }
        let sale = Sale { view: seen(&mut tx, id).await?, is_new: true };
        Repeatable::settle(once, &mut tx, env, &sale).await?;
        tx.commit().await?;
        Ok(sale)
    }

    /// Deletes the payment `id`, of which nobody has a checkout, and gives back what it held; whether there was one.
    /// What is settled or can be paid stays, but for the key that waits for the checkout.
    pub(super) async fn discard(
        &self,
        scope: &TenantScope,
        id: PaymentId,
    ) -> Result<bool, AppError> {
        let mut tx = self.store.begin(scope).await?;
        let (mut buyer, payment) = match lock_payment(&mut tx, id).await {
            Err(AppError::NotFound(Resource::Payment)) => return Ok(false),
            locked => locked?,
        };
        let is_open = payment.external_id.is_some() || payment.checkout_url.is_some();
        if is_open || payment.status() == PaymentStatus::Approved {
            tx.release_key(id).await?;
            tx.commit().await?;
            return Ok(false);
        }
        if payment.status() == PaymentStatus::Pending {
            buyer.advance(&mut tx, &*self.env, payment, &PaymentTrigger::TimedOut).await?;
        }
        tx.delete_payment(id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The organisation `id`.
    pub(super) async fn tenant(&self, id: TenantId) -> Result<Tenant, AppError> {
        let mut tx = self.store.begin_platform(None).await?;
        let tenant = tx.tenant(id).await?;
        tenant.ok_or(StoreError::Missing(Resource::Tenant).into())
    }
}

/// A request that the provider gives another payment's name to can't be told apart from that payment's.
fn known_already(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(Key::ExternalPayment) => provider_failed(ProviderError::InvalidAnswer),
        error => error.into(),
    }
}

/// What the provider says about a request, without what only its announcements tell.
pub(super) fn report(status: RequestStatus) -> ProviderReport {
    ProviderReport { status: known(status), paid_in: PaidIn::default(), amount: None }
}

/// The status that the provider means.
pub(super) fn known(status: RequestStatus) -> Option<PaymentStatus> {
    match status {
        RequestStatus::Pending => Some(PaymentStatus::Pending),
        RequestStatus::Approved => Some(PaymentStatus::Approved),
        RequestStatus::Rejected => Some(PaymentStatus::Rejected),
        RequestStatus::Expired => Some(PaymentStatus::Expired),
        RequestStatus::Cancelled => Some(PaymentStatus::Cancelled),
        RequestStatus::Unknown => None,
    }
}
