//! A private PostgreSQL cluster, run from the server programs that are installed on this machine.

mod account;
mod installation;
mod server;

use std::{
    fs::{self, File, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sqlx::postgres::PgConnectOptions;

pub use self::installation::Installation;
use self::{
    account::Account,
    server::{Status, initialise, launch, stop_orphan},
};
use crate::Guarded;

/// The superuser that a cluster is made with.
const SUPERUSER: &str = "postgres";

/// What a cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Tests: fast, lost with the machine's power, every local connection trusted.
    Tests,
    /// Development: as safe as PostgreSQL is, with a password that lies in its directory.
    Development,
}

/// A running server over a directory of its own; it stops with this value or with the program.
#[derive(Debug)]
pub struct Cluster {
    access: Access,
    home: PathBuf,
    // The server stops before the lock is given back.
    server: Guarded,
    _lock: File,
}

/// How the superuser gets into a cluster.
#[derive(Debug, Clone)]
pub struct Access {
    /// The port of the loopback address that it listens on.
    pub port: u16,
    /// The password of its superuser; `None` where local connections are trusted.
    pub password: Option<String>,
}

impl Access {
    /// How the superuser connects to the database of this name.
    #[must_use]
    pub fn superuser(&self, database: &str) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username(SUPERUSER)
            .database(database);
        match &self.password {
            Some(password) => options.password(password),
            None => options,
        }
    }
}

impl Cluster {
    /// Starts the cluster of `directory`, and makes it before where there is none.
    ///
    /// As root, the server runs as another user (`postgres`, else `nobody`). Where that user can't reach
    /// `directory`, the cluster lies in the system's temporary directory; [`home`](Self::home) tells.
    ///
    /// # Errors
    ///
    /// No PostgreSQL is installed that can run it, another program runs it already, or PostgreSQL refuses
    /// to start; the message ends with what the server said.
    pub fn start(directory: &Path, purpose: Purpose) -> Result<Self> {
        let account = Account::choose()?;
        let home = account.home(&absolute(directory)?)?;
        account.make_private(&home)?;
        let lock = lock(&home)?.with_context(|| {
            format!(
                "the database of {} is running already, started by another program",
                home.display()
            )
        })?;
        let data = home.join("data");
        let installation = installation(&data)?;
        if !data.exists() {
            initialise(&installation, &account, &home, purpose)?;
        }
        stop_orphan(&account, &home)?;
        let (server, port) = launch(&installation, &account, &home, purpose)?;
        let access = Access { port, password: password(&home)? };
        Ok(Self { access, home, server, _lock: lock })
    }

    /// How to get into the cluster of `directory` while another program runs it; `None` when none does.
    ///
    /// # Errors
    ///
    /// The directory can't be read.
    pub fn running(directory: &Path) -> Result<Option<Access>> {
        let home = reachable(directory)?;
        if !home.exists() || lock(&home)?.is_some() {
            return Ok(None);
        }
        // It may be just starting, or just stopping.
        let Some(status) = Status::read(&home).filter(|status| status.ready) else {
            return Ok(None);
        };
        Ok(Some(Access { port: status.port, password: password(&home)? }))
    }

    /// Deletes the cluster of `directory` with all its data.
    ///
    /// # Errors
    ///
    /// It is running, or can't be deleted.
    pub fn remove(directory: &Path) -> Result<()> {
        let account = Account::choose()?;
        let home = account.home(&absolute(directory)?)?;
        if !home.exists() {
            return Ok(());
        }
        account.make_private(&home)?;
        let _lock = lock(&home)?.with_context(|| {
            format!("the database of {} is running; stop it first", home.display())
        })?;
        stop_orphan(&account, &home)?;
        fs::remove_dir_all(&home).with_context(|| home.display().to_string())
    }

    /// How the superuser gets in.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The directory that holds it.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Whether the server has ended by itself.
    ///
    /// # Errors
    ///
    /// The system refuses to tell.
    pub fn ended(&mut self) -> Result<bool> {
        Ok(self.server.ended()?.is_some())
    }

    /// Ends every session and stops the server; its data are complete then.
    ///
    /// # Errors
    ///
    /// The system refuses to tell how the server ended.
    pub fn stop(mut self) -> Result<()> {
        self.server.stop()?;
        Ok(())
    }
}

/// Where something that belongs in `directory` has to lie for the server to reach it: there, or, as root,
/// in the system's temporary directory.
///
/// # Errors
///
/// This is root, and there is no account to run a server as.
pub fn reachable(directory: &Path) -> Result<PathBuf> {
    Account::choose()?.home(&absolute(directory)?)
}

fn absolute(directory: &Path) -> Result<PathBuf> {
    std::path::absolute(directory).with_context(|| directory.display().to_string())
}

/// Takes the directory for this program; `None` when another has it. Ends with the file.
fn lock(home: &Path) -> Result<Option<File>> {
    let path = home.join("lock");
    let name = || path.display().to_string();
    let mut options = File::options();
    let file = options.create(true).append(true).mode(0o600).open(&path).with_context(name)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).with_context(name),
    }
}

/// What is installed and fits the data.
fn installation(data: &Path) -> Result<Installation> {
    let installed = Installation::all()?;
    let Ok(made_by) = fs::read_to_string(data.join("PG_VERSION")) else {
        return installed.into_iter().next().context(
            "no PostgreSQL 15 or newer is installed: `apt install postgresql`, \
             `dnf install postgresql-server`, `brew install postgresql@17`; if it is installed in an \
             unusual place, PG_BIN names the directory of its programs",
        );
    };
    let made_by = made_by.trim();
    installed.into_iter().find(|installed| installed.version.to_string() == made_by).with_context(
        || {
            format!(
                "{} was made by PostgreSQL {made_by}, which is not installed here any more",
                data.display()
            )
        },
    )
}

fn password(home: &Path) -> Result<Option<String>> {
    match fs::read_to_string(home.join("password")) {
        Ok(password) => Ok(Some(password)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("the password of the cluster"),
    }
}
