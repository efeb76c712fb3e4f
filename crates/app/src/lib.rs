//! Use cases: permissions, transactions, outgoing messages.

mod error;

pub use crate::error::{AppError, Words};
