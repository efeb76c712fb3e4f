use chrono::TimeDelta;
use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::{
    Application, ApplicationId, ApplicationStatus, Beginning, Circumstances, Profile, Scholarship,
    fixtures::{TENANT, noon, popup},
};

const GROUP: GroupId = GroupId(Uuid::from_u128(0x61));
const ELSEWHERE: GroupId = GroupId(Uuid::from_u128(0x62));

fn human(first: Option<&str>, last: Option<&str>) -> Human {
    let profile = Profile {
        first_name: first.map(str::to_owned),
        last_name: last.map(str::to_owned),
        ..Profile::default()
    };
    let id = HumanId(Uuid::from_u128(0x11));
    Human::new(id, TENANT, Email::parse("ann@x.com").unwrap(), profile, None)
}

fn new(name: &str, slug: Option<&str>) -> NewGroup {
    NewGroup {
        popup: popup().id,
        name: name.to_owned(),
        slug: slug.map(str::to_owned),
        description: None,
        discount: Percentage::ZERO,
        max_members: None,
        welcome_message: None,
        is_ambassador_group: false,
        ambassador: None,
    }
}

fn group() -> Group {
    new("Friends", None).into_group(GROUP, TENANT, [0; 4], noon())
}

fn application(status: ApplicationStatus, group: Option<GroupId>) -> Application {
    let popup = popup();
    let circumstances = Circumstances {
        popup: &popup,
        red_flag: false,
        fee_paid: false,
        strategy: None,
        votes: &[],
        reviewers: &[],
        now: noon(),
    };
    let entered = Beginning::Staff { status, group };
    let entered = entered.transition(&Scholarship::default(), &circumstances).unwrap();
    let id = ApplicationId(Uuid::from_u128(0xa));
    Application::new(id, popup.id, &human(None, None), &entered, noon())
}

#[rstest]
#[case("My Team", None, "my-team")]
#[case("My Team", Some(" Über/Us "), "uberus")]
#[case("My Team", Some("  "), "my-team")]
#[case("日本", None, "group-0000002a")]
#[case("My Team", Some("/"), "group-0000002a")]
fn every_group_gets_a_slug(#[case] name: &str, #[case] given: Option<&str>, #[case] slug: &str) {
    let group = new(name, given).into_group(GROUP, TENANT, [0, 0, 0, 42], noon());
    assert_eq!(group.slug.as_str(), slug);
}

#[rstest]
#[case(Some(3), Patch::Set(2), Ok(Some(2)))]
#[case(Some(3), Patch::Set(0), Ok(Some(0)))]
#[case(Some(3), Patch::Set(3), Ok(Some(3)))]
#[case(Some(3), Patch::Keep, Ok(Some(3)))]
#[case(None, Patch::Set(5), Ok(Some(5)))]
#[case(None, Patch::Clear, Ok(None))]
#[case(Some(3), Patch::Set(4), Err(GroupRefusal::CapRaised))]
#[case(Some(3), Patch::Clear, Err(GroupRefusal::CapRaised))]
fn a_leader_lets_fewer_people_in_but_never_more(
    #[case] before: Option<u32>,
    #[case] max_members: Patch<u32>,
    #[case] after: Result<Option<u32>, GroupRefusal>,
) {
    let group = Group { max_members: before, ..group() };
    let change = LeaderChange { max_members, ..LeaderChange::default() };
    let later = noon() + TimeDelta::hours(1);
    let changed = group.changed_by_leader(change, later);
    assert_eq!(changed.map(|group| group.max_members), after);
}

#[test]
fn another_name_keeps_the_slug() {
    let later = noon() + TimeDelta::hours(1);
    let change = GroupChange { name: Some("Foes".to_owned()), ..GroupChange::default() };
    let expected = Group { name: "Foes".to_owned(), updated_at: later, ..group() };
    assert_eq!(group().changed(change, later), expected);
}

