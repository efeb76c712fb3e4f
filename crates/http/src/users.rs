use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{NewUser, Role, TenantId, User, UserChange, UserId};
use edgeos_ports::{PlatformStaff, Read, UserFilter, Write};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::{Instant, Limit, ListModel, Skip, paging},
    call::Call,
    error::{ApiError, Problem},
    shape::{Flag, Id, Int64, Moment, Patch, Sent, StaffEmailText, Text, Wrong, choice},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_users)
        .service(create_user)
        .service(get_current_user_info)
        .service(update_current_user)
        .service(get_user)
        .service(update_user)
        .service(delete_user);
}

choice! {
    /// What a user may do.
    UserRole(Role) { "superadmin" => Superadmin, "admin" => Admin, "viewer" => Viewer }
}

/// Somebody to be let into the backoffice.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct UserCreate {
    email: StaffEmailText,
    #[deserr(default)]
    full_name: Option<Text<255>>,
    role: UserRole,
    #[deserr(default)]
    tenant_id: Option<Id>,
    #[deserr(default)]
    #[schema(default = false)]
    #[expect(dead_code, reason = "the contract has it, without effect")]
    deleted: Flag,
    #[deserr(default)]
    #[expect(dead_code, reason = "the contract has it, without effect")]
    auth_code: Option<Text<6>>,
    #[deserr(default)]
    #[expect(dead_code, reason = "the contract has it, without effect")]
    code_expiration: Option<Moment>,
    #[deserr(default = Int64::new(0))]
    #[schema(default = 0)]
    #[expect(dead_code, reason = "the contract has it, without effect")]
    auth_attempts: Int64,
}

/// A change of a user.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct UserUpdate {
    #[deserr(default)]
    email: Sent<StaffEmailText>,
    #[deserr(default)]
    full_name: Patch<Text<255>>,
    #[deserr(default)]
    role: Sent<UserRole>,
    /// Where a superadmin without tenant works from now on; superadmins alone may send it.
    #[deserr(default)]
    tenant_id: Option<Id>,
}

/// A change of one's own record.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CurrentUserUpdate {
    #[deserr(default)]
    full_name: Patch<Text<255>>,
}

/// A user as clients see one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserPublic {
    #[schema(format = Email)]
    email: String,
    full_name: Option<String>,
    role: UserRole,
    deleted: bool,
    tenant_id: Option<Uuid>,
    /// Always null.
    auth_code: Option<String>,
    /// Always null.
    code_expiration: Option<Instant>,
    /// Always 0.
    auth_attempts: i64,
    id: Uuid,
}

/// Which users, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserQuery {
    /// Users of this organisation; counts for superadmins.
    #[deserr(default)]
    tenant_id: Option<Id>,
    #[deserr(default)]
    role: Option<UserRole>,
    /// Part of the name or the e-mail.
    #[deserr(default)]
    search: Option<Text<255>>,
    /// Deleted users instead of active ones.
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
pub(crate) struct UserPath {
    user_id: Id,
}

/// Backoffice users, by e-mail.
#[utoipa::path(
    operation_id = "users-list_users", tag = "users", params(UserQuery),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<UserPublic>)),
)]
#[get("/users")]
pub(crate) async fn list_users(
    call: Call<PlatformStaff<Write>, (), UserQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<UserPublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let filter = UserFilter {
        tenant: query.tenant_id.map(|id| TenantId(id.0)),
        role: query.role.map(|role| role.0),
        search: query.search.and_then(Text::filled),
        deleted: query.deleted.is_some_and(|flag| flag.0),
    };
    let page = state.users.list(&call.caller, filter, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Lets somebody into the backoffice.
#[utoipa::path(
    operation_id = "users-create_user", tag = "users",
    security(("OAuth2PasswordBearer" = [])), request_body = UserCreate,
    responses(
        (status = 201, body = UserPublic),
        (status = 400, body = Problem, description = "The e-mail is taken, or there is no such organisation"),
        (status = 403, body = Problem),
    ),
)]
#[post("/users")]
pub(crate) async fn create_user(
    call: Call<PlatformStaff<Read>, (), (), UserCreate>,
    state: Data<AppState>,
) -> Result<(Json<UserPublic>, StatusCode), ApiError> {
    let user = state.users.create(&call.caller, call.body.into()).await?;
    Ok((Json(user.into()), StatusCode::CREATED))
}

