use ApplicationStatus::{Accepted, Draft, InReview, PendingFee, Rejected, Withdrawn};
use SnapshotEvent as Event;
use chrono::TimeDelta;
use rstest::rstest;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::{
    ApplicationFee, ApplicationId, Email, Human, HumanId, PopupStatus, Profile, ReviewDecision,
    ScholarshipStatus, StrategyRules, StrategyType, UserId,
    fixtures::{TENANT, noon, popup},
};

mod grid;
mod walks;

const GROUP: GroupId = GroupId(Uuid::from_u128(0x61));
const OTHER_GROUP: GroupId = GroupId(Uuid::from_u128(0x62));

const RECEIVED: Option<MailTemplate> = Some(MailTemplate::ApplicationReceived);
const ACCEPTED: Option<MailTemplate> = Some(MailTemplate::ApplicationAccepted);
const REJECTED: Option<MailTemplate> = Some(MailTemplate::ApplicationRejected);

const SUBMIT: Trigger =
    Trigger::Edit(PortalEdit { status: Some(RequestedStatus::InReview), group: None });
const SAVE_DRAFT: Trigger =
    Trigger::Edit(PortalEdit { status: Some(RequestedStatus::Draft), group: None });
const SAVE: Trigger = Trigger::Edit(PortalEdit { status: None, group: None });
const JOIN: Trigger =
    Trigger::Edit(PortalEdit { status: Some(RequestedStatus::Draft), group: Some(GROUP) });
const LEADER_ADDS: Trigger = Trigger::LeaderAdds(GROUP);
const REMOVED: Trigger = Trigger::LeaderRemoves { group: GROUP, admitted: true };
const REMOVED_NOT_ADMITTED: Trigger = Trigger::LeaderRemoves { group: GROUP, admitted: false };

/// Everything that a transition rests on, owned.
#[derive(Clone)]
struct World {
    popup: Popup,
    red_flag: bool,
    fee_paid: bool,
    strategy: Option<Strategy>,
    votes: Vec<Vote>,
    scholarship: Scholarship,
}

impl World {
    /// An open popup without fee that accepts everybody.
    fn auto() -> Self {
        Self {
            popup: popup(),
            red_flag: false,
            fee_paid: false,
            strategy: Some(Strategy::auto_accept()),
            votes: Vec::new(),
            scholarship: Scholarship::default(),
        }
    }

    /// As `auto`, but one vote in favour is needed.
    fn reviewed() -> Self {
        Self { strategy: Some(strategy(StrategyType::AnyReviewer)), ..Self::auto() }
    }

    fn manual() -> Self {
        Self { strategy: None, ..Self::auto() }
    }

    fn flagged(self) -> Self {
        Self { red_flag: true, ..self }
    }

    fn closed(self) -> Self {
        Self { popup: Popup { status: PopupStatus::Ended, ..self.popup }, ..self }
    }

    fn fee(self) -> Self {
        let fee = ApplicationFee::new(true, Some(Decimal::TEN)).unwrap();
        Self { popup: Popup { fee, ..self.popup }, ..self }
    }

    fn paid(self) -> Self {
        Self { fee_paid: true, ..self.fee() }
    }

    fn vote(self, decision: ReviewDecision) -> Self {
        let vote = Vote { reviewer: UserId(Uuid::from_u128(1)), decision };
        Self { votes: vec![vote], ..self }
    }

    /// A scholarship was asked for and is decided so.
    fn scholarship(self, status: Option<ScholarshipStatus>) -> Self {
        Self {
            popup: Popup { allows_scholarship: true, ..self.popup },
            scholarship: Scholarship { request: true, status, ..Scholarship::default() },
            ..self
        }
    }

    fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            popup: &self.popup,
            red_flag: self.red_flag,
            fee_paid: self.fee_paid,
            strategy: self.strategy.as_ref(),
            votes: &self.votes,
            reviewers: &[],
            now: noon(),
        }
    }

    /// An application to this popup, submitted and (if it is) accepted a day ago.
    fn application(&self, status: ApplicationStatus) -> Application {
        let email = Email::parse("ada@x.com").unwrap();
        let id = HumanId(Uuid::from_u128(2));
        let human = Human::new(id, TENANT, email, Profile::default(), None);
        let begun = Beginning::Portal(PortalEdit::default())
            .transition(&self.scholarship, &World::auto().circumstances())
            .unwrap();
        let id = ApplicationId(Uuid::from_u128(3));
        let submitted_at = (status != Draft).then(yesterday);
        Application {
            progress: Progress::stored(status, submitted_at, Some(yesterday())),
            scholarship: self.scholarship.clone(),
            ..Application::new(id, self.popup.id, &human, &begun, yesterday())
        }
    }
}

fn yesterday() -> DateTime<Utc> {
    noon() - TimeDelta::days(1)
}

fn strategy(strategy_type: StrategyType) -> Strategy {
    Strategy::stored(StrategyRules { strategy_type, ..StrategyRules::default() })
}

#[rstest]
// A draft is written and submitted.
#[case(World::reviewed(), Draft, SAVE, Draft, &[], None)]
#[case(World::reviewed(), Draft, SAVE_DRAFT, Draft, &[], None)]
#[case(World::auto(), Draft, SUBMIT, Accepted, &[Event::AutoAccepted], ACCEPTED)]
#[case(World::manual(), Draft, SUBMIT, Accepted, &[Event::AutoAccepted], ACCEPTED)]
#[case(World::reviewed(), Draft, SUBMIT, InReview, &[Event::Submitted], RECEIVED)]
#[case(World::auto().scholarship(None), Draft, SUBMIT, InReview, &[Event::Submitted], RECEIVED)]
#[case(World::manual().scholarship(None), Draft, SUBMIT, InReview, &[Event::Submitted], RECEIVED)]
#[case(World::auto().fee(), Draft, SUBMIT, PendingFee, &[Event::PendingFee], None)]
#[case(World::auto().paid(), Draft, SUBMIT, Accepted, &[Event::AutoAccepted], ACCEPTED)]
#[case(World::auto().flagged(), Draft, SUBMIT, Rejected, &[Event::AutoRejected], REJECTED)]
#[case(World::auto().fee().flagged(), Draft, SUBMIT, Rejected, &[Event::AutoRejected], REJECTED)]
// The fee.
#[case(World::auto().fee(), PendingFee, SUBMIT, PendingFee, &[], None)]
#[case(World::auto().fee(), PendingFee, SAVE, PendingFee, &[], None)]
#[case(World::auto().fee(), PendingFee, SAVE_DRAFT, Draft, &[], None)]
#[case(World::auto(), PendingFee, SUBMIT, Accepted, &[Event::AutoAccepted], ACCEPTED)]
#[case(World::reviewed(), PendingFee, SUBMIT, InReview, &[Event::Submitted], RECEIVED)]
#[case(World::auto().paid(), PendingFee, Trigger::FeePaid, Accepted, &[Event::AutoAccepted], ACCEPTED)]
#[case(World::reviewed().paid(), PendingFee, Trigger::FeePaid, InReview, &[Event::Submitted], RECEIVED)]
#[case(World::reviewed().paid().vote(ReviewDecision::Yes), PendingFee, Trigger::FeePaid, Accepted,
    &[Event::Submitted, Event::Accepted], ACCEPTED)]
#[case(World::reviewed().paid().vote(ReviewDecision::No), PendingFee, Trigger::FeePaid, InReview,
    &[Event::Submitted], RECEIVED)]
#[case(World::auto().paid(), Draft, Trigger::FeePaid, Draft, &[], None)]
#[case(World::auto().paid(), Rejected, Trigger::FeePaid, Rejected, &[], None)]
// In review.
#[case(World::reviewed(), InReview, SUBMIT, InReview, &[], None)]
#[case(World::auto(), InReview, SUBMIT, InReview, &[], None)]
#[case(World::reviewed(), InReview, SAVE_DRAFT, Draft, &[], None)]
#[case(World::reviewed().vote(ReviewDecision::Yes), InReview, Trigger::Vote, Accepted,
    &[Event::Accepted], ACCEPTED)]
