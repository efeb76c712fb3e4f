//! A catalogue and a family, and orders written as text: `"Week1 m, Day s 3"`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::*;
use crate::{
    AttendeeCategory, AttendeeId, CouponId, GroupId, Percentage, Price, ProductId, ProductKind,
    TicketDuration,
};

/// What is sold: name, kind and price, and how much of the price insuring it costs.
const CATALOGUE: [(&str, ProductKind, &str, Option<&str>); 17] = [
    ("Week1", ticket(Some(AttendeeCategory::Main), TicketDuration::Week), "500.00", Some("5.00")),
    ("Week2", ticket(None, TicketDuration::Week), "600.00", Some("7.25")),
    ("Day", ticket(None, TicketDuration::Day), "33.33", None),
    ("Month", ticket(None, TicketDuration::Month), "1500.00", None),
    ("Full", ticket(None, TicketDuration::Full), "1999.99", None),
    ("KidWeek", ticket(Some(AttendeeCategory::Kid), TicketDuration::Week), "100.00", None),
    ("P9", ticket(None, TicketDuration::Day), "99.99", Some("3.33")),
    ("Cheap", ticket(None, TicketDuration::Day), "0.05", None),
    ("Odd", ticket(None, TicketDuration::Day), "0.15", None),
    ("Free", ticket(None, TicketDuration::Day), "0.00", None),
    ("Lim", ticket(None, TicketDuration::Day), "10.00", None),
    ("Shirt", ProductKind::Merch, "30.00", None),
    ("House", ProductKind::Housing, "80.00", None),
    ("Patron", ProductKind::Patreon, "2500.00", None),
    ("Patron2", ProductKind::Patreon, "5000.00", None),
    ("ExcA", ticket(None, TicketDuration::Day), "700.00", None),
    ("ExcB", ticket(None, TicketDuration::Day), "710.00", None),
];

const FAMILY: [(&str, AttendeeCategory); 3] =
    [("m", AttendeeCategory::Main), ("s", AttendeeCategory::Spouse), ("k", AttendeeCategory::Kid)];

pub(super) const GROUP: GroupId = GroupId(Uuid::from_u128(0x61));
pub(super) const COUPON: CouponId = CouponId(Uuid::from_u128(0xc0));

/// An order in the making.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub order: Order,
    pub discounts: Discounts,
}

const fn ticket(attendee: Option<AttendeeCategory>, duration: TicketDuration) -> ProductKind {
    ProductKind::Ticket { attendee, duration: Some(duration) }
}

/// Nobody holds anything, no discount, no credit.
pub(super) fn new() -> World {
    let offers = CATALOGUE.map(|(name, kind, amount, insurance)| {
        let offer = Offer {
            kind,
            exclusive: name.starts_with("Exc"),
            is_active: true,
            price: price(amount),
            insurance_percentage: insurance.map(percentage),
            available: None,
        };
        (product(name), offer)
    });
    let holders = FAMILY
        .map(|(name, category)| (attendee(name), Holder { category, owned: BTreeMap::new() }));
    let order = Order {
        lines: Vec::new(),
        offers: BTreeMap::from(offers),
        holders: BTreeMap::from(holders),
        account_credit: Decimal::ZERO,
        edit_passes: false,
        insurance: false,
    };
    World { order, discounts: Discounts::default() }
}

pub(super) fn edit() -> World {
    let mut world = new();
    world.order.edit_passes = true;
    world
}

pub(super) fn product(name: &str) -> ProductId {
    let place = CATALOGUE.iter().position(|(known, ..)| *known == name);
    ProductId(Uuid::from_u128(0x100 + place.expect("a product of the catalogue") as u128))
}

pub(super) fn attendee(name: &str) -> AttendeeId {
    let place = FAMILY.iter().position(|(known, _)| *known == name);
    AttendeeId(Uuid::from_u128(0x10 + place.expect("one of the family") as u128))
}

pub(super) fn every_product() -> Vec<ProductId> {
    CATALOGUE.iter().map(|(name, ..)| product(name)).collect()
}

pub(super) fn every_attendee() -> Vec<AttendeeId> {
    FAMILY.iter().map(|(name, _)| attendee(name)).collect()
}

fn product_name(id: ProductId) -> &'static str {
    CATALOGUE.iter().map(|(name, ..)| *name).find(|name| product(name) == id).unwrap()
}

fn attendee_name(id: AttendeeId) -> &'static str {
    FAMILY.iter().map(|(name, _)| *name).find(|name| attendee(name) == id).unwrap()
}

pub(super) fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(super) fn price(text: &str) -> Price {
    Price::new(money(text)).unwrap()
}

pub(super) fn percentage(text: &str) -> Percentage {
    Percentage::new(money(text)).unwrap()
}

/// The lines of `"Week1 m, Day s 3"`.
fn lines(text: &str) -> Vec<OrderLine> {
    let line = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let quantity = words.get(2).map_or(1, |units| units.parse().unwrap());
        OrderLine {
            product: product(words[0]),
            attendee: attendee(words[1]),
            quantity: Quantity::new(quantity).unwrap(),
            custom_amount: None,
        }
    };
    text.split(", ").map(line).collect()
}

