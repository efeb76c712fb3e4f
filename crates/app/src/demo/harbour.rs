//! A second organisation, small, in which somebody has an address that the first one knows, too.

use edgeos_domain::{PopupStatus, ReviewDecision::Yes, StrategyRules, StrategyType};

use super::{
    DemoStore,
    people::{self, Person, person},
    popups::{self, Designated, Event, Fee},
    products::{self, Good, TICKET},
    stage::Stage,
    story::{Act, Story, basket, own},
};
use crate::AppError;

const WEEKEND: &str = "harbour-weekend";

/// An address that is known in the village, too.
pub(super) const GUEST: &str = "ines.carvalho@example.com";

/// When everything was set up.
const SET_UP: i64 = -100;

static PEOPLE: [Person; 3] = [
    person("ines", GUEST, ["Inês", "Carvalho", "Female", "35-44", "Porto, Norte, Portugal"]),
    person(
        "bo",
        "bo.larsen@example.com",
        ["Bo", "Larsen", "Male", "45-54", "Esbjerg, South Denmark, Denmark"],
    ),
    person(
        "uma",
        "uma.devi@example.org",
        ["Uma", "Devi", "Female", "25-34", "Kochi, Kerala, India"],
    ),
];

static GOODS: [Good; 1] = [Good {
    popup: WEEKEND,
    slug: "quay-pass",
    name: "Quay pass",
    price: 80,
    text: "Two days by the water.",
    ..TICKET
}];

static STORIES: [Story; 3] = [
    Story {
        who: "ines",
        acts: &[
            (-30, Act::Apply),
            (-29, Act::Vote("sol", Yes, "Welcome!")),
            (-28, Act::Buy(basket(&[own("quay-pass")]))),
            (-28, Act::PaidByCard),
        ],
    },
    Story { who: "bo", acts: &[(-10, Act::Apply)] },
    Story { who: "uma", acts: &[(-5, Act::Draft)] },
];

/// Fills the harbour.
pub(super) async fn fill<S: DemoStore>(stage: &mut Stage<S>) -> Result<(), AppError> {
    popups::set_up(stage, "sol", &weekend(), SET_UP).await?;
    products::fill(stage, "sol", &GOODS, SET_UP).await?;
    people::fill(stage, &PEOPLE).await?;
    for (number, story) in STORIES.iter().enumerate() {
        story.tell(stage, WEEKEND, number).await?;
    }
    Ok(())
}

fn weekend() -> Event {
    Event {
        slug: WEEKEND,
        name: "Harbour Weekend",
        tagline: "Ropes, rust and good company",
        location: "Quay 7",
        days: [30, 31],
        hours: [10, 18],
        status: PopupStatus::Active,
        family: false,
        coupons: false,
        generous: false,
        fee: Fee::None,
        sells: true,
        rules: StrategyRules {
            strategy_type: StrategyType::AnyReviewer,
            ..StrategyRules::default()
        },
        reviewers: &[Designated("sol", 1.0, false)],
    }
}
