use actix_web::{
    get, patch,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{FieldConfig, FieldConfigId, PopupId, QuestionChange, SectionId};
use edgeos_ports::Writer;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    form_fields::{Options, options},
    shape::{Id, Int32, Patch, Sent, Text, Trimmed, Wrong},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(list_base_field_configs).service(update_base_field_config);
}

/// A change of how an event puts a built-in question. What is empty is put as built in.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct BaseFieldConfigUpdate {
    #[deserr(default)]
    section_id: Patch<Id>,
    #[deserr(default)]
    position: Sent<Int32>,
    #[deserr(default)]
    label: Patch<Trimmed<255>>,
    #[deserr(default)]
    placeholder: Patch<Text<10_000>>,
    /// `{popup_name}` in it stands for the event's name.
    #[deserr(default)]
    help_text: Patch<Text<10_000>>,
    #[deserr(default)]
    options: Patch<Options>,
}

/// How an event puts a built-in question. What is empty is put as built in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BaseFieldConfigPublic {
    id: Uuid,
    tenant_id: Uuid,
    popup_id: Uuid,
    field_name: String,
    section_id: Option<Uuid>,
    #[schema(default = 0)]
    position: i32,
    label: Option<String>,
    placeholder: Option<String>,
    help_text: Option<String>,
    options: Option<Vec<String>>,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct BaseFieldConfigQuery {
    popup_id: Id,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct ConfigPath {
    config_id: Id,
}

/// How an event puts the built-in questions, by position.
#[utoipa::path(
    operation_id = "base-field-configs-list_base_field_configs", tag = "base-field-configs",
    params(BaseFieldConfigQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Vec<BaseFieldConfigPublic>)),
)]
#[get("/base-field-configs")]
pub(crate) async fn list_base_field_configs(
    call: Call<Writer, (), BaseFieldConfigQuery>,
    state: Data<AppState>,
) -> Result<Json<Vec<BaseFieldConfigPublic>>, ApiError> {
    let configs = state.field_configs.list(&call.caller, PopupId(call.query.popup_id.0)).await?;
    Ok(Json(configs.into_iter().map(BaseFieldConfigPublic::from).collect()))
}

/// Changes how an event puts a built-in question.
#[utoipa::path(
    operation_id = "base-field-configs-update_base_field_config", tag = "base-field-configs",
    params(ConfigPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    request_body = BaseFieldConfigUpdate,
    responses(
        (status = 200, body = BaseFieldConfigPublic),
        (status = 400, body = Problem, description = "The section is not one of this event's form"),
        (status = 404, body = Problem),
    ),
)]
#[patch("/base-field-configs/{config_id}")]
pub(crate) async fn update_base_field_config(
    call: Call<Writer, ConfigPath, (), BaseFieldConfigUpdate>,
    state: Data<AppState>,
) -> Result<Json<BaseFieldConfigPublic>, ApiError> {
    let id = FieldConfigId(call.path.config_id.0);
    let config = state.field_configs.update(&call.caller, id, call.body.into()).await?;
    Ok(Json(config.into()))
}

impl From<BaseFieldConfigUpdate> for QuestionChange {
    fn from(body: BaseFieldConfigUpdate) -> Self {
        Self {
            label: body.label.map(Trimmed::into_inner).into(),
            field_type: None,
            section: body.section_id.map(|id| SectionId(id.0)).into(),
            position: body.position.map(Int32::int32),
            required: None,
            options: body.options.map(options).into(),
            placeholder: body.placeholder.map(Text::into_inner).into(),
            help_text: body.help_text.map(Text::into_inner).into(),
        }
    }
}

impl From<FieldConfig> for BaseFieldConfigPublic {
    fn from(config: FieldConfig) -> Self {
        Self {
            id: config.id.0,
            tenant_id: config.tenant.0,
            popup_id: config.popup.0,
            field_name: config.field_name,
            section_id: config.section.map(|section| section.0),
            position: config.position,
            label: config.label,
            placeholder: config.placeholder,
            help_text: config.help_text,
            options: config.options,
        }
    }
}
