use std::fmt;

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use edgeos_app::applications::{
    ApplicationChange, HandDecision, NewApplication, NewStaffApplication,
};
use edgeos_domain::{
    Application, Attendee, Companion, CompanionCategory, GroupId, HttpUrl, InvalidCompanion,
    InvalidDecision, InvalidUrl, PopupId, Profile, ProfileChange, RequestedStatus, Review,
    Scholarship, ScholarshipDecision, ScholarshipRequest,
};
use utoipa::ToSchema;

use crate::shape::{
    Amount, AnyText, EmailText, Fault, Flag, FromText, Id, JsonObject, List, Parsed, Patch, Sent,
    Text, Wrong, choice,
};

choice! {
    /// How far an application is.
    ApplicationStatus(edgeos_domain::ApplicationStatus) {
        "draft" => Draft,
        "pending_fee" => PendingFee,
        "in review" => InReview,
        "rejected" => Rejected,
        "accepted" => Accepted,
        "withdrawn" => Withdrawn,
    }
}

choice! {
    /// What an applicant asks for.
    UserSettableStatus(RequestedStatus) { "draft" => Draft, "in review" => InReview }
}

choice! {
    /// How a request for a scholarship stands.
    ScholarshipStatus(edgeos_domain::ScholarshipStatus) {
        "pending" => Pending, "approved" => Approved, "rejected" => Rejected,
    }
}

choice! {
    /// What staff decide by hand.
    ApplicationDecisionKind(HandDecision) {
        "accept" => Accept, "reject" => Reject, "reopen" => Reopen,
    }
}

type ProfileText = Text<{ Profile::TEXT_MAX }>;
type ChoiceText = Text<{ Profile::CHOICE_MAX }>;
type ReferralText = Text<{ Application::REFERRAL_MAX }>;
type NotShared = List<Text<{ Application::NOT_SHARED_TEXT_MAX }>, { Application::NOT_SHARED_MAX }>;
type DetailsText = Text<{ Scholarship::DETAILS_MAX }>;
type VideoText = Parsed<Video>;
type Companions = List<CompanionCreate, { Companion::MAX }>;

/// The address of a video; blank is none.
#[derive(Debug)]
pub(super) struct Video(Option<HttpUrl>);

impl FromText for Video {
    const MAX: usize = Scholarship::VIDEO_MAX;
    type Refusal = InvalidUrl;

    fn from_text(text: &str) -> Result<Self, InvalidUrl> {
        HttpUrl::optional(text, Scholarship::VIDEO_MAX).map(Self)
    }
}

/// What somebody is to the applicant.
#[derive(Debug)]
pub(super) struct Category(CompanionCategory);

/// A category that companions don't have.
#[derive(Debug)]
pub(super) struct NoCompanion;

impl fmt::Display for NoCompanion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be spouse or kid")
    }
}

impl FromText for Category {
    const MAX: usize = 50;
    type Refusal = NoCompanion;

    fn from_text(text: &str) -> Result<Self, NoCompanion> {
        CompanionCategory::parse(text).map(Self).ok_or(NoCompanion)
    }
}

/// Somebody who comes along. Nobody while the name is blank.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong, validate = CompanionCreate::read -> Wrong)]
pub(crate) struct CompanionCreate {
    name: Text<{ Attendee::NAME_MAX }>,
    /// `spouse` or `kid`.
    #[schema(value_type = String)]
    category: Parsed<Category>,
    #[deserr(default)]
    email: Option<Text<255>>,
    #[deserr(default)]
    gender: Option<Text<{ Attendee::GENDER_MAX }>>,
    /// Who that is.
    #[deserr(skip)]
    #[schema(ignore)]
    companion: Option<Companion>,
}

/// The beginning of an application. With a group, it is accepted at once.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct ApplicationCreate {
    popup_id: Id,
    first_name: ProfileText,
    last_name: ProfileText,
    /// Accepted and ignored: the token says who applies.
    #[deserr(default)]
    #[expect(dead_code, reason = "the contract has it, the token decides")]
    email: Option<AnyText>,
    #[deserr(default)]
    telegram: Option<ProfileText>,
    #[deserr(default)]
    gender: Option<ChoiceText>,
    #[deserr(default)]
    age: Option<ChoiceText>,
    #[deserr(default)]
    residence: Option<ProfileText>,
    #[deserr(default)]
    referral: Option<ReferralText>,
    #[deserr(default)]
    info_not_shared: Option<NotShared>,
    #[deserr(default)]
    custom_fields: Option<JsonObject>,
    #[deserr(default)]
    status: Option<UserSettableStatus>,
    /// Accepted and ignored: the token says who applies.
    #[deserr(default)]
    #[expect(dead_code, reason = "the contract has it, the token decides")]
    human_id: Option<Id>,
    #[deserr(default)]
    group_id: Option<Id>,
    #[deserr(default)]
    companions: Option<Companions>,
    #[deserr(default)]
    #[schema(default = false)]
    scholarship_request: Flag,
    #[deserr(default)]
    scholarship_details: Option<DetailsText>,
    #[deserr(default)]
    #[schema(value_type = Option<String>)]
    scholarship_video_url: Option<VideoText>,
}

