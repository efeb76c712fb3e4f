use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use edgeos_testkit::{Guarded, S3Server, random_text};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    dev_database::DevDatabase, environment::Environment, interrupts::Interrupts, simplefi, storage,
    workspace::Workspace,
};

/// `cargo xtask dev`
#[derive(Args)]
pub(crate) struct Dev {
    /// Start with nothing: deletes what earlier runs left.
    #[arg(long, conflicts_with = "external")]
    reset: bool,
    /// Use the servers that the environment or .env names, instead of private ones.
    #[arg(long)]
    external: bool,
    /// The port to listen on, instead of PORT or 8000.
    #[arg(long)]
    port: Option<u16>,
}

impl Dev {
    /// A server on this port, with private servers beside it.
    pub(crate) fn on(port: u16) -> Self {
        Self { reset: false, external: false, port: Some(port) }
    }

    pub(crate) async fn run(
        &self,
        workspace: &Workspace,
        mut interrupts: Interrupts,
    ) -> Result<ExitCode> {
        let state = workspace.state();
        fs::create_dir_all(&state).with_context(|| state.display().to_string())?;
        let _lock = if self.external { None } else { Some(lock(&state)?) };
        let mut environment = self.environment(workspace)?;
        let address = free_address(&environment)?;
        if self.reset {
            DevDatabase::remove(&state)?;
            forget_secret_key(&state)?;
            storage::remove(&state)?;
        }
        environment.set("SECRET_KEY", secret_key(&environment, workspace)?);

        let program = workspace.build_server(false, &mut interrupts).await?;
        let mut database = None;
        if !self.external {
            eprintln!("Starting PostgreSQL …");
            let started = DevDatabase::start(workspace).await?;
            started.announce(&mut environment);
            database = Some(started);
        }
        let provider =
            if self.external { None } else { Some(simplefi::start(&environment).await?) };
        if let Some(provider) = &provider {
            environment.set("SIMPLEFI_API_URL", provider.url());
        }
        let storage = if self.external { None } else { Some(storage::start(&state).await?) };
        for (name, value) in storage.iter().flat_map(S3Server::variables) {
            environment.set(name, value);
        }
        // Dropped on an error too, in this order: the server, then its database.
        let served = serve(&program, &environment, address, &mut database, &mut interrupts).await;
        if let Some(database) = database {
            database.stop()?;
        }
        served?;
        eprintln!("Stopped.");
        Ok(ExitCode::SUCCESS)
    }

    pub(crate) fn environment(&self, workspace: &Workspace) -> Result<Environment> {
        let mut environment = Environment::load(&workspace.root)?;
        if self.external {
            ensure!(
                environment.owner()?.is_some(),
                "--external needs POSTGRES_SERVER and its like, in .env or the environment; \
                 .env.example shows all of them"
            );
        } else {
            environment.forget_servers();
            environment.set("ENVIRONMENT", "dev");
        }
        if let Some(port) = self.port {
            environment.set("PORT", port.to_string());
        }
        environment.set_default("HOST", "127.0.0.1");
        environment.set_default("PORT", "8000");
        let own = format!("http://localhost:{}", environment.get("PORT").unwrap_or_default());
        if self.port.is_some() {
            environment.set("BACKEND_URL", own);
        } else {
            environment.set_default("BACKEND_URL", &own);
        }
        environment
            .set_default("RUST_LOG", "info,actix_server=warn,sea_orm_migration=warn,sqlx=warn");
        environment.set_default("SUPERADMIN", "admin@example.com");
        environment.set_default("SENDER_EMAIL", "noreply@example.com");
        environment.set_default("PORTAL_URL", "http://localhost:3000");
        Ok(environment)
    }
}

