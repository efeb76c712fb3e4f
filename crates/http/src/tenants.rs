use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::AppError;
use edgeos_domain::{NewTenant, Tenant, TenantChange, TenantId};
use edgeos_ports::{Govern, PlatformStaff, Resource, TenantFilter, Write};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Call, Public},
    error::{ApiError, Problem},
    shape::{self, Filled, Flag, HostText, Id, Line, Patch, Sent, StaffEmailText, Text, Wrong},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_tenant_by_domain)
        .service(get_tenant_by_slug)
        .service(list_tenants)
        .service(create_tenant)
        .service(get_tenant)
        .service(update_tenant)
        .service(delete_tenant)
        .service(restore_tenant);
}

/// A new organisation. Its slug follows from its name.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct TenantCreate {
    name: Filled<255>,
    /// Accepted and ignored.
    #[deserr(default)]
    #[schema(default = "")]
    #[expect(dead_code, reason = "the contract has it, the name decides")]
    slug: Text<255>,
    #[deserr(default)]
    sender_email: Option<StaffEmailText>,
    #[deserr(default)]
    sender_name: Option<Line<255>>,
    #[deserr(default)]
    image_url: Option<shape::HttpUrl<500>>,
    #[deserr(default)]
    icon_url: Option<shape::HttpUrl<500>>,
    #[deserr(default)]
    logo_url: Option<shape::HttpUrl<500>>,
}

/// A change of an organisation.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct TenantUpdate {
    #[deserr(default)]
    name: Sent<Filled<255>>,
    #[deserr(default)]
    slug: Sent<Text<255>>,
    #[deserr(default)]
    sender_email: Patch<StaffEmailText>,
    #[deserr(default)]
    sender_name: Patch<Line<255>>,
    #[deserr(default)]
    image_url: Patch<shape::HttpUrl<500>>,
    #[deserr(default)]
    icon_url: Patch<shape::HttpUrl<500>>,
    #[deserr(default)]
    logo_url: Patch<shape::HttpUrl<500>>,
    #[deserr(default)]
    custom_domain: Patch<HostText>,
    #[deserr(default)]
    custom_domain_active: Sent<Flag>,
}

/// An organisation as clients see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantPublic {
    name: String,
    slug: String,
    deleted: bool,
    #[schema(format = Email)]
    sender_email: Option<String>,
    sender_name: Option<String>,
    image_url: Option<String>,
    icon_url: Option<String>,
    logo_url: Option<String>,
    custom_domain: Option<String>,
    custom_domain_active: bool,
    id: Uuid,
}

/// Which tenants, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct TenantQuery {
    /// Part of the name.
    #[deserr(default)]
    search: Option<Text<255>>,
    /// Deleted tenants alone, or live ones alone.
    #[deserr(default)]
    deleted: Option<Flag>,
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct TenantPath {
    pub(crate) tenant_id: Id,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct SlugPath {
    slug: Text<255>,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct DomainPath {
    /// A host name; a port is cut off.
    domain: Text<1024>,
}

/// The organisation that a portal's host leads to.
#[utoipa::path(
    operation_id = "tenants-get_tenant_by_domain", tag = "tenants", params(DomainPath),
    responses(
        (status = 200, body = TenantPublic),
        (status = 404, body = Problem, description = "No live organisation is reached there"),
    ),
)]
#[get("/tenants/public/by-domain/{domain}")]
pub(crate) async fn get_tenant_by_domain(
    call: Call<Public, DomainPath>,
    state: Data<AppState>,
) -> Result<Json<TenantPublic>, ApiError> {
    let tenant = state.hosts.of_host(&call.path.domain).await?;
    let tenant = tenant.ok_or(AppError::NotFound(Resource::Tenant))?;
    Ok(Json((*tenant).clone().into()))
}

/// The organisation with a slug.
#[utoipa::path(
    operation_id = "tenants-get_tenant_by_slug", tag = "tenants", params(SlugPath),
    responses(
        (status = 200, body = TenantPublic),
        (status = 404, body = Problem, description = "No live organisation has this slug"),
    ),
)]
#[get("/tenants/public/{slug}")]
pub(crate) async fn get_tenant_by_slug(
    call: Call<Public, SlugPath>,
    state: Data<AppState>,
) -> Result<Json<TenantPublic>, ApiError> {
    let tenant = state.hosts.of_slug(&call.path.slug).await?;
    let tenant = tenant.ok_or(AppError::NotFound(Resource::Tenant))?;
    Ok(Json((*tenant).clone().into()))
}

