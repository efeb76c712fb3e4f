//! Mail on its way: taken from the outbox, composed, sent, and what became of it written down.

mod branding;
mod retry;
mod sender;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{MailTemplate, Tenant, TenantId};
use edgeos_ports::{
    ComposedMail, Environment, MailAttachments, MailComposer, MailLease, MailOutcome,
    MailTransport, OldMail, Outbox, PlatformOutbox, PlatformStore, QueuedMail, SendError, Store,
    StoreError, TenantScope, Tenants, Transaction,
};
use futures_util::future::join_all;
use serde_json::Value;

pub use self::{branding::MailBranding, sender::SenderRules};
use crate::AppError;

/// Mails that are sent at the same time at most. All of a batch start at once, so that each is sent within
/// the lease that was taken on it.
const BATCH_MAX: u32 = 8;

/// How long a mail is kept after it was made: sent and expired ones, and dead ones, which somebody may want
/// to send again.
const KEPT: TimeDelta = TimeDelta::days(30);
const DEAD_KEPT: TimeDelta = TimeDelta::days(90);

/// Rows that one statement of the upkeep deletes at most.
const PURGE_BATCH: u64 = 1000;

/// How many mails of a round ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    /// Mails that were taken from the outbox.
    pub claimed: usize,
    /// Mails that the mail server has.
    pub sent: usize,
    /// Mails that are tried again later.
    pub retried: usize,
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
}

