use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use edgeos_testkit::{Guarded, S3Server, cluster::Purpose, random_text, simplefi::SimpleFiServer};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    dev::{Dev, is_healthy},
    dev_database::DevDatabase,
    environment::Environment,
    interrupts::Interrupts,
    simplefi, storage,
    workspace::Workspace,
};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_mins(1);

/// Everything that `cargo xtask dev` runs, for as long as this value lives; nothing of it stays.
pub(crate) struct Throwaway {
    // Dropped in this order: the server, then what it needs.
    server: Guarded,
    database: DevDatabase,
    _provider: SimpleFiServer,
    _storage: S3Server,
    _directory: TempDir,
    environment: Environment,
}

impl Throwaway {
    /// Runs `program` once for each of `steps`, then serves; `settings` differ from those of `dev`.
    pub(crate) async fn start(
        workspace: &Workspace,
        program: &Path,
        steps: &[&str],
        settings: &[(&str, &str)],
        interrupts: &mut Interrupts,
    ) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("edgeos-throwaway-").tempdir()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut environment = Dev::on(port).environment(workspace)?;
        environment.set("SECRET_KEY", random_text() + &random_text());
        for (name, value) in settings {
            environment.set(name, *value);
        }
        let place = directory.path().join("postgres");
        let database = DevDatabase::start_at(workspace, &place, Purpose::Tests).await?;
        database.announce(&mut environment);
        let provider = simplefi::start(&environment).await?;
        environment.set("SIMPLEFI_API_URL", provider.url());
        let storage = storage::start(directory.path()).await?;
        for (name, value) in storage.variables() {
            environment.set(name, value);
        }

        let edgeos = |argument: &str| {
            let mut command = Command::new(program);
            environment.apply(&mut command).arg(argument).stdin(Stdio::null());
            command
        };
        for step in steps {
            let status = edgeos(step).status().context("edgeos")?;
            ensure!(status.success(), "`edgeos {step}` failed; what it said stands above");
        }
        let mut server = Guarded::spawn(&mut edgeos("serve"), "TERM")?;
        let deadline = Instant::now() + PATIENCE;
        while !is_healthy(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await {
            ensure!(server.ended()?.is_none(), "the server has ended; what it said stands above");
            ensure!(!interrupts.came().await, "interrupted");
            ensure!(Instant::now() < deadline, "the server doesn't answer");
            sleep(Duration::from_millis(100)).await;
        }
        Ok(Self {
            server,
            database,
            _provider: provider,
            _storage: storage,
            _directory: directory,
            environment,
        })
    }

    /// Where it is, without a slash at the end.
    pub(crate) fn base(&self) -> &str {
        self.environment.get("BACKEND_URL").unwrap_or_default()
    }

    /// The e-mail of its superadmin.
    pub(crate) fn superadmin(&self) -> &str {
        self.environment.get("SUPERADMIN").unwrap_or_default()
    }

    /// Fails when the server has ended by itself.
    pub(crate) fn still_serves(&mut self) -> Result<()> {
        let ended = self.server.ended()?;
        ensure!(ended.is_none(), "the server has ended; what it said stands above");
        Ok(())
    }

    pub(crate) fn stop(mut self) -> Result<()> {
        self.server.stop()?;
        self.database.stop()
    }
}
