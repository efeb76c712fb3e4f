use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{ApprovalStrategy, PopupId, StrategyChange, StrategyRules, StrategyType};
use edgeos_ports::{Reader, Writer};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::Instant,
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    popups::PopupPath,
    shape::{Int32, Sent, Wrong, choice},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_approval_strategy)
        .service(create_or_update_approval_strategy)
        .service(update_approval_strategy)
        .service(delete_approval_strategy);
}

choice! {
    /// How votes decide about applications.
    ApprovalStrategyType(StrategyType) {
        "auto_accept" => AutoAccept,
        "any_reviewer" => AnyReviewer,
        "all_reviewers" => AllReviewers,
        "threshold" => Threshold,
        "weighted" => Weighted,
    }
}

/// A strategy; what is left out has its default.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct ApprovalStrategyCreate {
    #[deserr(default = ApprovalStrategyType(StrategyType::AnyReviewer))]
    #[schema(default = "any_reviewer")]
    strategy_type: ApprovalStrategyType,
    /// For `threshold`: how many votes in favour suffice.
    #[deserr(default = Int32::new(1))]
    #[schema(default = 1)]
    required_approvals: Int32,
    /// For `weighted`: the sum that accepts.
    #[deserr(default = Int32::new(2))]
    #[schema(default = 2)]
    accept_threshold: Int32,
    /// For `weighted`: the sum that rejects.
    #[deserr(default = Int32::new(-2))]
    #[schema(default = -2)]
    reject_threshold: Int32,
    #[deserr(default = Int32::new(2))]
    #[schema(default = 2)]
    strong_yes_weight: Int32,
    #[deserr(default = Int32::new(1))]
    #[schema(default = 1)]
    yes_weight: Int32,
    #[deserr(default = Int32::new(-1))]
    #[schema(default = -1)]
    no_weight: Int32,
    #[deserr(default = Int32::new(-2))]
    #[schema(default = -2)]
    strong_no_weight: Int32,
}

/// A change of a strategy.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct ApprovalStrategyUpdate {
    #[deserr(default)]
    strategy_type: Sent<ApprovalStrategyType>,
    #[deserr(default)]
    required_approvals: Sent<Int32>,
    #[deserr(default)]
    accept_threshold: Sent<Int32>,
    #[deserr(default)]
    reject_threshold: Sent<Int32>,
    #[deserr(default)]
    strong_yes_weight: Sent<Int32>,
    #[deserr(default)]
    yes_weight: Sent<Int32>,
    #[deserr(default)]
    no_weight: Sent<Int32>,
    #[deserr(default)]
    strong_no_weight: Sent<Int32>,
}

/// How an event decides about applications.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovalStrategyPublic {
    id: Uuid,
    popup_id: Uuid,
    tenant_id: Uuid,
    strategy_type: ApprovalStrategyType,
    required_approvals: i32,
    accept_threshold: i32,
    reject_threshold: i32,
    strong_yes_weight: i32,
    yes_weight: i32,
    no_weight: i32,
    strong_no_weight: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// The strategy of an event.
#[utoipa::path(
    operation_id = "approval-strategies-get_approval_strategy", tag = "approval-strategies",
    params(PopupPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = ApprovalStrategyPublic),
        (status = 404, body = Problem, description = "No such event, or it has no strategy"),
    ),
)]
#[get("/popups/{popup_id}/approval-strategy")]
pub(crate) async fn get_approval_strategy(
    call: Call<Reader, PopupPath>,
    state: Data<AppState>,
) -> Result<Json<ApprovalStrategyPublic>, ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    Ok(Json(state.strategies.get(&call.caller, popup).await?.into()))
}

