use crate::{Email, HttpUrl, HumanId, Patch, TenantId};

/// A person known to one tenant, who applies and attends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Human {
    /// Identifies the human within the tenant.
    pub id: HumanId,
    /// Who knows this person; somebody known to two tenants is two humans.
    pub tenant: TenantId,
    /// Where login codes are sent; one human of the tenant per address. Never changes.
    pub email: Email,
    /// What the person tells about themselves, shared by all their applications.
    pub profile: Profile,
    /// A picture on the web.
    pub picture_url: Option<String>,
    /// Whether staff want every application of this person refused.
    pub red_flag: bool,
}

/// What a person tells about themselves. Never blank: what is unknown is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// At most [`TEXT_MAX`](Profile::TEXT_MAX) characters.
    pub first_name: Option<String>,
    /// At most [`TEXT_MAX`](Profile::TEXT_MAX) characters.
    pub last_name: Option<String>,
    /// At most [`TEXT_MAX`](Profile::TEXT_MAX) characters.
    pub telegram: Option<String>,
    /// Free text of at most [`CHOICE_MAX`](Profile::CHOICE_MAX) characters, though forms offer choices.
    pub gender: Option<String>,
    /// Free text of at most [`CHOICE_MAX`](Profile::CHOICE_MAX) characters, though forms offer ranges.
    pub age: Option<String>,
    /// At most [`TEXT_MAX`](Profile::TEXT_MAX) characters.
    pub residence: Option<String>,
}

/// What a request changes about a profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileChange {
    /// Another first name; blank clears.
    pub first_name: Patch<String>,
    /// Another last name; blank clears.
    pub last_name: Patch<String>,
    /// Another Telegram user name; blank clears.
    pub telegram: Patch<String>,
    /// Another gender; blank clears.
    pub gender: Patch<String>,
    /// Another age; blank clears.
    pub age: Patch<String>,
    /// Another residence; blank clears.
    pub residence: Patch<String>,
}

impl Human {
    /// The longest picture address, in characters.
    pub const PICTURE_MAX: usize = 500;

    /// A person who is new to the tenant. Nobody starts red-flagged.
    #[must_use]
    pub fn new(
        id: HumanId,
        tenant: TenantId,
        email: Email,
        profile: Profile,
        picture_url: Option<HttpUrl>,
    ) -> Self {
        let picture_url = picture_url.map(String::from);
        Self { id, tenant, email, profile, picture_url, red_flag: false }
    }

    /// What to call this person: the full name, or else the address.
    #[must_use]
    pub fn display_name(&self) -> String {
        self.profile.full_name().unwrap_or_else(|| self.email.as_str().to_owned())
    }
}

impl Profile {
    /// The longest name, Telegram name and residence, in characters.
    pub const TEXT_MAX: usize = 255;

    /// The longest gender and age, in characters.
    pub const CHOICE_MAX: usize = 50;

    /// First and last name, as far as they are known.
    #[must_use]
    pub fn full_name(&self) -> Option<String> {
        let names = [&self.first_name, &self.last_name].into_iter().flatten();
        let names: Vec<&str> =
            names.map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
        (!names.is_empty()).then(|| names.join(" "))
    }

    /// This profile with what it lacks taken from `told`. What is known already stays.
    #[must_use]
    pub fn completed_by(self, told: Self) -> Self {
        let told = Self::default().changed(ProfileChange::filling_in(told));
        Self {
            first_name: self.first_name.or(told.first_name),
            last_name: self.last_name.or(told.last_name),
            telegram: self.telegram.or(told.telegram),
            gender: self.gender.or(told.gender),
            age: self.age.or(told.age),
            residence: self.residence.or(told.residence),
        }
    }

    /// This profile after `change`. Texts lose their outer white space.
    #[must_use]
    pub fn changed(self, change: ProfileChange) -> Self {
        let over = |patch: Patch<String>, current| patch.over(current).and_then(trimmed);
        Self {
            first_name: over(change.first_name, self.first_name),
            last_name: over(change.last_name, self.last_name),
            telegram: over(change.telegram, self.telegram),
            gender: over(change.gender, self.gender),
            age: over(change.age, self.age),
            residence: over(change.residence, self.residence),
        }
    }
}

