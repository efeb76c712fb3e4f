//! Announcements between servers, over the database's own notifications.

use std::time::Duration;

use edgeos_ports::{Change, ChangeKind, StoreError};
use sea_orm::sqlx::postgres::PgListener;

use crate::{PgStore, connection::Connection};

/// The channel of every announcement.
pub(crate) const CHANNEL: &str = "edgeos";

/// What a server hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Something of this kind changed.
    Changed(ChangeKind),
    /// The server listens (again): whatever it cached before may be out of date.
    Listening,
    /// The server no longer hears anything; caches can't be trusted until it listens again.
    Deaf,
}

/// Tells `hear` every announcement, for ever; reconnects by itself.
pub async fn listen(store: PgStore, mut hear: impl FnMut(News)) {
    loop {
        if let Err(error) = hear_all(&store, &mut hear).await {
            tracing::warn!(%error, "announcements can't be heard");
        }
        hear(News::Deaf);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn hear_all(
    store: &PgStore,
    hear: &mut impl FnMut(News),
) -> Result<(), sea_orm::sqlx::Error> {
    let mut listener = PgListener::connect_with(store.pool()).await?;
    listener.ignore_pool_close_event(false);
    listener.listen(CHANNEL).await?;
    hear(News::Listening);
    while let Some(notification) = listener.try_recv().await? {
        if let Some(change) = parse(notification.payload()) {
            hear(News::Changed(change));
        } else {
            tracing::debug!("an announcement has an unknown form");
        }
    }
    Ok(())
}

/// Announces `change` when the transaction commits. Every login of the cluster can listen on every channel,
/// and announce as well: an announcement says no more than what to look at again.
pub(crate) async fn announce(db: &Connection, change: &Change) -> Result<(), StoreError> {
    db.execute("SELECT pg_notify($1, $2)", [CHANNEL.into(), print(change.kind()).into()]).await?;
    Ok(())
}

/// How an announcement of `kind` is written.
pub(crate) fn print(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::User => "user",
        ChangeKind::Tenant => "tenant",
        ChangeKind::Token => "token",
        ChangeKind::Mail => "mail",
    }
}

fn parse(payload: &str) -> Option<ChangeKind> {
    [ChangeKind::User, ChangeKind::Tenant, ChangeKind::Token, ChangeKind::Mail]
        .into_iter()
        .find(|kind| print(*kind) == payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_announced_is_understood() {
        for kind in [ChangeKind::User, ChangeKind::Tenant, ChangeKind::Token, ChangeKind::Mail] {
            assert_eq!(parse(print(kind)), Some(kind));
        }
        assert_eq!(parse("nothing"), None);
    }
}
