//! Announcements between servers, over the database's own notifications.

use std::time::Duration;

use edgeos_domain::{TenantId, UserId};
use edgeos_ports::{Change, StoreError};
use sea_orm::sqlx::postgres::PgListener;
use uuid::Uuid;

use crate::{PgStore, connection::Connection};

/// The channel of every announcement.
const CHANNEL: &str = "edgeos";

/// What a server hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Something changed.
    Changed(Change),
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
            tracing::warn!("an announcement has an unknown form");
        }
    }
    Ok(())
}

/// Announces `change` when the transaction commits.
pub(crate) async fn announce(db: &Connection, change: &Change) -> Result<(), StoreError> {
    db.execute("SELECT pg_notify($1, $2)", [CHANNEL.into(), print(change).into()]).await?;
    Ok(())
}

/// `user <id>`, `tenant <id>`, `token <end in seconds> <key>`, `mail`.
fn print(change: &Change) -> String {
    match change {
        Change::User(id) => format!("user {id}"),
        Change::Tenant(id) => format!("tenant {id}"),
        Change::TokenRevoked { key, expires_at } => format!("token {expires_at} {key}"),
        Change::Mail => "mail".to_owned(),
    }
}

fn parse(payload: &str) -> Option<Change> {
    let mut words = payload.splitn(3, ' ');
    let change = match words.next()? {
        "user" => Change::User(UserId(Uuid::try_parse(words.next()?).ok()?)),
        "tenant" => Change::Tenant(TenantId(Uuid::try_parse(words.next()?).ok()?)),
        "token" => Change::TokenRevoked {
            expires_at: words.next()?.parse().ok()?,
            key: words.next()?.to_owned(),
        },
        "mail" => Change::Mail,
        _ => return None,
    };
    Some(change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_announced_is_understood() {
        let id = Uuid::from_u128(7);
        for change in [
            Change::User(UserId(id)),
            Change::Tenant(TenantId(id)),
            Change::TokenRevoked { key: "abc".to_owned(), expires_at: 1_900_000_000 },
            Change::Mail,
        ] {
            assert_eq!(parse(&print(&change)), Some(change));
        }
        assert_eq!(parse("user nobody"), None);
    }
}
