use actix_web::{
    get,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_ports::{AuditEntry, AuditFilter, Writer};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::{Instant, Limit, ListModel, Skip, paging},
    call::{Call, TenantHeader},
    error::ApiError,
    shape::{Id, JsonObject, Text, Wrong},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(list_audit_entries);
}

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntryPublic {
    id: Uuid,
    /// Who did it; null for the server itself.
    actor_id: Option<Uuid>,
    /// The actor's address as it is now.
    actor_email: Option<String>,
    /// What was done: `application.decided`.
    action: String,
    /// On what kind of thing: `application`.
    subject_type: String,
    subject_id: Option<Uuid>,
    /// The given reason, old and new values.
    #[schema(value_type = JsonObject)]
    details: Value,
    created_at: Instant,
}

/// Which entries, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    #[deserr(default)]
    action: Option<Text<50>>,
    #[deserr(default)]
    subject_type: Option<Text<30>>,
    #[deserr(default)]
    subject_id: Option<Id>,
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

/// What was done in the organisation, newest first.
#[utoipa::path(
    operation_id = "audit-entries-list_audit_entries", tag = "audit-entries",
    params(AuditQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<AuditEntryPublic>)),
)]
#[get("/audit-entries")]
pub(crate) async fn list_audit_entries(
    call: Call<Writer, (), AuditQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<AuditEntryPublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let filter = AuditFilter {
        action: query.action.and_then(Text::filled),
        subject_type: query.subject_type.and_then(Text::filled),
        subject_id: query.subject_id.map(|id| id.0),
    };
    let page = state.audit_trail.list(&call.caller, &filter, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

impl From<AuditEntry> for AuditEntryPublic {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.0,
            actor_id: entry.actor.map(|actor| actor.0),
            actor_email: entry.actor_email,
            action: entry.action,
            subject_type: entry.subject_type,
            subject_id: entry.subject_id,
            details: entry.details,
            created_at: entry.created_at.into(),
        }
    }
}
