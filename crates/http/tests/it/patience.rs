//! Waiting for what a server does on its own time.

use std::time::Duration;

use sqlx::PgPool;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until `condition` holds. Nothing else in these tests asks again and again.
#[track_caller]
pub(crate) fn until(condition: impl AsyncFnMut() -> bool) -> impl Future<Output = ()> {
    until_within(PATIENCE, PAUSE, condition)
}

/// Waits until at least `count` sessions wait for a lock in the database of `sql`.
#[track_caller]
pub(crate) fn until_waiting(sql: &PgPool, count: i64) -> impl Future<Output = ()> {
    let waiting = "SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
                   WHERE a.datname = current_database() AND NOT l.granted";
    until(async move || {
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(sql).await.unwrap();
        waiting >= count
    })
}

/// As [`until`], for what takes so long and is costly to ask.
#[track_caller]
pub(crate) fn until_within(
    patience: Duration,
    pause: Duration,
    condition: impl AsyncFnMut() -> bool,
) -> impl Future<Output = ()> {
    let place = std::panic::Location::caller();
    async move {
        let holds = tokio::time::timeout(patience, ask(pause, condition)).await;
        assert!(holds.is_ok(), "what {place} waits for doesn't happen");
    }
}

async fn ask(pause: Duration, mut condition: impl AsyncFnMut() -> bool) {
    while !condition().await {
        tokio::time::sleep(pause).await;
    }
}
