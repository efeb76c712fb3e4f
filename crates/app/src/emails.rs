//! The tenant's mails as its staff see them: what became of each, never what it says.

use std::sync::Arc;

use edgeos_domain::{MailId, MailTemplate};
use edgeos_ports::{
    AuditLog, Change, Environment, MailFilter, MailRecord, MailRecords, MailState, Page, Paging,
    Resource, Store, Transaction, Writer,
};

use crate::{
    AppError,
    audit::{self, Action, Subject},
};

/// The delivery log, and another try for what couldn't be delivered.
#[derive(Clone)]
pub struct ManageEmails<S> {
    store: S,
    env: Arc<dyn Environment>,
}

impl<S: Store<Tx: MailRecords + AuditLog>> ManageEmails<S> {
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// One page of the mails that match `filter`, newest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Writer,
        filter: &MailFilter,
        paging: Paging,
    ) -> Result<Page<MailRecord>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.mail_records(filter, paging).await?)
    }

    /// Queues a dead mail again, as if nobody had tried.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Conflict` for a mail that isn't dead, and for login mails, whose code is gone.
    pub async fn retry(&self, by: &Writer, id: MailId) -> Result<MailRecord, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let record = tx.lock_mail_record(id).await?.ok_or(AppError::NotFound(Resource::Mail))?;
        if record.state != MailState::Dead {
            return Err(AppError::Conflict("only dead mails can be sent again".into()));
        }
        if MailTemplate::parse(&record.template).is_some_and(MailTemplate::is_login) {
            let gone = "a login mail can't be sent again: its code is gone";
            return Err(AppError::Conflict(gone.into()));
        }
        let now = self.env.now();
        tx.revive_mail(id, now).await?;
        let (actor, tenant) = (by.actor(), by.tenant());
        let subject = Subject::Mail(id);
        audit::record_on(&mut tx, &*self.env, actor, tenant, subject, Action::MailRetried).await?;
        tx.announce(Change::Mail).await?;
        tx.commit().await?;
        let next_attempt_at = Some(now);
        Ok(MailRecord { state: MailState::Queued, attempts: 0, next_attempt_at, ..record })
    }
}