/// A change of an own application.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct ApplicationUpdate {
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
    referral: Patch<ReferralText>,
    #[deserr(default)]
    info_not_shared: Sent<NotShared>,
    /// All answers, in place of those before.
    #[deserr(default)]
    custom_fields: Sent<JsonObject>,
    #[deserr(default)]
    status: Sent<UserSettableStatus>,
    #[deserr(default)]
    scholarship_request: Sent<Flag>,
    #[deserr(default)]
    scholarship_details: Patch<DetailsText>,
    #[deserr(default)]
    #[schema(value_type = Option<String>)]
    scholarship_video_url: Patch<VideoText>,
    /// To take part through this group.
    #[deserr(default)]
    group_id: Sent<Id>,
    /// Who comes along, in place of those before who can go.
    #[deserr(default)]
    companions: Sent<Companions>,
}

/// Somebody to be entered by a superadmin.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct ApplicationAdminCreate {
    popup_id: Id,
    #[deserr(default)]
    first_name: Option<ProfileText>,
    #[deserr(default)]
    last_name: Option<ProfileText>,
    email: EmailText,
    #[deserr(default)]
    telegram: Option<ProfileText>,
    #[deserr(default)]
    gender: Option<ChoiceText>,
    #[deserr(default)]
    age: Option<ChoiceText>,
    #[deserr(default)]
    residence: Option<ProfileText>,
    #[deserr(default)]
    referral: Option<ReferralText>,
    #[deserr(default)]
    info_not_shared: Option<NotShared>,
    #[deserr(default)]
    custom_fields: Option<JsonObject>,
    #[deserr(default = ApplicationStatus(edgeos_domain::ApplicationStatus::Draft))]
    #[schema(default = "draft")]
    status: ApplicationStatus,
    #[deserr(default)]
    group_id: Option<Id>,
    #[deserr(default)]
    companions: Option<Companions>,
}

/// What becomes of a request for a scholarship.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct ScholarshipDecisionRequest {
    scholarship_status: ScholarshipStatus,
    /// Needed to approve: 0 to 100.
    #[deserr(default)]
    discount_percentage: Option<Amount<5, 2>>,
    #[deserr(default)]
    incentive_amount: Option<Amount<12, 2>>,
    /// Needed with an amount: 3 to 10 letters.
    #[deserr(default)]
    incentive_currency: Option<Text<50>>,
}

/// What a [`ScholarshipDecisionRequest`] says.
#[derive(Debug)]
pub(crate) struct Decided(pub(super) ScholarshipDecision);

/// A decision by hand.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct ApplicationDecision {
    /// Accept or reject what is in review, or reopen what was rejected.
    pub(super) decision: ApplicationDecisionKind,
    /// Kept in the audit log.
    #[deserr(default)]
    pub(super) notes: Option<Text<{ Review::NOTES_MAX }>>,
}

impl CompanionCreate {
    fn read(mut self, location: ValuePointerRef<'_>) -> Result<Self, Wrong> {
        let (email, gender) = (self.email.as_deref(), self.gender.as_deref());
        let companion = Companion::parse(&self.name, self.category.0.0, email, gender);
        self.companion = companion.map_err(|rule| {
            let field = match rule {
                InvalidCompanion::Name(_) => "name",
                InvalidCompanion::Email(_) => "email",
                InvalidCompanion::Gender(_) => "gender",
            };
            Wrong::value(location.push_key(field), Fault::ValueError, rule.to_string())
        })?;
        Ok(self)
    }
}

