//! `cargo xtask browser`: the pages that the server brings along, in a real browser.

mod chromium;
mod pages;

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use edgeos_testkit::{Guarded, cluster::Purpose, random_text};
use tokio::time::sleep;

use self::chromium::Chromium;
use crate::{
    dev::{Dev, is_healthy},
    dev_database::DevDatabase,
    environment::Environment,
    interrupts::Interrupts,
    workspace::Workspace,
};

/// `cargo xtask browser`
#[derive(Args)]
pub(crate) struct Browser;

impl Browser {
    pub(crate) async fn run(
        &self,
        workspace: &Workspace,
        mut interrupts: Interrupts,
    ) -> Result<ExitCode> {
        let chromium = chromium::find()?;
        let program = workspace.build_server(false, &mut interrupts).await?;
        let directory = tempfile::Builder::new().prefix("edgeos-browser-").tempdir()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut environment = Dev::on(port).environment(workspace)?;
        environment.set("SECRET_KEY", random_text() + &random_text());
        environment.set("RUST_LOG", "warn");
        let place = directory.path().join("postgres");
        let database = DevDatabase::start_at(workspace, &place, Purpose::Tests).await?;
        database.announce(&mut environment);
        let looked = tokio::select! {
            looked = look(&program, &environment, port, &chromium) => looked,
            () = interrupts.next() => bail!("interrupted"),
        };
        database.stop()?;
        looked?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Serves, and looks at the pages.
async fn look(program: &Path, environment: &Environment, port: u16, chromium: &Path) -> Result<()> {
    let edgeos = |argument: &str| {
        let mut command = Command::new(program);
        environment.apply(&mut command).arg(argument).stdin(Stdio::null());
        command
    };
    ensure!(edgeos("migrate").status().context("edgeos")?.success(), "`edgeos migrate` failed");
    let mut server = Guarded::spawn(&mut edgeos("serve"), "TERM")?;
    while !is_healthy(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await {
        ensure!(server.ended()?.is_none(), "the server has ended; what it said stands above");
        sleep(Duration::from_millis(100)).await;
    }
    let base = format!("http://localhost:{port}");
    let superadmin = environment.get("SUPERADMIN").unwrap_or_default().to_owned();
    let chromium = chromium.to_owned();
    // The browser is waited for in a thread of its own, so that Ctrl-C is heard meanwhile.
    let looked = tokio::task::spawn_blocking(move || {
        let mut browser = Chromium::start(&chromium)?;
        pages::check(&mut browser, &base, &superadmin)
    });
    looked.await??;
    server.stop()?;
    Ok(())
}