/// All organisations: live ones first, by name.
#[utoipa::path(
    operation_id = "tenants-list_tenants", tag = "tenants", params(TenantQuery),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<TenantPublic>)),
)]
#[get("/tenants")]
pub(crate) async fn list_tenants(
    call: Call<PlatformStaff<Govern>, (), TenantQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<TenantPublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let filter = TenantFilter {
        search: query.search.and_then(Text::filled),
        deleted: query.deleted.map(|flag| flag.0),
    };
    let page = state.tenants.list(&call.caller, &filter, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Sets up an organisation.
#[utoipa::path(
    operation_id = "tenants-create_tenant", tag = "tenants",
    security(("OAuth2PasswordBearer" = [])), request_body = TenantCreate,
    responses(
        (status = 201, body = TenantPublic),
        (status = 400, body = Problem, description = "The slug is taken"),
    ),
)]
#[post("/tenants")]
pub(crate) async fn create_tenant(
    call: Call<PlatformStaff<Govern>, (), (), TenantCreate>,
    state: Data<AppState>,
) -> Result<(Json<TenantPublic>, StatusCode), ApiError> {
    let tenant = state.tenants.create(&call.caller, call.body.into()).await?;
    Ok((Json(tenant.into()), StatusCode::CREATED))
}

/// One organisation; admins see their own.
#[utoipa::path(
    operation_id = "tenants-get_tenant", tag = "tenants", params(TenantPath),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = TenantPublic), (status = 404, body = Problem)),
)]
#[get("/tenants/{tenant_id}")]
pub(crate) async fn get_tenant(
    call: Call<PlatformStaff<Write>, TenantPath>,
    state: Data<AppState>,
) -> Result<Json<TenantPublic>, ApiError> {
    let tenant = state.tenants.get(&call.caller, TenantId(call.path.tenant_id.0)).await?;
    Ok(Json(tenant.into()))
}

/// Changes an organisation; admins their own.
#[utoipa::path(
    operation_id = "tenants-update_tenant", tag = "tenants", params(TenantPath),
    security(("OAuth2PasswordBearer" = [])), request_body = TenantUpdate,
    responses(
        (status = 200, body = TenantPublic),
        (status = 400, body = Problem, description = "The slug is taken"),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The domain is active, or taken"),
    ),
)]
#[patch("/tenants/{tenant_id}")]
pub(crate) async fn update_tenant(
    call: Call<PlatformStaff<Write>, TenantPath, (), TenantUpdate>,
    state: Data<AppState>,
) -> Result<Json<TenantPublic>, ApiError> {
    let id = TenantId(call.path.tenant_id.0);
    let tenant = state.tenants.update(&call.caller, id, call.body.into()).await?;
    Ok(Json(tenant.into()))
}

/// Deletes an organisation, which can be undone.
#[utoipa::path(
    operation_id = "tenants-delete_tenant", tag = "tenants", params(TenantPath),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/tenants/{tenant_id}")]
pub(crate) async fn delete_tenant(
    call: Call<PlatformStaff<Govern>, TenantPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.tenants.delete(&call.caller, TenantId(call.path.tenant_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Undoes the deletion of an organisation.
#[utoipa::path(
    operation_id = "tenants-restore_tenant", tag = "tenants", params(TenantPath),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = TenantPublic), (status = 404, body = Problem)),
)]
#[post("/tenants/{tenant_id}/restore")]
pub(crate) async fn restore_tenant(
    call: Call<PlatformStaff<Govern>, TenantPath>,
    state: Data<AppState>,
) -> Result<Json<TenantPublic>, ApiError> {
    let tenant = state.tenants.restore(&call.caller, TenantId(call.path.tenant_id.0)).await?;
    Ok(Json(tenant.into()))
}

impl From<TenantCreate> for NewTenant {
    fn from(body: TenantCreate) -> Self {
        Self {
            name: body.name.into_inner(),
            sender_email: body.sender_email.map(|email| email.0.as_str().to_owned()),
            sender_name: body.sender_name.map(Line::into_inner),
            image_url: body.image_url.map(|url| url.0),
            icon_url: body.icon_url.map(|url| url.0),
            logo_url: body.logo_url.map(|url| url.0),
        }
    }
}

impl From<TenantUpdate> for TenantChange {
    fn from(body: TenantUpdate) -> Self {
        Self {
            name: body.name.map(Filled::into_inner),
            slug: body.slug.map(Text::into_inner),
            sender_email: body.sender_email.map(|email| email.0.as_str().to_owned()).into(),
            sender_name: body.sender_name.map(Line::into_inner).into(),
            image_url: body.image_url.map(|url| url.0).into(),
            icon_url: body.icon_url.map(|url| url.0).into(),
            logo_url: body.logo_url.map(|url| url.0).into(),
            custom_domain: body.custom_domain.map(|host| host.0).into(),
            custom_domain_active: body.custom_domain_active.map(|flag| flag.0),
        }
    }
}

impl From<Tenant> for TenantPublic {
    fn from(tenant: Tenant) -> Self {
        Self {
            name: tenant.name,
            slug: tenant.slug.as_str().to_owned(),
            deleted: tenant.deleted,
            sender_email: tenant.sender_email,
            sender_name: tenant.sender_name,
            image_url: tenant.image_url,
            icon_url: tenant.icon_url,
            logo_url: tenant.logo_url,
            custom_domain: tenant.custom_domain.map(|host| host.as_str().to_owned()),
            custom_domain_active: tenant.custom_domain_active,
            id: tenant.id.0,
        }
    }
}