#[case(World::reviewed().vote(ReviewDecision::No), InReview, Trigger::Vote, InReview, &[], None)]
#[case(World::auto().vote(ReviewDecision::StrongNo), InReview, Trigger::Vote, Rejected,
    &[Event::Rejected], REJECTED)]
#[case(World::manual().vote(ReviewDecision::StrongYes), InReview, Trigger::Vote, InReview, &[], None)]
#[case(World::reviewed().vote(ReviewDecision::Yes).flagged(), InReview, Trigger::Vote, Rejected,
    &[Event::AutoRejected], REJECTED)]
#[case(World::reviewed().vote(ReviewDecision::Yes).scholarship(None), InReview, Trigger::Vote,
    InReview, &[], None)]
#[case(World::auto().vote(ReviewDecision::No).scholarship(None), InReview, Trigger::Vote, Rejected,
    &[Event::Rejected], REJECTED)]
#[case(World::reviewed().vote(ReviewDecision::Yes), Accepted, Trigger::Vote, Accepted, &[], None)]
#[case(World::reviewed().vote(ReviewDecision::Yes), Rejected, Trigger::Vote, Rejected, &[], None)]
#[case(World::reviewed().vote(ReviewDecision::Yes), Withdrawn, Trigger::Vote, Withdrawn, &[], None)]
#[case(World::reviewed().vote(ReviewDecision::Yes), PendingFee, Trigger::Vote, PendingFee, &[], None)]
#[case(World::auto(), InReview, Trigger::Recalculate, Accepted, &[Event::Accepted], ACCEPTED)]
#[case(World::auto().flagged(), InReview, Trigger::Recalculate, Rejected, &[Event::AutoRejected],
    REJECTED)]
#[case(World::auto(), Rejected, Trigger::Recalculate, Rejected, &[], None)]
// The scholarship.
#[case(World::auto().scholarship(Some(ScholarshipStatus::Approved)), InReview,
    Trigger::ScholarshipDecided, Accepted, &[Event::Accepted],
    Some(MailTemplate::ApplicationAcceptedWithDiscount))]
#[case(World::manual().scholarship(Some(ScholarshipStatus::Rejected)), InReview,
    Trigger::ScholarshipDecided, Accepted, &[Event::Accepted],
    Some(MailTemplate::ApplicationAcceptedScholarshipRejected))]
#[case(World::manual().scholarship(Some(ScholarshipStatus::Approved)).vote(ReviewDecision::Yes),
    InReview, Trigger::ScholarshipDecided, InReview, &[], None)]
#[case(World::manual().scholarship(Some(ScholarshipStatus::Approved)).flagged(), InReview,
    Trigger::ScholarshipDecided, Rejected, &[Event::AutoRejected], REJECTED)]
#[case(World::reviewed().scholarship(Some(ScholarshipStatus::Approved)), InReview,
    Trigger::ScholarshipDecided, InReview, &[], None)]
#[case(World::reviewed().scholarship(Some(ScholarshipStatus::Approved)).vote(ReviewDecision::Yes),
    InReview, Trigger::ScholarshipDecided, Accepted, &[Event::Accepted],
    Some(MailTemplate::ApplicationAcceptedWithDiscount))]
#[case(World::auto().scholarship(Some(ScholarshipStatus::Approved)), Accepted,
    Trigger::ScholarshipDecided, Accepted, &[], None)]
#[case(World::auto().scholarship(Some(ScholarshipStatus::Approved)), Draft,
    Trigger::ScholarshipDecided, Draft, &[], None)]
// By hand.
#[case(World::manual(), InReview, Trigger::AcceptByHand, Accepted, &[Event::Accepted], ACCEPTED)]
#[case(World::manual(), InReview, Trigger::RejectByHand, Rejected, &[Event::Rejected], REJECTED)]
#[case(World::manual().scholarship(None), InReview, Trigger::RejectByHand, Rejected,
    &[Event::Rejected], REJECTED)]
#[case(World::manual(), Rejected, Trigger::Reopen, InReview, &[Event::Reopened], None)]
#[case(World::auto(), Rejected, Trigger::Reopen, InReview, &[Event::Reopened], None)]
// The red flag.
#[case(World::reviewed().flagged(), InReview, Trigger::RedFlagSet, Rejected,
    &[Event::AutoRejected], REJECTED)]
