use actix_web::{
    HttpResponse, delete, get, patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::check_ins::Admission;
use edgeos_domain::{AttendeeId, CheckIn, CheckInChange, CheckInCode, Patch, PopupId};
use edgeos_ports::{CheckInFilter, Reader, Writer};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::{Instant, Limit, ListModel, Skip, paging},
    attendees::{AttendeePath, AttendeePublic},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    shape::{self, AnyText, Flag, Id, Moment, Text, Wrong},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(scan_code)
        .service(list_check_ins)
        .service(update_check_in)
        .service(delete_check_in);
}

/// A code at the door of an event.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CheckInScan {
    /// As printed, in any letter case, or the text of the QR code.
    code: AnyText,
    popup_id: Id,
}

/// When somebody came and left, by hand.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CheckInUpdate {
    #[deserr(default)]
    arrival_date: shape::Patch<Moment>,
    #[deserr(default)]
    departure_date: shape::Patch<Moment>,
}

/// When somebody came and left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckInPublic {
    id: Uuid,
    tenant_id: Uuid,
    attendee_id: Uuid,
    arrival_date: Option<Instant>,
    departure_date: Option<Instant>,
    /// Whether the code was scanned.
    qr_check_in: bool,
    /// When the code was scanned last.
    qr_scan_timestamp: Option<Instant>,
    created_at: Instant,
}

/// Who is at the door.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckInScanResult {
    /// Whether the attendee hadn't arrived before.
    first: bool,
    attendee: AttendeePublic,
    check_in: CheckInPublic,
    /// What to look at: `outside_product_dates`, `popup_not_started`, `popup_ended`, `departed`.
    warnings: Vec<String>,
}

/// An attendee, and when they came and left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckInEntry {
    /// Null while nothing is known.
    #[schema(required)]
    check_in: Option<CheckInPublic>,
    attendee: AttendeePublic,
}

/// Which attendees, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct CheckInQuery {
    popup_id: Id,
    /// Only those who have arrived, or only those who haven't.
    #[deserr(default)]
    arrived: Option<Flag>,
    /// Part of the name or the e-mail.
    #[deserr(default)]
    search: Option<Text<255>>,
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

/// Lets somebody in by the code. A second scan is fine: the first arrival stays.
#[utoipa::path(
    operation_id = "check-ins-scan_code", tag = "check-ins", params(TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = CheckInScan,
    responses(
        (status = 200, body = CheckInScanResult),
        (status = 404, body = Problem, description = "No such event, or nobody of it has the code"),
        (status = 409, body = Problem, description = "Not accepted, or no product is held"),
        (status = 429, body = Problem, description = "Too many look-ups and scans"),
    ),
)]
#[post("/check-ins/scan")]
pub(crate) async fn scan_code(
    call: Call<Writer, (), (), CheckInScan>,
    state: Data<AppState>,
) -> Result<Json<CheckInScanResult>, ApiError> {
    let popup = PopupId(call.body.popup_id.0);
    let code = CheckInCode::sent(&call.body.code);
    Ok(Json(state.check_ins.scan(&call.caller, popup, code).await?.into()))
}

/// The attendees of an event, who arrived last first, then those who haven't by name.
#[utoipa::path(
    operation_id = "check-ins-list_check_ins", tag = "check-ins",
    params(CheckInQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<CheckInEntry>)),
)]
#[get("/check-ins")]
pub(crate) async fn list_check_ins(
    call: Call<Reader, (), CheckInQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<CheckInEntry>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let filter = CheckInFilter {
        popup: PopupId(query.popup_id.0),
        arrived: query.arrived.map(|arrived| arrived.0),
        search: query.search.and_then(Text::filled),
    };
    let page = state.check_ins.list(&call.caller, &filter, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Writes down by hand when an attendee came and left.
#[utoipa::path(
    operation_id = "check-ins-update_check_in", tag = "check-ins",
    params(AttendeePath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = CheckInUpdate,
    responses((status = 200, body = CheckInPublic), (status = 404, body = Problem)),
)]
#[patch("/check-ins/{attendee_id}")]
pub(crate) async fn update_check_in(
    call: Call<Writer, AttendeePath, (), CheckInUpdate>,
    state: Data<AppState>,
) -> Result<Json<CheckInPublic>, ApiError> {
    let attendee = AttendeeId(call.path.attendee_id.0);
    let change = call.body.into();
    Ok(Json(state.check_ins.update(&call.caller, attendee, change).await?.into()))
}

/// Takes a mistaken check-in back.
#[utoipa::path(
    operation_id = "check-ins-delete_check_in", tag = "check-ins",
    params(AttendeePath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/check-ins/{attendee_id}")]
pub(crate) async fn delete_check_in(
    call: Call<Writer, AttendeePath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let attendee = AttendeeId(call.path.attendee_id.0);
    state.check_ins.delete(&call.caller, attendee).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<CheckInUpdate> for CheckInChange {
    fn from(body: CheckInUpdate) -> Self {
        Self {
            arrival_date: Patch::from(body.arrival_date).map(|time| time.0),
            departure_date: Patch::from(body.departure_date).map(|time| time.0),
        }
    }
}

impl From<CheckIn> for CheckInPublic {
    fn from(check_in: CheckIn) -> Self {
        Self {
            id: check_in.id.0,
            tenant_id: check_in.tenant.0,
            attendee_id: check_in.attendee.0,
            arrival_date: check_in.arrival_date.map(Into::into),
            departure_date: check_in.departure_date.map(Into::into),
            qr_check_in: check_in.qr_check_in,
            qr_scan_timestamp: check_in.qr_scan_timestamp.map(Into::into),
            created_at: check_in.created_at.into(),
        }
    }
}

impl From<Admission> for CheckInScanResult {
    fn from(admission: Admission) -> Self {
        let warnings = admission.warnings.into_iter();
        Self {
            first: admission.first,
            attendee: admission.attendee.into(),
            check_in: admission.check_in.into(),
            warnings: warnings.map(|warning| warning.as_str().to_owned()).collect(),
        }
    }
}

impl From<edgeos_ports::CheckInEntry> for CheckInEntry {
    fn from(entry: edgeos_ports::CheckInEntry) -> Self {
        Self { check_in: entry.check_in.map(Into::into), attendee: entry.attendee.into() }
    }
}
