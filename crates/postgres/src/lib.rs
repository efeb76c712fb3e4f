//! The ports over PostgreSQL: sea-orm inside RLS-scoped transactions.

mod connection;
#[expect(dead_code, reason = "sea-orm's macros make more than is used")]
mod entity;
mod error;
mod listen;
mod page;
mod role;
mod scram;
mod settings;
mod store;

pub use crate::{
    listen::{News, listen},
    role::RoleTooStrong,
    settings::{Login, PgSettings},
    store::{PgPlatformTx, PgStore, PgTx},
};
