use chrono::{DateTime, Utc};
use edgeos_domain::{AuditEntryId, TenantId, UserId};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Page, Paging, RequestId, StoreError, Transaction};

/// Something that was done and shall not be forgotten. No secret, code or form answer is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditEntry {
    /// Identifies the entry.
    pub id: AuditEntryId,
    /// Who did it; `None` for the server itself.
    pub actor: Option<UserId>,
    /// What was done: `application.decided`.
    pub action: &'static str,
    /// On what kind of thing, in the singular: `application`.
    pub subject_type: &'static str,
    /// On which of them; it may be gone by now.
    pub subject_id: Option<Uuid>,
    /// The given reason, old and new values: `{"decision": "accept", "notes": "…"}`.
    pub details: Map<String, Value>,
    /// By which request, as the log calls it.
    pub request: Option<RequestId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Identifies the entry.
    pub id: AuditEntryId,
    /// Who did it; `None` for the server itself.
    pub actor: Option<UserId>,
    /// The actor's address as it is now.
    pub actor_email: Option<String>,
    /// What was done.
    pub action: String,
    /// On what kind of thing.
    pub subject_type: String,
    /// On which of them.
    pub subject_id: Option<Uuid>,
    /// Reasons and values.
    pub details: Value,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Which entries a list shows; what is `None` doesn't narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Entries of this action.
    pub action: Option<String>,
    /// Entries on this kind of thing.
    pub subject_type: Option<String>,
    /// Entries on this thing.
    pub subject_id: Option<Uuid>,
}

/// Writes the audit log. Entries stay as they are written.
#[trait_variant::make(Send)]
pub trait AuditLog: Transaction {
    /// Stores `entry` with `tenant`, which the transaction must have been opened for.
    async fn insert_audit_entry(
        &mut self,
        tenant: TenantId,
        entry: &NewAuditEntry,
    ) -> Result<(), StoreError>;
}

/// Reads the audit log of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait AuditEntries: Transaction {
    /// One page of the entries that match `filter`, newest first, then by id.
    async fn audit_entries(
        &mut self,
        filter: &AuditFilter,
        paging: Paging,
    ) -> Result<Page<AuditEntry>, StoreError>;
}