#[rstest]
#[case(Some("R0"), Some("X"), "R0 X Invite List", "R0 X invites you to Summit.")]
#[case(Some(" R0 "), None, "R0 Invite List", "R0 invites you to Summit.")]
#[case(None, None, "Invite List", "A friend invites you to Summit.")]
fn an_invite_link_is_called_after_who_invites(
    #[case] first: Option<&str>,
    #[case] last: Option<&str>,
    #[case] name: &str,
    #[case] welcome: &str,
) {
    let human = human(first, last);
    let group = Group::of_ambassador(GROUP, &popup(), &human, [0, 0, 0, 42], noon());
    assert_eq!((group.name.as_str(), group.slug.as_str()), (name, "summit-0000002a"));
    assert_eq!(group.welcome_message.as_deref(), Some(welcome));
    assert_eq!(group.leading_ambassador(), Some(human.id));
    assert_eq!((group.discount, group.max_members), (Percentage::ZERO, None));
}

#[test]
fn an_invite_link_of_long_names_fits() {
    let long = "x".repeat(255);
    let human = human(Some(&long), Some(&long));
    let popup = Popup { slug: crate::PopupSlug::stored(long), ..popup() };
    let group = Group::of_ambassador(GROUP, &popup, &human, [1; 4], noon());
    assert_eq!((group.name.len(), group.slug.as_str().len()), (255, 255));
}

#[test]
fn an_ambassador_leads_an_ambassador_group_alone() {
    let ambassador = Some(HumanId(Uuid::from_u128(1)));
    assert_eq!(Group { ambassador, ..group() }.leading_ambassador(), None);
    let invitation = Group { ambassador, is_ambassador_group: true, ..group() };
    assert_eq!(invitation.leading_ambassador(), ambassador);
}

fn welcome() -> Candidate<'static> {
    Candidate {
        popup_closed: false,
        is_member: false,
        is_full: false,
        red_flag: false,
        is_listed: true,
        application: None,
        is_companion: false,
    }
}

#[rstest]
#[case(ApplicationStatus::Draft, Ok(()))]
#[case(ApplicationStatus::PendingFee, Ok(()))]
#[case(ApplicationStatus::InReview, Ok(()))]
#[case(ApplicationStatus::Accepted, Ok(()))]
#[case(ApplicationStatus::Rejected, Err(GroupRefusal::Final))]
#[case(ApplicationStatus::Withdrawn, Err(GroupRefusal::Final))]
fn no_group_opens_for_the_rejected_and_the_withdrawn(
    #[case] status: ApplicationStatus,
    #[case] expected: Result<(), GroupRefusal>,
) {
    let application = application(status, None);
    let candidate = Candidate { application: Some(&application), ..welcome() };
    assert_eq!(check_candidate(GROUP, &candidate), expected);
}

proptest! {
    #[test]
    fn the_first_reason_against_a_candidate_counts(facts in any::<[bool; 8]>()) {
        let [popup_closed, is_member, is_full, red_flag, unlisted, elsewhere, is_final, companion] = facts;
        let status = if is_final { ApplicationStatus::Rejected } else { ApplicationStatus::Draft };
        let application = application(status, elsewhere.then_some(ELSEWHERE));
        let candidate = Candidate {
            popup_closed,
            is_member,
            is_full,
            red_flag,
            is_listed: !unlisted,
            application: Some(&application),
            is_companion: companion,
        };
        let order = [
            GroupRefusal::PopupClosed,
            GroupRefusal::AlreadyMember,
            GroupRefusal::Full,
            GroupRefusal::RedFlagged,
            GroupRefusal::NotListed,
            GroupRefusal::InAnotherGroup,
            GroupRefusal::Final,
            GroupRefusal::Companion,
        ];
        let first = facts.iter().position(|applies| *applies).map(|index| order[index]);
        prop_assert_eq!(check_candidate(GROUP, &candidate).err(), first);
    }

    #[test]
    fn a_slug_of_a_group_fits_its_column(name in "\\PC{0,300}", random in any::<[u8; 4]>()) {
        let slug = GroupSlug::of(&name, random);
        prop_assert!((1..=255).contains(&slug.as_str().len()));
        prop_assert_eq!(GroupSlug::parse(slug.as_str()), Ok(slug));
    }

    #[test]
    fn no_change_of_a_leader_lets_more_people_in(before in 0..9_u32, after in 0..9_u32) {
        let group = Group { max_members: Some(before), ..group() };
        let change = LeaderChange { max_members: Patch::Set(after), ..LeaderChange::default() };
        let changed = group.changed_by_leader(change, noon()).map(|group| group.max_members);
        prop_assert_eq!(changed.is_ok(), after <= before);
    }
}
