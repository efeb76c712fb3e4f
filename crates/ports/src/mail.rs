use std::{fmt, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{MailId, MailTemplate, PopupId, TenantId, UserId};
use serde_json::Value;

use crate::{ComposedMail, CustomTemplate, StoreError, Transaction};

/// How long a worker has a mail to itself. Whatever it does with the mail takes less.
pub const MAIL_LEASE: TimeDelta = TimeDelta::seconds(60);

/// How long it may take to hand a mail to the mail server.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// A name and an address, as in the headers of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// What people read; any text, an adapter makes it fit for a header.
    pub name: Option<String>,
    /// `local@domain`.
    pub address: String,
}

/// In whose name a mail goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The sender, in the envelope too.
    pub from: Mailbox,
    /// Who gets the answers, if it isn't the sender.
    pub reply_to: Option<Mailbox>,
}

/// Why a mail wasn't accepted. The reasons are short and name neither content nor addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The mail server can't be reached, or says that trying again may help.
    #[error("{0}")]
    Temporary(String),
    /// The mail server refuses, or no message can be made of this.
    #[error("{0}")]
    Permanent(String),
}

/// Hands mails to a mail server.
#[trait_variant::make(Send)]
pub trait MailTransport: Sync + 'static {
    /// Sends `mail` to the address `to`, with `id` in its Message-ID. Answers within [`SEND_TIMEOUT`].
    async fn send(
        &self,
        id: MailId,
        to: &str,
        sender: &Sender,
        mail: &ComposedMail,
    ) -> Result<(), SendError>;

    /// Whether the mail server would talk to us now.
    async fn check(&self) -> Result<(), SendError>;
}

/// A mail of a tenant to be sent.
#[derive(Clone, PartialEq)]
pub struct NewMail {
    /// Identifies the mail, in its Message-ID too.
    pub id: MailId,
    /// The event that it is about.
    pub popup_id: Option<PopupId>,
    /// What it says.
    pub template: MailTemplate,
    /// The address that gets it.
    pub to: String,
    /// The template's variables: an object.
    pub context: Value,
    /// What the mail tells of, at most 200 characters; one mail for each. `application:{id}:{status}:{snapshot
    /// id}`, `payment:{id}:approved`
    pub dedupe_key: Option<String>,
    /// Higher goes first: [`LOGIN_PRIORITY`](Self::LOGIN_PRIORITY) or 0.
    pub priority: i16,
    /// When it isn't worth sending any more.
    pub not_after: Option<DateTime<Utc>>,
}

/// A mail to a backoffice user to be sent.
#[derive(Clone, PartialEq)]
pub struct NewUserMail {
    /// Identifies the mail, in its Message-ID too.
    pub id: MailId,
    /// Who gets it; the user's tenant is the sender.
    pub user: UserId,
    /// What it says.
    pub template: MailTemplate,
    /// The address that gets it.
    pub to: String,
    /// The template's variables: an object.
    pub context: Value,
    /// Higher goes first.
    pub priority: i16,
    /// When it isn't worth sending any more.
    pub not_after: Option<DateTime<Utc>>,
}

/// A mail that a worker has to itself until its lease ends.
#[derive(Clone, PartialEq)]
pub struct QueuedMail {
    /// Which mail, and until when.
    pub lease: MailLease,
    /// Whose mail it is; of a user's mail the user's tenant, `None` for users without one.
    pub tenant: Option<TenantId>,
    /// The event that it is about.
    pub popup_id: Option<PopupId>,
    /// Whether that event was deleted meanwhile. Never without one.
    pub popup_deleted: bool,
    /// What it says, as stored (see [`MailTemplate::parse`]).
    pub template: String,
    /// The address that gets it.
    pub to: String,
    /// The template's variables.
    pub context: Value,
    /// The organiser's words for it, if there are any in use.
    pub custom: Option<CustomTemplate>,
    /// How many times it was claimed, this time included.
    pub attempts: u32,
    /// When it isn't worth sending any more.
    pub not_after: Option<DateTime<Utc>>,
    /// Whether it has been due for so long that nobody expects it any more.
    pub stale: bool,
}

/// Who may settle a mail: whoever has it under this very lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailLease {
    /// The mail.
    pub id: MailId,
    /// The row's `locked_until`.
    pub until: DateTime<Utc>,
}

