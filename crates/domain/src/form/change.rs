use super::{FieldConfig, FieldType, Form, FormField, FormSection};
use crate::{
    FieldId, InvalidText, Patch, PopupId, SectionId, TenantId, optional_text, required_text,
    verbatim_text,
};

/// A section that an organiser adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFormSection {
    /// To which popup's form.
    pub popup: PopupId,
    /// See [`FormSection::label`].
    pub label: String,
    /// See [`FormSection::description`].
    pub description: Option<String>,
    /// See [`FormSection::order`].
    pub order: i32,
}

/// What an organiser changes about a section; `None` and `Keep` change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FormSectionChange {
    /// See [`FormSection::label`].
    pub label: Option<String>,
    /// See [`FormSection::description`].
    pub description: Patch<String>,
    /// See [`FormSection::order`].
    pub order: Option<i32>,
}

/// A question that an organiser adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFormField {
    /// To which popup's form.
    pub popup: PopupId,
    /// See [`FormField::label`].
    pub label: String,
    /// See [`FormField::field_type`].
    pub field_type: FieldType,
    /// See [`FormField::section`].
    pub section: Option<SectionId>,
    /// See [`FormField::position`].
    pub position: i32,
    /// See [`FormField::required`].
    pub required: bool,
    /// See [`FormField::options`].
    pub options: Option<Vec<String>>,
    /// See [`FormField::placeholder`].
    pub placeholder: Option<String>,
    /// See [`FormField::help_text`].
    pub help_text: Option<String>,
}

/// What an organiser changes about a question; `None` and `Keep` change nothing. Type and necessity of
/// built-in questions are fixed, so there it changes the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuestionChange {
    /// What is asked; a built-in question without a label of its own is asked as built in.
    pub label: Patch<String>,
    /// See [`FormField::field_type`].
    pub field_type: Option<FieldType>,
    /// Where it is asked.
    pub section: Patch<SectionId>,
    /// Its place in the section.
    pub position: Option<i32>,
    /// See [`FormField::required`].
    pub required: Option<bool>,
    /// What can be chosen.
    pub options: Patch<Vec<String>>,
    /// What stands in the empty box.
    pub placeholder: Patch<String>,
    /// An explanation.
    pub help_text: Patch<String>,
}

/// Why a section or a question can't be as an organiser wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFormPart {
    /// The label is blank or too long.
    #[error("{0}")]
    Label(InvalidText),
    /// The description is too long.
    #[error("{0}")]
    Description(InvalidText),
    /// Only a built-in question has this type.
    #[error("must be a type for questions of your own")]
    FieldType,
    /// An option is blank or too long.
    #[error("{0}")]
    Options(InvalidText),
    /// The placeholder is too long.
    #[error("{0}")]
    Placeholder(InvalidText),
    /// The explanation is too long.
    #[error("{0}")]
    HelpText(InvalidText),
}

/// Why a form stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormRefusal {
    /// The section doesn't exist in the form of the question.
    #[error("the event's form has no such section")]
    SectionElsewhere,
    /// The section came with the popup.
    #[error("a section that came with the event can't be deleted")]
    SectionProtected,
    /// See [`Form::MAX_SECTIONS`].
    #[error("a form can't have more than {} sections", Form::MAX_SECTIONS)]
    TooManySections,
    /// See [`Form::MAX_FIELDS`].
    #[error("a form can't have more than {} questions of its own", Form::MAX_FIELDS)]
    TooManyFields,
}

impl InvalidFormPart {
    /// The field that breaks the rule, as the contract names it.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Label(_) => "label",
            Self::Description(_) => "description",
            Self::FieldType => "field_type",
            Self::Options(_) => "options",
            Self::Placeholder(_) => "placeholder",
            Self::HelpText(_) => "help_text",
        }
    }
}

impl NewFormSection {
    /// The section that is made of this.
    ///
    /// # Errors
    ///
    /// `Label` or `Description`.
    pub fn into_section(
        self,
        id: SectionId,
        tenant: TenantId,
    ) -> Result<FormSection, InvalidFormPart> {
        Ok(FormSection {
            id,
            tenant,
            popup: self.popup,
            label: label(&self.label)?,
            description: description(self.description)?,
            order: self.order,
            protected: false,
        })
    }
}

impl FormSection {
    /// The longest description, in characters.
    pub const MAX_DESCRIPTION: usize = 10_000;

    /// The section after `change`.
    ///
    /// # Errors
    ///
    /// `Label` or `Description`.
    pub fn changed(mut self, change: FormSectionChange) -> Result<Self, InvalidFormPart> {
        if let Some(text) = change.label {
            self.label = label(&text)?;
        }
        if change.description.is_sent() {
            self.description = description(change.description.over(None))?;
        }
        self.order = change.order.unwrap_or(self.order);
        Ok(self)
    }

    /// Whether it can be deleted.
    ///
    /// # Errors
    ///
    /// `SectionProtected`.
    pub fn check_deletable(&self) -> Result<(), FormRefusal> {
        if self.protected { Err(FormRefusal::SectionProtected) } else { Ok(()) }
    }
}

impl NewFormField {
    /// The question that is made of this, its answers kept under `name`.
    ///
    /// # Errors
    ///
    /// The first [`InvalidFormPart`] that applies.
    pub fn into_field(
        self,
        id: FieldId,
        tenant: TenantId,
        name: String,
    ) -> Result<FormField, InvalidFormPart> {
        Ok(FormField {
            id,
            tenant,
            popup: self.popup,
            name,
            label: label(&self.label)?,
            field_type: chosen(self.field_type)?,
            section: self.section,
            position: self.position,
            required: self.required,
            options: self.options.map(distinct).transpose()?,
            placeholder: placeholder(self.placeholder, FormField::MAX_PLACEHOLDER)?,
            help_text: help_text(self.help_text, FormField::MAX_HELP_TEXT)?,
        })
    }
}

