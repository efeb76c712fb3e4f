use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use edgeos_ports::LimitReached;

/// Windows kept before those that are over are looked for and dropped, at the least.
const FEW: usize = 1024;

/// What this process knows of the windows that are open: enough to count alone, and to tell a Redis that has
/// forgotten everything.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    of: HashMap<String, Window>,
    /// How many windows there may be before the next look for those that are over.
    sweep_at: usize,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    /// Tells it from other windows of its key.
    opened: Instant,
    ends: Instant,
    /// Whether `ends` is what Redis said. It is never later than what Redis holds.
    agreed: bool,
    /// Attempts of this process that passed.
    passed: u32,
    /// Attempts of this process that Redis is being asked about.
    pending: u32,
    /// Attempts of all processes, as far as this one was told.
    told: u32,
}

/// An attempt that is being decided. Dropped undecided, it is none.
pub(crate) struct Attempt<'a> {
    windows: &'a Windows,
    key: &'a str,
    limit: u32,
    opened: Instant,
    decided: bool,
}

/// What is known of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Known {
    /// Attempts that were counted.
    pub(crate) count: u32,
    /// Until it ends.
    pub(crate) left: Duration,
}

impl Windows {
    /// Begins an attempt on `key` at `now`, in a window of this `length` if none is open. Refused when this process
    /// knows already that the window is full: so many of its own attempts have passed, or may yet.
    pub(crate) fn begin<'a>(
        &'a self,
        key: &'a str,
        limit: u32,
        length: Duration,
        now: Instant,
    ) -> Result<Attempt<'a>, LimitReached> {
        let mut open = self.open();
        open.check(key, limit, now)?;
        if open.of.get(key).is_none_or(|window| window.ends <= now) {
            open.sweep(now);
            let ends = now + length;
            let fresh = Window { opened: now, ends, agreed: false, passed: 0, pending: 0, told: 0 };
            open.of.insert(key.to_owned(), fresh);
        }
        let window = open.of.get_mut(key).expect("it was there or was made");
        window.pending += 1;
        Ok(Attempt { windows: self, key, limit, opened: window.opened, decided: false })
    }

    /// Whether an attempt would be refused; else what is known of the window.
    pub(crate) fn check(&self, key: &str, limit: u32, now: Instant) -> Result<Known, LimitReached> {
        let open = self.open();
        open.check(key, limit, now)?;
        Ok(open.of.get(key).map_or(Known::default(), |window| window.known(now)))
    }

    /// Takes back an attempt of this process that passed. `told` is how many Redis counts after that, if it said.
    pub(crate) fn take_back(&self, key: &str, told: Option<u32>, now: Instant) {
        let mut open = self.open();
        if let Some(window) = open.of.get_mut(key).filter(|window| window.ends > now) {
            window.passed = window.passed.saturating_sub(1);
            window.told = told.unwrap_or(window.told.saturating_sub(1)).max(window.passed);
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().expect("nobody panics while holding it")
    }
}

impl Open {
    fn check(&self, key: &str, limit: u32, now: Instant) -> Result<(), LimitReached> {
        let window = self.of.get(key).filter(|window| window.ends > now);
        let used = window.map_or(0, |window| window.told.max(window.passed + window.pending));
        let left = window.map_or(Duration::ZERO, |window| window.ends - now);
        if used < limit { Ok(()) } else { Err(reached(left)) }
    }

    /// Drops what is over once the windows have doubled since the last time, so that each attempt pays
    /// for a constant share of it.
    fn sweep(&mut self, now: Instant) {
        if self.of.len() >= self.sweep_at.max(FEW) {
            self.of.retain(|_, window| window.ends > now);
            self.sweep_at = self.of.len() * 2;
        }
    }
}

impl Window {
    fn known(&self, now: Instant) -> Known {
        let (count, left) = (self.told.max(self.passed), self.ends.saturating_duration_since(now));
        if count == 0 || left.is_zero() { Known::default() } else { Known { count, left } }
    }

