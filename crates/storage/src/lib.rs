//! Files of browsers in storage that speaks the protocol of Amazon S3: addresses are signed here, and bytes go
//! straight from the browser to storage.

mod error;
mod s3;

pub use crate::s3::{S3Settings, S3Storage};