impl FormField {
    /// The longest label, in characters.
    pub const MAX_LABEL: usize = 255;

    /// The longest option, in characters.
    pub const MAX_OPTION: usize = 500;

    /// The longest placeholder, in characters.
    pub const MAX_PLACEHOLDER: usize = 255;

    /// The longest explanation, in characters.
    pub const MAX_HELP_TEXT: usize = 500;

    /// The question after `change`, under its old name. Answers to what it asked before stay as they are.
    ///
    /// # Errors
    ///
    /// The first [`InvalidFormPart`] that applies; `Label` for one that is taken away.
    pub fn changed(mut self, change: QuestionChange) -> Result<Self, InvalidFormPart> {
        match change.label {
            Patch::Keep => {}
            Patch::Clear => return Err(InvalidFormPart::Label(InvalidText::Blank)),
            Patch::Set(text) => self.label = label(&text)?,
        }
        if let Some(field_type) = change.field_type {
            self.field_type = chosen(field_type)?;
        }
        self.section = change.section.over(self.section);
        self.position = change.position.unwrap_or(self.position);
        self.required = change.required.unwrap_or(self.required);
        if change.options.is_sent() {
            self.options = change.options.over(None).map(distinct).transpose()?;
        }
        if change.placeholder.is_sent() {
            self.placeholder = placeholder(change.placeholder.over(None), Self::MAX_PLACEHOLDER)?;
        }
        if change.help_text.is_sent() {
            self.help_text = help_text(change.help_text.over(None), Self::MAX_HELP_TEXT)?;
        }
        Ok(self)
    }
}

impl FieldConfig {
    /// The longest placeholder and the longest explanation, in characters.
    pub const MAX_TEXT: usize = 10_000;

    /// The configuration after `change`. A label that is blank or taken away makes room for the built-in one.
    ///
    /// # Errors
    ///
    /// The first [`InvalidFormPart`] that applies.
    pub fn changed(mut self, change: QuestionChange) -> Result<Self, InvalidFormPart> {
        match change.label {
            Patch::Keep => {}
            Patch::Clear => self.label = None,
            Patch::Set(text) => {
                let text = optional_text(&text, FormField::MAX_LABEL);
                self.label = text.map_err(InvalidFormPart::Label)?;
            }
        }
        self.section = change.section.over(self.section);
        self.position = change.position.unwrap_or(self.position);
        if change.options.is_sent() {
            self.options = change.options.over(None).map(distinct).transpose()?;
        }
        if change.placeholder.is_sent() {
            self.placeholder = placeholder(change.placeholder.over(None), Self::MAX_TEXT)?;
        }
        if change.help_text.is_sent() {
            self.help_text = help_text(change.help_text.over(None), Self::MAX_TEXT)?;
        }
        Ok(self)
    }
}

impl Form {
    /// Whether there is room for one more section.
    ///
    /// # Errors
    ///
    /// `TooManySections`.
    pub fn check_room_for_section(&self) -> Result<(), FormRefusal> {
        if self.sections.len() < Self::MAX_SECTIONS {
            Ok(())
        } else {
            Err(FormRefusal::TooManySections)
        }
    }

    /// Whether one more question can be asked in `section`.
    ///
    /// # Errors
    ///
    /// `SectionElsewhere`, or else `TooManyFields`.
    pub fn check_room_for_field(&self, section: Option<SectionId>) -> Result<(), FormRefusal> {
        if section.is_some_and(|id| self.section(id).is_none()) {
            return Err(FormRefusal::SectionElsewhere);
        }
        if self.fields.len() < Self::MAX_FIELDS { Ok(()) } else { Err(FormRefusal::TooManyFields) }
    }
}

fn label(text: &str) -> Result<String, InvalidFormPart> {
    required_text(text, FormField::MAX_LABEL).map_err(InvalidFormPart::Label)
}

fn description(text: Option<String>) -> Result<Option<String>, InvalidFormPart> {
    within(text, FormSection::MAX_DESCRIPTION).map_err(InvalidFormPart::Description)
}

fn placeholder(text: Option<String>, max: usize) -> Result<Option<String>, InvalidFormPart> {
    within(text, max).map_err(InvalidFormPart::Placeholder)
}

fn help_text(text: Option<String>, max: usize) -> Result<Option<String>, InvalidFormPart> {
    within(text, max).map_err(InvalidFormPart::HelpText)
}

fn within(text: Option<String>, max: usize) -> Result<Option<String>, InvalidText> {
    text.map(|text| verbatim_text(&text, max)).transpose()
}

fn chosen(field_type: FieldType) -> Result<FieldType, InvalidFormPart> {
    if FieldType::CUSTOM.contains(&field_type) {
        Ok(field_type)
    } else {
        Err(InvalidFormPart::FieldType)
    }
}

/// `options` without the white space around them, each of them once.
fn distinct(options: Vec<String>) -> Result<Vec<String>, InvalidFormPart> {
    let mut kept: Vec<String> = Vec::with_capacity(options.len());
    for option in options {
        let option =
            required_text(&option, FormField::MAX_OPTION).map_err(InvalidFormPart::Options)?;
        if !kept.contains(&option) {
            kept.push(option);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests;
