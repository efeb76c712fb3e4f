use actix_web::{
    HttpResponse, get,
    http::StatusCode,
    patch, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::{
    humans::{HumanChange, HumanSearch, NewHuman},
    idempotency::{Once, Repeatable},
};
use edgeos_domain::{Human, HumanId, InvalidUrl, PopupId, Profile, ProfileChange};
use edgeos_ports::{Governor, Participant, Reader, Writer};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    answer::{Limit, ListModel, Skip, paging},
    call::{Call, RepeatHeader, TenantHeader, replay, stored_answer},
    error::{ApiError, Problem},
    shape::{EmailText, Flag, FromText, Id, Parsed, Patch, Sent, Text, Wrong},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_current_human_info)
        .service(update_current_human)
        .service(list_humans)
        .service(create_human)
        .service(get_human)
        .service(update_human);
}

type ProfileText = Text<{ Profile::TEXT_MAX }>;
type ChoiceText = Text<{ Profile::CHOICE_MAX }>;

/// The address of a picture of somebody.
pub(crate) type PictureText = Parsed<Picture>;

/// A picture on the web; blank is none.
#[derive(Debug)]
pub(crate) struct Picture(pub(crate) Option<edgeos_domain::HttpUrl>);

impl FromText for Picture {
    const MAX: usize = 1024;
    type Refusal = InvalidUrl;

    fn from_text(text: &str) -> Result<Self, InvalidUrl> {
        edgeos_domain::HttpUrl::optional(text, Human::PICTURE_MAX).map(Self)
    }
}

/// Somebody to be known to the organisation.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct HumanCreate {
    email: EmailText,
    #[deserr(default)]
    first_name: Option<ProfileText>,
    #[deserr(default)]
    last_name: Option<ProfileText>,
    #[deserr(default)]
    telegram: Option<ProfileText>,
    #[deserr(default)]
    gender: Option<ChoiceText>,
    #[deserr(default)]
    age: Option<ChoiceText>,
    #[deserr(default)]
    residence: Option<ProfileText>,
    #[deserr(default)]
    picture_url: Option<PictureText>,
}

/// A change of somebody's record by staff.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct HumanUpdate {
    #[deserr(default)]
    first_name: Patch<ProfileText>,
    #[deserr(default)]
    last_name: Patch<ProfileText>,
    #[deserr(default)]
    telegram: Patch<ProfileText>,
    #[deserr(default)]
    gender: Patch<ChoiceText>,
    #[deserr(default)]
    age: Patch<ChoiceText>,
    #[deserr(default)]
    residence: Patch<ProfileText>,
    #[deserr(default)]
    picture_url: Patch<PictureText>,
    /// Setting it rejects every open application of the person.
    #[deserr(default)]
    red_flag: Sent<Flag>,
}

/// A change of one's own record.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct HumanProfileUpdate {
    #[deserr(default)]
    first_name: Patch<ProfileText>,
    #[deserr(default)]
    last_name: Patch<ProfileText>,
    #[deserr(default)]
    telegram: Patch<ProfileText>,
    #[deserr(default)]
    gender: Patch<ChoiceText>,
    #[deserr(default)]
    age: Patch<ChoiceText>,
    #[deserr(default)]
    residence: Patch<ProfileText>,
    #[deserr(default)]
    picture_url: Patch<PictureText>,
}

/// Somebody known to the organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HumanPublic {
    id: Uuid,
    tenant_id: Uuid,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    telegram: Option<String>,
    gender: Option<String>,
    age: Option<String>,
    residence: Option<String>,
    picture_url: Option<String>,
    /// Always false for the person.
    red_flag: bool,
}

/// Which humans, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct HumanQuery {
    /// Part of the first, last or full name or the e-mail.
    #[deserr(default)]
    search: Option<Text<255>>,
    /// The popup that `incomplete_application` is about.
    #[deserr(default)]
    popup_id: Option<Id>,
    /// Only people with an application that they haven't submitted.
    #[deserr(default)]
    #[param(default = false)]
    incomplete_application: Flag,
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Path)]
pub(crate) struct HumanPath {
    human_id: Id,
}

/// One's own record.
#[utoipa::path(
    operation_id = "humans-get_current_human_info", tag = "humans",
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = HumanPublic)),
)]
#[get("/humans/me")]
pub(crate) async fn get_current_human_info(
    call: Call<Participant>,
    state: Data<AppState>,
) -> Result<Json<HumanPublic>, ApiError> {
    Ok(Json(state.humans.me(&call.caller).await?.into()))
}

/// Changes one's own record.
#[utoipa::path(
    operation_id = "humans-update_current_human", tag = "humans",
    security(("OAuth2PasswordBearer" = [])), request_body = HumanProfileUpdate,
    responses((status = 200, body = HumanPublic), (status = 404, body = Problem)),
)]
#[patch("/humans/me")]
pub(crate) async fn update_current_human(
    call: Call<Participant, (), (), HumanProfileUpdate>,
    state: Data<AppState>,
) -> Result<Json<HumanPublic>, ApiError> {
    let HumanProfileUpdate { first_name, last_name, telegram, gender, age, residence, picture_url } =
        call.body;
    let profile = ProfileChange {
        first_name: first_name.map(Text::into_inner).into(),
        last_name: last_name.map(Text::into_inner).into(),
        telegram: telegram.map(Text::into_inner).into(),
        gender: gender.map(Text::into_inner).into(),
        age: age.map(Text::into_inner).into(),
        residence: residence.map(Text::into_inner).into(),
    };
    let human = state.humans.update_me(&call.caller, profile, picture(picture_url)).await?;
    Ok(Json(human.into()))
}

