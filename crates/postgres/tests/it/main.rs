//! The repositories against a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod login_codes;
mod outbox;
mod store;
mod support;
mod tenants;
