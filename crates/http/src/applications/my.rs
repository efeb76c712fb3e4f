use actix_web::{
    HttpResponse, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::idempotency::{Once, Repeatable};
use edgeos_domain::PopupId;
use edgeos_ports::{ApplicationView, Participant};
use utoipa::IntoParams;

use super::{
    input::{ApplicationCreate, ApplicationUpdate},
    output::ApplicationPublic,
};
use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Call, RepeatHeader, replay, stored_answer},
    error::{ApiError, FormProblem, Problem},
    shape::{Id, Wrong},
    state::AppState,
};

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct MyPath {
    pub(crate) popup_id: Id,
}

/// Which stretch of a list.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct MyQuery {
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

/// One's own applications, newest first.
#[utoipa::path(
    operation_id = "applications-list_my_applications", tag = "applications", params(MyQuery),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<ApplicationPublic>)),
)]
#[get("/applications/my/applications")]
pub(crate) async fn list_my_applications(
    call: Call<Participant, (), MyQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<ApplicationPublic>>, ApiError> {
    let paging = paging(call.query.skip, call.query.limit);
    let page = state.applications.list_mine(&call.caller, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// One's own application to a popup.
#[utoipa::path(
    operation_id = "applications-get_my_application", tag = "applications", params(MyPath),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ApplicationPublic), (status = 404, body = Problem)),
)]
#[get("/applications/my/{popup_id}")]
pub(crate) async fn get_my_application(
    call: Call<Participant, MyPath>,
    state: Data<AppState>,
) -> Result<Json<ApplicationPublic>, ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    Ok(Json(state.applications.get_mine(&call.caller, popup).await?.into()))
}

/// Begins an application, or submits one at once.
#[utoipa::path(
    operation_id = "applications-create_my_application", tag = "applications", params(RepeatHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = ApplicationCreate,
    responses(
        (status = 201, body = ApplicationPublic),
        (status = 400, body = FormProblem, description = "The popup, an answer, a companion or the group says no"),
        (status = 403, body = Problem, description = "Not on the group's list"),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Takes part as a companion already"),
    ),
)]
#[post("/applications/my")]
pub(crate) async fn create_my_application(
    call: Call<Participant, (), (), ApplicationCreate>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let operation = "applications-create_my_application";
    let request = call.meta.repeatable(call.caller.human().0, operation)?;
    let render = |view: &ApplicationView| {
        stored_answer(StatusCode::CREATED, &ApplicationPublic::from(view.clone()))
    };
    let once = request.map(|request| Repeatable { request, render: &render });
    let new = call.body.into();
    let created = state.applications.create_mine(&call.caller, new, once.as_ref()).await?;
    Ok(match created {
        Once::Done(view) => HttpResponse::Created().json(ApplicationPublic::from(view)),
        Once::Repeated(answer) => replay(answer),
    })
}

/// Changes one's own application, submits it or takes it back.
#[utoipa::path(
    operation_id = "applications-update_my_application", tag = "applications", params(MyPath),
    security(("OAuth2PasswordBearer" = [])), request_body = ApplicationUpdate,
    responses(
        (status = 200, body = ApplicationPublic),
        (status = 400, body = FormProblem, description = "Its state, an answer, a companion or the group says no"),
        (status = 403, body = Problem, description = "Not on the group's list"),
        (status = 404, body = Problem),
    ),
)]
#[patch("/applications/my/{popup_id}")]
pub(crate) async fn update_my_application(
    call: Call<Participant, MyPath, (), ApplicationUpdate>,
    state: Data<AppState>,
) -> Result<Json<ApplicationPublic>, ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    let change = call.body.into();
    Ok(Json(state.applications.update_mine(&call.caller, popup, change).await?.into()))
}
