//! Orders and what they cost.

use rstest::rstest;

use super::kit::{World, added, edit, facts, kept, money, new, percentage, price};

/// Main holds a week that was paid in full.
fn week_paid() -> World {
    edit().owns("m", "Week1", 1)
}

#[rstest]
// List prices.
#[case::e01(new(), "Week1 m", "500.00", "500.00", "")]
#[case::e02(new(), "Week1 m, Day s 3", "599.99", "599.99", "")]
// The sum is rounded, not its parts.
#[case::e03(new().coupon(10), "Day m 3", "99.99", "89.99", "coupon 10")]
#[case::e04(new().coupon(10), "Day m, Day s, Day k", "99.99", "89.99", "coupon 10")]
#[case::e05(new().coupon(10), "Cheap m", "0.05", "0.05", "")]
#[case::e06(new().coupon(10), "Odd m", "0.15", "0.14", "coupon 10")]
#[case::e07(new().coupon(50), "P9 m", "99.99", "50.00", "coupon 50")]
#[case::e08(new().coupon(100), "Week1 m", "500.00", "0.00", "coupon 100")]
#[case::e09(new().coupon(0), "Week1 m", "500.00", "500.00", "")]
#[case::e10(new().coupon(10), "House m 3, Shirt m 2", "300.00", "270.00", "coupon 10")]
// Patrons.
#[case::e11(new().coupon(50), "Patron m", "2500.00", "2500.00", "")]
#[case::e12(new(), "Week1 m, Patron m", "2500.00", "2500.00", "")]
#[case::e12_turned(new(), "Patron m, Week1 m", "2500.00", "2500.00", "")]
#[case::e13(new().coupon(50), "Patron m, Week2 s", "3100.00", "2800.00", "coupon 50")]
#[case::e14(new(), "Patron m, Patron2 m", "7500.00", "7500.00", "")]
#[case::e15(new(), "Shirt m 2, Patron m", "2560.00", "2560.00", "")]
// Insurance.
#[case::e16(new().insured(), "Week1 m 2", "1000.00", "1050.00", "insured 50.00")]
#[case::e17(
    new().insured().coupon(20), "Week1 m, Week2 s, P9 k 3", "1399.97", "1198.47", "coupon 20, insured 78.49"
)]
#[case::e18(new().insured().coupon(100), "Week1 m", "500.00", "25.00", "coupon 100, insured 25.00")]
#[case::e19(new().insured(), "Patron m, Week1 m", "2500.00", "2525.00", "insured 25.00")]
// The best discount.
#[case::e20(new().group("20.00").coupon(10), "Week1 m", "500.00", "400.00", "group 20")]
#[case::e21(new().group("20.00").coupon(20), "P9 m", "99.99", "79.99", "group 20")]
#[case::e22(new().group("20.00").coupon(50), "P9 m", "99.99", "50.00", "coupon 50, group kept")]
#[case::e23(new().group("33.33"), "P9 m", "99.99", "66.66", "group 33.33")]
#[case::e24(
    new().group("20.00").coupon(20).scholarship("20.00"), "P9 m", "99.99", "79.99", "scholarship 20"
)]
#[case::e25(
    new().group("20.00").coupon(20).scholarship("15.00"), "P9 m", "99.99", "79.99", "group 20"
)]
#[case::e26(new().scholarship("50.00").coupon(100), "Week1 m", "500.00", "0.00", "coupon 100")]
#[case::e27(new().scholarship("33.33"), "Week1 m", "500.00", "333.35", "scholarship 33.33")]
#[case::e28(new().scholarship("50.00"), "Patron m", "2500.00", "2500.00", "")]
// Changes of passes.
#[case::e29(week_paid(), "Week1 m", "500.00", "0.00", "")]
#[case::e30(week_paid(), "Week2 m", "600.00", "100.00", "gives Week1 m")]
#[case::e31(week_paid().coupon(10), "Week2 m", "600.00", "90.00", "coupon 10, gives Week1 m")]
#[case::e32(week_paid(), "KidWeek k", "100.00", "-400.00", "credit 400.00, gives Week1 m")]
#[case::e33(week_paid().coupon(50), "KidWeek k", "100.00", "-400.00", "credit 400.00, gives Week1 m")]
#[case::e34(week_paid(), "Week1 m, Day s 2", "566.66", "66.66", "")]
#[case::e35(week_paid().insured(), "Week1 m, Day s 2", "566.66", "66.66", "")]
#[case::e36(edit().owns("m", "Day", 2).coupon(10), "Day m 3", "99.99", "30.00", "coupon 10")]
#[case::e37(edit().owns("m", "Day", 2), "Day m 1", "33.33", "-33.33", "credit 33.33, gives Day m")]
#[case::e38(
    edit().owns_paid("m", "Week1", Some("250.00")), "KidWeek k", "100.00", "-150.00",
    "credit 150.00, gives Week1 m"
)]
#[case::e39(
    edit().owns_paid("m", "Week1", Some("0.00")), "KidWeek k", "100.00", "0.00", "gives Week1 m"
)]
#[case::e40(
    edit().owns_paid("m", "Week1", Some("0.00")), "Week2 m", "600.00", "100.00", "gives Week1 m"
)]
#[case::e41(week_paid().owns("m", "Shirt", 1), "Week2 m", "600.00", "100.00", "gives Week1 m")]
#[case::e42(
    edit().owns("m", "Month", 1), "Month m, Week1 m, Week2 m, KidWeek k", "1600.00", "100.00", ""
)]
#[case::e43(week_paid().owns("m", "Patron", 1), "Week1 m", "0.00", "0.00", "")]
#[case::e44(new().owns("m", "Patron", 1), "Week2 m", "0.00", "0.00", "")]
#[case::e45(new().owns("m", "Patron", 1), "Patron2 s", "5000.00", "5000.00", "")]
// Account credit.
#[case::e46(new().credit("400"), "Week2 s", "600.00", "200.00", "")]
#[case::e47(new().credit("400"), "Day s 2", "66.66", "0.00", "credit 333.34")]
#[case::e48(new().credit("400"), "Free m", "0.00", "0.00", "credit 400.00")]
#[case::e49(
    new().credit("400").owns("m", "Week1", 1), "Week1 m, Day s", "33.33", "0.00", "credit 366.67"
)]
#[case::e50(
    new().credit("100").owns("m", "Day", 2), "Day m 3, Day m 1", "33.33", "0.00", "credit 66.67"
)]
#[case::e51(
    edit().credit("466.67").owns("m", "Day", 1).owns("s", "Month", 1), "Day m, Month s, Full k",
    "3533.32", "1533.32", ""
)]
// What else is sold together, and what is left.
#[case::e53(new(), "ExcA m, ExcB s", "1410.00", "1410.00", "")]
#[case::e56(
    edit().owns("m", "Lim", 3).available("Lim", 0), "Lim m 3, Day m", "63.33", "33.33", ""
)]
fn an_order_costs(
    #[case] world: World,
    #[case] lines: &str,
    #[case] original: &str,
    #[case] amount: &str,
    #[case] others: &str,
) {
    let quote = world.lines(lines).quote().unwrap();
    assert_eq!(quote.original_amount.to_string(), original);
    assert_eq!(quote.amount.to_string(), amount);
    assert_eq!(facts(&quote), others);
}

