use std::time::Duration;

use deadpool_redis::redis::{Script, ScriptInvocation, aio::MultiplexedConnection};
use edgeos_ports::{LimitReached, Limits};

use crate::{
    keeper::{InvalidUrl, Keeper},
    local::{LocalLimits, reached},
};

/// Counts an attempt unless the window is full: 0, or the milliseconds that a full window has left.
///
/// A counter without an end counts as none: it would lock its key for ever.
const HIT: &str = r"
local left = redis.call('PTTL', KEYS[1])
if left <= 0 then
    if tonumber(ARGV[1]) < 1 then return 1 end
    redis.call('SET', KEYS[1], 1, 'PX', ARGV[2])
    return 0
end
if tonumber(redis.call('GET', KEYS[1])) >= tonumber(ARGV[1]) then return left end
redis.call('INCR', KEYS[1])
return 0
";

/// Takes an attempt back, if any is counted. The window stays as long as it was.
const TAKE_BACK: &str = r"
if tonumber(redis.call('GET', KEYS[1]) or 0) > 0 then redis.call('DECR', KEYS[1]) end
return 0
";

/// As [`HIT`], without counting.
const CHECK: &str = r"
local left = redis.call('PTTL', KEYS[1])
if left <= 0 then
    if tonumber(ARGV[1]) < 1 then return 1 end
    return 0
end
if tonumber(redis.call('GET', KEYS[1])) >= tonumber(ARGV[1]) then return left end
return 0
";

/// Limits counted in Redis, under `edgeos:attempts:<key>`. While Redis can't be reached, they are counted
/// in this process with the same numbers.
pub struct RedisLimits {
    keeper: Keeper,
    patience: Duration,
    hit: Script,
    take_back: Script,
    check: Script,
    twin: LocalLimits,
}

impl RedisLimits {
    /// Limits counted in the Redis at `url`, from whenever it can be reached; a Redis that is silent for
    /// `patience` counts as lost. Call it within the runtime that serves.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`].
    pub async fn connect(url: &str, patience: Duration) -> Result<Self, InvalidUrl> {
        Ok(Self {
            keeper: Keeper::start(url, patience).await?,
            patience,
            hit: Script::new(HIT),
            take_back: Script::new(TAKE_BACK),
            check: Script::new(CHECK),
            twin: LocalLimits::default(),
        })
    }

    /// Whether Redis counts at this moment.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.keeper.connection().is_some()
    }

    /// What Redis says; `None` when it says nothing in time.
    async fn ask(&self, script: &ScriptInvocation<'_>) -> Option<Result<(), LimitReached>> {
        let mut connection: MultiplexedConnection = self.keeper.connection()?;
        let answer = script.invoke_async::<u64>(&mut connection);
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok(0)) => Some(Ok(())),
            Ok(Ok(left)) => Some(Err(reached(Duration::from_millis(left)))),
            Ok(Err(error)) => {
                tracing::warn!(%error, "Redis failed: attempts are counted in this process");
                self.keeper.lost();
                None
            }
            Err(_) => {
                tracing::warn!("Redis is silent: attempts are counted in this process");
                self.keeper.lost();
                None
            }
        }
    }
}

#[async_trait::async_trait]
impl Limits for RedisLimits {
    async fn hit(&self, key: &str, limit: u32, window: Duration) -> Result<(), LimitReached> {
        let milliseconds = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
        let mut script = self.hit.key(name(key));
        script.arg(limit).arg(milliseconds);
        match self.ask(&script).await {
            Some(answer) => answer,
            None => self.twin.hit(key, limit, window).await,
        }
    }

    async fn take_back(&self, key: &str) {
        if self.ask(&self.take_back.key(name(key))).await.is_none() {
            self.twin.take_back(key).await;
        }
    }

    async fn check(&self, key: &str, limit: u32) -> Result<(), LimitReached> {
        let mut script = self.check.key(name(key));
        script.arg(limit);
        match self.ask(&script).await {
            Some(answer) => answer,
            None => self.twin.check(key, limit).await,
        }
    }
}

fn name(key: &str) -> String {
    format!("edgeos:attempts:{key}")
}
