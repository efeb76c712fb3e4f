//! What holds for every order.

use proptest::{collection::vec, option, prelude::*, sample::select};
use rust_decimal::Decimal;

use super::{
    super::*,
    kit::{COUPON, GROUP, every_attendee, every_product, new},
};
use crate::{AttendeeId, ProductId};

pub(super) fn any_cents(max: i64) -> impl Strategy<Value = Decimal> {
    (0..=max).prop_map(|cents| Decimal::new(cents, 2))
}

pub(super) fn any_lines() -> impl Strategy<Value = Vec<OrderLine>> {
    let line = (select(every_product()), select(every_attendee()), 1..4_i64);
    vec(line, 1..8).prop_map(|lines| {
        let line = |(product, attendee, units)| OrderLine {
            product,
            attendee,
            quantity: Quantity::new(units).unwrap(),
            custom_amount: None,
        };
        lines.into_iter().map(line).collect()
    })
}

pub(super) fn any_discounts() -> impl Strategy<Value = Discounts> {
    let percentage = || any_cents(10_000);
    (option::of(percentage()), option::of(0..=10_i64), option::of(percentage())).prop_map(
        |(group, coupon, scholarship)| Discounts {
            group: group.map(|percentage| GroupDiscount { id: GROUP, percentage }),
            coupon: coupon.map(|tens| CouponDiscount {
                id: COUPON,
                code: "CODE".to_owned(),
                percentage: Decimal::from(tens * 10),
            }),
            scholarship,
        },
    )
}

type Owned = (AttendeeId, ProductId, u32, Option<Decimal>);

fn any_owned() -> impl Strategy<Value = Vec<Owned>> {
    let paid = option::weighted(0.8, any_cents(200_000));
    vec((select(every_attendee()), select(every_product()), 1..4_u32, paid), 0..6)
}

/// Any order of the family, whose passes may be out of sale.
fn any_order() -> impl Strategy<Value = Order> {
    let inactive = vec(select(every_product()), 0..2);
    let switches = (any::<bool>(), any::<bool>());
    let credit = prop_oneof![Just(Decimal::ZERO), any_cents(200_000)];
    (any_lines(), any_owned(), inactive, credit, switches).prop_map(
        |(lines, owned, inactive, account_credit, (edit_passes, insurance))| {
            let mut order = Order { lines, account_credit, edit_passes, insurance, ..new().order };
            for (attendee, product, quantity, paid) in owned {
                let holder = order.holders.get_mut(&attendee).unwrap();
                holder.owned.insert(product, Holding { quantity, paid });
            }
            for product in inactive {
                order.offers.get_mut(&product).unwrap().is_active = false;
            }
            order
        },
    )
}

/// Any order that is sold: what can't be is left out.
fn any_sale() -> impl Strategy<Value = Order> {
    any_order().prop_map(sellable).prop_filter("nothing to buy", |order| {
        order.admit().unwrap().quote(&Discounts::default()).is_ok()
    })
}

/// The order without the lines that aren't sold.
pub(super) fn sellable(mut order: Order) -> Order {
    while let Err(refusal) = order.admit() {
        order.lines.pop().unwrap_or_else(|| panic!("{refusal}"));
    }
    order
}

fn quote(order: &Order, discounts: &Discounts) -> Quote {
    order.admit().unwrap().quote(discounts).unwrap()
}

fn paid(units: &[Units]) -> Decimal {
    units.iter().map(|units| units.paid.unwrap()).sum()
}

