use edgeos_domain::Party;
use edgeos_ports::ApplicationView;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    answer::{Instant, Money},
    attendees::AttendeePublic,
    humans::HumanPublic,
    shape::JsonObject,
};

/// An application with the people it is about.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the contract has as many")]
pub(crate) struct ApplicationPublic {
    id: Uuid,
    tenant_id: Uuid,
    popup_id: Uuid,
    human_id: Uuid,
    /// The group through which the human takes part.
    group_id: Option<Uuid>,
    referral: Option<String>,
    /// What the attendee directory leaves out.
    #[schema(default = json!([]))]
    info_not_shared: Vec<String>,
    status: String,
    /// Answers by the name of the question.
    #[schema(value_type = JsonObject, default = json!({}))]
    custom_fields: Map<String, Value>,
    /// The form as it was when the answers were given; null in lists.
    #[schema(value_type = Option<JsonObject>)]
    custom_fields_schema: Option<Value>,
    /// What is left over from changes of passes.
    #[schema(default = "0")]
    credit: Money<2>,
    submitted_at: Option<Instant>,
    accepted_at: Option<Instant>,
    created_at: Option<Instant>,
    updated_at: Option<Instant>,
    #[schema(default = false)]
    scholarship_request: bool,
    scholarship_details: Option<String>,
    scholarship_video_url: Option<String>,
    scholarship_status: Option<String>,
    discount_percentage: Option<Money<2>>,
    incentive_amount: Option<Money<2>>,
    incentive_currency: Option<String>,
    human: Option<HumanPublic>,
    /// In the order in which they were added, the applicant first.
    #[schema(default = json!([]))]
    attendees: Vec<AttendeePublic>,
    /// Whether staff want the human's applications refused; always false for the human.
    #[schema(default = false)]
    red_flag: bool,
    #[schema(default = false)]
    brings_spouse: bool,
    #[schema(default = false)]
    brings_kids: bool,
    #[schema(default = 0)]
    kid_count: usize,
}

impl From<ApplicationView> for ApplicationPublic {
    fn from(view: ApplicationView) -> Self {
        let ApplicationView { application, human, attendees } = view;
        let party = Party::of(attendees.iter().map(|view| view.attendee.category));
        let scholarship = application.scholarship;
        Self {
            id: application.id.0,
            tenant_id: application.tenant.0,
            popup_id: application.popup.0,
            human_id: application.human.0,
            group_id: application.group.map(|group| group.0),
            referral: application.referral,
            info_not_shared: application.info_not_shared,
            status: application.progress.status().as_str().to_owned(),
            custom_fields: application.custom_fields,
            custom_fields_schema: application.custom_fields_schema,
            credit: application.credit.into(),
            submitted_at: application.progress.submitted_at().map(Into::into),
            accepted_at: application.progress.accepted_at().map(Into::into),
            created_at: Some(application.created_at.into()),
            updated_at: Some(application.updated_at.into()),
            scholarship_request: scholarship.request,
            scholarship_details: scholarship.details,
            scholarship_video_url: scholarship.video_url,
            scholarship_status: scholarship.status.map(|status| status.as_str().to_owned()),
            discount_percentage: scholarship.discount_percentage.map(Into::into),
            incentive_amount: scholarship.incentive_amount.map(Into::into),
            incentive_currency: scholarship.incentive_currency,
            red_flag: human.red_flag,
            human: Some(human.into()),
            attendees: attendees.into_iter().map(Into::into).collect(),
            brings_spouse: party.brings_spouse,
            brings_kids: party.brings_kids(),
            kid_count: party.kid_count,
        }
    }
}
