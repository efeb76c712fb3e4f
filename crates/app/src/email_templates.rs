//! Organisers' words for the mails of their events.

use std::{sync::Arc, time::Duration};

use edgeos_domain::{
    EmailTemplate, EmailTemplateChange, EmailTemplateId, EmailTemplateRefusal, MailId,
    MailTemplate, NewEmailTemplate, Patch, Popup, PopupId, StaffEmail, Tenant, TenantId,
};
use edgeos_ports::{
    Class, ComposedMail, Draft, EmailTemplates, Environment, Key, MailComposer, MailTransport,
    Page, Paging, PlatformStore, Popups, Reader, RenderError, Rendered, Resource, Staff, Store,
    StoreError, Tenants, Transaction, WordsToCheck, Writer,
};
use futures_util::future::{Either, select};
use serde_json::{Map, Value};

use crate::{
    AppError,
    attempts::{Attempt, Attempts},
    event_variables::event_variables,
    outbox::MailBranding,
};

/// How long a test mail may take.
pub const TEST_PATIENCE: Duration = Duration::from_secs(10);

/// The subject of a test mail that has none of its own.
const TEST_SUBJECT: &str = "This is how the mail looks";

/// Custom templates as staff manage them.
pub struct ManageEmailTemplates<S, T, C> {
    store: S,
    /// `None` when mail is off.
    transport: Option<Arc<T>>,
    composer: C,
    attempts: Attempts,
    env: Arc<dyn Environment>,
    branding: MailBranding,
}

/// Words to be looked at before they are stored.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateDraft {
    /// The mail that they are for, as it is stored and sent.
    pub template_type: String,
    /// The subject; `None` and empty = none.
    pub subject: Option<String>,
    /// The document.
    pub html_content: String,
    /// Values of variables.
    pub variables: Map<String, Value>,
    /// The event whose variables are known. One that isn't there adds nothing.
    pub popup: Option<PopupId>,
}

/// A template to be made, of a type that may not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailTemplateRequest {
    /// See [`EmailTemplate::popup`].
    pub popup: PopupId,
    /// See [`EmailTemplate::template`], as it is stored and sent.
    pub template_type: String,
    /// See [`EmailTemplate::subject`].
    pub subject: Option<String>,
    /// See [`EmailTemplate::html_content`].
    pub html_content: String,
    /// See [`EmailTemplate::is_active`].
    pub is_active: bool,
}

