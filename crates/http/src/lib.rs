//! The HTTP API of EdgeOS: routes, extractors, DTOs, OpenAPI; and the wiring of everything behind it.

mod answer;
mod auth;
mod call;
pub mod commands;
mod cors;
mod docs;
mod environment;
mod error;
mod first_start;
mod frame;
mod health;
mod inbox;
mod openapi;
mod routes;
mod routing;
pub mod server;
pub mod settings;
mod shape;
mod state;
mod tenants;
mod users;
mod wiring;
mod workers;

pub use crate::{
    environment::Machine,
    server::{RunningServer, spawn},
};
