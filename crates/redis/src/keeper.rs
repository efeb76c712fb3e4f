use std::{
    sync::{Arc, RwLock},
    time::Duration,
};

use deadpool_redis::{
    Connection, Manager, Pool, Runtime,
    redis::{AsyncConnectionConfig, RedisError, aio::MultiplexedConnection},
};
use tokio::{sync::Notify, task::JoinHandle};

/// How often the connection is asked whether it still lives, and how often a lost one is sought.
const PULSE: Duration = Duration::from_millis(500);

/// The address of Redis can't be understood.
#[derive(Debug, thiserror::Error)]
#[error("the address of Redis is not valid")]
pub struct InvalidUrl(#[source] RedisError);

/// Keeps one connection, which carries any number of requests at once, and replaces it in the
/// background when it is lost. Whoever asks never waits for a connection.
pub(crate) struct Keeper {
    kept: Arc<Kept>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Kept {
    connection: RwLock<Option<MultiplexedConnection>>,
    lost: Notify,
}

impl Keeper {
    /// Keeps a connection to the Redis at `url`; tries once to have it before returning.
    pub(crate) async fn start(url: &str, patience: Duration) -> Result<Self, InvalidUrl> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(patience))
            .set_response_timeout(Some(patience));
        let manager = Manager::new_with_config(url, config).map_err(InvalidUrl)?;
        let pool = Pool::builder(manager)
            .max_size(1)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(patience))
            .recycle_timeout(Some(patience))
            .build()
            .expect("timeouts are allowed with a runtime");
        let kept = Arc::<Kept>::default();
        let first = pool.get().await;
        kept.note(first.as_ref().ok());
        if let Err(error) = first {
            tracing::warn!(%error, "Redis can't be reached: attempts are counted in this process");
        }
        let task = tokio::spawn(keep(pool, kept.clone()));
        Ok(Self { kept, task })
    }

    /// The connection, if there is one at this moment.
    pub(crate) fn connection(&self) -> Option<MultiplexedConnection> {
        self.kept.connection.read().expect("nobody panics while holding it").clone()
    }

    /// Gives up the connection; a new one is sought at once.
    pub(crate) fn lost(&self) {
        self.kept.note(None);
        self.kept.lost.notify_one();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Kept {
    /// Notes the connection to use from now on; whether there was one before.
    fn note(&self, connection: Option<&Connection>) -> bool {
        let connection = connection.map(|connection| MultiplexedConnection::clone(connection));
        let mut kept = self.connection.write().expect("nobody panics while holding it");
        std::mem::replace(&mut *kept, connection).is_some()
    }
}

async fn keep(pool: Pool, kept: Arc<Kept>) {
    loop {
        let _ = tokio::time::timeout(PULSE, kept.lost.notified()).await;
        // The pool asks the connection that it has whether it lives, and opens another if not.
        match pool.get().await {
            Ok(connection) => {
                if !kept.note(Some(&connection)) {
                    tracing::info!("Redis is connected: attempts are counted for all servers");
                }
            }
            Err(error) => {
                if kept.note(None) {
                    tracing::warn!(%error, "Redis is lost: attempts are counted in this process");
                }
                tokio::time::sleep(PULSE).await;
            }
        }
    }
}