/// One's own record.
#[utoipa::path(
    operation_id = "users-get_current_user_info", tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = UserPublic)),
)]
#[get("/users/me")]
pub(crate) async fn get_current_user_info(
    call: Call<PlatformStaff<Read>>,
    state: Data<AppState>,
) -> Result<Json<UserPublic>, ApiError> {
    Ok(Json(state.users.me(&call.caller).await?.into()))
}

/// Changes one's own name.
#[utoipa::path(
    operation_id = "users-update_current_user", tag = "users",
    security(("OAuth2PasswordBearer" = [])), request_body = CurrentUserUpdate,
    responses((status = 200, body = UserPublic)),
)]
#[patch("/users/me")]
pub(crate) async fn update_current_user(
    call: Call<PlatformStaff<Read>, (), (), CurrentUserUpdate>,
    state: Data<AppState>,
) -> Result<Json<UserPublic>, ApiError> {
    let full_name = call.body.full_name.map(Text::into_inner).change();
    Ok(Json(state.users.update_me(&call.caller, full_name).await?.into()))
}

/// One user; admins see those of their own organisation.
#[utoipa::path(
    operation_id = "users-get_user", tag = "users", params(UserPath),
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = UserPublic),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
#[get("/users/{user_id}")]
pub(crate) async fn get_user(
    call: Call<PlatformStaff<Write>, UserPath>,
    state: Data<AppState>,
) -> Result<Json<UserPublic>, ApiError> {
    Ok(Json(state.users.get(&call.caller, UserId(call.path.user_id.0)).await?.into()))
}

/// Changes a user.
#[utoipa::path(
    operation_id = "users-update_user", tag = "users", params(UserPath),
    security(("OAuth2PasswordBearer" = [])), request_body = UserUpdate,
    responses(
        (status = 200, body = UserPublic),
        (status = 400, body = Problem, description = "The e-mail is taken"),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The last superadmin or admin would be gone"),
    ),
)]
#[patch("/users/{user_id}")]
pub(crate) async fn update_user(
    call: Call<PlatformStaff<Write>, UserPath, (), UserUpdate>,
    state: Data<AppState>,
) -> Result<Json<UserPublic>, ApiError> {
    let id = UserId(call.path.user_id.0);
    Ok(Json(state.users.update(&call.caller, id, call.body.into()).await?.into()))
}

/// Deletes a user, who can be let in again later.
#[utoipa::path(
    operation_id = "users-delete_user", tag = "users", params(UserPath),
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 400, body = Problem, description = "Nobody deletes the own account"),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ),
)]
#[delete("/users/{user_id}")]
pub(crate) async fn delete_user(
    call: Call<PlatformStaff<Write>, UserPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.users.delete(&call.caller, UserId(call.path.user_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<UserCreate> for NewUser {
    fn from(body: UserCreate) -> Self {
        Self {
            email: body.email.0,
            full_name: body.full_name.and_then(Text::filled),
            role: body.role.0,
            tenant: body.tenant_id.map(|id| TenantId(id.0)),
        }
    }
}

impl From<UserUpdate> for UserChange {
    fn from(body: UserUpdate) -> Self {
        Self {
            email: body.email.map(|email| email.0),
            full_name: body.full_name.map(Text::into_inner).change(),
            role: body.role.map(|role| role.0),
            tenant: body.tenant_id.map(|id| TenantId(id.0)),
        }
    }
}

impl From<User> for UserPublic {
    fn from(user: User) -> Self {
        Self {
            email: user.email.as_str().to_owned(),
            full_name: user.full_name,
            role: user.role.into(),
            deleted: user.deleted,
            tenant_id: user.tenant.map(|tenant| tenant.0),
            auth_code: None,
            code_expiration: None,
            auth_attempts: 0,
            id: user.id.0,
        }
    }
}