impl Deserr<Wrong> for Decided {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let sent = ScholarshipDecisionRequest::deserialize_from_value(value, location)?;
        let decision = ScholarshipDecision::new(
            sent.scholarship_status.0,
            sent.discount_percentage.map(|share| share.0),
            sent.incentive_amount.map(|amount| amount.0),
            sent.incentive_currency.as_deref(),
        );
        decision.map(Self).map_err(|broken| {
            let wrong = broken.into_iter().map(|rule| {
                let field = match rule {
                    InvalidDecision::Pending => "scholarship_status",
                    InvalidDecision::DiscountMissing | InvalidDecision::Discount => {
                        "discount_percentage"
                    }
                    InvalidDecision::Amount => "incentive_amount",
                    InvalidDecision::CurrencyMissing | InvalidDecision::Currency => {
                        "incentive_currency"
                    }
                };
                Wrong::value(location.push_key(field), Fault::ValueError, rule.to_string())
            });
            wrong.reduce(Wrong::and).expect("a rule is broken")
        })
    }
}

impl From<ApplicationCreate> for NewApplication {
    fn from(body: ApplicationCreate) -> Self {
        Self {
            popup: PopupId(body.popup_id.0),
            profile: Profile {
                first_name: Some(body.first_name.into_inner()),
                last_name: Some(body.last_name.into_inner()),
                telegram: body.telegram.map(Text::into_inner),
                gender: body.gender.map(Text::into_inner),
                age: body.age.map(Text::into_inner),
                residence: body.residence.map(Text::into_inner),
            },
            referral: body.referral.map(Text::into_inner),
            info_not_shared: texts(body.info_not_shared),
            custom_fields: body.custom_fields.unwrap_or_default().0,
            status: body.status.map(|status| status.0),
            group: body.group_id.map(|id| GroupId(id.0)),
            companions: companions(body.companions.unwrap_or_default()),
            scholarship: ScholarshipRequest {
                request: Some(body.scholarship_request.0),
                details: Some(body.scholarship_details.map(Text::into_inner)).into(),
                video_url: Some(body.scholarship_video_url.and_then(|video| video.0.0)).into(),
            },
        }
    }
}

impl From<ApplicationUpdate> for ApplicationChange {
    fn from(body: ApplicationUpdate) -> Self {
        let video_url = match body.scholarship_video_url {
            Patch::Keep => edgeos_domain::Patch::Keep,
            Patch::Clear => edgeos_domain::Patch::Clear,
            Patch::Set(video) => Some(video.0.0).into(),
        };
        Self {
            profile: ProfileChange {
                first_name: body.first_name.map(Text::into_inner).into(),
                last_name: body.last_name.map(Text::into_inner).into(),
                telegram: body.telegram.map(Text::into_inner).into(),
                gender: body.gender.map(Text::into_inner).into(),
                age: body.age.map(Text::into_inner).into(),
                residence: body.residence.map(Text::into_inner).into(),
            },
            referral: body.referral.map(Text::into_inner).into(),
            info_not_shared: body.info_not_shared.map(|list| texts(Some(list))),
            custom_fields: body.custom_fields.map(|answers| answers.0),
            status: body.status.map(|status| status.0),
            group: body.group_id.map(|id| GroupId(id.0)),
            companions: body.companions.map(companions),
            scholarship: ScholarshipRequest {
                request: body.scholarship_request.map(|flag| flag.0),
                details: body.scholarship_details.map(Text::into_inner).into(),
                video_url,
            },
        }
    }
}

impl From<ApplicationAdminCreate> for NewStaffApplication {
    fn from(body: ApplicationAdminCreate) -> Self {
        Self {
            popup: PopupId(body.popup_id.0),
            email: body.email.0,
            profile: Profile {
                first_name: body.first_name.map(Text::into_inner),
                last_name: body.last_name.map(Text::into_inner),
                telegram: body.telegram.map(Text::into_inner),
                gender: body.gender.map(Text::into_inner),
                age: body.age.map(Text::into_inner),
                residence: body.residence.map(Text::into_inner),
            },
            referral: body.referral.map(Text::into_inner),
            info_not_shared: texts(body.info_not_shared),
            custom_fields: body.custom_fields.unwrap_or_default().0,
            status: body.status.0,
            group: body.group_id.map(|id| GroupId(id.0)),
            companions: companions(body.companions.unwrap_or_default()),
        }
    }
}

fn texts(list: Option<NotShared>) -> Vec<String> {
    list.unwrap_or_default().0.into_iter().map(Text::into_inner).collect()
}

fn companions(list: Companions) -> Vec<Companion> {
    list.0.into_iter().filter_map(|sent| sent.companion).collect()
}
