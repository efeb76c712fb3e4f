use edgeos_domain::{CouponCode, NewCoupon};

use super::{
    DemoStore,
    popups::{CAMP, LANTERN, VILLAGE},
    stage::{Stage, coupon_percent},
};
use crate::AppError;

/// A coupon of the catalogue. Days are counted from today.
struct Offer {
    popup: &'static str,
    code: &'static str,
    percent: i64,
    uses: Option<u32>,
    days: [Option<i64>; 2],
    active: bool,
}

/// One that takes a tenth off, as often as one likes.
const PLAIN: Offer =
    Offer { popup: VILLAGE, code: "", percent: 10, uses: None, days: [None, None], active: true };

/// What the village gives away.
static CODES: [Offer; 10] = [
    // Used now and then, and good for walks through the shop.
    Offer { code: "LAKE20", percent: 20, uses: Some(100), days: [None, Some(60)], ..PLAIN },
    // Nobody has used it.
    Offer { code: "FRESH10", uses: Some(25), ..PLAIN },
    // Used up.
    Offer { code: "FIRST30", percent: 30, uses: Some(1), ..PLAIN },
    // Not valid any more.
    Offer { code: "EARLY40", percent: 40, days: [Some(-80), Some(-20)], ..PLAIN },
    // Not valid yet.
    Offer { code: "LASTMINUTE50", percent: 50, days: [Some(50), Some(59)], ..PLAIN },
    // Switched off.
    Offer { code: "PAUSED20", percent: 20, active: false, ..PLAIN },
    // Everything for nothing.
    Offer { code: "GUEST100", percent: 100, uses: Some(10), ..PLAIN },
    Offer { popup: LANTERN, code: "GLOW10", ..PLAIN },
    Offer { popup: LANTERN, code: "SOUP50", percent: 50, uses: Some(30), ..PLAIN },
    Offer { popup: CAMP, code: "BLOSSOM20", percent: 20, uses: Some(50), ..PLAIN },
];

/// Makes the coupons on `day`.
pub(super) async fn fill<S: DemoStore>(
    stage: &mut Stage<S>,
    by: &str,
    day: i64,
) -> Result<(), AppError> {
    stage.script.turn_to(day, 12 * 60);
    let by = stage.writer(by)?;
    for Offer { popup, code, percent, uses, days: [start, end], active } in &CODES {
        stage.draw_for(format!("{popup}/{code}"));
        let new = NewCoupon {
            code: CouponCode::parse(code).map_err(AppError::invalid("code"))?,
            discount: coupon_percent(*percent)?,
            max_uses: *uses,
            start_date: start.map(|day| stage.at(day, 0)),
            end_date: end.map(|day| stage.at(day, 23)),
            is_active: *active,
        };
        stage.coupons.create(&by, stage.popup(popup)?, new).await?;
        stage.made.count("coupons");
    }
    Ok(())
}
