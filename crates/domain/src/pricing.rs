//! What an order costs: list prices, the best discount, the waiver for patrons, credit for passes given up, account
//! credit and insurance.
//!
//! An [`Order`] is admitted first, which refuses what can't be sold and yields a [`Basket`]; the basket is then
//! quoted with the [`Discounts`] that compete. The caller looks the coupon up between the two, since what is wrong
//! with the order is told before what is wrong with the code. A preview and a sale are the same two calls.
//!
//! Amounts are exact decimals in USD, rounded half away from zero to cents. Neither the order of the lines nor any
//! date has an influence on an amount.

mod admission;
mod allocation;
mod discount;
mod movement;
mod order;
mod quote;
mod refusal;
mod settlement;
mod steps;
mod sums;
mod trace;
mod wish;

pub use self::{
    discount::{CouponDiscount, Discount, Discounts, GroupDiscount, discount_off},
    movement::Basket,
    order::{Holder, Holding, InvalidQuantity, Offer, Order, OrderLine, Quantity},
    quote::{Quote, QuoteLine},
    refusal::PricingRefusal,
    settlement::{HoldingChanges, Holdings, Settlement, Units},
    trace::{PricingRule, TraceStep},
};

#[cfg(test)]
mod tests;
