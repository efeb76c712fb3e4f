//! What every counter of attempts has to do, and what happens when Redis goes away.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, time::Duration};

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
    assert_eq!(limits.hit("ann", 1, LONG).await, Ok(()), "a new Redis has counted nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_may_come_later_than_the_server() {
    let redis = TestRedis::start().await.unwrap();
    redis.kill();
    let limits = RedisLimits::connect(&redis.url(), PATIENCE).await.unwrap();
    assert_eq!(limits.hit("ann", 1, LONG).await, Ok(()));

    redis.start_again().await.unwrap();
    eventually("Redis is connected", async || limits.connected()).await;
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    assert!(RedisLimits::connect("http://redis.example", PATIENCE).await.is_err());
}

async fn connected(redis: &TestRedis) -> RedisLimits {
    let limits = RedisLimits::connect(&redis.url(), PATIENCE).await.unwrap();
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
