//! What goes on besides requests: news from other servers, tokens that no longer count, mail.

use std::{sync::Arc, time::Duration};

use edgeos_app::Hearing;
use edgeos_postgres::News;
use tokio::{sync::Notify, task::JoinHandle};

use crate::{error::chain, state::AppState};

/// How often the list of revoked tokens is read, in case an announcement got lost.
const REVOKED: Duration = Duration::from_secs(5);

/// How often what is over is deleted.
const SWEEP: Duration = Duration::from_hours(1);

/// Starts all of it; each goes on until it is aborted.
pub(crate) fn start(state: &Arc<AppState>, hearing: Arc<Hearing>) -> Vec<JoinHandle<()>> {
    let listening = Arc::new(Notify::new());
    vec![
        tokio::spawn(hear(state.clone(), hearing, listening.clone())),
        tokio::spawn(read_revoked(state.clone(), listening)),
        tokio::spawn(sweep(state.clone())),
    ]
}

async fn hear(state: Arc<AppState>, hearing: Arc<Hearing>, listening: Arc<Notify>) {
    let store = state.store.clone();
    edgeos_postgres::listen(store, |news| match news {
        News::Changed(change) => {
            state.sessions.heard(&change);
            state.hosts.heard(&change);
        }
        News::Listening => {
            state.sessions.forget_all();
            state.hosts.forget_all();
            hearing.set_listening(true);
            listening.notify_one();
        }
        News::Deaf => hearing.set_listening(false),
    })
    .await;
}

/// Reads at once when announcements arrive again: some were missed.
async fn read_revoked(state: Arc<AppState>, listening: Arc<Notify>) {
    loop {
        // Whether the time is up or not, it is read.
        let _ = tokio::time::timeout(REVOKED, listening.notified()).await;
        if let Err(error) = state.sessions.read_revoked(state.env.now()).await {
            tracing::warn!("revoked tokens can't be read: {}", chain(&error));
        }
    }
}

async fn sweep(state: Arc<AppState>) {
    let mut pulse = tokio::time::interval(SWEEP);
    loop {
        pulse.tick().await;
        match state.sign_in.sweep_expired(state.env.now()).await {
            Ok(count) => tracing::info!(
                count,
                "{count} expired codes, pending humans and revoked tokens are deleted"
            ),
            Err(error) => tracing::warn!("what is over can't be deleted: {}", chain(&error)),
        }
    }
}
