use std::{
    sync::{Arc, RwLock},
    time::Duration,
};

use deadpool_redis::{
    Connection, Manager, Pool, PoolError, Runtime,
    redis::{
        AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo,
        RedisError, TlsCertificates, aio::MultiplexedConnection, cmd,
    },
};
use tokio::{sync::Notify, task::JoinHandle};
use tokio_rustls::rustls::crypto::ring;

/// How often the connection is asked whether it still lives, and how often a lost one is sought.
const PULSE: Duration = Duration::from_millis(500);

/// The address of Redis can't be understood, or who has to vouch for it.
#[derive(Debug, thiserror::Error)]
#[error("the address of Redis or the certificate of its authority is not valid")]
pub struct InvalidAddress(#[source] RedisError);

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
    pub(crate) async fn start(
        url: &str,
        authority: Option<&[u8]>,
        patience: Duration,
    ) -> Result<Self, InvalidAddress> {
        // Where two implementations are built in, rustls would not know which one to take.
        let _ = ring::default_provider().install_default();
        let address = address(url, authority).map_err(InvalidAddress)?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(patience))
            .set_response_timeout(Some(patience));
        let manager = Manager::new_with_config(address, config).map_err(InvalidAddress)?;
        let pool = Pool::builder(manager)
            .max_size(1)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(patience))
            .recycle_timeout(Some(patience))
            .build()
            .expect("timeouts are allowed with a runtime");
        let kept = Arc::<Kept>::default();
        let first = connection(&pool).await;
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

/// A connection that lives, and may be used. The pool asks the one that it has, and opens another if it doesn't
/// answer; a new one is asked here: until then it may lack the password, say.
async fn connection(pool: &Pool) -> Result<Connection, PoolError> {
    let mut connection = pool.get().await?;
    cmd("PING").exec_async(&mut connection).await.map_err(PoolError::Backend)?;
    Ok(connection)
}

/// Where Redis is, and, if it is to be reached encrypted, who has to vouch for it.
fn address(url: &str, authority: Option<&[u8]>) -> Result<ConnectionInfo, RedisError> {
    let address = url.into_connection_info()?;
    match (address.addr(), authority) {
        (ConnectionAddr::TcpTls { .. }, Some(authority)) => {
            let root_cert = Some(authority.to_vec());
            let trusted = TlsCertificates { client_tls: None, root_cert };
            Ok(Client::build_with_tls(address, trusted)?.get_connection_info().clone())
        }
        _ => Ok(address),
    }
}

async fn keep(pool: Pool, kept: Arc<Kept>) {
    loop {
        let _ = tokio::time::timeout(PULSE, kept.lost.notified()).await;
        match connection(&pool).await {
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
