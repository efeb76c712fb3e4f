use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use edgeos_ports::Environment;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// The clock and the dice of a demonstration: time is what the story says, and what is drawn follows from what it
/// is drawn for, so that every demonstration has the same identifiers and codes.
pub(super) struct Script {
    world: Arc<dyn Environment>,
    state: Mutex<State>,
}

struct State {
    now: DateTime<Utc>,
    drawn_for: String,
    draws: u64,
}

/// The clock of the story, with the world's own dice: for secrets.
pub(super) struct Unforeseeable(pub(super) Arc<Script>);

impl Script {
    /// How far apart two looks at the clock are, so that lists have an order.
    const TICK: TimeDelta = TimeDelta::milliseconds(1);

    /// How long ago things happened that happen today.
    const JUST_NOW: TimeDelta = TimeDelta::minutes(5);

    /// A script that is played on the present day of `world`.
    pub(super) fn new(world: Arc<dyn Environment>) -> Self {
        let state = State { now: world.now(), drawn_for: String::new(), draws: 0 };
        Self { world, state: Mutex::new(state) }
    }

    /// Turns the clock to so many `minutes` after midnight, `day` days from today; of today, to just now.
    pub(super) fn turn_to(&self, day: i64, minutes: i64) {
        let now = if day == 0 {
            self.world.now() - Self::JUST_NOW
        } else {
            self.midnight(day) + TimeDelta::minutes(minutes)
        };
        self.state().now = now;
    }

    /// What is drawn from now on is drawn for `what`.
    pub(super) fn draw_for(&self, what: &str) {
        let mut state = self.state();
        what.clone_into(&mut state.drawn_for);
        state.draws = 0;
    }

    /// What is drawn for at present: how far the story is.
    pub(super) fn place(&self) -> String {
        self.state().drawn_for.clone()
    }

    /// Midnight, `day` days from today.
    pub(super) fn midnight(&self, day: i64) -> DateTime<Utc> {
        let today = self.world.now().date_naive();
        let distance = Days::new(day.unsigned_abs());
        let date = if day < 0 { today - distance } else { today + distance };
        date.and_time(NaiveTime::MIN).and_utc()
    }

    /// The environment outside of the story.
    pub(super) fn world(&self) -> &dyn Environment {
        &*self.world
    }

    /// 32 bytes that nothing else gets.
    fn draw(&self) -> [u8; 32] {
        let mut state = self.state();
        state.draws += 1;
        let drawn =
            Sha256::new().chain_update(&state.drawn_for).chain_update(state.draws.to_be_bytes());
        drawn.finalize().into()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Environment for Script {
    fn now(&self) -> DateTime<Utc> {
        let mut state = self.state();
        state.now += Self::TICK;
        state.now
    }

    fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            chunk.copy_from_slice(&self.draw()[..chunk.len()]);
        }
    }
}

impl Environment for Unforeseeable {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    fn uuid(&self) -> Uuid {
        self.0.uuid()
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.0.world.fill(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Noon;

    impl Environment for Noon {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::hours(12)
        }

        fn uuid(&self) -> Uuid {
            Uuid::nil()
        }

        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn what_is_drawn_follows_from_what_it_is_drawn_for() {
        let drawn = |what: &str| {
            let script = Script::new(Arc::new(Noon));
            script.draw_for(what);
            (script.uuid(), script.uuid())
        };
        assert_eq!(drawn("demo/a"), drawn("demo/a"));
        assert_ne!(drawn("demo/a"), drawn("demo/b"));
        let (first, second) = drawn("demo/a");
        assert_ne!(first, second);
        assert_eq!(first.get_version_num(), 4);
    }

    #[test]
    fn secrets_are_drawn_by_the_world() {
        let mut bytes = [0; 3];
        Unforeseeable(Arc::new(Script::new(Arc::new(Noon)))).fill(&mut bytes);
        assert_eq!(bytes, [7; 3]);
    }

    #[test]
    fn the_clock_is_where_the_story_is_and_never_stands() {
        let script = Script::new(Arc::new(Noon));
        script.turn_to(-1, 60);
        let (first, second) = (script.now(), script.now());
        assert_eq!(first, Noon.now() - TimeDelta::hours(35) + Script::TICK);
        assert!(first < second);
        script.turn_to(0, 0);
        assert!(script.now() < Noon.now());
    }
}
