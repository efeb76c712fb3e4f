//! A payment provider that speaks SimpleFI's protocol and takes no money: for tests, and for development,
//! where its checkout page has a button for everything that a customer may do.
//!
//! It keeps everything in memory, and forgets it when it is dropped.
//!
//! | call | what it does |
//! |---|---|
//! | `POST /payment_requests`, `GET /payment_requests/{id}` | SimpleFI's own |
//! | `GET /c/{id}` | the checkout page |
//! | `POST /_test/requests/{id}/events` | [`happens`](SimpleFiServer::happens), with an [`Occurrence`] |
//! | `POST /_test/faults` | [`fail`](SimpleFiServer::fail), with [`Faults`] |
//! | `GET /_test/requests` | [`calls`](SimpleFiServer::calls) |
//! | `DELETE /_test` | [`clear`](SimpleFiServer::clear) |

mod deliver;
mod fault;
mod ledger;
mod occurrence;
mod page;
mod routes;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

use self::ledger::Ledger;
pub use self::{
    deliver::Delivery,
    fault::{Fault, Faults},
    ledger::RecordedCall,
    occurrence::{Event, Occurrence, Proof},
};
use crate::listening::accept;

/// The provider; stops when dropped.
#[derive(Debug)]
pub struct SimpleFiServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: AbortHandle,
}

/// What connections and owner share.
#[derive(Debug)]
struct Shared {
    /// Where it is, as its clients see it.
    base: String,
    /// How long it waits before it announces something again that wasn't taken.
    pause: Duration,
    ledger: Mutex<Ledger>,
}

impl SimpleFiServer {
    /// Listens on a free port, and announces things again without a pause.
    ///
    /// # Errors
    ///
    /// No port is free.
    pub async fn start() -> Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), Duration::ZERO).await
    }

    /// Listens on `address`; waits for `pause` before it announces something again that wasn't taken.
    ///
    /// # Errors
    ///
    /// It can't listen there.
    pub async fn start_at(address: SocketAddr, pause: Duration) -> Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("the payment provider can't listen on {address}"))?;
        let address = listener.local_addr()?;
        let base = format!("http://{address}");
        let shared = Arc::new(Shared { base, pause, ledger: Mutex::default() });
        let listening = tokio::spawn(accept(listener, {
            let shared = shared.clone();
            move |stream| serve(stream, shared.clone())
        }))
        .abort_handle();
        Ok(Self { address, shared, listening })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What `SIMPLEFI_API_URL` must be for a server to ask this one.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.base
    }

    /// Spoils the next calls; in the order of these calls.
    pub fn fail(&self, faults: Faults) {
        self.shared.ledger().fail(faults);
    }

    /// Every call to SimpleFI's own addresses, in the order of their arrival, the spoiled ones included.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.shared.ledger().calls.clone()
    }

    /// Lets something happen to the request `id`, and announces it; what each announcement was answered.
    ///
    /// # Errors
    ///
    /// There is no such request.
    pub async fn happens(&self, id: &str, what: &Occurrence) -> Result<Vec<Delivery>> {
        let announcement = deliver::happen(&self.shared, id, what);
        let announcement = announcement.context("no such payment request")?;
        Ok(deliver::announce(&self.shared, &announcement, what).await)
    }

    /// Forgets requests, calls and faults.
    pub fn clear(&self) {
        *self.shared.ledger() = Ledger::default();
    }
}

impl Drop for SimpleFiServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Shared {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let answer = service_fn(|request| routes::answer(shared.clone(), request));
    // A client that has gone needs nothing, and a connection that is dropped is what the test wants.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}
