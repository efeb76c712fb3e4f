use edgeos_domain::{
    Currency, PaidIn, Payment, PaymentId, PaymentTrigger, ProviderReport, Rate, TenantId,
};
use edgeos_ports::{
    InstallmentEvent, PaidInstallment, PaymentEvent, PaymentTenants, Payments, Popups,
    ProviderAccount, ProviderError, ProviderEvent, RequestStatus, Resource, TenantScope,
    Transaction,
};
use tracing::Instrument;

use super::{
    ManagePayments, PaymentStore, about,
    checkout::{known, report},
    settle::lock_payment,
};
use crate::AppError;

/// Something that the provider announces, or somebody in its name.
#[derive(Clone, Copy)]
pub struct Notice<'a> {
    /// What.
    pub event: &'a ProviderEvent,
    /// The bytes that say so.
    pub body: &'a [u8],
    /// The payment in the address that it was sent to, if that can be one.
    pub payment: Option<PaymentId>,
    /// The token in that address.
    pub token: Option<&'a str>,
    /// The signature that came along.
    pub signature: Option<&'a str>,
}

/// What a notice asks for, once it is believed.
enum Request<'a> {
    Trigger(PaymentTrigger),
    Installment(&'a InstallmentEvent),
}

impl<S: PaymentStore> ManagePayments<S> {
    /// Does what follows from `notice`; a few words on what that is. It may come any number of times, in any order.
    ///
    /// # Errors
    ///
    /// `Unauthenticated` for a wrong token or signature, and for an event that nothing vouches for, unless the
    /// provider can be asked; `NotFound` for the payment; `Unavailable` when the provider can't be asked: it should
    /// send the notice again.
    pub async fn announced(&self, notice: &Notice<'_>) -> Result<&'static str, AppError> {
        let by_token = self.token_vouches(notice)?;
        let Some(name) = subject(notice.event) else { return Ok("ignored") };
        let is_hint = matches!(notice.event, ProviderEvent::Payment(_));
        if by_token.is_none() && notice.signature.is_none() && !is_hint {
            return Err(AppError::Unauthenticated("nothing vouches for this event".into()));
        }
        let (scope, payment, account) = self.find(by_token, name).await?;
        let signed = self.signature_vouches(notice, account.as_ref())?;
        let request = match notice.event {
            ProviderEvent::Payment(event) if by_token.is_none() && !signed => {
                if payment.progress.money_came() {
                    // Whatever the provider says about it, nothing follows.
                    return Ok("known already");
                }
                match self.confirmed(&payment, account, event).await? {
                    Some(report) => Request::Trigger(PaymentTrigger::Reported(report)),
                    None => return Ok("ignored"),
                }
            }
            ProviderEvent::Payment(event) => {
                Request::Trigger(PaymentTrigger::Reported(told(event)))
            }
            ProviderEvent::Installment(event) if event.status == RequestStatus::Approved => {
                Request::Installment(event)
            }
            ProviderEvent::PlanActivated { installments, .. } => {
                Request::Trigger(PaymentTrigger::PlanActivated { installments: *installments })
            }
            ProviderEvent::PlanCompleted { paid, .. } => {
                Request::Trigger(PaymentTrigger::PlanCompleted { paid: *paid })
            }
            ProviderEvent::PlanCancelled { .. } => Request::Trigger(PaymentTrigger::PlanCancelled),
            ProviderEvent::Installment(_) | ProviderEvent::Other => return Ok("ignored"),
        };
        self.carry_out(&scope, payment.id, request).await
    }

    async fn carry_out(
        &self,
        scope: &TenantScope,
        id: PaymentId,
        request: Request<'_>,
    ) -> Result<&'static str, AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(scope).await?;
        let (mut buyer, payment) = lock_payment(&mut tx, id).await?;
        let trigger = match request {
            Request::Trigger(trigger) => trigger,
            Request::Installment(event) => {
                let installment = PaidInstallment {
                    external_id: event.external_id.clone(),
                    amount: event.amount.unwrap_or_default(),
                    currency: event.currency.clone(),
                    paid_at: event.paid_at.unwrap_or_else(|| env.now()),
                };
                match tx.insert_installment(id, env.uuid(), &installment).await? {
                    Some(kept) => {
                        let paid_in = paid_in(&event.currency, None);
                        PaymentTrigger::InstallmentPaid { kept, paid_in }
                    }
                    None => return Ok("known already"),
                }
            }
        };
        buyer.advance(&mut tx, env, payment, &trigger).await?;
        tx.commit().await?;
        Ok("processed")
    }

