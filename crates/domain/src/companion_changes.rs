use crate::{
    Attendee, AttendeeId, Companion, CompanionCategory, CompanionRefusal, Email, Popup,
    check_companions,
};

/// A companion of an application, and whether it can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentCompanion {
    /// Which attendee it is.
    pub id: AttendeeId,
    /// What is known about the person.
    pub companion: Companion,
    /// Whether the person has to stay: holds a pass, is named in a payment, or has been checked in.
    pub stays: bool,
}

/// What a new list of companions changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CompanionChanges {
    /// Who doesn't come along any more.
    pub deleted: Vec<AttendeeId>,
    /// Who is told about differently now.
    pub updated: Vec<(AttendeeId, Companion)>,
    /// Who comes along now.
    pub added: Vec<Companion>,
}

impl PresentCompanion {
    /// `attendee` as a companion; `None` for the main attendee.
    #[must_use]
    pub fn of(attendee: &Attendee, stays: bool) -> Option<Self> {
        let companion = Companion {
            name: attendee.name.clone(),
            category: CompanionCategory::of(attendee.category)?,
            email: attendee.email.clone(),
            gender: attendee.gender.clone(),
        };
        Some(Self { id: attendee.id, companion, stays })
    }

    /// Whether `wanted` means this person. Nobody who can go changes the category: that is somebody new.
    fn is_meant(&self, wanted: &Companion) -> bool {
        let present = &self.companion;
        let same_category = present.category == wanted.category;
        let same_email = wanted.email.is_some() && present.email == wanted.email;
        (same_category && present.name == wanted.name)
            || (same_email && (same_category || self.stays))
    }
}

