use std::collections::HashSet;

use chrono::TimeDelta;
use edgeos_domain::{PaymentStatus, PaymentTrigger, PopupId, ProviderReport};
use edgeos_ports::{
    PaymentTenants, Payments, Popups, ProviderError, RequestStatus, StalePayment, TenantScope,
    Transaction,
};

use super::{ManagePayments, PaymentStore, checkout::report, settle::lock_payment};
use crate::AppError;

/// After how long nobody opens the checkout of a payment any more that has none.
const WITHOUT_CHECKOUT: TimeDelta = TimeDelta::minutes(10);
/// After how long the provider is asked about a payment.
const QUIET: TimeDelta = TimeDelta::minutes(30);
/// After how long nobody pays any more.
const TOO_LATE: TimeDelta = TimeDelta::hours(24);

/// Tenants and payments that are looked at in one go.
const TENANTS: u32 = 1000;
const PAYMENTS: u64 = 100;

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

impl<S: PaymentStore> ManagePayments<S> {
    /// Looks at payments that have been pending for long: drops those without a checkout, asks the provider about the
    /// others, and gives up those of yesterday. Several servers may do it at once.
    ///
    /// # Errors
    ///
    /// `Store` when nothing can be found out; what was done until then stays done.
    pub async fn sweep(&self) -> Result<SweepReport, AppError> {
        let mut report = SweepReport::default();
        let before = self.env.now() - WITHOUT_CHECKOUT;
        let mut tx = self.store.begin_platform(None).await?;
        let tenants = tx.tenants_with_stale_payments(before, TENANTS).await?;
        drop(tx);
        for tenant in tenants {
            let scope = TenantScope::of_worker(tenant);
            let mut deaf = HashSet::new();
            let mut after = None;
            loop {
                let mut tx = self.store.begin(&scope).await?;
                let stale = tx.stale_payments(before, after, PAYMENTS).await?;
                drop(tx);
                for payment in &stale {
                    let swept = self.sweep_payment(&scope, payment, &mut deaf, &mut report).await;
                    if let Err(error) = swept {
                        tracing::warn!(payment.id = %payment.id,
                            error = &error as &dyn std::error::Error,
                            "payment {} can't be looked at", payment.id);
                    }
                }
                match stale.last() {
                    Some(last) => after = Some((last.created_at, last.id)),
                    None => break,
                }
            }
        }
        Ok(report)
    }

    async fn sweep_payment(
        &self,
        scope: &TenantScope,
        payment: &StalePayment,
        deaf: &mut HashSet<PopupId>,
        report: &mut SweepReport,
    ) -> Result<(), AppError> {
        let now = self.env.now();
        let Some(external_id) = &payment.external_id else {
            report.dropped += usize::from(self.discard(scope, payment.id).await?);
            return Ok(());
        };
        let age = now - payment.created_at;
        if age < QUIET {
            return Ok(());
        }
        let told = self.ask(scope, payment.popup, external_id, deaf).await?;
        let mut tx = self.store.begin(scope).await?;
        let (mut buyer, mut locked) = lock_payment(&mut tx, payment.id).await?;
        if locked.status() != PaymentStatus::Pending {
            return Ok(());
        }
        if let Some(told) = told {
            let trigger = PaymentTrigger::Reported(told);
            locked = buyer.advance(&mut tx, &*self.env, locked, &trigger).await?;
        }
        if locked.status() != PaymentStatus::Pending {
            report.moved += 1;
        } else if age > TOO_LATE {
            buyer.advance(&mut tx, &*self.env, locked, &PaymentTrigger::TimedOut).await?;
            report.expired += 1;
        }
        Ok(tx.commit().await?)
    }

    /// What the provider says about a request; `None` if it can't be asked. One that is out of reach is not asked
    /// again in this round.
    async fn ask(
        &self,
        scope: &TenantScope,
        popup: PopupId,
        external_id: &str,
        deaf: &mut HashSet<PopupId>,
    ) -> Result<Option<ProviderReport>, AppError> {
        if deaf.contains(&popup) {
            return Ok(None);
        }
        let mut tx = self.store.begin(scope).await?;
        let account = tx.popup(popup).await?.and_then(|popup| self.account(&popup));
        drop(tx);
        let Some(account) = account else { return Ok(None) };
        match self.provider.payment_request(&account, external_id).await {
            Ok(state) => Ok(Some(ProviderReport { amount: state.amount, ..report(state.status) })),
            Err(ProviderError::NoSuchRequest) => Ok(Some(report(RequestStatus::Expired))),
            Err(ProviderError::Unavailable) => {
                deaf.insert(popup);
                Ok(None)
            }
            Err(ProviderError::Refused | ProviderError::InvalidAnswer) => Ok(None),
        }
    }
}
