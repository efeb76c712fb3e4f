use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{
    Coupon, CouponChange, CouponCode, CouponId, InvalidCouponCode, NewCoupon, PopupId,
};
use edgeos_ports::{CouponFilter, Participant, Reader, Writer};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::{Instant, Limit, ListModel, Skip, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    shape::{Count, CouponPercent, Flag, FromText, Id, Moment, Parsed, Patch, Sent, Text, Wrong},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(validate_coupon)
        .service(list_coupons)
        .service(create_coupon)
        .service(get_coupon)
        .service(update_coupon)
        .service(delete_coupon);
}

type CodeText = Parsed<CouponCode>;

impl FromText for CouponCode {
    // With room for the blanks around it.
    const MAX: usize = 1000;
    type Refusal = InvalidCouponCode;

    fn from_text(text: &str) -> Result<Self, InvalidCouponCode> {
        Self::parse(text)
    }
}

/// A new coupon.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CouponCreate {
    popup_id: Id,
    /// What people type, in any letter case.
    code: CodeText,
    /// What it takes off, in percent: 0, 10, 20, …, 100.
    discount_value: CouponPercent,
    /// How often it can be used; null is any number of times.
    #[deserr(default)]
    max_uses: Option<Count>,
    #[deserr(default)]
    start_date: Option<Moment>,
    #[deserr(default)]
    end_date: Option<Moment>,
    #[deserr(default = Flag(true))]
    #[schema(default = true)]
    is_active: Flag,
}

/// A change of a coupon.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CouponUpdate {
    #[deserr(default)]
    code: Sent<CodeText>,
    #[deserr(default)]
    discount_value: Sent<CouponPercent>,
    #[deserr(default)]
    max_uses: Patch<Count>,
    #[deserr(default)]
    start_date: Patch<Moment>,
    #[deserr(default)]
    end_date: Patch<Moment>,
    #[deserr(default)]
    is_active: Sent<Flag>,
}

/// A code that somebody tries.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CouponValidate {
    popup_id: Id,
    code: Text<1000>,
}

/// A code that takes a percentage off an order of one event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CouponPublic {
    tenant_id: Uuid,
    popup_id: Uuid,
    code: String,
    /// What it takes off, in percent.
    #[schema(default = 0)]
    discount_value: u8,
    /// How often it can be used; null is any number of times.
    max_uses: Option<u32>,
    /// How many payments, pending or paid, use it.
    #[schema(default = 0)]
    current_uses: u32,
    /// The first instant at which it counts.
    start_date: Option<Instant>,
    /// The last instant at which it counts.
    end_date: Option<Instant>,
    #[schema(default = true)]
    is_active: bool,
    id: Uuid,
    created_at: Instant,
    updated_at: Instant,
}

/// Which coupons, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct CouponQuery {
    /// Those of this event.
    #[deserr(default)]
    popup_id: Option<Id>,
    #[deserr(default)]
    is_active: Option<Flag>,
    /// Part of the code.
    #[deserr(default)]
    search: Option<Text<255>>,
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct CouponPath {
    coupon_id: Id,
}

/// Tells what a code is worth now. Takes no use.
#[utoipa::path(
    operation_id = "coupons-validate_coupon", tag = "coupons",
    security(("OAuth2PasswordBearer" = [])), request_body = CouponValidate,
    responses(
        (status = 200, body = CouponPublic),
        (status = 400, body = Problem, description = "It doesn't count, and why"),
        (status = 404, body = Problem, description = "No such code"),
        (status = 429, body = Problem, description = "Too many unknown codes"),
    ),
)]
#[post("/coupons/validate")]
pub(crate) async fn validate_coupon(
    call: Call<Participant, (), (), CouponValidate>,
    state: Data<AppState>,
) -> Result<Json<CouponPublic>, ApiError> {
    let popup = PopupId(call.body.popup_id.0);
    let coupon = state.coupons.validate(&call.caller, popup, &call.body.code).await?;
    Ok(Json(coupon.into()))
}

