use std::collections::HashSet;

use crate::{Attendee, AttendeeCategory, Email, InvalidEmail, InvalidText, Popup, optional_text};

/// What a companion is to the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompanionCategory {
    /// At most one.
    Spouse,
    /// Any number, within the limit of an application.
    Kid,
}

/// Somebody whom an applicant wants to bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// What the person is called; never blank.
    pub name: String,
    /// What the person is to the applicant.
    pub category: CompanionCategory,
    /// The person's address.
    pub email: Option<Email>,
    /// Free text.
    pub gender: Option<String>,
}

/// Somebody to be added to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttendee {
    /// See [`Companion::name`].
    pub name: String,
    /// What the person is to the applicant.
    pub category: AttendeeCategory,
    /// See [`Companion::email`].
    pub email: Option<Email>,
    /// See [`Companion::gender`].
    pub gender: Option<String>,
}

/// Which field of a companion is wrong, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCompanion {
    /// The name is too long.
    #[error("name {0}")]
    Name(#[source] InvalidText),
    /// The address is none.
    #[error("email {0}")]
    Email(#[from] InvalidEmail),
    /// The gender is too long.
    #[error("gender {0}")]
    Gender(#[source] InvalidText),
}

/// Why companions can't come along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CompanionRefusal {
    /// More than an application may bring.
    #[error("an application can bring at most 20 companions")]
    TooMany,
    /// The popup is archived or over: nobody new comes along.
    #[error("this event is closed")]
    PopupClosed,
    /// The popup doesn't allow this category.
    #[error("this event doesn't admit companions of the category {}", .0.as_str())]
    NotAllowed(CompanionCategory),
    /// The applicant is in the application already.
    #[error("an application has exactly one main attendee")]
    SecondMain,
    /// There is one already.
    #[error("an application can bring at most one spouse")]
    SecondSpouse,
    /// Another attendee of the application has the address.
    #[error("this e-mail is used by another attendee of the application")]
    EmailTaken,
}

impl CompanionCategory {
    /// The category as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        AttendeeCategory::from(self).as_str()
    }

    /// The category that is sent as `text`; `main` is none of a companion.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::of(AttendeeCategory::parse(text)?)
    }

    /// The category of an attendee; the main one is no companion.
    #[must_use]
    pub fn of(category: AttendeeCategory) -> Option<Self> {
        match category {
            AttendeeCategory::Main => None,
            AttendeeCategory::Spouse => Some(Self::Spouse),
            AttendeeCategory::Kid => Some(Self::Kid),
        }
    }

    /// Whether `popup` admits such companions.
    #[must_use]
    pub fn is_allowed_by(self, popup: &Popup) -> bool {
        match self {
            Self::Spouse => popup.allows_spouse,
            Self::Kid => popup.allows_children,
        }
    }
}

impl From<CompanionCategory> for AttendeeCategory {
    fn from(category: CompanionCategory) -> Self {
        match category {
            CompanionCategory::Spouse => Self::Spouse,
            CompanionCategory::Kid => Self::Kid,
        }
    }
}

impl Companion {
    /// How many an application may bring.
    pub const MAX: usize = 20;

    /// A companion as a form sends it; `None` while the name is blank, as in drafts.
    ///
    /// # Errors
    ///
    /// The first [`InvalidCompanion`] that applies.
    pub fn parse(
        name: &str,
        category: CompanionCategory,
        email: Option<&str>,
        gender: Option<&str>,
    ) -> Result<Option<Self>, InvalidCompanion> {
        let name = optional_text(name, Attendee::NAME_MAX).map_err(InvalidCompanion::Name)?;
        let Some(name) = name else { return Ok(None) };
        let email = Email::optional(email.unwrap_or_default())?;
        let gender = optional_text(gender.unwrap_or_default(), Attendee::GENDER_MAX)
            .map_err(InvalidCompanion::Gender)?;
        Ok(Some(Self { name, category, email, gender }))
    }
}

/// Whether `companions` may come along with somebody who has the address `main`, if any. `popup` says which categories
/// it admits; `None` when staff decide.
///
/// # Errors
///
/// The first [`CompanionRefusal`] that applies.
pub fn check_companions(
    companions: &[Companion],
    main: Option<&Email>,
    popup: Option<&Popup>,
) -> Result<(), CompanionRefusal> {
    if companions.len() > Companion::MAX {
        return Err(CompanionRefusal::TooMany);
    }
    let mut emails: HashSet<&Email> = main.into_iter().collect();
    let mut spouse = false;
    for companion in companions {
        let category = companion.category;
        if popup.is_some_and(|popup| !category.is_allowed_by(popup)) {
            return Err(CompanionRefusal::NotAllowed(category));
        }
        if category == CompanionCategory::Spouse && std::mem::replace(&mut spouse, true) {
            return Err(CompanionRefusal::SecondSpouse);
        }
        if companion.email.as_ref().is_some_and(|email| !emails.insert(email)) {
            return Err(CompanionRefusal::EmailTaken);
        }
    }
    Ok(())
}

