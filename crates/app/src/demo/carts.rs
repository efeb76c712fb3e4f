use chrono::NaiveDateTime;
use edgeos_domain::{CartHousing, CartMerch, CartPass, CartState};

use super::{
    DemoStore,
    stage::Stage,
    story::{Scene, Who},
};
use crate::AppError;

/// What lies in a cart.
pub(super) struct Filling {
    /// For whom, and which product.
    pub(super) passes: &'static [(Who, &'static str)],
    /// A place to sleep for the whole event.
    pub(super) housing: Option<&'static str>,
    pub(super) merch: &'static [(&'static str, i64)],
    pub(super) coupon: Option<&'static str>,
    /// How far the person came: `passes`, `patron`, `housing`, `merch`, `confirm`.
    pub(super) step: &'static str,
}

/// Fills the person's cart as the portal would.
pub(super) async fn fill<S: DemoStore>(
    stage: &mut Stage<S>,
    scene: &Scene,
    filling: &Filling,
) -> Result<(), AppError> {
    let product = |slug| Ok::<_, AppError>(stage.product(scene.popup, slug)?.to_string());
    let mut passes = Vec::with_capacity(filling.passes.len());
    for (who, slug) in filling.passes {
        passes.push(CartPass {
            attendee: scene.attendee(stage, *who).await?.attendee.id.to_string(),
            product: product(*slug)?,
            quantity: 1,
        });
    }
    let event = stage.events.get(scene.popup);
    let day =
        |date: Option<NaiveDateTime>| date.map(|date| date.date().to_string()).unwrap_or_default();
    let housing = match filling.housing {
        Some(slug) => Some(CartHousing {
            product: product(slug)?,
            check_in: day(event.and_then(|event| event.start_date)),
            check_out: day(event.and_then(|event| event.end_date)),
        }),
        None => None,
    };
    let merch: Result<Vec<_>, _> = filling
        .merch
        .iter()
        .map(|(slug, quantity)| {
            Ok::<_, AppError>(CartMerch { product: product(*slug)?, quantity: *quantity })
        })
        .collect();
    let items = CartState {
        passes,
        housing,
        merch: merch?,
        patron: None,
        promo_code: filling.coupon.map(str::to_owned),
        insurance: false,
        current_step: Some(filling.step.to_owned()),
    };
    let (by, popup) = (stage.participant(scene.who)?, stage.popup(scene.popup)?);
    Box::pin(stage.carts.put(&by, popup, items)).await?;
    stage.made.count("carts");
    Ok(())
}
