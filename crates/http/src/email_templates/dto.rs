use deserr::Deserr;
use edgeos_app::email_templates::{EmailTemplateRequest, TemplateDraft};
use edgeos_domain::{
    EmailTemplate, EmailTemplateChange, MailCategory, MailTemplate, MailVariable, PopupId,
    StaffEmail, VariableGroup, VariableType,
};
use edgeos_ports::Rendered;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    answer::{Instant, Limit, Skip},
    shape::{Flag, Id, JsonObject, Patch, Sent, StaffEmailText, Text, Wrong, choice},
};

/// A document; the domain counts it in bytes.
type Html = Text<{ 512 * 1024 }>;

type Subject = Text<500>;

choice! {
    /// A mail.
    EmailTemplateType(MailTemplate) {
        "login_code_user" => LoginCodeUser,
        "login_code_human" => LoginCodeHuman,
        "application_received" => ApplicationReceived,
        "application_accepted" => ApplicationAccepted,
        "application_rejected" => ApplicationRejected,
        "application_accepted_with_discount" => ApplicationAcceptedWithDiscount,
        "application_accepted_with_incentive" => ApplicationAcceptedWithIncentive,
        "application_accepted_scholarship_rejected" => ApplicationAcceptedScholarshipRejected,
        "payment_confirmed" => PaymentConfirmed,
        "abandoned_cart" => AbandonedCart,
        "edit_passes_confirmed" => EditPassesConfirmed,
    }
}

/// Words for a mail of an event.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(super) struct EmailTemplateCreate {
    popup_id: Id,
    /// One of the types that can be customised.
    template_type: Text<50>,
    /// In the template language; left out or null, the built-in subject is used.
    #[deserr(default)]
    subject: Option<Subject>,
    /// In the template language, 512 KiB at most.
    html_content: Html,
    /// Whether the words are used; otherwise the built-in ones are.
    #[deserr(default = Flag(true))]
    #[schema(default = true)]
    is_active: Flag,
}

/// A change of a template.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(super) struct EmailTemplateUpdate {
    /// Null goes back to the built-in subject.
    #[deserr(default)]
    subject: Patch<Subject>,
    #[deserr(default)]
    html_content: Sent<Html>,
    #[deserr(default)]
    is_active: Sent<Flag>,
}

/// Words to look at.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(super) struct PreviewRequest {
    html_content: Html,
    template_type: Text<50>,
    #[deserr(default)]
    subject: Option<Subject>,
    /// Values of variables.
    #[deserr(default)]
    preview_variables: Option<JsonObject>,
    /// The event whose variables are shown.
    #[deserr(default)]
    popup_id: Option<Id>,
}

/// Words to be sent once.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(super) struct SendTestRequest {
    html_content: Html,
    template_type: Text<50>,
    #[deserr(default)]
    subject: Option<Subject>,
    to_email: StaffEmailText,
    /// Values of variables.
    #[deserr(default)]
    custom_variables: Option<JsonObject>,
    /// The event whose variables are shown.
    #[deserr(default)]
    popup_id: Option<Id>,
}

/// Words as they would be read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PreviewResponse {
    rendered_html: String,
    /// Null when no subject was sent.
    rendered_subject: Option<String>,
}

/// Words for a mail of an event.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EmailTemplatePublic {
    id: Uuid,
    tenant_id: Uuid,
    popup_id: Uuid,
    template_type: String,
    /// Null for the built-in subject.
    subject: Option<String>,
    html_content: String,
    #[schema(default = true)]
    is_active: bool,
    created_at: Instant,
    updated_at: Option<Instant>,
    /// Why a mail went out in the built-in words since the last change.
    last_error: Option<String>,
    last_error_at: Option<Instant>,
}

/// A mail whose words can be replaced.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateTypeInfo {
    r#type: &'static str,
    label: &'static str,
    description: &'static str,
    /// `Application` or `Payment`.
    category: &'static str,
    default_subject: &'static str,
    variables: Vec<TemplateVariable>,
}

