//! What an application asks: built-in questions, those of the organiser, and answers to them.

mod answers;
mod built_in;
mod change;
mod field_name;
mod question;
mod schema;

use uuid::Uuid;

use crate::{FieldConfigId, FieldId, Popup, PopupId, SectionId, TenantId};

pub use self::{
    answers::{InvalidAnswers, check_answer_limits},
    built_in::{BUILT_INS, BuiltIn, Target, built_in},
    change::{
        FormRefusal, FormSectionChange, InvalidFormPart, NewFormField, NewFormSection,
        QuestionChange,
    },
    field_name::derive_field_name,
    question::Question,
};

/// What kind of answer a question takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// A line.
    Text,
    /// Some lines.
    Textarea,
    /// A number, which forms send as text.
    Number,
    /// Yes or no.
    Boolean,
    /// One of the options.
    Select,
    /// One of the options, shown large.
    SelectCards,
    /// Any of the options.
    Multiselect,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// An e-mail address.
    Email,
    /// An address on the web.
    Url,
    /// Children who come along. Only the built-in question of that name has this type.
    Kids,
}

/// A part of the form that comes with the popup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionKind {
    /// Who the applicant is.
    Profile,
    /// What the attendee directory leaves out.
    InfoNotShared,
    /// Who comes along.
    Companions,
    /// What the applicant asks for.
    Scholarship,
}

/// A part of the form of one popup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormSection {
    /// Identifies the section within the tenant.
    pub id: SectionId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// Of which popup's form.
    pub popup: PopupId,
    /// Its heading. The portal knows the sections of companions and scholarships by words in it.
    pub label: String,
    /// A text under the heading.
    pub description: Option<String>,
    /// Its place among the sections, ascending; not unique.
    pub order: i32,
    /// Whether it came with the popup and can't be deleted.
    pub protected: bool,
}

/// A question of the organiser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Identifies the question within the tenant.
    pub id: FieldId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// Of which popup's form.
    pub popup: PopupId,
    /// The key under which answers are stored; one question of the popup per name. Never changes.
    pub name: String,
    /// What is asked.
    pub label: String,
    /// What kind of answer it takes.
    pub field_type: FieldType,
    /// Where it is asked; `None` for no section.
    pub section: Option<SectionId>,
    /// Its place in the section, ascending; not unique.
    pub position: i32,
    /// Whether nobody can submit without an answer.
    pub required: bool,
    /// What can be chosen. Without any, everything can.
    pub options: Option<Vec<String>>,
    /// What stands in the empty box.
    pub placeholder: Option<String>,
    /// An explanation.
    pub help_text: Option<String>,
}

/// How one popup puts a built-in question. What is empty is put as built in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldConfig {
    /// Identifies the configuration within the tenant.
    pub id: FieldConfigId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// Of which popup's form.
    pub popup: PopupId,
    /// Which question, see [`built_in`]; one configuration of the popup per name.
    pub field_name: String,
    /// Where it is asked; `None` for no section.
    pub section: Option<SectionId>,
    /// Its place in the section.
    pub position: i32,
    /// What is asked.
    pub label: Option<String>,
    /// What stands in the empty box.
    pub placeholder: Option<String>,
    /// An explanation; `{popup_name}` in it stands for the popup's name.
    pub help_text: Option<String>,
    /// What can be chosen.
    pub options: Option<Vec<String>>,
}

/// The application form of one popup, its parts in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    /// Its sections.
    pub sections: Vec<FormSection>,
    /// The organiser's questions.
    pub fields: Vec<FormField>,
    /// How the built-in questions are put.
    pub configs: Vec<FieldConfig>,
}

impl FieldType {
    /// The types that an organiser can choose.
    pub const CUSTOM: [Self; 10] = [
        Self::Text,
        Self::Textarea,
        Self::Number,
        Self::Boolean,
        Self::Select,
        Self::SelectCards,
        Self::Multiselect,
        Self::Date,
        Self::Email,
        Self::Url,
    ];