#[case(World::reviewed().flagged(), PendingFee, Trigger::RedFlagSet, Rejected,
    &[Event::AutoRejected], REJECTED)]
#[case(World::reviewed().flagged(), Draft, Trigger::RedFlagSet, Draft, &[], None)]
#[case(World::reviewed().flagged(), Accepted, Trigger::RedFlagSet, Accepted, &[], None)]
#[case(World::reviewed().flagged(), Withdrawn, Trigger::RedFlagSet, Withdrawn, &[], None)]
// What is accepted stays accepted.
#[case(World::reviewed(), Accepted, SUBMIT, Accepted, &[], None)]
#[case(World::reviewed(), Accepted, SAVE_DRAFT, Accepted, &[], None)]
#[case(World::reviewed().flagged(), Accepted, SUBMIT, Accepted, &[], None)]
#[case(World::reviewed().closed(), Accepted, SUBMIT, Accepted, &[], None)]
// Groups.
#[case(World::reviewed().fee().scholarship(None), Draft, JOIN, Accepted, &[Event::AutoAccepted],
    ACCEPTED)]
#[case(World::reviewed().fee(), PendingFee, JOIN, Accepted, &[Event::AutoAccepted], ACCEPTED)]
#[case(World::reviewed(), InReview, JOIN, Accepted, &[Event::AutoAccepted], ACCEPTED)]
#[case(World::reviewed(), Accepted, JOIN, Accepted, &[], None)]
#[case(World::reviewed().flagged(), Draft, JOIN, Rejected, &[Event::AutoRejected], REJECTED)]
#[case(World::reviewed().scholarship(None), Draft, LEADER_ADDS, Accepted, &[Event::Accepted], ACCEPTED)]
#[case(World::reviewed().fee(), PendingFee, LEADER_ADDS, Accepted, &[Event::Accepted], ACCEPTED)]
#[case(World::reviewed(), InReview, LEADER_ADDS, Accepted, &[Event::Accepted], ACCEPTED)]
#[case(World::reviewed(), Accepted, LEADER_ADDS, Accepted, &[], None)]
#[case(World::auto(), Accepted, REMOVED, Accepted, &[], None)]
#[case(World::reviewed(), Accepted, REMOVED, InReview, &[Event::Submitted], None)]
#[case(World::reviewed().vote(ReviewDecision::Yes), Accepted, REMOVED, Accepted, &[], None)]
#[case(World::auto().fee(), Accepted, REMOVED, PendingFee, &[Event::PendingFee], None)]
#[case(World::auto().flagged(), Accepted, REMOVED, Rejected, &[Event::AutoRejected], None)]
#[case(World::reviewed(), Accepted, REMOVED_NOT_ADMITTED, Accepted, &[], None)]
#[case(World::reviewed(), Rejected, REMOVED, Rejected, &[], None)]
fn what_happens_to_an_application(
    #[case] world: World,
    #[case] from: ApplicationStatus,
    #[case] trigger: Trigger,
    #[case] to: ApplicationStatus,
    #[case] snapshots: &[SnapshotEvent],
    #[case] mail: Option<MailTemplate>,
) {
    let application = world.application(from);
    let transition = application.transition(trigger, &world.circumstances()).unwrap();
    let told = (transition.status(), &transition.snapshots[..], transition.mail);
    assert_eq!(told, (to, snapshots, mail));
    assert_eq!(transition.changes_status(), from != to);

    let accepted_at = match (from, to) {
        (Accepted, Accepted) => Some(yesterday()),
        (_, Accepted) => Some(noon()),
        _ => None,
    };
    assert_eq!(transition.progress.accepted_at(), accepted_at);
    if let Some(submitted_at) = application.progress.submitted_at() {
        assert_eq!(transition.progress.submitted_at(), Some(submitted_at), "stays the first one");
    }
    if let Some(last) = transition.snapshots.last() {
        assert_eq!(last.status(), to);
    }
}

