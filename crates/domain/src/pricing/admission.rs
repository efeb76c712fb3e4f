use std::collections::BTreeMap;

use super::{
    Basket, Order, PricingRefusal,
    movement::{Movement, movements, quote_lines},
    wish::{Wish, wishes},
};
use crate::{AttendeeId, ProductId};

impl Order {
    /// What the order moves, if it can be sold.
    ///
    /// # Errors
    ///
    /// The first [`PricingRefusal`] that applies, in the order of its variants; the last two come from
    /// [`Basket::quote`].
    pub fn admit(&self) -> Result<Basket, PricingRefusal> {
        let wishes = wishes(self);
        for wish in &wishes {
            self.admit_custom_amount(wish)?;
        }
        if !wishes.iter().all(|wish| self.sells(wish)) {
            return Err(PricingRefusal::ProductUnavailable);
        }
        if !wishes.iter().all(|wish| self.holders.contains_key(&wish.attendee)) {
            return Err(PricingRefusal::ForeignAttendee);
        }
        let movements = movements(self, &wishes);
        if !movements.iter().all(|movement| self.suits(movement)) {
            return Err(PricingRefusal::AttendeeCategory);
        }
        if breaks_exclusivity(&movements) {
            return Err(PricingRefusal::Exclusive);
        }
        if exceeds_stock(&movements) {
            return Err(PricingRefusal::SoldOut);
        }
        if self.edit_passes && movements.iter().any(Movement::adds_patron) {
            return Err(PricingRefusal::PatronInEdit);
        }
        Ok(Basket {
            lines: quote_lines(&wishes, &movements),
            movements,
            account_credit: self.account_credit,
            edit_passes: self.edit_passes,
            insurance: self.insurance,
        })
    }

    fn admit_custom_amount(&self, wish: &Wish) -> Result<(), PricingRefusal> {
        let (Some(amount), Some(offer)) = (wish.custom_amount, self.offers.get(&wish.product))
        else {
            return Ok(());
        };
        if !offer.is_patron() {
            return Err(PricingRefusal::CustomAmountOfOther);
        }
        if wish.units(self) != 1 {
            return Err(PricingRefusal::CustomAmountOfSeveral);
        }
        let payable = (offer.price.amount()..=Self::AMOUNT_MAX).contains(&amount);
        if payable && amount.round_dp(2) == amount {
            Ok(())
        } else {
            Err(PricingRefusal::CustomAmount)
        }
    }

    /// Whether the product is sold, or only named because it is held.
    fn sells(&self, wish: &Wish) -> bool {
        let Some(offer) = self.offers.get(&wish.product) else { return false };
        let held = self.owned(wish.attendee, wish.product) > 0;
        let restated = held && offer.is_ticket() && wish.added(self) == 0;
        offer.is_active || restated
    }

    fn suits(&self, movement: &Movement) -> bool {
        let holder = &self.holders[&movement.attendee];
        movement.added == 0 || movement.offer.suits(holder.category)
    }
}

fn breaks_exclusivity(movements: &[Movement]) -> bool {
    let mut tickets: BTreeMap<AttendeeId, (u32, bool)> = BTreeMap::new();
    for movement in movements.iter().filter(|it| it.added > 0 && it.offer.is_ticket()) {
        let (count, exclusive) = tickets.entry(movement.attendee).or_default();
        *count += 1;
        *exclusive |= movement.offer.exclusive;
    }
    tickets.into_values().any(|(count, exclusive)| exclusive && count > 1)
}

fn exceeds_stock(movements: &[Movement]) -> bool {
    let mut requested: BTreeMap<ProductId, i64> = BTreeMap::new();
    movements.iter().filter(|movement| movement.added > 0).any(|movement| {
        let requested = requested.entry(movement.product).or_default();
        *requested += i64::from(movement.added);
        movement.offer.available.is_some_and(|available| *requested > available)
    })
}
