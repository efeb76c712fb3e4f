//! Mail on its way: taken from the outbox, composed, sent, and what became of it written down.

mod branding;
mod retry;
mod sender;
#[cfg(test)]
mod tests;
mod upkeep;

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{MailTemplate, Tenant, TenantId};
use edgeos_ports::{
    ComposeError, ComposedMail, Environment, MAIL_LEASE, MailAttachments, MailComposer, MailLease,
    MailOutcome, MailTransport, Outbox, PlatformOutbox, PlatformStore, QueuedMail, SEND_TIMEOUT,
    SendError, Store, StoreError, TenantScope, Tenants, Transaction,
};
use futures_util::{FutureExt, future::join_all};
use serde_json::Value;

pub use self::{branding::MailBranding, sender::SenderRules, upkeep::MailUpkeep};
use crate::AppError;

/// Mails that are sent at the same time at most. All of a batch start at once, so that each is sent within
/// the lease that was taken on it.
const BATCH_MAX: u32 = 8;

/// What is left of a lease for writing down what became of the mail.
const NOTE_TIME: TimeDelta = TimeDelta::seconds(5);

/// When a mail is due again that wasn't tried for want of time.
const NEXT_TURN: TimeDelta = TimeDelta::seconds(5);

/// How many mails of a round ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    /// Mails that were taken from the outbox.
    pub claimed: usize,
    /// Mails that the mail server has.
    pub sent: usize,
    /// Mails that are tried again later.
    pub retried: usize,
    /// Mails that nobody had the time to try.
    pub put_back: usize,
    /// Mails that can't be sent.
    pub dead: usize,
    /// Mails that weren't worth sending any more.
    pub expired: usize,
    /// Mails of which nobody wrote down what became of them; somebody takes them over when their lease ends.
    pub unsettled: usize,
}

/// Sends what lies in the outbox. Any number may work at the same time, on any number of servers.
pub struct DeliverMail<S, T, C, A> {
    store: S,
    transport: Arc<T>,
    composer: C,
    attachments: A,
    env: Arc<dyn Environment>,
    branding: MailBranding,
}

/// Which outbox a mail was taken from.
#[derive(Debug, Clone, Copy)]
enum Origin {
    Platform,
    Tenant(TenantId),
}

struct Claimed {
    origin: Origin,
    mail: QueuedMail,
    /// When it was asked for: the lease ends [`MAIL_LEASE`] later, or after that.
    since: DateTime<Utc>,
}

/// A mail that was made, and what is wrong with the organiser's words if they weren't used.
type Made = (ComposedMail, Option<String>);

/// Why no mail was made.
enum Unmade {
    /// There will never be one, for this reason.
    Never(String),
    /// Not now.
    Busy,
}

