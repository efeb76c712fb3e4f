use ScholarshipStatus::{Approved, Pending, Rejected};
use rstest::rstest;

use super::*;
use crate::fixtures::popup;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn approval(discount: &str, incentive: Option<(&str, &str)>) -> ScholarshipDecision {
    let amount = incentive.map(|(amount, _)| decimal(amount));
    let currency = incentive.map(|(_, currency)| currency);
    ScholarshipDecision::new(Approved, Some(decimal(discount)), amount, currency).unwrap()
}

fn requested() -> Scholarship {
    Scholarship { request: true, ..Scholarship::default() }
}

fn offering() -> Popup {
    Popup { allows_scholarship: true, allows_incentive: true, ..popup() }
}

#[rstest]
#[case(Pending, Some("10"), None, None, &[InvalidDecision::Pending])]
#[case(Approved, None, None, None, &[InvalidDecision::DiscountMissing])]
#[case(Approved, Some("0"), None, None, &[])]
#[case(Approved, Some("100"), None, None, &[])]
#[case(Approved, Some("-5"), None, None, &[InvalidDecision::Discount])]
#[case(Approved, Some("100.001"), None, None, &[InvalidDecision::Discount])]
#[case(Approved, Some("150"), None, None, &[InvalidDecision::Discount])]
#[case(Approved, Some("10"), Some("-1"), Some("EUR"), &[InvalidDecision::Amount])]
#[case(Approved, Some("10"), Some("9999999999.995"), Some("EUR"), &[InvalidDecision::Amount])]
#[case(Approved, Some("10"), Some("9999999999.99"), Some("EUR"), &[])]
#[case(Approved, Some("10"), Some("1"), None, &[InvalidDecision::CurrencyMissing])]
#[case(Approved, Some("10"), Some("0"), None, &[])]
#[case(Approved, Some("10"), Some("1"), Some("EU"), &[InvalidDecision::Currency])]
#[case(Approved, Some("10"), Some("1"), Some("EURO12"), &[InvalidDecision::Currency])]
#[case(Approved, Some("150"), Some("-1"), Some("EU"),
    &[InvalidDecision::Discount, InvalidDecision::Amount, InvalidDecision::Currency])]
#[case(Approved, None, Some("1"), None,
    &[InvalidDecision::DiscountMissing, InvalidDecision::CurrencyMissing])]
#[case(Rejected, Some("150"), Some("-1"), Some("?"), &[])]
fn a_decision_is_complete_and_within_range(
    #[case] status: ScholarshipStatus,
    #[case] discount: Option<&str>,
    #[case] amount: Option<&str>,
    #[case] currency: Option<&str>,
    #[case] expected: &[InvalidDecision],
) {
    let decision =
        ScholarshipDecision::new(status, discount.map(decimal), amount.map(decimal), currency);
    assert_eq!(decision.err().unwrap_or_default(), expected);
}

#[test]
fn values_are_kept_in_cents_and_dropped_by_a_rejection() {
    let granted =
        requested().decided(approval("33.337", Some(("250.505", "EUR"))), &offering()).unwrap();
    assert_eq!(granted.status, Some(Approved));
    assert_eq!(granted.discount_percentage.unwrap().to_string(), "33.34");
    assert_eq!(granted.incentive_amount.unwrap().to_string(), "250.51");
    assert_eq!(granted.incentive_currency.as_deref(), Some("EUR"));

    let rejected = granted.decided(ScholarshipDecision::Reject, &offering()).unwrap();
    assert_eq!(rejected, Scholarship { status: Some(Rejected), ..requested() });
}

#[rstest]
#[case(popup(), requested(), ScholarshipRefusal::NotOffered)]
#[case(Popup { allows_incentive: false, ..offering() }, requested(),
    ScholarshipRefusal::NoIncentives)]
#[case(offering(), Scholarship::default(), ScholarshipRefusal::NotRequested)]
fn what_was_not_offered_or_asked_for_is_not_granted(
    #[case] popup: Popup,
    #[case] scholarship: Scholarship,
    #[case] expected: ScholarshipRefusal,
) {
    let decision = approval("10", Some(("5", "EUR")));
    assert_eq!(scholarship.decided(decision, &popup), Err(expected));
}

#[rstest]
#[case(true, true, None, true)]
#[case(true, true, Some(Pending), true)]
#[case(true, true, Some(Approved), false)]
#[case(true, true, Some(Rejected), false)]
#[case(true, false, None, false)]
#[case(false, true, None, false)]
fn a_request_is_open_while_it_can_be_decided(
    #[case] offered: bool,
    #[case] requested: bool,
    #[case] status: Option<ScholarshipStatus>,
    #[case] open: bool,
) {
    assert_eq!(scholarship_open(offered, requested, status), open);
}

#[rstest]
#[case(popup(), false, Some(true), Err(ScholarshipRefusal::NotOffered))]
#[case(popup(), false, Some(false), Ok(false))]
#[case(popup(), false, None, Ok(false))]
#[case(popup(), true, Some(true), Ok(true))]
#[case(offering(), false, Some(true), Ok(true))]
#[case(offering(), true, Some(false), Ok(false))]
fn a_scholarship_is_asked_for_where_there_are_some(
    #[case] popup: Popup,
    #[case] before: bool,
    #[case] request: Option<bool>,
    #[case] expected: Result<bool, ScholarshipRefusal>,
) {
    let asked = ScholarshipRequest { request, ..ScholarshipRequest::default() };
    let scholarship = Scholarship { request: before, ..Scholarship::default() };
    assert_eq!(scholarship.requested(asked, &popup).map(|s| s.request), expected);
}
