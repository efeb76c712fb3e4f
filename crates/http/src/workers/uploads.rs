//! What goes on with storage: whether it is there, and what was put into it.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use chrono::TimeDelta;
use edgeos_app::uploads::{InspectUploads, RemoveOrphans};
use edgeos_postgres::PgStore;
use tokio::time::{interval, timeout};

use crate::{error::chain, state::AppState};

/// How often storage is asked for a sign of life.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// How often new uploads are looked for.
const INSPECTION: Duration = Duration::from_mins(5);
/// How old uploads may be that are looked at for the first time: servers rest now and then.
const LOOK_BACK: TimeDelta = TimeDelta::days(1);
/// How far the clock of storage may be behind ours.
const SKEW: TimeDelta = TimeDelta::minutes(5);
/// How often uploads that nobody shows are looked for.
const ORPHANS: Duration = Duration::from_hours(24);

/// Asks storage from time to time whether it would take a file.
pub(super) async fn watch_storage(state: Arc<AppState>) {
    let Some(storage) = &state.storage else { return };
    let mut pulse = interval(SIGN_OF_LIFE);
    loop {
        pulse.tick().await;
        let answered = timeout(SIGN_OF_LIFE, storage.check()).await;
        let works = matches!(answered, Ok(Ok(())));
        let worked = state.storage_works.swap(works, Ordering::Relaxed);
        match answered {
            Ok(Ok(())) if !worked => tracing::info!("storage works again"),
            Ok(Err(error)) if worked => {
                tracing::warn!("storage does not work: {}", chain(&error));
            }
            Err(_) if worked => tracing::warn!("storage does not answer"),
            _ => {}
        }
    }
}

/// Deletes what was uploaded and is no picture. Every server does: whatever one deletes, the next doesn't find.
pub(super) async fn inspect(state: Arc<AppState>) {
    let Some(storage) = state.storage.clone() else { return };
    let inspection = InspectUploads::new(storage);
    let mut since = state.env.now() - LOOK_BACK;
    let mut pulse = interval(INSPECTION);
    loop {
        pulse.tick().await;
        let began = state.env.now();
        match inspection.run(since).await {
            // What couldn't be looked at has another chance, for a day.
            Ok(found) if found.failed > 0 => since = since.max(began - LOOK_BACK),
            Ok(found) => {
                since = began - SKEW;
                if found.deleted > 0 {
                    tracing::info!(found.new, found.deleted, "uploads were looked at");
                }
            }
            Err(error) => tracing::warn!("uploads can't be looked at: {}", chain(&error)),
        }
    }
}

/// Deletes uploads that nobody shows.
pub(super) async fn remove_orphans(orphans: Arc<RemoveOrphans<PgStore>>) {
    let mut pulse = interval(ORPHANS);
    loop {
        pulse.tick().await;
        match orphans.run().await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "uploads that nobody shows are deleted"),
            Err(error) => {
                tracing::warn!("uploads that nobody shows can't be deleted: {}", chain(&*error));
            }
        }
    }
}
