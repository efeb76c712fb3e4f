//! The client against a provider that speaks SimpleFI's protocol over HTTP.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod announcements;
mod checkout;
mod client;
mod log;
mod support;
