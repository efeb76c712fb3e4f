//! How a price is explained.

use rstest::rstest;

use super::kit::{World, edit, new};

#[rstest]
#[case::a_plain_order(new(), "Day m 2", &["2 × 33.33: 66.66"])]
#[case::everything_at_once(
    new().insured().coupon(20).credit("100"),
    "Week1 m, Shirt s 2",
    &[
        "1 × 500.00: 500.00",
        "2 × 30.00: 60.00",
        "coupon discount of 20%: -112.00",
        "insurance of 5% on 1 ×: 25.00",
        "account credit: -100.00",
    ]
)]
#[case::a_patron(
    new().group("33.33"),
    "Week1 m, Patron m, Day s",
    &[
        "1 × free for a patron: 0.00",
        "1 × 2500.00, patron product: 2500.00",
        "1 × 33.33: 33.33",
        "group discount of 33.33%: -11.11",
    ]
)]
#[case::a_change_of_passes(
    edit().owns_paid("m", "Week1", Some("250.00")).owns("s", "Shirt", 1).credit("10"),
    "KidWeek k",
    &[
        "1 × 500.00 in exchange: -500.00",
        "1 × 100.00: 100.00",
        "no more is paid back than was paid: 250.00",
        "account credit: -10.00",
    ]
)]
#[case::tickets_only_named(
    new().credit("400").owns("m", "Week1", 1),
    "Week1 m, Day s",
    &["1 × held already: 0.00", "1 × 33.33: 33.33", "account credit: -33.33"]
)]
#[case::a_patrons_tickets(
    edit().owns("m", "Patron", 1).owns("m", "Week1", 1).owns("m", "Day", 2).scholarship("50"),
    "Day m 2, Shirt m",
    &[
        "1 × free for a patron: 0.00",
        "2 × held already: 0.00",
        "1 × 30.00: 30.00",
        "scholarship discount of 50%: -15.00",
    ]
)]
fn each_step_tells_its_rule_and_amount(
    #[case] world: World,
    #[case] lines: &str,
    #[case] steps: &[&str],
) {
    let quote = world.lines(lines).quote().unwrap();
    let told: Vec<_> = quote.trace.iter().map(ToString::to_string).collect();
    assert_eq!(told, steps);
}