/// Migrates, seeds and serves until it is told to stop.
async fn serve(
    program: &Path,
    environment: &Environment,
    address: SocketAddr,
    database: &mut Option<DevDatabase>,
    interrupts: &mut Interrupts,
) -> Result<()> {
    let edgeos = |arguments: &[&str]| {
        let mut command = Command::new(program);
        environment.apply(&mut command).args(arguments).stdin(Stdio::null());
        command
    };
    let mut first = vec![&["migrate"][..]];
    if environment.is_dev() {
        first.push(&["seed", "demo", "--if-empty"]);
    }
    for step in first {
        let mut child = Guarded::spawn(&mut edgeos(step), "TERM")?;
        let ended = loop {
            if interrupts.came().await {
                return Ok(());
            }
            match child.ended()? {
                Some(ended) => break ended,
                None => sleep(Duration::from_millis(20)).await,
            }
        };
        let step = step.join(" ");
        ensure!(ended.success(), "`edgeos {step}` failed; what it said stands above");
    }

    let mut server = Guarded::spawn(&mut edgeos(&["serve"]), "TERM")?;
    let mut announced = false;
    loop {
        tokio::select! {
            () = interrupts.next() => break,
            () = sleep(Duration::from_millis(100)) => {}
        }
        if let Some(status) = server.ended()? {
            bail!("the server has ended ({status}); what it said stands above");
        }
        if let Some(database) = database
            && database.ended()?
        {
            bail!("PostgreSQL has ended by itself");
        }
        if !announced && is_healthy(address).await {
            print!("{}", banner(environment, address, database.as_ref()));
            announced = true;
        }
    }
    eprintln!("\nStopping …");
    server.stop()?;
    Ok(())
}

fn banner(
    environment: &Environment,
    address: SocketAddr,
    database: Option<&DevDatabase>,
) -> String {
    let value = |name| environment.get(name).unwrap_or_default();
    let base = format!("http://localhost:{}", address.port());
    let demo = value("PORTAL_URL").replacen("://", "://demo.", 1);
    let mut lines =
        vec![("API", format!("{base}/api/v1")), ("its documentation", format!("{base}/docs"))];
    if environment.is_dev() && environment.get("SMTP_HOST").is_none() {
        lines.push(("mail, with the codes", format!("{base}/dev/mail")));
    }
    lines.push(("superadmin", value("SUPERADMIN").to_owned()));
    if environment.is_dev() {
        lines.push(("portal of the demo", demo));
    }
    if let Some(provider) = environment.get("SIMPLEFI_API_URL") {
        lines.push(("payment provider", provider.to_owned()));
    }
    if let Some(storage) = environment.get("STORAGE_ENDPOINT_URL") {
        lines.push(("storage of uploads", storage.to_owned()));
    }
    if let Some(database) = database {
        lines.push(("PostgreSQL", format!("127.0.0.1:{}", database.port())));
    }
    let lines: Vec<_> = lines.iter().map(|(what, value)| format!("  {what:<21} {value}")).collect();
    format!("\nEdgeOS is ready. Ctrl-C stops it.\n\n{}\n\n", lines.join("\n"))
}

/// Where the server is going to listen; refused when somebody does already.
fn free_address(environment: &Environment) -> Result<SocketAddr> {
    let value = |name| environment.get(name).unwrap_or_default();
    let host: IpAddr = value("HOST").parse().context("HOST must be an IP address")?;
    let port: u16 = value("PORT").parse().context("PORT must be a port number")?;
    ensure!(port != 0, "PORT must not be 0");
    match TcpListener::bind((host, port)) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => bail!(
            "port {port} is taken by another program; `cargo xtask dev --port N` listens elsewhere"
        ),
        Err(error) => return Err(error).with_context(|| format!("port {port} of {host}")),
    }
    // Who listens everywhere is asked here.
    let host = if host.is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { host };
    Ok(SocketAddr::new(host, port))
}

/// One at a time in this directory.
fn lock(state: &Path) -> Result<File> {
    let file = File::options().create(true).append(true).open(state.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("`cargo xtask dev` is running already in this directory")
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The configured key, else one that is made once and kept.
pub(crate) fn secret_key(environment: &Environment, workspace: &Workspace) -> Result<String> {
    if let Some(key) = environment.get("SECRET_KEY") {
        return Ok(key.to_owned());
    }
    let path = workspace.state().join("secret_key");
    let name = || path.display().to_string();
    match fs::read_to_string(&path) {
        Ok(key) if !key.trim().is_empty() => return Ok(key.trim().to_owned()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(name);
        }
        _ => {}
    }
    let key = random_text() + &random_text();
    let mut options = File::options();
    let file = options.create(true).write(true).truncate(true).mode(0o600).open(&path);
    file.and_then(|mut file| file.write_all(key.as_bytes())).with_context(name)?;
    Ok(key)
}

fn forget_secret_key(state: &Path) -> Result<()> {
    match fs::remove_file(state.join("secret_key")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether the server answers and finds itself well.
pub(crate) async fn is_healthy(address: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = "GET /health-check HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        io::Result::Ok(answer.starts_with(b"HTTP/1.1 200 "))
    };
    matches!(timeout(Duration::from_secs(3), asked).await, Ok(Ok(true)))
}
