use actix_web::{
    get,
    http::StatusCode,
    post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{ApplicationId, PopupId, Review};
use edgeos_ports::{Reader, ReviewView, Writer};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::{Instant, Limit, ListModel, Skip, paging},
    applications::{ApplicationPath, ApplicationPublic},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    shape::{Id, Text, Wrong, choice},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_pending_reviews)
        .service(list_my_reviews)
        .service(list_reviews)
        .service(submit_review)
        .service(get_review_summary);
}

choice! {
    /// What somebody says about an application.
    ReviewDecision(edgeos_domain::ReviewDecision) {
        "strong_yes" => StrongYes, "yes" => Yes, "no" => No, "strong_no" => StrongNo,
    }
}

/// A vote.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct ApplicationReviewCreate {
    decision: ReviewDecision,
    /// A word to colleagues. Left out, an earlier one stays; empty, it goes.
    #[deserr(default)]
    notes: Option<Text<{ Review::NOTES_MAX }>>,
}

/// A vote, and who gave it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApplicationReviewPublic {
    id: Uuid,
    application_id: Uuid,
    reviewer_id: Uuid,
    tenant_id: Uuid,
    decision: ReviewDecision,
    notes: Option<String>,
    created_at: Option<Instant>,
    updated_at: Option<Instant>,
    reviewer_email: Option<String>,
    reviewer_full_name: Option<String>,
}

/// The votes on an application in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewSummary {
    total_reviews: usize,
    strong_yes_count: usize,
    yes_count: usize,
    no_count: usize,
    strong_no_count: usize,
    /// What the votes weigh together, cut toward zero; null where votes don't weigh.
    weighted_score: Option<i64>,
    reviews: Vec<ApplicationReviewPublic>,
}

/// Which stretch of a list.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReviewQuery {
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

/// Which applications, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct PendingQuery {
    #[deserr(default)]
    popup_id: Option<Id>,
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

/// The applications that wait for one's vote, newest first.
#[utoipa::path(
    operation_id = "application-reviews-list_pending_reviews", tag = "application-reviews",
    params(PendingQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<ApplicationPublic>)),
)]
#[get("/applications/pending-review")]
pub(crate) async fn list_pending_reviews(
    call: Call<Writer, (), PendingQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<ApplicationPublic>>, ApiError> {
    let paging = paging(call.query.skip, call.query.limit);
    let popup = call.query.popup_id.map(|id| PopupId(id.0));
    let page = state.application_reviews.pending(&call.caller, popup, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// One's own votes, newest change first.
#[utoipa::path(
    operation_id = "application-reviews-list_my_reviews", tag = "application-reviews",
    params(ReviewQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<ApplicationReviewPublic>)),
)]
#[get("/applications/my-reviews")]
pub(crate) async fn list_my_reviews(
    call: Call<Writer, (), ReviewQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<ApplicationReviewPublic>>, ApiError> {
    let paging = paging(call.query.skip, call.query.limit);
    let page = state.application_reviews.list_mine(&call.caller, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// The votes on an application, in the order in which they were first given.
#[utoipa::path(
    operation_id = "application-reviews-list_reviews", tag = "application-reviews",
    params(ApplicationPath, ReviewQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = ListModel<ApplicationReviewPublic>),
        (status = 404, body = Problem),
    ),
)]
#[get("/applications/{application_id}/reviews")]
pub(crate) async fn list_reviews(
    call: Call<Reader, ApplicationPath, ReviewQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<ApplicationReviewPublic>>, ApiError> {
    let paging = paging(call.query.skip, call.query.limit);
    let id = ApplicationId(call.path.application_id.0);
    let page = state.application_reviews.list(&call.caller, id, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Votes on an application, or changes one's vote.
#[utoipa::path(
    operation_id = "application-reviews-submit_review", tag = "application-reviews",
    params(ApplicationPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = ApplicationReviewCreate,
    responses(
        (status = 201, body = ApplicationReviewPublic),
        (status = 400, body = Problem, description = "A draft isn't reviewed"),
        (status = 404, body = Problem),
    ),
)]
#[post("/applications/{application_id}/reviews")]
pub(crate) async fn submit_review(
    call: Call<Writer, ApplicationPath, (), ApplicationReviewCreate>,
    state: Data<AppState>,
) -> Result<(Json<ApplicationReviewPublic>, StatusCode), ApiError> {
    let id = ApplicationId(call.path.application_id.0);
    let ApplicationReviewCreate { decision, notes } = call.body;
    let notes = notes.map(Text::into_inner);
    let vote = state.application_reviews.vote(&call.caller, id, decision.0, notes).await?;
    Ok((Json(vote.into()), StatusCode::CREATED))
}

/// The votes on an application in numbers.
#[utoipa::path(
    operation_id = "application-reviews-get_review_summary", tag = "application-reviews",
    params(ApplicationPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ReviewSummary), (status = 404, body = Problem)),
)]
#[get("/applications/{application_id}/reviews/summary")]
pub(crate) async fn get_review_summary(
    call: Call<Reader, ApplicationPath>,
    state: Data<AppState>,
) -> Result<Json<ReviewSummary>, ApiError> {
    let id = ApplicationId(call.path.application_id.0);
    let summary = state.application_reviews.summary(&call.caller, id).await?;
    let counts = summary.counts;
    Ok(Json(ReviewSummary {
        total_reviews: counts.total,
        strong_yes_count: counts.strong_yes,
        yes_count: counts.yes,
        no_count: counts.no,
        strong_no_count: counts.strong_no,
        weighted_score: summary.weighted_score,
        reviews: summary.reviews.into_iter().map(Into::into).collect(),
    }))
}

impl From<ReviewView> for ApplicationReviewPublic {
    fn from(view: ReviewView) -> Self {
        let ReviewView { review, reviewer_email, reviewer_full_name } = view;
        Self {
            id: review.id.0,
            application_id: review.application.0,
            reviewer_id: review.reviewer.0,
            tenant_id: review.tenant.0,
            decision: review.decision.into(),
            notes: review.notes,
            created_at: Some(review.created_at.into()),
            updated_at: Some(review.updated_at.into()),
            reviewer_email,
            reviewer_full_name,
        }
    }
}
