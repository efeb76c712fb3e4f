//! A mail server that encrypts, asks for a password and goes wrong as a test wants it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::{
    io::{self, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

use crate::listening::accept;

/// Where it listens, and what its certificate says.
const HOST: &str = "127.0.0.1";

/// What a mail server is like; by default it takes every mail of anybody, in the clear.
#[derive(Debug, Clone, Copy, Default)]
pub struct SmtpBehaviour {
    /// What it does so that nobody listens.
    pub encryption: SmtpEncryption,
    /// Who may send, and by which password; without it everybody may.
    pub login: Option<(&'static str, &'static str)>,
    /// Where it goes wrong.
    pub fault: Option<SmtpFault>,
}

/// What a mail server does so that nobody listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SmtpEncryption {
    /// Nothing.
    #[default]
    None,
    /// It takes no mail before `STARTTLS`.
    StartTls,
    /// Every byte is encrypted.
    Implicit,
}

/// Where a mail server goes wrong: at the word that its client says, at the empty word, which is the greeting, or at
/// the dot that ends a mail.
#[derive(Debug, Clone, Copy)]
pub struct SmtpFault {
    /// The word.
    pub at: &'static str,
    /// What happens there.
    pub does: SmtpFailure,
}

/// What a mail server does when it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpFailure {
    /// It says so: `451 later`.
    Says(&'static str),
    /// It hangs up.
    HangsUp,
    /// It never says anything again.
    FallsSilent,
}

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TakenMail {
    /// Who gets it.
    pub to: Vec<String>,
    /// All of it, lines ended by `\n`.
    pub content: String,
}

/// The server; stops when dropped.
#[derive(Debug)]
pub struct SmtpServer {
    address: SocketAddr,
    authority: String,
    shared: Arc<Shared>,
    listening: AbortHandle,
}

struct Shared {
    behaviour: SmtpBehaviour,
    acceptor: TlsAcceptor,
    taken: Mutex<Vec<TakenMail>>,
}

/// How the talk on a connection goes on.
enum Next {
    /// It is over.
    End,
    /// It goes on encrypted.
    Encrypt,
}

impl SmtpServer {
    /// Listens on a free port, with a certificate made for it.
    ///
    /// # Errors
    ///
    /// No port is free, or no certificate can be made.
    pub async fn start(behaviour: SmtpBehaviour) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed(vec![HOST.to_owned()])?;
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der());
        let key = key.map_err(|error| anyhow::anyhow!("{error}"))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(made.cert.der().to_vec())], key)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((HOST, 0)).await.context("no port is free")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { behaviour, acceptor, taken: Mutex::default() });
        let serving = shared.clone();
        let listening = accept(listener, move |stream| serve(stream, serving.clone()));
        let listening = tokio::spawn(listening).abort_handle();
        Ok(Self { address, authority: made.cert.pem(), shared, listening })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of whoever vouches for it, in PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Every mail that was taken, in this order.
    #[must_use]
    pub fn taken(&self) -> Vec<TakenMail> {
        self.shared.taken().clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("behaviour", &self.behaviour).finish_non_exhaustive()
    }
}

impl Shared {
    fn taken(&self) -> MutexGuard<'_, Vec<TakenMail>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What goes wrong at this word.
    fn failure(&self, word: &str) -> Option<SmtpFailure> {
        self.behaviour.fault.filter(|fault| fault.at == word).map(|fault| fault.does)
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // A client that breaks off, or trusts nobody here, has its reasons.
    let _ = converse(stream, &shared).await;
}

async fn converse(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    if shared.behaviour.encryption == SmtpEncryption::Implicit {
        let mut stream = BufReader::new(shared.acceptor.accept(stream).await?);
        return talk(&mut stream, shared, true, Some("")).await.map(drop);
    }
    let mut stream = BufReader::new(stream);
    if let Next::Encrypt = talk(&mut stream, shared, false, Some("")).await? {
        let mut stream = BufReader::new(shared.acceptor.accept(stream.into_inner()).await?);
        talk(&mut stream, shared, true, None).await?;
    }
    Ok(())
}

/// Answers line after line; `first` is what is answered before there is one.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    shared: &Shared,
    encrypted: bool,
    first: Option<&str>,
) -> io::Result<Next> {
    let mut mail = TakenMail::default();
    let mut signed_in = shared.behaviour.login.is_none();
    let mut line = String::new();
    let mut pending = first.map(str::to_owned);
    loop {
        let said = if let Some(said) = pending.take() {
            said
        } else {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(Next::End);
            }
            line.trim_end().to_owned()
        };
        let word = said.split(' ').next().unwrap_or_default().to_uppercase();
        let reply = match shared.failure(&word) {
            Some(SmtpFailure::HangsUp) => return Ok(Next::End),
            Some(SmtpFailure::FallsSilent) => std::future::pending().await,
            Some(SmtpFailure::Says(reply)) => reply.to_owned(),
            None => answer(shared, &word, &said, encrypted, &mut signed_in, &mut mail),
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        stream.flush().await?;
        match word.as_str() {
            "QUIT" => return Ok(Next::End),
            "STARTTLS" if reply.starts_with("220") => return Ok(Next::Encrypt),
            "DATA" if reply.starts_with("354") => {
                mail.content = content(stream).await?;
                pending = Some(".".to_owned());
            }
            "." if reply.starts_with("250") => shared.taken().push(std::mem::take(&mut mail)),
            _ => {}
        }
    }
}

fn answer(
    shared: &Shared,
    word: &str,
    said: &str,
    encrypted: bool,
    signed_in: &mut bool,
    mail: &mut TakenMail,
) -> String {
    let must_encrypt = shared.behaviour.encryption == SmtpEncryption::StartTls && !encrypted;
    let reply = match word {
        "" => "220 ready",
        "EHLO" if must_encrypt => "250-hello\r\n250 STARTTLS",
        "EHLO" if shared.behaviour.login.is_some() => "250-hello\r\n250 AUTH PLAIN LOGIN",
        "STARTTLS" if must_encrypt => "220 go",
        "AUTH" if may_sign_in(shared, said) && !must_encrypt => {
            *signed_in = true;
            "235 welcome"
        }
        "AUTH" => "535 who?",
        "MAIL" if must_encrypt => "530 encrypt first",
        "MAIL" if !*signed_in => "530 sign in first",
        "RCPT" => {
            let address = said.split(['<', '>']).nth(1).unwrap_or_default();
            mail.to.push(address.to_owned());
            "250 fine"
        }
        "DATA" => "354 end with a dot",
        "RSET" => {
            *mail = TakenMail::default();
            "250 fine"
        }
        "QUIT" => "221 bye",
        _ => "250 fine",
    };
    reply.to_owned()
}

/// Whether `AUTH PLAIN …` (RFC 4616) names who may.
fn may_sign_in(shared: &Shared, said: &str) -> bool {
    let Some((user, password)) = shared.behaviour.login else { return true };
    let expected = BASE64_STANDARD.encode(format!("\0{user}\0{password}"));
    said == format!("AUTH PLAIN {expected}")
}

/// A mail up to its dot.
async fn content<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
) -> io::Result<String> {
    let mut content = String::new();
    loop {
        let begin = content.len();
        if stream.read_line(&mut content).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = content[begin..].trim_end().to_owned();
        content.truncate(begin);
        if line == "." {
            return Ok(content);
        }
        content.push_str(line.strip_prefix('.').unwrap_or(&line));
        content.push('\n');
    }
}
