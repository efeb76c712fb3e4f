//! What the program can be told to do.

use std::{
    io::{self, IsTerminal},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};
use sea_orm_migration::sea_orm::DatabaseConnection;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

use crate::{
    first_start,
    server::spawn,
    settings::{Settings, Stage},
};

/// Serves until the process is told to stop.
///
/// # Errors
///
/// Why the server can't be started.
pub async fn serve(settings: &Settings) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("signals can't be heard")?;
    let mut server = spawn(settings).await?;
    first_start::first_superadmin(settings).await?;
    let address = server.address();
    tracing::info!(%address, "EdgeOS serves on http://{address}");
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted.context("signals can't be heard")?,
        // Whoever started it starts it again.
        ended = server.ended() => return Err(ended.context("the server ended by itself")),
    }
    tracing::info!("stopping: no new requests, those that are being answered may end");
    server.stop().await;
    Ok(())
}

/// Renders one organiser's template, for a server that asks on the standard input and reads the standard output.
#[must_use]
pub fn render_template() -> ExitCode {
    edgeos_mail::render_for_another()
}

/// Runs the pending migrations and makes the first superadmin, one server at a time.
///
/// # Errors
///
/// The migration that failed; those before it stay.
pub async fn migrate(settings: &Settings) -> anyhow::Result<()> {
    let db = lock(settings).await?;
    let pending = migration::pending(&db).await.context("the migrations can't be compared")?;
    if let Err(error) = migration::lock::migrate_up(&db).await {
        let left = migration::pending(&db).await.unwrap_or_default();
        let name = left.first().map_or("of unknown name", String::as_str);
        return Err(error).with_context(|| format!("migration {name} failed"));
    }
    for name in &pending {
        tracing::info!("migrated: {name}");
    }
    if pending.is_empty() {
        tracing::info!("the database is up to date");
    }
    first_start::first_superadmin(settings).await?;
    unlock(db).await
}

/// Fills the database with organisations to look at; with `if_empty`, only where there is none at all.
///
/// # Errors
///
/// Why it can't be filled.
pub async fn seed_demo(settings: &Settings, if_empty: bool) -> anyhow::Result<()> {
    let db = lock(settings).await?;
    first_start::demo(settings, if_empty).await?;
    unlock(db).await
}

/// Fills the database with organisations of many people.
///
/// # Errors
///
/// Why it can't be filled.
pub async fn seed_scale(settings: &Settings, humans: u64, tenants: u64) -> anyhow::Result<()> {
    let db = lock(settings).await?;
    first_start::scale(settings, humans, tenants).await?;
    unlock(db).await
}

/// Takes the organisations to look at out again, and nothing else.
///
/// # Errors
///
/// Why they stay.
pub async fn remove_demo(settings: &Settings) -> anyhow::Result<()> {
    let db = lock(settings).await?;
    let removed = edgeos_postgres::remove_demonstrations(&settings.postgres).await?;
    println!("demo: {} removed", removed.len());
    for slug in removed {
        println!("  {slug}");
    }
    unlock(db).await
}

/// Asks the server of this machine for its health.
///
/// # Errors
///
/// It isn't healthy, or doesn't answer.
pub async fn health(settings: &Settings) -> anyhow::Result<()> {
    let host = match settings.host {
        host if host.is_unspecified() => IpAddr::from(Ipv4Addr::LOCALHOST),
        host => host,
    };
    let address = SocketAddr::new(host, settings.port);
    let answer = tokio::time::timeout(Duration::from_secs(3), ask(address));
    let answer = answer.await.context("the server takes too long")?;
    let answer = answer.with_context(|| format!("no server answers on {address}"))?;
    if !answer.starts_with("HTTP/1.1 200 ") {
        bail!("the server is not healthy: {}", answer.lines().next().unwrap_or_default());
    }
    Ok(())
}

/// Lets log lines out: JSON, but for text in development. `RUST_LOG` says which.
pub fn start_log(stage: Stage) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    match stage {
        Stage::Dev => log.init(),
        Stage::Staging | Stage::Production => log.json().init(),
    }
}

/// The owner's connection, on which the migration lock is held: one server at a time changes what all need.
async fn lock(settings: &Settings) -> anyhow::Result<DatabaseConnection> {
    let db = migration::lock::single_connection(settings.postgres.owner_options())
        .await
        .context("the database can't be reached as POSTGRES_USER")?;
    migration::lock::acquire(&db).await.context("the migration lock can't be taken")?;
    Ok(db)
}

async fn unlock(db: DatabaseConnection) -> anyhow::Result<()> {
    migration::lock::release(&db).await.context("the migration lock can't be released")?;
    db.close().await.context("the database connection can't be closed")
}

async fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request =
        format!("GET /health-check HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