impl World {
    pub(super) fn insured(mut self) -> Self {
        self.order.insurance = true;
        self
    }

    pub(super) fn credit(mut self, amount: &str) -> Self {
        self.order.account_credit = money(amount);
        self
    }

    pub(super) fn coupon(mut self, percentage: i64) -> Self {
        self.discounts.coupon = Some(CouponDiscount {
            id: COUPON,
            code: format!("C{percentage}"),
            percentage: Decimal::from(percentage),
        });
        self
    }

    pub(super) fn group(mut self, percentage: &str) -> Self {
        self.discounts.group = Some(GroupDiscount { id: GROUP, percentage: money(percentage) });
        self
    }

    pub(super) fn scholarship(mut self, percentage: &str) -> Self {
        self.discounts.scholarship = Some(money(percentage));
        self
    }

    /// The attendee holds units that were paid in full.
    pub(super) fn owns(self, whose: &str, what: &str, quantity: u32) -> Self {
        let paid = self.order.offers[&product(what)].price.amount() * Decimal::from(quantity);
        self.holds(whose, what, Holding { quantity, paid: Some(paid) })
    }

    /// The attendee holds one unit that was paid so.
    pub(super) fn owns_paid(self, whose: &str, what: &str, paid: Option<&str>) -> Self {
        self.holds(whose, what, Holding { quantity: 1, paid: paid.map(money) })
    }

    fn holds(mut self, whose: &str, what: &str, holding: Holding) -> Self {
        let holder = self.order.holders.get_mut(&attendee(whose)).unwrap();
        holder.owned.insert(product(what), holding);
        self
    }

    pub(super) fn offer(mut self, what: &str, change: impl FnOnce(&mut Offer)) -> Self {
        change(self.order.offers.get_mut(&product(what)).unwrap());
        self
    }

    pub(super) fn available(self, what: &str, units: i64) -> Self {
        self.offer(what, |offer| offer.available = Some(units))
    }

    pub(super) fn inactive(self, what: &str) -> Self {
        self.offer(what, |offer| offer.is_active = false)
    }

    pub(super) fn lines(mut self, text: &str) -> Self {
        self.order.lines = lines(text);
        self
    }

    /// The custom amount of the line at `index`.
    pub(super) fn custom(mut self, index: usize, amount: &str) -> Self {
        self.order.lines[index].custom_amount = Some(money(amount));
        self
    }

    pub(super) fn quote(&self) -> Result<Quote, PricingRefusal> {
        self.order.admit()?.quote(&self.discounts)
    }
}

/// Everything about a quote but its two amounts: `"coupon 20, group kept, insured 25.00, credit 3.00, gives Day m 2"`.
pub(super) fn facts(quote: &Quote) -> String {
    let mut facts = Vec::new();
    let percentage = quote.discount_value().normalize();
    match &quote.discount {
        None => assert_eq!(percentage, Decimal::ZERO),
        Some(Discount::Group(_)) => facts.push(format!("group {percentage}")),
        Some(Discount::Coupon(coupon)) => {
            assert_eq!((coupon.id, &coupon.code), (COUPON, &format!("C{percentage}")));
            facts.push(format!("coupon {percentage}"));
        }
        Some(Discount::Scholarship(_)) => facts.push(format!("scholarship {percentage}")),
    }
    match (quote.group, &quote.discount) {
        (Some(GROUP), Some(Discount::Group(_))) => {}
        (Some(GROUP), _) => facts.push("group kept".to_owned()),
        (group, discount) => {
            assert_eq!(group, None);
            assert!(!matches!(discount, Some(Discount::Group(_))));
        }
    }
    if !quote.insurance_amount.is_zero() {
        facts.push(format!("insured {}", quote.insurance_amount));
    }
    if !quote.credit_after.is_zero() {
        facts.push(format!("credit {}", quote.credit_after));
    }
    facts.extend(quote.settlement.remove.iter().map(|units| format!("gives {}", named(units))));
    facts.join(", ")
}

/// `"Week1 m: 500.00, Day s 3: 99.99"`.
pub(super) fn added(quote: &Quote) -> String {
    let added = quote.settlement.add.iter();
    added.map(|it| format!("{}: {}", named(it), it.paid.unwrap())).collect::<Vec<_>>().join(", ")
}

/// `"Week1 m, Day s 3"`.
pub(super) fn kept(quote: &Quote) -> String {
    let units = |line: &QuoteLine| Units {
        attendee: line.attendee,
        product: line.product,
        quantity: line.quantity,
        paid: None,
    };
    quote.lines.iter().map(|line| named(&units(line))).collect::<Vec<_>>().join(", ")
}

fn named(units: &Units) -> String {
    let whose = format!("{} {}", product_name(units.product), attendee_name(units.attendee));
    if units.quantity == 1 { whose } else { format!("{whose} {}", units.quantity) }
}
