//! What the use cases need from the world.

mod actor;
mod environment;
mod humans;
mod limits;
mod revoked_tokens;
mod store;
mod tenants;
mod users;

pub use crate::{
    actor::{
        Class, Forbidden, Govern, Governor, Participant, PlatformStaff, Read, Reader, Staff,
        TenantScope, UserActor, Write, Writer,
    },
    environment::Environment,
    humans::Humans,
    limits::{LimitReached, Limits},
    revoked_tokens::{RevokedToken, RevokedTokens},
    store::{
        Change, Key, Page, Paging, PlatformStore, Resource, Source, Store, StoreError, Transaction,
    },
    tenants::{Credential, CredentialType, Credentials, TenantFilter, Tenants},
    users::{UserFilter, Users},
};
