use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{EmailTemplateId, MailId, MailTemplate, PopupId, TenantId, UserId};
use serde_json::Value;

use crate::{Source, StoreError, Transaction};

/// How long a worker has a mail to itself. Whatever it does with the mail takes less.
pub const MAIL_LEASE: TimeDelta = TimeDelta::seconds(60);

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

/// What surrounds the words of a built-in mail, and what every template may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFrame {
    /// The organisation's name, or the project's for users without tenant. Shown where a logo isn't.
    pub name: String,
    /// The organisation's logo on the web.
    pub logo_url: Option<String>,
    /// Where head and buttons lead: the tenant's portal for humans (templates call it `portal_url`), the
    /// backoffice for users.
    pub link: String,
    /// The name of the installation.
    pub project_name: String,
    /// The year in the foot.
    pub current_year: i32,
}

/// A mail as it is read.
#[derive(Clone, PartialEq, Eq)]
pub struct ComposedMail {
    /// One line of plain text, at most 255 characters, never empty.
    pub subject: String,
    /// The mail for readers of text.
    pub text: String,
    /// The same as one HTML document.
    pub html: String,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// What it is called, without a path: `invoice-….pdf`.
    pub file_name: String,
    /// Its media type: `application/pdf`.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// An organiser's words for a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomTemplate {
    /// The template's row.
    pub id: EmailTemplateId,
    /// When the words were written: whoever reports an error means these.
    pub written_at: DateTime<Utc>,
    /// The subject, a template itself; `None` = the built-in one.
    pub subject: Option<String>,
    /// The document, a template.
    pub html: String,
}

/// A mail, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composition {
    /// The mail.
    pub mail: ComposedMail,
    /// Why it isn't the organiser's words, if there are some that fail.
    pub fell_back: Option<String>,
}

/// Words that nobody has stored yet, to be seen with what is known.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// Which mail they are for.
    pub template: MailTemplate,
    /// The subject, a template itself.
    pub subject: Option<&'a str>,
    /// The document, a template.
    pub html: &'a str,
}

/// A draft as it would be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, if the draft has one; may be empty.
    pub subject: Option<String>,
    /// The mail for readers of text.
    pub text: String,
    /// The document with its styles at their elements.
    pub html: String,
}

/// What is wrong with an organiser's words, for the organiser to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// The subject.
    #[error("the subject can't be rendered: {0}")]
    Subject(String),
    /// The document.
    #[error("the content can't be rendered: {0}")]
    Content(String),
}

/// Why a mail can't be composed. Says nothing of the values that were to be shown.
#[derive(Debug, thiserror::Error)]
#[error("the template {} fails", .0.as_str())]
pub struct ComposeError(pub MailTemplate, #[source] pub Source);

/// Makes mails of templates. Templates of organisers reach nothing but their variables, and take no more than
/// a bounded amount of time and memory, on threads of their own.
#[trait_variant::make(Send)]
pub trait MailComposer: Sync + 'static {
    /// The mail that `template` makes of `context`, an object of the variables that the template declares:
    /// in the words of `custom`, or the built-in ones where those fail. Absent and null variables show as
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`ComposeError`] when the built-in words fail; trying again won't help.
    async fn compose(
        &self,
        template: MailTemplate,
        custom: Option<&CustomTemplate>,
        context: &Value,
        frame: &MailFrame,
    ) -> Result<Composition, ComposeError>;

    /// A draft with `variables`; whatever isn't among them shows as its own placeholder.
    ///
    /// # Errors
    ///
    /// [`InvalidTemplate`] for words that fail or ask for too much.
    async fn preview(
        &self,
        draft: Draft<'_>,
        variables: &Value,
        frame: &MailFrame,
    ) -> Result<Rendered, InvalidTemplate>;

    /// Whether the words are of the template language.
    ///
    /// # Errors
    ///
    /// [`InvalidTemplate`].
    fn check(&self, subject: Option<&str>, html: Option<&str>) -> Result<(), InvalidTemplate>;

    /// The built-in document of `template`, itself a template.
    fn built_in(&self, template: MailTemplate) -> &str;
}

/// Files that go with mails, made when the mail is sent.
#[trait_variant::make(Send)]
pub trait MailAttachments: Sync + 'static {
    /// What goes with `mail`; most have nothing.
    ///
    /// # Errors
    ///
    /// Why the files can't be had; the mail goes without them.
    async fn attachments_of(&self, mail: &QueuedMail) -> Result<Vec<Attachment>, Source>;
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
    /// Sends `mail` to the address `to`, with `id` in its Message-ID. Answers within 30 seconds.
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
    /// Sent and expired mails that were made before this.
    pub settled_before: DateTime<Utc>,
    /// Dead mails that were made before this.
    pub dead_before: DateTime<Utc>,
}

/// Mails of the transaction's tenant on their way.
#[trait_variant::make(Send)]
pub trait Outbox: Transaction {
    /// Queues a mail, due at once. Another one with the same dedupe key is the same mail: then nothing
    /// changes. Announce [`Change::Mail`](crate::Change::Mail) with it.
    async fn enqueue_mail(&mut self, mail: &NewMail) -> Result<(), StoreError>;

    /// Takes at most `limit` queued mails that are due at `now` and under no lease that is still good:
    /// highest priority first, then the longest due. Passes over rows that somebody else is about to take.
    /// Each is the caller's until `now` + [`MAIL_LEASE`], and one attempt further.
    async fn claim_due_mail(
        &mut self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<QueuedMail>, StoreError>;

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

    /// Deletes old mails, at most `limit`; how many.
    async fn purge_mail(&mut self, old: OldMail, limit: u64) -> Result<u64, StoreError>;
}

/// Mails to backoffice users on their way, and which tenants have mail to send.
#[trait_variant::make(Send)]
pub trait PlatformOutbox: Transaction {
    /// Queues a mail, due at once. Announce [`Change::Mail`](crate::Change::Mail) with it.
    async fn enqueue_user_mail(&mut self, mail: &NewUserMail) -> Result<(), StoreError>;

    /// As [`Outbox::claim_due_mail`]; the tenant is the user's, and there is no event.
    async fn claim_due_user_mail(
        &mut self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<QueuedMail>, StoreError>;

    /// As [`Outbox::settle_mail`]; the context of every mail is emptied unless it stays queued.
    async fn settle_user_mail(
        &mut self,
        lease: MailLease,
        outcome: &MailOutcome,
    ) -> Result<bool, StoreError>;

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

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("file_name", &self.file_name).finish_non_exhaustive()
    }
}

impl fmt::Debug for ComposedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComposedMail").finish_non_exhaustive()
    }
}

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
