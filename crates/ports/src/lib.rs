//! What the use cases need from the world.

mod actor;
mod environment;
mod limits;
mod store;

pub use crate::{
    actor::{
        Class, Forbidden, Govern, Governor, Participant, PlatformStaff, Read, Reader, Staff,
        TenantScope, UserActor, Write, Writer,
    },
    environment::Environment,
    limits::{LimitReached, Limits},
    store::{
        Change, Key, Page, Paging, PlatformStore, Resource, Source, Store, StoreError, Transaction,
    },
};