/// Something that a template may show.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateVariable {
    name: &'static str,
    label: Option<&'static str>,
    /// `string`, `number` or `array`.
    r#type: &'static str,
    description: &'static str,
    #[schema(default = true)]
    required: bool,
    /// `Applicant`, `General`, `Scholarship`, `Payment` or `Event`.
    group: Option<&'static str>,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(super) struct TypePath {
    pub(super) template_type: EmailTemplateType,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(super) struct TemplatePath {
    pub(super) template_id: Id,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(super) struct TemplateQuery {
    #[deserr(default)]
    pub(super) popup_id: Option<Id>,
    #[deserr(default)]
    pub(super) skip: Skip,
    #[deserr(default)]
    pub(super) limit: Limit,
}

impl From<EmailTemplateCreate> for EmailTemplateRequest {
    fn from(body: EmailTemplateCreate) -> Self {
        Self {
            popup: PopupId(body.popup_id.0),
            template_type: body.template_type.into_inner(),
            subject: body.subject.map(Text::into_inner),
            html_content: body.html_content.into_inner(),
            is_active: body.is_active.0,
        }
    }
}

impl From<EmailTemplateUpdate> for EmailTemplateChange {
    fn from(body: EmailTemplateUpdate) -> Self {
        Self {
            subject: body.subject.map(Text::into_inner).into(),
            html_content: body.html_content.map(Text::into_inner),
            is_active: body.is_active.map(|flag| flag.0),
        }
    }
}

impl From<PreviewRequest> for TemplateDraft {
    fn from(body: PreviewRequest) -> Self {
        Self {
            template_type: body.template_type.into_inner(),
            subject: body.subject.map(Text::into_inner),
            html_content: body.html_content.into_inner(),
            variables: body.preview_variables.unwrap_or_default().0,
            popup: body.popup_id.map(|id| PopupId(id.0)),
        }
    }
}

impl SendTestRequest {
    /// Who gets the words, and the words.
    pub(super) fn into_parts(self) -> (StaffEmail, TemplateDraft) {
        let draft = TemplateDraft {
            template_type: self.template_type.into_inner(),
            subject: self.subject.map(Text::into_inner),
            html_content: self.html_content.into_inner(),
            variables: self.custom_variables.unwrap_or_default().0,
            popup: self.popup_id.map(|id| PopupId(id.0)),
        };
        (self.to_email.0, draft)
    }
}

impl From<Rendered> for PreviewResponse {
    fn from(rendered: Rendered) -> Self {
        Self { rendered_html: rendered.html, rendered_subject: rendered.subject }
    }
}

impl From<EmailTemplate> for EmailTemplatePublic {
    fn from(template: EmailTemplate) -> Self {
        Self {
            id: template.id.0,
            tenant_id: template.tenant.0,
            popup_id: template.popup.0,
            template_type: template.template.as_str().to_owned(),
            subject: template.subject,
            html_content: template.html_content,
            is_active: template.is_active,
            created_at: template.created_at.into(),
            updated_at: template.updated_at.map(Instant),
            last_error: template.last_error,
            last_error_at: template.last_error_at.map(Instant),
        }
    }
}

impl From<MailTemplate> for TemplateTypeInfo {
    fn from(template: MailTemplate) -> Self {
        let (label, description) = template.label_and_description();
        Self {
            r#type: template.as_str(),
            label,
            description,
            category: match template.category() {
                MailCategory::Application => "Application",
                MailCategory::Payment => "Payment",
                MailCategory::Login => "Login",
            },
            default_subject: template.subject(),
            variables: template.variables().into_iter().map(TemplateVariable::from).collect(),
        }
    }
}

impl From<MailVariable> for TemplateVariable {
    fn from(variable: MailVariable) -> Self {
        Self {
            name: variable.name,
            label: Some(variable.label),
            r#type: match variable.kind {
                VariableType::Text => "string",
                VariableType::Number => "number",
                VariableType::Array => "array",
            },
            description: variable.description,
            required: variable.required,
            group: Some(match variable.group {
                VariableGroup::Applicant => "Applicant",
                VariableGroup::General => "General",
                VariableGroup::Scholarship => "Scholarship",
                VariableGroup::Payment => "Payment",
                VariableGroup::Event => "Event",
            }),
        }
    }
}
