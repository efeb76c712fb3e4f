use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use edgeos_ports::{LimitReached, Limits};

/// Windows kept before those that are over are looked for and dropped, at the least.
const FEW: usize = 1024;

/// Limits counted in this process alone.
#[derive(Debug, Default)]
pub struct LocalLimits {
    windows: Mutex<Windows>,
}

#[derive(Debug, Default)]
struct Windows {
    of: HashMap<String, Window>,
    /// How many windows there may be before the next look for those that are over.
    sweep_at: usize,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    count: u32,
    ends: Instant,
}

impl LocalLimits {
    fn windows(&self) -> MutexGuard<'_, Windows> {
        self.windows.lock().expect("nobody panics while holding it")
    }
}

#[async_trait::async_trait]
impl Limits for LocalLimits {
    async fn hit(&self, key: &str, limit: u32, window: Duration) -> Result<(), LimitReached> {
        self.windows().hit(key, limit, window, Instant::now())
    }

    async fn take_back(&self, key: &str) {
        self.windows().take_back(key, Instant::now());
    }

    async fn check(&self, key: &str, limit: u32) -> Result<(), LimitReached> {
        self.windows().check(key, limit, Instant::now())
    }
}

impl Windows {
    fn hit(
        &mut self,
        key: &str,
        limit: u32,
        window: Duration,
        now: Instant,
    ) -> Result<(), LimitReached> {
        self.check(key, limit, now)?;
        if let Some(open) = self.of.get_mut(key).filter(|window| window.ends > now) {
            open.count += 1;
        } else {
            self.sweep(now);
            self.of.insert(key.to_owned(), Window { count: 1, ends: now + window });
        }
        Ok(())
    }

    fn take_back(&mut self, key: &str, now: Instant) {
        if let Some(open) = self.of.get_mut(key).filter(|window| window.ends > now) {
            open.count = open.count.saturating_sub(1);
        }
    }

    fn check(&self, key: &str, limit: u32, now: Instant) -> Result<(), LimitReached> {
        let open = self.of.get(key).filter(|window| window.ends > now);
        let (count, left) = open.map_or((0, Duration::ZERO), |open| (open.count, open.ends - now));
        if count < limit { Ok(()) } else { Err(reached(left)) }
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

/// The refusal of a window that is open for `left`.
pub(crate) fn reached(left: Duration) -> LimitReached {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    LimitReached { retry_after: Duration::from_secs(seconds.max(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_mins(15);

    #[test]
    fn the_window_opens_with_the_first_attempt() {
        let mut windows = Windows::default();
        let start = Instant::now();
        for second in [0, 10, 20, 30, 40] {
            assert_eq!(windows.hit("ann", 5, WINDOW, start + Duration::from_secs(second)), Ok(()));
        }
        let refused = windows.hit("ann", 5, WINDOW, start + Duration::from_secs(83));
        assert_eq!(refused, Err(LimitReached { retry_after: Duration::from_secs(817) }));
        assert_eq!(windows.hit("ann", 5, WINDOW, start + WINDOW), Ok(()));
    }

    #[test]
    fn windows_that_are_over_take_no_room() {
        let mut windows = Windows::default();
        let start = Instant::now();
        for number in 0..FEW {
            windows.hit(&number.to_string(), 1, WINDOW, start).unwrap();
        }
        windows.hit("later", 1, WINDOW, start + WINDOW).unwrap();
        assert_eq!(windows.of.len(), 1);
    }

    #[test]
    fn the_wait_is_in_whole_seconds_and_never_none() {
        assert_eq!(reached(Duration::ZERO).retry_after, Duration::from_secs(1));
        assert_eq!(reached(Duration::from_millis(1001)).retry_after, Duration::from_secs(2));
    }
}
