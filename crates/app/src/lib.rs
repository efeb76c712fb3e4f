//! Use cases: permissions, transactions, outgoing messages.

pub mod application_reviews;
pub mod applications;
pub mod approval_strategies;
pub mod attempts;
pub mod attendees;
pub mod audit;
pub mod base_field_configs;
mod believed;
pub mod carts;
pub mod check_ins;
pub mod checkout_addresses;
pub mod coupons;
pub mod credentials;
pub mod dashboard;
pub mod demo;
pub mod directory;
pub mod email_templates;
pub mod emails;
mod error;
mod event_variables;
pub mod expired;
pub mod first_superadmin;
pub mod form_fields;
pub mod form_sections;
pub mod groups;
mod html;
pub mod humans;
pub mod idempotency;
pub mod invoices;
pub mod keys;
pub mod outbox;
pub mod participations;
pub mod payments;
pub mod popup_reviewers;
pub mod popups;
pub mod products;
pub mod sessions;
pub mod sign_in;
mod slots;
pub mod tenant_hosts;
pub mod tenants;
pub mod tokens;
pub mod uploads;
pub mod users;

pub use crate::{
    believed::Hearing,
    error::{AppError, Words},
};
