use std::{fmt, fs, net::IpAddr, str::FromStr, time::Duration};

use edgeos_domain::{HostName, StaffEmail};
use ipnet::IpNet;
use sqlx::postgres::PgSslMode;
use url::Url;

/// What kind of installation a server belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Somebody's own machine: conveniences are on, checks for production are off.
    Dev,
    /// A rehearsal.
    Staging,
    /// The real thing.
    Production,
}

/// A setting that nobody gets to see.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// The mail server.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who signs in; `None` where nobody has to.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// Whether to ask for encryption after the greeting.
    pub start_tls: bool,
    /// Whether the connection is encrypted from the start.
    pub implicit_tls: bool,
    /// Who has to vouch for an encrypted one: certificates in PEM; `None` = a public authority.
    pub authority: Option<Vec<u8>>,
}

/// How many attempts are admitted in each window; 0 = any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Login codes asked for, for an e-mail, in 15 minutes.
    pub login: u32,
    /// Login mails to an e-mail, over all tenants and kinds, in 15 minutes.
    pub login_total: u32,
    /// Login mails, and failed verifications, from a client address, in 15 minutes.
    pub address: u32,
    /// Failed coupon look-ups of a human in 10 minutes.
    pub coupon: u32,
    /// Check-in look-ups and scans of a user in a minute.
    pub check_in: u32,
    /// Upload addresses for a user in an hour.
    pub upload: u32,
    /// Test mails of a user in an hour.
    pub test_mail: u32,
}

impl Stage {
    /// The stage that `text` names.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "dev" => Ok(Self::Dev),
            "staging" => Ok(Self::Staging),
            "production" => Ok(Self::Production),
            _ => Err("\"dev\", \"staging\" or \"production\"".to_owned()),
        }
    }
}

impl Secret {
    /// Keeps `text` from being printed.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever needs it to work with.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn into_inner(self) -> String {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

pub(super) fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok();
    let has_host = |url: &Url| url.host_str().is_some_and(|host| HostName::parse(host).is_ok());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && has_host(url));
    url.ok_or_else(|| "an address that begins with http:// or https:// and a host name".to_owned())
}

/// An address that users may have.
pub(super) fn staff_email(text: &str) -> Result<StaffEmail, String> {
    StaffEmail::parse(text).map_err(|_| "an e-mail address with a public domain".to_owned())
}

pub(super) fn redis_url(text: &str) -> Result<Secret, String> {
    let known = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "redis" | "rediss"));
    let expected = "an address that begins with redis:// or rediss://";
    if known { Ok(Secret::new(text)) } else { Err(expected.to_owned()) }
}

/// The certificates in the file of this name, in PEM.
pub(super) fn certificates(path: &str) -> Result<Vec<u8>, String> {
    let pem = fs::read(path).map_err(|error| format!("a file that can be read ({error})"))?;
    let has_some = String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----");
    if has_some { Ok(pem) } else { Err("a file with certificates in PEM".to_owned()) }
}

/// One connection hears announcements, and requests need another.
pub(super) fn pool_size(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number >= 2);
    number.ok_or_else(|| "a whole number of 2 or more".to_owned())
}

/// An address that mail can come from.
pub(super) fn sender_email(text: &str) -> Result<String, String> {
    if edgeos_mail::is_address(text) {
        Ok(text.to_owned())
    } else {
        Err("an e-mail address".to_owned())
    }
}

pub(super) fn positive(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "a whole number above 0".to_owned())
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "on" | "yes" => Ok(true),
        "false" | "0" | "off" | "no" => Ok(false),
        _ => Err("\"true\" or \"false\"".to_owned()),
    }
}

/// `10.0.0.0/8`, or a single address.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    network.ok_or_else(|| "networks like 10.0.0.0/8, separated by commas".to_owned())
}

pub(super) fn ssl_mode(text: &str) -> Result<PgSslMode, String> {
    PgSslMode::from_str(text).map_err(|_| {
        "one of \"disable\", \"allow\", \"prefer\", \"require\", \"verify-ca\", \"verify-full\""
            .to_owned()
    })
}

/// `500ms`, `5s`, `2m`, `1h`; a bare number is seconds.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let (number, unit) = split_unit(text);
    let millis = match unit {
        "ms" => 1,
        "" | "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => 0,
    };
    let span = number.and_then(|number| number.checked_mul(millis)).filter(|millis| *millis > 0);
    span.map(Duration::from_millis).ok_or_else(|| "a time like 5s or 500ms".to_owned())
}

/// `65536`, `64KiB`, `2MiB`, `2MB`, in bytes.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let (number, unit) = split_unit(text);
    let bytes = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => 0,
    };
    let size = number.and_then(|number| number.checked_mul(bytes)).filter(|bytes| *bytes > 0);
    size.and_then(|bytes| usize::try_from(bytes).ok())
        .ok_or_else(|| "a size like 2MiB or 65536".to_owned())
}

fn split_unit(text: &str) -> (Option<u64>, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number.parse().ok(), unit.trim())
}
