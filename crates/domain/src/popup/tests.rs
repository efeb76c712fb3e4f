use chrono::NaiveDate;
use rstest::rstest;

use super::*;
use crate::fixtures::{noon, popup};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn day(day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 5, day).unwrap().and_hms_opt(0, 0, 0).unwrap()
}

fn with_fee(required: bool, amount: Option<&str>) -> Popup {
    Popup { fee: ApplicationFee::new(required, amount.map(decimal)).unwrap(), ..popup() }
}

#[rstest]
#[case(false, None, Some(true), Patch::Set("7.5"), Ok((true, Some("7.50"))))]
#[case(false, Some("10.00"), Some(true), Patch::Keep, Ok((true, Some("10.00"))))]
#[case(true, Some("10.00"), None, Patch::Clear, Err(InvalidFee::Missing))]
#[case(true, Some("10.00"), None, Patch::Set("0"), Err(InvalidFee::Missing))]
#[case(false, None, Some(true), Patch::Set("0.004"), Err(InvalidFee::Missing))]
#[case(false, None, Some(true), Patch::Keep, Err(InvalidFee::Missing))]
#[case(false, None, None, Patch::Set("-5"), Err(InvalidFee::OutOfRange))]
#[case(false, None, None, Patch::Set("-0.001"), Err(InvalidFee::OutOfRange))]
#[case(false, None, None, Patch::Set("123456789.12"), Err(InvalidFee::OutOfRange))]
#[case(false, None, None, Patch::Set("99999999.99"), Ok((false, Some("99999999.99"))))]
#[case(false, None, None, Patch::Set("99999999.995"), Err(InvalidFee::OutOfRange))]
#[case(true, Some("12.345"), Some(false), Patch::Clear, Ok((false, None)))]
fn a_required_fee_can_be_paid(
    #[case] required: bool,
    #[case] amount: Option<&str>,
    #[case] sent_required: Option<bool>,
    #[case] sent_amount: Patch<&str>,
    #[case] expected: Result<(bool, Option<&str>), InvalidFee>,
) {
    let change = PopupChange {
        requires_application_fee: sent_required,
        application_fee_amount: sent_amount.map(decimal),
        ..PopupChange::default()
    };
    let fee = with_fee(required, amount).changed(change, noon()).map(|popup| popup.fee);
    let shown = fee.map(|fee| (fee.required(), fee.amount().map(|amount| amount.to_string())));
    let expected = expected
        .map(|(required, amount)| (required, amount.map(str::to_owned)))
        .map_err(InvalidPopup::Fee);
    assert_eq!(shown, expected);
}

#[rstest]
#[case(Patch::Set(day(1)), Patch::Set(day(1)), Ok(()))]
#[case(Patch::Set(day(2)), Patch::Set(day(1)), Err(InvalidPopup::Dates))]
#[case(Patch::Set(day(9)), Patch::Keep, Err(InvalidPopup::Dates))]
#[case(Patch::Keep, Patch::Set(day(2)), Err(InvalidPopup::Dates))]
#[case(Patch::Clear, Patch::Set(day(2)), Ok(()))]
fn a_popup_ends_after_it_starts(
    #[case] start_date: Patch<NaiveDateTime>,
    #[case] end_date: Patch<NaiveDateTime>,
    #[case] expected: Result<(), InvalidPopup>,
) {
    let before = Popup { start_date: Some(day(3)), end_date: Some(day(5)), ..popup() };
    let change = PopupChange { start_date, end_date, ..PopupChange::default() };
    assert_eq!(before.changed(change, noon()).map(|_| ()), expected);
}

#[test]
fn dates_that_are_not_touched_are_not_looked_at() {
    let adopted = Popup { start_date: Some(day(3)), end_date: Some(day(1)), ..popup() };
    let change = PopupChange { name: Some("Other".to_owned()), ..PopupChange::default() };
    let changed = adopted.changed(change, noon()).unwrap();
    assert_eq!(changed.name, "Other");
    assert_eq!(changed.slug.as_str(), "summit");
}

#[rstest]
#[case("New Slug With Spaces", Ok("new-slug-with-spaces"))]
#[case("summit", Ok("summit"))]
#[case("profile", Ok("profile-1"))]
#[case("!!!", Err(InvalidPopup::Slug(InvalidPopupSlug)))]
fn a_sent_slug_is_made_one(#[case] slug: &str, #[case] expected: Result<&str, InvalidPopup>) {
    let change = PopupChange { slug: Some(slug.to_owned()), ..PopupChange::default() };
    let slug = popup().changed(change, noon()).map(|popup| popup.slug.as_str().to_owned());
    assert_eq!(slug, expected.map(str::to_owned));
}

#[rstest]
#[case(PopupStatus::Draft, false, false)]
#[case(PopupStatus::Active, false, true)]
#[case(PopupStatus::Archived, true, false)]
#[case(PopupStatus::Ended, true, false)]
fn only_archived_and_ended_popups_are_closed(
    #[case] status: PopupStatus,
    #[case] closed: bool,
    #[case] shown: bool,
) {
    let popup = Popup { status, ..popup() };
    assert_eq!((popup.is_closed(), popup.is_shown()), (closed, shown));
}
