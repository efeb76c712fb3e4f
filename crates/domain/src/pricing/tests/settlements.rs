//! What holdings look like after a plan was carried out or taken back.

use std::collections::BTreeMap;

use rstest::rstest;
use rust_decimal::Decimal;

use super::{
    super::*,
    kit::{attendee, money, product},
};

fn units(what: &str, quantity: u32, paid: Option<&str>) -> Units {
    Units { attendee: attendee("m"), product: product(what), quantity, paid: paid.map(money) }
}

fn holding(quantity: u32, paid: Option<&str>) -> Holding {
    Holding { quantity, paid: paid.map(money) }
}

fn holdings<const N: usize>(held: [(&str, Holding); N]) -> Holdings {
    held.into_iter().map(|(what, holding)| ((attendee("m"), product(what)), holding)).collect()
}

fn after<const N: usize>(
    held: [(&str, Option<Holding>); N],
) -> BTreeMap<(crate::AttendeeId, crate::ProductId), Option<Holding>> {
    held.into_iter().map(|(what, holding)| ((attendee("m"), product(what)), holding)).collect()
}

/// A week, paid 500.00, for another one at 100.00 more.
fn exchange() -> Settlement {
    Settlement {
        add: vec![units("Week2", 1, Some("600.00"))],
        remove: vec![units("Week1", 1, Some("500.00"))],
        ..Settlement::default()
    }
}

#[test]
fn passes_are_exchanged() {
    let held = holdings([("Week1", holding(1, Some("500.00")))]);
    let changes = exchange().settle(&held, Decimal::ZERO);
    let expected = after([("Week1", None), ("Week2", Some(holding(1, Some("600.00"))))]);
    assert_eq!(changes, HoldingChanges { after: expected, missing: vec![] });
}

#[test]
fn a_pass_that_is_gone_pays_for_nothing() {
    let changes = exchange().settle(&Holdings::new(), Decimal::ZERO);
    let expected = after([("Week2", Some(holding(1, Some("100.00"))))]);
    assert_eq!(changes.after, expected);
    assert_eq!(changes.missing, [units("Week1", 1, None)]);
}

#[test]
fn credit_that_is_gone_pays_for_nothing() {
    let settlement = Settlement {
        add: vec![units("Shirt", 1, Some("30.00")), units("House", 1, Some("80.00"))],
        credit_used: money("50.00"),
        ..Settlement::default()
    };
    let changes = settlement.settle(&Holdings::new(), money("50.00"));
    let expected = after([
        ("Shirt", Some(holding(1, Some("0.00")))),
        ("House", Some(holding(1, Some("60.00")))),
    ]);
    assert_eq!(changes.after, expected);
}

#[rstest]
#[case::a_part(holding(3, Some("100.00")), Some(holding(1, Some("33.33"))))]
#[case::all(holding(2, Some("100.00")), None)]
#[case::of_unknown_value(holding(3, None), Some(holding(1, None)))]
fn taken_units_take_their_part_of_the_value(
    #[case] held: Holding,
    #[case] expected: Option<Holding>,
) {
    let settlement =
        Settlement { remove: vec![units("Day", 2, Some("66.67"))], ..Settlement::default() };
    let changes = settlement.settle(&holdings([("Day", held)]), Decimal::ZERO);
    assert_eq!(changes.after, after([("Day", expected)]));
}

#[rstest]
#[case::known(Some("10.00"), Some("5.00"), Some("15.00"))]
#[case::unknown_before(None, Some("5.00"), None)]
#[case::unknown_now(Some("10.00"), None, None)]
fn values_add_up(
    #[case] before: Option<&str>,
    #[case] added: Option<&str>,
    #[case] expected: Option<&str>,
) {
    let settlement = Settlement { add: vec![units("Day", 2, added)], ..Settlement::default() };
    let held = holdings([("Day", holding(1, before))]);
    let changes = settlement.settle(&held, Decimal::ZERO);
    assert_eq!(changes.after, after([("Day", Some(holding(3, expected)))]));
}

#[test]
fn only_the_units_of_the_plan_are_taken_back() {
    let settlement =
        Settlement { add: vec![units("Day", 1, Some("30.00"))], settled: true, ..exchange() };
    let held = holdings([("Day", holding(3, Some("90.00")))]);
    let changes = settlement.revoke(&held);
    assert_eq!(changes.after, after([("Day", Some(holding(2, Some("60.00"))))]));
    assert!(changes.missing.is_empty());
}

#[test]
fn what_is_not_held_is_not_taken_back() {
    let changes = exchange().revoke(&Holdings::new());
    assert!(changes.after.is_empty());
    assert_eq!(changes.missing, [units("Week2", 1, None)]);
}

#[test]
fn a_second_time_nothing_is_given_up() {
    let settlement = Settlement { settled: true, ..exchange() };
    let held = holdings([("Week1", holding(1, Some("500.00")))]);
    let changes = settlement.settle(&held, Decimal::ZERO);
    assert_eq!(changes.after, after([("Week2", Some(holding(1, Some("600.00"))))]));
}

#[test]
fn a_plan_is_reconstructed_from_what_was_sold() {
    let lines = [units("Week2", 1, Some("600.00"))];
    let held = holdings([("Week1", holding(1, Some("500.00"))), ("Shirt", holding(2, None))]);
    let adding = Settlement::reconstructed(&lines, false, &held);
    assert_eq!(adding.add, [units("Week2", 1, None)]);
    assert!(adding.remove.is_empty());

    let replacing = Settlement::reconstructed(&lines, true, &held);
    let changes = replacing.settle(&held, Decimal::ZERO);
    let expected = after([("Week1", None), ("Shirt", None), ("Week2", Some(holding(1, None)))]);
    assert_eq!(changes, HoldingChanges { after: expected, missing: vec![] });
}
