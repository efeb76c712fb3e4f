use std::fmt;

use chrono::{DateTime, Utc};

use crate::{
    ApplicationId, AttendeeId, Companion, Email, Human, HumanId, PopupId, PopupSlug, TenantId,
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

/// A code that is scanned at the door, in upper case: up to three letters or digits of the popup's slug, then
/// eight letters. Older codes look otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CheckInCode(String);

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

    /// Somebody who comes along with `main`. `human` is who has the companion's address, if anybody has.
    #[must_use]
    pub fn companion(
        id: AttendeeId,
        main: &Attendee,
        companion: Companion,
        human: Option<HumanId>,
        check_in_code: CheckInCode,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            tenant: main.tenant,
            application: main.application,
            popup: main.popup,
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

impl CheckInCode {
    /// What stands before the letters when the slug has neither letters nor digits.
    const FALLBACK: &str = "ATT";

    /// Letters that aren't mistaken for digits.
    const ALPHABET: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

    /// How many letters are drawn.
    const DRAWN: usize = 8;

    /// A code for the door of the popup `slug`; `random` draws its letters. Among 24⁸ codes, some are
    /// likelier than others by less than one in a hundred million.
    #[must_use]
    pub fn new(slug: &PopupSlug, random: [u8; 8]) -> Self {
        let slug = slug.as_str().chars().filter(char::is_ascii_alphanumeric);
        let mut code: String = slug.take(3).map(|c| c.to_ascii_uppercase()).collect();
        if code.is_empty() {
            code.push_str(Self::FALLBACK);
        }
        let mut rest = u64::from_be_bytes(random);
        for _ in 0..Self::DRAWN {
            let letter = usize::try_from(rest % 24).expect("less than 24");
            code.push(char::from(Self::ALPHABET[letter]));
            rest /= 24;
        }
        Self(code)
    }

    /// A code as the database has it.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The code as stored and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
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

impl fmt::Display for CheckInCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("sp-1", "SP1")]
    #[case("conclave", "CON")]
    #[case("a_b-c", "ABC")]
    #[case("a", "A")]
    #[case("_", "ATT")]
    fn a_code_tells_of_its_popup(#[case] slug: &str, #[case] prefix: &str) {
        let code = CheckInCode::new(&PopupSlug::stored(slug.to_owned()), [0; 8]);
        assert_eq!(code.as_str(), format!("{prefix}AAAAAAAA"));
    }

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

    proptest! {
        #[test]
        fn a_code_has_eight_letters_that_look_like_nothing_else(random in any::<[u8; 8]>()) {
            let code = CheckInCode::new(&PopupSlug::stored("conclave".to_owned()), random);
            let letters = code.as_str().strip_prefix("CON").unwrap();
            prop_assert_eq!(letters.len(), 8);
            prop_assert!(letters.bytes().all(|b| b.is_ascii_uppercase() && b != b'I' && b != b'O'));
        }
    }
}
