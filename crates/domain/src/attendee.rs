use chrono::{DateTime, Utc};

use crate::{
    Application, ApplicationId, AttendeeId, CheckInCode, Companion, Email, Human, HumanId, PopupId,
    TenantId,
};

/// What somebody is to the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttendeeCategory {
    /// The applicant; exactly one.
    Main,
    /// At most one.
    Spouse,
    /// Any number.
    Kid,
}

/// A person whom an application brings, who may hold passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// Identifies the attendee within the tenant.
    pub id: AttendeeId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// By which application.
    pub application: ApplicationId,
    /// To which popup.
    pub popup: PopupId,
    /// Who this is, when it is known.
    pub human: Option<HumanId>,
    /// What the person is called; never blank.
    pub name: String,
    /// What the person is to the applicant. Never changes.
    pub category: AttendeeCategory,
    /// The person's address; one attendee of the application per address.
    pub email: Option<Email>,
    /// Free text.
    pub gender: Option<String>,
    /// What is scanned at the door. Never changes.
    pub check_in_code: CheckInCode,
    /// Where the proof of attendance is found.
    pub poap_url: Option<String>,
    /// When the attendee was added.
    pub created_at: DateTime<Utc>,
    /// When anything about the attendee changed last.
    pub updated_at: DateTime<Utc>,
}

/// Who comes along, by numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Party {
    /// Whether a spouse comes along.
    pub brings_spouse: bool,
    /// How many kids come along.
    pub kid_count: usize,
}

impl AttendeeCategory {
    /// Every category.
    pub const ALL: [Self; 3] = [Self::Main, Self::Spouse, Self::Kid];

    /// The category as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Spouse => "spouse",
            Self::Kid => "kid",
        }
    }

    /// The category that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == text)
    }
}

impl Attendee {
    /// The longest name, in characters.
    pub const NAME_MAX: usize = 255;

    /// The longest gender, in characters.
    pub const GENDER_MAX: usize = 50;

    /// The applicant as an attendee: a copy of what the human's profile says now.
    #[must_use]
    pub fn main(
        id: AttendeeId,
        application: ApplicationId,
        popup: PopupId,
        human: &Human,
        check_in_code: CheckInCode,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            tenant: human.tenant,
            application,
            popup,
            human: Some(human.id),
            name: human.display_name().chars().take(Self::NAME_MAX).collect(),
            category: AttendeeCategory::Main,
            email: Some(human.email.clone()),
            gender: human.profile.gender.clone(),
            check_in_code,
            poap_url: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Somebody who comes along by `application`. `human` is who has the companion's address, if anybody has.
    #[must_use]
    pub fn companion(
        id: AttendeeId,
        application: &Application,
        companion: Companion,
        human: Option<HumanId>,
        check_in_code: CheckInCode,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            tenant: application.tenant,
            application: application.id,
            popup: application.popup,
            human,
            name: companion.name,
            category: companion.category.into(),
            email: companion.email,
            gender: companion.gender,
            check_in_code,
            poap_url: None,
            created_at: now,
            updated_at: now,
        }
    }
}

impl Party {
    /// Who comes along among `categories`.
    #[must_use]
    pub fn of(categories: impl IntoIterator<Item = AttendeeCategory>) -> Self {
        let mut party = Self::default();
        for category in categories {
            match category {
                AttendeeCategory::Main => {}
                AttendeeCategory::Spouse => party.brings_spouse = true,
                AttendeeCategory::Kid => party.kid_count += 1,
            }
        }
        party
    }

    /// Whether kids come along.
    #[must_use]
    pub fn brings_kids(self) -> bool {
        self.kid_count > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_is_counted() {
        let party = Party::of([
            AttendeeCategory::Main,
            AttendeeCategory::Kid,
            AttendeeCategory::Spouse,
            AttendeeCategory::Kid,
        ]);
        assert_eq!(party, Party { brings_spouse: true, kid_count: 2 });
        assert!(party.brings_kids());
        assert!(!Party::of([AttendeeCategory::Main]).brings_kids());
    }
}
