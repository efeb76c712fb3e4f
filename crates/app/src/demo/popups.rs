use edgeos_domain::{
    NewPopup, Patch, PopupChange, PopupStatus, StrategyRules, StrategyType, WeightMultiplier,
};
use edgeos_ports::Resource;
use rust_decimal::Decimal;

use super::{
    DemoStore,
    stage::{Stage, link},
};
use crate::{AppError, popup_reviewers::NewReviewer};

pub(super) const VILLAGE: &str = "summer-village";
pub(super) const LANTERN: &str = "lantern-night";
pub(super) const RESIDENCY: &str = "autumn-residency";
pub(super) const WINTER: &str = "winter-gathering";
pub(super) const CAMP: &str = "spring-camp";
pub(super) const SUMMIT: &str = "first-summit";

/// An event of the catalogue, as it is once its story is told. Days are counted from today.
#[expect(clippy::struct_excessive_bools, reason = "the switches of an event")]
pub(super) struct Event {
    /// What follows from the name.
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    pub(super) tagline: &'static str,
    pub(super) location: &'static str,
    /// First and last day; hours after midnight on them.
    pub(super) days: [i64; 2],
    pub(super) hours: [i64; 2],
    /// The end of the story: until then it is active, unless it is a draft.
    pub(super) status: PopupStatus,
    pub(super) family: bool,
    pub(super) coupons: bool,
    /// Whether it offers scholarships, incentives, and invoices.
    pub(super) generous: bool,
    pub(super) fee: Fee,
    /// Whether it has an account at the payment provider.
    pub(super) sells: bool,
    pub(super) rules: StrategyRules,
    pub(super) reviewers: &'static [Designated],
}

/// What an application costs, in dollars.
#[derive(Clone, Copy)]
pub(super) enum Fee {
    None,
    /// It was asked for in the beginning, and isn't any more.
    Once(i64),
    Always(i64),
}

