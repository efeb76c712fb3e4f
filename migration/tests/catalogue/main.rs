//! The schema against the rules of isolation: asked of the catalogue, and tried with each role.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod classes;
mod examples;
mod expected;
mod logins;
mod lookups;
mod migrations;
mod new_cluster;
mod rules;
mod session;
mod values;
mod whole;
