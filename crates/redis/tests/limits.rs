//! What every counter of attempts has to do, and what happens when Redis goes away.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use edgeos_ports::{LimitReached, Limits};
use edgeos_redis::{LocalLimits, RedisLimits};
use edgeos_testkit::TestRedis;

/// Longer than any test.
const LONG: Duration = Duration::from_mins(15);

/// A busy machine isn't a lost Redis.
const PATIENCE: Duration = Duration::from_secs(10);

/// The suite of the port.
async fn behaves_as_limits(limits: Arc<dyn Limits>) {
    lets_exactly_the_limit_pass(limits.clone()).await;
    counts_each_key_apart(&*limits).await;
    checking_counts_nothing(&*limits).await;
    what_is_taken_back_counts_no_more(&*limits).await;
    names_the_wait(&*limits).await;
    a_window_ends(&*limits).await;
    a_raised_limit_holds_at_once(&*limits).await;
}

async fn lets_exactly_the_limit_pass(limits: Arc<dyn Limits>) {
    let attempts: Vec<_> = (0..10_000)
        .map(|_| {
            let limits = limits.clone();
            tokio::spawn(async move { limits.hit("crowd", 37, LONG).await })
        })
        .collect();
    let mut passed = 0;
    for attempt in attempts {
        passed += u32::from(attempt.await.unwrap().is_ok());
    }
    assert_eq!(passed, 37);
}

async fn counts_each_key_apart(limits: &dyn Limits) {
    assert_eq!(limits.hit("ann", 1, LONG).await, Ok(()));
    assert_eq!(limits.hit("bob", 1, LONG).await, Ok(()));
    assert!(limits.hit("ann", 1, LONG).await.is_err());
}

async fn checking_counts_nothing(limits: &dyn Limits) {
    for _ in 0..3 {
        assert_eq!(limits.check("checked", 1).await, Ok(()));
    }
    assert_eq!(limits.hit("checked", 1, LONG).await, Ok(()));
    assert!(limits.check("checked", 1).await.is_err());
}

async fn what_is_taken_back_counts_no_more(limits: &dyn Limits) {
    limits.take_back("taken back").await;
    for _ in 0..3 {
        assert_eq!(limits.hit("taken back", 2, LONG).await, Ok(()));
        assert_eq!(limits.hit("taken back", 2, LONG).await, Ok(()));
        assert!(limits.hit("taken back", 2, LONG).await.is_err());
        for _ in 0..3 {
            limits.take_back("taken back").await;
        }
    }
}

async fn names_the_wait(limits: &dyn Limits) {
    assert_eq!(limits.hit("waiting", 1, LONG).await, Ok(()));
    for refused in [limits.hit("waiting", 1, LONG).await, limits.check("waiting", 1).await] {
        let LimitReached { retry_after } = refused.unwrap_err();
        assert!((1..=900).contains(&retry_after.as_secs()), "{retry_after:?}");
        assert_eq!(retry_after.subsec_nanos(), 0);
    }
    assert_eq!(limits.hit("brief", 1, Duration::from_mins(1)).await, Ok(()));
    let refused = limits.hit("brief", 1, LONG).await.unwrap_err();
    assert!(refused.retry_after <= Duration::from_mins(1), "only the first attempt opens a window");
}

async fn a_window_ends(limits: &dyn Limits) {
    let window = Duration::from_millis(200);
    assert_eq!(limits.hit("short", 1, window).await, Ok(()));
    eventually("the window ends", async || limits.hit("short", 1, window).await.is_ok()).await;
}

