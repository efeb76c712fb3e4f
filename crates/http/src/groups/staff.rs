use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post, put,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{GroupId, HumanId, PopupId};
use edgeos_ports::{GroupFilter, Reader, Writer};
use utoipa::IntoParams;

use super::{
    GroupPath, GroupPersonPath,
    input::{GroupAdminUpdate, GroupCreate},
    output::{GroupLeaderPublic, GroupPublic, GroupWithMembers},
};
use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    shape::{Id, Text, Wrong},
    state::AppState,
};

/// Which groups, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct GroupQuery {
    #[deserr(default)]
    popup_id: Option<Id>,
    /// Part of the name.
    #[deserr(default)]
    search: Option<Text<255>>,
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

/// The organisation's groups, newest first.
#[utoipa::path(
    operation_id = "groups-list_groups", tag = "groups", params(GroupQuery, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<GroupPublic>)),
)]
#[get("/groups")]
pub(crate) async fn list_groups(
    call: Call<Reader, (), GroupQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<GroupPublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let filter = GroupFilter {
        popup: query.popup_id.map(|id| PopupId(id.0)),
        leader: None,
        search: query.search.and_then(Text::filled),
    };
    let page = state.groups.list(&call.caller, &filter, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Sets up a group.
#[utoipa::path(
    operation_id = "groups-create_group", tag = "groups", params(TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = GroupCreate,
    responses(
        (status = 201, body = GroupPublic),
        (status = 400, body = Problem, description = "The slug is taken, or the person has an invite link there"),
        (status = 404, body = Problem, description = "No such event, or no such person"),
    ),
)]
#[post("/groups")]
pub(crate) async fn create_group(
    call: Call<Writer, (), (), GroupCreate>,
    state: Data<AppState>,
) -> Result<(Json<GroupPublic>, StatusCode), ApiError> {
    let (new, listed) = call.body.into_parts();
    let group = state.groups.create(&call.caller, new, listed).await?;
    Ok((Json(group.into()), StatusCode::CREATED))
}

/// One group, with everybody in it.
#[utoipa::path(
    operation_id = "groups-get_group", tag = "groups", params(GroupPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = GroupWithMembers), (status = 404, body = Problem)),
)]
#[get("/groups/{group_id}")]
pub(crate) async fn get_group(
    call: Call<Reader, GroupPath>,
    state: Data<AppState>,
) -> Result<Json<GroupWithMembers>, ApiError> {
    let id = GroupId(call.path.group_id.0);
    Ok(Json(state.groups.get(&call.caller, id).await?.into()))
}

/// Changes a group.
#[utoipa::path(
    operation_id = "groups-update_group", tag = "groups", params(GroupPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = GroupAdminUpdate,
    responses(
        (status = 200, body = GroupPublic),
        (status = 400, body = Problem, description = "The slug is taken, or the person has an invite link there"),
        (status = 404, body = Problem, description = "No such group, or no such person"),
    ),
)]
#[patch("/groups/{group_id}")]
pub(crate) async fn update_group(
    call: Call<Writer, GroupPath, (), GroupAdminUpdate>,
    state: Data<AppState>,
) -> Result<Json<GroupPublic>, ApiError> {
    let id = GroupId(call.path.group_id.0);
    let (change, listed) = call.body.into_parts();
    Ok(Json(state.groups.update(&call.caller, id, change, listed).await?.into()))
}

/// Deletes a group. Who took part through it goes on taking part.
#[utoipa::path(
    operation_id = "groups-delete_group", tag = "groups", params(GroupPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 400, body = Problem, description = "A member holds products"),
        (status = 404, body = Problem),
    ),
)]
#[delete("/groups/{group_id}")]
pub(crate) async fn delete_group(
    call: Call<Writer, GroupPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    state.groups.delete(&call.caller, GroupId(call.path.group_id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who leads a group, by e-mail.
#[utoipa::path(
    operation_id = "groups-list_group_leaders", tag = "groups", params(GroupPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Vec<GroupLeaderPublic>), (status = 404, body = Problem)),
)]
#[get("/groups/{group_id}/leaders")]
pub(crate) async fn list_group_leaders(
    call: Call<Reader, GroupPath>,
    state: Data<AppState>,
) -> Result<Json<Vec<GroupLeaderPublic>>, ApiError> {
    let leaders = state.groups.leaders(&call.caller, GroupId(call.path.group_id.0)).await?;
    Ok(Json(leaders.into_iter().map(Into::into).collect()))
}

/// Makes somebody a leader of a group. May be repeated.
#[utoipa::path(
    operation_id = "groups-add_group_leader", tag = "groups", params(GroupPersonPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "No such group, or no such person"),
    ),
)]
#[put("/groups/{group_id}/leaders/{human_id}")]
pub(crate) async fn add_group_leader(
    call: Call<Writer, GroupPersonPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let (id, human) = (GroupId(call.path.group_id.0), HumanId(call.path.human_id.0));
    state.groups.appoint_leader(&call.caller, id, human).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes the lead of a group from somebody. May be repeated.
#[utoipa::path(
    operation_id = "groups-remove_group_leader", tag = "groups",
    params(GroupPersonPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "No such group, or no such person"),
    ),
)]
#[delete("/groups/{group_id}/leaders/{human_id}")]
pub(crate) async fn remove_group_leader(
    call: Call<Writer, GroupPersonPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let (id, human) = (GroupId(call.path.group_id.0), HumanId(call.path.human_id.0));
    state.groups.remove_leader(&call.caller, id, human).await?;
    Ok(HttpResponse::NoContent().finish())
}