#[rstest]
#[case(World::reviewed(), Rejected, SUBMIT, ApplicationRefusal::Final)]
#[case(World::reviewed(), Rejected, SAVE, ApplicationRefusal::Final)]
#[case(World::reviewed(), Withdrawn, SAVE_DRAFT, ApplicationRefusal::Final)]
#[case(World::reviewed(), Rejected, JOIN, ApplicationRefusal::Final)]
#[case(World::reviewed().closed(), Rejected, SUBMIT, ApplicationRefusal::Final)]
#[case(World::reviewed().closed(), Draft, SUBMIT, ApplicationRefusal::PopupClosed)]
#[case(World::reviewed().closed(), PendingFee, SUBMIT, ApplicationRefusal::PopupClosed)]
#[case(World::reviewed().closed(), Draft, JOIN, ApplicationRefusal::PopupClosed)]
#[case(World::reviewed().closed(), Accepted, JOIN, ApplicationRefusal::PopupClosed)]
#[case(World::reviewed(), Draft, Trigger::Vote, ApplicationRefusal::Draft)]
#[case(World::manual(), Draft, Trigger::AcceptByHand, ApplicationRefusal::NotInReview)]
#[case(World::manual(), PendingFee, Trigger::RejectByHand, ApplicationRefusal::NotInReview)]
#[case(World::manual(), Accepted, Trigger::AcceptByHand, ApplicationRefusal::NotInReview)]
#[case(World::manual(), Rejected, Trigger::RejectByHand, ApplicationRefusal::NotInReview)]
#[case(World::manual(), Withdrawn, Trigger::AcceptByHand, ApplicationRefusal::NotInReview)]
#[case(World::manual().flagged().scholarship(None), InReview, Trigger::AcceptByHand,
    ApplicationRefusal::RedFlagged)]
#[case(World::manual().scholarship(None), InReview, Trigger::AcceptByHand,
    ApplicationRefusal::ScholarshipUndecided)]
#[case(World::manual(), InReview, Trigger::Reopen, ApplicationRefusal::NotRejected)]
#[case(World::manual(), Withdrawn, Trigger::Reopen, ApplicationRefusal::NotRejected)]
#[case(World::manual().flagged(), Rejected, Trigger::Reopen, ApplicationRefusal::RedFlagged)]
#[case(World::reviewed(), Rejected, LEADER_ADDS, ApplicationRefusal::Final)]
#[case(World::reviewed(), Withdrawn, LEADER_ADDS, ApplicationRefusal::Final)]
#[case(World::reviewed().flagged(), InReview, LEADER_ADDS, ApplicationRefusal::RedFlagged)]
#[case(World::reviewed().closed(), InReview, LEADER_ADDS, ApplicationRefusal::PopupClosed)]
fn what_must_not_happen_to_an_application(
    #[case] world: World,
    #[case] from: ApplicationStatus,
    #[case] trigger: Trigger,
    #[case] expected: ApplicationRefusal,
) {
    let refused = world.application(from).transition(trigger, &world.circumstances());
    assert_eq!(refused, Err(expected));
}

fn portal(status: Option<RequestedStatus>, group: Option<GroupId>) -> Beginning {
    Beginning::Portal(PortalEdit { status, group })
}

fn staff(status: ApplicationStatus) -> Beginning {
    Beginning::Staff { status, group: None }
}

#[rstest]
#[case(World::auto(), portal(None, None), Draft, &[], None)]
#[case(World::auto(), portal(Some(RequestedStatus::Draft), None), Draft, &[], None)]
#[case(World::auto().flagged(), portal(None, None), Draft, &[], None)]
#[case(World::auto(), portal(Some(RequestedStatus::InReview), None), Accepted,
    &[Event::AutoAccepted], ACCEPTED)]
#[case(World::reviewed(), portal(Some(RequestedStatus::InReview), None), InReview,
    &[Event::Submitted], RECEIVED)]
#[case(World::reviewed().fee(), portal(Some(RequestedStatus::InReview), None), PendingFee,
    &[Event::PendingFee], None)]
#[case(World::reviewed().fee().flagged(), portal(Some(RequestedStatus::InReview), None), Rejected,
    &[Event::AutoRejected], REJECTED)]