    /// Takes note of what Redis, asked at `asked`, said of the window of this key. Answers to one window differ by
    /// less than `slack`, which is how long any of them takes.
    fn agree(&mut self, redis: Known, asked: Instant, slack: Duration) {
        let ends = asked + redis.left;
        if ends > self.ends + slack {
            // Theirs is another one, that began when ours was thought to be open still.
            *self = Self { ends, passed: 0, told: 0, ..*self };
        } else if self.agreed {
            self.ends = self.ends.max(ends);
        } else {
            self.ends = ends;
        }
        self.agreed = true;
        self.told = self.told.max(redis.count);
    }
}

impl Attempt<'_> {
    /// What Redis should know at the least.
    pub(crate) fn known(&self, now: Instant) -> Known {
        self.with(|window| window.known(now)).unwrap_or_default()
    }

    /// Decides as Redis did when it was asked at `asked`; see [`Window::agree`].
    pub(crate) fn follow(
        mut self,
        passes: bool,
        redis: Known,
        asked: Instant,
        slack: Duration,
    ) -> Result<(), LimitReached> {
        self.decided = true;
        self.with(|window| {
            window.pending -= 1;
            window.agree(redis, asked, slack);
            window.passed += u32::from(passes);
        });
        if passes { Ok(()) } else { Err(reached(redis.left)) }
    }

    /// Decides by what this process knows.
    pub(crate) fn alone(mut self, now: Instant) -> Result<(), LimitReached> {
        self.decided = true;
        let limit = self.limit;
        let decide = |window: &mut Window| {
            window.pending -= 1;
            if window.told >= limit {
                return Err(reached(window.ends.saturating_duration_since(now)));
            }
            window.passed += 1;
            window.told = window.passed.max(window.told + 1);
            Ok(())
        };
        // A window that is over meanwhile can't be used up.
        self.with(decide).unwrap_or(Ok(()))
    }

    /// The window in which this attempt began, unless another has taken its place.
    fn with<T>(&self, change: impl FnOnce(&mut Window) -> T) -> Option<T> {
        let mut open = self.windows.open();
        open.of.get_mut(self.key).filter(|window| window.opened == self.opened).map(change)
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.decided {
            self.with(|window| window.pending -= 1);
        }
    }
}

