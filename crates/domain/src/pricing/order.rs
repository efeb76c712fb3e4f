use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::{
    AttendeeCategory, AttendeeId, Percentage, Price, Product, ProductCategory, ProductId,
    ProductKind,
};

/// What somebody wants to buy, and everything that the price depends on but the discounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The lines as sent, at most [`LINES_MAX`](Self::LINES_MAX).
    pub lines: Vec<OrderLine>,
    /// What the application's popup sells, as far as a line names it or an attendee holds it. A product that isn't
    /// here is unknown.
    pub offers: BTreeMap<ProductId, Offer>,
    /// All attendees of the application, named by a line or not.
    pub holders: BTreeMap<AttendeeId, Holder>,
    /// What is left over from changes of passes, in USD; not negative.
    pub account_credit: Decimal,
    /// Whether the lines state the tickets that the application shall hold, instead of adding to them.
    pub edit_passes: bool,
    /// Whether added units are to be insured.
    pub insurance: bool,
}

/// One line of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLine {
    /// What.
    pub product: ProductId,
    /// For whom.
    pub attendee: AttendeeId,
    /// How many units; of housing, how many nights.
    pub quantity: Quantity,
    /// What a patron gives instead of the product's price, in USD.
    pub custom_amount: Option<Decimal>,
}

/// The units of a line, 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(u32);

/// A quantity that no line can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between 1 and 1000")]
pub struct InvalidQuantity;

/// A product as far as orders are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// What kind of thing it is.
    pub kind: ProductKind,
    /// Whether no other ticket is sold to the same attendee along with it.
    pub exclusive: bool,
    /// Whether it can be ordered.
    pub is_active: bool,
    /// The list price of one unit.
    pub price: Price,
    /// What insuring costs, in percent of the list price; `None` and 0 mean not insurable.
    pub insurance_percentage: Option<Percentage>,
    /// How many units are free: neither held nor promised by pending payments of other applications. `None` means
    /// without limit; below zero, more were sold than there are.
    pub available: Option<i64>,
}

/// An attendee, and what the attendee holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// What the attendee is to the applicant.
    pub category: AttendeeCategory,
    /// What is held, by product.
    pub owned: BTreeMap<ProductId, Holding>,
}

/// The units of one product that one attendee holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// How many; at least one.
    pub quantity: u32,
    /// What was paid for all of them in USD; `None` where nobody knows any more.
    pub paid: Option<Decimal>,
}

impl Quantity {
    /// The most units of a line.
    pub const MAX: u32 = 1000;

    /// `value` units.
    ///
    /// # Errors
    ///
    /// [`InvalidQuantity`] outside 1 to 1000.
    pub fn new(value: i64) -> Result<Self, InvalidQuantity> {
        match u32::try_from(value) {
            Ok(units @ 1..=Self::MAX) => Ok(Self(units)),
            _ => Err(InvalidQuantity),
        }
    }

    /// How many units.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Order {
    /// The most lines of an order.
    pub const LINES_MAX: usize = 200;

    /// The largest amount in USD that a payment can have.
    pub const AMOUNT_MAX: Decimal = Decimal::from_parts(1_410_065_407, 2, 0, false, 2);

    /// How many units of `product` the attendee holds.
    pub(super) fn owned(&self, attendee: AttendeeId, product: ProductId) -> u32 {
        let holder = self.holders.get(&attendee);
        holder.and_then(|holder| holder.owned.get(&product)).map_or(0, |holding| holding.quantity)
    }

    /// What `product` is, if it is known.
    pub(super) fn offer(&self, product: ProductId) -> Option<Offer> {
        self.offers.get(&product).copied()
    }
}

impl Offer {
    /// What `product` is to orders when `taken` of its units are held or promised.
    #[must_use]
    pub fn of(product: &Product, taken: i64) -> Self {
        Self {
            kind: product.kind,
            exclusive: product.exclusive,
            is_active: product.is_active,
            price: product.price,
            insurance_percentage: product.insurance_percentage,
            available: product.max_quantity.map(|units| i64::from(units) - taken),
        }
    }

    /// Whether it is a ticket.
    pub(super) fn is_ticket(self) -> bool {
        self.kind.category() == ProductCategory::Ticket
    }

    /// Whether it makes the tickets of whoever holds it free, and is never discounted.
    pub(super) fn is_patron(self) -> bool {
        self.kind.category() == ProductCategory::Patreon
    }

    /// Whether it isn't a ticket for somebody of another category.
    pub(super) fn suits(self, category: AttendeeCategory) -> bool {
        self.kind.attendee_category().is_none_or(|required| required == category)
    }
}