/// The people whom the organisation knows, by e-mail.
#[utoipa::path(
    operation_id = "humans-list_humans", tag = "humans", params(HumanQuery, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = ListModel<HumanPublic>),
        (status = 400, body = Problem, description = "Incomplete applications to which popup?"),
    ),
)]
#[get("/humans")]
pub(crate) async fn list_humans(
    call: Call<Reader, (), HumanQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<HumanPublic>>, ApiError> {
    let query = call.query;
    let paging = paging(query.skip, query.limit);
    let search = HumanSearch {
        text: query.search.and_then(Text::filled),
        popup: query.popup_id.map(|id| PopupId(id.0)),
        incomplete_application: query.incomplete_application.0,
    };
    let page = state.humans.list(&call.caller, search, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// Enters somebody.
#[utoipa::path(
    operation_id = "humans-create_human", tag = "humans", params(TenantHeader, RepeatHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = HumanCreate,
    responses(
        (status = 201, body = HumanPublic),
        (status = 409, body = Problem, description = "The organisation knows the e-mail already"),
    ),
)]
#[post("/humans")]
pub(crate) async fn create_human(
    call: Call<Governor, (), (), HumanCreate>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let request = call.meta.repeatable(call.caller.actor().id.0, "humans-create_human")?;
    let render =
        |human: &Human| stored_answer(StatusCode::CREATED, &HumanPublic::from(human.clone()));
    let once = request.map(|request| Repeatable { request, render: &render });
    let created = state.humans.create(&call.caller, call.body.into(), once.as_ref()).await?;
    Ok(match created {
        Once::Done(human) => HttpResponse::Created().json(HumanPublic::from(human)),
        Once::Repeated(answer) => replay(answer),
    })
}

/// One person.
#[utoipa::path(
    operation_id = "humans-get_human", tag = "humans", params(HumanPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = HumanPublic), (status = 404, body = Problem)),
)]
#[get("/humans/{human_id}")]
pub(crate) async fn get_human(
    call: Call<Reader, HumanPath>,
    state: Data<AppState>,
) -> Result<Json<HumanPublic>, ApiError> {
    let human = state.humans.get(&call.caller, HumanId(call.path.human_id.0)).await?;
    Ok(Json(human.into()))
}

/// Changes somebody's record.
#[utoipa::path(
    operation_id = "humans-update_human", tag = "humans", params(HumanPath, TenantHeader),
    security(("OAuth2PasswordBearer" = [])), request_body = HumanUpdate,
    responses((status = 200, body = HumanPublic), (status = 404, body = Problem)),
)]
#[patch("/humans/{human_id}")]
pub(crate) async fn update_human(
    call: Call<Writer, HumanPath, (), HumanUpdate>,
    state: Data<AppState>,
) -> Result<Json<HumanPublic>, ApiError> {
    let id = HumanId(call.path.human_id.0);
    let human = state.humans.update(&call.caller, id, call.body.into()).await?;
    Ok(Json(human.into()))
}

fn picture(patch: Patch<PictureText>) -> edgeos_domain::Patch<edgeos_domain::HttpUrl> {
    match patch {
        Patch::Keep => edgeos_domain::Patch::Keep,
        Patch::Clear => edgeos_domain::Patch::Clear,
        Patch::Set(picture) => Some(picture.0.0).into(),
    }
}

impl From<HumanCreate> for NewHuman {
    fn from(body: HumanCreate) -> Self {
        let profile = Profile {
            first_name: body.first_name.map(Text::into_inner),
            last_name: body.last_name.map(Text::into_inner),
            telegram: body.telegram.map(Text::into_inner),
            gender: body.gender.map(Text::into_inner),
            age: body.age.map(Text::into_inner),
            residence: body.residence.map(Text::into_inner),
        };
        Self {
            email: body.email.0,
            profile: ProfileChange::filling_in(profile),
            picture_url: body.picture_url.and_then(|picture| picture.0.0),
        }
    }
}

impl From<HumanUpdate> for HumanChange {
    fn from(body: HumanUpdate) -> Self {
        Self {
            profile: ProfileChange {
                first_name: body.first_name.map(Text::into_inner).into(),
                last_name: body.last_name.map(Text::into_inner).into(),
                telegram: body.telegram.map(Text::into_inner).into(),
                gender: body.gender.map(Text::into_inner).into(),
                age: body.age.map(Text::into_inner).into(),
                residence: body.residence.map(Text::into_inner).into(),
            },
            picture_url: picture(body.picture_url),
            red_flag: body.red_flag.map(|flag| flag.0),
        }
    }
}

impl From<Human> for HumanPublic {
    fn from(human: Human) -> Self {
        let Human { id, tenant, email, profile, picture_url, red_flag } = human;
        Self {
            id: id.0,
            tenant_id: tenant.0,
            email: email.as_str().to_owned(),
            first_name: profile.first_name,
            last_name: profile.last_name,
            telegram: profile.telegram,
            gender: profile.gender,
            age: profile.age,
            residence: profile.residence,
            picture_url,
            red_flag,
        }
    }
}
