//! Rows as the tables have them. They don't leave this crate.

pub(crate) mod audit_entry;
pub(crate) mod human;
pub(crate) mod tenant;
pub(crate) mod tenant_credential;
pub(crate) mod tenant_label;
pub(crate) mod user;