async fn a_raised_limit_holds_at_once(limits: &dyn Limits) {
    assert_eq!(limits.hit("raised", 1, LONG).await, Ok(()));
    assert!(limits.hit("raised", 1, LONG).await.is_err());
    assert_eq!(limits.hit("raised", 2, LONG).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_twin_behaves_as_limits() {
    behaves_as_limits(Arc::new(LocalLimits::default())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_behaves_as_limits() {
    let redis = TestRedis::start().await.unwrap();
    behaves_as_limits(Arc::new(connected(&redis).await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_without_their_redis_behave_as_limits() {
    let redis = TestRedis::start().await.unwrap();
    let limits = Arc::new(connected(&redis).await);
    redis.kill();
    limits.check("anything", 1).await.unwrap();
    assert!(!limits.connected());
    behaves_as_limits(limits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_count_together() {
    let redis = TestRedis::start().await.unwrap();
    let (one, other) = (connected(&redis).await, connected(&redis).await);
    assert_eq!(one.hit("ann", 2, LONG).await, Ok(()));
    assert_eq!(other.hit("ann", 2, LONG).await, Ok(()));
    assert!(one.hit("ann", 2, LONG).await.is_err());
    assert!(other.check("ann", 2).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_counts_again_when_it_is_back() {
    let redis = TestRedis::start().await.unwrap();
    let limits = connected(&redis).await;
    redis.kill();
    assert_eq!(limits.hit("ann", 1, LONG).await, Ok(()));
    assert!(limits.hit("ann", 1, LONG).await.is_err(), "the twin has the same numbers");

    redis.start_again().await.unwrap();
    eventually("Redis is connected", async || limits.connected()).await;
    assert!(limits.hit("ann", 1, LONG).await.is_err(), "what was counted meanwhile counts");
    assert_eq!(limits.hit("bob", 1, LONG).await, Ok(()));
    let other = connected(&redis).await;
    assert!(other.hit("bob", 1, LONG).await.is_err(), "it was counted in Redis");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_has_forgotten_everything_is_told() {
    let redis = TestRedis::start().await.unwrap();
    let limits = connected(&redis).await;
    for _ in 0..2 {
        assert_eq!(limits.hit("ann", 4, LONG).await, Ok(()));
    }
    redis.start_again().await.unwrap();
    eventually("the new Redis counts", async || {
        limits.check("anything", 1).await.unwrap();
        limits.connected()
    })
    .await;
    assert_eq!(limits.hit("ann", 4, LONG).await, Ok(()));
    let other = connected(&redis).await;
    assert_eq!(other.hit("ann", 4, LONG).await, Ok(()));
    assert!(other.hit("ann", 4, LONG).await.is_err(), "it had counted none of them itself");
    assert!(limits.hit("ann", 4, LONG).await.is_err());
}

/// Eight of them attempt ten times what each of many people may do seven times, while Redis dies and comes back again
/// and again.
#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_dies_and_comes_back_under_load_changes_no_outcome() {
    const PEOPLE: usize = 1500;
    let redis = TestRedis::start().await.unwrap();
    let limits = Arc::new(connected(&redis).await);
    let passed: Arc<Vec<AtomicU32>> =
        Arc::new(std::iter::repeat_with(AtomicU32::default).take(PEOPLE).collect());
    let load = (0..8).map(|_| {
        let (limits, passed) = (limits.clone(), passed.clone());
        tokio::spawn(async move {
            for (person, passed) in passed.iter().enumerate() {
                for _ in 0..10 {
                    let attempt = limits.hit(&format!("person {person}"), 7, LONG).await;
                    passed.fetch_add(u32::from(attempt.is_ok()), Relaxed);
                }
            }
        })
    });
    let load: Vec<_> = load.collect();
    let mut deaths = 0;
    while deaths < 3 || !load.iter().all(tokio::task::JoinHandle::is_finished) {
        let connected = async || limits.connected();
        eventually("Redis is connected", connected).await;
        redis.kill();
        redis.start_again().await.unwrap();
        deaths += 1;
    }
    for task in load {
        task.await.unwrap();
    }
    let wrong: Vec<_> = passed.iter().map(|passed| passed.load(Relaxed)).enumerate().collect();
    let wrong: Vec<_> = wrong.into_iter().filter(|(_, passed)| *passed != 7).collect();
    assert!(wrong.is_empty(), "after {deaths} deaths: {wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_opens_redis() {
    let redis = TestRedis::start_with(&["--requirepass", "hush hush"]).await.unwrap();
    let url = |password: &str| format!("redis://:{password}@127.0.0.1:{}", redis.port());
    behaves_as_limits(Arc::new(opened(&url("hush%20hush")).await)).await;
    for wrong in [url("guessed"), redis.url()] {
        let limits = RedisLimits::connect(&wrong, None, PATIENCE).await.unwrap();
        assert!(!limits.connected(), "{wrong}");
        assert_eq!(limits.hit("ann", 1, LONG).await, Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_redis_needs_no_more_than_the_counters() {
    let rights = "on >hush resetkeys ~edgeos:attempts:* -@all +ping +select +client \
                  +unwatch +script|load +evalsha +eval +pttl +get +set +incr +decr";
    let user: Vec<_> = ["--user", "edge"].into_iter().chain(rights.split_whitespace()).collect();
    let redis = TestRedis::start_with(&user).await.unwrap();
    let url = format!("redis://edge:hush@127.0.0.1:{}", redis.port());
    behaves_as_limits(Arc::new(opened(&url).await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_redis_is_reached_if_somebody_vouches_for_it() {
    let (redis, encrypted) = TestRedis::start_encrypted().await.unwrap();
    let authority = encrypted.authority.as_bytes();
    let limits = RedisLimits::connect(&encrypted.url, Some(authority), PATIENCE).await.unwrap();
    assert!(limits.connected());
    let limits = Arc::new(limits);
    behaves_as_limits(limits.clone()).await;
    redis.start_again().await.unwrap();
    eventually("Redis is connected again", async || {
        limits.check("anything", 1).await.unwrap();
        limits.connected()
    })
    .await;

    let strangers = RedisLimits::connect(&encrypted.url, None, PATIENCE).await.unwrap();
    assert!(!strangers.connected(), "no public authority knows it");
    let clear = encrypted.url.replace("rediss://", "redis://");
    let clear = RedisLimits::connect(&clear, None, PATIENCE).await.unwrap();
    assert!(!clear.connected(), "it takes nothing in the clear");
    let nonsense = RedisLimits::connect(&encrypted.url, Some(b"-----BEGIN"), PATIENCE).await;
    assert!(!nonsense.is_ok_and(|limits| limits.connected()), "nobody is trusted");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_may_come_later_than_the_server() {
    let redis = TestRedis::start().await.unwrap();
    redis.kill();
    let limits = RedisLimits::connect(&redis.url(), None, PATIENCE).await.unwrap();
    assert_eq!(limits.hit("ann", 1, LONG).await, Ok(()));

    redis.start_again().await.unwrap();
    eventually("Redis is connected", async || limits.connected()).await;
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    assert!(RedisLimits::connect("http://redis.example", None, PATIENCE).await.is_err());
}

async fn connected(redis: &TestRedis) -> RedisLimits {
    opened(&redis.url()).await
}

async fn opened(url: &str) -> RedisLimits {
    let limits = RedisLimits::connect(url, None, PATIENCE).await.unwrap();
    assert!(limits.connected());
    limits
}

/// Asks again and again, but not for ever.
async fn eventually(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked).await.expect(what);
}
