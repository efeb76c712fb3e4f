use actix_web::{HttpMessage, HttpRequest, http::header::AUTHORIZATION};
use edgeos_app::tokens::VerifiedToken;
use edgeos_domain::{Role, TenantId};
use edgeos_ports::{Class, Forbidden, Participant, PlatformStaff, RequestId, Staff, UserActor};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{error::ApiError, state::AppState};

/// Names the tenant in which a superadmin works.
pub(crate) const TENANT_HEADER: &str = "X-Tenant-Id";

/// The header of operations within a tenant, as the description shows it. Only superadmins are asked for it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct TenantHeader {
    /// The tenant in which a superadmin works; ignored for others.
    #[param(rename = "X-Tenant-Id")]
    tenant: Option<String>,
}

/// Who may call an operation.
pub(crate) trait Access: Sized {
    /// Lets the sender of `request` in, or says why not.
    async fn admit(request: &HttpRequest, state: &AppState) -> Result<Self, ApiError>;
}

/// Anybody. Whoever brings a token isn't looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Public;

/// Staff who may be at work in a tenant, and needn't: superadmins who name none, or none that is there, are at work
/// in none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MaybeAtWork<C> {
    /// Who it is.
    pub(crate) staff: PlatformStaff<C>,
    /// The same in the tenant.
    pub(crate) at_work: Option<Staff<C>>,
}

/// Whoever has a valid token, of either kind.
#[derive(Debug, Clone)]
pub(crate) struct AnyToken(pub(crate) VerifiedToken);

impl Access for Public {
    async fn admit(_: &HttpRequest, _: &AppState) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl Access for AnyToken {
    async fn admit(request: &HttpRequest, state: &AppState) -> Result<Self, ApiError> {
        Ok(Self(state.sessions.any(bearer(request)?).await?))
    }
}

impl Access for Participant {
    async fn admit(request: &HttpRequest, state: &AppState) -> Result<Self, ApiError> {
        Ok(state.sessions.human(bearer(request)?).await?)
    }
}

impl<C: Class> Access for PlatformStaff<C> {
    async fn admit(request: &HttpRequest, state: &AppState) -> Result<Self, ApiError> {
        let actor = state.sessions.user(bearer(request)?).await?;
        let id = request.extensions().get::<RequestId>().copied();
        Ok(UserActor { request: id, ..actor }.admit()?)
    }
}

impl<C: Class> Access for Staff<C> {
    async fn admit(request: &HttpRequest, state: &AppState) -> Result<Self, ApiError> {
        let staff = PlatformStaff::<C>::admit(request, state).await?;
        if staff.actor().role != Role::Superadmin {
            // The header counts for superadmins alone; clients send it for others too.
            return staff.in_own_tenant().ok_or_else(|| Forbidden.into());
        }
        let tenant = state.sessions.tenant(chosen_tenant(request)?).await?;
        tenant.and_then(|tenant| staff.in_chosen_tenant(&tenant)).ok_or(ApiError::NoSuchTenant)
    }
}

impl<C: Class> Access for MaybeAtWork<C> {
    async fn admit(request: &HttpRequest, state: &AppState) -> Result<Self, ApiError> {
        let staff = PlatformStaff::<C>::admit(request, state).await?;
        if let Some(at_work) = staff.in_own_tenant() {
            return Ok(Self { staff, at_work: Some(at_work) });
        }
        let tenant = match named_tenant(request) {
            Ok(Some(named)) => state.sessions.tenant(named).await?,
            Ok(None) | Err(_) => None,
        };
        let at_work = tenant.and_then(|tenant| staff.in_chosen_tenant(&tenant));
        Ok(Self { staff, at_work })
    }
}

/// The bearer token (RFC 6750 section 2.1); the word for the scheme in any case.
fn bearer(request: &HttpRequest) -> Result<&str, ApiError> {
    let header = request.headers().get(AUTHORIZATION).ok_or(ApiError::NoToken)?;
    let (scheme, token) =
        header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(ApiError::NoToken)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(ApiError::NoToken) }
}

/// The tenant that the header names, if it is there.
pub(crate) fn named_tenant(request: &HttpRequest) -> Result<Option<TenantId>, ApiError> {
    let Some(header) = request.headers().get(TENANT_HEADER) else { return Ok(None) };
    let id = header.to_str().ok().and_then(|text| Uuid::try_parse(text.trim()).ok());
    let id = id.ok_or(ApiError::Header("The header X-Tenant-Id must be a UUID"))?;
    Ok(Some(TenantId(id)))
}

fn chosen_tenant(request: &HttpRequest) -> Result<TenantId, ApiError> {
    let missing = ApiError::Header("The header X-Tenant-Id is required for superadmins");
    named_tenant(request)?.ok_or(missing)
}