/// `new` as a companion, if an application that has `present` may bring one more to `popup`.
///
/// # Errors
///
/// `NotAllowed`, `SecondMain` or `SecondSpouse`, `TooMany`, `EmailTaken`, in this order.
pub fn admit_companion<'a>(
    new: NewAttendee,
    present: impl IntoIterator<Item = &'a Attendee>,
    popup: &Popup,
) -> Result<Companion, CompanionRefusal> {
    let NewAttendee { name, category, email, gender } = new;
    let category = CompanionCategory::of(category).ok_or(CompanionRefusal::SecondMain)?;
    if !category.is_allowed_by(popup) {
        return Err(CompanionRefusal::NotAllowed(category));
    }
    let (mut companions, mut spouse, mut email_taken) = (0, false, false);
    for attendee in present {
        companions += usize::from(attendee.category != AttendeeCategory::Main);
        spouse |= attendee.category == AttendeeCategory::Spouse;
        email_taken |= email.is_some() && attendee.email == email;
    }
    if category == CompanionCategory::Spouse && spouse {
        return Err(CompanionRefusal::SecondSpouse);
    }
    if companions >= Companion::MAX {
        return Err(CompanionRefusal::TooMany);
    }
    if email_taken {
        return Err(CompanionRefusal::EmailTaken);
    }
    Ok(Companion { name, category, email, gender })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::fixtures::{attendee, popup};

    const KID: CompanionCategory = CompanionCategory::Kid;
    const SPOUSE: CompanionCategory = CompanionCategory::Spouse;

    fn companion(category: CompanionCategory, email: &str) -> Companion {
        Companion::parse("Bo", category, Some(email), None).unwrap().unwrap()
    }

    #[rstest]
    #[case(&[companion(KID, ""), companion(SPOUSE, "bo@x.com"), companion(KID, "")], Ok(()))]
    #[case(&[companion(SPOUSE, ""), companion(SPOUSE, "")], Err(CompanionRefusal::SecondSpouse))]
    #[case(&[companion(KID, "a@x.com"), companion(SPOUSE, " A@X.com")],
        Err(CompanionRefusal::EmailTaken))]
    #[case(&[companion(SPOUSE, "Main@x.com")], Err(CompanionRefusal::EmailTaken))]
    #[case(&vec![companion(KID, ""); 20], Ok(()))]
    #[case(&vec![companion(KID, ""); 21], Err(CompanionRefusal::TooMany))]
    fn a_family_has_its_limits(
        #[case] companions: &[Companion],
        #[case] expected: Result<(), CompanionRefusal>,
    ) {
        let main = Email::parse("main@x.com").unwrap();
        assert_eq!(check_companions(companions, Some(&main), None), expected);
    }

    #[rstest]
    #[case(true, true, SPOUSE, Ok(()))]
    #[case(false, true, SPOUSE, Err(CompanionRefusal::NotAllowed(SPOUSE)))]
    #[case(true, false, KID, Err(CompanionRefusal::NotAllowed(KID)))]
    fn a_popup_says_who_may_come_along(
        #[case] allows_spouse: bool,
        #[case] allows_children: bool,
        #[case] category: CompanionCategory,
        #[case] expected: Result<(), CompanionRefusal>,
    ) {
        let popup = Popup { allows_spouse, allows_children, ..popup() };
        let main = Email::parse("main@x.com").unwrap();
        let party = [companion(category, "")];
        assert_eq!(check_companions(&party, Some(&main), Some(&popup)), expected);
    }

    #[test]
    fn what_a_draft_sends_is_cleaned() {
        let sent = Companion::parse(" S ", SPOUSE, Some(" SP@x.com "), Some("")).unwrap().unwrap();
        assert_eq!(sent.name, "S");
        assert_eq!(sent.email, Some(Email::parse("sp@x.com").unwrap()));
        assert_eq!(sent.gender, None);
        assert_eq!(Companion::parse("  ", KID, Some("nope"), None), Ok(None));
        let nope = Companion::parse("K", KID, Some("nope"), None);
        assert_eq!(nope, Err(InvalidCompanion::Email(InvalidEmail)));
        assert_eq!(CompanionCategory::parse("main"), None);
    }

    #[rstest]
    #[case(AttendeeCategory::Kid, "", Ok(KID))]
    #[case(AttendeeCategory::Kid, "k@x.com", Ok(KID))]
    #[case(AttendeeCategory::Kid, "MAIN@x.com", Err(CompanionRefusal::EmailTaken))]
    #[case(AttendeeCategory::Spouse, "", Err(CompanionRefusal::SecondSpouse))]
    #[case(AttendeeCategory::Main, "", Err(CompanionRefusal::SecondMain))]
    fn one_more_comes_along_within_the_limits(
        #[case] category: AttendeeCategory,
        #[case] email: &str,
        #[case] expected: Result<CompanionCategory, CompanionRefusal>,
    ) {
        let family = Popup { allows_spouse: true, allows_children: true, ..popup() };
        let present = [
            attendee(AttendeeCategory::Main, "main@x.com"),
            attendee(AttendeeCategory::Spouse, ""),
        ];
        let admitted = admit_companion(new(category, email), &present, &family);
        assert_eq!(admitted.map(|companion| companion.category), expected);
    }

    #[test]
    fn the_first_rule_that_is_broken_is_told() {
        let family = Popup { allows_spouse: true, allows_children: true, ..popup() };
        let mut present = vec![attendee(AttendeeCategory::Main, "main@x.com")];
        present.extend((0..19).map(|_| attendee(AttendeeCategory::Kid, "")));
        let kid = || new(AttendeeCategory::Kid, "main@x.com");
        assert_eq!(admit_companion(kid(), &present, &family), Err(CompanionRefusal::EmailTaken));
        present.push(attendee(AttendeeCategory::Spouse, ""));
        assert_eq!(admit_companion(kid(), &present, &family), Err(CompanionRefusal::TooMany));
        let spouse = || new(AttendeeCategory::Spouse, "");
        let second = admit_companion(spouse(), &present, &family);
        assert_eq!(second, Err(CompanionRefusal::SecondSpouse));
        let not_allowed = admit_companion(spouse(), &present, &popup());
        assert_eq!(not_allowed, Err(CompanionRefusal::NotAllowed(SPOUSE)));
    }

    fn new(category: AttendeeCategory, email: &str) -> NewAttendee {
        let email = Email::optional(email).unwrap();
        NewAttendee { name: "Bo".to_owned(), category, email, gender: None }
    }
}
