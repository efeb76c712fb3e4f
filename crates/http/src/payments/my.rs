use actix_web::{
    HttpResponse, get,
    http::StatusCode,
    post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::{
    idempotency::{Once, Repeatable},
    payments::{Purchase, Sale},
};
use edgeos_domain::ApplicationId;
use edgeos_ports::{Participant, StoredAnswer};
use utoipa::IntoParams;

use super::{
    input::{ApplicationFeeCreate, PaymentCreate},
    output::{Echo, PaymentPreview, PaymentPublic, PaymentStatusCheck},
};
use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Call, RepeatHeader, replay, stored_answer},
    error::{ApiError, Problem},
    shape::{Id, Wrong},
    state::AppState,
};

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct MyPaymentsPath {
    application_id: Id,
}

/// Which stretch of a list.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct MyPaymentsQuery {
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

/// Whose newest payment.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct LatestQuery {
    application_id: Id,
}

/// What an order would cost. Nothing is bought, and no coupon is used.
#[utoipa::path(
    operation_id = "payments-preview_my_payment", tag = "payments",
    security(("OAuth2PasswordBearer" = [])), request_body = PaymentCreate,
    responses(
        (status = 200, body = PaymentPreview),
        (status = 400, body = Problem, description = "The order, the coupon or the event says no"),
        (status = 403, body = Problem, description = "The application is not accepted"),
        (status = 404, body = Problem, description = "No such application, or no such coupon"),
        (status = 429, body = Problem, description = "Too many unknown codes"),
    ),
)]
#[post("/payments/my/preview")]
pub(crate) async fn preview_my_payment(
    call: Call<Participant, (), (), PaymentCreate>,
    state: Data<AppState>,
) -> Result<Json<PaymentPreview>, ApiError> {
    let echo = Echo::of(&call.body);
    let purchase = Purchase::try_from(call.body)?;
    let quote = state.payments.preview(&call.caller, &purchase).await?;
    Ok(Json(echo.priced(&quote)))
}

/// Buys products, in place of what is pending. With nothing due they are there at once; otherwise the answer leads
/// to the checkout.
#[utoipa::path(
    operation_id = "payments-create_my_payment", tag = "payments", params(RepeatHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = PaymentCreate,
    responses(
        (status = 201, body = PaymentPublic),
        (status = 400, body = Problem, description = "The order, the coupon or the event says no"),
        (status = 403, body = Problem, description = "The application is not accepted"),
        (status = 404, body = Problem, description = "No such application, or no such coupon"),
        (status = 429, body = Problem, description = "Too many unknown codes"),
        (status = 502, body = Problem, description = "The payment provider doesn't help"),
    ),
)]
#[post("/payments/my")]
pub(crate) async fn create_my_payment(
    call: Call<Participant, (), (), PaymentCreate>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let request = call.meta.repeatable(call.caller.human().0, "payments-create_my_payment")?;
    let once = request.map(|request| Repeatable { request, render: &render });
    let purchase = Purchase::try_from(call.body)?;
    let created = Box::pin(state.payments.create(&call.caller, &purchase, once.as_ref()));
    Ok(answer(created.await?))
}

/// Opens a payment of the fee that an application waits for.
#[utoipa::path(
    operation_id = "payments-create_my_application_fee", tag = "payments",
    params(RepeatHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = ApplicationFeeCreate,
    responses(
        (status = 200, body = PaymentPublic, description = "It turns out to be paid"),
        (status = 201, body = PaymentPublic),
        (status = 400, body = Problem, description = "The event is closed, or takes no fee"),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "One is open already; the text ends with its address"),
        (status = 502, body = Problem, description = "The payment provider doesn't help"),
    ),
)]
#[post("/payments/my/application-fee")]
pub(crate) async fn create_my_application_fee(
    call: Call<Participant, (), (), ApplicationFeeCreate>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let operation = "payments-create_my_application_fee";
    let request = call.meta.repeatable(call.caller.human().0, operation)?;
    let once = request.map(|request| Repeatable { request, render: &render });
    let application = ApplicationId(call.body.application_id.0);
    let created = Box::pin(state.payments.create_fee(&call.caller, application, once.as_ref()));
    Ok(answer(created.await?))
}

/// How far the newest payment of an application is.
#[utoipa::path(
    operation_id = "payments-get_my_latest_payment", tag = "payments", params(LatestQuery),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = PaymentStatusCheck), (status = 404, body = Problem)),
)]
#[get("/payments/my/latest")]
pub(crate) async fn get_my_latest_payment(
    call: Call<Participant, (), LatestQuery>,
    state: Data<AppState>,
) -> Result<Json<PaymentStatusCheck>, ApiError> {
    let application = ApplicationId(call.query.application_id.0);
    let latest = state.payments.latest(&call.caller, application).await?;
    Ok(Json(PaymentStatusCheck::new(latest)))
}

/// The payments of an application, newest first.
#[utoipa::path(
    operation_id = "payments-list_my_payments", tag = "payments",
    params(MyPaymentsPath, MyPaymentsQuery), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<PaymentPublic>), (status = 404, body = Problem)),
)]
#[get("/payments/my/{application_id}")]
pub(crate) async fn list_my_payments(
    call: Call<Participant, MyPaymentsPath, MyPaymentsQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<PaymentPublic>>, ApiError> {
    let paging = paging(call.query.skip, call.query.limit);
    let application = ApplicationId(call.path.application_id.0);
    let page = state.payments.list_mine(&call.caller, application, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

fn status(sale: &Sale) -> StatusCode {
    if sale.is_new { StatusCode::CREATED } else { StatusCode::OK }
}

fn render(sale: &Sale) -> StoredAnswer {
    stored_answer(status(sale), &PaymentPublic::from(sale.view.clone()))
}

fn answer(outcome: Once<Sale>) -> HttpResponse {
    match outcome {
        Once::Done(sale) => HttpResponse::build(status(&sale)).json(PaymentPublic::from(sale.view)),
        Once::Repeated(answer) => replay(answer),
    }
}
