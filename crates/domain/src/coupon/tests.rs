use chrono::TimeDelta;
use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::{
    PopupStatus,
    fixtures::{TENANT, noon, popup},
};

/// A coupon that counts.
fn coupon() -> Coupon {
    let new = NewCoupon {
        code: CouponCode::parse("x").unwrap(),
        discount: CouponPercent::new(10).unwrap(),
        max_uses: None,
        start_date: None,
        end_date: None,
        is_active: true,
    };
    new.into_coupon(CouponId(Uuid::from_u128(1)), TENANT, popup().id, noon()).unwrap()
}

fn open() -> Popup {
    Popup { allows_coupons: true, ..popup() }
}

#[rstest]
#[case("  save10 ", Ok("SAVE10"))]
#[case("ñandú", Ok("ÑANDÚ"))]
#[case("straße", Ok("STRASSE"))]
#[case("a b", Ok("A B"))]
#[case(" \t", Err(InvalidCouponCode::Blank))]
#[case("a\nb", Err(InvalidCouponCode::Control))]
#[case("a\0b", Err(InvalidCouponCode::Control))]
fn a_code_has_one_form(#[case] text: &str, #[case] expected: Result<&str, InvalidCouponCode>) {
    let code = CouponCode::parse(text);
    assert_eq!(code.as_ref().map(CouponCode::as_str), expected.as_ref().copied());
}

#[rstest]
#[case(&"a".repeat(100), true)]
#[case(&"a".repeat(101), false)]
#[case(&"ß".repeat(50), true)]
#[case(&"ß".repeat(51), false)]
fn a_code_is_measured_in_upper_case(#[case] text: &str, #[case] fits: bool) {
    assert_eq!(CouponCode::parse(text).is_ok(), fits);
}

#[rstest]
#[case(0, true)]
#[case(10, true)]
#[case(100, true)]
#[case(15, false)]
#[case(110, false)]
#[case(-10, false)]
#[case(266, false)]
fn discounts_come_in_tens(#[case] percent: i64, #[case] sound: bool) {
    let discount = CouponPercent::new(percent).ok();
    let got = discount.map(|discount| i64::from(discount.percent()));
    assert_eq!(got, sound.then_some(percent));
}

#[test]
fn a_coupon_takes_off_its_discount() {
    let discount = coupon().discount_at(&open(), noon()).unwrap();
    let expected = CouponDiscount { id: coupon().id, code: "X".to_owned(), percentage: 10.into() };
    assert_eq!(discount, expected);
}

/// Each refusal comes before those below it.
#[test]
fn the_first_reason_is_told() {
    let second = TimeDelta::seconds(1);
    let mut popup = Popup { status: PopupStatus::Ended, allows_coupons: false, ..popup() };
    let mut coupon = Coupon {
        is_active: false,
        period: Period::stored(Some(noon() + second), Some(noon() - second)),
        max_uses: Some(3),
        current_uses: 4,
        ..coupon()
    };
    let refusal = |coupon: &Coupon, popup: &Popup| coupon.discount_at(popup, noon()).err();
    assert_eq!(refusal(&coupon, &popup), Some(CouponRefusal::Closed));
    popup.status = PopupStatus::Draft;
    assert_eq!(refusal(&coupon, &popup), Some(CouponRefusal::NotAllowed));
    popup.allows_coupons = true;
    assert_eq!(refusal(&coupon, &popup), Some(CouponRefusal::Inactive));
    coupon.is_active = true;
    assert_eq!(refusal(&coupon, &popup), Some(CouponRefusal::TooEarly));
    coupon.period = Period::stored(Some(noon()), Some(noon() - second));
    assert_eq!(refusal(&coupon, &popup), Some(CouponRefusal::TooLate));
    coupon.period = Period::stored(Some(noon()), Some(noon()));
    assert_eq!(refusal(&coupon, &popup), Some(CouponRefusal::UsedUp));
    coupon.max_uses = Some(5);
    assert_eq!(refusal(&coupon, &popup), None);
}

#[test]
fn a_coupon_without_uses_can_not_be_used() {
    let coupon = Coupon { max_uses: Some(0), ..coupon() };
    assert_eq!(coupon.discount_at(&open(), noon()), Err(CouponRefusal::UsedUp));
}

#[test]
fn a_change_leaves_the_uses_alone() {
    let used = Coupon { max_uses: Some(9), current_uses: 7, ..coupon() };
    let change = CouponChange { max_uses: Patch::Set(2), ..CouponChange::default() };
    let changed = used.clone().changed(change, noon()).unwrap();
    assert_eq!(changed, Coupon { max_uses: Some(2), ..used });
}

proptest! {
    #[test]
    fn the_form_of_a_code_is_stable(text in ".{0,120}") {
        if let Ok(code) = CouponCode::parse(&text) {
            prop_assert_eq!(CouponCode::parse(code.as_str()), Ok(code.clone()));
            prop_assert_eq!(CouponCode::parse(&format!(" {text}\t")), Ok(code));
        }
    }
}
