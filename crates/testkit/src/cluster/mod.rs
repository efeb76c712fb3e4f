//! A private PostgreSQL cluster, run from the server programs that are installed on this machine.

mod account;
mod installation;

use std::{
    fs::{self, File, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use sqlx::postgres::PgConnectOptions;

use self::account::Account;
pub use self::installation::Installation;
use crate::{
    Guarded,
    loopback::{free_port, is_free},
};

/// The superuser that a cluster is made with.
const SUPERUSER: &str = "postgres";

/// How long a server may take to start, recovery after a crash included.
const PATIENCE: Duration = Duration::from_mins(2);

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

fn initialise(
    installation: &Installation,
    account: &Account,
    home: &Path,
    purpose: Purpose,
) -> Result<()> {
    // Renamed at the end, so that an interrupted attempt doesn't pass for a cluster.
    let unfinished = home.join("data.new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    let mut initdb = account.command(&installation.bin.join("initdb"));
    initdb
        .args(["--encoding=UTF8", "--locale=C", "--username", SUPERUSER])
        .args(["--no-instructions", "--pgdata"])
        .arg(&unfinished);
    match purpose {
        Purpose::Tests => {
            initdb.args(["--auth=trust", "--no-sync"]);
        }
        Purpose::Development => {
            let path = home.join("password");
            let mut options = File::options();
            let file = options.create(true).write(true).truncate(true).mode(0o600).open(&path)?;
            std::io::Write::write_all(&mut &file, crate::random_text().as_bytes())?;
            account.own(&path)?;
            initdb.args(["--auth=scram-sha-256", "--pwfile"]).arg(&path);
        }
    }
    let done = initdb.output().with_context(|| format!("{} initdb", installation.bin.display()))?;
    ensure!(done.status.success(), "initdb failed: {}", String::from_utf8_lossy(&done.stderr));
    fs::rename(&unfinished, home.join("data"))?;
    Ok(())
}

fn password(home: &Path) -> Result<Option<String>> {
    match fs::read_to_string(home.join("password")) {
        Ok(password) => Ok(Some(password)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("the password of the cluster"),
    }
}

fn launch(
    installation: &Installation,
    account: &Account,
    home: &Path,
    purpose: Purpose,
) -> Result<(Guarded, u16)> {
    let kept = home.join("port");
    let known = fs::read_to_string(&kept).ok().and_then(|port| port.parse().ok());
    let mut port = match known {
        Some(port) if is_free(port) => port,
        _ => free_port()?,
    };
    for _ in 0..5 {
        if let Some(server) = launch_at(installation, account, home, purpose, port)? {
            fs::write(&kept, port.to_string())?;
            return Ok((server, port));
        }
        // Somebody else may have taken the port between the look and the start.
        if is_free(port) {
            break;
        }
        port = free_port()?;
    }
    let log = fs::read_to_string(home.join("log")).unwrap_or_default();
    bail!("PostgreSQL does not start:\n{}", log.trim_end());
}

/// The server, ready; `None` when it ended at once.
fn launch_at(
    installation: &Installation,
    account: &Account,
    home: &Path,
    purpose: Purpose,
    port: u16,
) -> Result<Option<Guarded>> {
    let log = File::create(home.join("log"))?;
    let mut command = account.command(&installation.bin.join("postgres"));
    command.arg("-D").arg(home.join("data"));
    command.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log));
    // No socket file: its path would be too long in deep directories.
    let mut set = |setting: &str| {
        command.args(["-c", setting]);
    };
    set(&format!("port={port}"));
    set("listen_addresses=127.0.0.1");
    set("unix_socket_directories=");
    set("max_connections=300");
    set("timezone=UTC");
    if purpose == Purpose::Tests {
        set("fsync=off");
        set("synchronous_commit=off");
        set("full_page_writes=off");
        set("wal_level=minimal");
        set("max_wal_senders=0");
        set("checkpoint_timeout=1h");
        set("max_wal_size=2GB");
        // Its workers connect to the template, which then can't be cloned.
        set("autovacuum=off");
        set("jit=off");
    }
    let signal = match purpose {
        Purpose::Tests => "QUIT",
        Purpose::Development => "INT",
    };
    let mut server = Guarded::spawn(&mut command, signal).context("postgres")?;
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if server.ended()?.is_some() {
            return Ok(None);
        }
        if Status::read(home).is_some_and(|status| status.ready && status.pid == server.id()) {
            return Ok(Some(server));
        }
        thread::sleep(Duration::from_millis(10));
    }
    bail!("PostgreSQL is not ready after {} seconds", PATIENCE.as_secs());
}

/// What a server says about itself in `postmaster.pid`.
struct Status {
    pid: u32,
    port: u16,
    ready: bool,
}

impl Status {
    fn read(home: &Path) -> Option<Self> {
        let text = fs::read_to_string(home.join("data/postmaster.pid")).ok()?;
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        Some(Self {
            pid: lines.first()?.parse().ok()?,
            port: lines.get(3)?.parse().ok()?,
            ready: lines.get(7) == Some(&"ready"),
        })
    }
}

/// Stops a server that survived the program that started it. The caller holds the lock of `home`, so
/// nobody else needs the server.
fn stop_orphan(account: &Account, home: &Path) -> Result<()> {
    let file = home.join("data/postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else { return Ok(()) };
    let pid = text.lines().next().unwrap_or_default().trim().to_owned();
    let runs = || works_on(&pid, home);
    if runs() {
        let kill = account
            .command(Path::new("sh"))
            .args(["-c", r#"kill -s INT "$1""#, "sh", &pid])
            .status();
        ensure!(kill?.success(), "the server {pid} of {} can't be stopped", home.display());
    }
    let deadline = Instant::now() + PATIENCE;
    while runs() {
        ensure!(Instant::now() < deadline, "the server {pid} of {} does not stop", home.display());
        thread::sleep(Duration::from_millis(20));
    }
    // After a crash the number may belong to another program by now, which PostgreSQL takes for a server.
    match fs::remove_file(&file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether the process is a server over the data in `home`.
fn works_on(pid: &str, home: &Path) -> bool {
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).or_else(|_| {
        Command::new("ps").args(["-o", "args=", "-p", pid]).output().map(|answer| answer.stdout)
    });
    let arguments = arguments.unwrap_or_default();
    String::from_utf8_lossy(&arguments).contains(&home.join("data").display().to_string())
}