#[rstest]
// Waived tickets are worth nothing, patron products their price.
#[case(new(), "Week1 m, Patron m", "Week1 m: 0.00, Patron m: 2500.00")]
// The last line takes the remainder.
#[case(new().coupon(10), "Day m, Day s, Day k", "Day m: 30.00, Day s: 30.00, Day k: 29.99")]
#[case(new().coupon(10), "Day k, Day s, Day m", "Day m: 30.00, Day s: 30.00, Day k: 29.99")]
// Insurance is gone, account credit is as good as money.
#[case(new().insured().credit("100"), "Week1 m", "Week1 m: 500.00")]
// What was paid for the pass given up goes on in the one taken.
#[case(week_paid(), "Week2 m", "Week2 m: 600.00")]
#[case(week_paid().coupon(10), "Week2 m", "Week2 m: 590.00")]
#[case(edit().owns_paid("m", "Week1", Some("0.00")), "Week2 m", "Week2 m: 100.00")]
#[case(edit().owns_paid("m", "Week1", Some("250.00")), "KidWeek k", "KidWeek k: 100.00")]
#[case(week_paid(), "Week1 m, Shirt s", "Shirt s: 30.00")]
// A free ticket takes what can't be paid back.
#[case(edit().owns_paid("m", "Week1", Some("600.00")), "Free m", "Free m: 100.00")]
#[case(new(), "Free m, Shirt m", "Free m: 0.00, Shirt m: 30.00")]
fn added_units_are_worth_what_was_paid(
    #[case] world: World,
    #[case] lines: &str,
    #[case] expected: &str,
) {
    assert_eq!(added(&world.lines(lines).quote().unwrap()), expected);
}

