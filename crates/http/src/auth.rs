use actix_web::{
    HttpResponse, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::{AppError, sign_in::NewHumanLogin};
use edgeos_domain::{Email, LoginCode, StaffEmail, TenantId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    call::{AnyToken, Call, Public},
    error::{ApiError, Problem},
    humans::PictureText,
    shape::{Digits, EmailText, Flag, Id, Parsed, StaffEmailText, Text, Wrong},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(user_login)
        .service(user_authenticate)
        .service(human_login)
        .service(human_authenticate)
        .service(request_code)
        .service(verify_code)
        .service(revoke_token);
}

/// A backoffice user who wants to sign in.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct UserAuth {
    email: StaffEmailText,
}

/// A backoffice user with the code that was mailed.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct UserVerify {
    email: StaffEmailText,
    code: Digits<6>,
}

/// Somebody who wants to sign in to the portal of a tenant, or up.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct HumanAuth {
    tenant_id: Id,
    email: EmailText,
    /// A picture for somebody new.
    #[deserr(default)]
    picture_url: Option<PictureText>,
    #[deserr(default)]
    #[schema(default = false)]
    #[expect(dead_code, reason = "the contract has it, but staff alone set it")]
    red_flag: Flag,
}

/// Somebody at the portal with the code that was mailed.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct HumanVerify {
    email: EmailText,
    tenant_id: Id,
    code: Digits<6>,
}

/// Somebody who wants to sign in: to the portal of the tenant that is named, else to the backoffice.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct AuthLogin {
    email: Text<1024>,
    #[deserr(default)]
    tenant_id: Option<Id>,
}

/// Somebody with the code that was mailed, for the portal of the tenant that is named, else for the
/// backoffice.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct AuthVerify {
    email: Text<1024>,
    code: Digits<6>,
    #[deserr(default)]
    tenant_id: Option<Id>,
}

/// A code is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuthCodeSentResponse {
    message: &'static str,
    /// Where to, as understood.
    email: String,
    expires_in_minutes: i64,
}

/// What a code was traded for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    access_token: String,
    /// Always `bearer`.
    token_type: &'static str,
}

/// Mails a code to a backoffice user.
#[utoipa::path(
    operation_id = "auth-user_login", tag = "auth", request_body = UserAuth,
    responses(
        (status = 200, body = AuthCodeSentResponse),
        (status = 404, body = Problem, description = "There is no active user with this e-mail"),
        (status = 429, body = Problem, description = "Too many requests"),
        (status = 503, body = Problem, description = "Mail is off"),
    ),
)]
#[post("/auth/user/login")]
pub(crate) async fn user_login(
    call: Call<Public, (), (), UserAuth>,
    state: Data<AppState>,
) -> Result<Json<AuthCodeSentResponse>, ApiError> {
    let email = call.body.email.0;
    state.sign_in.user_login(call.meta.client_address, &email).await?;
    Ok(sent_to(email.as_str()))
}

/// Trades the code that was mailed to a backoffice user for a token.
#[utoipa::path(
    operation_id = "auth-user_authenticate", tag = "auth", request_body = UserVerify,
    responses(
        (status = 200, body = Token),
        (status = 401, body = Problem, description = "The code is wrong, over, or was used"),
        (status = 404, body = Problem, description = "There is no active user with this e-mail"),
        (status = 429, body = Problem, description = "All tries are used up"),
    ),
)]
#[post("/auth/user/authenticate")]
pub(crate) async fn user_authenticate(
    call: Call<Public, (), (), UserVerify>,
    state: Data<AppState>,
) -> Result<Json<Token>, ApiError> {
    let (body, from) = (call.body, call.meta.client_address);
    let token = state.sign_in.user_authenticate(from, &body.email.0, &code(&body.code)?).await?;
    Ok(bearer(token))
}

/// Mails a code to somebody at the portal of a tenant, known or new.
#[utoipa::path(
    operation_id = "auth-human_login", tag = "auth", request_body = HumanAuth,
    responses(
        (status = 200, body = AuthCodeSentResponse),
        (status = 404, body = Problem, description = "There is no such tenant"),
        (status = 429, body = Problem, description = "Too many requests"),
        (status = 503, body = Problem, description = "Mail is off"),
    ),
)]
#[post("/auth/human/login")]
pub(crate) async fn human_login(
    call: Call<Public, (), (), HumanAuth>,
    state: Data<AppState>,
) -> Result<Json<AuthCodeSentResponse>, ApiError> {
    let HumanAuth { tenant_id, email: Parsed(email), picture_url, .. } = call.body;
    let login = NewHumanLogin {
        tenant: TenantId(tenant_id.0),
        email: email.clone(),
        picture_url: picture_url.and_then(|picture| picture.0.0),
    };
    state.sign_in.human_login(call.meta.client_address, login).await?;
    Ok(sent_to(email.as_str()))
}

