//! Every table of the database and its class.

/// Kept to a tenant, and open to the tenant's own logins.
pub(crate) const TENANT_OPEN: [&str; 26] = [
    "application_snapshots",
    "applicationreviews",
    "applications",
    "approvalstrategies",
    "attendee_products",
    "attendees",
    "basefieldconfigs",
    "carts",
    "check_ins",
    "coupons",
    "email_templates",
    "formfields",
    "formsections",
    "group_leaders",
    "group_members",
    "group_products",
    "group_whitelisted_emails",
    "groups",
    "humans",
    "payment_installments",
    "payment_products",
    "payments",
    "pending_humans",
    "popupreviewers",
    "popups",
    "products",
];

/// Kept to a tenant, for the server alone.
pub(crate) const TENANT_SERVER: [&str; 4] =
    ["audit_log", "human_login_codes", "idempotency_keys", "outbox"];

/// Global; tenants see what concerns them.
pub(crate) const GUARDED: [&str; 2] = ["tenants", "users"];

/// Global, for the platform alone.
pub(crate) const PLATFORM: [&str; 5] = [
    "platform_outbox",
    "revoked_tokens",
    "tenant_credentials",
    "tenant_labels",
    "user_login_codes",
];

/// Written by migrations, closed to everybody but the owner.
pub(crate) const BOOKKEEPING: [&str; 1] = ["seaql_migrations"];

/// Rows stay as they were written.
pub(crate) const APPEND_ONLY: [&str; 2] = ["application_snapshots", "audit_log"];

/// The columns that look-up functions read.
pub(crate) const LOOKUP: [(&str, &[&str]); 6] = [
    ("groups", &["tenant_id", "slug"]),
    ("humans", &["id", "tenant_id"]),
    ("outbox", &["tenant_id", "priority", "state", "next_attempt_at", "locked_until"]),
    ("payments", &["id", "tenant_id", "external_id", "status", "created_at"]),
    ("tenant_credentials", &["tenant_id", "db_username"]),
    ("tenants", &["id", "deleted"]),
];

/// Every table that isn't bookkeeping.
pub(crate) fn secured() -> impl Iterator<Item = &'static str> {
    tenant_scoped().chain(GUARDED).chain(PLATFORM)
}

/// Every table whose rows belong to a tenant.
pub(crate) fn tenant_scoped() -> impl Iterator<Item = &'static str> {
    TENANT_OPEN.into_iter().chain(TENANT_SERVER)
}

/// Every table of a class, as an SQL array.
pub(crate) fn array(tables: impl IntoIterator<Item = &'static str>) -> String {
    let quoted: Vec<_> = tables.into_iter().map(|table| format!("'{table}'")).collect();
    format!("ARRAY[{}]::text[]", quoted.join(", "))
}
