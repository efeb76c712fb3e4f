mod input;
mod output;

use actix_web::{
    HttpResponse, delete, get, put,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::PopupId;
use edgeos_ports::{Participant, Reader};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use self::{
    input::CartUpdate,
    output::{AbandonedCartPublic, CartPublic},
};
use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    popups::PopupPath,
    shape::{Id, Wrong},
    state::AppState,
};

/// The longest body that a cart comes in, in bytes.
const CART_MAX: usize = 64 << 10;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_abandoned_carts)
        .service(get_my_cart)
        .service(update_my_cart)
        .service(delete_my_cart);
}

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
