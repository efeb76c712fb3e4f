use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The machine's clock and randomness. Nothing else in the program asks for them.
pub trait Environment: Send + Sync {
    /// The present, in whole microseconds (what the database keeps).
    fn now(&self) -> DateTime<Utc>;
    /// A fresh random identifier (version 4).
    fn uuid(&self) -> Uuid;
    /// Fills `bytes` from the system's cryptographic generator.
    fn fill(&self, bytes: &mut [u8]);
}
