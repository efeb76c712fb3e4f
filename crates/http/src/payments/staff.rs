use actix_web::{
    get, patch,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::PaymentId;
use edgeos_ports::{Reader, Writer};
use utoipa::IntoParams;

use super::{
    input::{PaymentQuery, PaymentUpdate},
    output::PaymentPublic,
};
use crate::{
    answer::{ListModel, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    shape::{Id, Wrong},
    state::AppState,
};

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct PaymentPath {
    pub(super) payment_id: Id,
}

/// The organisation's payments, newest first.
#[utoipa::path(
    operation_id = "payments-list_payments", tag = "payments", params(PaymentQuery, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<PaymentPublic>)),
)]
#[get("/payments")]
pub(crate) async fn list_payments(
    call: Call<Reader, (), PaymentQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<PaymentPublic>>, ApiError> {
    let paging = paging(call.query.skip, call.query.limit);
    let page = state.payments.list(&call.caller, &call.query.into(), paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// One payment.
#[utoipa::path(
    operation_id = "payments-get_payment", tag = "payments", params(PaymentPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = PaymentPublic), (status = 404, body = Problem)),
)]
#[get("/payments/{payment_id}")]
pub(crate) async fn get_payment(
    call: Call<Reader, PaymentPath>,
    state: Data<AppState>,
) -> Result<Json<PaymentPublic>, ApiError> {
    let id = PaymentId(call.path.payment_id.0);
    Ok(Json(state.payments.get(&call.caller, id).await?.into()))
}

/// Changes a payment by hand. A new status has all the consequences that it has elsewhere.
#[utoipa::path(
    operation_id = "payments-update_payment", tag = "payments", params(PaymentPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = PaymentUpdate,
    responses(
        (status = 200, body = PaymentPublic),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It can't become that, or another one has the external id"),
    ),
)]
#[patch("/payments/{payment_id}")]
pub(crate) async fn update_payment(
    call: Call<Writer, PaymentPath, (), PaymentUpdate>,
    state: Data<AppState>,
) -> Result<Json<PaymentPublic>, ApiError> {
    let id = PaymentId(call.path.payment_id.0);
    Ok(Json(state.payments.update(&call.caller, id, call.body.into()).await?.into()))
}
