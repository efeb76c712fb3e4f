use edgeos_domain::{Cart, CartHousing, CartMerch, CartPass, CartPatron, CartState as Items};
use edgeos_ports::{CartPayment, CartView};
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::input::CartState;
use crate::answer::Instant;

/// A human's cart in an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CartPublic {
    id: Uuid,
    human_id: Uuid,
    popup_id: Uuid,
    #[schema(value_type = CartState)]
    items: ShownItems,
    created_at: Option<Instant>,
    updated_at: Option<Instant>,
}

/// A purchase that isn't finished.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AbandonedCartPublic {
    id: Uuid,
    #[schema(value_type = CartState)]
    items: ShownItems,
    created_at: Option<Instant>,
    updated_at: Option<Instant>,
    human: CartHumanInfo,
    popup: CartPopupInfo,
    /// What the human has begun to pay for passes there, and hasn't paid; newest first.
    #[schema(default = json!([]))]
    payments: Vec<CartPaymentInfo>,
}

/// Whose cart it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CartHumanInfo {
    id: Uuid,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
}

/// Where a cart is to be bought.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CartPopupInfo {
    id: Uuid,
    name: String,
    slug: String,
}

/// An attempt to pay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CartPaymentInfo {
    id: Uuid,
    /// `pending` or `expired`.
    status: String,
    /// What is due, in USD.
    amount: f64,
    currency: String,
    created_at: Option<Instant>,
}

/// What is in a cart: [`CartState`], as it is stored.
#[derive(Debug, Serialize)]
struct ShownItems {
    passes: Vec<ShownPass>,
    housing: Option<ShownHousing>,
    merch: Vec<ShownMerch>,
    patron: Option<ShownPatron>,
    promo_code: Option<String>,
    insurance: bool,
    current_step: Option<String>,
}

#[derive(Debug, Serialize)]
struct ShownPass {
    #[serde(rename = "attendee_id")]
    attendee: String,
    #[serde(rename = "product_id")]
    product: String,
    quantity: i64,
}

#[derive(Debug, Serialize)]
struct ShownHousing {
    #[serde(rename = "product_id")]
    product: String,
    check_in: String,
    check_out: String,
}

#[derive(Debug, Serialize)]
struct ShownMerch {
    #[serde(rename = "product_id")]
    product: String,
    quantity: i64,
}

#[derive(Debug, Serialize)]
struct ShownPatron {
    #[serde(rename = "product_id")]
    product: String,
    amount: f64,
    is_custom_amount: bool,
}

impl From<Items> for ShownItems {
    fn from(items: Items) -> Self {
        let pass =
            |CartPass { attendee, product, quantity }| ShownPass { attendee, product, quantity };
        let merch = |CartMerch { product, quantity }| ShownMerch { product, quantity };
        let housing = |CartHousing { product, check_in, check_out }| ShownHousing {
            product,
            check_in,
            check_out,
        };
        let patron = |CartPatron { product, amount, is_custom_amount }| ShownPatron {
            product,
            amount,
            is_custom_amount,
        };
        Self {
            passes: items.passes.into_iter().map(pass).collect(),
            housing: items.housing.map(housing),
            merch: items.merch.into_iter().map(merch).collect(),
            patron: items.patron.map(patron),
            promo_code: items.promo_code,
            insurance: items.insurance,
            current_step: items.current_step,
        }
    }
}

impl From<Cart> for CartPublic {
    fn from(cart: Cart) -> Self {
        Self {
            id: cart.id.0,
            human_id: cart.human.0,
            popup_id: cart.popup.0,
            items: cart.items.into(),
            created_at: Some(cart.created_at.into()),
            updated_at: Some(cart.updated_at.into()),
        }
    }
}

impl From<CartView> for AbandonedCartPublic {
    fn from(CartView { cart, human, popup, payments }: CartView) -> Self {
        Self {
            id: cart.id.0,
            items: cart.items.into(),
            created_at: Some(cart.created_at.into()),
            updated_at: Some(cart.updated_at.into()),
            human: CartHumanInfo {
                id: cart.human.0,
                email: human.email,
                first_name: human.first_name,
                last_name: human.last_name,
            },
            popup: CartPopupInfo { id: cart.popup.0, name: popup.name, slug: popup.slug },
            payments: payments.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<CartPayment> for CartPaymentInfo {
    fn from(payment: CartPayment) -> Self {
        Self {
            id: payment.id.0,
            status: payment.status,
            // Ten digits at most: the shortest text of the number has the same ones.
            amount: payment.amount.to_f64().unwrap_or_default(),
            currency: payment.currency,
            created_at: Some(payment.created_at.into()),
        }
    }
}
