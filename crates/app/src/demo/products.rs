use edgeos_domain::{AttendeeCategory, NewProduct, ProductCategory, TicketDuration};

use super::{
    DemoStore,
    popups::{CAMP, LANTERN, RESIDENCY, SUMMIT, VILLAGE, WINTER},
    stage::{Stage, link, percentage, price},
};
use crate::AppError;

/// Something that an event of the catalogue sells. Prices are in dollars, days counted from today.
pub(super) struct Good {
    pub(super) popup: &'static str,
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    pub(super) price: i64,
    pub(super) before: Option<i64>,
    pub(super) text: &'static str,
    pub(super) category: ProductCategory,
    pub(super) attendee: Option<AttendeeCategory>,
    pub(super) duration: Option<TicketDuration>,
    pub(super) days: [Option<i64>; 2],
    pub(super) active: bool,
    pub(super) exclusive: bool,
    pub(super) limit: Option<u32>,
    /// In percent.
    pub(super) insurance: Option<i64>,
    pub(super) picture: bool,
}

/// A ticket for whoever applies, for the whole event, as many as are wanted.
pub(super) const TICKET: Good = Good {
    popup: "",
    slug: "",
    name: "",
    price: 0,
    before: None,
    text: "",
    category: ProductCategory::Ticket,
    attendee: Some(AttendeeCategory::Main),
    duration: Some(TicketDuration::Full),
    days: [None, None],
    active: true,
    exclusive: false,
    limit: None,
    insurance: None,
    picture: false,
};

/// What isn't a ticket.
const THING: Good =
    Good { category: ProductCategory::Merch, attendee: None, duration: None, ..TICKET };

const SPOUSE: Option<AttendeeCategory> = Some(AttendeeCategory::Spouse);
const KID: Option<AttendeeCategory> = Some(AttendeeCategory::Kid);
const DAY: Option<TicketDuration> = Some(TicketDuration::Day);
const WEEK: Option<TicketDuration> = Some(TicketDuration::Week);
const MONTH: Option<TicketDuration> = Some(TicketDuration::Month);

