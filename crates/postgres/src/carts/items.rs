//! `carts.items`: what is in a cart, as one object with every field.

use edgeos_domain::{CartHousing, CartMerch, CartPass, CartPatron, CartState};
use sea_orm::prelude::{Json, Uuid};
use serde::{Deserialize, Serialize};

/// The column's shape: `{"passes": [], "housing": null, "merch": [], "patron": null, "promo_code": null,
/// "insurance": false, "current_step": null}`. What is left out has its default.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Items {
    passes: Vec<Pass>,
    housing: Option<Housing>,
    merch: Vec<Merch>,
    patron: Option<Patron>,
    promo_code: Option<String>,
    insurance: bool,
    current_step: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Pass {
    #[serde(rename = "attendee_id")]
    attendee: String,
    #[serde(rename = "product_id")]
    product: String,
    #[serde(default = "one")]
    quantity: i64,
}

#[derive(Serialize, Deserialize)]
struct Housing {
    #[serde(rename = "product_id")]
    product: String,
    check_in: String,
    check_out: String,
}

#[derive(Serialize, Deserialize)]
struct Merch {
    #[serde(rename = "product_id")]
    product: String,
    #[serde(default = "one")]
    quantity: i64,
}

#[derive(Serialize, Deserialize)]
struct Patron {
    #[serde(rename = "product_id")]
    product: String,
    amount: f64,
    #[serde(default)]
    is_custom_amount: bool,
}

fn one() -> i64 {
    1
}

/// `state` as it is stored: complete, so that equal states are equal rows.
pub(super) fn to_json(state: &CartState) -> Json {
    let state = state.clone();
    let items = Items {
        passes: state
            .passes
            .into_iter()
            .map(|CartPass { attendee, product, quantity }| Pass { attendee, product, quantity })
            .collect(),
        housing: state.housing.map(|CartHousing { product, check_in, check_out }| Housing {
            product,
            check_in,
            check_out,
        }),
        merch: state
            .merch
            .into_iter()
            .map(|CartMerch { product, quantity }| Merch { product, quantity })
            .collect(),
        patron: state.patron.map(|CartPatron { product, amount, is_custom_amount }| Patron {
            product,
            amount,
            is_custom_amount,
        }),
        promo_code: state.promo_code,
        insurance: state.insurance,
        current_step: state.current_step,
    };
    serde_json::to_value(items).expect("texts and numbers are JSON")
}

/// What is stored in the cart `id`. What can't be read counts as nothing, so that the human can go on, and the
/// list of all carts can be seen.
pub(super) fn from_json(id: Uuid, items: Json) -> CartState {
    let items: Items = serde_json::from_value(items).unwrap_or_else(|error| {
        tracing::error!(cart.id = %id, "the items of cart {id} can't be read: {error}");
        Items::default()
    });
    CartState {
        passes: items
            .passes
            .into_iter()
            .map(|Pass { attendee, product, quantity }| CartPass { attendee, product, quantity })
            .collect(),
        housing: items.housing.map(|Housing { product, check_in, check_out }| CartHousing {
            product,
            check_in,
            check_out,
        }),
        merch: items
            .merch
            .into_iter()
            .map(|Merch { product, quantity }| CartMerch { product, quantity })
            .collect(),
        patron: items.patron.map(|Patron { product, amount, is_custom_amount }| CartPatron {
            product,
            amount,
            is_custom_amount,
        }),
        promo_code: items.promo_code,
        insurance: items.insurance,
        current_step: items.current_step,
    }
}
