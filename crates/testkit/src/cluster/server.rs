//! The programs of an installation, run over the directory of a cluster.

use std::{
    fs::{self, File},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use super::{Installation, Purpose, SUPERUSER, account::Account};
use crate::{
    Guarded,
    loopback::{free_port, is_free},
};

/// How long a server may take to start, recovery after a crash included.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) fn initialise(
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

pub(super) fn launch(
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
pub(super) struct Status {
    pid: u32,
    pub(super) port: u16,
    pub(super) ready: bool,
}

impl Status {
    pub(super) fn read(home: &Path) -> Option<Self> {
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
pub(super) fn stop_orphan(account: &Account, home: &Path) -> Result<()> {
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
