//! What was done, by whom, on what: written in the transaction of the deed.

use chrono::{DateTime, SecondsFormat, Utc};
use edgeos_domain::{
    ApplicationId, AttendeeId, AuditEntryId, CheckIn, GroupId, HumanId, MailId, PaymentId, PopupId,
    Role, TenantId, User, UserId,
};
use edgeos_ports::{
    AuditEntries, AuditEntry, AuditFilter, AuditLog, Environment, NewAuditEntry, Page, Paging,
    Store, StoreError, UserActor, Writer,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::AppError;

/// Something that the audit log remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    TenantDeleted,
    TenantRestored,
    DomainSwitched,
    CredentialsShown,
    CredentialsIssued,
    CredentialsRotated,
    CredentialsDeleted,
    UserCreated,
    UserRoleChanged { before: Role, after: Role },
    UserDeleted,
    UserRevived,
    RedFlagSet,
    RedFlagCleared,
    ApplicationDecided { decision: &'static str, notes: Option<String> },
    ApplicationReopened { notes: Option<String> },
    ApplicationsRecalculated { evaluated: u64, accepted: u64, rejected: u64 },
    ScholarshipDecided { before: Option<&'static str>, after: Option<&'static str> },
    PaymentChanged { before: Value, after: Value },
    GroupLeaderAppointed { human: HumanId },
    GroupLeaderRemoved { human: HumanId },
    CheckInEdited { before: Option<CheckIn>, after: CheckIn },
    CheckInTakenBack { before: CheckIn },
    MailRetried,
}

/// On what something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Tenant(TenantId),
    User(UserId),
    Human(HumanId),
    Popup(PopupId),
    Application(ApplicationId),
    Group(GroupId),
    Attendee(AttendeeId),
    Mail(MailId),
    Payment(PaymentId),
}

/// Reads the audit log.
#[derive(Clone)]
pub struct AuditTrail<S> {
    store: S,
}

impl<S: Store<Tx: AuditEntries>> AuditTrail<S> {
    /// The audit log over `store`.
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// One page of the tenant's entries, newest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Writer,
        filter: &AuditFilter,
        paging: Paging,
    ) -> Result<Page<AuditEntry>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.audit_entries(filter, paging).await?)
    }
}

/// Remembers that `actor` did `action` on the tenant itself.
pub(crate) async fn record(
    tx: &mut impl AuditLog,
    env: &dyn Environment,
    actor: UserActor,
    action: Action,
    tenant: TenantId,
) -> Result<(), StoreError> {
    record_on(tx, env, actor, tenant, Subject::Tenant(tenant), action).await
}

/// Remembers that `actor` did `action` on `user`. Who belongs to no tenant is in the server's log alone.
pub(crate) async fn record_user(
    tx: &mut impl AuditLog,
    env: &dyn Environment,
    actor: UserActor,
    action: Action,
    user: &User,
) -> Result<(), StoreError> {
    let Some(tenant) = user.tenant else {
        let details = Value::Object(action.details());
        tracing::info!(
            actor.id = %actor.id,
            subject.id = %user.id,
            %details,
            "{}: a user without an organisation",
            action.name(),
        );
        return Ok(());
    };
    record_on(tx, env, actor, tenant, Subject::User(user.id), action).await
}

/// Remembers that `actor` did `action` on `subject` of `tenant`.
pub(crate) async fn record_on(
    tx: &mut impl AuditLog,
    env: &dyn Environment,
    actor: UserActor,
    tenant: TenantId,
    subject: Subject,
    action: Action,
) -> Result<(), StoreError> {
    let (subject_type, subject_id) = subject.parts();
    let entry = NewAuditEntry {
        id: AuditEntryId(env.uuid()),
        actor: Some(actor.id),
        action: action.name(),
        subject_type,
        subject_id: Some(subject_id),
        details: action.details(),
        request: actor.request,
        created_at: env.now(),
    };
    tx.insert_audit_entry(tenant, &entry).await
}