    /// The type as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Textarea => "textarea",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Select => "select",
            Self::SelectCards => "select_cards",
            Self::Multiselect => "multiselect",
            Self::Date => "date",
            Self::Email => "email",
            Self::Url => "url",
            Self::Kids => "kids",
        }
    }

    /// The type that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = Self::CUSTOM.into_iter().chain([Self::Kids]);
        all.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl SectionKind {
    /// Every kind, in the order of the form.
    pub const ALL: [Self; 4] =
        [Self::Profile, Self::InfoNotShared, Self::Companions, Self::Scholarship];

    /// The heading that such a section starts with. The portal looks for `children` and `scholarship`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Profile => "Personal Information",
            Self::InfoNotShared => "Info not shared",
            Self::Companions => "Children and +1s",
            Self::Scholarship => "Scholarship",
        }
    }

    /// The place that such a section starts with.
    #[must_use]
    pub fn order(self) -> i32 {
        match self {
            Self::Profile => 0,
            Self::InfoNotShared => 1,
            Self::Companions => 2,
            Self::Scholarship => 3,
        }
    }

    /// The sections that `after` needs and `before` didn't; all that it needs when it is new.
    #[must_use]
    pub fn newly_needed(before: Option<&Popup>, after: &Popup) -> Vec<Self> {
        let new =
            |kind: &Self| after.needs(*kind) && !before.is_some_and(|before| before.needs(*kind));
        Self::ALL.into_iter().filter(new).collect()
    }

    fn questions(self) -> impl Iterator<Item = &'static BuiltIn> {
        BUILT_INS.iter().filter(move |question| question.section == self)
    }
}

impl Form {
    /// How many custom questions a form can have: with the built-in ones they fit a page of 200.
    pub const MAX_FIELDS: usize = 180;

    /// How many sections a form can have.
    pub const MAX_SECTIONS: usize = 50;

    /// What this form lacks of the sections `needed` and their built-in questions. What is there already, since
    /// the switch was on before, isn't made again. `new_id` draws identifiers.
    #[must_use]
    pub fn additions(
        &self,
        popup: &Popup,
        needed: &[SectionKind],
        mut new_id: impl FnMut() -> Uuid,
    ) -> Self {
        let mut added = Self::default();
        for kind in needed {
            // Wherever its questions have been moved to, and whatever their section is called now.
            if kind.questions().all(|question| self.config(question.name).is_some()) {
                continue;
            }
            let section = self.section_of(*kind).unwrap_or_else(|| {
                let section = FormSection {
                    id: SectionId(new_id()),
                    tenant: popup.tenant,
                    popup: popup.id,
                    label: kind.label().to_owned(),
                    description: None,
                    order: kind.order(),
                    protected: true,
                };
                let id = section.id;
                added.sections.push(section);
                id
            });
            for question in kind.questions().filter(|question| self.config(question.name).is_none())
            {
                let id = FieldConfigId(new_id());
                added.configs.push(question.config(id, popup, Some(section)));
            }
        }
        added
    }

    /// The section of this kind: the one that configurations of its questions point to, or else the protected
    /// one with its first heading.
    fn section_of(&self, kind: SectionKind) -> Option<SectionId> {
        let configured =
            kind.questions().filter_map(|question| self.config(question.name)?.section);
        let labelled = |section: &&FormSection| section.protected && section.label == kind.label();
        configured
            .into_iter()
            .find(|id| self.section(*id).is_some())
            .or_else(|| self.sections.iter().find(labelled).map(|section| section.id))
    }

    /// The section `id`, if the form has it.
    #[must_use]
    pub fn section(&self, id: SectionId) -> Option<&FormSection> {
        self.sections.iter().find(|section| section.id == id)
    }

    fn config(&self, name: &str) -> Option<&FieldConfig> {
        self.configs.iter().find(|config| config.field_name == name)
    }
}

#[cfg(test)]
mod tests;
