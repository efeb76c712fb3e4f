//! Orders that aren't sold.

use PricingRefusal as Refusal;
use rstest::rstest;
use uuid::Uuid;

use super::{
    super::*,
    kit::{World, edit, money, new, percentage, price},
};
use crate::{AttendeeId, ProductId};

#[rstest]
#[case::e52_exclusive_tickets(new(), "ExcA m, ExcB m", Refusal::Exclusive)]
#[case::an_exclusive_ticket_and_another(new(), "Day m, ExcA m", Refusal::Exclusive)]
#[case::e54_a_kids_week_for_an_adult(new(), "KidWeek m", Refusal::AttendeeCategory)]
#[case::a_main_week_for_the_spouse(new(), "Week1 s", Refusal::AttendeeCategory)]
#[case::e55_more_than_there_is(new().available("Lim", 3), "Lim m 2, Lim s 2", Refusal::SoldOut)]
#[case::none_left(new().available("Shirt", 0), "Shirt m", Refusal::SoldOut)]
#[case::oversold(new().available("Lim", -2), "Lim m", Refusal::SoldOut)]
#[case::inactive(new().inactive("Day"), "Day m", Refusal::ProductUnavailable)]
#[case::more_of_an_inactive_one(
    edit().owns("m", "Day", 1).inactive("Day"), "Day m 2", Refusal::ProductUnavailable
)]
#[case::inactive_goods_in_an_edit(
    edit().owns("m", "Shirt", 1).inactive("Shirt"), "Shirt m", Refusal::ProductUnavailable
)]
#[case::inactive_held_by_another(
    edit().owns("s", "Day", 1).inactive("Day"), "Day m", Refusal::ProductUnavailable
)]
#[case::inactive_and_held_but_bought_again(
    new().owns("m", "Day", 1).inactive("Day"), "Day m", Refusal::ProductUnavailable
)]
#[case::more_of_a_kids_week_held_by_an_adult(
    edit().owns("m", "KidWeek", 1), "KidWeek m 2", Refusal::AttendeeCategory
)]
#[case::patron_in_an_edit(edit(), "Patron m", Refusal::PatronInEdit)]
#[case::second_patron_in_an_edit(edit().owns("m", "Patron", 1), "Patron m 2", Refusal::PatronInEdit)]
#[case::everything_held(
    new().credit("1").owns("m", "Week1", 1), "Week1 m", Refusal::NothingToBuy
)]
#[case::too_large(new().offer("Day", |it| it.price = price("99999999.99")), "Day m 2", Refusal::TooLarge)]
#[case::too_much_insurance(
    new().insured().owns("m", "Patron", 1).offer("Day", |it| {
        it.price = price("99999999.99");
        it.insurance_percentage = Some(percentage("100"));
    }),
    "Day m 2",
    Refusal::TooLarge
)]
fn is_refused(#[case] world: World, #[case] lines: &str, #[case] refusal: Refusal) {
    assert_eq!(world.lines(lines).quote(), Err(refusal));
}

#[rstest]
#[case::exclusive_for_each(new(), "ExcA m, ExcB s")]
#[case::exclusive_and_other_things(new(), "ExcA m, Shirt m, House m, Patron m")]
#[case::exclusive_beside_what_is_held(new().owns("m", "Day", 1), "ExcA m")]
#[case::the_last_ones(new().available("Lim", 3), "Lim m 2, Lim s 1")]
#[case::kept_units_need_no_stock(edit().owns("m", "Lim", 3).available("Lim", -3), "Lim m 2")]
#[case::an_inactive_ticket_that_is_kept(edit().owns("m", "Day", 2).inactive("Day"), "Day m 1")]
#[case::an_inactive_ticket_that_is_only_named(
    new().credit("1").owns("m", "Day", 2).inactive("Day"), "Day m 2, Shirt m"
)]
#[case::an_inactive_week_of_a_month(
    edit().owns("m", "Month", 1).inactive("Week1"), "Month m, Week1 m"
)]
#[case::a_patron_product_that_is_kept(edit().owns("m", "Patron", 1), "Patron m")]
#[case::as_much_as_can_be_paid(new().offer("Day", |it| it.price = price("99999999.99")), "Day m")]
fn is_sold(#[case] world: World, #[case] lines: &str) {
    assert_eq!(world.lines(lines).quote().err(), None);
}

#[test]
fn refusals_come_in_order() {
    let mut world = edit()
        .owns("k", "Patron", 1)
        .available("Lim", 0)
        .offer("Week2", |it| it.price = price("99999999.99"))
        .lines("Patron m, Lim s, ExcA m, ExcB m, Week1 s, Day m, Day m, Week2 m, Week2 s")
        .custom(5, "50.00");
    let lines = &mut world.order.lines;
    lines[5].product = ProductId(Uuid::from_u128(1));
    lines[5].custom_amount = None;
    lines[6].attendee = AttendeeId(Uuid::from_u128(1));
    lines[7].custom_amount = Some(money("1.00"));
    // Each refusal, and the line that makes it go away.
    for (refusal, line) in [
        (Refusal::CustomAmountOfOther, 7),
        (Refusal::ProductUnavailable, 5),
        (Refusal::ForeignAttendee, 6),
        (Refusal::AttendeeCategory, 4),
        (Refusal::Exclusive, 3),
        (Refusal::SoldOut, 1),
        (Refusal::PatronInEdit, 0),
    ] {
        assert_eq!(world.quote(), Err(refusal));
        world.order.lines[line] = OrderLine { custom_amount: None, ..world.order.lines[8] };
    }
    assert_eq!(world.quote(), Err(Refusal::TooLarge));
}

#[rstest]
#[case::of_a_ticket("Day m", "40.00", Err(Refusal::CustomAmountOfOther))]
#[case::of_two("Patron m 2", "3000.00", Err(Refusal::CustomAmountOfSeveral))]
#[case::of_two_lines("Patron m, Patron m", "3000.00", Err(Refusal::CustomAmountOfSeveral))]
#[case::below_the_price("Patron m", "2499.99", Err(Refusal::CustomAmount))]
#[case::with_fractions("Patron m", "2500.001", Err(Refusal::CustomAmount))]
#[case::beyond_what_can_be_paid("Patron m", "100000000.00", Err(Refusal::CustomAmount))]
#[case::of_the_price("Patron m", "2500.0", Ok("2500.00"))]
#[case::above_the_price("Patron m", "7500", Ok("7500.00"))]
fn a_custom_amount_is_at_least_the_price_of_one_patron_product(
    #[case] lines: &str,
    #[case] amount: &str,
    #[case] expected: Result<&str, Refusal>,
) {
    let quote = new().lines(lines).custom(0, amount).quote();
    assert_eq!(quote.map(|quote| quote.amount), expected.map(money));
}

#[rstest]
#[case::e57(-1)]
#[case(0)]
#[case(1001)]
#[case(i64::MAX)]
fn no_line_has_a_quantity_of(#[case] units: i64) {
    assert_eq!(Quantity::new(units), Err(InvalidQuantity));
}

#[test]
fn a_line_has_up_to_a_thousand_units() {
    assert_eq!(Quantity::new(1).map(Quantity::get), Ok(1));
    assert_eq!(Quantity::new(1000).map(Quantity::get), Ok(1000));
}

#[test]
fn the_largest_amount_is_what_the_column_holds() {
    assert_eq!(Order::AMOUNT_MAX.to_string(), "99999999.99");
}
