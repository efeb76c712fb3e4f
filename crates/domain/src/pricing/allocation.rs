use rust_decimal::Decimal;

use super::{
    Basket, Settlement, Units,
    movement::Movement,
    sums::{Due, Sums},
};
use crate::to_cents;

impl Basket {
    /// What the order moves, when `total` is due before account credit.
    pub(super) fn settlement(&self, sums: &Sums<'_>, due: Due, total: Decimal) -> Settlement {
        Settlement {
            add: self.additions(sums, due),
            remove: self.removals(due.percentage),
            credit_used: to_cents(total.clamp(Decimal::ZERO, self.account_credit)),
            credit_granted: to_cents((-total).max(Decimal::ZERO)),
            ..Settlement::default()
        }
    }

    /// What is added, each with its value: patron products at their price, patrons' tickets nothing, the others
    /// their share of what is paid for them together.
    fn additions(&self, sums: &Sums<'_>, due: Due) -> Vec<Units> {
        let added: Vec<_> = self.movements.iter().filter(|movement| movement.added > 0).collect();
        let last = added.iter().rposition(|movement| movement.is_standard());
        let mut rest = due.value;
        let mut share = |index: usize, list: Decimal| {
            // The last one takes the remainder. Where many shares were rounded up, less than a share is left.
            let share = if Some(index) == last {
                rest
            } else if sums.added.is_zero() {
                Decimal::ZERO
            } else {
                to_cents(due.value * list / sums.added).min(rest)
            };
            rest -= share;
            share
        };
        let mut value = |index: usize, movement: &Movement| {
            let list = movement.value(movement.added);
            if movement.is_standard() {
                share(index, list)
            } else if movement.offer.is_patron() {
                list
            } else {
                Decimal::ZERO
            }
        };
        added
            .into_iter()
            .enumerate()
            .map(|(index, movement)| movement.units(movement.added, value(index, movement)))
            .collect()
    }

    fn removals(&self, percentage: Decimal) -> Vec<Units> {
        self.movements
            .iter()
            .filter(|movement| movement.removed > 0)
            .map(|movement| movement.units(movement.removed, movement.given_up(percentage)))
            .collect()
    }
}

impl Movement {
    fn units(&self, quantity: u32, paid: Decimal) -> Units {
        Units {
            attendee: self.attendee,
            product: self.product,
            quantity,
            paid: Some(to_cents(paid)),
        }
    }
}
