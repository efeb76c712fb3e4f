use chrono::{NaiveDate, TimeZone};
use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::fixtures::{TENANT, noon, popup};

type Time = Option<DateTime<Utc>>;

fn at(hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2030, 6, 10, hour, 0, 0).unwrap()
}

fn blank() -> CheckIn {
    CheckIn::new(CheckInId(Uuid::nil()), TENANT, AttendeeId(Uuid::nil()), at(8))
}

fn arrival(time: Patch<DateTime<Utc>>) -> CheckInChange {
    CheckInChange { arrival_date: time, ..CheckInChange::default() }
}

fn departure(time: Patch<DateTime<Utc>>) -> CheckInChange {
    CheckInChange { departure_date: time, ..CheckInChange::default() }
}

#[test]
fn the_first_scan_is_the_arrival_and_stays_it() {
    let first = blank().scanned(at(10));
    assert!(first.first);
    assert_eq!(first.check_in.arrival_date, Some(at(10)));
    assert_eq!(first.check_in.qr_scan_timestamp, Some(at(10)));
    assert!(first.check_in.qr_check_in);
    let second = first.check_in.scanned(at(11));
    assert!(!second.first);
    assert_eq!(second.check_in.arrival_date, Some(at(10)));
    assert_eq!(second.check_in.qr_scan_timestamp, Some(at(11)));
}

#[test]
fn an_arrival_by_hand_is_an_arrival() {
    let by_hand = blank().changed(arrival(Patch::Set(at(9))), at(9)).unwrap();
    assert!(!by_hand.qr_check_in);
    let scan = by_hand.scanned(at(10));
    assert!(!scan.first && scan.check_in.qr_check_in);
    assert_eq!(scan.check_in.arrival_date, Some(at(9)));
    let cleared = scan.check_in.changed(arrival(Patch::Clear), at(10)).unwrap();
    assert!(cleared.scanned(at(11)).first);
}

#[test]
fn who_is_at_the_door_has_not_left_before() {
    let left = blank().changed(departure(Patch::Set(at(9))), at(9)).unwrap();
    assert_eq!(left.scanned(at(10)).check_in.departure_date, None);
    let came = left.changed(arrival(Patch::Set(at(8))), at(9)).unwrap();
    assert_eq!(came.scanned(at(10)).check_in.departure_date, Some(at(9)));
}

#[rstest]
#[case(arrival(Patch::Set(at(9))), Err(InvalidCheckIn::DepartureBeforeArrival))]
#[case(arrival(Patch::Set(at(8))), Ok((Some(at(8)), Some(at(8)))))]
#[case(arrival(Patch::Clear), Ok((None, Some(at(8)))))]
#[case(departure(Patch::Set(at(6))), Err(InvalidCheckIn::DepartureBeforeArrival))]
#[case(departure(Patch::Clear), Ok((Some(at(7)), None)))]
#[case(CheckInChange::default(), Ok((Some(at(7)), Some(at(8)))))]
#[case(arrival(Patch::Set(at(13) + TimeDelta::days(1))), Err(InvalidCheckIn::ArrivalAhead))]
#[case(departure(Patch::Set(at(13) + TimeDelta::days(1))), Err(InvalidCheckIn::DepartureAhead))]
#[case(departure(Patch::Set(at(12) + TimeDelta::days(1))),
    Ok((Some(at(7)), Some(at(12) + TimeDelta::days(1)))))]
fn coming_and_going_are_in_order(
    #[case] change: CheckInChange,
    #[case] expected: Result<(Time, Time), InvalidCheckIn>,
) {
    let both = CheckIn { arrival_date: Some(at(7)), departure_date: Some(at(8)), ..blank() };
    let changed = both.changed(change, noon());
    assert_eq!(changed.map(|it| (it.arrival_date, it.departure_date)), expected);
}

#[rstest]
#[case(ApplicationStatus::Accepted, 1, Ok(()))]
#[case(ApplicationStatus::Accepted, 0, Err(ScanRefusal::NoProduct))]
#[case(ApplicationStatus::InReview, 0, Err(ScanRefusal::NotAccepted))]
#[case(ApplicationStatus::Rejected, 1, Err(ScanRefusal::NotAccepted))]
fn a_pass_of_an_accepted_application_opens_the_door(
    #[case] status: ApplicationStatus,
    #[case] products: usize,
    #[case] expected: Result<(), ScanRefusal>,
) {
    assert_eq!(check_admission(status, products), expected);
}

fn period(start: Option<u32>, end: Option<DateTime<Utc>>) -> Period {
    Period::stored(start.map(at), end)
}

#[rstest]
#[case::always(&[Period::default()], true)]
#[case::from_now_on(&[period(Some(12), None)], true)]
#[case::later(&[period(Some(13), None)], false)]
#[case::until_now(&[period(None, Some(at(12)))], true)]
#[case::before(&[period(None, Some(at(11)))], false)]
#[case::today(&[period(Some(0), Some(at(0)))], true)]
#[case::yesterday(&[period(None, Some(at(0) - TimeDelta::days(1)))], false)]
#[case::one_of_two(&[period(Some(13), None), period(None, Some(at(13)))], true)]
fn products_count_within_their_dates(#[case] products: &[Period], #[case] covered: bool) {
    let warnings = scan_warnings(&popup(), products.iter().copied(), None, noon());
    assert_eq!(warnings.contains(&ScanWarning::OutsideProductDates), !covered);
}

#[rstest]
#[case(Some((2030, 6, 11)), None, &["popup_not_started"])]
#[case(None, Some((2030, 6, 9)), &["popup_ended"])]
#[case(Some((2030, 6, 10)), Some((2030, 6, 10)), &[])]
fn events_have_their_dates(
    #[case] start: Option<(i32, u32, u32)>,
    #[case] end: Option<(i32, u32, u32)>,
    #[case] expected: &[&str],
) {
    let day = |(year, month, day)| {
        NaiveDate::from_ymd_opt(year, month, day).unwrap().and_time(NaiveTime::MIN)
    };
    let event = Popup { start_date: start.map(day), end_date: end.map(day), ..popup() };
    let warnings = scan_warnings(&event, [Period::default()], None, noon());
    assert_eq!(warnings.into_iter().map(ScanWarning::as_str).collect::<Vec<_>>(), expected);
}

#[rstest]
#[case(Some(at(11)), true)]
#[case(Some(at(13)), false)]
#[case(None, false)]
fn who_has_left_is_told(#[case] departure_date: Option<DateTime<Utc>>, #[case] told: bool) {
    let before = CheckIn { departure_date, ..blank() };
    let warnings = scan_warnings(&popup(), [Period::default()], Some(&before), noon());
    assert_eq!(warnings.contains(&ScanWarning::Departed), told);
}

proptest! {
    #[test]
    fn whatever_happens_nobody_leaves_before_coming(
        steps in prop::collection::vec((0..4_u8, 0..24_u32, 0..24_u32), 1..20),
    ) {
        let mut check_in = blank();
        for (kind, now, hour) in steps {
            let set = |hour| Patch::Set(at(hour));
            check_in = match kind {
                0 => check_in.scanned(at(now)).check_in,
                1 => check_in.changed(arrival(set(hour)), at(now)).unwrap_or(check_in),
                2 => check_in.changed(departure(set(hour)), at(now)).unwrap_or(check_in),
                _ => check_in.changed(arrival(Patch::Clear), at(now)).unwrap_or(check_in),
            };
            if let (Some(came), Some(left)) = (check_in.arrival_date, check_in.departure_date) {
                prop_assert!(came <= left);
            }
        }
    }
}
