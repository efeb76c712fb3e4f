//! The HTTP API of EdgeOS: routes, extractors, DTOs, OpenAPI; and the wiring of everything behind it.

mod answer;
mod application_reviews;
mod applications;
mod approval_strategies;
mod attendees;
mod audit_entries;
mod auth;
mod base_field_configs;
mod call;
mod carts;
mod check_ins;
pub mod commands;
mod cors;
mod coupons;
mod credentials;
mod dashboard;
mod directory;
mod docs;
mod email_templates;
mod emails;
mod environment;
mod error;
mod first_start;
mod form_fields;
mod form_sections;
mod frame;
mod groups;
mod health;
mod humans;
mod inbox;
mod openapi;
mod participations;
mod payments;
mod popup_reviewers;
mod popups;
mod products;
mod routes;
mod routing;
pub mod server;
pub mod settings;
mod shape;
mod state;
mod tenants;
mod uploads;
mod users;
mod wiring;
mod workers;

pub use crate::{
    environment::Machine,
    openapi::description,
    server::{RunningServer, spawn},
    wiring::payment_provider,
};
