use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::{
    ApplicationId, Email, GroupId, Human, HumanId, PopupId, Profile, Scholarship, SnapshotId,
    TenantId,
};

mod lifecycle;
mod refusal;
mod step;

pub use self::{
    lifecycle::{
        Beginning, Circumstances, EditEffect, PortalEdit, RequestedStatus, Transition, Trigger,
    },
    refusal::ApplicationRefusal,
};

/// How far an application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApplicationStatus {
    /// Being written.
    Draft,
    /// Submitted, but for the fee.
    PendingFee,
    /// Waiting for a decision.
    InReview,
    /// Taking part.
    Accepted,
    /// Not taking part.
    Rejected,
    /// Taken back.
    Withdrawn,
}

/// What happened to an application when a snapshot was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SnapshotEvent {
    /// It was submitted, and waits for a decision.
    Submitted,
    /// It was submitted, and waits for the fee.
    PendingFee,
    /// It was accepted without review, or through a group.
    AutoAccepted,
    /// It was rejected for the red flag.
    AutoRejected,
    /// It was accepted by votes, by hand or by a leader.
    Accepted,
    /// It was rejected by votes or by hand.
    Rejected,
    /// Its rejection was taken back.
    Reopened,
}

/// A human's request to take part in a popup; one per human and popup.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// Identifies the application within the tenant.
    pub id: ApplicationId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// To which popup.
    pub popup: PopupId,
    /// By whom.
    pub human: HumanId,
    /// The group through which the human takes part.
    pub group: Option<GroupId>,
    /// Who encouraged the human, at most [`REFERRAL_MAX`](Application::REFERRAL_MAX) characters.
    pub referral: Option<String>,
    /// What the attendee directory leaves out, in the words of the form.
    pub info_not_shared: Vec<String>,
    /// How far it is, and since when.
    pub progress: Progress,
    /// Answers by the name of the question: `{"tshirt_size": "M"}`.
    pub custom_fields: Map<String, Value>,
    /// The form as it was when the answers were given, see [`Form::schema`](crate::Form::schema).
    pub custom_fields_schema: Option<Value>,
    /// What is left over from changes of passes, in USD.
    pub credit: Decimal,
    /// What is asked for beyond taking part.
    pub scholarship: Scholarship,
    /// When the human began it.
    pub created_at: DateTime<Utc>,
    /// When anything about it changed last.
    pub updated_at: DateTime<Utc>,
}

/// How far an application is, and since when. Moves by a [`Transition`] and in no other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    status: ApplicationStatus,
    submitted_at: Option<DateTime<Utc>>,
    accepted_at: Option<DateTime<Utc>>,
}

/// What an application and its human looked like after an event. Never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationSnapshot {
    /// Identifies the snapshot within the tenant.
    pub id: SnapshotId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// Of which application.
    pub application: ApplicationId,
    /// What had happened.
    pub event: SnapshotEvent,
    /// The human's address.
    pub email: Email,
    /// What the human told.
    pub profile: Profile,
    /// See [`Application::referral`].
    pub referral: Option<String>,
    /// See [`Application::info_not_shared`].
    pub info_not_shared: Vec<String>,
    /// See [`Application::custom_fields`].
    pub custom_fields: Map<String, Value>,
    /// The status that the event led to.
    pub status: ApplicationStatus,
    /// When it happened.
    pub created_at: DateTime<Utc>,
}

impl ApplicationStatus {
    /// Every status.
    pub const ALL: [Self; 6] = [
        Self::Draft,
        Self::PendingFee,
        Self::InReview,
        Self::Accepted,
        Self::Rejected,
        Self::Withdrawn,
    ];

    /// The status as stored and sent; one of them has a space.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::PendingFee => "pending_fee",
            Self::InReview => "in review",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The status that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether applicants can't change anything any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Rejected | Self::Withdrawn)
    }
}

impl SnapshotEvent {
    /// Every event.
    pub const ALL: [Self; 7] = [
        Self::Submitted,
        Self::PendingFee,
        Self::AutoAccepted,
        Self::AutoRejected,
        Self::Accepted,
        Self::Rejected,
        Self::Reopened,
    ];

    /// The event as stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::PendingFee => "pending_fee",
            Self::AutoAccepted => "auto_accepted",
            Self::AutoRejected => "auto_rejected",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Reopened => "reopened",
        }
    }

    /// The event that is stored as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == text)
    }

    /// The status that the event leads to.
    #[must_use]
    pub fn status(self) -> ApplicationStatus {
        match self {
            Self::Submitted | Self::Reopened => ApplicationStatus::InReview,
            Self::PendingFee => ApplicationStatus::PendingFee,
            Self::AutoAccepted | Self::Accepted => ApplicationStatus::Accepted,
            Self::AutoRejected | Self::Rejected => ApplicationStatus::Rejected,
        }
    }
}

impl Progress {
    /// As the database has it. Older rows may name a time of acceptance that was lost since; it is dropped.
    #[must_use]
    pub fn stored(
        status: ApplicationStatus,
        submitted_at: Option<DateTime<Utc>>,
        accepted_at: Option<DateTime<Utc>>,
    ) -> Self {
        let accepted_at = accepted_at.filter(|_| status == ApplicationStatus::Accepted);
        Self { status, submitted_at, accepted_at }
    }

    /// How far the application is.
    #[must_use]
    pub fn status(self) -> ApplicationStatus {
        self.status
    }

    /// When it was submitted first.
    #[must_use]
    pub fn submitted_at(self) -> Option<DateTime<Utc>> {
        self.submitted_at
    }

    /// When it was accepted; `None` in every other status.
    #[must_use]
    pub fn accepted_at(self) -> Option<DateTime<Utc>> {
        self.accepted_at
    }
}

impl Application {
    /// The longest referral, in characters.
    pub const REFERRAL_MAX: usize = 255;

    /// How many things may be left out of the directory.
    pub const NOT_SHARED_MAX: usize = 50;

    /// The longest name of such a thing, in characters.
    pub const NOT_SHARED_TEXT_MAX: usize = 100;

    /// An application of `human` to `popup`, still empty, which begins with `transition`.
    #[must_use]
    pub fn new(
        id: ApplicationId,
        popup: PopupId,
        human: &Human,
        transition: &Transition,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            tenant: human.tenant,
            popup,
            human: human.id,
            group: transition.group.over(None),
            referral: None,
            info_not_shared: Vec::new(),
            progress: transition.progress,
            custom_fields: Map::new(),
            custom_fields_schema: None,
            credit: Decimal::new(0, 2),
            scholarship: Scholarship::default(),
            created_at: now,
            updated_at: now,
        }
    }

    /// This application after `transition`.
    #[must_use]
    pub fn after(self, transition: &Transition, now: DateTime<Utc>) -> Self {
        Self {
            progress: transition.progress,
            group: transition.group.over(self.group),
            updated_at: now,
            ..self
        }
    }

    /// How far it is.
    #[must_use]
    pub fn status(&self) -> ApplicationStatus {
        self.progress.status
    }
}

impl ApplicationSnapshot {
    /// What `application` of `human` looks like after `event`.
    #[must_use]
    pub fn of(
        id: SnapshotId,
        application: &Application,
        human: &Human,
        event: SnapshotEvent,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            tenant: application.tenant,
            application: application.id,
            event,
            email: human.email.clone(),
            profile: human.profile.clone(),
            referral: application.referral.clone(),
            info_not_shared: application.info_not_shared.clone(),
            custom_fields: application.custom_fields.clone(),
            status: event.status(),
            created_at: now,
        }
    }
}
