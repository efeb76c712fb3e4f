use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{Holding, Offer, Order, QuoteLine, sums::reduced, wish::Wish};
use crate::{AttendeeId, ProductId, to_cents};

/// An order that can be sold, ready to be quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basket {
    /// Sorted by attendee and product.
    pub(super) movements: Vec<Movement>,
    /// In the order of the request.
    pub(super) lines: Vec<QuoteLine>,
    pub(super) account_credit: Decimal,
    pub(super) edit_passes: bool,
    pub(super) insurance: bool,
}

/// What happens to one product of one attendee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Movement {
    pub attendee: AttendeeId,
    pub product: ProductId,
    pub offer: Offer,
    /// Of one unit: what the patron chose, else the list price.
    pub price: Decimal,
    /// What is held before.
    pub held: Option<Holding>,
    /// The units named by the order and not left out.
    pub listed: u32,
    pub added: u32,
    pub removed: u32,
    /// The units at whose list price the order is valued.
    pub charged: u32,
    /// The units at whose list price what is given in exchange is valued.
    pub credited: u32,
    /// Whether it is a patron's ticket.
    pub waived: bool,
}

impl Movement {
    fn of_wish(order: &Order, wish: &Wish) -> Self {
        let offer = order.offers[&wish.product];
        let held = order.holders[&wish.attendee].owned.get(&wish.product).copied();
        let added = wish.added(order);
        let mut movement = Self {
            attendee: wish.attendee,
            product: wish.product,
            offer,
            price: wish.custom_amount.unwrap_or(offer.price.amount()),
            held,
            listed: if order.edit_passes { wish.largest } else { added },
            added,
            removed: 0,
            charged: added,
            credited: 0,
            waived: false,
        };
        if order.edit_passes && exchangeable(order, wish.attendee, offer) {
            movement.exchange(wish.largest);
        }
        movement
    }

    /// A held ticket that an order of all tickets doesn't name.
    fn of_omitted(attendee: AttendeeId, product: ProductId, offer: Offer, held: Holding) -> Self {
        let mut movement = Self {
            attendee,
            product,
            offer,
            price: offer.price.amount(),
            held: Some(held),
            listed: 0,
            added: 0,
            removed: 0,
            charged: 0,
            credited: 0,
            waived: false,
        };
        movement.exchange(0);
        movement
    }

    fn exchange(&mut self, desired: u32) {
        let owned = self.held.map_or(0, |held| held.quantity);
        self.added = desired.saturating_sub(owned);
        self.removed = owned.saturating_sub(desired);
        self.charged = desired;
        self.credited = owned;
    }

    /// Whose product it is about.
    pub(super) fn subject(&self) -> (AttendeeId, ProductId) {
        (self.attendee, self.product)
    }

    pub(super) fn adds_patron(&self) -> bool {
        self.offer.is_patron() && self.added > 0
    }

    /// The list price of `units`.
    pub(super) fn value(&self, units: u32) -> Decimal {
        self.price * Decimal::from(units)
    }

    /// Whether discounts apply to it.
    pub(super) fn is_standard(&self) -> bool {
        !self.waived && !self.offer.is_patron()
    }

    /// The value of the removed units in USD: what was paid for them, or their list price at `percentage` off where
    /// nobody knows. Patrons' tickets have none.
    pub(super) fn given_up(&self, percentage: Decimal) -> Decimal {
        match self.held {
            Some(held) if self.removed > 0 && !self.waived => held
                .paid_for(self.removed)
                .unwrap_or_else(|| reduced(self.value(self.removed), percentage)),
            _ => Decimal::ZERO,
        }
    }
}

impl Holding {
    /// What was paid for `units` of these, in USD rounded to cents.
    pub(super) fn paid_for(self, units: u32) -> Option<Decimal> {
        let units = Decimal::from(units.min(self.quantity));
        let all = Decimal::from(self.quantity.max(1));
        self.paid.map(|paid| to_cents(paid * units / all))
    }
}

/// The lines to be kept, in the order of `wishes`, whose `movements` are sorted.
pub(super) fn quote_lines(wishes: &[Wish], movements: &[Movement]) -> Vec<QuoteLine> {
    let of_wish = |wish: &Wish| {
        let place = (wish.attendee, wish.product);
        let index = movements.binary_search_by_key(&place, Movement::subject).ok()?;
        let Movement { listed: quantity, price, .. } = movements[index];
        let line = QuoteLine { product: wish.product, attendee: wish.attendee, quantity, price };
        Some(line).filter(|line| line.quantity > 0)
    };
    wishes.iter().filter_map(of_wish).collect()
}

/// What `wishes` move, sorted by attendee and product, so that neither their order nor a remainder of rounding has
/// an influence on an amount.
pub(super) fn movements(order: &Order, wishes: &[Wish]) -> Vec<Movement> {
    let mut movements: Vec<_> = wishes.iter().map(|wish| Movement::of_wish(order, wish)).collect();
    if order.edit_passes {
        movements.extend(omitted(order, wishes));
    }
    movements.sort_by_key(Movement::subject);
    let patrons = patrons(order, &movements);
    for movement in &mut movements {
        movement.waived = movement.offer.is_ticket() && patrons.contains(&movement.attendee);
    }
    movements
}

/// Whether an order of all tickets decides about this one. Tickets that aren't sold any more, or never to this
/// attendee, are neither taken away nor credited.
fn exchangeable(order: &Order, attendee: AttendeeId, offer: Offer) -> bool {
    offer.is_active && offer.is_ticket() && offer.suits(order.holders[&attendee].category)
}

fn omitted(order: &Order, wishes: &[Wish]) -> Vec<Movement> {
    let listed: BTreeSet<_> = wishes.iter().map(|wish| (wish.attendee, wish.product)).collect();
    let mut omitted = Vec::new();
    for (&attendee, holder) in &order.holders {
        for (&product, &held) in &holder.owned {
            let Some(&offer) = order.offers.get(&product) else { continue };
            if !listed.contains(&(attendee, product)) && exchangeable(order, attendee, offer) {
                omitted.push(Movement::of_omitted(attendee, product, offer, held));
            }
        }
    }
    omitted
}

fn patrons(order: &Order, movements: &[Movement]) -> BTreeSet<AttendeeId> {
    let holds_patron = |owned: &ProductId| order.offer(*owned).is_some_and(Offer::is_patron);
    let holding = order
        .holders
        .iter()
        .filter(|(_, holder)| holder.owned.keys().any(holds_patron))
        .map(|(attendee, _)| *attendee);
    let becoming = movements.iter().filter(|it| it.adds_patron()).map(|it| it.attendee);
    holding.chain(becoming).collect()
}
