use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::Holding;
use crate::{AttendeeId, ProductId};

/// What attendees hold, by attendee and product.
pub type Holdings = BTreeMap<(AttendeeId, ProductId), Holding>;

/// What a payment moves on approval, and what became of it. Stored with the payment; amounts in USD.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settlement {
    /// The units that attendees get; `paid` is their value. Sorted by attendee and product.
    pub add: Vec<Units>,
    /// The units that attendees give up first; `paid` is the value at which the order counted them.
    pub remove: Vec<Units>,
    /// The account credit that the order uses.
    pub credit_used: Decimal,
    /// The account credit that the order yields. Only an order with nothing due does.
    pub credit_granted: Decimal,
    /// Whether it was carried out once. Its removals and its credit are then done for good.
    pub settled: bool,
    /// The part of the price that hasn't come in yet: installments to come.
    pub outstanding: Decimal,
    /// The added units with what they came to be worth, in the order of [`add`](Self::add). Empty until it is carried
    /// out.
    pub given: Vec<Units>,
    /// The units that [`revoke`](Self::revoke) took, with what they were worth. They are all that a second approval
    /// gives.
    pub taken: Vec<Units>,
}

/// Units of one product of one attendee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units {
    /// Whose.
    pub attendee: AttendeeId,
    /// Of what.
    pub product: ProductId,
    /// How many; at least one.
    pub quantity: u32,
    /// What they are worth altogether in USD; `None` where nobody knows any more.
    pub paid: Option<Decimal>,
}

/// What changes about holdings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HoldingChanges {
    /// What is held afterwards, for each holding that changes; `None` means nothing.
    pub after: BTreeMap<(AttendeeId, ProductId), Option<Holding>>,
    /// The units that should have been taken and weren't held any more. Worth a warning.
    pub missing: Vec<Units>,
    /// The money, in USD, that came in for units that aren't held any more. Worth a warning.
    pub stranded: Decimal,
}

impl Settlement {
    /// The plan of a payment that was made without one: `lines` are what it sells, as kept with it, with quantities
    /// of at least one. A change of passes replaced whatever the attendees named held.
    #[must_use]
    pub fn reconstructed(lines: &[Units], edit_passes: bool, holdings: &Holdings) -> Self {
        let named: BTreeSet<AttendeeId> = lines.iter().map(|line| line.attendee).collect();
        let replaced =
            holdings.iter().filter(|((attendee, _), _)| edit_passes && named.contains(attendee));
        let unknown = |units: &Units| Units { paid: None, ..*units };
        Self {
            add: lines.iter().map(unknown).collect(),
            remove: replaced
                .map(|(&(attendee, product), holding)| Units {
                    attendee,
                    product,
                    quantity: holding.quantity,
                    paid: None,
                })
                .collect(),
            ..Self::default()
        }
    }

    /// The plan as it is after it was carried out, and all of the price was there.
    #[must_use]
    pub fn as_settled(self) -> Self {
        Self { settled: true, given: self.add.clone(), ..self }
    }

    /// The units that attendees get when it is carried out now: a second time, only what was taken back before.
    #[must_use]
    pub fn to_give(&self) -> &[Units] {
        if self.settled { &self.taken } else { &self.add }
    }

    /// Carries out the plan: what changes about `holdings`, which hold everything of the application's attendees.
    /// `credit_missing` is the part of [`credit_used`](Self::credit_used) that wasn't there any more, `outstanding`
    /// the part of the price that hasn't come in yet.
    ///
    /// What is not there can't have been paid with: it is taken off the value of the units added. Without that, a
    /// superseded order that is paid after all would count the same passes twice, and one installment would be worth
    /// the whole price.
    #[must_use]
    pub fn settle(
        &mut self,
        holdings: &Holdings,
        credit_missing: Decimal,
        outstanding: Decimal,
    ) -> HoldingChanges {
        let mut changes = HoldingChanges::default();
        if self.settled {
            let again = std::mem::take(&mut self.taken);
            for given in &mut self.given {
                let same = again.iter().find(|units| units.place() == given.place());
                given.quantity = same.map_or(0, |units| units.quantity);
            }
            for units in again {
                changes.give(holdings, units);
            }
            self.top_up(&mut changes, holdings, outstanding);
            return changes;
        }
        let mut lost = credit_missing + outstanding;
        for units in &self.remove {
            let value = changes.take(holdings, units).paid;
            let counted = units.paid.unwrap_or_default();
            lost += (counted - value.unwrap_or(counted)).max(Decimal::ZERO);
        }
        for units in &self.add {
            let paid = units.paid.map(|paid| {
                let short = lost.min(paid);
                lost -= short;
                paid - short
            });
            let given = Units { paid, ..*units };
            changes.give(holdings, given);
            self.given.push(given);
        }
        self.settled = true;
        self.outstanding = outstanding;
        changes
    }