impl<S, T, C> ManageEmailTemplates<S, T, C>
where
    S: Store<Tx: EmailTemplates + Popups> + PlatformStore<PlatformTx: Tenants>,
    T: MailTransport,
    C: MailComposer,
{
    /// The use cases over `store`; test mails go through `transport`, and nowhere without one.
    pub fn new(
        store: S,
        transport: Option<Arc<T>>,
        composer: C,
        attempts: Attempts,
        env: Arc<dyn Environment>,
        branding: MailBranding,
    ) -> Self {
        Self { store, transport, composer, attempts, env, branding }
    }

    /// The built-in document of a mail, in the template language.
    #[must_use]
    pub fn built_in(&self, template: MailTemplate) -> &str {
        self.composer.built_in(template)
    }

    /// One page of the templates: those of `popup` by type, or all, newest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<EmailTemplate>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.email_templates(popup, paging).await?)
    }

    /// The template `id`.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get(&self, by: &Reader, id: EmailTemplateId) -> Result<EmailTemplate, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.email_template(id).await?.ok_or(AppError::NotFound(Resource::EmailTemplate))
    }

    /// Stores words for a mail of an event.
    ///
    /// # Errors
    ///
    /// `Refused` for an unknown type; `NotFound` for the popup; `Refused` when it has such a template;
    /// `Invalid` for login mails and for a document of the wrong size; `Refused` for words that aren't of the
    /// language.
    pub async fn create(
        &self,
        by: &Writer,
        request: EmailTemplateRequest,
    ) -> Result<EmailTemplate, AppError> {
        let template = known(&request.template_type)?;
        let new = NewEmailTemplate {
            popup: request.popup,
            template,
            subject: request.subject,
            html_content: request.html_content,
            is_active: request.is_active,
        };
        let verdict = self.verdict(by, new.subject.as_deref(), Some(new.html_content.trim())).await;
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.hold_popup(new.popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        if tx.has_email_template(new.popup, template).await? {
            return Err(EmailTemplateRefusal::AlreadyThere.into());
        }
        let id = EmailTemplateId(self.env.uuid());
        let made = new.into_template(id, by.tenant(), self.env.now())?;
        verdict?;
        tx.insert_email_template(&made).await.map_err(|error| match error {
            // Somebody else was faster.
            StoreError::Taken(Key::EmailTemplate) => EmailTemplateRefusal::AlreadyThere.into(),
            error => AppError::from(error),
        })?;
        tx.commit().await?;
        Ok(made)
    }

    /// Changes what `change` mentions, and forgets what went wrong with the template.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Invalid` and `Refused` as for [`create`](Self::create).
    pub async fn update(
        &self,
        by: &Writer,
        id: EmailTemplateId,
        change: EmailTemplateChange,
    ) -> Result<EmailTemplate, AppError> {
        let subject = match &change.subject {
            Patch::Set(subject) => Some(subject.as_str()),
            Patch::Keep | Patch::Clear => None,
        };
        let verdict = self.verdict(by, subject, change.html_content.as_deref()).await;
        let mut tx = self.store.begin(&by.scope()).await?;
        let before = tx.lock_email_template(id).await?;
        let before = before.ok_or(AppError::NotFound(Resource::EmailTemplate))?;
        let after = before.changed(change, self.env.now())?;
        verdict?;
        tx.update_email_template(&after).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Goes back to the built-in words.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn delete(&self, by: &Writer, id: EmailTemplateId) -> Result<(), AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        if !tx.delete_email_template(id).await? {
            return Err(AppError::NotFound(Resource::EmailTemplate));
        }
        Ok(tx.commit().await?)
    }

    /// The draft as it would be read.
    ///
    /// # Errors
    ///
    /// `Invalid` for a wrong size; `Refused` for an unknown type and for words that fail.
    pub async fn preview(&self, by: &Reader, draft: TemplateDraft) -> Result<Rendered, AppError> {
        let template = checked(&draft)?;
        let tenant = self.tenant(by.tenant()).await?;
        self.render(by, &tenant, template, draft).await
    }

    /// Sends the draft to `to` at once, in the tenant's name.
    ///
    /// # Errors
    ///
    /// As [`preview`](Self::preview); `Unavailable` when mail is off, `TooMany`, and `Upstream` when the mail
    /// server doesn't take it within `patience`.
    pub async fn send_test(
        &self,
        by: &Writer,
        to: &StaffEmail,
        draft: TemplateDraft,
        patience: impl Future<Output = ()>,
    ) -> Result<(), AppError> {
        let off = || AppError::Unavailable("test mails can't be sent: mail is off".into());
        let transport = self.transport.as_ref().ok_or_else(off)?;
        let attempt = Attempt::TestMail(by.actor().id);
        let too_many = || AppError::too_many("too many test mails, try again later");
        self.attempts.check(attempt).await.map_err(too_many())?;
        let template = checked(&draft)?;
        let tenant = self.tenant(by.tenant()).await?;
        let rendered = self.render(by, &tenant, template, draft).await?;
        self.attempts.count(attempt).await.map_err(too_many())?;
        let subject = rendered.subject.filter(|subject| !subject.is_empty());
        let mail = ComposedMail {
            subject: format!("[TEST] {}", subject.as_deref().unwrap_or(TEST_SUBJECT)),
            text: rendered.text,
            html: rendered.html,
            attachments: Vec::new(),
        };
        let sender = self.branding.sender.sender_for(Some(&tenant));
        let sent = transport.send(MailId(self.env.uuid()), to.as_str(), &sender, &mail);
        let (sent, patience) = (std::pin::pin!(sent), std::pin::pin!(patience));
        let failed =
            |why: &str| AppError::Upstream(format!("the test mail was not sent: {why}").into());
        match select(sent, patience).await {
            Either::Left((Ok(()), _)) => Ok(()),
            Either::Left((Err(error), _)) => Err(failed(&error.to_string())),
            Either::Right(_) => Err(failed("the mail server takes too long")),
        }
    }

    /// Whether words are of the language. Asked before a transaction begins, and told when it is its turn: words
    /// are looked at elsewhere, which takes a while. What is too long isn't looked at: it is refused for that.
    async fn verdict(
        &self,
        by: &Writer,
        subject: Option<&str>,
        html: Option<&str>,
    ) -> Result<(), AppError> {
        if EmailTemplate::check_size(subject, html.unwrap_or("-")).is_err() {
            return Ok(());
        }
        let words = WordsToCheck { tenant: by.tenant(), subject, html };
        Ok(self.composer.check(words).await?)
    }

    async fn render<R: Class>(
        &self,
        by: &Staff<R>,
        tenant: &Tenant,
        template: MailTemplate,
        draft: TemplateDraft,
    ) -> Result<Rendered, AppError> {
        let mut variables = match draft.popup {
            Some(popup) => self.event(by, tenant, popup).await?,
            None => Map::new(),
        };
        variables.extend(draft.variables);
        let frame = self.branding.frame(template, Some(tenant), self.env.now());
        let subject = draft.subject.as_deref().filter(|subject| !subject.is_empty());
        let words = Draft { tenant: by.tenant(), template, subject, html: &draft.html_content };
        Ok(self.composer.preview(words, &Value::Object(variables), &frame).await?)
    }

    /// What is known of an event; nothing of one that the tenant doesn't have.
    async fn event<R: Class>(
        &self,
        by: &Staff<R>,
        tenant: &Tenant,
        popup: PopupId,
    ) -> Result<Map<String, Value>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let popup: Option<Popup> = tx.popup(popup).await?;
        Ok(popup.map_or_else(Map::new, |popup| {
            let mut variables = event_variables(&popup);
            let portal_url = tenant.portal_url(&self.branding.portal_url);
            variables.insert("portal_url".to_owned(), portal_url.into());
            variables
        }))
    }

    async fn tenant(&self, id: TenantId) -> Result<Tenant, AppError> {
        let mut tx = self.store.begin_platform(None).await?;
        tx.tenant(id).await?.ok_or(AppError::NotFound(Resource::Tenant))
    }
}