#[case(World::reviewed().fee(), portal(None, Some(GROUP)), Accepted, &[Event::AutoAccepted],
    ACCEPTED)]
#[case(World::reviewed().scholarship(None), portal(Some(RequestedStatus::Draft), Some(GROUP)),
    Accepted, &[Event::AutoAccepted], ACCEPTED)]
#[case(World::reviewed().flagged(), portal(None, Some(GROUP)), Rejected, &[Event::AutoRejected],
    REJECTED)]
#[case(World::auto().fee(), staff(InReview), Accepted, &[Event::AutoAccepted], ACCEPTED)]
#[case(World::reviewed().fee(), staff(InReview), InReview, &[Event::Submitted], RECEIVED)]
#[case(World::reviewed(), staff(Accepted), Accepted, &[Event::Accepted], ACCEPTED)]
#[case(World::reviewed(), staff(Rejected), Rejected, &[Event::Rejected], REJECTED)]
#[case(World::reviewed(), staff(Draft), Draft, &[], None)]
#[case(World::reviewed(), staff(PendingFee), PendingFee, &[], None)]
#[case(World::reviewed(), staff(Withdrawn), Withdrawn, &[], None)]
#[case(World::auto().closed(), staff(InReview), Accepted, &[Event::AutoAccepted], ACCEPTED)]
#[case(World::reviewed().flagged(), staff(Draft), Draft, &[], None)]
#[case(World::reviewed().flagged(), staff(Rejected), Rejected, &[Event::Rejected], REJECTED)]
#[case(World::reviewed().fee(), Beginning::Leader(GROUP), Accepted, &[Event::AutoAccepted], None)]
fn how_an_application_begins(
    #[case] world: World,
    #[case] beginning: Beginning,
    #[case] to: ApplicationStatus,
    #[case] snapshots: &[SnapshotEvent],
    #[case] mail: Option<MailTemplate>,
) {
    let begun = beginning.transition(&world.scholarship, &world.circumstances()).unwrap();
    assert_eq!((begun.status(), &begun.snapshots[..], begun.mail), (to, snapshots, mail));
    assert!(begun.captures_schema && begun.changes_status());
    assert_eq!(begun.progress.accepted_at(), (to == Accepted).then(noon));
    let from_staff = matches!(beginning, Beginning::Staff { .. });
    assert_eq!(begun.progress.submitted_at(), (from_staff || to != Draft).then(noon));
}

#[rstest]
#[case(World::auto().closed(), portal(None, None), ApplicationRefusal::PopupClosed)]
#[case(World::auto().closed(), Beginning::Leader(GROUP), ApplicationRefusal::PopupClosed)]
#[case(World::auto().flagged(), Beginning::Leader(GROUP), ApplicationRefusal::RedFlagged)]
#[case(World::auto().flagged(), staff(Accepted), ApplicationRefusal::RedFlagged)]
#[case(World::auto().flagged(), staff(InReview), ApplicationRefusal::RedFlagged)]
#[case(World::auto().flagged(), staff(PendingFee), ApplicationRefusal::RedFlagged)]
#[case(World::auto().flagged(), staff(Withdrawn), ApplicationRefusal::RedFlagged)]
fn how_no_application_begins(
    #[case] world: World,
    #[case] beginning: Beginning,
    #[case] expected: ApplicationRefusal,
) {
    let refused = beginning.transition(&world.scholarship, &world.circumstances());
    assert_eq!(refused, Err(expected));
}

#[rstest]
#[case::taken_back(InReview, SAVE_DRAFT, true)]
#[case::fee_given_up(PendingFee, SAVE_DRAFT, true)]
#[case::reopened(Rejected, Trigger::Reopen, true)]
#[case::edited(InReview, SUBMIT, false)]
fn votes_go_when_what_they_were_about_goes(
    #[case] from: ApplicationStatus,
    #[case] trigger: Trigger,
    #[case] go: bool,
) {
    let world = World::reviewed();
    let transition = world.application(from).transition(trigger, &world.circumstances()).unwrap();
    assert_eq!(transition.deletes_votes, go);
}

