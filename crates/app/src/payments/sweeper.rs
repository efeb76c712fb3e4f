use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{PaymentStatus, PaymentTrigger, ProviderReport, TenantId};
use edgeos_ports::{
    PaymentTenants, Payments, Popups, ProviderAccount, ProviderError, RequestStatus, StalePayment,
    TenantScope, Transaction,
};
use tracing::Instrument;

use super::{ManagePayments, PaymentStore, about, checkout::report, settle::lock_payment};
use crate::AppError;

/// After how long nobody opens the checkout of a payment any more that has none.
const WITHOUT_CHECKOUT: TimeDelta = TimeDelta::minutes(10);
/// After how long the provider is asked about a payment.
const QUIET: TimeDelta = TimeDelta::minutes(30);
/// After how long nobody pays any more.
const TOO_LATE: TimeDelta = TimeDelta::hours(24);
/// For how long nobody asks about a payment again: a little less than lies between two rounds of a server.
const ASKED: TimeDelta = TimeDelta::minutes(4);

/// Tenants that are looked at in one go, and payments without a checkout of each.
const TENANTS: u32 = 1000;
const PAYMENTS: u64 = 1000;

/// So many tenants in a row without an answer mean that the provider itself is out of reach, and not the account of
/// one.
const DEAF_TENANTS: u32 = 3;

/// What became of payments that had been pending for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SweepReport {
    /// Payments without a checkout that are gone.
    pub dropped: usize,
    /// Payments that the provider knows more about than we did.
    pub moved: usize,
    /// Payments that nobody paid in time.
    pub expired: usize,
}

/// A look at all payments.
struct Round {
    started: DateTime<Utc>,
    /// The provider is out of reach for the account in hand: it isn't asked any more about it.
    deaf: bool,
    /// Tenants in a row for whom it was out of reach.
    silent: u32,
    report: SweepReport,
}

impl<S: PaymentStore> ManagePayments<S> {
    /// Looks at payments that have been pending for long: drops those without a checkout, asks the provider about the
    /// others, and gives up those of yesterday. Several servers may do it at once: each takes other payments.
    ///
    /// # Errors
    ///
    /// `Store` when nothing can be found out; what was done until then stays done.
    pub async fn sweep(&self) -> Result<SweepReport, AppError> {
        let started = self.env.now();
        let mut round = Round { started, deaf: false, silent: 0, report: SweepReport::default() };
        let mut tx = self.store.begin_platform(None).await?;
        let tenants = tx.tenants_with_stale_payments(started - WITHOUT_CHECKOUT, TENANTS).await?;
        drop(tx);
        for tenant in tenants {
            round.deaf = round.silent >= DEAF_TENANTS;
            if let Err(error) = self.sweep_tenant(tenant, &mut round).await {
                tracing::warn!(tenant.id = %tenant, error = &error as &dyn std::error::Error,
                    "payments of tenant {tenant} can't be looked at");
            }
        }
        Ok(round.report)
    }

    async fn sweep_tenant(&self, tenant: TenantId, round: &mut Round) -> Result<(), AppError> {
        let scope = TenantScope::of_worker(tenant);
        self.drop_unopened(&scope, round).await?;
        while let Some((payment, account)) = self.claim(&scope, round).await? {
            if let Err(error) = self.look_at(&scope, &payment, account, round).await {
                tracing::warn!(payment.id = %payment.id, error = &error as &dyn std::error::Error,
                    "payment {} can't be looked at", payment.id);
            }
        }
        Ok(())
    }

    async fn drop_unopened(&self, scope: &TenantScope, round: &mut Round) -> Result<(), AppError> {
        let mut tx = self.store.begin(scope).await?;
        let unopened = tx.unopened_payments(round.started - WITHOUT_CHECKOUT, PAYMENTS).await?;
        drop(tx);
        for id in unopened {
            match self.discard(scope, id).await {
                Ok(dropped) => round.report.dropped += usize::from(dropped),
                Err(error) => {
                    tracing::warn!(payment.id = %id, error = &error as &dyn std::error::Error,
                        "payment {id} can't be dropped");
                }
            }
        }
        Ok(())
    }

    /// The next payment of this round, and the account of its popup. While the provider is out of reach, only those
    /// that nobody pays any more.
    async fn claim(
        &self,
        scope: &TenantScope,
        round: &Round,
    ) -> Result<Option<(StalePayment, Option<ProviderAccount>)>, AppError> {
        let Round { started, deaf, .. } = *round;
        let made_before = started - if deaf { TOO_LATE } else { QUIET };
        let mut tx = self.store.begin(scope).await?;
        let claimed = tx.claim_stale_payment(made_before, started - ASKED, self.env.now()).await?;
        let Some(payment) = claimed else { return Ok(None) };
        let account = tx.popup(payment.popup).await?.and_then(|popup| self.account(&popup));
        tx.commit().await?;
        Ok(Some((payment, account)))
    }

    async fn look_at(
        &self,
        scope: &TenantScope,
        payment: &StalePayment,
        account: Option<ProviderAccount>,
        round: &mut Round,
    ) -> Result<(), AppError> {
        let told = match account.zip(payment.external_id.as_deref()) {
            Some((account, external_id)) if !round.deaf => {
                self.ask(&account, external_id, round).instrument(about(payment.id)).await
            }
            _ => None,
        };
        let mut tx = self.store.begin(scope).await?;
        let (mut buyer, mut locked) = lock_payment(&mut tx, payment.id).await?;
        if locked.status() != PaymentStatus::Pending {
            return Ok(());
        }
        // Money of another sum than was due settles nothing, but it is there.
        let paid = told.as_ref().is_some_and(|told| told.status == Some(PaymentStatus::Approved));
        if let Some(told) = told {
            let trigger = PaymentTrigger::Reported(told);
            locked = buyer.advance(&mut tx, &*self.env, locked, &trigger).await?;
        }
        if locked.status() != PaymentStatus::Pending {
            round.report.moved += 1;
        } else if !paid && payment.created_at < round.started - TOO_LATE {
            buyer.advance(&mut tx, &*self.env, locked, &PaymentTrigger::TimedOut).await?;
            round.report.expired += 1;
        }
        Ok(tx.commit().await?)
    }

    /// What the provider says about a request; `None` if it can't be asked.
    async fn ask(
        &self,
        account: &ProviderAccount,
        external_id: &str,
        round: &mut Round,
    ) -> Option<ProviderReport> {
        let answer = self.provider.payment_request(account, external_id).await;
        if let Err(ProviderError::Unavailable) = answer {
            round.deaf = true;
            round.silent += 1;
            return None;
        }
        round.silent = 0;
        match answer {
            Ok(state) => Some(ProviderReport { amount: state.amount, ..report(state.status) }),
            Err(ProviderError::NoSuchRequest) => Some(report(RequestStatus::Expired)),
            Err(_) => None,
        }
    }
}
