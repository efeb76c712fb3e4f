use chrono::{DateTime, Utc};

use crate::{
    EmailTemplateId, InvalidText, MailTemplate, Patch, PopupId, TenantId, optional_text,
    required_text,
};

/// The longest document, in bytes.
const HTML_MAX: usize = 512 * 1024;

/// The longest subject, in characters.
const SUBJECT_MAX: usize = 500;

/// An organiser's words for one mail of a popup, instead of the built-in ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailTemplate {
    /// Identifies the template.
    pub id: EmailTemplateId,
    /// Whose it is.
    pub tenant: TenantId,
    /// For whose mails it is.
    pub popup: PopupId,
    /// Which mail it is for. A popup has one template for each at most.
    pub template: MailTemplate,
    /// The subject, in the template language; `None` = the built-in one.
    pub subject: Option<String>,
    /// The document, in the template language.
    pub html_content: String,
    /// Whether it is used.
    pub is_active: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: Option<DateTime<Utc>>,
    /// Why a mail went out in the built-in words since the last change.
    pub last_error: Option<String>,
    /// When that happened last.
    pub last_error_at: Option<DateTime<Utc>>,
}

/// A template to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEmailTemplate {
    /// See [`EmailTemplate::popup`].
    pub popup: PopupId,
    /// See [`EmailTemplate::template`].
    pub template: MailTemplate,
    /// See [`EmailTemplate::subject`]; blank = `None`.
    pub subject: Option<String>,
    /// See [`EmailTemplate::html_content`]; blanks around it go.
    pub html_content: String,
    /// See [`EmailTemplate::is_active`].
    pub is_active: bool,
}

/// What a request changes about a template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmailTemplateChange {
    /// See [`EmailTemplate::subject`]; blank clears it.
    pub subject: Patch<String>,
    /// See [`EmailTemplate::html_content`]; stays as it is sent.
    pub html_content: Option<String>,
    /// See [`EmailTemplate::is_active`].
    pub is_active: Option<bool>,
}

/// Why there can't be such a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailTemplateRefusal {
    /// There is no such mail.
    #[error("there is no such template type")]
    UnknownType,
    /// The popup has one.
    #[error("the popup has a template of this type already")]
    AlreadyThere,
    /// Login codes are nobody's to rephrase.
    #[error("login mails can't be customised")]
    Login,
    /// The subject breaks a rule of texts.
    #[error("{0}")]
    Subject(InvalidText),
    /// The document breaks a rule of texts.
    #[error("{0}")]
    Content(InvalidText),
    /// The document is too long.
    #[error("must not be longer than 512 KiB")]
    TooLong,
}

impl EmailTemplate {
    /// When its words were written.
    #[must_use]
    pub fn written_at(&self) -> DateTime<Utc> {
        self.updated_at.unwrap_or(self.created_at)
    }

    /// Whether words are of a size that can be stored.
    ///
    /// # Errors
    ///
    /// `Subject`, `Content` or `TooLong`.
    pub fn check_size(subject: Option<&str>, html: &str) -> Result<(), EmailTemplateRefusal> {
        subject.map(template_subject).transpose()?;
        template_html(html).map(drop)
    }

    /// The template with what `change` mentions changed at `now`. What went wrong with it is forgotten.
    ///
    /// # Errors
    ///
    /// `Subject`, `Content` or `TooLong`.
    pub fn changed(
        self,
        change: EmailTemplateChange,
        now: DateTime<Utc>,
    ) -> Result<Self, EmailTemplateRefusal> {
        let subject = match change.subject {
            Patch::Keep => self.subject,
            Patch::Clear => None,
            Patch::Set(subject) => template_subject(&subject)?,
        };
        if let Some(html) = &change.html_content {
            template_html(html)?;
        }
        Ok(Self {
            subject,
            html_content: change.html_content.unwrap_or(self.html_content),
            is_active: change.is_active.unwrap_or(self.is_active),
            updated_at: Some(now),
            last_error: None,
            last_error_at: None,
            ..self
        })
    }
}

