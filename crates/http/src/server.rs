//! The server as a whole: started when everything it rests on is in order, stopped without losing a request.

use std::{io, net::SocketAddr, sync::Arc, thread};

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use anyhow::{Context, anyhow, bail};
use edgeos_mail::inbox::Inbox;
use edgeos_postgres::PgSettings;
use tokio::task::JoinHandle;
use utoipa_actix_web::service_config::ServiceConfig as DescribedConfig;

use crate::{
    docs::{self, Document},
    frame::frame,
    health::health_check,
    inbox,
    openapi::{self, PREFIX, SHORT_PREFIX},
    routes,
    routing::{KnownPaths, no_route},
    settings::Settings,
    state::AppState,
    wiring,
    workers::Workers,
};

/// How long requests that are being answered get when the server stops, in seconds.
const LAST_REQUESTS: u64 = 30;

/// A server that answers requests until it is stopped.
#[derive(Debug)]
pub struct RunningServer {
    address: SocketAddr,
    inbox: Option<Inbox>,
    handle: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
    workers: Workers,
}

/// Starts a server as `settings` say; port 0 takes any that is free. Several may run in one process.
///
/// # Errors
///
/// Why it can't be started: the database doesn't answer, lacks migrations or gives the server a role that
/// could pass over row-level security; the port is taken; an address is malformed.
pub async fn spawn(settings: &Settings) -> anyhow::Result<RunningServer> {
    let wired = wiring::wire(settings).await?;
    let state = Data::new(wired.state);
    require_weak_role(&state).await?;
    require_migrations(&settings.postgres).await?;
    state.sessions.read_revoked(state.env.now()).await.context("the database can't be read")?;
    state.hosts.read_domains().await.context("the database can't be read")?;

    let mut described = openapi::document();
    described["info"]["title"] = format!("{} API", settings.project_name).into();
    let mut pages = docs::PAGES.to_vec();
    pages.push("/health-check");
    if wired.inbox.is_some() {
        pages.extend(inbox::PAGES);
    }
    let known = Data::new(KnownPaths::new(&described, &pages));
    let document = Data::new(Document(described.to_string().into()));

    let (app_state, app_inbox) = (state.clone(), wired.inbox.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(app_state.clone())
            .app_data(known.clone())
            .app_data(document.clone())
            .wrap(from_fn(frame))
            .route("/health-check", web::get().to(health_check))
            .configure(docs::routes)
            .configure(|config| {
                if let Some(inbox) = &app_inbox {
                    config.app_data(Data::new(inbox.clone()));
                    inbox::routes(config);
                }
            })
            .service(web::scope(PREFIX).configure(operations))
            .service(web::scope(SHORT_PREFIX).configure(operations))
            .default_service(web::to(no_route))
    });
    let wanted = SocketAddr::new(settings.host, settings.port);
    let server = server
        .workers(thread::available_parallelism().map_or(1, Into::into))
        .shutdown_timeout(LAST_REQUESTS)
        .disable_signals()
        .bind(wanted)
        .map_err(|error| describe_bind(wanted, error))?;
    let address = *server.addrs().first().context("the server listens nowhere")?;
    let server = server.run();
    let handle = server.handle();
    Ok(RunningServer {
        address,
        inbox: wired.inbox,
        handle,
        serving: tokio::spawn(server),
        workers: Workers::start(&state.into_inner(), wired.hearing, wired.delivery, wired.orphans),
    })
}

impl RunningServer {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its mail goes, if it keeps it to itself.
    #[must_use]
    pub fn inbox(&self) -> Option<&Inbox> {
        self.inbox.as_ref()
    }

    /// Waits until it answers no requests any more although nobody stopped it; why.
    pub async fn ended(&mut self) -> anyhow::Error {
        match (&mut self.serving).await {
            Ok(Ok(())) => anyhow!("nothing listens any more"),
            Ok(Err(error)) => error.into(),
            Err(panic) => panic.into(),
        }
    }

    /// Takes no more requests, lets those that are being answered end, and stops.
    pub async fn stop(mut self) {
        self.handle.stop(true).await;
        self.workers.stop().await;
        if let Ok(Err(error)) = (&mut self.serving).await {
            tracing::error!(%error, "the server stopped with an error");
        }
    }
}

/// What isn't stopped in peace stops at once.
impl Drop for RunningServer {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

fn operations(config: &mut ServiceConfig) {
    routes::operations(&mut DescribedConfig::new(config));
}

async fn require_weak_role(state: &Arc<AppState>) -> anyhow::Result<()> {
    match state.store.check_role().await.context("the database can't be asked for the role")? {
        Some(too_strong) => Err(too_strong.into()),
        None => Ok(()),
    }
}

async fn require_migrations(settings: &PgSettings) -> anyhow::Result<()> {
    let db = migration::lock::single_connection(settings.owner_options())
        .await
        .context("the database can't be reached as POSTGRES_USER")?;
    let pending = migration::pending(&db).await.context("the migrations can't be compared")?;
    db.close().await.context("the database connection can't be closed")?;
    if pending.is_empty() {
        return Ok(());
    }
    bail!("the database lacks migrations ({}): run `edgeos migrate` first", pending.join(", "))
}

fn describe_bind(address: SocketAddr, error: io::Error) -> anyhow::Error {
    let what = if error.kind() == io::ErrorKind::AddrInUse {
        format!("{address} is taken: something else listens there. Set PORT to another port")
    } else {
        format!("the server can't listen on {address}")
    };
    anyhow::Error::new(error).context(what)
}
