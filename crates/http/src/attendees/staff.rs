use actix_web::{
    HttpResponse, delete, get, patch,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{ApplicationId, AttendeeId, CheckInCode, PopupId};
use edgeos_ports::{AttendeeFilter, Reader, Writer};
use utoipa::IntoParams;

use super::{
    input::AttendeeUpdate,
    output::{AttendeePublic, AttendeeWithTickets},
};
use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    shape::{AnyText, Id, Text, Wrong},
    state::AppState,
};

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct AttendeePath {
    pub(crate) attendee_id: Id,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct CodePath {
    /// As printed, in any letter case, or the text of the QR code.
    code: AnyText,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct EmailPath {
    /// In any letter case.
    email: AnyText,
}

/// Which attendees, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct AttendeeQuery {
    #[deserr(default)]
    application_id: Option<Id>,
    #[deserr(default)]
    popup_id: Option<Id>,
    /// The whole address, in any letter case.
    #[deserr(default)]
    email: Option<Text<255>>,
    /// Part of the name or the e-mail.
    #[deserr(default)]
    search: Option<Text<255>>,
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

/// The organisation's attendees, newest first.
#[utoipa::path(
    operation_id = "attendees-list_attendees", tag = "attendees",
    params(AttendeeQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<AttendeePublic>)),
)]
#[get("/attendees")]
pub(crate) async fn list_attendees(
    call: Call<Reader, (), AttendeeQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<AttendeePublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let filter = AttendeeFilter {
        application: query.application_id.map(|id| ApplicationId(id.0)),
        popup: query.popup_id.map(|id| PopupId(id.0)),
        email: query.email.and_then(Text::filled),
        search: query.search.and_then(Text::filled),
    };
    let page = state.attendees.list(&call.caller, &filter, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Whom a check-in code stands for. Records nothing.
#[utoipa::path(
    operation_id = "attendees-get_by_check_in_code", tag = "attendees",
    params(CodePath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = AttendeePublic),
        (status = 404, body = Problem),
        (status = 429, body = Problem, description = "Too many look-ups and scans"),
    ),
)]
#[get("/attendees/check-in/{code}")]
pub(crate) async fn get_by_check_in_code(
    call: Call<Reader, CodePath>,
    state: Data<AppState>,
) -> Result<Json<AttendeePublic>, ApiError> {
    let code = CheckInCode::sent(&call.path.code);
    Ok(Json(state.attendees.by_code(&call.caller, code).await?.into()))
}

/// The tickets of whoever has an address and holds products, newest first.
#[utoipa::path(
    operation_id = "attendees-get_tickets_by_email", tag = "attendees",
    params(EmailPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Vec<AttendeeWithTickets>)),
)]
#[get("/attendees/tickets/{email}")]
pub(crate) async fn get_tickets_by_email(
    call: Call<Reader, EmailPath>,
    state: Data<AppState>,
) -> Result<Json<Vec<AttendeeWithTickets>>, ApiError> {
    let tickets = state.attendees.tickets_by_email(&call.caller, &call.path.email).await?;
    Ok(Json(tickets.into_iter().map(Into::into).collect()))
}

/// One attendee.
#[utoipa::path(
    operation_id = "attendees-get_attendee", tag = "attendees",
    params(AttendeePath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = AttendeePublic), (status = 404, body = Problem)),
)]
#[get("/attendees/{attendee_id}")]
pub(crate) async fn get_attendee(
    call: Call<Reader, AttendeePath>,
    state: Data<AppState>,
) -> Result<Json<AttendeePublic>, ApiError> {
    let id = AttendeeId(call.path.attendee_id.0);
    Ok(Json(state.attendees.get(&call.caller, id).await?.into()))
}

/// Changes an attendee, the applicant included.
#[utoipa::path(
    operation_id = "attendees-update_attendee", tag = "attendees",
    params(AttendeePath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = AttendeeUpdate,
    responses(
        (status = 200, body = AttendeePublic),
        (status = 400, body = Problem, description = "Another attendee of the application has the address"),
        (status = 404, body = Problem),
    ),
)]
#[patch("/attendees/{attendee_id}")]
pub(crate) async fn update_attendee(
    call: Call<Writer, AttendeePath, (), AttendeeUpdate>,
    state: Data<AppState>,
) -> Result<Json<AttendeePublic>, ApiError> {
    let id = AttendeeId(call.path.attendee_id.0);
    Ok(Json(state.attendees.update(&call.caller, id, call.body.into()).await?.into()))
}

/// Deletes a companion.
#[utoipa::path(
    operation_id = "attendees-delete_attendee", tag = "attendees",
    params(AttendeePath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 400, body = Problem, description = "The main attendee, or products are held or being paid"),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Named in a payment, or checked in"),
    ),
)]
#[delete("/attendees/{attendee_id}")]
pub(crate) async fn delete_attendee(
    call: Call<Writer, AttendeePath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let id = AttendeeId(call.path.attendee_id.0);
    state.attendees.delete(&call.caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