impl Action {
    /// The action as stored and sent.
    fn name(&self) -> &'static str {
        match self {
            Self::TenantDeleted => "tenant.deleted",
            Self::TenantRestored => "tenant.restored",
            Self::DomainSwitched => "tenant.domain_switched",
            Self::CredentialsShown => "credentials.shown",
            Self::CredentialsIssued => "credentials.issued",
            Self::CredentialsRotated => "credentials.rotated",
            Self::CredentialsDeleted => "credentials.deleted",
            Self::UserCreated => "user.created",
            Self::UserRoleChanged { .. } => "user.role_changed",
            Self::UserDeleted => "user.deleted",
            Self::UserRevived => "user.revived",
            Self::RedFlagSet => "human.red_flag_set",
            Self::RedFlagCleared => "human.red_flag_cleared",
            Self::ApplicationDecided { .. } => "application.decided",
            Self::ApplicationReopened { .. } => "application.reopened",
            Self::ApplicationsRecalculated { .. } => "application.recalculated",
            Self::ScholarshipDecided { .. } => "scholarship.decided",
            Self::PaymentChanged { .. } => "payment.changed",
            Self::GroupLeaderAppointed { .. } => "group.leader_appointed",
            Self::GroupLeaderRemoved { .. } => "group.leader_removed",
            Self::CheckInEdited { .. } => "check_in.edited",
            Self::CheckInTakenBack { .. } => "check_in.taken_back",
            Self::MailRetried => "email.retried",
        }
    }

    fn details(&self) -> Map<String, Value> {
        let details = match self {
            Self::UserRoleChanged { before, after } => {
                json!({ "before": before.as_str(), "after": after.as_str() })
            }
            Self::ApplicationDecided { decision, notes } => {
                json!({ "decision": decision, "notes": notes })
            }
            Self::ApplicationReopened { notes } => json!({ "notes": notes }),
            Self::ApplicationsRecalculated { evaluated, accepted, rejected } => {
                json!({ "evaluated": evaluated, "accepted": accepted, "rejected": rejected })
            }
            Self::ScholarshipDecided { before, after } => {
                json!({ "before": before, "after": after })
            }
            Self::PaymentChanged { before, after } => json!({ "before": before, "after": after }),
            Self::GroupLeaderAppointed { human } | Self::GroupLeaderRemoved { human } => {
                json!({ "human_id": human.0 })
            }
            Self::CheckInEdited { before, after } => {
                json!({ "before": before.as_ref().map(stay), "after": stay(after) })
            }
            Self::CheckInTakenBack { before } => json!({ "before": stay(before) }),
            Self::TenantDeleted
            | Self::TenantRestored
            | Self::DomainSwitched
            | Self::CredentialsShown
            | Self::CredentialsIssued
            | Self::CredentialsRotated
            | Self::CredentialsDeleted
            | Self::UserCreated
            | Self::UserDeleted
            | Self::UserRevived
            | Self::RedFlagSet
            | Self::RedFlagCleared
            | Self::MailRetried => json!({}),
        };
        let Value::Object(details) = details else { unreachable!("every arm is an object") };
        details
    }
}

impl Subject {
    /// Its kind and its id.
    fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Tenant(id) => ("tenant", id.0),
            Self::User(id) => ("user", id.0),
            Self::Human(id) => ("human", id.0),
            Self::Popup(id) => ("popup", id.0),
            Self::Application(id) => ("application", id.0),
            Self::Group(id) => ("group", id.0),
            Self::Attendee(id) => ("attendee", id.0),
            Self::Mail(id) => ("email", id.0),
            Self::Payment(id) => ("payment", id.0),
        }
    }
}

/// `{"arrival_date": "2030-06-10T09:00:00Z", "departure_date": null, "qr_check_in": false}`
fn stay(check_in: &CheckIn) -> Value {
    let time = |time: Option<DateTime<Utc>>| {
        time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    };
    json!({
        "arrival_date": time(check_in.arrival_date),
        "departure_date": time(check_in.departure_date),
        "qr_check_in": check_in.qr_check_in,
    })
}
