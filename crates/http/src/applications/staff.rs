use actix_web::{
    HttpResponse, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::{
    applications::Recalculation,
    idempotency::{Once, Repeatable},
};
use edgeos_domain::{ApplicationId, HumanId, PopupId};
use edgeos_ports::{ApplicationFilter, ApplicationView, Governor, Reader, Writer};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    input::{
        ApplicationAdminCreate, ApplicationDecision, ApplicationStatus, Decided,
        ScholarshipDecisionRequest,
    },
    output::ApplicationPublic,
};
use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Call, RepeatHeader, TenantHeader, replay, stored_answer},
    error::{ApiError, FormProblem, Problem},
    popups::PopupPath,
    shape::{Id, Text, Wrong},
    state::AppState,
};

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct ApplicationPath {
    pub(crate) application_id: Id,
}

/// Which applications, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct ApplicationQuery {
    #[deserr(default)]
    popup_id: Option<Id>,
    #[deserr(default)]
    human_id: Option<Id>,
    #[deserr(default)]
    status_filter: Option<ApplicationStatus>,
    /// Part of the human's first, last or full name or e-mail.
    #[deserr(default)]
    search: Option<Text<255>>,
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

/// What the present rules made of the applications in review.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecalculationResult {
    /// How many were looked at.
    evaluated: u64,
    /// How many of them are accepted now.
    accepted: u64,
    /// How many of them are rejected now.
    rejected: u64,
}

/// The organisation's applications, newest first.
#[utoipa::path(
    operation_id = "applications-list_applications", tag = "applications",
    params(ApplicationQuery, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<ApplicationPublic>)),
)]
#[get("/applications")]
pub(crate) async fn list_applications(
    call: Call<Reader, (), ApplicationQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<ApplicationPublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let filter = ApplicationFilter {
        popup: query.popup_id.map(|id| PopupId(id.0)),
        human: query.human_id.map(|id| HumanId(id.0)),
        status: query.status_filter.map(|status| status.0),
        search: query.search.and_then(Text::filled),
    };
    let page = state.applications.list(&call.caller, &filter, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Enters an application for somebody.
#[utoipa::path(
    operation_id = "applications-create_application_admin", tag = "applications",
    params(TenantHeader, RepeatHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = ApplicationAdminCreate,
    responses(
        (status = 201, body = ApplicationPublic),
        (status = 400, body = FormProblem, description = "An answer, the person or the group says no"),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The person is red-flagged"),
    ),
)]
#[post("/applications")]
pub(crate) async fn create_application_admin(
    call: Call<Governor, (), (), ApplicationAdminCreate>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let operation = "applications-create_application_admin";
    let request = call.meta.repeatable(call.caller.actor().id.0, operation)?;
    let render = |view: &ApplicationView| {
        stored_answer(StatusCode::CREATED, &ApplicationPublic::from(view.clone()))
    };
    let once = request.map(|request| Repeatable { request, render: &render });
    let new = call.body.into();
    let created = state.applications.create(&call.caller, new, once.as_ref()).await?;
    Ok(match created {
        Once::Done(view) => HttpResponse::Created().json(ApplicationPublic::from(view)),
        Once::Repeated(answer) => replay(answer),
    })
}

/// One application.
#[utoipa::path(
    operation_id = "applications-get_application", tag = "applications",
    params(ApplicationPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ApplicationPublic), (status = 404, body = Problem)),
)]
#[get("/applications/{application_id}")]
pub(crate) async fn get_application(
    call: Call<Reader, ApplicationPath>,
    state: Data<AppState>,
) -> Result<Json<ApplicationPublic>, ApiError> {
    let id = ApplicationId(call.path.application_id.0);
    Ok(Json(state.applications.get(&call.caller, id).await?.into()))
}

/// Decides about the scholarship that somebody asks for.
#[utoipa::path(
    operation_id = "applications-review_scholarship", tag = "applications",
    params(ApplicationPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = ScholarshipDecisionRequest,
    responses(
        (status = 200, body = ApplicationPublic),
        (status = 400, body = Problem, description = "The popup offers no scholarships or no incentives"),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Nobody asked for a scholarship"),
    ),
)]
#[patch("/applications/{application_id}/scholarship")]
pub(crate) async fn review_scholarship(
    call: Call<Writer, ApplicationPath, (), Decided>,
    state: Data<AppState>,
) -> Result<Json<ApplicationPublic>, ApiError> {
    let id = ApplicationId(call.path.application_id.0);
    let Decided(decision) = call.body;
    let view = state.applications.decide_scholarship(&call.caller, id, decision).await?;
    Ok(Json(view.into()))
}

/// Decides about an application where votes don't.
#[utoipa::path(
    operation_id = "applications-decide_application", tag = "applications",
    params(ApplicationPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = ApplicationDecision,
    responses(
        (status = 200, body = ApplicationPublic),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Its state, the person or an open scholarship says no"),
    ),
)]
#[post("/applications/{application_id}/decision")]
pub(crate) async fn decide_application(
    call: Call<Writer, ApplicationPath, (), ApplicationDecision>,
    state: Data<AppState>,
) -> Result<Json<ApplicationPublic>, ApiError> {
    let id = ApplicationId(call.path.application_id.0);
    let ApplicationDecision { decision, notes } = call.body;
    let notes = notes.map(Text::into_inner);
    Ok(Json(state.applications.decide(&call.caller, id, decision.0, notes).await?.into()))
}

/// Has the present rules of a popup applied to its applications in review.
#[utoipa::path(
    operation_id = "approval-strategies-recalculate_applications", tag = "approval-strategies",
    params(PopupPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = RecalculationResult),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The popup has no strategy"),
    ),
)]
#[post("/popups/{popup_id}/approval-strategy/recalculate")]
pub(crate) async fn recalculate_applications(
    call: Call<Writer, PopupPath>,
    state: Data<AppState>,
) -> Result<Json<RecalculationResult>, ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    let Recalculation { evaluated, accepted, rejected } =
        state.applications.recalculate(&call.caller, popup).await?;
    Ok(Json(RecalculationResult { evaluated, accepted, rejected }))
}
