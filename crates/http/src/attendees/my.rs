use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::idempotency::{Once, Repeatable};
use edgeos_domain::{AttendeeId, PopupId};
use edgeos_ports::{ApplicationView, Participant};
use utoipa::IntoParams;

use super::{
    input::{AttendeeCreate, AttendeeUpdate},
    output::AttendeeWithTickets,
};
use crate::{
    applications::ApplicationPublic,
    call::{Call, RepeatHeader, replay, stored_answer},
    error::{ApiError, Problem},
    popups::PopupPath,
    shape::{Id, Wrong},
    state::AppState,
};

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct MyAttendeePath {
    popup_id: Id,
    attendee_id: Id,
}

/// One's own tickets for all events, as applicant and as companion, newest first.
#[utoipa::path(
    operation_id = "applications-list_my_tickets", tag = "applications",
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Vec<AttendeeWithTickets>)),
)]
#[get("/applications/my/tickets")]
pub(crate) async fn list_my_tickets(
    call: Call<Participant>,
    state: Data<AppState>,
) -> Result<Json<Vec<AttendeeWithTickets>>, ApiError> {
    let tickets = state.attendees.my_tickets(&call.caller).await?;
    Ok(Json(tickets.into_iter().map(Into::into).collect()))
}

/// Ends one's being a companion at an event. Who brought the companion keeps the attendee, without address.
#[utoipa::path(
    operation_id = "applications-decline_my_participation", tag = "applications", params(PopupPath),
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 400, body = Problem, description = "Holds products"),
        (status = 404, body = Problem, description = "Not a companion there"),
    ),
)]
#[delete("/applications/my/participation/{popup_id}")]
pub(crate) async fn decline_my_participation(
    call: Call<Participant, PopupPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    state.applications.decline_participation(&call.caller, popup).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Adds a companion to one's own application.
#[utoipa::path(
    operation_id = "applications-add_my_attendee", tag = "applications",
    params(PopupPath, RepeatHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = AttendeeCreate,
    responses(
        (status = 201, body = ApplicationPublic),
        (status = 400, body = Problem, description = "The event, the application or the other attendees say no"),
        (status = 404, body = Problem, description = "No application"),
    ),
)]
#[post("/applications/my/{popup_id}/attendees")]
pub(crate) async fn add_my_attendee(
    call: Call<Participant, PopupPath, (), AttendeeCreate>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let operation = "applications-add_my_attendee";
    let request = call.meta.repeatable(call.caller.human().0, operation)?;
    let render = |view: &ApplicationView| {
        stored_answer(StatusCode::CREATED, &ApplicationPublic::from(view.clone()))
    };
    let once = request.map(|request| Repeatable { request, render: &render });
    let popup = PopupId(call.path.popup_id.0);
    let new = call.body.into();
    let added = state.applications.add_attendee(&call.caller, popup, new, once.as_ref()).await?;
    Ok(match added {
        Once::Done(view) => HttpResponse::Created().json(ApplicationPublic::from(view)),
        Once::Repeated(answer) => replay(answer),
    })
}

/// Changes an attendee, oneself included, of one's own application.
#[utoipa::path(
    operation_id = "applications-update_my_attendee", tag = "applications",
    params(MyAttendeePath), security(("OAuth2PasswordBearer" = [])), request_body = AttendeeUpdate,
    responses(
        (status = 200, body = ApplicationPublic),
        (status = 400, body = Problem, description = "Another attendee has the address"),
        (status = 404, body = Problem, description = "No application, or not its attendee"),
    ),
)]
#[patch("/applications/my/{popup_id}/attendees/{attendee_id}")]
pub(crate) async fn update_my_attendee(
    call: Call<Participant, MyAttendeePath, (), AttendeeUpdate>,
    state: Data<AppState>,
) -> Result<Json<ApplicationPublic>, ApiError> {
    let (popup, attendee) = (PopupId(call.path.popup_id.0), AttendeeId(call.path.attendee_id.0));
    let change = call.body.into();
    let view = state.applications.update_attendee(&call.caller, popup, attendee, change).await?;
    Ok(Json(view.into()))
}

/// Takes a companion out of one's own application.
#[utoipa::path(
    operation_id = "applications-delete_my_attendee", tag = "applications",
    params(MyAttendeePath), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = ApplicationPublic),
        (status = 400, body = Problem, description = "The main attendee, or products are held or being paid"),
        (status = 404, body = Problem, description = "No application, or not its attendee"),
        (status = 409, body = Problem, description = "Named in a payment, or checked in"),
    ),
)]
#[delete("/applications/my/{popup_id}/attendees/{attendee_id}")]
pub(crate) async fn delete_my_attendee(
    call: Call<Participant, MyAttendeePath>,
    state: Data<AppState>,
) -> Result<Json<ApplicationPublic>, ApiError> {
    let (popup, attendee) = (PopupId(call.path.popup_id.0), AttendeeId(call.path.attendee_id.0));
    let view = state.applications.delete_attendee(&call.caller, popup, attendee).await?;
    Ok(Json(view.into()))
}
