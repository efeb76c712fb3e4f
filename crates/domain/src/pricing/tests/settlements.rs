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
    let changes = exchange().settle(&held, Decimal::ZERO, Decimal::ZERO);
    let expected = after([("Week1", None), ("Week2", Some(holding(1, Some("600.00"))))]);
    assert_eq!(changes, HoldingChanges { after: expected, ..HoldingChanges::default() });
}

#[test]
fn a_pass_that_is_gone_pays_for_nothing() {
    let changes = exchange().settle(&Holdings::new(), Decimal::ZERO, Decimal::ZERO);
    let expected = after([("Week2", Some(holding(1, Some("100.00"))))]);
    assert_eq!(changes.after, expected);
    assert_eq!(changes.missing, [units("Week1", 1, None)]);
}

#[test]
fn credit_that_is_gone_pays_for_nothing() {
    let mut settlement = Settlement {
        add: vec![units("Shirt", 1, Some("30.00")), units("House", 1, Some("80.00"))],
        credit_used: money("50.00"),
        ..Settlement::default()
    };
    let changes = settlement.settle(&Holdings::new(), money("50.00"), Decimal::ZERO);
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
    let mut settlement =
        Settlement { remove: vec![units("Day", 2, Some("66.67"))], ..Settlement::default() };
    let held = holdings([("Day", held)]);
    let changes = settlement.settle(&held, Decimal::ZERO, Decimal::ZERO);
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
    let mut settlement = Settlement { add: vec![units("Day", 2, added)], ..Settlement::default() };
    let held = holdings([("Day", holding(1, before))]);
    let changes = settlement.settle(&held, Decimal::ZERO, Decimal::ZERO);
    assert_eq!(changes.after, after([("Day", Some(holding(3, expected)))]));
}

#[test]
fn only_the_units_of_the_plan_are_taken_back() {
    let mut settlement =
        Settlement { add: vec![units("Day", 1, Some("30.00"))], ..exchange() }.as_settled();
    let held = holdings([("Day", holding(3, Some("90.00")))]);
    let changes = settlement.revoke(&held);
    assert_eq!(changes.after, after([("Day", Some(holding(2, Some("60.00"))))]));
    assert!(changes.missing.is_empty());
}

#[test]
fn what_is_not_held_is_not_taken_back() {
    let changes = exchange().as_settled().revoke(&Holdings::new());
    assert!(changes.after.is_empty());
    assert_eq!(changes.missing, [units("Week2", 1, None)]);
}

/// What the attendee holds of `what` after `changes`.
fn held_after(changes: &HoldingChanges, what: &str) -> Option<Holding> {
    changes.after[&(attendee("m"), product(what))]
}

#[test]
fn a_second_approval_gives_back_what_was_taken() {
    let mut plan = exchange();
    let held = holdings([("Week1", holding(1, Some("500.00")))]);
    let _ = plan.settle(&held, Decimal::ZERO, Decimal::ZERO);
    assert_eq!(plan.given, plan.add);

    let held = holdings([("Week2", holding(2, Some("900.00")))]);
    let changes = plan.revoke(&held);
    assert_eq!(held_after(&changes, "Week2"), Some(holding(1, Some("450.00"))));
    assert_eq!(plan.taken, [units("Week2", 1, Some("450.00"))]);
    assert_eq!(plan.to_give(), plan.taken);

    // The first week is there again; it isn't given up a second time.
    let held = holdings([("Week1", holding(1, Some("500.00")))]);
    let changes = plan.settle(&held, Decimal::ZERO, Decimal::ZERO);
    assert_eq!(changes.after, after([("Week2", Some(holding(1, Some("450.00"))))]));
    assert_eq!(plan.taken, []);
}

#[test]
fn what_was_exchanged_before_it_was_taken_back_does_not_come_twice() {
    let mut first =
        Settlement { add: vec![units("Week1", 1, Some("500.00"))], ..Settlement::default() }
            .as_settled();
    let held = holdings([("Week2", holding(1, Some("600.00")))]);
    assert!(first.revoke(&held).after.is_empty());
    assert_eq!(first.settle(&held, Decimal::ZERO, Decimal::ZERO), HoldingChanges::default());
}

