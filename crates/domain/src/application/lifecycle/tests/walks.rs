//! Whatever happens to an application, in whatever order.

use proptest::{
    arbitrary::any, collection::vec, prop_assert, prop_assert_eq, prop_oneof, proptest,
    sample::select, strategy::Strategy as _,
};
use serde_json::json;

use super::*;

/// Something that happens: to the application, or around it.
#[derive(Debug, Clone, Copy)]
enum Event {
    Trigger(Trigger),
    Voted(ReviewDecision),
    Strategy(Option<StrategyType>),
    Flag(bool),
    Fee { required: bool, paid: bool },
    Scholarship { asked: bool, status: Option<ScholarshipStatus> },
    Popup(PopupStatus),
}

fn event() -> impl proptest::strategy::Strategy<Value = Event> {
    let edit = |status, group| Trigger::Edit(PortalEdit { status, group });
    let buttons = [None, Some(RequestedStatus::Draft), Some(RequestedStatus::InReview)];
    let mut triggers: Vec<Trigger> = buttons
        .into_iter()
        .flat_map(|status| [None, Some(GROUP), Some(OTHER_GROUP)].map(|group| edit(status, group)))
        .collect();
    for group in [GROUP, OTHER_GROUP] {
        triggers.push(Trigger::LeaderAdds(group));
        triggers.extend([true, false].map(|admitted| Trigger::LeaderRemoves { group, admitted }));
    }
    triggers.extend([
        SUBMIT,
        SUBMIT,
        Trigger::ScholarshipDecided,
        Trigger::FeePaid,
        Trigger::AcceptByHand,
        Trigger::RejectByHand,
        Trigger::Reopen,
        Trigger::Recalculate,
    ]);
    let decisions = vec![
        ReviewDecision::StrongYes,
        ReviewDecision::Yes,
        ReviewDecision::No,
        ReviewDecision::StrongNo,
    ];
    let strategies = vec![
        None,
        Some(StrategyType::AutoAccept),
        Some(StrategyType::AnyReviewer),
        Some(StrategyType::AllReviewers),
        Some(StrategyType::Threshold),
        Some(StrategyType::Weighted),
    ];
    let decided = vec![None, Some(ScholarshipStatus::Approved), Some(ScholarshipStatus::Rejected)];
    prop_oneof![
        6 => select(triggers).prop_map(Event::Trigger),
        2 => select(decisions).prop_map(Event::Voted),
        1 => select(strategies).prop_map(Event::Strategy),
        1 => any::<bool>().prop_map(Event::Flag),
        1 => any::<(bool, bool)>().prop_map(|(required, paid)| Event::Fee { required, paid }),
        1 => (any::<bool>(), select(decided))
            .prop_map(|(asked, status)| Event::Scholarship { asked, status }),
        1 => select(vec![PopupStatus::Active, PopupStatus::Active, PopupStatus::Ended])
            .prop_map(Event::Popup),
    ]
}

/// An application on its way, in a world that changes.
struct Walk {
    world: World,
    application: Application,
}

impl Walk {
    fn begin() -> Self {
        let world = World::reviewed();
        let mut application = world.application(Draft);
        application.custom_fields.insert("why".to_owned(), json!("because"));
        application.referral = Some("Bo".to_owned());
        Self { world, application }
    }

    /// What happens because of `event`, if it may and if it concerns the application at all.
    fn step(&mut self, event: Event) -> Option<Transition> {
        let world = &mut self.world;
        let trigger = match event {
            Event::Trigger(trigger) => trigger,
            Event::Voted(decision) => {
                // Nobody votes on drafts.
                if self.application.status() != Draft {
                    *world = world.clone().vote(decision);
                }
                Trigger::Vote
            }
            Event::Strategy(kind) => {
                world.strategy = kind.map(strategy);
                return None;
            }
            Event::Flag(flag) => {
                world.red_flag = flag;
                if !flag {
                    return None;
                }
                Trigger::RedFlagSet
            }
            Event::Fee { required, paid } => {
                let fee = ApplicationFee::new(required, Some(Decimal::TEN)).unwrap();
                world.popup.fee = fee;
                world.fee_paid = paid;
                return None;
            }
            Event::Scholarship { asked, status } => {
                world.popup.allows_scholarship = true;
                let scholarship = Scholarship { request: asked, status, ..Scholarship::default() };
                self.application.scholarship = scholarship;
                return None;
            }
            Event::Popup(status) => {
                world.popup.status = status;
                return None;
            }
        };
        let transition = self.application.transition(trigger, &self.world.circumstances()).ok()?;
        if transition.deletes_votes {
            self.world.votes.clear();
        }
        self.application = self.application.clone().after(&transition, noon());
        Some(transition)
    }
}

proptest! {
    #[test]
    fn no_sequence_breaks_a_rule(events in vec(event(), 1..60)) {
        let mut walk = Walk::begin();
        let mut first_submission = None;
        for event in events {
            let before = walk.application.clone();
            let Some(transition) = walk.step(event) else {
                prop_assert_eq!(walk.application.progress, before.progress);
                continue;
            };
            let (from, to) = (before.status(), walk.application.status());
            let progress = walk.application.progress;
            prop_assert_eq!((transition.from, transition.status()), (Some(from), to));

            if walk.world.red_flag {
                prop_assert!(to != Accepted || from == Accepted, "{:?} accepts the red-flagged", event);
                prop_assert!(to != InReview || from == InReview, "{:?}", event);
            }
            prop_assert_eq!(progress.accepted_at().is_some(), to == Accepted);
            if (from, to) == (Accepted, Accepted) {
                prop_assert_eq!(progress.accepted_at(), before.progress.accepted_at());
            }
            prop_assert_eq!(&walk.application.custom_fields, &before.custom_fields);
            prop_assert_eq!(&walk.application.referral, &before.referral);
            prop_assert_eq!(&walk.application.scholarship, &before.scholarship);
            prop_assert_eq!(walk.application.credit, before.credit);

            if from == Rejected && to != Rejected {
                prop_assert!(matches!(event, Event::Trigger(Trigger::Reopen)), "{:?}", event);
            }
            prop_assert!(to != Withdrawn, "{:?} withdraws", event);
            if (from, to) == (InReview, Draft) {
                prop_assert!(walk.world.votes.is_empty(), "votes on what was taken back");
            }
            prop_assert!(to == Draft || progress.submitted_at().is_some());
            if let Some(first) = first_submission {
                prop_assert_eq!(progress.submitted_at(), Some(first));
            }
            first_submission = progress.submitted_at();

            // Whatever changes is kept, but for what is only written on; and only then is anybody told.
            prop_assert_eq!(!transition.snapshots.is_empty(), from != to && to != Draft);
            if let Some(last) = transition.snapshots.last() {
                prop_assert_eq!(last.status(), to);
            }
            if transition.mail.is_some() {
                prop_assert!(from != to && matches!(to, InReview | Accepted | Rejected));
            }
        }
    }
}
