use std::fmt;

use chrono::{DateTime, Utc};
use edgeos_domain::{EmailTemplateId, MailTemplate, TenantId};
use serde_json::Value;

use crate::{QueuedMail, Source};

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
    /// Whose words they are.
    pub tenant: TenantId,
    /// When the words were written: whoever reports an error means these.
    pub written_at: DateTime<Utc>,
    /// The words; `None` = they are longer than words may be, and weren't read.
    pub words: Option<TemplateWords>,
}

/// A template of a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct TemplateWords {
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
    /// Whose words they are.
    pub tenant: TenantId,
    /// Which mail they are for.
    pub template: MailTemplate,
    /// The subject, a template itself.
    pub subject: Option<&'a str>,
    /// The document, a template.
    pub html: &'a str,
}

/// Words that somebody wants to store; what isn't there isn't looked at.
#[derive(Debug, Clone, Copy)]
pub struct WordsToCheck<'a> {
    /// Whose words they are.
    pub tenant: TenantId,
    /// The subject, a template itself.
    pub subject: Option<&'a str>,
    /// The document, a template.
    pub html: Option<&'a str>,
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

/// Why words can't be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// They are wrong.
    #[error(transparent)]
    Invalid(#[from] InvalidTemplate),
    /// Too many want theirs to be shown at this moment.
    #[error("too many templates are being rendered")]
    Busy,
}

/// Why a mail can't be composed. Says nothing of the values that were to be shown.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The built-in words fail; trying again won't help.
    #[error("the template {} fails", .0.as_str())]
    Fails(MailTemplate, #[source] Source),
    /// Too many are being composed at this moment: worth another attempt.
    #[error("too many mails are being composed")]
    Busy,
}

/// Makes mails of templates. Templates of organisers reach nothing but their variables, and take no more than
/// a bounded amount of time and memory: whatever they ask for, the rest of the server has its own. However many
/// there are, nobody's templates keep out those of all others.
#[trait_variant::make(Send)]
pub trait MailComposer: Sync + 'static {
    /// The mail that `template` makes of `context`, an object of the variables that the template declares:
    /// in the words of `custom`, or the built-in ones where those fail. Absent and null variables show as
    /// nothing. Answers within 25 seconds.
    ///
    /// # Errors
    ///
    /// [`ComposeError`].
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
    /// `Invalid` for words that fail or ask for too much; `Busy`.
    async fn preview(
        &self,
        draft: Draft<'_>,
        variables: &Value,
        frame: &MailFrame,
    ) -> Result<Rendered, RenderError>;

    /// Whether the words are of the template language.
    ///
    /// # Errors
    ///
    /// `Invalid` for the document first; `Busy`.
    async fn check(&self, words: WordsToCheck<'_>) -> Result<(), RenderError>;

    /// The built-in document of `template`, itself a template.
    fn built_in(&self, template: MailTemplate) -> &str;
}

/// Files that go with mails, made when the mail is sent.
#[trait_variant::make(Send)]
pub trait MailAttachments: Sync + 'static {
    /// What goes with `mail`; most have nothing. Takes a few seconds at most: the lease of the mail runs.
    ///
    /// # Errors
    ///
    /// Why the files can't be had; the mail goes without them.
    async fn attachments_of(&self, mail: &QueuedMail) -> Result<Vec<Attachment>, Source>;
}

// Contents don't belong in a log, so they don't print.

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("file_name", &self.file_name).finish_non_exhaustive()
    }
}

impl fmt::Debug for TemplateWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateWords").finish_non_exhaustive()
    }
}

impl fmt::Debug for ComposedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComposedMail").finish_non_exhaustive()
    }
}