/// Trades the code that was mailed to somebody at the portal for a token. Somebody new gets an account.
#[utoipa::path(
    operation_id = "auth-human_authenticate", tag = "auth", request_body = HumanVerify,
    responses(
        (status = 200, body = Token),
        (status = 401, body = Problem, description = "The code is wrong, over, or was used"),
        (status = 429, body = Problem, description = "All tries are used up"),
    ),
)]
#[post("/auth/human/authenticate")]
pub(crate) async fn human_authenticate(
    call: Call<Public, (), (), HumanVerify>,
    state: Data<AppState>,
) -> Result<Json<Token>, ApiError> {
    let (body, from) = (call.body, call.meta.client_address);
    let (tenant, code) = (TenantId(body.tenant_id.0), code(&body.code)?);
    let token = state.sign_in.human_authenticate(from, tenant, &body.email.0, &code).await?;
    Ok(bearer(token))
}

/// Mails a code: to somebody at the portal of the tenant that is named, else to a backoffice user.
#[utoipa::path(
    operation_id = "auth-request_code", tag = "auth", request_body = AuthLogin,
    responses(
        (status = 200, body = AuthCodeSentResponse),
        (status = 404, body = Problem, description = "There is no such user, or no such tenant"),
        (status = 429, body = Problem, description = "Too many requests"),
        (status = 503, body = Problem, description = "Mail is off"),
    ),
)]
#[post("/auth/login")]
pub(crate) async fn request_code(
    call: Call<Public, (), (), AuthLogin>,
    state: Data<AppState>,
) -> Result<Json<AuthCodeSentResponse>, ApiError> {
    let (body, from) = (call.body, call.meta.client_address);
    let Some(tenant) = body.tenant_id else {
        let email = staff_email(&body.email)?;
        state.sign_in.user_login(from, &email).await?;
        return Ok(sent_to(email.as_str()));
    };
    let email = human_email(&body.email)?;
    let login =
        NewHumanLogin { tenant: TenantId(tenant.0), email: email.clone(), picture_url: None };
    state.sign_in.human_login(from, login).await?;
    Ok(sent_to(email.as_str()))
}

/// Trades a mailed code for a token.
#[utoipa::path(
    operation_id = "auth-verify_code", tag = "auth", request_body = AuthVerify,
    responses(
        (status = 200, body = Token),
        (status = 401, body = Problem, description = "The code is wrong, over, or was used"),
        (status = 404, body = Problem, description = "There is no active user with this e-mail"),
        (status = 429, body = Problem, description = "All tries are used up"),
    ),
)]
#[post("/auth/verify")]
pub(crate) async fn verify_code(
    call: Call<Public, (), (), AuthVerify>,
    state: Data<AppState>,
) -> Result<Json<Token>, ApiError> {
    let (body, from) = (call.body, call.meta.client_address);
    let code = code(&body.code)?;
    let token = if let Some(tenant) = body.tenant_id {
        let (tenant, email) = (TenantId(tenant.0), human_email(&body.email)?);
        state.sign_in.human_authenticate(from, tenant, &email, &code).await?
    } else {
        let email = staff_email(&body.email)?;
        state.sign_in.user_authenticate(from, &email, &code).await?
    };
    Ok(bearer(token))
}

/// Makes the token that comes with the request count no more, of whichever kind it is.
#[utoipa::path(
    operation_id = "auth-revoke_token", tag = "auth", security(("OAuth2PasswordBearer" = [])),
    responses((status = 204)),
)]
#[post("/auth/logout")]
pub(crate) async fn revoke_token(
    call: Call<AnyToken>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.sign_in.logout(call.caller.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn sent_to(email: &str) -> Json<AuthCodeSentResponse> {
    Json(AuthCodeSentResponse {
        message: "A sign-in code is on its way to you",
        email: email.to_owned(),
        expires_in_minutes: LoginCode::LIFETIME.num_minutes(),
    })
}

fn bearer(access_token: String) -> Json<Token> {
    Json(Token { access_token, token_type: "bearer" })
}

fn code(digits: &Digits<6>) -> Result<LoginCode, AppError> {
    LoginCode::parse(digits).map_err(AppError::invalid("code"))
}

fn staff_email(text: &str) -> Result<StaffEmail, AppError> {
    StaffEmail::parse(text).map_err(AppError::invalid("email"))
}

fn human_email(text: &str) -> Result<Email, AppError> {
    Email::parse(text).map_err(AppError::invalid("email"))
}