#[test]
fn many_shares_rounded_up_leave_nothing_below_zero() {
    let world = new().coupon(10).offer("Day", |offer| offer.price = price("0.01"));
    let world = world.offer("Full", |offer| offer.price = price("0.01"));
    let lines = "Day m, Day s, Day k, Full m, Full s, Full k";
    let world = world.group("90").lines(lines);
    assert_eq!(
        added(&world.quote().unwrap()),
        "Day m: 0.00, Full m: 0.00, Day s: 0.00, Full s: 0.00, Day k: 0.00, Full k: 0.01",
    );
}

#[rstest]
// Lines of one product and attendee are one, at the first one's place.
#[case(new(), "Day m, Shirt s, Day m 2", "Day m 3, Shirt s")]
// Kept tickets belong to a change of passes; the longest line counts.
#[case(edit().owns("m", "Day", 2), "Day m 2, Day m 3", "Day m 3")]
#[case(edit().owns("m", "Month", 1), "Month m, Week1 m, KidWeek k", "Month m, KidWeek k")]
#[case(edit().owns("m", "Patron", 1), "Patron m, Shirt m", "Patron m, Shirt m")]
// A week beside a month is one of its own if it is held, or if the month is new.
#[case(edit().owns("m", "Month", 1).owns("m", "Week1", 1), "Month m, Week1 m", "Month m, Week1 m")]
#[case(edit().owns("s", "Month", 1), "Month s, Week1 m", "Month s, Week1 m")]
#[case(edit().owns("m", "Month", 1), "Week1 m", "Week1 m")]
// Whoever has credit names what is held along with what is new.
#[case(new().credit("1").owns("m", "Week1", 1), "Week1 m, Day s", "Day s")]
#[case(new().credit("1").owns("m", "Day", 2), "Day m 3", "Day m")]
#[case(new().credit("1").owns("m", "Day", 2), "Day m 1, Day m 1", "Day m 2")]
#[case(new().owns("m", "Day", 2), "Day m 3", "Day m 3")]
#[case(new().credit("1").owns("m", "Shirt", 1), "Shirt m 2", "Shirt m 2")]
fn lines_are_kept_as_they_were_understood(
    #[case] world: World,
    #[case] lines: &str,
    #[case] expected: &str,
) {
    assert_eq!(kept(&world.lines(lines).quote().unwrap()), expected);
}

#[rstest]
#[case(new().coupon(20), "Week1 m, Shirt s 2", "112.00")]
#[case(new(), "Week1 m", "0.00")]
#[case(week_paid().coupon(10), "Week2 m", "10.00")]
// Never below nothing: the coupon makes the pass taken cheaper, and what is given up is worth what was paid.
#[case(edit().owns_paid("m", "Week1", Some("250.00")).coupon(50), "KidWeek k", "0.00")]
#[case(new().group("33.33"), "Week1 m", "166.65")]
fn the_discount_takes_money_off(#[case] world: World, #[case] lines: &str, #[case] money: &str) {
    assert_eq!(world.lines(lines).quote().unwrap().discount_amount.to_string(), money);
}