impl<S, T, C, A> DeliverMail<S, T, C, A>
where
    S: Store<Tx: Outbox> + PlatformStore<PlatformTx: PlatformOutbox + Tenants>,
    T: MailTransport,
    C: MailComposer,
    A: MailAttachments,
{
    /// Delivery from the outbox of `store` through `transport`.
    pub fn new(
        store: S,
        transport: Arc<T>,
        composer: C,
        attachments: A,
        env: Arc<dyn Environment>,
        branding: MailBranding,
    ) -> Self {
        Self { store, transport, composer, attachments, env, branding }
    }

    /// Takes at most `limit` mails that are due, 8 at most, and sends them, each in the name of its tenant.
    /// Mails to users go first, then those of the tenant with the most urgent mail. Whoever gets as many
    /// mails as asked for should ask again at once.
    ///
    /// # Errors
    ///
    /// `Store` when nothing can be taken from the outbox.
    pub async fn run_once(&self, limit: u32) -> Result<DeliveryReport, AppError> {
        let (claimed, tenants) = self.claim(limit.min(BATCH_MAX)).await?;
        let delivered = claimed.iter().map(|claimed| self.handle(claimed, &tenants));
        let mut report = DeliveryReport { claimed: claimed.len(), ..DeliveryReport::default() };
        for outcome in join_all(delivered).await {
            *match outcome {
                None => &mut report.unsettled,
                Some(MailOutcome::Sent { .. }) => &mut report.sent,
                Some(MailOutcome::Retry { .. }) => &mut report.retried,
                Some(MailOutcome::PutBack { .. }) => &mut report.put_back,
                Some(MailOutcome::Dead { .. }) => &mut report.dead,
                Some(MailOutcome::Expired) => &mut report.expired,
            } += 1;
        }
        Ok(report)
    }

    /// Takes mails, and reads the tenants whose mails they are.
    async fn claim(
        &self,
        limit: u32,
    ) -> Result<(Vec<Claimed>, HashMap<TenantId, Tenant>), StoreError> {
        let since = self.env.now();
        let mut tx = self.store.begin_platform(None).await?;
        let user_mails = tx.claim_due_user_mail(limit).await?;
        let mut room = room_after(limit, &user_mails);
        let due = if room > 0 { tx.tenants_with_due_mail(room).await? } else { Vec::new() };
        // A tenant whose mails take long leaves room for the others.
        let share = room.div_ceil(u32::try_from(due.len()).unwrap_or(u32::MAX).max(1));
        let mut tenants = HashMap::new();
        for id in due.iter().copied().chain(user_mails.iter().filter_map(|mail| mail.tenant)) {
            if !tenants.contains_key(&id)
                && let Some(tenant) = tx.tenant(id).await?
            {
                tenants.insert(id, tenant);
            }
        }
        tx.commit().await?;

        let of_platform = |mail| Claimed { origin: Origin::Platform, mail, since };
        let mut claimed: Vec<Claimed> = user_mails.into_iter().map(of_platform).collect();
        for tenant in due {
            if room == 0 {
                break;
            }
            let since = self.env.now();
            // What is taken already is sent all the same, whatever another tenant's rows hold.
            match AssertUnwindSafe(self.claim_of(tenant, room.min(share))).catch_unwind().await {
                Ok(Ok(mails)) => {
                    room = room_after(room, &mails);
                    let of_tenant = |mail| Claimed { origin: Origin::Tenant(tenant), mail, since };
                    claimed.extend(mails.into_iter().map(of_tenant));
                }
                Ok(Err(error)) => {
                    tracing::error!(tenant.id = %tenant, error = &error as &dyn std::error::Error,
                        "mail of tenant {tenant} can't be taken");
                }
                Err(_) => {
                    tracing::error!(tenant.id = %tenant, "mail of tenant {tenant} can't be read");
                }
            }
        }
        Ok((claimed, tenants))
    }

    async fn claim_of(&self, tenant: TenantId, limit: u32) -> Result<Vec<QueuedMail>, StoreError> {
        let mut tx = self.store.begin(&TenantScope::of_worker(tenant)).await?;
        let mails = tx.claim_due_mail(limit).await?;
        tx.commit().await?;
        Ok(mails)
    }

    /// Sends a mail and writes down what became of it; `None` when that can't be written.
    async fn handle(
        &self,
        claimed: &Claimed,
        tenants: &HashMap<TenantId, Tenant>,
    ) -> Option<MailOutcome> {
        let Claimed { origin, mail, .. } = claimed;
        let attempted = AssertUnwindSafe(self.attempt(claimed, tenants)).catch_unwind().await;
        let (outcome, fell_back) = attempted.unwrap_or_else(|_| {
            // The other mails of the round go out.
            (self.postpone(mail, "the server failed at this mail".to_owned()), None)
        });
        self.record(*origin, mail, outcome, fell_back).await
    }

    /// Sends a mail if it is still to be sent; what became of it, and what is wrong with the organiser's words.
    async fn attempt(
        &self,
        claimed: &Claimed,
        tenants: &HashMap<TenantId, Tenant>,
    ) -> (MailOutcome, Option<String>) {
        let mail = &claimed.mail;
        let tenant = mail.tenant.map(|id| tenants.get(&id).filter(|tenant| !tenant.deleted));
        let tenant = match tenant {
            // Nobody writes in the name of an organisation that is out.
            Some(None) => return (MailOutcome::Expired, None),
            Some(Some(tenant)) => Some(tenant),
            None => None,
        };
        let over = mail.not_after.is_some_and(|end| end <= self.env.now());
        if mail.popup_deleted || mail.stale || over {
            return (MailOutcome::Expired, None);
        }
        if retry::is_hopeless(mail.attempts, mail.not_after.is_some()) {
            // Whoever took it never said what became of it: it may be what ends them.
            let error = "it was taken many times, and nobody finished with it".to_owned();
            return (MailOutcome::Dead { error }, None);
        }
        match self.compose(mail, tenant).await {
            Ok((composed, fell_back)) => (self.send(claimed, tenant, &composed).await, fell_back),
            Err(Unmade::Never(error)) => (MailOutcome::Dead { error }, None),
            Err(Unmade::Busy) => (self.put_back(), None),
        }
    }

    /// Writes down what became of a mail; `None` when that can't be done.
    async fn record(
        &self,
        origin: Origin,
        mail: &QueuedMail,
        outcome: MailOutcome,
        fell_back: Option<String>,
    ) -> Option<MailOutcome> {
        tell(mail, &outcome);
        // First of all: whatever happens from here on, the mail isn't sent twice.
        let settled = self.settle(origin, mail.lease, &outcome).await;
        if let Some(error) = fell_back {
            self.report(origin, mail, &error).await;
        }
        match settled {
            Ok(true) => Some(outcome),
            Ok(false) => {
                let id = mail.lease.id;
                tracing::warn!(mail.id = %id, "somebody else took over mail {id}");
                None
            }
            Err(error) => {
                let id = mail.lease.id;
                tracing::error!(mail.id = %id, error = &error as &dyn std::error::Error,
                    "what became of mail {id} can't be written down");
                None
            }
        }
    }

    /// The mail as it is read, or why there is none.
    async fn compose(&self, mail: &QueuedMail, tenant: Option<&Tenant>) -> Result<Made, Unmade> {
        let unknown = || Unmade::Never("there is no such template".to_owned());
        let template = MailTemplate::parse(&mail.template).ok_or_else(unknown)?;
        let id = mail.lease.id;
        let attachments = self.attachments.attachments_of(mail).await.unwrap_or_else(|error| {
            tracing::error!(mail.id = %id, error = &*error as &dyn std::error::Error,
                "mail {id} goes without its files");
            Vec::new()
        });
        let mut context = mail.context.clone();
        if let Value::Object(variables) = &mut context
            && !attachments.is_empty()
        {
            let names = attachments.iter().map(|file| file.file_name.as_str()).collect();
            variables.insert("attachments".to_owned(), names);
        }
        let frame = self.branding.frame(template, tenant, self.env.now());
        let made = self.composer.compose(template, mail.custom.as_ref(), &context, &frame).await;
        let made = made.map_err(|error| match error {
            ComposeError::Busy => Unmade::Busy,
            ComposeError::Fails(..) => {
                tracing::error!(mail.id = %id, error = &error as &dyn std::error::Error,
                    "mail {id} can't be composed");
                Unmade::Never(error.to_string())
            }
        })?;
        Ok((ComposedMail { attachments, ..made.mail }, made.fell_back))
    }

    async fn send(
        &self,
        claimed: &Claimed,
        tenant: Option<&Tenant>,
        composed: &ComposedMail,
    ) -> MailOutcome {
        let mail = &claimed.mail;
        let left = claimed.since + MAIL_LEASE - self.env.now();
        let needed = TimeDelta::from_std(SEND_TIMEOUT).map(|sending| sending + NOTE_TIME);
        if needed.is_ok_and(|needed| left < needed) {
            // Somebody else may take it while it is being sent, and send it too.
            return self.put_back();
        }
        let sender = self.branding.sender.sender_for(tenant);
        match self.transport.send(mail.lease.id, &mail.to, &sender, composed).await {
            Ok(()) => MailOutcome::Sent { at: self.env.now() },
            Err(SendError::Permanent(error)) => MailOutcome::Dead { error },
            Err(SendError::Temporary(error)) => self.postpone(mail, error),
        }
    }

    fn put_back(&self) -> MailOutcome {
        MailOutcome::PutBack { at: self.env.now() + NEXT_TURN }
    }

    fn postpone(&self, mail: &QueuedMail, error: String) -> MailOutcome {
        let delay = retry::delay(mail.attempts, mail.not_after.is_some(), self.env.as_ref());
        let Some(delay) = delay else {
            return MailOutcome::Dead { error };
        };
        let at: DateTime<Utc> = self.env.now() + delay;
        match mail.not_after {
            Some(end) if end <= at => MailOutcome::Expired,
            _ => MailOutcome::Retry { at, error },
        }
    }

    /// Tells the organisers why their words weren't used. Apart from the mail's own transaction: what holds
    /// up their template doesn't send the mail twice.
    async fn report(&self, origin: Origin, mail: &QueuedMail, error: &str) {
        let (Origin::Tenant(tenant), Some(custom)) = (origin, &mail.custom) else { return };
        let told = async {
            let mut tx = self.store.begin(&TenantScope::of_worker(tenant)).await?;
            tx.report_template_error(custom, error, self.env.now()).await?;
            tx.commit().await
        };
        if let Err(error) = told.await {
            let id = custom.id;
            tracing::error!(template.id = %id, error = &error as &dyn std::error::Error,
                "what is wrong with template {id} can't be written down");
        }
    }

    async fn settle(
        &self,
        origin: Origin,
        lease: MailLease,
        outcome: &MailOutcome,
    ) -> Result<bool, StoreError> {
        match origin {
            Origin::Platform => {
                let mut tx = self.store.begin_platform(None).await?;
                let settled = tx.settle_user_mail(lease, outcome).await?;
                tx.commit().await?;
                Ok(settled)
            }
            Origin::Tenant(tenant) => {
                let mut tx = self.store.begin(&TenantScope::of_worker(tenant)).await?;
                let settled = tx.settle_mail(lease, outcome).await?;
                tx.commit().await?;
                Ok(settled)
            }
        }
    }
}

fn room_after(limit: u32, mails: &[QueuedMail]) -> u32 {
    limit.saturating_sub(u32::try_from(mails.len()).unwrap_or(u32::MAX))
}

fn tell(mail: &QueuedMail, outcome: &MailOutcome) {
    let (id, template, attempts) = (mail.lease.id, mail.template.as_str(), mail.attempts);
    match outcome {
        MailOutcome::Sent { .. } => {
            tracing::info!(mail.id = %id, template, attempts, "mail {id} is sent");
        }
        MailOutcome::Retry { at, error } => {
            tracing::warn!(mail.id = %id, template, attempts, error,
                "mail {id} is tried again at {at}");
        }
        MailOutcome::PutBack { at } => {
            tracing::warn!(mail.id = %id, template, attempts, "there was no time for mail {id} before {at}");
        }
        MailOutcome::Dead { error } => {
            tracing::error!(mail.id = %id, template, attempts, error, "mail {id} can't be sent");
        }
        MailOutcome::Expired => {
            tracing::info!(mail.id = %id, template, attempts, "mail {id} isn't worth sending any more");
        }
    }
}