/// Gives an event a strategy, in place of the one it has.
#[utoipa::path(
    operation_id = "approval-strategies-create_or_update_approval_strategy",
    tag = "approval-strategies", params(PopupPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = ApprovalStrategyCreate,
    responses((status = 201, body = ApprovalStrategyPublic), (status = 404, body = Problem)),
)]
#[post("/popups/{popup_id}/approval-strategy")]
pub(crate) async fn create_or_update_approval_strategy(
    call: Call<Writer, PopupPath, (), ApprovalStrategyCreate>,
    state: Data<AppState>,
) -> Result<(Json<ApprovalStrategyPublic>, StatusCode), ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    let strategy = state.strategies.put(&call.caller, popup, call.body.into()).await?;
    Ok((Json(strategy.into()), StatusCode::CREATED))
}

/// Changes the strategy of an event.
#[utoipa::path(
    operation_id = "approval-strategies-update_approval_strategy", tag = "approval-strategies",
    params(PopupPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = ApprovalStrategyUpdate,
    responses(
        (status = 200, body = ApprovalStrategyPublic),
        (status = 404, body = Problem, description = "No such event, or it has no strategy"),
    ),
)]
#[patch("/popups/{popup_id}/approval-strategy")]
pub(crate) async fn update_approval_strategy(
    call: Call<Writer, PopupPath, (), ApprovalStrategyUpdate>,
    state: Data<AppState>,
) -> Result<Json<ApprovalStrategyPublic>, ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    let strategy = state.strategies.update(&call.caller, popup, call.body.into()).await?;
    Ok(Json(strategy.into()))
}

/// Takes the strategy of an event away: people decide by hand from then on.
#[utoipa::path(
    operation_id = "approval-strategies-delete_approval_strategy", tag = "approval-strategies",
    params(PopupPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "No such event, or it has no strategy"),
    ),
)]
#[delete("/popups/{popup_id}/approval-strategy")]
pub(crate) async fn delete_approval_strategy(
    call: Call<Writer, PopupPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.strategies.delete(&call.caller, PopupId(call.path.popup_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<ApprovalStrategyCreate> for StrategyRules {
    fn from(body: ApprovalStrategyCreate) -> Self {
        Self {
            strategy_type: body.strategy_type.0,
            required_approvals: body.required_approvals.int32(),
            accept_threshold: body.accept_threshold.int32(),
            reject_threshold: body.reject_threshold.int32(),
            strong_yes_weight: body.strong_yes_weight.int32(),
            yes_weight: body.yes_weight.int32(),
            no_weight: body.no_weight.int32(),
            strong_no_weight: body.strong_no_weight.int32(),
        }
    }
}

impl From<ApprovalStrategyUpdate> for StrategyChange {
    fn from(body: ApprovalStrategyUpdate) -> Self {
        Self {
            strategy_type: body.strategy_type.map(|kind| kind.0),
            required_approvals: body.required_approvals.map(Int32::int32),
            accept_threshold: body.accept_threshold.map(Int32::int32),
            reject_threshold: body.reject_threshold.map(Int32::int32),
            strong_yes_weight: body.strong_yes_weight.map(Int32::int32),
            yes_weight: body.yes_weight.map(Int32::int32),
            no_weight: body.no_weight.map(Int32::int32),
            strong_no_weight: body.strong_no_weight.map(Int32::int32),
        }
    }
}

impl From<ApprovalStrategy> for ApprovalStrategyPublic {
    fn from(strategy: ApprovalStrategy) -> Self {
        let rules = strategy.strategy.rules();
        Self {
            id: strategy.id.0,
            popup_id: strategy.popup.0,
            tenant_id: strategy.tenant.0,
            strategy_type: rules.strategy_type.into(),
            required_approvals: rules.required_approvals,
            accept_threshold: rules.accept_threshold,
            reject_threshold: rules.reject_threshold,
            strong_yes_weight: rules.strong_yes_weight,
            yes_weight: rules.yes_weight,
            no_weight: rules.no_weight,
            strong_no_weight: rules.strong_no_weight,
            created_at: strategy.created_at.into(),
            updated_at: strategy.updated_at.into(),
        }
    }
}
