//! Organisers' words for the mails of their events.

mod dto;

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use edgeos_app::email_templates::TEST_PATIENCE;
use edgeos_domain::{EmailTemplateId, MailTemplate, PopupId};
use edgeos_ports::{PlatformStaff, Read, Reader, Writer};
use tokio::time::sleep;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use self::dto::EmailTemplateType;
use self::dto::{
    EmailTemplateCreate, EmailTemplatePublic, EmailTemplateUpdate, PreviewRequest, PreviewResponse,
    SendTestRequest, TemplatePath, TemplateQuery, TemplateTypeInfo, TypePath,
};
use crate::{
    answer::{ListModel, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        // Before what names a template.
        .service(list_template_types)
        .service(get_default_template)
        .service(preview_template)
        .service(send_test_email)
        .service(list_email_templates)
        .service(create_email_template)
        .service(get_email_template)
        .service(update_email_template)
        .service(delete_email_template);
}

/// The mails whose words can be replaced, and what they may show.
#[utoipa::path(
    operation_id = "email-templates-list_template_types", tag = "email-templates",
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Vec<TemplateTypeInfo>)),
)]
#[get("/email-templates/types")]
pub(crate) async fn list_template_types(
    _call: Call<PlatformStaff<Read>>,
) -> Json<Vec<TemplateTypeInfo>> {
    Json(MailTemplate::customisable().map(TemplateTypeInfo::from).collect())
}

/// The built-in document of a mail, to start from.
#[utoipa::path(
    operation_id = "email-templates-get_default_template", tag = "email-templates",
    params(TypePath), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = BTreeMap<String, String>)),
)]
#[get("/email-templates/default/{template_type}")]
pub(crate) async fn get_default_template(
    call: Call<PlatformStaff<Read>, TypePath>,
    state: Data<AppState>,
) -> Json<BTreeMap<&'static str, String>> {
    let html = state.email_templates.built_in(call.path.template_type.0).to_owned();
    Json(BTreeMap::from([("html_content", html)]))
}

/// Words as they would be read. Variables without a value show their own name.
#[utoipa::path(
    operation_id = "email-templates-preview_template", tag = "email-templates",
    params(TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = PreviewRequest,
    responses(
        (status = 200, body = PreviewResponse),
        (status = 400, body = Problem, description = "No such type, or the words can't be rendered"),
        (status = 503, body = Problem, description = "Too many words are being rendered, try again"),
    ),
)]
#[post("/email-templates/preview")]
pub(crate) async fn preview_template(
    call: Call<Reader, (), (), PreviewRequest>,
    state: Data<AppState>,
) -> Result<Json<PreviewResponse>, ApiError> {
    Ok(Json(state.email_templates.preview(&call.caller, call.body.into()).await?.into()))
}

/// Sends words to an address, at once.
#[utoipa::path(
    operation_id = "email-templates-send_test_email", tag = "email-templates",
    params(TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = SendTestRequest,
    responses(
        (status = 200, body = BTreeMap<String, String>),
        (status = 400, body = Problem, description = "No such type, or the words can't be rendered"),
        (status = 429, body = Problem, description = "Too many test mails"),
        (status = 502, body = Problem, description = "The mail server didn't take it"),
        (status = 503, body = Problem, description = "Mail is off, or too many words are being rendered"),
    ),
)]
#[post("/email-templates/send-test")]
pub(crate) async fn send_test_email(
    call: Call<Writer, (), (), SendTestRequest>,
    state: Data<AppState>,
) -> Result<Json<BTreeMap<&'static str, String>>, ApiError> {
    let (to, draft) = call.body.into_parts();
    state.email_templates.send_test(&call.caller, &to, draft, sleep(TEST_PATIENCE)).await?;
    Ok(Json(BTreeMap::from([("message", format!("Test mail sent to {}", to.as_str()))])))
}

/// The templates of an event by type, or all of them, newest first.
#[utoipa::path(
    operation_id = "email-templates-list_email_templates", tag = "email-templates",
    params(TemplateQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<EmailTemplatePublic>)),
)]
#[get("/email-templates")]
pub(crate) async fn list_email_templates(
    call: Call<Reader, (), TemplateQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<EmailTemplatePublic>>, ApiError> {
    let paging = paging(call.query.skip, call.query.limit);
    let popup = call.query.popup_id.map(|id| PopupId(id.0));
    let page = state.email_templates.list(&call.caller, popup, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Stores words for a mail of an event.
#[utoipa::path(
    operation_id = "email-templates-create_email_template", tag = "email-templates",
    params(TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = EmailTemplateCreate,
    responses(
        (status = 201, body = EmailTemplatePublic),
        (status = 400, body = Problem,
            description = "No such type, the event has such a template, or the words can't be read"),
        (status = 404, body = Problem, description = "No such event"),
    ),
)]
#[post("/email-templates")]
pub(crate) async fn create_email_template(
    call: Call<Writer, (), (), EmailTemplateCreate>,
    state: Data<AppState>,
) -> Result<(Json<EmailTemplatePublic>, StatusCode), ApiError> {
    let template = state.email_templates.create(&call.caller, call.body.into()).await?;
    Ok((Json(template.into()), StatusCode::CREATED))
}

/// A template.
#[utoipa::path(
    operation_id = "email-templates-get_email_template", tag = "email-templates",
    params(TemplatePath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = EmailTemplatePublic), (status = 404, body = Problem)),
)]
#[get("/email-templates/{template_id}")]
pub(crate) async fn get_email_template(
    call: Call<Reader, TemplatePath>,
    state: Data<AppState>,
) -> Result<Json<EmailTemplatePublic>, ApiError> {
    let id = EmailTemplateId(call.path.template_id.0);
    Ok(Json(state.email_templates.get(&call.caller, id).await?.into()))
}

/// Changes a template.
#[utoipa::path(
    operation_id = "email-templates-update_email_template", tag = "email-templates",
    params(TemplatePath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = EmailTemplateUpdate,
    responses(
        (status = 200, body = EmailTemplatePublic),
        (status = 400, body = Problem, description = "The words can't be read"),
        (status = 404, body = Problem),
    ),
)]
#[patch("/email-templates/{template_id}")]
pub(crate) async fn update_email_template(
    call: Call<Writer, TemplatePath, (), EmailTemplateUpdate>,
    state: Data<AppState>,
) -> Result<Json<EmailTemplatePublic>, ApiError> {
    let id = EmailTemplateId(call.path.template_id.0);
    Ok(Json(state.email_templates.update(&call.caller, id, call.body.into()).await?.into()))
}

/// Goes back to the built-in words.
#[utoipa::path(
    operation_id = "email-templates-delete_email_template", tag = "email-templates",
    params(TemplatePath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/email-templates/{template_id}")]
pub(crate) async fn delete_email_template(
    call: Call<Writer, TemplatePath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.email_templates.delete(&call.caller, EmailTemplateId(call.path.template_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}
