use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::popup_reviewers::{NewReviewer, ReviewerChange};
use edgeos_domain::{PopupId, UserId, WeightMultiplier};
use edgeos_ports::{PopupReviewerView, Reader, Writer};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::{Instant, Limit, ListModel, Skip, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    popups::PopupPath,
    shape::{Flag, Id, Sent, Weight, Wrong},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_reviewers)
        .service(add_reviewer)
        .service(update_reviewer)
        .service(remove_reviewer);
}

/// Somebody to review the applications of an event.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct PopupReviewerCreate {
    user_id: Id,
    /// Whether decisions wait for this vote, where the strategy says so.
    #[deserr(default)]
    #[schema(default = false)]
    is_required: Flag,
    /// What the vote is multiplied with where votes weigh, 0 to 1000.
    #[deserr(default = Weight(WeightMultiplier::ONE))]
    #[schema(default = 1.0)]
    weight_multiplier: Weight,
}

/// A change of a designation.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct PopupReviewerUpdate {
    #[deserr(default)]
    is_required: Sent<Flag>,
    #[deserr(default)]
    weight_multiplier: Sent<Weight>,
}

/// A designated reviewer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PopupReviewerPublic {
    id: Uuid,
    popup_id: Uuid,
    user_id: Uuid,
    tenant_id: Uuid,
    is_required: bool,
    weight_multiplier: f64,
    created_at: Instant,
    /// Null for somebody who has left the organisation.
    user_email: Option<String>,
    user_full_name: Option<String>,
    /// Whether the person can still vote.
    is_active: bool,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReviewerQuery {
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct ReviewerPath {
    popup_id: Id,
    user_id: Id,
}

/// The reviewers of an event, in the order in which they were designated.
#[utoipa::path(
    operation_id = "popup-reviewers-list_reviewers", tag = "popup-reviewers",
    params(PopupPath, ReviewerQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<PopupReviewerPublic>), (status = 404, body = Problem)),
)]
#[get("/popups/{popup_id}/reviewers")]
pub(crate) async fn list_reviewers(
    call: Call<Reader, PopupPath, ReviewerQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<PopupReviewerPublic>>, ApiError> {
    let paging = paging(call.query.skip, call.query.limit);
    let popup = PopupId(call.path.popup_id.0);
    let page = state.reviewers.list(&call.caller, popup, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Makes an admin a reviewer of an event.
#[utoipa::path(
    operation_id = "popup-reviewers-add_reviewer", tag = "popup-reviewers",
    params(PopupPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = PopupReviewerCreate,
    responses(
        (status = 201, body = PopupReviewerPublic),
        (status = 400, body = Problem, description = "Not an admin of the organisation, or a reviewer already"),
        (status = 404, body = Problem, description = "No such event, or no such user"),
    ),
)]
#[post("/popups/{popup_id}/reviewers")]
pub(crate) async fn add_reviewer(
    call: Call<Writer, PopupPath, (), PopupReviewerCreate>,
    state: Data<AppState>,
) -> Result<(Json<PopupReviewerPublic>, StatusCode), ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    let reviewer = state.reviewers.add(&call.caller, popup, call.body.into()).await?;
    Ok((Json(reviewer.into()), StatusCode::CREATED))
}

/// Changes a designation.
#[utoipa::path(
    operation_id = "popup-reviewers-update_reviewer", tag = "popup-reviewers",
    params(ReviewerPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = PopupReviewerUpdate,
    responses(
        (status = 200, body = PopupReviewerPublic),
        (status = 404, body = Problem, description = "No such event, or not its reviewer"),
    ),
)]
#[patch("/popups/{popup_id}/reviewers/{user_id}")]
pub(crate) async fn update_reviewer(
    call: Call<Writer, ReviewerPath, (), PopupReviewerUpdate>,
    state: Data<AppState>,
) -> Result<Json<PopupReviewerPublic>, ApiError> {
    let (popup, user) = (PopupId(call.path.popup_id.0), UserId(call.path.user_id.0));
    let change = call.body.into();
    Ok(Json(state.reviewers.update(&call.caller, popup, user, change).await?.into()))
}

/// Takes a designation back.
#[utoipa::path(
    operation_id = "popup-reviewers-remove_reviewer", tag = "popup-reviewers",
    params(ReviewerPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "No such event, or not its reviewer"),
    ),
)]
#[delete("/popups/{popup_id}/reviewers/{user_id}")]
pub(crate) async fn remove_reviewer(
    call: Call<Writer, ReviewerPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let (popup, user) = (PopupId(call.path.popup_id.0), UserId(call.path.user_id.0));
    state.reviewers.remove(&call.caller, popup, user).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<PopupReviewerCreate> for NewReviewer {
    fn from(body: PopupReviewerCreate) -> Self {
        Self {
            user: UserId(body.user_id.0),
            is_required: body.is_required.0,
            weight_multiplier: body.weight_multiplier.0,
        }
    }
}

impl From<PopupReviewerUpdate> for ReviewerChange {
    fn from(body: PopupReviewerUpdate) -> Self {
        Self {
            is_required: body.is_required.map(|flag| flag.0),
            weight_multiplier: body.weight_multiplier.map(|weight| weight.0),
        }
    }
}

impl From<PopupReviewerView> for PopupReviewerPublic {
    fn from(view: PopupReviewerView) -> Self {
        let reviewer = view.reviewer;
        Self {
            id: reviewer.id.0,
            popup_id: reviewer.popup.0,
            user_id: reviewer.user.0,
            tenant_id: reviewer.tenant.0,
            is_required: reviewer.is_required,
            weight_multiplier: reviewer.weight_multiplier.get(),
            created_at: reviewer.created_at.into(),
            user_email: view.user_email,
            user_full_name: view.user_full_name,
            is_active: view.is_active,
        }
    }
}
