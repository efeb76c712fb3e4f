use rust_decimal::Decimal;

use super::movement::Movement;
use crate::to_cents;

/// The sums of an order, in USD. *Standard* is whatever a discount applies to: all but patron products and the
/// tickets of patrons.
#[derive(Debug)]
pub(super) struct Sums<'a> {
    movements: &'a [Movement],
    /// Standard units, kept tickets of an edit included, at list price.
    pub standard: Decimal,
    /// Tickets held before an edit, at list price.
    pub exchanged: Decimal,
    /// Patron products.
    pub patron: Decimal,
    /// Standard units added, at list price.
    pub added: Decimal,
}

/// What the standard part of an order costs at one discount, in USD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    /// The discount, 0 to 100.
    pub percentage: Decimal,
    /// The price of what is wanted less the price of what is given up.
    pub difference: Decimal,
    /// The same; but what is paid back is limited to what was paid.
    pub limited: Decimal,
    /// The value of the added units: what was paid for the removed ones, and what is paid now.
    pub value: Decimal,
}

impl<'a> Sums<'a> {
    pub(super) fn of(movements: &'a [Movement]) -> Self {
        let standard = || movements.iter().filter(|movement| movement.is_standard());
        let patron = movements.iter().filter(|it| it.offer.is_patron());
        Self {
            movements,
            standard: standard().map(|it| it.value(it.charged)).sum(),
            exchanged: standard().map(|it| it.value(it.credited)).sum(),
            patron: patron.map(|it| it.value(it.charged)).sum(),
            added: standard().map(|it| it.value(it.added)).sum(),
        }
    }

    /// The list price of the order.
    pub(super) fn original(&self) -> Decimal {
        self.standard + self.patron
    }

    /// What the standard part costs at `percentage` off.
    pub(super) fn due(&self, percentage: Decimal) -> Due {
        let difference = reduced(self.standard, percentage) - reduced(self.exchanged, percentage);
        let given_up: Decimal = self.movements.iter().map(|it| it.given_up(percentage)).sum();
        // Passes may be exchanged at their list price, but only money that was paid becomes credit.
        let refundable = (given_up - reduced(self.added, percentage)).max(Decimal::ZERO);
        let limited = difference.max(-refundable);
        Due { percentage, difference, limited, value: (given_up + limited).max(Decimal::ZERO) }
    }
}

/// `amount` at `percentage` off, rounded to cents.
pub(super) fn reduced(amount: Decimal, percentage: Decimal) -> Decimal {
    to_cents(amount * (Decimal::ONE - percentage / Decimal::ONE_HUNDRED))
}
