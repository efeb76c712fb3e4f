use std::time::{Duration, Instant};

use deadpool_redis::redis::{Script, ScriptInvocation, aio::MultiplexedConnection};
use edgeos_ports::{LimitReached, Limits};

use crate::{
    keeper::{InvalidAddress, Keeper},
    windows::{Known, Windows, reached},
};

/// Counts an attempt unless the window is full: whether it was refused, how many were counted, and the milliseconds
/// that the window has left.
///
/// The arguments are the limit, the length of a window, and what the caller knows: a Redis that has lost its memory,
/// in part or as a whole, takes that for its own. A counter without an end counts as none: it would lock its key for
/// ever.
const HIT: &str = r"
local limit, length = tonumber(ARGV[1]), tonumber(ARGV[2])
local known, rest = tonumber(ARGV[3]), tonumber(ARGV[4])
local stored, left = 0, redis.call('PTTL', KEYS[1])
if left > 0 then stored = tonumber(redis.call('GET', KEYS[1])) else left = 0 end
local count = stored
if rest > 0 and known > stored then
    count = known
    if left == 0 then left = rest end
end
if count >= limit then return {1, count, left} end
if left == 0 then left = length end
if stored > 0 and count == stored then
    redis.call('INCR', KEYS[1])
else
    redis.call('SET', KEYS[1], count + 1, 'PX', left)
end
return {0, count + 1, left}
";

/// Takes an attempt back, if any is counted. The window stays as long as it was.
const TAKE_BACK: &str = r"
local count = tonumber(redis.call('GET', KEYS[1]) or 0)
if count > 0 then count = redis.call('DECR', KEYS[1]) end
return {0, count, math.max(redis.call('PTTL', KEYS[1]), 0)}
";

/// As [`HIT`], without counting.
const CHECK: &str = r"
local limit, known, rest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local count, left = 0, redis.call('PTTL', KEYS[1])
if left > 0 then count = tonumber(redis.call('GET', KEYS[1])) else left = 0 end
if rest > 0 and known > count then
    count = known
    if left == 0 then left = rest end
end
if count >= limit then return {1, count, left} end
return {0, count, left}
";

/// Limits counted in Redis, under `edgeos:attempts:<key>`. While Redis can't be reached, they are counted
/// in this process with the same numbers, from where Redis was; when it is back, it is told.
pub struct RedisLimits {
    keeper: Keeper,
    patience: Duration,
    hit: Script,
    take_back: Script,
    check: Script,
    windows: Windows,
}

/// What Redis says.
struct Said {
    passes: bool,
    redis: Known,
}

impl RedisLimits {
    /// Limits counted in the Redis at `url`, from whenever it can be reached; a Redis that is silent for
    /// `patience` counts as lost. An encrypted one has to be vouched for by `authority`, certificates in PEM, if
    /// there are any, else by a public authority. Call it within the runtime that serves.
    ///
    /// # Errors
    ///
    /// [`InvalidAddress`].
    pub async fn connect(
        url: &str,
        authority: Option<&[u8]>,
        patience: Duration,
    ) -> Result<Self, InvalidAddress> {
        Ok(Self {
            keeper: Keeper::start(url, authority, patience).await?,
            patience,
            hit: Script::new(HIT),
            take_back: Script::new(TAKE_BACK),
            check: Script::new(CHECK),
            windows: Windows::default(),
        })
    }

    /// Whether Redis counts at this moment.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.keeper.connection().is_some()
    }

    /// What Redis says; `None` when it says nothing in time.
    async fn ask(&self, script: &ScriptInvocation<'_>) -> Option<Said> {
        let mut connection: MultiplexedConnection = self.keeper.connection()?;
        let answer = script.invoke_async::<(u8, u32, u64)>(&mut connection);
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok((refused, count, left))) => {
                let redis = Known { count, left: Duration::from_millis(left) };
                Some(Said { passes: refused == 0, redis })
            }
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
        let now = Instant::now();
        let attempt = self.windows.begin(key, limit, window, now)?;
        let known = attempt.known(now);
        let mut script = self.hit.key(name(key));
        script.arg(limit).arg(milliseconds(window));
        script.arg(known.count).arg(milliseconds(known.left));
        match self.ask(&script).await {
            Some(Said { passes, redis }) => attempt.follow(passes, redis, now, self.patience),
            None => attempt.alone(Instant::now()),
        }
    }

    async fn take_back(&self, key: &str) {
        let said = self.ask(&self.take_back.key(name(key))).await;
        self.windows.take_back(key, said.map(|said| said.redis.count), Instant::now());
    }

    async fn check(&self, key: &str, limit: u32) -> Result<(), LimitReached> {
        let known = self.windows.check(key, limit, Instant::now())?;
        let mut script = self.check.key(name(key));
        script.arg(limit).arg(known.count).arg(milliseconds(known.left));
        match self.ask(&script).await {
            Some(Said { passes: false, redis }) => Err(reached(redis.left)),
            Some(_) | None => Ok(()),
        }
    }
}

fn name(key: &str) -> String {
    format!("edgeos:attempts:{key}")
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