/// What the village sells.
pub(super) static GOODS: [Good; 35] = [
    Good {
        slug: "village-pass",
        name: "Village pass",
        price: 600,
        before: Some(750),
        text: "All six days, three meals a day.",
        insurance: Some(8),
        picture: true,
        ..in_village(TICKET)
    },
    Good {
        slug: "suite-pass",
        name: "Suite pass",
        price: 1400,
        text: "All six days with a room of your own. Goes with no other ticket.",
        exclusive: true,
        limit: Some(3),
        insurance: Some(10),
        picture: true,
        ..in_village(TICKET)
    },
    Good {
        slug: "week-pass",
        name: "Week pass",
        price: 520,
        text: "The week without the closing dinner.",
        duration: WEEK,
        insurance: Some(8),
        ..in_village(TICKET)
    },
    Good {
        slug: "month-pass",
        name: "Month pass",
        price: 1500,
        text: "The village, and three quiet weeks after it.",
        duration: MONTH,
        days: [Some(60), Some(90)],
        ..in_village(TICKET)
    },
    Good {
        slug: "day-pass",
        name: "Day pass",
        price: 120,
        text: "Come for a day, or for two.",
        duration: DAY,
        ..in_village(TICKET)
    },
    Good {
        slug: "scouting-day",
        name: "Scouting day",
        price: 40,
        text: "A day at the lake before the tents go up.",
        duration: DAY,
        days: [Some(-12), Some(-11)],
        ..in_village(TICKET)
    },
    Good {
        slug: "closing-weekend",
        name: "Closing weekend",
        price: 190,
        text: "The last two days and the closing dinner.",
        duration: DAY,
        days: [Some(65), Some(66)],
        limit: Some(80),
        ..in_village(TICKET)
    },
    Good {
        slug: "partner-pass",
        name: "Partner pass",
        price: 450,
        text: "For whoever comes along.",
        attendee: SPOUSE,
        ..in_village(TICKET)
    },
    Good {
        slug: "kids-pass",
        name: "Kids pass",
        price: 0,
        text: "Children are our guests.",
        attendee: KID,
        limit: Some(40),
        ..in_village(TICKET)
    },
    Good {
        slug: "speaker-ticket",
        name: "Speaker ticket",
        price: 0,
        text: "Handed out by the programme team.",
        attendee: None,
        duration: None,
        ..in_village(TICKET)
    },
    Good {
        slug: "volunteer-pass",
        name: "Volunteer pass",
        price: 50,
        text: "Last year's arrangement, not on sale any more.",
        active: false,
        ..in_village(TICKET)
    },
    Good {
        slug: "lake-cabin",
        name: "Lake cabin",
        price: 95,
        text: "A bed under the pines, per night.",
        category: ProductCategory::Housing,
        limit: Some(12),
        picture: true,
        ..in_village(THING)
    },
    Good {
        slug: "tent-pitch",
        name: "Tent pitch",
        price: 18,
        text: "A place on the meadow, per night.",
        category: ProductCategory::Housing,
        ..in_village(THING)
    },
    Good {
        slug: "t-shirt",
        name: "T-shirt",
        price: 35,
        text: "Organic cotton, this year's colours.",
        picture: true,
        ..in_village(THING)
    },
    Good {
        slug: "enamel-mug",
        name: "Enamel mug",
        price: 18,
        before: Some(24),
        text: "Survives every dishwashing shift.",
        limit: Some(2),
        ..in_village(THING)
    },
    Good {
        slug: "shuttle",
        name: "Shuttle from the station",
        price: 25,
        text: "There and back.",
        category: ProductCategory::Other,
        ..in_village(THING)
    },
    Good {
        slug: "friend-of-the-village",
        name: "Friend of the village",
        price: 1000,
        text: "Carries somebody else's ticket; your own is included.",
        category: ProductCategory::Patreon,
        ..in_village(THING)
    },
    Good {
        popup: LANTERN,
        slug: "lantern-ticket",
        name: "Lantern ticket",
        price: 0,
        text: "Free, but we want to know how much soup to cook.",
        duration: DAY,
        limit: Some(200),
        ..TICKET
    },
    Good {
        popup: LANTERN,
        slug: "supper",
        name: "Supper by the fire",
        price: 20,
        text: "Soup, bread and something sweet.",
        category: ProductCategory::Other,
        ..THING
    },
    Good {
        popup: LANTERN,
        slug: "lantern-kit",
        name: "Lantern kit",
        price: 15,
        text: "Paper, wire, a candle and patience.",
        ..THING
    },
    Good {
        popup: RESIDENCY,
        slug: "residency",
        name: "Residency",
        price: 480,
        text: "A desk, a bed and seven days.",
        duration: WEEK,
        insurance: Some(6),
        picture: true,
        ..TICKET
    },
    Good {
        popup: RESIDENCY,
        slug: "long-residency",
        name: "Long residency",
        price: 1300,
        text: "A whole month, for those who need one.",
        duration: MONTH,
        exclusive: true,
        limit: Some(4),
        ..TICKET
    },
    Good {
        popup: RESIDENCY,
        slug: "studio-key",
        name: "Studio key",
        price: 60,
        text: "The print studio, day and night.",
        category: ProductCategory::Other,
        ..THING
    },
    Good {
        popup: WINTER,
        slug: "winter-pass",
        name: "Winter pass",
        price: 390,
        text: "The whole week.",
        ..TICKET
    },
    Good {
        popup: WINTER,
        slug: "winter-partner-pass",
        name: "Winter partner pass",
        price: 300,
        text: "The whole week, together.",
        attendee: SPOUSE,
        ..TICKET
    },
    Good {
        popup: WINTER,
        slug: "winter-kids-pass",
        name: "Winter kids pass",
        price: 60,
        text: "With a sledge.",
        attendee: KID,
        ..TICKET
    },
    Good {
        popup: CAMP,
        slug: "camp-pass",
        name: "Camp pass",
        price: 240,
        before: Some(280),
        text: "All days under the apple trees.",
        picture: true,
        ..TICKET
    },
    Good {
        popup: CAMP,
        slug: "camp-day",
        name: "Camp day",
        price: 55,
        text: "One day and one supper.",
        duration: DAY,
        ..TICKET
    },
    Good {
        popup: CAMP,
        slug: "camp-partner",
        name: "Camp partner pass",
        price: 200,
        text: "For two in one tent.",
        attendee: SPOUSE,
        ..TICKET
    },
    Good {
        popup: CAMP,
        slug: "camp-kid",
        name: "Camp kids pass",
        price: 30,
        text: "Marshmallows included.",
        attendee: KID,
        ..TICKET
    },
    Good {
        popup: CAMP,
        slug: "camp-tent",
        name: "Bell tent",
        price: 30,
        text: "Put up and aired, per night.",
        category: ProductCategory::Housing,
        limit: Some(20),
        ..THING
    },
    Good {
        popup: CAMP,
        slug: "camp-hoodie",
        name: "Camp hoodie",
        price: 48,
        text: "Smells of smoke by the second evening.",
        ..THING
    },
    Good {
        popup: SUMMIT,
        slug: "summit-ticket",
        name: "Summit ticket",
        price: 150,
        text: "Every talk and every lunch.",
        ..TICKET
    },
    Good {
        popup: SUMMIT,
        slug: "summit-day",
        name: "Summit day",
        price: 45,
        text: "One day of talks.",
        duration: DAY,
        ..TICKET
    },
    Good {
        popup: SUMMIT,
        slug: "summit-book",
        name: "The book of the summit",
        price: 30,
        text: "Everything that was said, and most of what was meant.",
        ..THING
    },
];

#[expect(
    clippy::needless_pass_by_value,
    reason = "a constant is not destroyed where constants are made"
)]
const fn in_village(good: Good) -> Good {
    Good { popup: VILLAGE, ..good }
}

/// Puts `goods` on sale on `day`, a few milliseconds apart.
pub(super) async fn fill<S: DemoStore>(
    stage: &mut Stage<S>,
    by: &str,
    goods: &'static [Good],
    day: i64,
) -> Result<(), AppError> {
    stage.script.turn_to(day, 11 * 60);
    let by = stage.writer(by)?;
    for good in goods {
        stage.draw_for(format!("{}/{}", good.popup, good.slug));
        let popup = stage.popup(good.popup)?;
        let [start, end] = good.days;
        let picture = format!("{}/{}.png", good.popup, good.slug);
        let new = NewProduct {
            name: good.name.to_owned(),
            slug: Some(good.slug.to_owned()),
            price: price(good.price)?,
            compare_price: good.before.map(price).transpose()?,
            description: Some(good.text.to_owned()),
            image_url: if good.picture { link(&picture)? } else { None },
            category: good.category,
            attendee_category: good.attendee,
            duration_type: good.duration,
            start_date: start.map(|day| stage.at(day, 0)),
            end_date: end.map(|day| stage.at(day, 23)),
            is_active: good.active,
            exclusive: good.exclusive,
            max_quantity: good.limit,
            insurance_percentage: good.insurance.map(percentage).transpose()?,
        };
        let product = stage.products.create(&by, popup, new).await?;
        stage.goods.insert((good.popup, good.slug), product.id);
        stage.made.count("products");
    }
    Ok(())
}
