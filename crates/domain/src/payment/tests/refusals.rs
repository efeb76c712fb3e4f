//! Who pays nothing.

use rstest::rstest;
use rust_decimal::Decimal;

use super::{super::*, kit::*};
use crate::{ApplicationFee, ApplicationStatus, Popup, PopupStatus, Progress, fixtures::popup};

fn application_in(status: ApplicationStatus) -> Application {
    Application { progress: Progress::stored(status, None, None), ..application() }
}

fn closed() -> Popup {
    Popup { status: PopupStatus::Ended, ..popup() }
}

fn charging(required: bool, amount: Option<&str>) -> Popup {
    Popup { fee: ApplicationFee::new(required, amount.map(money)).unwrap(), ..popup() }
}

#[rstest]
#[case(ApplicationStatus::Accepted, popup(), Ok(()))]
#[case(ApplicationStatus::Accepted, closed(), Err(PurchaseRefusal::PopupClosed))]
#[case(ApplicationStatus::Draft, closed(), Err(PurchaseRefusal::NotAccepted))]
#[case(ApplicationStatus::Withdrawn, popup(), Err(PurchaseRefusal::NotAccepted))]
fn who_takes_part_buys(
    #[case] status: ApplicationStatus,
    #[case] popup: Popup,
    #[case] expected: Result<(), PurchaseRefusal>,
) {
    assert_eq!(admit_purchase(&application_in(status), &popup), expected);
}

#[rstest]
#[case(ApplicationStatus::PendingFee, charging(true, Some("25.5")), Ok(money("25.50")))]
#[case(ApplicationStatus::InReview, closed(), Err(FeeRefusal::NotPendingFee))]
#[case(ApplicationStatus::PendingFee, closed(), Err(FeeRefusal::PopupClosed))]
#[case(ApplicationStatus::PendingFee, charging(false, Some("25.5")), Err(FeeRefusal::NoFee))]
#[case(ApplicationStatus::PendingFee, popup(), Err(FeeRefusal::NoFee))]
fn who_waits_for_the_fee_pays_it(
    #[case] status: ApplicationStatus,
    #[case] popup: Popup,
    #[case] expected: Result<Decimal, FeeRefusal>,
) {
    assert_eq!(fee_due(&application_in(status), &popup), expected);
}

#[test]
fn an_open_fee_tells_where_to_pay() {
    let refusal = FeeRefusal::Open { checkout_url: "https://pay.example/c/1".to_owned() };
    assert!(refusal.to_string().ends_with("Checkout URL: https://pay.example/c/1"));
}
