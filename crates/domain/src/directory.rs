use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{Application, ApplicationId, Attendee, AttendeeCategory, Human, Party, Product};

/// What applicants may keep from the directory of attendees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DirectoryField {
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// The address.
    Email,
    /// The Telegram name.
    Telegram,
    /// The answer to the question `role`.
    Role,
    /// The answer to the question `organization`.
    Organization,
    /// The place of residence.
    Residence,
    /// The age.
    Age,
    /// The gender.
    Gender,
    /// The picture.
    PictureUrl,
    /// Whether kids come along, and who they are.
    BringsKids,
    /// The passes, and with them the time of the stay.
    Participation,
    /// Who comes along.
    AssociatedAttendees,
}

/// What one applicant keeps from the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withheld<'a>(&'a [String]);

/// A value that its owner may have kept back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masked<T> {
    /// For everybody who may look.
    Shown(T),
    /// For nobody, whether there is anything or not.
    Hidden,
}

/// A text that its owner may have kept back; `None` when there is none.
pub type MaskedText = Masked<Option<String>>;

/// Somebody in the directory of attendees, without what they keep to themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The application by which the person takes part.
    pub id: ApplicationId,
    /// See [`Profile`](crate::Profile).
    pub first_name: MaskedText,
    /// See [`Profile`](crate::Profile).
    pub last_name: MaskedText,
    /// The address.
    pub email: MaskedText,
    /// See [`Profile`](crate::Profile).
    pub telegram: MaskedText,
    /// The answer to the question `role`, as text.
    pub role: MaskedText,
    /// The answer to the question `organization`, as text.
    pub organization: MaskedText,
    /// See [`Profile`](crate::Profile).
    pub residence: MaskedText,
    /// See [`Profile`](crate::Profile).
    pub age: MaskedText,
    /// See [`Profile`](crate::Profile).
    pub gender: MaskedText,
    /// The picture; `None` also for those who hide it, or both of their names.
    pub picture_url: Option<String>,
    /// Whether kids come along.
    pub brings_kids: Masked<bool>,
    /// The passes of the person, empty when hidden.
    pub participation: Vec<Product>,
    /// The begin of the earliest pass.
    pub check_in: Option<DateTime<Utc>>,
    /// The end of the latest pass.
    pub check_out: Option<DateTime<Utc>>,
    /// Who comes along, as far as the person tells.
    pub associated_attendees: Vec<DirectoryCompanion>,
}

/// Somebody who comes along, in the directory: they never agreed to more than that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryCompanion {
    /// What the person is called.
    pub name: String,
    /// What the person is to the applicant.
    pub category: AttendeeCategory,
}

impl DirectoryField {
    /// Every field that can be kept back.
    pub const ALL: [Self; 13] = [
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::Telegram,
        Self::Role,
        Self::Organization,
        Self::Residence,
        Self::Age,
        Self::Gender,
        Self::PictureUrl,
        Self::BringsKids,
        Self::Participation,
        Self::AssociatedAttendees,
    ];

    /// What the field is called, in the form of [`Withheld`].
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Telegram => "telegram",
            Self::Role => "role",
            Self::Organization => "organization",
            Self::Residence => "residence",
            Self::Age => "age",
            Self::Gender => "gender",
            Self::PictureUrl => "picture_url",
            Self::BringsKids => "brings_kids",
            Self::Participation => "participation",
            Self::AssociatedAttendees => "associated_attendees",
        }
    }
}

impl<'a> Withheld<'a> {
    /// What these entries of [`Application::info_not_shared`] name: in any case of ASCII letters, and with
    /// spaces or hyphens for underscores, so that `First name` and `first_name` are one.
    #[must_use]
    pub fn of(info_not_shared: &'a [String]) -> Self {
        Self(info_not_shared)
    }

    /// Whether `field` is kept back.
    #[must_use]
    pub fn has(self, field: DirectoryField) -> bool {
        let plain = |name: &String| name.to_ascii_lowercase().replace([' ', '-'], "_");
        self.0.iter().any(|name| plain(name) == field.as_str())
    }

    /// Whether the picture is kept back. A face tells who somebody is as well as two names do.
    #[must_use]
    pub fn has_picture(self) -> bool {
        let nameless = self.has(DirectoryField::FirstName) && self.has(DirectoryField::LastName);
        nameless || self.has(DirectoryField::PictureUrl)
    }

    fn mask<T>(self, field: DirectoryField, value: T) -> Masked<T> {
        if self.has(field) { Masked::Hidden } else { Masked::Shown(value) }
    }
}

impl DirectoryEntry {
    /// The entry of `human`, who takes part by `application`, brings `attendees` and holds `passes`.
    #[must_use]
    pub fn of(
        application: &Application,
        human: Human,
        attendees: Vec<Attendee>,
        passes: Vec<Product>,
    ) -> Self {
        use DirectoryField as Field;

        let withheld = Withheld::of(&application.info_not_shared);
        let answer = |name: &str| application.custom_fields.get(name).and_then(text);
        let brings_kids = Party::of(attendees.iter().map(|one| one.category)).brings_kids();
        let hides_kids = withheld.has(Field::BringsKids);
        let participation = if withheld.has(Field::Participation) { Vec::new() } else { passes };
        let companions = attendees.into_iter().filter(|one| match one.category {
            AttendeeCategory::Main => false,
            AttendeeCategory::Spouse => true,
            AttendeeCategory::Kid => !hides_kids,
        });
        let companions = companions
            .filter(|_| !withheld.has(Field::AssociatedAttendees))
            .map(|one| DirectoryCompanion { name: one.name, category: one.category });
        let profile = human.profile;
        Self {
            id: application.id,
            first_name: withheld.mask(Field::FirstName, profile.first_name),
            last_name: withheld.mask(Field::LastName, profile.last_name),
            email: withheld.mask(Field::Email, Some(human.email.as_str().to_owned())),
            telegram: withheld.mask(Field::Telegram, profile.telegram),
            role: withheld.mask(Field::Role, answer("role")),
            organization: withheld.mask(Field::Organization, answer("organization")),
            residence: withheld.mask(Field::Residence, profile.residence),
            age: withheld.mask(Field::Age, profile.age),
            gender: withheld.mask(Field::Gender, profile.gender),
            picture_url: human.picture_url.filter(|_| !withheld.has_picture()),
            brings_kids: withheld.mask(Field::BringsKids, brings_kids),
            check_in: participation.iter().filter_map(|pass| pass.period.start()).min(),
            check_out: participation.iter().filter_map(|pass| pass.period.end()).max(),
            participation,
            associated_attendees: companions.collect(),
        }
    }
}

/// An answer as people read it; objects tell nothing.
fn text(answer: &Value) -> Option<String> {
    match answer {
        Value::Null | Value::Object(_) => None,
        Value::Bool(answer) => Some(answer.to_string()),
        Value::Number(answer) => Some(answer.to_string()),
        Value::String(answer) => Some(answer.clone()),
        Value::Array(answers) => {
            let texts: Vec<String> = answers.iter().filter_map(text).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        }
    }
}

/// The numbers of weeks in `list`, which are separated by commas; what isn't a number is left out.
#[must_use]
pub fn week_numbers(list: &str) -> Vec<String> {
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    list.split(',').map(str::trim).filter(is_number).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
