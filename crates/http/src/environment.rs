use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use edgeos_ports::Environment;
use rand::{TryRngCore, rngs::OsRng};
use uuid::Uuid;

/// The machine that the server runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Environment for Machine {
    #[expect(clippy::disallowed_methods, reason = "this is the environment that others ask")]
    fn now(&self) -> DateTime<Utc> {
        let now = Utc::now();
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the environment that others ask")]
    fn uuid(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn fill(&self, bytes: &mut [u8]) {
        OsRng.try_fill_bytes(bytes).expect("the system has a random generator");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_comes_in_the_steps_that_the_database_keeps() {
        assert_eq!(Machine.now().timestamp_subsec_nanos() % 1000, 0);
    }

    #[test]
    fn no_identifier_comes_twice() {
        let mut bytes = [[0; 16]; 2];
        for bytes in &mut bytes {
            Machine.fill(bytes);
        }
        assert_ne!(bytes[0], bytes[1]);
        assert_ne!(Machine.uuid(), Machine.uuid());
    }
}