proptest! {
    #[test]
    fn only_a_change_of_passes_pays_back(order in any_sale(), discounts in any_discounts()) {
        let quote = quote(&order, &discounts);
        prop_assert!(order.edit_passes || quote.amount >= Decimal::ZERO);
        prop_assert!(quote.due() >= Decimal::ZERO);
        prop_assert!(quote.credit_after >= Decimal::ZERO);
        prop_assert!(quote.discount_amount >= Decimal::ZERO);
        prop_assert!(quote.insurance_amount >= Decimal::ZERO);
    }

    #[test]
    fn the_order_of_the_lines_is_irrelevant(
        (order, shuffled) in any_order().prop_flat_map(|order| {
            let lines = Just(order.lines.clone()).prop_shuffle();
            (Just(order), lines)
        }),
        discounts in any_discounts(),
    ) {
        let price = |order: &Order| {
            let mut quote = order.admit()?.quote(&discounts)?;
            quote.lines.sort_by_key(|line| (line.attendee, line.product));
            Ok::<_, PricingRefusal>(quote)
        };
        prop_assert_eq!(price(&Order { lines: shuffled, ..order.clone() }), price(&order));
    }

    #[test]
    fn to_restate_everything_changes_nothing(
        order in any_order(), discounts in any_discounts(),
    ) {
        let mut lines = Vec::new();
        for (&attendee, holder) in &order.holders {
            for (&product, holding) in &holder.owned {
                if order.offers[&product].is_ticket() {
                    let quantity = Quantity::new(holding.quantity.into()).unwrap();
                    lines.push(OrderLine { product, attendee, quantity, custom_amount: None });
                }
            }
        }
        let order = Order { lines, edit_passes: true, ..order };
        let quote = quote(&order, &discounts);
        prop_assert_eq!(quote.amount, -order.account_credit);
        prop_assert_eq!(quote.credit_after, order.account_credit);
        prop_assert!(quote.settlement.add.is_empty() && quote.settlement.remove.is_empty());
    }

    #[test]
    fn a_discount_never_makes_an_order_dearer(order in any_sale(), discounts in any_discounts()) {
        let full = quote(&order, &Discounts::default());
        let reduced = quote(&order, &discounts);
        prop_assert!(reduced.amount <= full.amount);
        prop_assert_eq!(reduced.original_amount, full.original_amount);
        prop_assert_eq!(reduced.insurance_amount, full.insurance_amount);
        for alone in [
            Discounts { group: discounts.group, ..Discounts::default() },
            Discounts { coupon: discounts.coupon.clone(), ..Discounts::default() },
            Discounts { scholarship: discounts.scholarship, ..Discounts::default() },
        ] {
            prop_assert!(reduced.amount <= quote(&order, &alone).amount);
        }
    }

    #[test]
    fn an_order_costs_the_same_each_time(order in any_sale(), discounts in any_discounts()) {
        prop_assert_eq!(quote(&order, &discounts), quote(&order.clone(), &discounts.clone()));
    }

    #[test]
    fn the_steps_add_up_to_the_amount(order in any_sale(), discounts in any_discounts()) {
        let quote = quote(&order, &discounts);
        let sum: Decimal = quote.trace.iter().map(|step| step.amount).sum();
        prop_assert_eq!(sum, quote.amount);
    }

    #[test]
    fn amounts_have_two_decimals(order in any_sale(), discounts in any_discounts()) {
        let quote = quote(&order, &discounts);
        let settlement = &quote.settlement;
        let mut amounts = vec![
            quote.original_amount, quote.amount, quote.insurance_amount, quote.discount_amount,
            quote.credit_after, settlement.credit_used, settlement.credit_granted,
        ];
        amounts.extend(quote.trace.iter().map(|step| step.amount));
        amounts.extend(settlement.add.iter().chain(&settlement.remove).filter_map(|it| it.paid));
        prop_assert!(amounts.iter().all(|amount| amount.scale() == 2), "{:?}", amounts);
    }

    #[test]
    fn what_is_paid_is_what_the_units_are_worth(
        order in any_sale(), discounts in any_discounts(),
    ) {
        let quote = quote(&order, &discounts);
        let Settlement { add, remove, credit_used, credit_granted, .. } = &quote.settlement;
        let given = quote.due() + credit_used + paid(remove);
        let taken = paid(add) + quote.insurance_amount + credit_granted;
        prop_assert!(add.iter().all(|units| units.paid >= Some(Decimal::ZERO)));
        // Of passes given up for nothing in exchange, what exceeds their list price is lost.
        prop_assert!(taken <= given);
        if !order.edit_passes {
            prop_assert_eq!(taken, given);
        }
        prop_assert_eq!(order.account_credit - credit_used + credit_granted, quote.credit_after);
    }
}
