//! Questions as organisers write them, and as they see them.

use deserr::Deserr;
use edgeos_domain::{
    FieldType, NewFormField, PopupId, Question, QuestionChange, SectionId, Target,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::shape::{
    Filled, Flag, FromText, Id, Int32, List, Parsed, Patch, Sent, Text, Trimmed, Wrong,
};

type TypeText = Parsed<FieldType>;

/// What can be chosen.
pub(crate) type Options = List<Filled<500>, 1000>;

impl FromText for FieldType {
    const MAX: usize = 50;
    type Refusal = &'static str;

    fn from_text(text: &str) -> Result<Self, &'static str> {
        Self::parse(text).ok_or("Input should be a type of question")
    }
}

/// A question of an organiser.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct FormFieldCreate {
    popup_id: Id,
    /// The key of the answers follows from it, and stays when the label changes.
    label: Filled<255>,
    /// `text`, `textarea`, `number`, `boolean`, `select`, `select_cards`, `multiselect`, `date`, `email` or `url`.
    #[deserr(default = Parsed(FieldType::Text))]
    #[schema(default = "text")]
    field_type: TypeText,
    #[deserr(default)]
    section_id: Option<Id>,
    /// Its place in the section, ascending.
    #[deserr(default = Int32::new(0))]
    #[schema(default = 0)]
    position: Int32,
    #[deserr(default)]
    #[schema(default = false)]
    required: Flag,
    #[deserr(default)]
    options: Option<Options>,
    #[deserr(default)]
    placeholder: Option<Text<255>>,
    #[deserr(default)]
    help_text: Option<Text<500>>,
}

/// A change of a question. Type and necessity of a built-in question stay, whatever is sent.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct FormFieldUpdate {
    /// Null asks a built-in question as it was built in.
    #[deserr(default)]
    label: Patch<Trimmed<255>>,
    #[deserr(default)]
    field_type: Sent<TypeText>,
    #[deserr(default)]
    section_id: Patch<Id>,
    #[deserr(default)]
    position: Sent<Int32>,
    #[deserr(default)]
    required: Sent<Flag>,
    #[deserr(default)]
    options: Patch<Options>,
    /// At most 255 characters, unless the question is built in.
    #[deserr(default)]
    placeholder: Patch<Text<10_000>>,
    /// At most 500 characters, unless the question is built in.
    #[deserr(default)]
    help_text: Patch<Text<10_000>>,
}

/// A question of a form, built in or the organiser's own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormFieldPublic {
    id: Uuid,
    tenant_id: Uuid,
    popup_id: Uuid,
    /// The key of the answers.
    name: String,
    label: String,
    field_type: &'static str,
    section_id: Option<Uuid>,
    section_label: Option<String>,
    #[schema(default = 0)]
    position: i32,
    #[schema(default = false)]
    required: bool,
    options: Option<Vec<String>>,
    placeholder: Option<String>,
    help_text: Option<String>,
    /// Whether it is built in.
    #[schema(default = false)]
    protected: bool,
    /// Where the answer to a built-in question is kept: `human` or `application`.
    target: Option<&'static str>,
}

/// The texts of `options`.
pub(crate) fn options(options: Options) -> Vec<String> {
    options.0.into_iter().map(Filled::into_inner).collect()
}

impl From<FormFieldCreate> for NewFormField {
    fn from(body: FormFieldCreate) -> Self {
        Self {
            popup: PopupId(body.popup_id.0),
            label: body.label.into_inner(),
            field_type: body.field_type.0,
            section: body.section_id.map(|id| SectionId(id.0)),
            position: body.position.int32(),
            required: body.required.0,
            options: body.options.map(options),
            placeholder: body.placeholder.map(Text::into_inner),
            help_text: body.help_text.map(Text::into_inner),
        }
    }
}

impl From<FormFieldUpdate> for QuestionChange {
    fn from(body: FormFieldUpdate) -> Self {
        Self {
            label: body.label.map(Trimmed::into_inner).into(),
            field_type: body.field_type.map(|field_type| field_type.0),
            section: body.section_id.map(|id| SectionId(id.0)).into(),
            position: body.position.map(Int32::int32),
            required: body.required.map(|required| required.0),
            options: body.options.map(options).into(),
            placeholder: body.placeholder.map(Text::into_inner).into(),
            help_text: body.help_text.map(Text::into_inner).into(),
        }
    }
}

impl From<Question> for FormFieldPublic {
    fn from(question: Question) -> Self {
        Self {
            id: question.id,
            tenant_id: question.tenant.0,
            popup_id: question.popup.0,
            protected: question.is_built_in(),
            name: question.name,
            label: question.label,
            field_type: question.field_type.as_str(),
            section_id: question.section.map(|section| section.0),
            section_label: question.section_label,
            position: question.position,
            required: question.required,
            options: question.options,
            placeholder: question.placeholder,
            help_text: question.help_text,
            target: question.target.map(Target::as_str),
        }
    }
}
