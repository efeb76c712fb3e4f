use uuid::Uuid;

use super::{FieldConfig, FieldType, Form, FormField, FormSection, Target, built_in};
use crate::{PopupId, SectionId, TenantId};

/// A question as organisers see it, whether it is built in or their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Of the [`FormField`] or of the [`FieldConfig`].
    pub id: Uuid,
    /// In whose organisation.
    pub tenant: TenantId,
    /// Of which popup's form.
    pub popup: PopupId,
    /// The key of the answer.
    pub name: String,
    /// What is asked.
    pub label: String,
    /// What kind of answer it takes.
    pub field_type: FieldType,
    /// Where it is asked.
    pub section: Option<SectionId>,
    /// The heading there.
    pub section_label: Option<String>,
    /// Its place in the section.
    pub position: i32,
    /// Whether an answer is asked for.
    pub required: bool,
    /// What can be chosen.
    pub options: Option<Vec<String>>,
    /// What stands in the empty box.
    pub placeholder: Option<String>,
    /// An explanation; of a built-in question still with `{popup_name}`.
    pub help_text: Option<String>,
    /// Where the answer to a built-in question is kept; `None` for the organiser's own.
    pub target: Option<Target>,
}

impl Question {
    /// A question of the organiser; `section_label` is the heading of its section.
    #[must_use]
    pub fn own(field: FormField, section_label: Option<String>) -> Self {
        Self {
            id: field.id.0,
            tenant: field.tenant,
            popup: field.popup,
            name: field.name,
            label: field.label,
            field_type: field.field_type,
            section: field.section,
            section_label,
            position: field.position,
            required: field.required,
            options: field.options,
            placeholder: field.placeholder,
            help_text: field.help_text,
            target: None,
        }
    }

    /// A built-in question as `config` puts it; `None` for one of another version, which isn't built in.
    #[must_use]
    pub fn built_in(config: FieldConfig, section_label: Option<String>) -> Option<Self> {
        let question = built_in(&config.field_name)?;
        let wording = question.wording(Some(&config));
        Some(Self {
            id: config.id.0,
            tenant: config.tenant,
            popup: config.popup,
            name: config.field_name,
            label: wording.label,
            field_type: question.field_type,
            section: config.section,
            section_label,
            position: config.position,
            required: question.required,
            options: (!wording.options.is_empty()).then_some(wording.options),
            placeholder: wording.placeholder,
            help_text: wording.help_text,
            target: Some(question.target),
        })
    }

    /// Whether it is built in.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.target.is_some()
    }

    /// Whether label, name or type contain `search`, in any letter case.
    fn matches(&self, search: &str) -> bool {
        let search = search.to_lowercase();
        [self.label.as_str(), &self.name, self.field_type.as_str()]
            .into_iter()
            .any(|text| text.to_lowercase().contains(&search))
    }
}

impl Form {
    /// Every question whose label, name or type contains `search`: by position, at one position the built-in
    /// ones first, then by the order of their sections, those without section last.
    #[must_use]
    pub fn questions(&self, search: Option<&str>) -> Vec<Question> {
        let label = |id: Option<SectionId>| Some(self.section(id?)?.label.clone());
        let configs = self.configs.iter().cloned();
        let built_in = configs.filter_map(|config| {
            let label = label(config.section);
            Question::built_in(config, label)
        });
        let own = self.fields.iter().cloned().map(|field| {
            let label = label(field.section);
            Question::own(field, label)
        });
        let mut questions: Vec<_> = built_in
            .chain(own)
            .filter(|question| search.is_none_or(|search| question.matches(search)))
            .collect();
        questions.sort_by_key(|question| {
            let section = question.section.and_then(|id| self.section(id));
            let place = section.map(|section: &FormSection| section.order);
            let place = (!question.is_built_in()).then_some((place.is_none(), place));
            (question.position, place, question.id)
        });
        questions
    }
}
