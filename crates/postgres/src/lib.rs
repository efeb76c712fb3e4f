//! The ports over PostgreSQL: sea-orm inside RLS-scoped transactions.

mod application_reviews;
mod applications;
mod approval_strategies;
mod attendees;
mod audit;
mod base_field_configs;
mod belongings;
mod carts;
mod check_ins;
mod connection;
mod coupons;
mod credentials;
mod crowds;
mod dashboard;
mod demo;
mod directory;
mod email_templates;
mod emails;
mod entity;
mod error;
mod form_fields;
mod form_sections;
mod forms;
mod group_leaders;
mod group_members;
mod group_products;
mod groups;
mod humans;
mod idempotency;
mod listen;
mod login_codes;
mod outbox;
mod page;
mod participations;
mod payments;
mod popup_reviewers;
mod popups;
mod products;
mod revoked_tokens;
mod role;
mod savepoints;
mod scram;
mod settings;
mod snapshots;
mod store;
mod tally;
mod tenants;
mod upload_mentions;
mod users;
mod whole;

pub use crate::{
    demo::remove_demonstrations,
    listen::{News, listen},
    role::RoleTooStrong,
    settings::{Login, PgSettings},
    store::{PgPlatformTx, PgStore, PgTx},
};
