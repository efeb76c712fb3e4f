//! The repositories against a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod applications;
mod attendees;
mod carts;
mod coupons;
mod directory;
mod email_templates;
mod form_parts;
mod forms;
mod groups;
mod humans;
mod idempotency;
mod login_codes;
mod outbox;
mod payments;
mod popup_reviewers;
mod popups;
mod products;
mod store;
mod support;
mod tenants;
mod upkeep;
mod upload_mentions;
mod whole;
