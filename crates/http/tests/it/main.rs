//! The server over HTTP, against a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod application_reviews;
mod applications;
mod approval_strategies;
mod auth;
mod callers;
mod calls;
mod classes;
mod cors;
mod coupons;
mod crash;
mod dashboard;
mod email_templates;
mod emails;
mod fingerprint;
mod groups;
mod harness;
mod humans;
mod idempotency;
mod isolation;
mod organisation;
mod pages;
mod patience;
mod payment_provider;
mod people;
mod popup_reviewers;
mod popups;
mod products;
mod program;
mod start;
mod story;
mod surface;
mod tenants;
mod users;
mod world;