/// What it takes to bring `wanted` in place of those of `present` who can go. Whoever has to stay stays, and is
/// told about differently if somebody in the list has the address, or category and name; so does, of those who can go,
/// whoever is in the list again. `main` is the address of the main attendee, if there is one.
///
/// # Errors
///
/// The first [`CompanionRefusal`] that applies to all who come along then; whether `popup` is closed, and which
/// categories it admits, counts for who is new.
pub fn replace_companions(
    present: &[PresentCompanion],
    wanted: Vec<Companion>,
    main: Option<&Email>,
    popup: &Popup,
) -> Result<CompanionChanges, CompanionRefusal> {
    let mut left: Vec<&PresentCompanion> = present.iter().collect();
    let mut changes = CompanionChanges::default();
    let mut party = Vec::with_capacity(wanted.len());
    for companion in wanted {
        let meant = |one: &&PresentCompanion| one.is_meant(&companion);
        let staying = left.iter().position(|one| one.stays && meant(one));
        let Some(meant) = staying.or_else(|| left.iter().position(meant)) else {
            if popup.is_closed() {
                return Err(CompanionRefusal::PopupClosed);
            }
            if !companion.category.is_allowed_by(popup) {
                return Err(CompanionRefusal::NotAllowed(companion.category));
            }
            party.push(companion.clone());
            changes.added.push(companion);
            continue;
        };
        let before = left.remove(meant);
        let after = Companion { category: before.companion.category, ..companion };
        party.push(after.clone());
        if after != before.companion {
            changes.updated.push((before.id, after));
        }
    }
    for one in left {
        if one.stays {
            party.push(one.companion.clone());
        } else {
            changes.deleted.push(one.id);
        }
    }
    check_companions(&party, main, None)?;
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{PopupStatus, fixtures::popup};

    const KID: CompanionCategory = CompanionCategory::Kid;
    const SPOUSE: CompanionCategory = CompanionCategory::Spouse;

    fn companion(name: &str, category: CompanionCategory, email: &str) -> Companion {
        Companion::parse(name, category, Some(email), None).unwrap().unwrap()
    }

    fn present(id: u128, stays: bool, companion: Companion) -> PresentCompanion {
        PresentCompanion { id: AttendeeId(Uuid::from_u128(id)), companion, stays }
    }

    fn replaced(
        present: &[PresentCompanion],
        wanted: Vec<Companion>,
    ) -> Result<CompanionChanges, CompanionRefusal> {
        let family = Popup { allows_spouse: true, allows_children: true, ..popup() };
        let main = Email::parse("main@x.com").unwrap();
        replace_companions(present, wanted, Some(&main), &family)
    }

    #[test]
    fn who_is_not_in_the_list_goes_and_who_is_new_comes() {
        let kid = present(1, false, companion("K", KID, ""));
        let changes = replaced(&[kid], vec![companion("L", KID, "")]).unwrap();
        assert_eq!(changes.deleted, [AttendeeId(Uuid::from_u128(1))]);
        assert_eq!(changes.added, [companion("L", KID, "")]);
        assert_eq!(changes.updated, []);
    }

    #[test]
    fn who_is_in_the_list_again_is_the_same_person() {
        let kid = present(1, false, companion("K", KID, ""));
        let same = replaced(std::slice::from_ref(&kid), vec![companion("K", KID, "")]).unwrap();
        assert_eq!(same, CompanionChanges::default());
        let told = companion("K", KID, "k@x.com");
        let changes = replaced(&[kid], vec![told.clone()]).unwrap();
        assert_eq!(changes.updated, [(AttendeeId(Uuid::from_u128(1)), told)]);
    }

    #[test]
    fn who_holds_a_pass_stays_and_keeps_the_category() {
        let spouse = present(1, true, companion("S", SPOUSE, "s@x.com"));
        let left_out = replaced(std::slice::from_ref(&spouse), Vec::new()).unwrap();
        assert_eq!(left_out, CompanionChanges::default());
        let changes =
            replaced(std::slice::from_ref(&spouse), vec![companion("T", KID, "s@x.com")]).unwrap();
        let renamed = companion("T", SPOUSE, "s@x.com");
        assert_eq!(changes.updated, [(AttendeeId(Uuid::from_u128(1)), renamed)]);
        assert_eq!(
            replaced(&[spouse], vec![companion("U", SPOUSE, "")]),
            Err(CompanionRefusal::SecondSpouse)
        );
    }

    #[test]
    fn an_entry_means_who_stays_rather_than_who_can_go() {
        let can_go = present(1, false, companion("Bo", KID, ""));
        let stays = present(2, true, companion("Bo", KID, ""));
        let changes = replaced(&[can_go.clone(), stays], vec![companion("Bo", KID, "")]).unwrap();
        let gone = CompanionChanges { deleted: vec![can_go.id], ..CompanionChanges::default() };
        assert_eq!(changes, gone);

        let stays = present(2, true, companion("Cy", KID, "cy@x.com"));
        let entry = companion("Bo", KID, "cy@x.com");
        let changes = replaced(&[can_go.clone(), stays.clone()], vec![entry.clone()]).unwrap();
        let updated = vec![(stays.id, entry)];
        assert_eq!(changes, CompanionChanges { updated, ..gone });
    }

    #[test]
    fn an_address_that_nobody_has_is_free() {
        let entry = vec![companion("K", KID, "main@x.com")];
        let family = Popup { allows_children: true, ..popup() };
        let changes = replace_companions(&[], entry.clone(), None, &family).unwrap();
        assert_eq!(changes.added, entry);
        assert_eq!(replaced(&[], entry), Err(CompanionRefusal::EmailTaken));
    }

    #[test]
    fn only_who_is_new_needs_an_event_that_admits_them() {
        let kid = present(1, false, companion("K", KID, ""));
        let main = Email::parse("main@x.com").unwrap();
        let again = vec![companion("K", KID, "")];
        assert!(replace_companions(&[kid], again.clone(), Some(&main), &popup()).is_ok());
        let refused = replace_companions(&[], again, Some(&main), &popup());
        assert_eq!(refused, Err(CompanionRefusal::NotAllowed(KID)));
    }

    #[test]
    fn nobody_new_comes_to_a_closed_event_but_others_change_and_go() {
        let kid = present(1, false, companion("K", KID, ""));
        let spouse = present(2, false, companion("S", SPOUSE, ""));
        let main = Email::parse("main@x.com").unwrap();
        let ended = Popup { status: PopupStatus::Ended, allows_children: true, ..popup() };
        let told = vec![companion("K", KID, "k@x.com")];
        let changes =
            replace_companions(&[kid.clone(), spouse], told.clone(), Some(&main), &ended).unwrap();
        assert_eq!(changes.updated, [(kid.id, told[0].clone())]);
        assert_eq!(changes.deleted, [AttendeeId(Uuid::from_u128(2))]);
        let refused =
            replace_companions(&[kid], vec![companion("L", KID, "")], Some(&main), &ended);
        assert_eq!(refused, Err(CompanionRefusal::PopupClosed));
    }
}
