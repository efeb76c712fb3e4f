//! Throwaway servers for tests and development: a private PostgreSQL cluster, a database per test, a
//! private Redis, storage, a payment provider. The server itself needs none of it.
//!
//! Tests find their servers through variables that `cargo xtask test` sets; without them they fail and
//! say so. The inbox of development, which is a part of the product, lives in `edgeos-mail`.

pub mod cluster;
mod database;
mod guarded;
mod listening;
mod loopback;
mod redis;
mod s3;
pub mod simplefi;
mod smtp;

pub use self::{
    database::{OWNER, TEMPLATE, TEST_POSTGRES, TestDatabase, create_owner, create_template},
    guarded::Guarded,
    redis::{EncryptedRedis, TEST_REDIS_SERVER, TestRedis},
    s3::S3Server,
    smtp::{SmtpBehaviour, SmtpEncryption, SmtpFailure, SmtpFault, SmtpServer, TakenMail},
};

/// Names the directory in which tests note what they got from which operation, if anybody wants to know.
pub const TEST_SURFACE: &str = "EDGEOS_TEST_SURFACE";

/// Characters that nobody guesses, fit for a name or a password.
#[must_use]
pub fn random_text() -> String {
    #[expect(clippy::disallowed_methods, reason = "the product's environment is not at work here")]
    let random = uuid::Uuid::new_v4();
    random.simple().to_string()
}
