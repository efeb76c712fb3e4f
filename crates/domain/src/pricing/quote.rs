use rust_decimal::Decimal;

use super::{
    Basket, Discount, Discounts, Order, PricingRefusal, Settlement, TraceStep, discount::Choice,
    movement::Movement, sums::Sums,
};
use crate::{AttendeeId, GroupId, ProductId, to_cents};

/// What an order costs, in USD with two decimals, and what happens once it is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The lines to be kept with the payment, in the order of the request.
    pub lines: Vec<QuoteLine>,
    /// The list price, without what a patron has for free: before discount, credit and insurance.
    pub original_amount: Decimal,
    /// What is due. Below zero only after a change of passes: that much credit the application will have.
    pub amount: Decimal,
    /// How much of the amount is insurance.
    pub insurance_amount: Decimal,
    /// The discount that won.
    pub discount: Option<Discount>,
    /// The money that it took off.
    pub discount_amount: Decimal,
    /// The group to be recorded with the payment, whether its discount won or not.
    pub group: Option<GroupId>,
    /// The account credit once the order is settled.
    pub credit_after: Decimal,
    /// What is carried out on approval.
    pub settlement: Settlement,
    /// How the amount came about.
    pub trace: Vec<TraceStep>,
}

/// A line as it is kept with the payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuoteLine {
    /// What.
    pub product: ProductId,
    /// For whom.
    pub attendee: AttendeeId,
    /// How many units; those kept in a change of passes included.
    pub quantity: u32,
    /// The price of one in USD, or what the patron chose.
    pub price: Decimal,
}

impl Quote {
    /// What has to be paid now; zero means that nothing is.
    #[must_use]
    pub fn due(&self) -> Decimal {
        self.amount.max(Decimal::ZERO)
    }

    /// The percentage of the discount that won, 0 without one.
    #[must_use]
    pub fn discount_value(&self) -> Decimal {
        self.discount.as_ref().map_or(Decimal::ZERO, Discount::percentage)
    }
}

impl Basket {
    /// What the order costs with the best of `discounts`.
    ///
    /// # Errors
    ///
    /// `NothingToBuy`, then `TooLarge`.
    pub fn quote(&self, discounts: &Discounts) -> Result<Quote, PricingRefusal> {
        if !self.edit_passes && self.movements.iter().all(|movement| movement.added == 0) {
            return Err(PricingRefusal::NothingToBuy);
        }
        let sums = Sums::of(&self.movements);
        let choice = discounts.best(&sums);
        let insurance: Decimal = self.movements.iter().map(|it| self.insurance_of(it)).sum();
        let total = choice.due.limited + sums.patron + insurance;
        // Where passes are exchanged, what is left of the credit is part of the amount.
        let offset =
            if self.edit_passes { self.account_credit } else { total.min(self.account_credit) };
        let amount = total - offset;
        if sums.original().max(amount.abs()).max(insurance) > Order::AMOUNT_MAX {
            return Err(PricingRefusal::TooLarge);
        }
        let settlement = self.settlement(&sums, choice.due, total);
        let trace = self.trace(&choice, offset);
        let Choice { discount, group, full, due } = choice;
        Ok(Quote {
            lines: self.lines.clone(),
            original_amount: to_cents(sums.original()),
            amount: to_cents(amount),
            insurance_amount: to_cents(insurance),
            discount,
            discount_amount: to_cents((full.difference - due.difference).max(Decimal::ZERO)),
            group,
            credit_after: to_cents(
                self.account_credit - settlement.credit_used + settlement.credit_granted,
            ),
            settlement,
            trace,
        })
    }

    /// What insuring the added units of `movement` costs: rounded per line, at list price whatever is paid.
    pub(super) fn insurance_of(&self, movement: &Movement) -> Decimal {
        match movement.offer.insurance_percentage {
            Some(percentage) if self.insurance => {
                to_cents(movement.value(movement.added) * percentage.get() / Decimal::ONE_HUNDRED)
            }
            _ => Decimal::ZERO,
        }
    }
}
