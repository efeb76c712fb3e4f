use actix_web::{
    HttpResponse, delete, get, put,
    web::{Data, Json},
};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use edgeos_domain::{
    Cart, CartHousing, CartMerch, CartPass, CartPatron, CartState as Items, PopupId,
};
use edgeos_ports::{CartPayment, CartView, Participant, Reader};
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::{Instant, Limit, ListModel, Skip, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    popups::PopupPath,
    shape::{Described, Fault, Flag, Id, List, Number, Text, Whole, Wrong, described},
    state::AppState,
};

/// The longest body that a cart comes in, in bytes.
const CART_MAX: usize = 64 << 10;

type CartText = Text<{ Items::TEXT_MAX }>;
type Quantity = Whole<1, { Items::QUANTITY_MAX }>;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_abandoned_carts)
        .service(get_my_cart)
        .service(update_my_cart)
        .service(delete_my_cart);
}

/// A cart to be kept.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartUpdate {
    items: CartState,
}

/// How far a purchase has come; what is left out has its default.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartState {
    #[deserr(default)]
    #[schema(default = json!([]))]
    passes: List<CartItemPass, { Items::PASSES_MAX }>,
    #[deserr(default)]
    housing: Option<CartItemHousing>,
    #[deserr(default)]
    #[schema(default = json!([]))]
    merch: List<CartItemMerch, { Items::MERCH_MAX }>,
    #[deserr(default)]
    patron: Option<CartItemPatron>,
    #[deserr(default)]
    promo_code: Option<CartText>,
    #[deserr(default)]
    #[schema(default = false)]
    insurance: Flag,
    /// `passes`, `patron`, `housing`, `merch`, `confirm`, or another text.
    #[deserr(default)]
    current_step: Option<CartText>,
}

/// A ticket for an attendee.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartItemPass {
    attendee_id: CartText,
    product_id: CartText,
    #[deserr(default = Quantity::new(1))]
    #[schema(default = 1)]
    quantity: Quantity,
}

/// A place to sleep.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartItemHousing {
    product_id: CartText,
    check_in: CartText,
    check_out: CartText,
}

/// Goods.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartItemMerch {
    product_id: CartText,
    #[deserr(default = Quantity::new(1))]
    #[schema(default = 1)]
    quantity: Quantity,
}

/// A contribution.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartItemPatron {
    product_id: CartText,
    amount: Contribution,
    #[deserr(default)]
    #[schema(default = false)]
    is_custom_amount: Flag,
}

/// How much somebody contributes.
#[derive(Debug)]
pub(crate) struct Contribution(f64);

/// Which carts, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct CartQuery {
    #[deserr(default)]
    popup_id: Option<Id>,
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

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

/// The carts of the organisation, the latest change first.
#[utoipa::path(
    operation_id = "carts-list_abandoned_carts", tag = "carts", params(CartQuery, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<AbandonedCartPublic>)),
)]
#[get("/carts")]
pub(crate) async fn list_abandoned_carts(
    call: Call<Reader, (), CartQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<AbandonedCartPublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let popup = query.popup_id.map(|id| PopupId(id.0));
    let page = state.carts.list(&call.caller, popup, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// One's own cart in an event; null if there is none.
#[utoipa::path(
    operation_id = "carts-get_my_cart", tag = "carts", params(PopupPath),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Option<CartPublic>)),
)]
#[get("/carts/my/{popup_id}")]
pub(crate) async fn get_my_cart(
    call: Call<Participant, PopupPath>,
    state: Data<AppState>,
) -> Result<Json<Option<CartPublic>>, ApiError> {
    let cart = state.carts.mine(&call.caller, PopupId(call.path.popup_id.0)).await?;
    Ok(Json(cart.map(Into::into)))
}

/// Keeps one's own cart in an event, in place of what was in it. At most 64 KiB.
#[utoipa::path(
    operation_id = "carts-update_my_cart", tag = "carts", params(PopupPath),
    security(("OAuth2PasswordBearer" = [])), request_body = CartUpdate,
    responses((status = 200, body = CartPublic), (status = 404, body = Problem)),
)]
#[put("/carts/my/{popup_id}")]
pub(crate) async fn update_my_cart(
    call: Call<Participant, PopupPath, (), CartUpdate, CART_MAX>,
    state: Data<AppState>,
) -> Result<Json<CartPublic>, ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    Ok(Json(state.carts.put(&call.caller, popup, call.body.items.into()).await?.into()))
}

/// Empties one's own cart in an event, if there is one.
#[utoipa::path(
    operation_id = "carts-delete_my_cart", tag = "carts", params(PopupPath),
    security(("OAuth2PasswordBearer" = [])), responses((status = 204)),
)]
#[delete("/carts/my/{popup_id}")]
pub(crate) async fn delete_my_cart(
    call: Call<Participant, PopupPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.carts.delete(&call.caller, PopupId(call.path.popup_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl Deserr<Wrong> for Contribution {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let amount = Number::deserialize_from_value(value, location)?.0;
        let max = CartPatron::AMOUNT_MAX;
        if amount < 0.0 {
            let msg = "Input should be greater than or equal to 0";
            return Err(Wrong::value(location, Fault::GreaterThanEqual, msg).ctx("ge", 0));
        }
        if amount > max {
            let msg = format!("Input should be less than or equal to {max}");
            return Err(Wrong::value(location, Fault::LessThanEqual, msg).ctx("le", max));
        }
        Ok(Self(amount))
    }
}

impl Described for Contribution {
    fn describe() -> serde_json::Value {
        json!({ "type": "number", "minimum": 0, "maximum": CartPatron::AMOUNT_MAX })
    }
}

described!([] Contribution);

impl From<CartState> for Items {
    fn from(state: CartState) -> Self {
        let text = |text: Option<CartText>| text.map(Text::into_inner);
        Self {
            passes: state.passes.0.into_iter().map(Into::into).collect(),
            housing: state.housing.map(Into::into),
            merch: state.merch.0.into_iter().map(Into::into).collect(),
            patron: state.patron.map(Into::into),
            promo_code: text(state.promo_code),
            insurance: state.insurance.0,
            current_step: text(state.current_step),
        }
    }
}

impl From<CartItemPass> for CartPass {
    fn from(pass: CartItemPass) -> Self {
        Self {
            attendee: pass.attendee_id.into_inner(),
            product: pass.product_id.into_inner(),
            quantity: pass.quantity.get(),
        }
    }
}

impl From<CartItemHousing> for CartHousing {
    fn from(housing: CartItemHousing) -> Self {
        Self {
            product: housing.product_id.into_inner(),
            check_in: housing.check_in.into_inner(),
            check_out: housing.check_out.into_inner(),
        }
    }
}

impl From<CartItemMerch> for CartMerch {
    fn from(merch: CartItemMerch) -> Self {
        Self { product: merch.product_id.into_inner(), quantity: merch.quantity.get() }
    }
}

impl From<CartItemPatron> for CartPatron {
    fn from(patron: CartItemPatron) -> Self {
        Self {
            product: patron.product_id.into_inner(),
            amount: patron.amount.0,
            is_custom_amount: patron.is_custom_amount.0,
        }
    }
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
