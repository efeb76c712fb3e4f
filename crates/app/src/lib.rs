//! Use cases: permissions, transactions, outgoing messages.

mod believed;
mod error;
pub mod keys;
pub mod sessions;
pub mod tokens;

pub use crate::{
    believed::Hearing,
    error::{AppError, Words},
};
