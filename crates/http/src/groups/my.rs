use actix_web::{
    HttpResponse, delete, get,
    http::StatusCode,
    patch, post, put,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::{
    AppError,
    groups::BatchedMember,
    idempotency::{Once, Repeatable},
};
use edgeos_domain::{GroupId, HumanId};
use edgeos_ports::{GroupMemberView, Participant};
use utoipa::IntoParams;

use super::{
    GroupPath, GroupPersonPath,
    input::{GroupMemberBatch, GroupMemberCreate, GroupMemberUpdate, GroupUpdate},
    output::{GroupMemberBatchResult, GroupMemberPublic, GroupPublic, GroupWithMembers},
};
use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Call, RepeatHeader, replay, stored_answer},
    error::{ApiError, Problem},
    shape::Wrong,
    state::AppState,
};

/// Which stretch of a list.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct MyGroupsQuery {
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

/// The groups that one leads, newest first.
#[utoipa::path(
    operation_id = "groups-list_my_groups", tag = "groups", params(MyGroupsQuery),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ListModel<GroupPublic>)),
)]
#[get("/groups/my/groups")]
pub(crate) async fn list_my_groups(
    call: Call<Participant, (), MyGroupsQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<GroupPublic>>, ApiError> {
    let paging = paging(call.query.skip, call.query.limit);
    let page = state.led_groups.list(&call.caller, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// A group that one leads, with everybody in it.
#[utoipa::path(
    operation_id = "groups-get_my_group", tag = "groups", params(GroupPath),
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = GroupWithMembers),
        (status = 403, body = Problem, description = "Not a leader of the group"),
        (status = 404, body = Problem),
    ),
)]
#[get("/groups/my/{group_id}")]
pub(crate) async fn get_my_group(
    call: Call<Participant, GroupPath>,
    state: Data<AppState>,
) -> Result<Json<GroupWithMembers>, ApiError> {
    let id = GroupId(call.path.group_id.0);
    Ok(Json(state.led_groups.get(&call.caller, id).await?.into()))
}

/// Changes what a group that one leads tells, or lets fewer people in.
#[utoipa::path(
    operation_id = "groups-update_my_group", tag = "groups", params(GroupPath),
    security(("OAuth2PasswordBearer" = [])), request_body = GroupUpdate,
    responses(
        (status = 200, body = GroupPublic),
        (status = 403, body = Problem, description = "Not a leader of the group, or more members than before"),
        (status = 404, body = Problem),
    ),
)]
#[patch("/groups/my/{group_id}")]
pub(crate) async fn update_my_group(
    call: Call<Participant, GroupPath, (), GroupUpdate>,
    state: Data<AppState>,
) -> Result<Json<GroupPublic>, ApiError> {
    let id = GroupId(call.path.group_id.0);
    Ok(Json(state.led_groups.update(&call.caller, id, call.body.into()).await?.into()))
}

/// Brings somebody into a group that one leads: known or not, with an application or without.
#[utoipa::path(
    operation_id = "groups-add_group_member", tag = "groups",
    params(GroupPath, RepeatHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = GroupMemberCreate,
    responses(
        (status = 201, body = GroupMemberPublic),
        (status = 400, body = Problem, description = "The event, the group or the person's application says no"),
        (status = 403, body = Problem, description = "Not a leader, an ambassador group, or not on the list"),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The person takes part as a companion"),
    ),
)]
#[post("/groups/my/{group_id}/members")]
pub(crate) async fn add_group_member(
    call: Call<Participant, GroupPath, (), GroupMemberCreate>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let request = call.meta.repeatable(call.caller.human().0, "groups-add_group_member")?;
    let render =
        |view: &GroupMemberView| stored_answer(StatusCode::CREATED, &GroupMemberPublic::from(view));
    let once = request.map(|request| Repeatable { request, render: &render });
    let (id, new) = (GroupId(call.path.group_id.0), call.body.into());
    let added = state.led_groups.add_member(&call.caller, id, new, once.as_ref()).await?;
    Ok(match added {
        Once::Done(view) => HttpResponse::Created().json(GroupMemberPublic::from(&view)),
        Once::Repeated(answer) => replay(answer),
    })
}