impl NewEmailTemplate {
    /// The template of `tenant`, made at `now`.
    ///
    /// # Errors
    ///
    /// `Login`, then `Subject`, `Content` or `TooLong`.
    pub fn into_template(
        self,
        id: EmailTemplateId,
        tenant: TenantId,
        now: DateTime<Utc>,
    ) -> Result<EmailTemplate, EmailTemplateRefusal> {
        if self.template.is_login() {
            return Err(EmailTemplateRefusal::Login);
        }
        let subject = self.subject.as_deref().map(template_subject).transpose()?.flatten();
        Ok(EmailTemplate {
            id,
            tenant,
            popup: self.popup,
            template: self.template,
            subject,
            html_content: template_html(&self.html_content)?,
            is_active: self.is_active,
            created_at: now,
            updated_at: None,
            last_error: None,
            last_error_at: None,
        })
    }
}

fn template_subject(text: &str) -> Result<Option<String>, EmailTemplateRefusal> {
    optional_text(text, SUBJECT_MAX).map_err(EmailTemplateRefusal::Subject)
}

/// `text` without the blanks around it.
fn template_html(text: &str) -> Result<String, EmailTemplateRefusal> {
    if text.len() > HTML_MAX {
        return Err(EmailTemplateRefusal::TooLong);
    }
    required_text(text, HTML_MAX).map_err(EmailTemplateRefusal::Content)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn new(template: MailTemplate, subject: &str, html: &str) -> NewEmailTemplate {
        NewEmailTemplate {
            popup: PopupId(Uuid::nil()),
            template,
            subject: Some(subject.to_owned()),
            html_content: html.to_owned(),
            is_active: true,
        }
    }

    fn made(new: NewEmailTemplate) -> Result<EmailTemplate, EmailTemplateRefusal> {
        let (id, tenant) = (EmailTemplateId(Uuid::nil()), TenantId(Uuid::nil()));
        new.into_template(id, tenant, DateTime::UNIX_EPOCH)
    }

    #[rstest]
    #[case(MailTemplate::LoginCodeHuman, "", "", EmailTemplateRefusal::Login)]
    #[case(
        MailTemplate::AbandonedCart,
        "",
        " \n",
        EmailTemplateRefusal::Content(InvalidText::Blank)
    )]
    #[case(
        MailTemplate::AbandonedCart,
        "a\0",
        "x",
        EmailTemplateRefusal::Subject(InvalidText::Nul)
    )]
    fn words_have_to_be_some(
        #[case] template: MailTemplate,
        #[case] subject: &str,
        #[case] html: &str,
        #[case] refusal: EmailTemplateRefusal,
    ) {
        assert_eq!(made(new(template, subject, html)), Err(refusal));
    }

    #[test]
    fn sizes_are_bounded() {
        let template = MailTemplate::PaymentConfirmed;
        assert!(made(new(template, &"é".repeat(500), &"x".repeat(HTML_MAX))).is_ok());
        let refusal = EmailTemplateRefusal::Subject(InvalidText::TooLong(SUBJECT_MAX));
        assert_eq!(made(new(template, &"é".repeat(501), "x")), Err(refusal));
        // Two bytes each.
        let refused = made(new(template, "", &"é".repeat(HTML_MAX / 2 + 1)));
        assert_eq!(refused, Err(EmailTemplateRefusal::TooLong));
    }

    #[test]
    fn a_new_template_is_trimmed_and_a_change_is_not() {
        let template = made(new(MailTemplate::PaymentConfirmed, "  ", " <p>\n")).unwrap();
        assert_eq!((template.subject.as_deref(), template.html_content.as_str()), (None, "<p>"));
        let change = EmailTemplateChange {
            subject: Patch::Set(" Hi ".to_owned()),
            html_content: Some(" <p> ".to_owned()),
            is_active: None,
        };
        let failed = EmailTemplate { last_error: Some("no".to_owned()), ..template };
        let now = DateTime::from_timestamp(1, 0).unwrap();
        let changed = failed.clone().changed(change, now).unwrap();
        assert_eq!(changed.subject.as_deref(), Some("Hi"));
        assert_eq!((changed.html_content.as_str(), changed.last_error), (" <p> ", None));
        assert_eq!((failed.written_at(), changed.updated_at), (DateTime::UNIX_EPOCH, Some(now)));
    }
}
