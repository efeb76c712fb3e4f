use super::{FieldConfig, FieldType, SectionKind};
use crate::{FieldConfigId, Popup, SectionId};

/// Where the answer to a built-in question is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// With the person.
    Human,
    /// With the application.
    Application,
}

/// A question that every form may have. Name, type and target are fixed; the rest is how it is put unless the
/// organiser puts it otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// The key of the answer.
    pub name: &'static str,
    /// What kind of answer it takes.
    pub field_type: FieldType,
    /// Whether clients ask for an answer.
    pub required: bool,
    /// Where the answer is kept.
    pub target: Target,
    /// Where it is asked.
    pub section: SectionKind,
    /// Its place in the section.
    pub position: i32,
    /// What is asked.
    pub label: &'static str,
    /// What stands in the empty box.
    pub placeholder: Option<&'static str>,
    /// An explanation; `{popup_name}` in it stands for the popup's name.
    pub help_text: Option<&'static str>,
    /// What can be chosen.
    pub options: &'static [&'static str],
}

/// How one popup puts a built-in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wording {
    /// What is asked.
    pub(super) label: String,
    /// What stands in the empty box.
    pub(super) placeholder: Option<String>,
    /// An explanation, still with `{popup_name}`.
    pub(super) help_text: Option<String>,
    /// What can be chosen.
    pub(super) options: Vec<String>,
}

/// The built-in question called `name`.
#[must_use]
pub fn built_in(name: &str) -> Option<&'static BuiltIn> {
    BUILT_INS.iter().find(|question| question.name == name)
}

impl Target {
    /// The target as sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Application => "application",
        }
    }
}

impl BuiltIn {
    /// How a popup puts this question at first.
    #[must_use]
    pub fn config(
        &self,
        id: FieldConfigId,
        popup: &Popup,
        section: Option<SectionId>,
    ) -> FieldConfig {
        let options = self.options.iter().map(|option| (*option).to_owned()).collect();
        FieldConfig {
            id,
            tenant: popup.tenant,
            popup: popup.id,
            field_name: self.name.to_owned(),
            section,
            position: self.position,
            label: None,
            placeholder: self.placeholder.map(str::to_owned),
            help_text: self.help_text.map(str::to_owned),
            options: (!self.options.is_empty()).then_some(options),
        }
    }

    /// How the question is put: in the words of `config` where it has any, else as built in.
    pub(super) fn wording(&self, config: Option<&FieldConfig>) -> Wording {
        let words = |own: Option<&String>, built_in: Option<&str>| {
            let own = own.map(|text| text.trim()).filter(|text| !text.is_empty());
            own.or(built_in).map(str::to_owned)
        };
        let placeholder = config.and_then(|config| config.placeholder.as_ref());
        let help_text = config.and_then(|config| config.help_text.as_ref());
        let label = config.and_then(|config| config.label.as_ref());
        let options = config.and_then(|config| config.options.clone());
        let built_in = || self.options.iter().map(|option| (*option).to_owned()).collect();
        Wording {
            label: words(label, Some(self.label)).unwrap_or_default(),
            placeholder: words(placeholder, self.placeholder),
            help_text: words(help_text, self.help_text),
            options: options.filter(|options| !options.is_empty()).unwrap_or_else(built_in),
        }
    }

    /// Whether `popup` asks this question.
    #[must_use]
    pub fn is_asked_by(&self, popup: &Popup) -> bool {
        match self.name {
            "partner" | "partner_email" => popup.allows_spouse,
            "kids" => popup.allows_children,
            _ => popup.needs(self.section),
        }
    }
}

/// What most questions are like.
const PLAIN: BuiltIn = BuiltIn {
    name: "",
    field_type: FieldType::Text,
    required: false,
    target: Target::Application,
    section: SectionKind::Profile,
    position: 0,
    label: "",
    placeholder: None,
    help_text: None,
    options: &[],
};

/// What most questions about the person are like.
const PERSONAL: BuiltIn = BuiltIn { required: true, target: Target::Human, ..PLAIN };

const COMPANIONS: BuiltIn = BuiltIn { section: SectionKind::Companions, ..PLAIN };

const SCHOLARSHIP: BuiltIn = BuiltIn { section: SectionKind::Scholarship, ..PLAIN };

/// Every built-in question, in the order of the form.
pub const BUILT_INS: [BuiltIn; 14] = [
    BuiltIn { name: "first_name", label: "First name", ..PERSONAL },
    BuiltIn { name: "last_name", position: 1, label: "Last name", ..PERSONAL },
    BuiltIn {
        name: "telegram",
        position: 2,
        label: "Telegram username",
        placeholder: Some("username"),
        help_text: Some("Most of what happens at {popup_name} is announced on Telegram."),
        ..PERSONAL
    },
    BuiltIn {
        name: "residence",
        position: 3,
        label: "Where do you usually live?",
        placeholder: Some("Lisbon, Lisbon, Portugal"),
        help_text: Some("Please write it as city, state or region, country."),
        ..PERSONAL
    },
    BuiltIn {
        name: "gender",
        field_type: FieldType::Select,
        position: 4,
        label: "Gender",
        options: &["Male", "Female", "Non-binary", "Specify"],
        ..PERSONAL
    },
    BuiltIn {
        name: "age",
        field_type: FieldType::Select,
        position: 5,
        label: "Age",
        options: &["18-24", "25-34", "35-44", "45-54", "55+"],
        ..PERSONAL
    },
    BuiltIn {
        name: "referral",
        position: 6,
        label: "Who referred you?",
        help_text: Some("Tell us everybody who encouraged you to apply."),
        ..PLAIN
    },
    BuiltIn {
        name: "info_not_shared",
        field_type: FieldType::Multiselect,
        section: SectionKind::InfoNotShared,
        label: "What should other attendees not see?",
        help_text: Some("Attendees will find each other in a directory. Choose what to leave out."),
        options: &["Email", "Telegram", "Organization", "Role", "Gender", "Age", "Residence"],
        ..PLAIN
    },
    BuiltIn {
        name: "partner",
        label: "Name of your spouse or partner, and how long they will stay",
        placeholder: Some("Name"),
        help_text: Some("They are approved together with you, but should apply as well."),
        ..COMPANIONS
    },
    BuiltIn {
        name: "partner_email",
        field_type: FieldType::Email,
        position: 1,
        label: "E-mail of your spouse or partner",
        placeholder: Some("Email"),
        help_text: Some("We use it to remind them to apply."),
        ..COMPANIONS
    },
    BuiltIn {
        name: "kids",
        field_type: FieldType::Kids,
        position: 2,
        label: "Are you bringing children?",
        help_text: Some("They are approved together with you and need no application."),
        ..COMPANIONS
    },
    BuiltIn {
        name: "scholarship_request",
        field_type: FieldType::Boolean,
        label: "I would like to ask for a scholarship",
        help_text: Some("Choose this if you need financial support to take part."),
        ..SCHOLARSHIP
    },
    BuiltIn {
        name: "scholarship_video_url",
        field_type: FieldType::Url,
        position: 1,
        label: "Link to a video of about a minute",
        placeholder: Some("https://..."),
        help_text: Some("It may lie anywhere, as long as we can watch it without an account."),
        ..SCHOLARSHIP
    },
    BuiltIn {
        name: "scholarship_details",
        field_type: FieldType::Textarea,
        position: 2,
        label: "Tell us more",
        placeholder: Some("What you need, and why"),
        help_text: Some("What would the scholarship make possible for you?"),
        ..SCHOLARSHIP
    },
];
