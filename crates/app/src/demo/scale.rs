//! Organisations with as many people as one likes. A few of them live through the use cases, and everybody else is
//! another one of them: so the rules hold for all, and a statement makes thousands.

use edgeos_domain::{
    CouponCode, HumanId, NewCoupon, PopupStatus,
    ReviewDecision::{No, StrongYes, Yes},
    StrategyRules, StrategyType, TicketDuration,
};
use edgeos_ports::{Crowds, RequestStatus, TenantScope, Transaction};

use super::{
    DemoStore,
    organisations::{Organisation, Plot, Staff},
    people::{self, Person, person},
    popups::{self, Designated, Event, Fee},
    products::{self, Good, TICKET},
    stage::{Stage, coupon_percent},
    story::{Act, Basket, Line, Story, Who, basket, own},
};
use crate::AppError;

const FAIR: &str = "the-great-fair";

const COUPON: &str = "MANY10";

/// When everything was set up; days from today.
const SET_UP: i64 = -200;

/// How many people one statement makes; the first makes few, after which the store knows what to expect.
const BATCH: u64 = 10_000;
const FIRST_BATCH: u64 = 500;

/// Everybody is one of these.
static MODELS: [Person; 10] = [
    model("ana", "ana@crowd.example.com", "Ana"),
    model("ben", "ben@crowd.example.com", "Ben"),
    model("chloe", "chloe@crowd.example.com", "Chloé"),
    model("dev", "dev@crowd.example.com", "Dev"),
    model("eva", "eva@crowd.example.com", "Eva"),
    model("finn", "finn@crowd.example.com", "Finn"),
    model("gita", "gita@crowd.example.com", "Gita"),
    model("henk", "henk@crowd.example.com", "Henk"),
    model("iris", "iris@crowd.example.com", "Iris"),
    model("joao", "joao@crowd.example.com", "João"),
];

static GOODS: [Good; 2] = [
    Good {
        popup: FAIR,
        slug: "fair-pass",
        name: "Fair pass",
        price: 100,
        text: "All five days.",
        insurance: Some(5),
        ..TICKET
    },
    Good {
        popup: FAIR,
        slug: "fair-day",
        name: "Fair day",
        price: 30,
        text: "One day.",
        duration: Some(TicketDuration::Day),
        ..TICKET
    },
];

/// Seven in ten are accepted, and most of them buy.
static STORIES: [Story; 10] = [
    Story {
        who: "ana",
        acts: &[
            (-90, Act::Apply),
            (-88, Act::Vote("ada", Yes, "")),
            (-80, Act::Buy(basket(&[own("fair-pass")]))),
            (-80, Act::PaidByCard),
        ],
    },
    Story {
        who: "ben",
        acts: &[
            (-85, Act::Apply),
            (-84, Act::Vote("ada", StrongYes, "")),
            (-70, Act::Buy(Basket { coupon: Some(COUPON), ..basket(&[own("fair-pass")]) })),
            (-70, Act::PaidByCard),
        ],
    },
    Story {
        who: "chloe",
        acts: &[
            (-80, Act::Apply),
            (-79, Act::Vote("ada", Yes, "")),
            (-60, Act::Buy(basket(&[Line(Who::Applicant, "fair-day", 3, None)]))),
            (-60, Act::PaidInCoin("ETH", 250_000)),
        ],
    },
    Story {
        who: "dev",
        acts: &[
            (-75, Act::Apply),
            (-74, Act::Vote("ada", Yes, "")),
            (-50, Act::Buy(Basket { insured: true, ..basket(&[own("fair-pass")]) })),
            (-50, Act::PaidByCard),
        ],
    },
    Story {
        who: "eva",
        acts: &[
            (-70, Act::Apply),
            (-69, Act::Vote("ada", Yes, "")),
            (-40, Act::Buy(basket(&[own("fair-pass")]))),
            (-39, Act::Unpaid(RequestStatus::Expired)),
        ],
    },
    Story { who: "finn", acts: &[(-65, Act::Apply), (-64, Act::Vote("ada", Yes, ""))] },
    Story { who: "gita", acts: &[(-60, Act::Apply), (-59, Act::Vote("ada", Yes, ""))] },
    Story { who: "henk", acts: &[(-55, Act::Apply)] },
    Story {
        who: "iris",
        acts: &[(-50, Act::Apply), (-49, Act::Vote("ada", No, "Not this time."))],
    },
    Story { who: "joao", acts: &[(-45, Act::Draft)] },
];

