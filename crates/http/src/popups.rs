mod input;
mod output;

use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{PopupId, TenantId};
use edgeos_ports::{Participant, Reader, Writer};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use self::{
    input::{PopupCreate, PopupUpdate},
    output::{PopupAdmin, PopupPublic},
};
use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Access, Call, TENANT_HEADER, TenantHeader},
    error::{ApiError, Problem},
    shape::{Fault, Id, Step, Text, Wrong, choice, from_header},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    // The word `list` comes before any slug.
    config
        .service(list_portal_popups)
        .service(get_portal_popup)
        .service(list_public_popups)
        .service(list_popups)
        .service(create_popup)
        .service(get_popup)
        .service(update_popup)
        .service(delete_popup);
}

choice! {
    /// How far an event is.
    PopupStatus(edgeos_domain::PopupStatus) {
        "draft" => Draft, "active" => Active, "archived" => Archived, "ended" => Ended,
    }
}

/// Which events, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct PopupQuery {
    /// Part of the name.
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
pub(crate) struct PopupPath {
    pub(crate) popup_id: Id,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct PopupSlugPath {
    slug: Text<255>,
}

/// Anybody, with the tenant whose portal they visit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visitor(TenantId);

impl Access for Visitor {
    async fn admit(request: &HttpRequest, _: &AppState) -> Result<Self, ApiError> {
        let Some(text) = from_header::<Text<1024>>(request, TENANT_HEADER)? else {
            let loc = vec![Step::from("header"), Step::from(TENANT_HEADER)];
            return Err(Wrong::at(loc, Fault::Missing, "Field required").into());
        };
        let malformed = |_| ApiError::Header("The header X-Tenant-Id must be a UUID");
        Uuid::try_parse(text.trim()).map(|id| Self(TenantId(id))).map_err(malformed)
    }
}

/// The active events of the human's organisation, oldest first.
#[utoipa::path(
    operation_id = "popups-list_portal_popups", tag = "popups",
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Vec<PopupPublic>)),
)]
#[get("/popups/portal/list")]
pub(crate) async fn list_portal_popups(
    call: Call<Participant>,
    state: Data<AppState>,
) -> Result<Json<Vec<PopupPublic>>, ApiError> {
    let popups = state.shown_popups.for_human(&call.caller).await?;
    Ok(Json(popups.into_iter().map(PopupPublic::from).collect()))
}

/// One active event of the human's organisation.
#[utoipa::path(
    operation_id = "popups-get_portal_popup", tag = "popups", params(PopupSlugPath),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = PopupPublic), (status = 404, body = Problem)),
)]
#[get("/popups/portal/{slug}")]
pub(crate) async fn get_portal_popup(
    call: Call<Participant, PopupSlugPath>,
    state: Data<AppState>,
) -> Result<Json<PopupPublic>, ApiError> {
    Ok(Json(state.shown_popups.by_slug(&call.caller, &call.path.slug).await?.into()))
}

/// The active events of an organisation, oldest first.
#[utoipa::path(
    operation_id = "popups-list_public_popups", tag = "popups",
    params(("X-Tenant-Id" = String, Header, description = "The organisation")),
    responses(
        (status = 200, body = Vec<PopupPublic>),
        (status = 400, body = Problem, description = "The header is not a UUID"),
    ),
)]
#[get("/popups/public/list")]
pub(crate) async fn list_public_popups(
    call: Call<Visitor>,
    state: Data<AppState>,
) -> Result<Json<Vec<PopupPublic>>, ApiError> {
    let popups = state.shown_popups.for_visitors(call.caller.0).await?;
    Ok(Json(popups.into_iter().map(PopupPublic::from).collect()))
}

/// The organisation's events, oldest first.
#[utoipa::path(
    operation_id = "popups-list_popups", tag = "popups", params(PopupQuery, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<PopupAdmin>)),
)]
#[get("/popups")]
pub(crate) async fn list_popups(
    call: Call<Reader, (), PopupQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<PopupAdmin>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let search = query.search.and_then(Text::filled);
    let page = state.popups.list(&call.caller, search.as_deref(), paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Sets up an event. Its slug follows from its name.
#[utoipa::path(
    operation_id = "popups-create_popup", tag = "popups", params(TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = PopupCreate,
    responses(
        (status = 201, body = PopupAdmin),
        (status = 400, body = Problem, description = "The slug is taken"),
    ),
)]
#[post("/popups")]
pub(crate) async fn create_popup(
    call: Call<Writer, (), (), PopupCreate>,
    state: Data<AppState>,
) -> Result<(Json<PopupAdmin>, StatusCode), ApiError> {
    let (new, payment_key) = call.body.into_parts();
    let popup = state.popups.create(&call.caller, new, payment_key).await?;
    Ok((Json(popup.into()), StatusCode::CREATED))
}

/// One event.
#[utoipa::path(
    operation_id = "popups-get_popup", tag = "popups", params(PopupPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = PopupAdmin), (status = 404, body = Problem)),
)]
#[get("/popups/{popup_id}")]
pub(crate) async fn get_popup(
    call: Call<Reader, PopupPath>,
    state: Data<AppState>,
) -> Result<Json<PopupAdmin>, ApiError> {
    let popup = state.popups.get(&call.caller, PopupId(call.path.popup_id.0)).await?;
    Ok(Json(popup.into()))
}

/// Changes an event.
#[utoipa::path(
    operation_id = "popups-update_popup", tag = "popups", params(PopupPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = PopupUpdate,
    responses(
        (status = 200, body = PopupAdmin),
        (status = 400, body = Problem, description = "The slug is taken"),
        (status = 404, body = Problem),
    ),
)]
#[patch("/popups/{popup_id}")]
pub(crate) async fn update_popup(
    call: Call<Writer, PopupPath, (), PopupUpdate>,
    state: Data<AppState>,
) -> Result<Json<PopupAdmin>, ApiError> {
    let id = PopupId(call.path.popup_id.0);
    let (change, payment_key) = call.body.into_parts();
    let popup = state.popups.update(&call.caller, id, change, payment_key).await?;
    Ok(Json(popup.into()))
}

/// Deletes an event with everything that is of it, people excepted.
#[utoipa::path(
    operation_id = "popups-delete_popup", tag = "popups", params(PopupPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "There are payments, or somebody holds a product"),
    ),
)]
#[delete("/popups/{popup_id}")]
pub(crate) async fn delete_popup(
    call: Call<Writer, PopupPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.popups.delete(&call.caller, PopupId(call.path.popup_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}
