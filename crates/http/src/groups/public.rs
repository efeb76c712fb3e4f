use actix_web::{
    HttpRequest, get,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::TenantId;
use utoipa::IntoParams;

use super::output::GroupPublic;
use crate::{
    call::{Access, Call, named_tenant},
    error::{ApiError, Problem},
    shape::{Text, Wrong},
    state::AppState,
};

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct GroupSlugPath {
    group_slug: Text<255>,
}

/// Anybody, possibly with the tenant whose portal they visit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Follower(Option<TenantId>);

impl Access for Follower {
    async fn admit(request: &HttpRequest, _: &AppState) -> Result<Self, ApiError> {
        named_tenant(request).map(Self)
    }
}

/// The group that a link leads to. Who is listed isn't told.
#[utoipa::path(
    operation_id = "groups-get_group_public", tag = "groups",
    params(
        GroupSlugPath,
        ("X-Tenant-Id" = Option<String>, Header, description = "The organisation"),
    ),
    responses(
        (status = 200, body = GroupPublic),
        (status = 400, body = Problem, description = "The header is not a UUID"),
        (status = 404, body = Problem),
    ),
)]
#[get("/groups/public/{group_slug}")]
pub(crate) async fn get_group_public(
    call: Call<Follower, GroupSlugPath>,
    state: Data<AppState>,
) -> Result<Json<GroupPublic>, ApiError> {
    Ok(Json(state.shown_groups.by_slug(&call.path.group_slug, call.caller.0).await?.into()))
}
