use std::{
    env,
    ffi::OsString,
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::{Guarded, loopback::free_port};

/// The variable that holds the path of the installed `redis-server`.
pub const TEST_REDIS_SERVER: &str = "EDGEOS_TEST_REDIS_SERVER";

/// A private Redis that keeps nothing on disk; ends when dropped.
#[derive(Debug)]
pub struct TestRedis {
    program: OsString,
    directory: TempDir,
    port: u16,
    /// Further arguments of the server.
    arguments: Vec<String>,
    server: Mutex<Option<Guarded>>,
}

/// How a Redis is reached encrypted.
#[derive(Debug, Clone)]
pub struct EncryptedRedis {
    /// Its address.
    pub url: String,
    /// The certificate of whoever vouches for it, in PEM.
    pub authority: String,
}

impl TestRedis {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    ///
    /// `EDGEOS_TEST_REDIS_SERVER` is not set, or the server doesn't start.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// As [`start`](Self::start), with further arguments for the server.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub async fn start_with(arguments: &[&str]) -> Result<Self> {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self::start_in(tempfile::tempdir()?, arguments).await
    }

    /// A server that is reached encrypted as well, with a certificate made for it.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub async fn start_encrypted() -> Result<(Self, EncryptedRedis)> {
        let directory = tempfile::tempdir()?;
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()])?;
        let (certificate, key) =
            (directory.path().join("redis.crt"), directory.path().join("redis.key"));
        fs::write(&certificate, made.cert.pem())?;
        fs::write(&key, made.signing_key.serialize_pem())?;
        let port = free_port()?;
        let arguments = [
            "--tls-port".to_owned(),
            port.to_string(),
            "--tls-cert-file".to_owned(),
            certificate.display().to_string(),
            "--tls-key-file".to_owned(),
            key.display().to_string(),
            "--tls-ca-cert-file".to_owned(),
            certificate.display().to_string(),
            "--tls-auth-clients".to_owned(),
            "no".to_owned(),
        ];
        let redis = Self::start_in(directory, arguments.to_vec()).await?;
        let url = format!("rediss://127.0.0.1:{port}");
        Ok((redis, EncryptedRedis { url, authority: made.cert.pem() }))
    }

    async fn start_in(directory: TempDir, arguments: Vec<String>) -> Result<Self> {
        let program = env::var_os(TEST_REDIS_SERVER)
            .with_context(|| format!("{TEST_REDIS_SERVER} is not set: run `cargo xtask test`"))?;
        let mut failure = None;
        // Another test may take the port between the look and the start.
        for _ in 0..5 {
            let port = free_port()?;
            match launch(&program, &directory, port, &arguments).await {
                Ok(server) => {
                    let server = Mutex::new(Some(server));
                    return Ok(Self { program, directory, port, arguments, server });
                }
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.expect("five starts failed")).context("redis-server does not start")
    }

    /// Its port, the same after [`start_again`](Self::start_again).
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address; the same after [`start_again`](Self::start_again).
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends the server; its clients lose their connections.
    pub fn kill(&self) {
        if let Some(mut server) = self.server.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            let _ = server.kill();
        }
    }

    /// Starts an empty server at the same address.
    ///
    /// # Errors
    ///
    /// The server doesn't start.
    pub async fn start_again(&self) -> Result<()> {
        self.kill();
        let server = launch(&self.program, &self.directory, self.port, &self.arguments).await?;
        *self.server.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
        Ok(())
    }
}

async fn launch(
    program: &OsString,
    directory: &TempDir,
    port: u16,
    arguments: &[String],
) -> Result<Guarded> {
    let mut command = Command::new(program);
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--appendonly", "no", "--dir"])
        .arg(directory.path())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut server =
        Guarded::spawn(&mut command, "TERM").with_context(|| format!("{}", program.display()))?;
    for _ in 0..3000 {
        if let Some(status) = server.ended()? {
            bail!("redis-server on port {port} ended with {status}");
        }
        if answers(port).is_ok_and(|answers| answers) {
            return Ok(server);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("redis-server on port {port} does not answer");
}

fn answers(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer)?;
    // One that wants a password says so.
    Ok(&answer == b"+PONG" || &answer == b"-NOAU")
}