fn known(template_type: &str) -> Result<MailTemplate, AppError> {
    // Blanks around it don't count.
    let template = MailTemplate::parse(template_type.trim());
    template.ok_or_else(|| EmailTemplateRefusal::UnknownType.into())
}

/// The type of `draft`, whose size is fine.
fn checked(draft: &TemplateDraft) -> Result<MailTemplate, AppError> {
    EmailTemplate::check_size(draft.subject.as_deref(), &draft.html_content)?;
    known(&draft.template_type)
}

impl From<EmailTemplateRefusal> for AppError {
    fn from(refusal: EmailTemplateRefusal) -> Self {
        let field = match refusal {
            EmailTemplateRefusal::UnknownType | EmailTemplateRefusal::AlreadyThere => {
                return Self::refused(refusal);
            }
            EmailTemplateRefusal::Login => "template_type",
            EmailTemplateRefusal::Subject(_) => "subject",
            EmailTemplateRefusal::Content(_) | EmailTemplateRefusal::TooLong => "html_content",
        };
        Self::invalid(field)(refusal)
    }
}

impl From<RenderError> for AppError {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Invalid(invalid) => Self::refused(invalid),
            RenderError::Busy => {
                Self::Unavailable("too many templates are being rendered, try again".into())
            }
        }
    }
}
