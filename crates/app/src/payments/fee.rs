use chrono::TimeDelta;
use edgeos_domain::{
    ApplicationId, FeeRefusal, Payment, PaymentId, PaymentStatus, PaymentTrigger, ProviderReport,
    Tenant, fee_due,
};
use edgeos_ports::{
    Participant, PaymentSubject, Payments, ProviderAccount, ProviderError, RequestStatus,
    Transaction,
};
use tracing::Instrument;

use super::{
    ManagePayments, PaymentStore, Sale, about,
    checkout::{Checkout, report},
    own,
    refusal::provider_failed,
    seen,
    settle::Buyer,
};
use crate::{
    AppError,
    applications::lock,
    checkout_addresses::CheckoutPage,
    idempotency::{Once, Repeatable},
};

/// How often a fee that is open is asked about, should another one take its place meanwhile.
const QUESTIONS: usize = 3;

/// How long the checkout of a fee may take to be opened: the provider answers within 20 seconds, and what it says has
/// to be recorded. Until then a second request waits, lest two checkouts can be paid.
const OPENING: TimeDelta = TimeDelta::seconds(30);

/// What the provider says about a payment.
type Known = Option<(PaymentId, ProviderReport)>;

/// What a look at the fees of an application leads to.
enum Look {
    Done(Box<Once<Sale>>),
    /// The provider has to be asked about this fee first.
    Ask(PaymentId, ProviderAccount, String),
    CheckOut(Box<Checkout>),
}

impl<S: PaymentStore> ManagePayments<S> {
    /// Opens a payment of the fee that the human's own `application` waits for. If one is open already, the provider
    /// is asked about it before; when it turns out to be paid, the application moves on, and that payment is the
    /// answer, with the address in the portal that shows the status as its checkout.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Invalid`, `Refused` or `Conflict` as [`FeeRefusal`] says; `Upstream` when the provider doesn't
    /// help, and nothing has changed; `NotYet` while the checkout of another one is opened. With a key, as
    /// [`Repeatable`] says.
    pub async fn create_fee(
        &self,
        by: &Participant,
        application: ApplicationId,
        once: Option<&Repeatable<'_, Sale>>,
    ) -> Result<Once<Sale>, AppError> {
        let tenant = self.tenant(by.tenant()).await?;
        let mut known: Known = None;
        for _ in 0..QUESTIONS {
            match self.look_at_fees(by, &tenant, application, &known, once).await? {
                Look::Done(sale) => return Ok(*sale),
                Look::CheckOut(checkout) => return self.check_out(*checkout, once).await,
                Look::Ask(payment, account, external_id) => {
                    let asked = self.fee_report(&account, &external_id);
                    known = Some((payment, asked.instrument(about(payment)).await?));
                }
            }
        }
        Err(being_opened())
    }

    async fn look_at_fees(
        &self,
        by: &Participant,
        tenant: &Tenant,
        id: ApplicationId,
        known: &Known,
        once: Option<&Repeatable<'_, Sale>>,
    ) -> Result<Look, AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(&by.scope()).await?;
        if let Some(answer) = Repeatable::claim(once, &mut tx, env).await? {
            return Ok(Look::Done(Box::new(Once::Repeated(answer))));
        }
        own(&mut tx, by, id).await?;
        let (popup, human, application) = lock(&mut tx, id).await?;
        let amount = fee_due(&application, &popup)?;
        let account = self.account(&popup);
        let mut buyer = Buyer { popup, human, application };
        if let Some(open) = tx.lock_pending_fee(id).await? {
            let report = match (&open.external_id, known) {
                (None, _)
                    if open.checkout_url.is_none() && open.created_at > env.now() - OPENING =>
                {
                    return Err(being_opened());
                }
                // Nobody has its checkout.
                (None, _) => report(RequestStatus::Expired),
                (Some(_), Some((payment, report))) if *payment == open.id => report.clone(),
                (Some(external_id), _) => {
                    let account = account.ok_or(FeeRefusal::NoProvider)?;
                    return Ok(Look::Ask(open.id, account, external_id.clone()));
                }
            };
            let checked = PaymentTrigger::FeeChecked(report);
            let open = buyer.advance(&mut tx, env, open, &checked).await?;
            match open.status() {
                PaymentStatus::Pending => {
                    let checkout_url = open.checkout_url.unwrap_or_default();
                    return Err(FeeRefusal::Open { checkout_url }.into());
                }
                PaymentStatus::Approved => {
                    let mut view = seen(&mut tx, open.id).await?;
                    let returns = self.addresses.returns(
                        tenant,
                        &buyer.popup.slug,
                        CheckoutPage::Application,
                    );
                    if let Ok(returns) = returns {
                        view.payment.checkout_url = Some(returns.success.as_str().to_owned());
                    }
                    let sale = Sale { view, is_new: false };
                    Repeatable::settle(once, &mut tx, env, &sale).await?;
                    tx.commit().await?;
                    return Ok(Look::Done(Box::new(Once::Done(sale))));
                }
                PaymentStatus::Rejected | PaymentStatus::Expired | PaymentStatus::Cancelled => {}
            }
        }
        let account = account.ok_or(FeeRefusal::NoProvider)?;
        let payment = Payment::fee(PaymentId(env.uuid()), &buyer.application, amount, env.now());
        tx.insert_payment(&payment, &[], &[]).await?;
        Repeatable::hold(once, &mut tx, env, payment.id).await?;
        tx.commit().await?;
        let (page, subject) = (CheckoutPage::Application, PaymentSubject::ApplicationFee);
        Ok(Look::CheckOut(Box::new(Checkout { buyer, payment, account, page, subject })))
    }

    /// What the provider says about a fee; what it doesn't know is over.
    async fn fee_report(
        &self,
        account: &ProviderAccount,
        external_id: &str,
    ) -> Result<ProviderReport, AppError> {
        match self.provider.payment_request(account, external_id).await {
            Ok(state) => Ok(ProviderReport { amount: state.amount, ..report(state.status) }),
            Err(ProviderError::NoSuchRequest) => Ok(report(RequestStatus::Expired)),
            Err(error) => Err(provider_failed(error)),
        }
    }
}

/// No conflict: that would tell the address of the checkout, which there isn't yet.
fn being_opened() -> AppError {
    AppError::NotYet("a checkout is being opened, please try again in a moment".into())
}