#[rstest]
#[case(World::reviewed(), None, Draft, JOIN, Ok(Some(GROUP)))]
#[case(World::reviewed(), None, Accepted, JOIN, Ok(Some(GROUP)))]
#[case(World::reviewed().flagged(), None, Draft, JOIN, Ok(None))]
#[case(World::reviewed(), Some(GROUP), Accepted, JOIN, Ok(Some(GROUP)))]
#[case(
    World::reviewed(),
    Some(OTHER_GROUP),
    Accepted,
    JOIN,
    Err(ApplicationRefusal::InAnotherGroup)
)]
#[case(World::reviewed(), None, InReview, LEADER_ADDS, Ok(Some(GROUP)))]
#[case(
    World::reviewed(),
    Some(OTHER_GROUP),
    Accepted,
    LEADER_ADDS,
    Err(ApplicationRefusal::InAnotherGroup)
)]
#[case(World::reviewed(), Some(GROUP), Accepted, REMOVED, Ok(None))]
#[case(World::reviewed(), Some(GROUP), Accepted, REMOVED_NOT_ADMITTED, Ok(None))]
#[case(World::reviewed(), Some(OTHER_GROUP), Accepted, REMOVED, Ok(Some(OTHER_GROUP)))]
fn who_is_in_which_group(
    #[case] world: World,
    #[case] before: Option<GroupId>,
    #[case] from: ApplicationStatus,
    #[case] trigger: Trigger,
    #[case] expected: Result<Option<GroupId>, ApplicationRefusal>,
) {
    let application = Application { group: before, ..world.application(from) };
    let transition = application.transition(trigger, &world.circumstances());
    let after = transition.map(|transition| application.after(&transition, noon()).group);
    assert_eq!(after, expected);
}

#[test]
fn the_same_group_again_is_an_ordinary_edit() {
    let world = World::reviewed();
    let member = Application { group: Some(GROUP), ..world.application(InReview) };
    let edit = PortalEdit { status: Some(RequestedStatus::Draft), group: Some(GROUP) };
    assert_eq!(member.edit_effect(edit, &world.popup, false), Ok(EditEffect::TakeBack));
}

#[test]
fn an_application_taken_back_and_submitted_again_keeps_its_first_submission() {
    let world = World::reviewed();
    let back = world.application(InReview);
    let back_draft = back.transition(SAVE_DRAFT, &world.circumstances()).unwrap();
    let draft = back.after(&back_draft, noon());
    let again = draft.transition(SUBMIT, &world.circumstances()).unwrap();
    assert_eq!(again.progress.submitted_at(), Some(yesterday()));
    assert!(again.captures_schema && !back_draft.captures_schema);
}

#[test]
fn a_superadmin_enters_somebody_into_a_group() {
    let world = World::reviewed();
    let beginning = Beginning::Staff { status: InReview, group: Some(GROUP) };
    let begun = beginning.transition(&world.scholarship, &world.circumstances()).unwrap();
    assert_eq!((begun.status(), begun.group), (InReview, Patch::Set(GROUP)));
}

#[rstest]
#[case::submitted(Draft, Some(RequestedStatus::InReview), None, None, true)]
#[case::once_more(InReview, Some(RequestedStatus::InReview), None, None, true)]
#[case::while_a_fee_is_due(PendingFee, Some(RequestedStatus::InReview), None, None, true)]
#[case::after_the_acceptance(Accepted, Some(RequestedStatus::InReview), None, None, true)]
#[case::saved(InReview, None, None, None, false)]
#[case::taken_back(InReview, Some(RequestedStatus::Draft), None, None, false)]
#[case::joining(Draft, Some(RequestedStatus::InReview), Some(GROUP), None, false)]
#[case::in_a_group(Accepted, Some(RequestedStatus::InReview), None, Some(GROUP), false)]
fn whoever_presses_the_button_answers_everything(
    #[case] from: ApplicationStatus,
    #[case] status: Option<RequestedStatus>,
    #[case] joined: Option<GroupId>,
    #[case] group: Option<GroupId>,
    #[case] expected: bool,
) {
    let application = Application { group, ..World::reviewed().application(from) };
    assert_eq!(application.asks_for_answers(PortalEdit { status, group: joined }), expected);
}
