use actix_web::{
    get, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{MailId, PopupId};
use edgeos_ports::{MailFilter, MailRecord, MailState, Writer};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::{Instant, Limit, ListModel, Skip, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    shape::{Id, Text, Wrong, choice},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(list_emails).service(retry_email);
}

choice! {
    /// How far a mail is.
    EmailState(MailState) { "queued" => Queued, "sent" => Sent, "dead" => Dead, "expired" => Expired }
}

/// What became of a mail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailPublic {
    id: Uuid,
    popup_id: Option<Uuid>,
    template_type: String,
    to_email: String,
    state: EmailState,
    attempts: u32,
    /// Why the last attempt failed.
    last_error: Option<String>,
    /// Null when there is none.
    next_attempt_at: Option<Instant>,
    created_at: Instant,
    sent_at: Option<Instant>,
}

/// Which mails, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct EmailQuery {
    #[deserr(default)]
    state: Option<EmailState>,
    #[deserr(default)]
    template_type: Option<Text<50>>,
    #[deserr(default)]
    popup_id: Option<Id>,
    /// Part of the address.
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
pub(crate) struct EmailPath {
    email_id: Id,
}

/// The mails of the organisation, newest first. What they say isn't shown.
#[utoipa::path(
    operation_id = "emails-list_emails", tag = "emails",
    params(EmailQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<EmailPublic>)),
)]
#[get("/emails")]
pub(crate) async fn list_emails(
    call: Call<Writer, (), EmailQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<EmailPublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let filter = MailFilter {
        state: query.state.map(MailState::from),
        template: query.template_type.and_then(Text::filled),
        popup: query.popup_id.map(|id| PopupId(id.0)),
        search: query.search.and_then(Text::filled),
    };
    let page = state.emails.list(&call.caller, &filter, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Sends a dead mail again.
#[utoipa::path(
    operation_id = "emails-retry_email", tag = "emails",
    params(EmailPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = EmailPublic),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It isn't dead, or it is a login mail"),
    ),
)]
#[post("/emails/{email_id}/retry")]
pub(crate) async fn retry_email(
    call: Call<Writer, EmailPath>,
    state: Data<AppState>,
) -> Result<Json<EmailPublic>, ApiError> {
    Ok(Json(state.emails.retry(&call.caller, MailId(call.path.email_id.0)).await?.into()))
}

impl From<MailRecord> for EmailPublic {
    fn from(record: MailRecord) -> Self {
        Self {
            id: record.id.0,
            popup_id: record.popup.map(|popup| popup.0),
            template_type: record.template,
            to_email: record.to,
            state: record.state.into(),
            attempts: record.attempts,
            last_error: record.last_error,
            next_attempt_at: record.next_attempt_at.map(Instant),
            created_at: record.created_at.into(),
            sent_at: record.sent_at.map(Instant),
        }
    }
}