const fn model(word: &'static str, email: &'static str, first_name: &'static str) -> Person {
    person(word, email, [first_name, "Many", "Specify", "25-34", "Somewhere"])
}

/// The slug of the organisation with this number.
pub(super) fn slug(number: u64) -> String {
    format!("scale-{number}")
}

/// The address of who works there.
pub(super) fn address(number: u64) -> String {
    format!("admin@scale-{number}.example.com")
}

/// An organisation with so many people.
pub(super) fn organisation<'a>(
    slug: &'a str,
    staff: &'a [Staff<'a>],
    size: u64,
) -> Organisation<'a> {
    Organisation {
        slug,
        name: slug,
        dressed: false,
        founded: SET_UP - 1,
        deleted: false,
        staff,
        story: Plot::Crowd(size),
    }
}

/// Fills the organisation with at least as many people as there are models.
pub(super) async fn fill<S: DemoStore>(stage: &mut Stage<S>, size: u64) -> Result<(), AppError> {
    popups::set_up(stage, "ada", &fair(), SET_UP).await?;
    products::fill(stage, "ada", &GOODS, SET_UP).await?;
    stage.draw_for(COUPON);
    let coupon = NewCoupon {
        code: CouponCode::parse(COUPON).map_err(AppError::invalid("code"))?,
        discount: coupon_percent(10)?,
        max_uses: None,
        start_date: None,
        end_date: None,
        is_active: true,
    };
    stage.coupons.create(&stage.writer("ada")?, stage.popup(FAIR)?, coupon).await?;
    people::fill(stage, &MODELS).await?;
    for (number, story) in STORIES.iter().enumerate() {
        story.tell(stage, FAIR, number).await?;
    }
    multiply(stage, size).await
}

async fn multiply<S: DemoStore>(stage: &mut Stage<S>, size: u64) -> Result<(), AppError> {
    let models: Result<Vec<HumanId>, AppError> =
        MODELS.iter().map(|model| Ok(stage.human(model.word)?.id)).collect();
    let models = models?;
    let scope = TenantScope::of_worker(stage.tenant.id);
    let (mut next, mut batch) = (models.len() as u64, FIRST_BATCH);
    while next < size {
        let end = size.min(next + batch);
        stage.draw_for(format!("{next} people"));
        let mut tx = stage.store.begin(&scope).await?;
        let rows = tx.multiply_humans(&models, next..end).await?;
        if batch == FIRST_BATCH {
            tx.take_stock().await?;
        }
        tx.commit().await?;
        stage.made.count_many("people", end - next);
        stage.made.count_many("other rows", rows - (end - next));
        (next, batch) = (end, BATCH);
    }
    let mut tx = stage.store.begin(&scope).await?;
    tx.recount_coupons().await?;
    Ok(tx.commit().await?)
}

fn fair() -> Event {
    Event {
        slug: FAIR,
        name: "The Great Fair",
        tagline: "Everybody is here",
        location: "The meadow",
        days: [45, 49],
        hours: [9, 18],
        status: PopupStatus::Active,
        family: false,
        coupons: true,
        generous: false,
        fee: Fee::None,
        sells: true,
        rules: StrategyRules {
            strategy_type: StrategyType::AnyReviewer,
            ..StrategyRules::default()
        },
        reviewers: &[Designated("ada", 1.0, true)],
    }
}