#[rstest]
#[case(new().credit("400"), "Week2 s", "400.00", "0.00")]
#[case(new().credit("400"), "Day s 2", "66.66", "0.00")]
#[case(new().credit("400"), "Free m", "0.00", "0.00")]
#[case(week_paid().credit("30"), "Week2 m", "30.00", "0.00")]
#[case(week_paid().credit("300"), "Week2 m", "100.00", "0.00")]
#[case(week_paid().credit("30"), "KidWeek k", "0.00", "400.00")]
fn credit_is_used_and_granted(
    #[case] world: World,
    #[case] lines: &str,
    #[case] used: &str,
    #[case] granted: &str,
) {
    let settlement = world.lines(lines).quote().unwrap().settlement;
    assert_eq!(settlement.credit_used.to_string(), used);
    assert_eq!(settlement.credit_granted.to_string(), granted);
}

#[rstest]
#[case::a_group_of_too_much(new().group("150"), "Week1 m", "0.00", "group 100")]
#[case::a_group_of_less_than_nothing(new().group("-50"), "Week1 m", "500.00", "group kept")]
#[case::a_scholarship_of_too_much(new().scholarship("150"), "Week1 m", "0.00", "scholarship 100")]
#[case::a_coupon_of_too_much(new().coupon(150), "Week1 m", "0.00", "coupon 100")]
fn a_percentage_stays_between_nothing_and_all(
    #[case] world: World,
    #[case] lines: &str,
    #[case] amount: &str,
    #[case] others: &str,
) {
    let mut quote = world.lines(lines).quote().unwrap();
    if let Some(super::super::Discount::Coupon(coupon)) = &mut quote.discount {
        coupon.code = "C100".to_owned();
    }
    assert_eq!(quote.amount.to_string(), amount);
    assert_eq!(facts(&quote), others);
}

#[test]
fn a_percentage_is_written_as_its_source_has_it() {
    let value = |world: World| world.lines("Week1 m").quote().unwrap().discount_value().to_string();
    assert_eq!(value(new()), "0");
    assert_eq!(value(new().coupon(20)), "20");
    assert_eq!(value(new().group("20.00")), "20.00");
}

#[test]
fn a_custom_amount_is_the_price_of_its_line() {
    let quote = new().coupon(50).lines("Patron m, Week1 m").custom(0, "3000.50").quote().unwrap();
    assert_eq!(quote.amount, money("3000.50"));
    assert_eq!(quote.original_amount, money("3000.50"));
    assert_eq!(quote.lines[0].price, money("3000.50"));
    assert_eq!(added(&quote), "Week1 m: 0.00, Patron m: 3000.50");
}

#[test]
fn a_custom_amount_is_what_is_insured() {
    let world =
        new().insured().offer("Patron", |it| it.insurance_percentage = Some(percentage("1")));
    let quote = world.lines("Patron m").custom(0, "3000.00").quote().unwrap();
    assert_eq!(facts(&quote), "insured 30.00");
}

#[test]
fn a_pass_of_unknown_value_is_worth_its_price_less_the_discount() {
    let order =
        |world: World| world.owns_paid("m", "Week1", None).lines("KidWeek k").quote().unwrap();
    assert_eq!(order(edit()).amount, money("-400.00"));
    assert_eq!(order(edit().group("100")).amount, money("-400.00"));
}

#[test]
fn tickets_out_of_sale_are_neither_taken_away_nor_credited() {
    let world = edit().owns("m", "Week1", 1).inactive("Week1");
    for lines in ["Day m", "Week1 m, Day m"] {
        let quote = world.clone().lines(lines).quote().unwrap();
        assert_eq!((quote.amount, facts(&quote)), (money("33.33"), String::new()));
    }
}

#[test]
fn tickets_meant_for_somebody_else_are_neither_taken_away_nor_credited() {
    let world = edit().owns("m", "KidWeek", 1);
    for lines in ["Day m", "KidWeek m, Day m"] {
        let quote = world.clone().lines(lines).quote().unwrap();
        assert_eq!((quote.amount, facts(&quote)), (money("33.33"), String::new()));
    }
}

#[test]
fn a_patrons_passes_give_no_credit() {
    let quote = week_paid().owns("m", "Patron", 1).lines("Day s").quote().unwrap();
    assert_eq!((quote.amount, facts(&quote)), (money("33.33"), "gives Week1 m".to_owned()));
}