/// Brings many people into a group that one leads. Each is told about; who can't be brought in is left out.
#[utoipa::path(
    operation_id = "groups-add_group_members_batch", tag = "groups",
    params(GroupPath, RepeatHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = GroupMemberBatch,
    responses(
        (status = 207, body = Vec<GroupMemberBatchResult>),
        (status = 403, body = Problem, description = "Not a leader of the group, or an ambassador group"),
        (status = 404, body = Problem),
    ),
)]
#[post("/groups/my/{group_id}/members/batch")]
pub(crate) async fn add_group_members_batch(
    call: Call<Participant, GroupPath, (), GroupMemberBatch>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let GroupMemberBatch { members, update_existing } = call.body;
    if members.0.is_empty() {
        return Err(AppError::invalid("members")("must not be empty").into());
    }
    let operation = "groups-add_group_members_batch";
    let request = call.meta.repeatable(call.caller.human().0, operation)?;
    let results = |batch: &Vec<BatchedMember>| {
        batch.iter().map(Into::into).collect::<Vec<GroupMemberBatchResult>>()
    };
    let render =
        |batch: &Vec<BatchedMember>| stored_answer(StatusCode::MULTI_STATUS, &results(batch));
    let once = request.map(|request| Repeatable { request, render: &render });
    let id = GroupId(call.path.group_id.0);
    let members = members.0.into_iter().map(Into::into).collect();
    let groups = &state.led_groups;
    let added =
        groups.add_members(&call.caller, id, members, update_existing.0, once.as_ref()).await?;
    Ok(match added {
        Once::Done(batch) => HttpResponse::MultiStatus().json(results(&batch)),
        Once::Repeated(answer) => replay(answer),
    })
}

/// Changes the profile of somebody in a group that one leads.
#[utoipa::path(
    operation_id = "groups-update_group_member", tag = "groups", params(GroupPersonPath),
    security(("OAuth2PasswordBearer" = [])), request_body = GroupMemberUpdate,
    responses(
        (status = 200, body = GroupMemberPublic),
        (status = 400, body = Problem, description = "Another e-mail address"),
        (status = 403, body = Problem, description = "Not a leader of the group, or an ambassador group"),
        (status = 404, body = Problem, description = "No such group, or not its member"),
    ),
)]
#[put("/groups/my/{group_id}/members/{human_id}")]
pub(crate) async fn update_group_member(
    call: Call<Participant, GroupPersonPath, (), GroupMemberUpdate>,
    state: Data<AppState>,
) -> Result<Json<GroupMemberPublic>, ApiError> {
    let (id, human) = (GroupId(call.path.group_id.0), HumanId(call.path.human_id.0));
    let change = call.body.into();
    let view = state.led_groups.update_member(&call.caller, id, human, change).await?;
    Ok(Json((&view).into()))
}

/// Takes somebody out of a group that one leads.
#[utoipa::path(
    operation_id = "groups-remove_group_member", tag = "groups", params(GroupPersonPath),
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 204),
        (status = 400, body = Problem, description = "The member holds products"),
        (status = 403, body = Problem, description = "Not a leader of the group, or an ambassador group"),
        (status = 404, body = Problem, description = "No such group, or not its member"),
    ),
)]
#[delete("/groups/my/{group_id}/members/{human_id}")]
pub(crate) async fn remove_group_member(
    call: Call<Participant, GroupPersonPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let (id, human) = (GroupId(call.path.group_id.0), HumanId(call.path.human_id.0));
    state.led_groups.remove_member(&call.caller, id, human).await?;
    Ok(HttpResponse::NoContent().finish())
}
