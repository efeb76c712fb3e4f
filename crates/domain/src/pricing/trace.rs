use std::fmt;

use rust_decimal::Decimal;

use crate::{AttendeeId, ProductId};

/// One step on the way to the amount of an order. The steps of a quote add up to its amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceStep {
    /// Whose product the step is about; `None` where it is about the whole order.
    pub subject: Option<(AttendeeId, ProductId)>,
    /// What was applied.
    pub rule: PricingRule,
    /// What it adds, in USD.
    pub amount: Decimal,
}

/// A rule that gave an order its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PricingRule {
    /// Units are charged at list price.
    ListPrice {
        /// How many.
        quantity: u32,
        /// Of one unit, in USD.
        price: Decimal,
    },
    /// A patron product is charged, without any discount.
    PatronProduct {
        /// How many.
        quantity: u32,
        /// Of one unit, in USD.
        price: Decimal,
    },
    /// Tickets of a patron are free, and give nothing in exchange.
    PatronWaiver {
        /// How many are added or given up.
        quantity: u32,
    },
    /// Units that are held already are only named.
    AlreadyHeld {
        /// How many.
        quantity: u32,
    },
    /// Tickets held before count at list price towards those wanted.
    Exchanged {
        /// How many.
        quantity: u32,
        /// Of one unit, in USD.
        price: Decimal,
    },
    /// The group's discount on the sum.
    GroupDiscount {
        /// In percent.
        percentage: Decimal,
    },
    /// The coupon's discount on the sum.
    CouponDiscount {
        /// In percent.
        percentage: Decimal,
    },
    /// The scholarship's discount on the sum.
    ScholarshipDiscount {
        /// In percent.
        percentage: Decimal,
    },
    /// Passes given up are paid back only as far as they were paid.
    RefundLimit,
    /// Added units are insured at list price.
    Insurance {
        /// How many.
        quantity: u32,
        /// In percent of the list price.
        percentage: Decimal,
    },
    /// Account credit is used.
    AccountCredit,
}

impl fmt::Display for PricingRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ListPrice { quantity, price } => write!(f, "{quantity} × {price}"),
            Self::PatronProduct { quantity, price } => {
                write!(f, "{quantity} × {price}, patron product")
            }
            Self::PatronWaiver { quantity } => write!(f, "{quantity} × free for a patron"),
            Self::AlreadyHeld { quantity } => write!(f, "{quantity} × held already"),
            Self::Exchanged { quantity, price } => write!(f, "{quantity} × {price} in exchange"),
            Self::GroupDiscount { percentage } => {
                write!(f, "group discount of {}%", percentage.normalize())
            }
            Self::CouponDiscount { percentage } => {
                write!(f, "coupon discount of {}%", percentage.normalize())
            }
            Self::ScholarshipDiscount { percentage } => {
                write!(f, "scholarship discount of {}%", percentage.normalize())
            }
            Self::RefundLimit => f.write_str("no more is paid back than was paid"),
            Self::Insurance { quantity, percentage } => {
                write!(f, "insurance of {}% on {quantity} ×", percentage.normalize())
            }
            Self::AccountCredit => f.write_str("account credit"),
        }
    }
}

/// `2 × 33.33: 66.66`
impl fmt::Display for TraceStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.amount)
    }
}
