mod body;

use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{FieldId, PopupId};
use edgeos_ports::{Participant, Reader, Writer};
use serde_json::Value;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use self::body::{FormFieldCreate, FormFieldPublic, FormFieldUpdate};
pub(crate) use self::body::{Options, options};
use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    popups::PopupPath,
    shape::{Id, JsonObject, Text, Wrong},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_application_schema)
        .service(get_portal_application_schema)
        .service(list_form_fields)
        .service(create_form_field)
        .service(get_form_field)
        .service(update_form_field)
        .service(delete_form_field);
}

/// Which questions, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct FormFieldQuery {
    /// Of one event alone, the built-in ones included.
    #[deserr(default)]
    popup_id: Option<Id>,
    /// Part of label or name; of one event's questions, of the type as well.
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
pub(crate) struct FieldPath {
    field_id: Id,
}

/// The form of an event: built-in questions, own questions, sections.
#[utoipa::path(
    operation_id = "form-fields-get_application_schema", tag = "form-fields",
    params(PopupPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = JsonObject), (status = 404, body = Problem)),
)]
#[get("/form-fields/schema/{popup_id}")]
pub(crate) async fn get_application_schema(
    call: Call<Reader, PopupPath>,
    state: Data<AppState>,
) -> Result<Json<Value>, ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    Ok(Json(state.form_fields.schema(&call.caller, popup).await?))
}

/// The form of an event that isn't over, for people who apply.
#[utoipa::path(
    operation_id = "form-fields-get_portal_application_schema", tag = "form-fields",
    params(PopupPath), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = JsonObject), (status = 404, body = Problem)),
)]
#[get("/form-fields/portal/schema/{popup_id}")]
pub(crate) async fn get_portal_application_schema(
    call: Call<Participant, PopupPath>,
    state: Data<AppState>,
) -> Result<Json<Value>, ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    Ok(Json(state.form_fields.portal_schema(&call.caller, popup).await?))
}

/// The questions of forms, by position: of one event with the built-in ones, of all events without.
#[utoipa::path(
    operation_id = "form-fields-list_form_fields", tag = "form-fields",
    params(FormFieldQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<FormFieldPublic>)),
)]
#[get("/form-fields")]
pub(crate) async fn list_form_fields(
    call: Call<Reader, (), FormFieldQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<FormFieldPublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let popup = query.popup_id.map(|id| PopupId(id.0));
    let search = query.search.and_then(Text::filled);
    let page = state.form_fields.list(&call.caller, popup, search.as_deref(), paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Adds a question to the form of an event.
#[utoipa::path(
    operation_id = "form-fields-create_form_field", tag = "form-fields",
    params(TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = FormFieldCreate,
    responses(
        (status = 201, body = FormFieldPublic),
        (status = 400, body = Problem, description = "Not a section of this form, or as many questions as it can have"),
        (status = 404, body = Problem, description = "No such event"),
        (status = 409, body = Problem, description = "No name was free"),
    ),
)]
#[post("/form-fields")]
pub(crate) async fn create_form_field(
    call: Call<Writer, (), (), FormFieldCreate>,
    state: Data<AppState>,
) -> Result<(Json<FormFieldPublic>, StatusCode), ApiError> {
    let question = state.form_fields.create(&call.caller, call.body.into()).await?;
    Ok((Json(question.into()), StatusCode::CREATED))
}

/// One question, built in or the organiser's own.
#[utoipa::path(
    operation_id = "form-fields-get_form_field", tag = "form-fields",
    params(FieldPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = FormFieldPublic), (status = 404, body = Problem)),
)]
#[get("/form-fields/{field_id}")]
pub(crate) async fn get_form_field(
    call: Call<Reader, FieldPath>,
    state: Data<AppState>,
) -> Result<Json<FormFieldPublic>, ApiError> {
    Ok(Json(state.form_fields.get(&call.caller, call.path.field_id.0).await?.into()))
}

/// Changes a question; of a built-in one how it is put and where.
#[utoipa::path(
    operation_id = "form-fields-update_form_field", tag = "form-fields",
    params(FieldPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = FormFieldUpdate,
    responses(
        (status = 200, body = FormFieldPublic),
        (status = 400, body = Problem, description = "The section is not one of this event's form"),
        (status = 404, body = Problem),
    ),
)]
#[patch("/form-fields/{field_id}")]
pub(crate) async fn update_form_field(
    call: Call<Writer, FieldPath, (), FormFieldUpdate>,
    state: Data<AppState>,
) -> Result<Json<FormFieldPublic>, ApiError> {
    let id = call.path.field_id.0;
    Ok(Json(state.form_fields.update(&call.caller, id, call.body.into()).await?.into()))
}

/// Deletes a question of the organiser, but no answers to it.
#[utoipa::path(
    operation_id = "form-fields-delete_form_field", tag = "form-fields",
    params(FieldPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "No such question, or a built-in one"),
    ),
)]
#[delete("/form-fields/{field_id}")]
pub(crate) async fn delete_form_field(
    call: Call<Writer, FieldPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.form_fields.delete(&call.caller, FieldId(call.path.field_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}
