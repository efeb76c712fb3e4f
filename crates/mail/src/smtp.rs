//! Mail over SMTP.

use std::{fmt, sync::Arc, time::Duration};

use edgeos_domain::MailId;
use edgeos_ports::{ComposedMail, Environment, MailTransport, SEND_TIMEOUT, SendError, Sender};
use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
        extension::ClientId,
    },
};
use tokio::{sync::Mutex, time::timeout};

use crate::message::message;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections that are kept for the next mail at most.
const IDLE_MAX: usize = 8;

/// The mail server, and how it is talked to.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What keeps others from listening.
    pub encryption: Encryption,
    /// Who signs in; `None` where nobody has to.
    pub credentials: Option<SmtpCredentials>,
    /// Who has to vouch for an encrypted server: certificates in PEM; `None` = a public authority.
    pub authority: Option<Vec<u8>>,
    /// How long a mail may take altogether.
    pub timeout: Duration,
}

/// What keeps others from listening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Nothing.
    None,
    /// The connection is encrypted after the greeting. A server that can't do so gets no mail.
    StartTls,
    /// The connection is encrypted from the start.
    Implicit,
}

/// Who signs in to the mail server.
#[derive(Clone)]
pub struct SmtpCredentials {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for SmtpCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

impl SmtpSettings {
    /// A server that is spoken to in the clear by anybody: the inbox of development.
    #[must_use]
    pub fn plain(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            encryption: Encryption::None,
            credentials: None,
            authority: None,
            timeout: SEND_TIMEOUT,
        }
    }

    /// A server with the usual patience.
    #[must_use]
    pub fn new(
        host: impl Into<String>,
        port: u16,
        encryption: Encryption,
        credentials: Option<SmtpCredentials>,
    ) -> Self {
        Self { encryption, credentials, ..Self::plain(host, port) }
    }
}

/// Sends mail through one mail server, keeping connections for the next mails.
///
/// Connections are kept here and not in lettre's pool, which takes back a connection whose mail was given up
/// halfway: the late answer to that mail would be taken for the answer to the next one.
pub struct SmtpMailer {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    hello_name: ClientId,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
    env: Arc<dyn Environment>,
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl SmtpMailer {
    /// A mailer that connects when there is mail.
    ///
    /// # Errors
    ///
    /// When encryption can't be set up.
    pub fn new(settings: SmtpSettings, env: Arc<dyn Environment>) -> Result<Self, SendError> {
        let tls = match settings.encryption {
            Encryption::None => None,
            Encryption::StartTls | Encryption::Implicit => {
                let parameters = tls(&settings.host, settings.authority.as_deref());
                Some(parameters.map_err(|_| permanent("encryption can't be set up"))?)
            }
        };
        let hello_name = ClientId::default();
        Ok(Self { settings, tls, hello_name, idle: Mutex::default(), env })
    }

    async fn deliver(&self, message: &Message) -> Result<(), SendError> {
        let mut connection = self.connection().await?;
        // On an error, and when the caller gives up, the connection is dropped with whatever is still to
        // come on it.
        connection.send(message.envelope(), &message.formatted()).await.map_err(of_mail)?;
        self.keep(connection).await;
        Ok(())
    }

    /// A connection that is ready for a mail.
    async fn connection(&self) -> Result<AsyncSmtpConnection, SendError> {
        if let Some(mut connection) = self.take_idle().await {
            if matches!(timeout(CONNECT_TIMEOUT, connection.test_connected()).await, Ok(true)) {
                return Ok(connection);
            }
            // The others will be no better.
            self.idle.lock().await.clear();
        }
        timeout(CONNECT_TIMEOUT, self.connect())
            .await
            .map_err(|_| temporary("the mail server doesn't answer"))?
            .map_err(|error| of_connection(&error))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let at_once = self.tls.clone().filter(|_| self.settings.encryption == Encryption::Implicit);
        let server = (self.settings.host.as_str(), self.settings.port);
        let hello_name = &self.hello_name;
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(CONNECT_TIMEOUT),
            hello_name,
            at_once,
            None,
        )
        .await?;
        if let (Encryption::StartTls, Some(tls)) = (self.settings.encryption, &self.tls) {
            connection.starttls(tls.clone(), hello_name).await?;
        }
        if let Some(SmtpCredentials { user, password }) = &self.settings.credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await?;
        }
        Ok(connection)
    }

    async fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        self.idle.lock().await.pop()
    }

    async fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().await;
        if idle.len() < IDLE_MAX && !connection.has_broken() {
            idle.push(connection);
        }
    }
}

impl MailTransport for SmtpMailer {
    async fn send(
        &self,
        id: MailId,
        to: &str,
        sender: &Sender,
        mail: &ComposedMail,
    ) -> Result<(), SendError> {
        let message = message(id, self.env.now(), to, sender, mail)
            .map_err(|invalid| SendError::Permanent(invalid.to_string()))?;
        timeout(self.settings.timeout, self.deliver(&message))
            .await
            .unwrap_or_else(|_| Err(temporary("the mail server takes too long")))
    }

    async fn check(&self) -> Result<(), SendError> {
        let connected = async {
            let connection = self.connection().await?;
            self.keep(connection).await;
            Ok(())
        };
        timeout(self.settings.timeout, connected)
            .await
            .unwrap_or_else(|_| Err(temporary("the mail server takes too long")))
    }
}

/// Encryption towards `host`, for which `authority` has to vouch.
fn tls(host: &str, authority: Option<&[u8]>) -> Result<TlsParameters, Error> {
    let parameters = TlsParameters::builder(host.to_owned());
    match authority {
        Some(authority) => parameters
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(authority)?)
            .build(),
        None => parameters.build(),
    }
}

fn temporary(reason: &str) -> SendError {
    SendError::Temporary(reason.to_owned())
}

fn permanent(reason: &str) -> SendError {
    SendError::Permanent(reason.to_owned())
}

/// What went wrong before a mail was named says nothing about the mail, whatever the code: a password that
/// was changed kills no mail.
fn of_connection(error: &Error) -> SendError {
    match error.status() {
        Some(code) => SendError::Temporary(format!("the mail server turned us away ({code})")),
        None if error.is_client() => {
            temporary("the mail server can't do what the settings ask for")
        }
        None => temporary("the mail server can't be reached"),
    }
}

/// The server's words stay out of the reason: they may repeat the address.
#[expect(clippy::needless_pass_by_value, reason = "fits `map_err`")]
fn of_mail(error: Error) -> SendError {
    match error.status() {
        Some(code) if error.is_permanent() => {
            SendError::Permanent(format!("the mail server refused the mail ({code})"))
        }
        Some(code) => SendError::Temporary(format!("the mail server put the mail off ({code})")),
        // The address has characters that this server can't take.
        None if error.is_client() => permanent("the mail server can't take this address"),
        None => temporary("the connection to the mail server broke"),
    }
}

#[cfg(test)]
mod tests;
