//! The ports over PostgreSQL: sea-orm inside RLS-scoped transactions.

mod audit;
mod connection;
mod credentials;
mod entity;
mod error;
mod humans;
mod idempotency;
mod listen;
mod login_codes;
mod outbox;
mod page;
mod revoked_tokens;
mod role;
mod scram;
mod settings;
mod store;
mod tenants;
mod users;

pub use crate::{
    listen::{News, listen},
    role::RoleTooStrong,
    settings::{Login, PgSettings},
    store::{PgPlatformTx, PgStore, PgTx},
};