/// A reviewer: who, what the vote weighs, and whether it is required.
pub(super) struct Designated(pub(super) &'static str, pub(super) f64, pub(super) bool);

/// The payment provider of development takes any key.
const PAYMENT_KEY: &str = "demo-account-key";

/// The six events of the village.
#[expect(clippy::too_many_lines, reason = "a list, one event after the other")]
pub(super) fn of_village() -> [Event; 6] {
    let rules = |strategy_type| StrategyRules { strategy_type, ..StrategyRules::default() };
    [
        Event {
            slug: VILLAGE,
            name: "Summer Village",
            tagline: "A week of work, talks and long dinners",
            location: "By the lake",
            days: [60, 66],
            hours: [14, 12],
            status: PopupStatus::Active,
            family: true,
            coupons: true,
            generous: true,
            fee: Fee::Once(10),
            sells: true,
            rules: StrategyRules {
                accept_threshold: 4,
                reject_threshold: -4,
                ..rules(StrategyType::Weighted)
            },
            reviewers: &[
                Designated("dana", 1.0, false),
                Designated("lin", 1.0, false),
                Designated("robin", 2.0, false),
            ],
        },
        Event {
            slug: LANTERN,
            name: "Lantern Night",
            tagline: "One evening, a thousand lights",
            location: "The old boathouse",
            days: [14, 14],
            hours: [18, 23],
            status: PopupStatus::Active,
            family: false,
            coupons: true,
            generous: false,
            fee: Fee::None,
            sells: true,
            rules: rules(StrategyType::AutoAccept),
            reviewers: &[],
        },
        Event {
            slug: RESIDENCY,
            name: "Autumn Residency",
            tagline: "Seven days for one unfinished thing",
            location: "The mill on the hill",
            days: [90, 97],
            hours: [12, 12],
            status: PopupStatus::Active,
            family: false,
            coupons: false,
            generous: false,
            fee: Fee::Always(25),
            sells: true,
            rules: rules(StrategyType::AllReviewers),
            reviewers: &[Designated("dana", 1.0, true), Designated("robin", 1.0, true)],
        },
        Event {
            slug: WINTER,
            name: "Winter Gathering",
            tagline: "Snow, soup and slow conversations",
            location: "The upper valley",
            days: [150, 157],
            hours: [12, 12],
            status: PopupStatus::Draft,
            family: true,
            coupons: false,
            generous: false,
            fee: Fee::None,
            sells: false,
            rules: rules(StrategyType::AnyReviewer),
            reviewers: &[Designated("lin", 1.0, false)],
        },
        Event {
            slug: CAMP,
            name: "Spring Camp",
            tagline: "Tents, tools and the first warm days",
            location: "The orchard",
            days: [-40, -35],
            hours: [9, 18],
            status: PopupStatus::Ended,
            family: true,
            coupons: true,
            generous: false,
            fee: Fee::None,
            sells: true,
            rules: StrategyRules { required_approvals: 2, ..rules(StrategyType::Threshold) },
            reviewers: &[
                Designated("dana", 1.0, true),
                Designated("lin", 1.0, true),
                Designated("robin", 1.0, true),
            ],
        },
        Event {
            slug: SUMMIT,
            name: "First Summit",
            tagline: "Where it all began",
            location: "The town hall",
            days: [-400, -395],
            hours: [10, 17],
            status: PopupStatus::Archived,
            family: false,
            coupons: false,
            generous: false,
            fee: Fee::None,
            sells: true,
            rules: rules(StrategyType::AnyReviewer),
            reviewers: &[Designated("dana", 1.0, true)],
        },
    ]
}

/// Sets `event` up on `day`: open to applications from then on.
pub(super) async fn set_up<S: DemoStore>(
    stage: &mut Stage<S>,
    by: &str,
    event: &Event,
    day: i64,
) -> Result<(), AppError> {
    stage.draw_for(event.slug);
    // A minute after the one before: lists are in this order.
    let place = i64::try_from(stage.events.len()).unwrap_or_default();
    stage.script.turn_to(day, 10 * 60 + place);
    let by = stage.writer(by)?;
    let new = new_popup(stage, event)?;
    let id = stage.popups.create(&by, new, None).await?.popup.id;
    stage.made.count("events");
    stage.strategies.put(&by, id, event.rules).await?;
    for Designated(user, weight, is_required) in event.reviewers {
        let user = stage.users.get(user).ok_or(AppError::NotFound(Resource::User))?;
        let weight_multiplier =
            WeightMultiplier::new(*weight).map_err(AppError::invalid("weight_multiplier"))?;
        let new = NewReviewer { user: user.id, is_required: *is_required, weight_multiplier };
        stage.reviewers.add(&by, id, new).await?;
    }
    let key = if event.sells { Patch::Set(PAYMENT_KEY.to_owned()) } else { Patch::Keep };
    let popup = stage.accounts.update(&by, id, PopupChange::default(), key).await?.popup;
    stage.events.insert(event.slug, popup);
    Ok(())
}

/// Gives up the fee of `event`, if it was asked for in the beginning only.
pub(super) async fn drop_fee<S: DemoStore>(
    stage: &Stage<S>,
    by: &str,
    event: &Event,
    day: i64,
) -> Result<(), AppError> {
    if !matches!(event.fee, Fee::Once(_)) {
        return Ok(());
    }
    stage.draw_for(format!("{}/without fee", event.slug));
    stage.script.turn_to(day, 10 * 60);
    let change = PopupChange {
        requires_application_fee: Some(false),
        application_fee_amount: Patch::Clear,
        ..PopupChange::default()
    };
    let (by, id) = (stage.writer(by)?, stage.popup(event.slug)?);
    stage.popups.update(&by, id, change, Patch::Keep).await?;
    Ok(())
}

/// Closes `event` after its last day, if it is over.
pub(super) async fn conclude<S: DemoStore>(
    stage: &Stage<S>,
    by: &str,
    event: &Event,
) -> Result<(), AppError> {
    if matches!(event.status, PopupStatus::Active | PopupStatus::Draft) {
        return Ok(());
    }
    stage.draw_for(format!("{}/concluded", event.slug));
    stage.script.turn_to(event.days[1] + 2, 10 * 60);
    let change = PopupChange { status: Some(event.status), ..PopupChange::default() };
    let (by, id) = (stage.writer(by)?, stage.popup(event.slug)?);
    stage.popups.update(&by, id, change, Patch::Keep).await?;
    Ok(())
}

fn new_popup<S: DemoStore>(stage: &Stage<S>, event: &Event) -> Result<NewPopup, AppError> {
    let at = |place: usize| Some(stage.naive_at(event.days[place], event.hours[place]));
    let page = |page: &str| link(&format!("{}/{page}", event.slug));
    let invoice = |text: &str| event.generous.then(|| text.to_owned());
    let fee = match event.fee {
        Fee::None => None,
        Fee::Once(dollars) | Fee::Always(dollars) => Some(Decimal::from(dollars)),
    };
    Ok(NewPopup {
        name: event.name.to_owned(),
        tagline: Some(event.tagline.to_owned()),
        location: Some(event.location.to_owned()),
        start_date: at(0),
        end_date: at(1),
        status: match event.status {
            PopupStatus::Draft => PopupStatus::Draft,
            PopupStatus::Active | PopupStatus::Ended | PopupStatus::Archived => PopupStatus::Active,
        },
        allows_spouse: event.family,
        allows_children: event.family,
        allows_coupons: event.coupons,
        allows_scholarship: event.generous,
        allows_incentive: event.generous,
        image_url: page("picture.png")?,
        icon_url: page("icon.png")?,
        express_checkout_background: page("checkout.png")?,
        web_url: page("")?,
        blog_url: page("blog")?,
        twitter_url: page("news")?,
        terms_and_conditions_url: page("terms")?,
        invoice_company_name: invoice("Demo Village Association"),
        invoice_company_address: invoice("1 Lake Road, 00000 Demo Village"),
        invoice_company_email: invoice("invoices@demo.example.com"),
        requires_application_fee: fee.is_some(),
        application_fee_amount: fee,
    })
}
