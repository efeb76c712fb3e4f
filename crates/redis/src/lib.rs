//! Limits on attempts: counted in Redis when there is one, so that all servers count together, and in the
//! process otherwise. Nothing else is kept here; whoever loses its Redis loses no code and no session.

mod keeper;
mod local;
mod shared;
mod windows;

pub use crate::{keeper::InvalidAddress, local::LocalLimits, shared::RedisLimits};
