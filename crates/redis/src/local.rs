use std::time::{Duration, Instant};

use edgeos_ports::{LimitReached, Limits};

use crate::windows::Windows;

/// Limits counted in this process alone.
#[derive(Debug, Default)]
pub struct LocalLimits {
    windows: Windows,
}

#[async_trait::async_trait]
impl Limits for LocalLimits {
    async fn hit(&self, key: &str, limit: u32, window: Duration) -> Result<(), LimitReached> {
        let now = Instant::now();
        self.windows.begin(key, limit, window, now)?.alone(now)
    }

    async fn take_back(&self, key: &str) {
        self.windows.take_back(key, None, Instant::now());
    }

    async fn check(&self, key: &str, limit: u32) -> Result<(), LimitReached> {
        self.windows.check(key, limit, Instant::now()).map(|_| ())
    }
}