/// The organisation's coupons, the oldest first.
#[utoipa::path(
    operation_id = "coupons-list_coupons", tag = "coupons", params(CouponQuery, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<CouponPublic>)),
)]
#[get("/coupons")]
pub(crate) async fn list_coupons(
    call: Call<Reader, (), CouponQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<CouponPublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let filter = CouponFilter {
        popup: query.popup_id.map(|id| PopupId(id.0)),
        is_active: query.is_active.map(|flag| flag.0),
        search: query.search.and_then(Text::filled),
    };
    let page = state.coupons.list(&call.caller, &filter, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Makes a coupon for orders of an event.
#[utoipa::path(
    operation_id = "coupons-create_coupon", tag = "coupons", params(TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = CouponCreate,
    responses(
        (status = 201, body = CouponPublic),
        (status = 400, body = Problem, description = "The event has the code already"),
        (status = 404, body = Problem, description = "No such event"),
    ),
)]
#[post("/coupons")]
pub(crate) async fn create_coupon(
    call: Call<Writer, (), (), CouponCreate>,
    state: Data<AppState>,
) -> Result<(Json<CouponPublic>, StatusCode), ApiError> {
    let popup = PopupId(call.body.popup_id.0);
    let coupon = state.coupons.create(&call.caller, popup, call.body.into()).await?;
    Ok((Json(coupon.into()), StatusCode::CREATED))
}

/// One coupon.
#[utoipa::path(
    operation_id = "coupons-get_coupon", tag = "coupons", params(CouponPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = CouponPublic), (status = 404, body = Problem)),
)]
#[get("/coupons/{coupon_id}")]
pub(crate) async fn get_coupon(
    call: Call<Reader, CouponPath>,
    state: Data<AppState>,
) -> Result<Json<CouponPublic>, ApiError> {
    let coupon = state.coupons.get(&call.caller, CouponId(call.path.coupon_id.0)).await?;
    Ok(Json(coupon.into()))
}

/// Changes a coupon, for orders to come.
#[utoipa::path(
    operation_id = "coupons-update_coupon", tag = "coupons", params(CouponPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = CouponUpdate,
    responses(
        (status = 200, body = CouponPublic),
        (status = 400, body = Problem, description = "The event has the code already"),
        (status = 404, body = Problem),
    ),
)]
#[patch("/coupons/{coupon_id}")]
pub(crate) async fn update_coupon(
    call: Call<Writer, CouponPath, (), CouponUpdate>,
    state: Data<AppState>,
) -> Result<Json<CouponPublic>, ApiError> {
    let id = CouponId(call.path.coupon_id.0);
    let coupon = state.coupons.update(&call.caller, id, call.body.into()).await?;
    Ok(Json(coupon.into()))
}

/// Deletes a coupon. Payments that used it keep code and discount.
#[utoipa::path(
    operation_id = "coupons-delete_coupon", tag = "coupons", params(CouponPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/coupons/{coupon_id}")]
pub(crate) async fn delete_coupon(
    call: Call<Writer, CouponPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.coupons.delete(&call.caller, CouponId(call.path.coupon_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<CouponCreate> for NewCoupon {
    fn from(body: CouponCreate) -> Self {
        Self {
            code: body.code.0,
            discount: body.discount_value.0,
            max_uses: body.max_uses.map(Count::count32),
            start_date: body.start_date.map(|time| time.0),
            end_date: body.end_date.map(|time| time.0),
            is_active: body.is_active.0,
        }
    }
}

impl From<CouponUpdate> for CouponChange {
    fn from(body: CouponUpdate) -> Self {
        Self {
            code: body.code.map(|code| code.0),
            discount: body.discount_value.map(|discount| discount.0),
            max_uses: body.max_uses.map(Count::count32).into(),
            start_date: body.start_date.map(|time| time.0).into(),
            end_date: body.end_date.map(|time| time.0).into(),
            is_active: body.is_active.map(Into::into),
        }
    }
}

impl From<Coupon> for CouponPublic {
    fn from(coupon: Coupon) -> Self {
        Self {
            tenant_id: coupon.tenant.0,
            popup_id: coupon.popup.0,
            code: coupon.code.as_str().to_owned(),
            discount_value: coupon.discount.percent(),
            max_uses: coupon.max_uses,
            current_uses: coupon.current_uses,
            start_date: coupon.period.start().map(Into::into),
            end_date: coupon.period.end().map(Into::into),
            is_active: coupon.is_active,
            id: coupon.id.0,
            created_at: coupon.created_at.into(),
            updated_at: coupon.updated_at.into(),
        }
    }
}
