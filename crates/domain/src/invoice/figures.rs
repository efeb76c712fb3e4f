use rust_decimal::Decimal;

use super::{InvoiceLine, InvoiceTotal, format::Unit};
use crate::Payment;

/// What the lines below the table rest on: `subtotal + insurance - discount - credit = total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figures {
    subtotal: Decimal,
    discount: Decimal,
    credit: Decimal,
    insurance: Decimal,
    total: Decimal,
}

impl Figures {
    /// In USD. What a change of passes gives up is credit; whatever else is missing from the total is a discount.
    pub(super) fn of(payment: &Payment, lines: &[InvoiceLine]) -> Self {
        let Payment { insurance_amount: insurance, amount: total, .. } = *payment;
        let subtotal = lines.iter().map(|line| line.price * Decimal::from(line.quantity)).sum();
        let given = subtotal + insurance - total;
        // Older payments have no plan, and nobody knows their credit.
        let (discount, credit) = match &payment.settlement {
            Some(_) if payment.edit_passes => {
                let discount = payment.discount_amount.unwrap_or_default();
                (discount, given - discount)
            }
            Some(plan) => (given - plan.credit_used, plan.credit_used),
            None => (given, Decimal::ZERO),
        };
        Self { subtotal, discount, credit, insurance, total }
    }

    /// The same in `unit`. Each is rounded by itself; the first of discount, credit and insurance that there is takes
    /// what is lost by that, so that the lines add up.
    pub(super) fn in_unit(self, unit: &Unit<'_>) -> Self {
        let Self { subtotal, discount, credit, insurance, total } =
            self.each(|amount| unit.converted(amount));
        let rest = subtotal + insurance - discount - credit - total;
        if !self.discount.is_zero() {
            Self { subtotal, discount: discount + rest, credit, insurance, total }
        } else if !self.credit.is_zero() {
            Self { subtotal, discount, credit: credit + rest, insurance, total }
        } else {
            Self { subtotal, discount, credit, insurance: insurance - rest, total }
        }
    }

    /// The lines. Only those that say something are there; the total always is.
    pub(super) fn totals(&self, payment: &Payment, unit: &Unit<'_>) -> Vec<InvoiceTotal> {
        let line = |label: &str, amount| InvoiceTotal {
            label: label.to_owned(),
            amount: unit.show(amount),
        };
        let mut totals = Vec::new();
        let between = [
            (self.discount_label(payment), -self.discount),
            ("Credit".to_owned(), -self.credit),
            ("Insurance".to_owned(), self.insurance),
        ];
        let between: Vec<_> = between.iter().filter(|(_, amount)| !amount.is_zero()).collect();
        if !between.is_empty() {
            totals.push(line("Subtotal", self.subtotal));
        }
        totals.extend(between.iter().map(|(label, amount)| line(label, *amount)));
        totals.push(line("Total", self.total));
        totals
    }

    fn each(self, change: impl Fn(Decimal) -> Decimal) -> Self {
        Self {
            subtotal: change(self.subtotal),
            discount: change(self.discount),
            credit: change(self.credit),
            insurance: change(self.insurance),
            total: change(self.total),
        }
    }

    /// Why something was taken off. Older payments may be dearer than what they sell.
    fn discount_label(&self, payment: &Payment) -> String {
        if self.discount < Decimal::ZERO {
            return "Adjustment".to_owned();
        }
        let percent = payment.discount_value.filter(|percent| *percent > Decimal::ZERO);
        match (&payment.coupon_code, payment.group, percent.map(|percent| percent.normalize())) {
            (Some(code), _, _) => format!("Discount (coupon: {code})"),
            (None, Some(_), Some(percent)) => format!("Discount (group {percent}%)"),
            (None, None, Some(percent)) => format!("Discount ({percent}%)"),
            (None, _, None) => "Discount".to_owned(),
        }
    }
}