/// The refusal of a window that is open for `left`.
pub(crate) fn reached(left: Duration) -> LimitReached {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    LimitReached { retry_after: Duration::from_secs(seconds.max(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_mins(15);
    const SLACK: Duration = Duration::from_millis(500);

    fn hit(windows: &Windows, key: &str, limit: u32, now: Instant) -> Result<(), LimitReached> {
        windows.begin(key, limit, WINDOW, now)?.alone(now)
    }

    fn told(count: u32, left: Duration) -> Known {
        Known { count, left }
    }

    fn refusal(seconds: u64) -> LimitReached {
        LimitReached { retry_after: Duration::from_secs(seconds) }
    }

    #[test]
    fn the_window_opens_with_the_first_attempt() {
        let windows = Windows::default();
        let start = Instant::now();
        for second in [0, 10, 20, 30, 40] {
            assert_eq!(hit(&windows, "ann", 5, start + Duration::from_secs(second)), Ok(()));
        }
        let late = start + Duration::from_secs(83);
        assert_eq!(hit(&windows, "ann", 5, late), Err(refusal(817)));
        assert_eq!(hit(&windows, "ann", 5, start + WINDOW), Ok(()));
    }

    #[test]
    fn what_is_taken_back_is_told_to_nobody() {
        let windows = Windows::default();
        let now = Instant::now();
        let attempt = windows.begin("ann", 5, WINDOW, now).unwrap();
        attempt.follow(true, told(3, WINDOW), now, SLACK).unwrap();
        windows.take_back("ann", Some(2), now);
        assert_eq!(windows.check("ann", 5, now), Ok(told(2, WINDOW)));
        windows.take_back("ann", None, now);
        assert_eq!(windows.check("ann", 5, now), Ok(told(1, WINDOW)));
        windows.take_back("nobody", None, now);
    }

    #[test]
    fn windows_that_are_over_take_no_room() {
        let windows = Windows::default();
        let start = Instant::now();
        for number in 0..FEW {
            hit(&windows, &number.to_string(), 1, start).unwrap();
        }
        hit(&windows, "later", 1, start + WINDOW).unwrap();
        assert_eq!(windows.open().of.len(), 1);
    }

    #[test]
    fn the_wait_is_in_whole_seconds_and_never_none() {
        assert_eq!(reached(Duration::ZERO).retry_after, Duration::from_secs(1));
        assert_eq!(reached(Duration::from_millis(1001)).retry_after, Duration::from_secs(2));
    }

    #[test]
    fn what_redis_told_is_known_when_it_is_gone() {
        let windows = Windows::default();
        let now = Instant::now();
        let attempt = windows.begin("ann", 5, WINDOW, now).unwrap();
        // Another server has counted three, in a window that ends in a minute.
        attempt.follow(true, told(4, Duration::from_mins(1)), now, SLACK).unwrap();
        assert_eq!(hit(&windows, "ann", 5, now), Ok(()));
        assert_eq!(hit(&windows, "ann", 5, now), Err(refusal(60)));
        assert_eq!(hit(&windows, "ann", 5, now + Duration::from_mins(1)), Ok(()));
    }

    #[test]
    fn a_redis_that_has_forgotten_is_told() {
        let windows = Windows::default();
        let now = Instant::now();
        let first = windows.begin("ann", 5, WINDOW, now).unwrap();
        assert_eq!(first.known(now), Known::default());
        first.follow(true, told(1, WINDOW), now, SLACK).unwrap();
        hit(&windows, "ann", 5, now).unwrap();
        let later = now + Duration::from_mins(5);
        let next = windows.begin("ann", 5, WINDOW, later).unwrap();
        assert_eq!(next.known(later), told(2, Duration::from_mins(10)));
    }

    #[test]
    fn attempts_that_are_being_decided_leave_no_room_for_more() {
        let windows = Windows::default();
        let now = Instant::now();
        let pending = [(); 2].map(|()| windows.begin("ann", 2, WINDOW, now).unwrap());
        assert!(windows.begin("ann", 2, WINDOW, now).is_err());
        // Given up, they are as good as never made.
        drop(pending);
        assert_eq!(hit(&windows, "ann", 2, now), Ok(()));
    }

    #[test]
    fn answers_may_come_in_any_order() {
        let windows = Windows::default();
        let now = Instant::now();
        let [one, two] = [(); 2].map(|()| windows.begin("ann", 3, WINDOW, now).unwrap());
        two.follow(true, told(2, WINDOW), now, SLACK).unwrap();
        one.follow(true, told(1, WINDOW), now, SLACK).unwrap();
        assert_eq!(hit(&windows, "ann", 3, now), Ok(()));
        assert!(hit(&windows, "ann", 3, now).is_err());
    }

    #[test]
    fn a_window_that_began_anew_elsewhere_takes_the_place_of_ours() {
        let windows = Windows::default();
        let now = Instant::now();
        for count in 1..=3 {
            let attempt = windows.begin("ann", 4, WINDOW, now).unwrap();
            attempt.follow(true, told(count, Duration::from_secs(30)), now, SLACK).unwrap();
        }
        let next = windows.begin("ann", 4, WINDOW, now).unwrap();
        next.follow(true, told(1, WINDOW), now, SLACK).unwrap();
        let known = windows.check("ann", 4, now).unwrap();
        assert_eq!(known, told(1, WINDOW));
    }
}
