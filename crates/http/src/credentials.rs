use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::credentials::OpenCredential;
use edgeos_domain::TenantId;
use edgeos_ports::{Govern, PlatformStaff};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    call::Call,
    error::{ApiError, Problem},
    shape::{Flag, Wrong, choice},
    state::AppState,
    tenants::TenantPath,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(get_credentials).service(issue_credentials).service(delete_credentials);
}

choice! {
    /// What a direct login to the database may do.
    CredentialType(edgeos_ports::CredentialType) { "crud" => Crud, "readonly" => Readonly }
}

/// A direct login to the database.
#[derive(Serialize, ToSchema)]
pub(crate) struct CredentialInfo {
    credential_type: CredentialType,
    db_username: String,
    db_password: String,
}

/// The direct logins of a tenant, and where they work.
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantCredentialResponse {
    credentials: Vec<CredentialInfo>,
    db_host: String,
    db_port: u16,
    db_name: String,
}

/// How to issue direct logins.
#[derive(Debug, Default, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CredentialsIssue {
    /// New passwords for the logins there are, too.
    #[deserr(default)]
    rotate: Option<Flag>,
}

/// The direct database logins of an organisation.
#[utoipa::path(
    operation_id = "tenants-get_credentials", tag = "tenants", params(TenantPath),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = TenantCredentialResponse), (status = 404, body = Problem)),
)]
#[get("/tenants/{tenant_id}/credentials")]
pub(crate) async fn get_credentials(
    call: Call<PlatformStaff<Govern>, TenantPath>,
    state: Data<AppState>,
) -> Result<Json<TenantCredentialResponse>, ApiError> {
    let id = TenantId(call.path.tenant_id.0);
    Ok(Json(state.reached(state.credentials.show(&call.caller, id).await?)))
}

/// Issues the direct database logins that are missing, or new passwords.
#[utoipa::path(
    operation_id = "tenants-issue_credentials", tag = "tenants", params(TenantPath),
    security(("OAuth2PasswordBearer" = [])), request_body = Option<CredentialsIssue>,
    responses((status = 201, body = TenantCredentialResponse), (status = 404, body = Problem)),
)]
#[post("/tenants/{tenant_id}/credentials")]
pub(crate) async fn issue_credentials(
    call: Call<PlatformStaff<Govern>, TenantPath, (), Option<CredentialsIssue>>,
    state: Data<AppState>,
) -> Result<(Json<TenantCredentialResponse>, StatusCode), ApiError> {
    let id = TenantId(call.path.tenant_id.0);
    let rotate = call.body.and_then(|body| body.rotate).is_some_and(|flag| flag.0);
    let issued = state.credentials.issue(&call.caller, id, rotate).await?;
    Ok((Json(state.reached(issued)), StatusCode::CREATED))
}

/// Drops the direct database logins of an organisation.
#[utoipa::path(
    operation_id = "tenants-delete_credentials", tag = "tenants", params(TenantPath),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/tenants/{tenant_id}/credentials")]
pub(crate) async fn delete_credentials(
    call: Call<PlatformStaff<Govern>, TenantPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.credentials.delete(&call.caller, TenantId(call.path.tenant_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl AppState {
    /// `logins`, with where they work.
    fn reached(&self, logins: Vec<OpenCredential>) -> TenantCredentialResponse {
        let database = &self.database;
        TenantCredentialResponse {
            credentials: logins.into_iter().map(Into::into).collect(),
            db_host: database.host.clone(),
            db_port: database.port,
            db_name: database.name.clone(),
        }
    }
}

impl From<OpenCredential> for CredentialInfo {
    fn from(login: OpenCredential) -> Self {
        Self {
            credential_type: login.credential_type.into(),
            db_username: login.db_username,
            db_password: login.db_password,
        }
    }
}