    /// Takes back the units that were given, as far as they are still held: what changes about `holdings`. Neither
    /// credit nor removed units come back.
    #[must_use]
    pub fn revoke(&mut self, holdings: &Holdings) -> HoldingChanges {
        let mut changes = HoldingChanges::default();
        let given = self.given.iter().filter(|units| units.quantity > 0);
        let taken = given.map(|units| changes.take(holdings, units));
        self.taken = taken.filter(|units| units.quantity > 0).collect();
        changes
    }

    /// Counts money that came in after the plan was carried out, so that only `outstanding` is still to come: what
    /// changes about `holdings`. The units are worth more by it.
    #[must_use]
    pub fn pay_off(&mut self, holdings: &Holdings, outstanding: Decimal) -> HoldingChanges {
        let mut changes = HoldingChanges::default();
        self.top_up(&mut changes, holdings, outstanding);
        changes
    }

    fn top_up(&mut self, changes: &mut HoldingChanges, holdings: &Holdings, outstanding: Decimal) {
        let mut fresh = (self.outstanding - outstanding).max(Decimal::ZERO);
        self.outstanding -= fresh;
        for (given, planned) in self.given.iter_mut().zip(&self.add) {
            let Some((so_far, full)) = given.paid.zip(planned.paid) else { continue };
            if given.quantity == 0 {
                continue;
            }
            let share = fresh.min(full - so_far).max(Decimal::ZERO);
            fresh -= share;
            given.paid = Some(so_far + share);
            changes.raise(holdings, given, share);
        }
    }
}

impl Units {
    fn place(&self) -> (AttendeeId, ProductId) {
        (self.attendee, self.product)
    }
}

impl HoldingChanges {
    fn present(&self, holdings: &Holdings, units: &Units) -> Option<Holding> {
        let place = units.place();
        self.after.get(&place).copied().unwrap_or_else(|| holdings.get(&place).copied())
    }

    /// Takes as many of the units as there are. Yields those, with their value, if it is known.
    fn take(&mut self, holdings: &Holdings, units: &Units) -> Units {
        let present = self.present(holdings, units);
        let there = present.map_or(0, |holding| holding.quantity);
        let taken = units.quantity.min(there);
        if taken < units.quantity {
            self.missing.push(Units { quantity: units.quantity - taken, paid: None, ..*units });
        }
        let Some(holding) = present else {
            return Units { quantity: 0, paid: Some(Decimal::ZERO), ..*units };
        };
        let value = holding.paid_for(taken);
        let rest = Holding {
            quantity: there - taken,
            paid: holding.paid.zip(value).map(|(paid, value)| paid - value),
        };
        let place = units.place();
        self.after.insert(place, Some(rest).filter(|rest| rest.quantity > 0));
        Units { quantity: taken, paid: value, ..*units }
    }

    /// Makes what is held of the product of `units` worth more by `value`.
    fn raise(&mut self, holdings: &Holdings, units: &Units, value: Decimal) {
        if value.is_zero() {
            return;
        }
        match self.present(holdings, units) {
            Some(holding) => {
                let paid = holding.paid.map(|paid| paid + value);
                let place = units.place();
                self.after.insert(place, Some(Holding { paid, ..holding }));
            }
            None => self.stranded += value,
        }
    }

    fn give(&mut self, holdings: &Holdings, units: Units) {
        let Units { quantity, paid, .. } = units;
        let present = self.present(holdings, &units);
        let given = present.map_or(Holding { quantity, paid }, |holding| Holding {
            quantity: holding.quantity + quantity,
            paid: holding.paid.zip(paid).map(|(before, added)| before + added),
        });
        self.after.insert(units.place(), Some(given));
    }
}
