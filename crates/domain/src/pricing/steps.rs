//! How the trace of a quote is put together.

use rust_decimal::Decimal;

use super::{Basket, Discount, PricingRule, TraceStep, discount::Choice, movement::Movement};
use crate::to_cents;

impl Basket {
    /// The steps to the amount; they add up to it. `offset` is the account credit taken off.
    pub(super) fn trace(&self, choice: &Choice, offset: Decimal) -> Vec<TraceStep> {
        let mut trace: Vec<_> = self.movements.iter().flat_map(Movement::steps).collect();
        if let Some(discount) = &choice.discount {
            let saved = choice.due.difference - choice.full.difference;
            trace.push(whole(discount.rule(), saved));
        }
        let withheld = choice.due.limited - choice.due.difference;
        if !withheld.is_zero() {
            trace.push(whole(PricingRule::RefundLimit, withheld));
        }
        trace.extend(self.movements.iter().filter_map(|movement| self.insured(movement)));
        if !offset.is_zero() {
            trace.push(whole(PricingRule::AccountCredit, -offset));
        }
        trace
    }

    fn insured(&self, movement: &Movement) -> Option<TraceStep> {
        let amount = self.insurance_of(movement);
        let percentage = movement.offer.insurance_percentage?.get();
        let rule = PricingRule::Insurance { quantity: movement.added, percentage };
        Some(movement.step(rule, amount)).filter(|step| !step.amount.is_zero())
    }
}

impl Movement {
    fn steps(&self) -> Vec<TraceStep> {
        let Self { price, added, removed, charged, credited, .. } = *self;
        let moves = added > 0 || removed > 0;
        if self.waived && moves {
            let rule = PricingRule::PatronWaiver { quantity: added.max(removed) };
            return vec![self.step(rule, Decimal::ZERO)];
        }
        if self.waived || (charged == 0 && credited == 0) {
            let rule = PricingRule::AlreadyHeld { quantity: self.held.map_or(0, |it| it.quantity) };
            return vec![self.step(rule, Decimal::ZERO)];
        }
        let mut steps = Vec::new();
        if charged > 0 {
            let rule = if self.offer.is_patron() {
                PricingRule::PatronProduct { quantity: charged, price }
            } else {
                PricingRule::ListPrice { quantity: charged, price }
            };
            steps.push(self.step(rule, self.value(charged)));
        }
        if credited > 0 {
            let rule = PricingRule::Exchanged { quantity: credited, price };
            steps.push(self.step(rule, -self.value(credited)));
        }
        steps
    }

    fn step(&self, rule: PricingRule, amount: Decimal) -> TraceStep {
        TraceStep { subject: Some(self.subject()), rule, amount: to_cents(amount) }
    }
}

impl Discount {
    fn rule(&self) -> PricingRule {
        let percentage = self.percentage();
        match self {
            Self::Group(_) => PricingRule::GroupDiscount { percentage },
            Self::Coupon(_) => PricingRule::CouponDiscount { percentage },
            Self::Scholarship(_) => PricingRule::ScholarshipDiscount { percentage },
        }
    }
}

fn whole(rule: PricingRule, amount: Decimal) -> TraceStep {
    TraceStep { subject: None, rule, amount: to_cents(amount) }
}
