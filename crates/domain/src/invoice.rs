//! What an invoice says, word by word and to the last decimal; how it looks is somebody else's business.

mod figures;
mod format;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use self::{figures::Figures, format::Unit};
use crate::{Payment, PaymentId, PaymentStatus, PaymentType, Popup, Profile};

/// An invoice, ready to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// For which payment.
    pub payment: PaymentId,
    /// What the provider calls the payment, else the payment's own id. There is no sequence.
    pub number: String,
    /// When the payment was made, in UTC.
    pub date: NaiveDate,
    /// Who issues it.
    pub issuer: InvoiceIssuer,
    /// Who pays: `Ann Lee`, or `N/A`.
    pub bill_to: String,
    /// What was bought.
    pub rows: Vec<InvoiceRow>,
    /// What a unit of the currency costs, `1 ETH = 2.500,50 USD`; only where amounts aren't in USD.
    pub rate: Option<String>,
    /// The lines below the table, which add up; the total comes last.
    pub totals: Vec<InvoiceTotal>,
}

/// Who issues invoices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceIssuer {
    /// The company.
    pub name: String,
    /// Where it is; may have several lines.
    pub address: String,
    /// Where it is written to.
    pub email: String,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRow {
    /// How many.
    pub quantity: String,
    /// Of what.
    pub description: String,
    /// What one costs: `500,00 USD`.
    pub unit_price: String,
    /// What all of them cost, in what was paid: `0,19996001 ETH`.
    pub amount: String,
}

/// A line below the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceTotal {
    /// What it is: `Discount (coupon: C20)`.
    pub label: String,
    /// How much: `-112,00 USD`.
    pub amount: String,
}

/// What was sold, as it was when the payment was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceLine {
    /// How many.
    pub quantity: i32,
    /// What it was called.
    pub name: String,
    /// What one cost, in USD.
    pub price: Decimal,
}

impl Invoice {
    /// The invoice for `payment` of `lines` by somebody called as `payer` says. There is one for each approved payment
    /// to a popup that says who issues it.
    #[must_use]
    pub fn of(
        popup: &Popup,
        payment: &Payment,
        lines: &[InvoiceLine],
        payer: &Profile,
    ) -> Option<Self> {
        if payment.status() != PaymentStatus::Approved {
            return None;
        }
        let issuer = popup.invoice_issuer()?;
        let fee;
        let lines = match payment.payment_type {
            PaymentType::PassPurchase => lines,
            PaymentType::ApplicationFee => {
                let name = "Application fee".to_owned();
                fee = [InvoiceLine { quantity: 1, name, price: payment.amount }];
                &fee
            }
        };
        let unit = Unit::of(&payment.terms);
        let row = |line: &InvoiceLine| InvoiceRow {
            quantity: line.quantity.to_string(),
            description: line.name.clone(),
            unit_price: Unit::DOLLARS.show(line.price),
            amount: unit.show(unit.converted(line.price * Decimal::from(line.quantity))),
        };
        Some(Self {
            payment: payment.id,
            number: payment.external_id.clone().unwrap_or_else(|| payment.id.to_string()),
            date: payment.created_at.date_naive(),
            issuer,
            bill_to: called(payer),
            rows: lines.iter().map(row).collect(),
            rate: unit.rate(),
            totals: Figures::of(payment, lines).in_unit(&unit).totals(payment, &unit),
        })
    }
}

impl Popup {
    /// Who issues invoices; `None` unless the name, the address and the e-mail are there.
    #[must_use]
    pub fn invoice_issuer(&self) -> Option<InvoiceIssuer> {
        let there = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        Some(InvoiceIssuer {
            name: there(&self.invoice_company_name)?,
            address: there(&self.invoice_company_address)?,
            email: there(&self.invoice_company_email)?,
        })
    }
}

fn called(payer: &Profile) -> String {
    let names = [&payer.first_name, &payer.last_name];
    let names = names.map(|name| name.as_deref().unwrap_or_default().trim());
    let name = names.join(" ");
    match name.trim() {
        "" => "N/A".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests;
