use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use rust_decimal::Decimal;

use super::Order;
use crate::{AttendeeId, ProductId, ProductKind, TicketDuration};

/// All lines of an order for one product and attendee.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub attendee: AttendeeId,
    pub product: ProductId,
    /// The units of all lines.
    pub total: u32,
    /// The units of the longest line.
    pub largest: u32,
    pub custom_amount: Option<Decimal>,
}

impl Wish {
    /// The units asked for. An order that adds means the sum; one that restates may name what is kept and the whole
    /// in two lines.
    pub(super) fn units(&self, order: &Order) -> u32 {
        if order.edit_passes { self.largest } else { self.total }
    }

    /// The units added, if everything is sold that is asked for. Whoever has account credit is shown, and sends, the
    /// tickets already held along with the new ones.
    pub(super) fn added(&self, order: &Order) -> u32 {
        let owned = order.owned(self.attendee, self.product);
        let restates = 1..=self.largest;
        match order.offer(self.product) {
            Some(offer) if order.edit_passes && (offer.is_ticket() || offer.is_patron()) => {
                self.largest.saturating_sub(owned)
            }
            Some(offer)
                if offer.is_ticket()
                    && !order.account_credit.is_zero()
                    && restates.contains(&owned) =>
            {
                self.largest - owned
            }
            _ => self.units(order),
        }
    }
}

/// The wishes of an order, each at the place of its first line.
pub(super) fn wishes(order: &Order) -> Vec<Wish> {
    let mut places = BTreeMap::new();
    let mut wishes: Vec<Wish> = Vec::with_capacity(order.lines.len());
    for line in &order.lines {
        let units = line.quantity.get();
        match places.entry((line.attendee, line.product)) {
            Entry::Vacant(entry) => {
                entry.insert(wishes.len());
                wishes.push(Wish {
                    attendee: line.attendee,
                    product: line.product,
                    total: units,
                    largest: units,
                    custom_amount: line.custom_amount,
                });
            }
            Entry::Occupied(entry) => {
                let wish = &mut wishes[*entry.get()];
                wish.total += units;
                wish.largest = wish.largest.max(units);
                wish.custom_amount = wish.custom_amount.max(line.custom_amount);
            }
        }
    }
    if order.edit_passes {
        drop_included_weeks(order, &mut wishes);
    }
    wishes
}

/// A month's weeks look purchased to its holder, who lists them as kept. They aren't units of their own.
fn drop_included_weeks(order: &Order, wishes: &mut Vec<Wish>) {
    let lasts = |wish: &Wish, duration: TicketDuration| {
        let kind = order.offer(wish.product).map(|offer| offer.kind);
        kind.and_then(ProductKind::duration_type) == Some(duration)
    };
    let owned = |wish: &Wish| order.owned(wish.attendee, wish.product) > 0;
    let kept_months: BTreeSet<AttendeeId> = wishes
        .iter()
        .filter(|wish| owned(wish) && lasts(wish, TicketDuration::Month))
        .map(|wish| wish.attendee)
        .collect();
    wishes.retain(|wish| {
        !(kept_months.contains(&wish.attendee) && lasts(wish, TicketDuration::Week) && !owned(wish))
    });
}