/// A mail that was made, and what is wrong with the organiser's words if they weren't used.
type Made = (ComposedMail, Option<String>);

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
        let delivered =
            claimed.iter().map(|Claimed { origin, mail }| self.handle(*origin, mail, &tenants));
        let mut report = DeliveryReport { claimed: claimed.len(), ..DeliveryReport::default() };
        for outcome in join_all(delivered).await {
            *match outcome {
                None => &mut report.unsettled,
                Some(MailOutcome::Sent { .. }) => &mut report.sent,
                Some(MailOutcome::Retry { .. }) => &mut report.retried,
                Some(MailOutcome::Dead { .. }) => &mut report.dead,
                Some(MailOutcome::Expired) => &mut report.expired,
            } += 1;
        }
        Ok(report)
    }

    /// Deletes mails that were settled long ago; how many. Several servers may do it at once.
    ///
    /// # Errors
    ///
    /// `Store`; what was deleted until then stays deleted.
    pub async fn sweep_old(&self) -> Result<u64, AppError> {
        let now = self.env.now();
        let old = OldMail { settled_before: now - KEPT, dead_before: now - DEAD_KEPT };
        let mut swept = 0;
        let tenants = loop {
            let mut tx = self.store.begin_platform(None).await?;
            let batch = tx.purge_user_mail(old, PURGE_BATCH).await?;
            let tenants = tx.every_tenant().await?;
            tx.commit().await?;
            swept += batch;
            if batch < PURGE_BATCH {
                break tenants;
            }
        };
        for tenant in tenants {
            let scope = TenantScope::of_worker(tenant);
            loop {
                let mut tx = self.store.begin(&scope).await?;
                let batch = tx.purge_mail(old, PURGE_BATCH).await?;
                tx.commit().await?;
                swept += batch;
                if batch < PURGE_BATCH {
                    break;
                }
            }
        }
        Ok(swept)
    }

    /// Takes mails, and reads the tenants whose mails they are.
    async fn claim(
        &self,
        limit: u32,
    ) -> Result<(Vec<Claimed>, HashMap<TenantId, Tenant>), StoreError> {
        let mut tx = self.store.begin_platform(None).await?;
        let user_mails = tx.claim_due_user_mail(self.env.now(), limit).await?;
        let mut room = room_after(limit, &user_mails);
        let due = if room > 0 { tx.tenants_with_due_mail(room).await? } else { Vec::new() };
        let mut tenants = HashMap::new();
        for id in due.iter().copied().chain(user_mails.iter().filter_map(|mail| mail.tenant)) {
            if !tenants.contains_key(&id)
                && let Some(tenant) = tx.tenant(id).await?
            {
                tenants.insert(id, tenant);
            }
        }
        tx.commit().await?;

        let of_platform = |mail| Claimed { origin: Origin::Platform, mail };
        let mut claimed: Vec<Claimed> = user_mails.into_iter().map(of_platform).collect();
        for tenant in due {
            if room == 0 {
                break;
            }
            match self.claim_of(tenant, room).await {
                Ok(mails) => {
                    room = room_after(room, &mails);
                    let of_tenant = |mail| Claimed { origin: Origin::Tenant(tenant), mail };
                    claimed.extend(mails.into_iter().map(of_tenant));
                }
                // What is taken already is sent all the same.
                Err(error) => {
                    tracing::error!(tenant.id = %tenant, error = &error as &dyn std::error::Error,
                        "mail of tenant {tenant} can't be taken");
                }
            }
        }
        Ok((claimed, tenants))
    }

    async fn claim_of(&self, tenant: TenantId, limit: u32) -> Result<Vec<QueuedMail>, StoreError> {
        let mut tx = self.store.begin(&TenantScope::of_worker(tenant)).await?;
        let mails = tx.claim_due_mail(self.env.now(), limit).await?;
        tx.commit().await?;
        Ok(mails)
    }

    /// Sends a mail and writes down what became of it; `None` when that can't be written.
    async fn handle(
        &self,
        origin: Origin,
        mail: &QueuedMail,
        tenants: &HashMap<TenantId, Tenant>,
    ) -> Option<MailOutcome> {
        let tenant = mail.tenant.map(|id| tenants.get(&id).filter(|tenant| !tenant.deleted));
        let tenant = match tenant {
            // Nobody writes in the name of an organisation that is out.
            Some(None) => return self.record(origin, mail, MailOutcome::Expired, None).await,
            Some(Some(tenant)) => Some(tenant),
            None => None,
        };
        let over = mail.not_after.is_some_and(|end| end <= self.env.now());
        if mail.popup_deleted || over {
            return self.record(origin, mail, MailOutcome::Expired, None).await;
        }
        match self.compose(mail, tenant).await {
            Ok((composed, fell_back)) => {
                let outcome = self.send(mail, tenant, &composed).await;
                self.record(origin, mail, outcome, fell_back).await
            }
            Err(error) => self.record(origin, mail, MailOutcome::Dead { error }, None).await,
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
        if let Some(error) = fell_back {
            self.report(origin, mail, &error).await;
        }
        match self.settle(origin, mail.lease, &outcome).await {
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
    async fn compose(&self, mail: &QueuedMail, tenant: Option<&Tenant>) -> Result<Made, String> {
        let template = MailTemplate::parse(&mail.template);
        let template = template.ok_or_else(|| "there is no such template".to_owned())?;
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
        let made = made.map_err(|error| {
            tracing::error!(mail.id = %id, error = &error as &dyn std::error::Error,
                "mail {id} can't be composed");
            error.to_string()
        })?;
        Ok((ComposedMail { attachments, ..made.mail }, made.fell_back))
    }

    async fn send(
        &self,
        mail: &QueuedMail,
        tenant: Option<&Tenant>,
        composed: &ComposedMail,
    ) -> MailOutcome {
        let sender = self.branding.sender.sender_for(tenant);
        match self.transport.send(mail.lease.id, &mail.to, &sender, composed).await {
            Ok(()) => MailOutcome::Sent { at: self.env.now() },
            Err(SendError::Permanent(error)) => MailOutcome::Dead { error },
            Err(SendError::Temporary(error)) => self.postpone(mail, error),
        }
    }

    fn postpone(&self, mail: &QueuedMail, error: String) -> MailOutcome {
        let Some(delay) = retry::delay(mail.attempts, self.env.as_ref()) else {
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
        MailOutcome::Dead { error } => {
            tracing::error!(mail.id = %id, template, attempts, error, "mail {id} can't be sent");
        }
        MailOutcome::Expired => {
            tracing::info!(mail.id = %id, template, attempts, "mail {id} isn't worth sending any more");
        }
    }
}