#[test]
fn a_second_revocation_takes_no_more_than_the_second_approval_gave() {
    let add = vec![units("Shirt", 2, Some("60.00"))];
    let mut plan = Settlement { add, ..Settlement::default() };
    let _ = plan.settle(&holdings([]), Decimal::ZERO, Decimal::ZERO);
    // One of the two was given up meanwhile.
    let _ = plan.revoke(&holdings([("Shirt", holding(1, Some("30.00")))]));
    let _ = plan.settle(&holdings([]), Decimal::ZERO, Decimal::ZERO);
    // The other one here was bought with another payment.
    let changes = plan.revoke(&holdings([("Shirt", holding(2, Some("60.00")))]));
    assert_eq!(held_after(&changes, "Shirt"), Some(holding(1, Some("30.00"))));
}

#[test]
fn credit_that_was_gone_is_not_there_after_a_second_approval() {
    let mut plan = Settlement {
        add: vec![units("Week2", 1, Some("600.00"))],
        credit_used: money("400.00"),
        ..Settlement::default()
    };
    let given = plan.settle(&Holdings::new(), money("400.00"), Decimal::ZERO);
    assert_eq!(held_after(&given, "Week2"), Some(holding(1, Some("200.00"))));
    let _ = plan.revoke(&holdings([("Week2", holding(1, Some("200.00")))]));
    let again = plan.settle(&Holdings::new(), Decimal::ZERO, Decimal::ZERO);
    assert_eq!(again, given);
}

/// A month and a shirt, for 1500.00 and an insurance of 30.00; one of three installments is there.
fn begun() -> (Settlement, HoldingChanges) {
    let mut plan = Settlement {
        add: vec![units("Month", 1, Some("1470.00")), units("Shirt", 1, Some("30.00"))],
        ..Settlement::default()
    };
    let changes = plan.settle(&Holdings::new(), Decimal::ZERO, money("1020.00"));
    (plan, changes)
}

#[test]
fn one_installment_is_not_the_whole_price() {
    let (mut plan, changes) = begun();
    let expected = after([
        ("Month", Some(holding(1, Some("450.00")))),
        ("Shirt", Some(holding(1, Some("30.00")))),
    ]);
    assert_eq!(changes.after, expected);

    let held = holdings([("Month", holding(1, Some("450.00")))]);
    let changes = plan.pay_off(&held, money("510.00"));
    assert_eq!(changes.after, after([("Month", Some(holding(1, Some("960.00"))))]));
    let held = holdings([("Month", holding(1, Some("960.00")))]);
    let changes = plan.pay_off(&held, money("0.00"));
    assert_eq!(changes.after, after([("Month", Some(holding(1, Some("1470.00"))))]));
    assert_eq!((plan.outstanding, plan.given), (money("0.00"), plan.add));
}

#[test]
fn an_installment_for_what_is_not_held_any_more_is_told() {
    let (mut plan, _) = begun();
    let changes = plan.pay_off(&Holdings::new(), money("510.00"));
    assert!(changes.after.is_empty());
    assert_eq!(changes.stranded, money("510.00"));
}

#[test]
fn installments_that_came_after_the_end_count_once_it_is_approved_again() {
    let (mut plan, _) = begun();
    let held = holdings([("Month", holding(1, Some("450.00")))]);
    let _ = plan.revoke(&held);
    let changes = plan.settle(&Holdings::new(), Decimal::ZERO, money("510.00"));
    assert_eq!(changes.after, after([("Month", Some(holding(1, Some("960.00"))))]));
}

#[test]
fn money_never_becomes_less() {
    let (mut plan, _) = begun();
    assert_eq!(plan.pay_off(&Holdings::new(), money("1500.00")), HoldingChanges::default());
    assert_eq!(plan.outstanding, money("1020.00"));
}

#[test]
fn a_plan_is_reconstructed_from_what_was_sold() {
    let lines = [units("Week2", 1, Some("600.00"))];
    let held = holdings([("Week1", holding(1, Some("500.00"))), ("Shirt", holding(2, None))]);
    let adding = Settlement::reconstructed(&lines, false, &held);
    assert_eq!(adding.add, [units("Week2", 1, None)]);
    assert!(adding.remove.is_empty());

    let mut replacing = Settlement::reconstructed(&lines, true, &held);
    let changes = replacing.settle(&held, Decimal::ZERO, Decimal::ZERO);
    let expected = after([("Week1", None), ("Shirt", None), ("Week2", Some(holding(1, None)))]);
    assert_eq!(changes, HoldingChanges { after: expected, ..HoldingChanges::default() });
}
