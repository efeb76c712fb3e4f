use std::time::Duration;

/// Attempts counted in fixed windows, over all servers that share the counters.
#[async_trait::async_trait]
pub trait Limits: Send + Sync {
    /// Counts one attempt on `key`: refused once `limit` attempts were counted in the window that the
    /// first of them opened. A refused attempt isn't counted. Never fails: without its shared store an
    /// implementation counts in the process.
    async fn hit(&self, key: &str, limit: u32, window: Duration) -> Result<(), LimitReached>;

    /// Takes one counted attempt on `key` back: it wasn't one, as it turned out. Nothing happens when its window is
    /// over.
    async fn take_back(&self, key: &str);

    /// Whether another attempt on `key` would be refused; counts nothing.
    async fn check(&self, key: &str, limit: u32) -> Result<(), LimitReached>;
}

/// All attempts of the window are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts")]
pub struct LimitReached {
    /// Until the window ends; at least one second, in whole seconds.
    pub retry_after: Duration,
}