    /// The payment whose token the notice brings, if it brings any.
    fn token_vouches(&self, notice: &Notice<'_>) -> Result<Option<PaymentId>, AppError> {
        let Some(token) = notice.token else { return Ok(None) };
        let vouched = notice.payment.filter(|id| self.keys.webhook_token_matches(*id, token));
        vouched.map(Some).ok_or(AppError::Unauthenticated("the token is wrong".into()))
    }

    /// Whether the notice is signed.
    fn signature_vouches(
        &self,
        notice: &Notice<'_>,
        account: Option<&ProviderAccount>,
    ) -> Result<bool, AppError> {
        let Some(signature) = notice.signature else { return Ok(false) };
        let is_right = |account| self.provider.verify_signature(account, notice.body, signature);
        if account.is_some_and(is_right) {
            return Ok(true);
        }
        Err(AppError::Unauthenticated("the signature is wrong".into()))
    }

    /// The payment that a notice is about, and the account of its popup.
    async fn find(
        &self,
        by_token: Option<PaymentId>,
        external_id: &str,
    ) -> Result<(TenantScope, Payment, Option<ProviderAccount>), AppError> {
        let missing = || AppError::NotFound(Resource::Payment);
        let tenant = self.tenant_of(by_token, external_id).await?.ok_or_else(missing)?;
        let scope = TenantScope::of_worker(tenant);
        let mut tx = self.store.begin(&scope).await?;
        let payment = match by_token {
            Some(id) => tx.payment(id).await?,
            None => tx.payment_by_external_id(external_id).await?,
        };
        let payment = payment.ok_or_else(missing)?;
        let popup = tx.popup(payment.popup).await?.ok_or_else(missing)?;
        Ok((scope, payment, self.account(&popup)))
    }

    async fn tenant_of(
        &self,
        by_token: Option<PaymentId>,
        external_id: &str,
    ) -> Result<Option<TenantId>, AppError> {
        let mut tx = self.store.begin_platform(None).await?;
        Ok(match by_token {
            Some(id) => tx.tenant_of_payment(id).await?,
            None => tx.tenant_of_external_payment(external_id).await?,
        })
    }

    /// What the provider itself says about the payment of which `event` is a hint; `None` if it knows nothing of it.
    async fn confirmed(
        &self,
        payment: &Payment,
        account: Option<ProviderAccount>,
        event: &PaymentEvent,
    ) -> Result<Option<ProviderReport>, AppError> {
        let unconfirmed = || AppError::Unavailable("the event can't be confirmed now".into());
        let account = account.ok_or_else(unconfirmed)?;
        let external_id = payment.external_id.as_deref().unwrap_or(&event.external_id);
        let _slot = self.confirmations.take().ok_or_else(unconfirmed)?;
        let asked = self.provider.payment_request(&account, external_id);
        match asked.instrument(about(payment.id)).await {
            Ok(state) => Ok(Some(ProviderReport {
                status: known(state.status),
                amount: state.amount,
                // In what it was paid, nobody vouches for.
                paid_in: PaidIn::default(),
            })),
            Err(ProviderError::NoSuchRequest) => Ok(None),
            Err(_) => Err(unconfirmed()),
        }
    }
}

/// What the provider calls the request or the plan of `event`; `None` if nothing follows from it.
fn subject(event: &ProviderEvent) -> Option<&str> {
    match event {
        ProviderEvent::Payment(event) => Some(&event.external_id),
        ProviderEvent::Installment(event) => Some(&event.plan),
        ProviderEvent::PlanActivated { plan, .. }
        | ProviderEvent::PlanCompleted { plan, .. }
        | ProviderEvent::PlanCancelled { plan } => Some(plan),
        ProviderEvent::Other => None,
    }
}

fn told(event: &PaymentEvent) -> ProviderReport {
    let paid_in = paid_in(&event.currency, event.rate.and_then(|rate| Rate::new(rate).ok()));
    ProviderReport { paid_in, ..report(event.status) }
}

fn paid_in(currency: &str, rate: Option<Rate>) -> PaidIn {
    PaidIn { currency: Currency::parse(currency).ok(), rate }
}
