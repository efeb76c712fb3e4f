use edgeos_domain::{EmailTemplate, EmailTemplateId, MailTemplate, PopupId};

use crate::{Page, Paging, StoreError, Transaction};

/// Organisers' words for the mails of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait EmailTemplates: Transaction {
    /// One page of the templates: those of `popup` by type, or all of them, newest first; then by id.
    async fn email_templates(
        &mut self,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<EmailTemplate>, StoreError>;

    /// The template `id`.
    async fn email_template(
        &mut self,
        id: EmailTemplateId,
    ) -> Result<Option<EmailTemplate>, StoreError>;

    /// As [`email_template`](Self::email_template), locked until the transaction ends.
    async fn lock_email_template(
        &mut self,
        id: EmailTemplateId,
    ) -> Result<Option<EmailTemplate>, StoreError>;

    /// Whether `popup` has a template for this mail.
    async fn has_email_template(
        &mut self,
        popup: PopupId,
        template: MailTemplate,
    ) -> Result<bool, StoreError>;

    /// Stores a new template. [`Taken`](StoreError::Taken) when its popup has one of its type.
    async fn insert_email_template(&mut self, template: &EmailTemplate) -> Result<(), StoreError>;

    /// Stores words, use and errors of `template` anew.
    async fn update_email_template(&mut self, template: &EmailTemplate) -> Result<(), StoreError>;

    /// Deletes the template `id`; whether there was one.
    async fn delete_email_template(&mut self, id: EmailTemplateId) -> Result<bool, StoreError>;
}
