use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{FormSection, FormSectionChange, NewFormSection, PopupId, SectionId};
use edgeos_ports::{Reader, Writer};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    shape::{Filled, Id, Int32, Patch, Sent, Text, Wrong},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_form_sections)
        .service(create_form_section)
        .service(get_form_section)
        .service(update_form_section)
        .service(delete_form_section);
}

/// A part of the form of an event.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct FormSectionCreate {
    popup_id: Id,
    label: Filled<255>,
    #[deserr(default)]
    description: Option<Text<10_000>>,
    /// Its place among the sections, ascending.
    #[deserr(default = Int32::new(0))]
    #[schema(default = 0)]
    order: Int32,
}

/// A change of a section.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct FormSectionUpdate {
    #[deserr(default)]
    label: Sent<Filled<255>>,
    #[deserr(default)]
    description: Patch<Text<10_000>>,
    #[deserr(default)]
    order: Sent<Int32>,
}

/// A part of the form of an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormSectionPublic {
    id: Uuid,
    tenant_id: Uuid,
    popup_id: Uuid,
    label: String,
    description: Option<String>,
    #[schema(default = 0)]
    order: i32,
    /// Whether it came with the event and can't be deleted.
    #[schema(default = false)]
    protected: bool,
}

/// Which sections, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct FormSectionQuery {
    /// Of one event alone.
    #[deserr(default)]
    popup_id: Option<Id>,
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct SectionPath {
    section_id: Id,
}

/// The sections of forms, by their order.
#[utoipa::path(
    operation_id = "form-sections-list_form_sections", tag = "form-sections",
    params(FormSectionQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<FormSectionPublic>)),
)]
#[get("/form-sections")]
pub(crate) async fn list_form_sections(
    call: Call<Reader, (), FormSectionQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<FormSectionPublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let popup = query.popup_id.map(|id| PopupId(id.0));
    let page = state.form_sections.list(&call.caller, popup, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Adds a section to the form of an event.
#[utoipa::path(
    operation_id = "form-sections-create_form_section", tag = "form-sections",
    params(TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = FormSectionCreate,
    responses(
        (status = 201, body = FormSectionPublic),
        (status = 400, body = Problem, description = "The form has as many sections as it can"),
        (status = 404, body = Problem, description = "No such event"),
    ),
)]
#[post("/form-sections")]
pub(crate) async fn create_form_section(
    call: Call<Writer, (), (), FormSectionCreate>,
    state: Data<AppState>,
) -> Result<(Json<FormSectionPublic>, StatusCode), ApiError> {
    let section = state.form_sections.create(&call.caller, call.body.into()).await?;
    Ok((Json(section.into()), StatusCode::CREATED))
}

/// One section.
#[utoipa::path(
    operation_id = "form-sections-get_form_section", tag = "form-sections",
    params(SectionPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = FormSectionPublic), (status = 404, body = Problem)),
)]
#[get("/form-sections/{section_id}")]
pub(crate) async fn get_form_section(
    call: Call<Reader, SectionPath>,
    state: Data<AppState>,
) -> Result<Json<FormSectionPublic>, ApiError> {
    let section = state.form_sections.get(&call.caller, SectionId(call.path.section_id.0)).await?;
    Ok(Json(section.into()))
}

/// Changes a section, one that came with the event as well.
#[utoipa::path(
    operation_id = "form-sections-update_form_section", tag = "form-sections",
    params(SectionPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = FormSectionUpdate,
    responses((status = 200, body = FormSectionPublic), (status = 404, body = Problem)),
)]
#[patch("/form-sections/{section_id}")]
pub(crate) async fn update_form_section(
    call: Call<Writer, SectionPath, (), FormSectionUpdate>,
    state: Data<AppState>,
) -> Result<Json<FormSectionPublic>, ApiError> {
    let id = SectionId(call.path.section_id.0);
    let section = state.form_sections.update(&call.caller, id, call.body.into()).await?;
    Ok(Json(section.into()))
}

/// Deletes a section. Its questions stay, in no section.
#[utoipa::path(
    operation_id = "form-sections-delete_form_section", tag = "form-sections",
    params(SectionPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 400, body = Problem, description = "It came with the event"),
        (status = 404, body = Problem),
    ),
)]
#[delete("/form-sections/{section_id}")]
pub(crate) async fn delete_form_section(
    call: Call<Writer, SectionPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.form_sections.delete(&call.caller, SectionId(call.path.section_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<FormSectionCreate> for NewFormSection {
    fn from(body: FormSectionCreate) -> Self {
        Self {
            popup: PopupId(body.popup_id.0),
            label: body.label.into_inner(),
            description: body.description.map(Text::into_inner),
            order: body.order.int32(),
        }
    }
}

impl From<FormSectionUpdate> for FormSectionChange {
    fn from(body: FormSectionUpdate) -> Self {
        Self {
            label: body.label.map(Filled::into_inner),
            description: body.description.map(Text::into_inner).into(),
            order: body.order.map(Int32::int32),
        }
    }
}

impl From<FormSection> for FormSectionPublic {
    fn from(section: FormSection) -> Self {
        Self {
            id: section.id.0,
            tenant_id: section.tenant.0,
            popup_id: section.popup.0,
            label: section.label,
            description: section.description,
            order: section.order,
            protected: section.protected,
        }
    }
}
