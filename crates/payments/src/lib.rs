//! Where customers pay: SimpleFI, which hosts the checkout for cards and coins, and what it announces.

mod client;
mod json;
mod webhook;
mod wire;

pub use crate::{
    client::{DEVELOPMENT_URL, PRODUCTION_URL, SimpleFi, SimpleFiSettings},
    webhook::{InvalidEvent, SIGNATURE_HEADER, parse_event},
};