/// What became of an attempt to send a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailOutcome {
    /// The mail server has it.
    Sent {
        /// Since when.
        at: DateTime<Utc>,
    },
    /// It wasn't tried: it stays queued, and this attempt doesn't count.
    PutBack {
        /// From when on it is due again.
        at: DateTime<Utc>,
    },
    /// Not yet; it stays queued.
    Retry {
        /// From when on it is due again.
        at: DateTime<Utc>,
        /// Why, in a few words without content, addresses or secrets.
        error: String,
    },
    /// It can't be sent.
    Dead {
        /// Why, as above.
        error: String,
    },
    /// It wasn't worth sending any more.
    Expired,
}

/// Which mails are old enough to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldMail {
    /// Sent and expired mails of which that was known before this.
    pub settled_before: DateTime<Utc>,
    /// Dead mails whose last attempt was due before this.
    pub dead_before: DateTime<Utc>,
}

/// Mails of the transaction's tenant on their way.
#[trait_variant::make(Send)]
pub trait Outbox: Transaction {
    /// Queues a mail, due at once. Another one with the same dedupe key is the same mail: then nothing
    /// changes. Announce [`Change::Mail`](crate::Change::Mail) with it.
    async fn enqueue_mail(&mut self, mail: &NewMail) -> Result<(), StoreError>;

    /// Takes at most `limit` queued mails that are due and under no lease that is still good: highest
    /// priority first, then the longest due. Passes over rows that somebody else is about to take. Each is the
    /// caller's for [`MAIL_LEASE`] from the beginning of the transaction on, by the store's clock, and one
    /// attempt further.
    async fn claim_due_mail(&mut self, limit: u32) -> Result<Vec<QueuedMail>, StoreError>;

    /// Records what became of a mail and ends the lease. `false` when the lease isn't the row's any more
    /// (somebody else took the mail over, or settled it): then nothing changes. The context of a login mail
    /// is emptied unless it stays queued.
    async fn settle_mail(
        &mut self,
        lease: MailLease,
        outcome: &MailOutcome,
    ) -> Result<bool, StoreError>;

    /// Remembers why `custom` wasn't used, unless it was changed or deleted meanwhile.
    async fn report_template_error(
        &mut self,
        custom: &CustomTemplate,
        error: &str,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Gives up queued mails that nobody has taken and that aren't worth sending any more, at most `limit`; how
    /// many. As if each were settled as expired.
    async fn expire_mail(&mut self, limit: u64) -> Result<u64, StoreError>;

    /// Deletes old mails, at most `limit`; how many.
    async fn purge_mail(&mut self, old: OldMail, limit: u64) -> Result<u64, StoreError>;
}

/// Mails to backoffice users on their way, and which tenants have mail to send.
#[trait_variant::make(Send)]
pub trait PlatformOutbox: Transaction {
    /// Queues a mail, due at once. Announce [`Change::Mail`](crate::Change::Mail) with it.
    async fn enqueue_user_mail(&mut self, mail: &NewUserMail) -> Result<(), StoreError>;

    /// As [`Outbox::claim_due_mail`]; the tenant is the user's, and there is no event.
    async fn claim_due_user_mail(&mut self, limit: u32) -> Result<Vec<QueuedMail>, StoreError>;

    /// As [`Outbox::settle_mail`]; the context of every mail is emptied unless it stays queued.
    async fn settle_user_mail(
        &mut self,
        lease: MailLease,
        outcome: &MailOutcome,
    ) -> Result<bool, StoreError>;

    /// As [`Outbox::expire_mail`].
    async fn expire_user_mail(&mut self, limit: u64) -> Result<u64, StoreError>;

    /// As [`Outbox::purge_mail`].
    async fn purge_user_mail(&mut self, old: OldMail, limit: u64) -> Result<u64, StoreError>;

    /// At most `limit` tenants with mail that is due and free to take, the most urgent first.
    async fn tenants_with_due_mail(&mut self, limit: u32) -> Result<Vec<TenantId>, StoreError>;
}

impl NewMail {
    /// The priority of login mails: somebody is waiting.
    pub const LOGIN_PRIORITY: i16 = 10;
}

// Variables, contents and addresses don't belong in a log, so they don't print.

impl fmt::Debug for NewMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewMail")
            .field("id", &self.id)
            .field("template", &self.template)
            .field("dedupe_key", &self.dedupe_key)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for NewUserMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUserMail")
            .field("id", &self.id)
            .field("user", &self.user)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for QueuedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueuedMail")
            .field("lease", &self.lease)
            .field("tenant", &self.tenant)
            .field("template", &self.template)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