impl ProfileChange {
    /// What a new application, or a staff member for somebody, tells: what it leaves out or blank changes
    /// nothing.
    #[must_use]
    pub fn filling_in(told: Profile) -> Self {
        let fill = |text: Option<String>| text.and_then(trimmed).map_or(Patch::Keep, Patch::Set);
        Self {
            first_name: fill(told.first_name),
            last_name: fill(told.last_name),
            telegram: fill(told.telegram),
            gender: fill(told.gender),
            age: fill(told.age),
            residence: fill(told.residence),
        }
    }

    /// This change as an edited application makes it: a blank first or last name, which a form sends before
    /// it is filled in, erases nothing.
    #[must_use]
    pub fn keeping_names(self) -> Self {
        let keep = |patch| match patch {
            Patch::Set(name) => trimmed(name).map_or(Patch::Keep, Patch::Set),
            other => other,
        };
        Self { first_name: keep(self.first_name), last_name: keep(self.last_name), ..self }
    }
}

fn trimmed(text: String) -> Option<String> {
    let trimmed = text.trim();
    match trimmed.len() {
        0 => None,
        len if len == text.len() => Some(text),
        _ => Some(trimmed.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn named(first: Option<&str>, last: Option<&str>) -> Profile {
        Profile {
            first_name: first.map(str::to_owned),
            last_name: last.map(str::to_owned),
            ..Profile::default()
        }
    }

    fn set(text: &str) -> Patch<String> {
        Patch::Set(text.to_owned())
    }

    #[rstest]
    #[case(Some("Ada"), Some("Lovelace"), "Ada Lovelace")]
    #[case(Some("Ada"), None, "Ada")]
    #[case(None, Some(" Lovelace "), "Lovelace")]
    #[case(Some(" "), None, "ada@x.com")]
    #[case(None, None, "ada@x.com")]
    fn a_person_is_called_by_name_or_address(
        #[case] first: Option<&str>,
        #[case] last: Option<&str>,
        #[case] called: &str,
    ) {
        let id = HumanId(Uuid::from_u128(1));
        let tenant = TenantId(Uuid::from_u128(2));
        let email = Email::parse("Ada@x.com").unwrap();
        let human = Human::new(id, tenant, email, named(first, last), None);
        assert_eq!(human.display_name(), called);
        assert!(!human.red_flag);
    }

    #[test]
    fn an_own_edit_may_clear_everything() {
        let change = ProfileChange {
            first_name: set("  "),
            telegram: set("  @al "),
            ..ProfileChange::default()
        };
        let edited = named(Some("Ada"), Some("L")).changed(change);
        assert_eq!(edited.first_name, None);
        assert_eq!(edited.last_name.as_deref(), Some("L"));
        assert_eq!(edited.telegram.as_deref(), Some("@al"));
    }

    #[test]
    fn a_new_application_erases_nothing() {
        let told = Profile { telegram: Some(" @al ".to_owned()), ..named(Some(" "), None) };
        let filled = named(Some("Ada"), Some("L")).changed(ProfileChange::filling_in(told));
        assert_eq!(filled.full_name().as_deref(), Some("Ada L"));
        assert_eq!(filled.telegram.as_deref(), Some("@al"));
    }

    #[test]
    fn what_others_tell_fills_gaps_only() {
        let told = Profile {
            telegram: Some(" @al ".to_owned()),
            gender: Some(" ".to_owned()),
            ..named(Some("Robert"), Some("L"))
        };
        let completed = named(Some("Bob"), None).completed_by(told);
        let expected =
            Profile { telegram: Some("@al".to_owned()), ..named(Some("Bob"), Some("L")) };
        assert_eq!(completed, expected);
    }

    #[test]
    fn an_edited_application_clears_what_is_null_and_keeps_names_that_are_blank() {
        let change = ProfileChange {
            first_name: set(""),
            last_name: Patch::Clear,
            gender: set(" "),
            ..ProfileChange::default()
        };
        let before = Profile { gender: Some("Male".to_owned()), ..named(Some("Ada"), Some("L")) };
        let edited = before.changed(change.keeping_names());
        assert_eq!(edited, named(Some("Ada"), None));
    }
}
