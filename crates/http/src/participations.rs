use actix_web::{
    get,
    web::{Data, Json},
};
use edgeos_domain::PopupId;
use edgeos_ports::{AttendeeView, Participant, Participation};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    applications::MyPath,
    call::Call,
    error::ApiError,
    products::ProductWithQuantity,
    shape::{Described, described, reference},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(get_my_participation).service(get_my_purchases);
}

/// A word that tells the shapes of [`ParticipationPublic`] apart.
macro_rules! kind {
    ($name:ident, $word:literal) => {
        #[derive(Debug, Default, Serialize)]
        pub(crate) enum $name {
            #[default]
            #[serde(rename = $word)]
            Only,
        }

        impl Described for $name {
            fn describe() -> Value {
                json!({ "type": "string", "const": $word, "default": $word })
            }
        }

        described!([] $name);
    };
}

kind!(ApplicantKind, "applicant");
kind!(CompanionKind, "companion");
kind!(NoKind, "none");

/// Somebody with an application of their own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApplicantParticipation {
    r#type: ApplicantKind,
    application_id: Uuid,
    status: String,
}

/// Somebody whom another application brings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompanionParticipation {
    r#type: CompanionKind,
    attendee: AttendeeInfo,
    /// How far that application is.
    application_status: String,
}

/// Somebody who doesn't take part.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoParticipation {
    r#type: NoKind,
}

/// Who somebody is as a companion.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttendeeInfo {
    id: Uuid,
    name: String,
    /// `spouse` or `kid`.
    category: String,
    /// What is scanned at the door.
    check_in_code: Option<String>,
}

/// How somebody takes part.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum ParticipationPublic {
    Applicant(ApplicantParticipation),
    Companion(CompanionParticipation),
    None(NoParticipation),
}

impl Described for ParticipationPublic {
    fn describe() -> Value {
        json!({ "anyOf": [
            reference::<ApplicantParticipation>(),
            reference::<CompanionParticipation>(),
            reference::<NoParticipation>(),
        ]})
    }
}

described!([] ParticipationPublic, ApplicantParticipation, CompanionParticipation, NoParticipation);

/// What was bought for somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttendeePurchases {
    attendee_id: Uuid,
    attendee_name: String,
    /// `main`, `spouse` or `kid`.
    attendee_category: String,
    #[schema(default = json!([]))]
    products: Vec<ProductWithQuantity>,
}

/// How one takes part in a popup: by an own application, as somebody's companion, or not at all.
#[utoipa::path(
    operation_id = "applications-get_my_participation", tag = "applications", params(MyPath),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = ParticipationPublic)),
)]
#[get("/applications/my/participation/{popup_id}")]
pub(crate) async fn get_my_participation(
    call: Call<Participant, MyPath>,
    state: Data<AppState>,
) -> Result<Json<ParticipationPublic>, ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    Ok(Json(state.participations.participation(&call.caller, popup).await?.into()))
}

/// What was bought for each attendee of one's own application.
#[utoipa::path(
    operation_id = "applications-get_my_purchases", tag = "applications", params(MyPath),
    security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = Vec<AttendeePurchases>)),
)]
#[get("/applications/my/{popup_id}/purchases")]
pub(crate) async fn get_my_purchases(
    call: Call<Participant, MyPath>,
    state: Data<AppState>,
) -> Result<Json<Vec<AttendeePurchases>>, ApiError> {
    let popup = PopupId(call.path.popup_id.0);
    let attendees = state.participations.purchases(&call.caller, popup).await?;
    Ok(Json(attendees.into_iter().map(Into::into).collect()))
}

impl From<Participation> for ParticipationPublic {
    fn from(participation: Participation) -> Self {
        match participation {
            Participation::Applicant { application, status } => {
                Self::Applicant(ApplicantParticipation {
                    r#type: ApplicantKind::default(),
                    application_id: application.0,
                    status: status.as_str().to_owned(),
                })
            }
            Participation::Companion { attendee, name, category, check_in_code, status } => {
                Self::Companion(CompanionParticipation {
                    r#type: CompanionKind::default(),
                    attendee: AttendeeInfo {
                        id: attendee.0,
                        name,
                        category: category.as_str().to_owned(),
                        check_in_code: Some(check_in_code.as_str().to_owned()),
                    },
                    application_status: status.as_str().to_owned(),
                })
            }
            Participation::None => Self::None(NoParticipation { r#type: NoKind::default() }),
        }
    }
}

impl From<AttendeeView> for AttendeePurchases {
    fn from(view: AttendeeView) -> Self {
        let AttendeeView { attendee, products } = view;
        Self {
            attendee_id: attendee.id.0,
            attendee_name: attendee.name,
            attendee_category: attendee.category.as_str().to_owned(),
            products: products.into_iter().map(Into::into).collect(),
        }
    }
}
