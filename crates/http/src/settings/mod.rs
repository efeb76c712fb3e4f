//! What the environment configures: read once at start, typed, and every problem reported at once.

mod origin;
mod reader;
mod storage;
mod values;

#[cfg(test)]
mod tests;

use std::{net::IpAddr, num::NonZeroUsize, path::PathBuf, thread, time::Duration};

use edgeos_domain::StaffEmail;
use edgeos_payments::{DEVELOPMENT_URL, PRODUCTION_URL};
use edgeos_postgres::{Login, PgSettings};
use ipnet::IpNet;
use url::Url;

pub use self::{
    origin::Origin,
    reader::{Problems, Read, Shown},
    storage::Storage,
    values::{RateLimits, Secret, Smtp, Stage},
};
use self::{
    reader::Reader,
    values::{
        certificates, http_url, network, positive, redis_url, size, span, ssl_mode, staff_email,
        switch,
    },
};

/// The shortest secret that is accepted outside `dev`.
const SHORTEST_SECRET: usize = 32;

/// How this server is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name of the product, as mails and the API's description show it.
    pub project_name: String,
    /// What kind of installation this is.
    pub stage: Stage,
    /// Signs tokens; further keys are derived from it.
    pub secret_key: Secret,
    /// The key before a rotation: still good for reading.
    pub secret_key_previous: Option<Secret>,
    /// How long a token lives.
    pub token_lifetime: Duration,
    /// E-mail of the first superadmin.
    pub superadmin: Option<StaffEmail>,
    /// Where the backoffice is.
    pub backoffice_url: Url,
    /// Where this server is, as others see it.
    pub backend_url: Url,
    /// Where the portal is.
    pub portal_url: Url,
    /// Where the payment provider is.
    pub simplefi_url: Url,
    /// Further origins whose pages may call the API.
    pub cors_origins: Vec<Origin>,
    /// The database.
    pub postgres: PgSettings,
    /// The mail server; `None` when mail is off, for want of it or of a sender.
    pub smtp: Option<Smtp>,
    /// Default sender of mails.
    pub sender_email: Option<String>,
    /// Default name of the sender.
    pub sender_name: String,
    /// Domains that senders may belong to; empty = any.
    pub mail_sender_domains: Vec<String>,
    /// Where uploaded files go and are seen.
    pub storage: Storage,
    /// The program whose processes render organisers' templates; `None` = the one that runs. No variable says so:
    /// it is for those who call [`spawn`](crate::spawn) from another program.
    pub renderer: Option<PathBuf>,
    /// Where attempts are counted; `None` = in this process.
    pub redis_url: Option<Secret>,
    /// Who has to vouch for an encrypted Redis: certificates in PEM; `None` = a public authority.
    pub redis_authority: Option<Vec<u8>>,
    /// Where the server listens.
    pub host: IpAddr,
    /// Its port; 0 = any that is free.
    pub port: u16,
    /// Longest body of a request, in bytes.
    pub body_limit: usize,
    /// Networks whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How many attempts are admitted.
    pub rate_limits: RateLimits,
}

impl Settings {
    /// The settings that the variables of this process name.
    #[must_use]
    pub fn from_env() -> Read {
        Self::read(&|name| std::env::var(name).ok())
    }

    /// The settings that `variable` names.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Read {
        let mut r = Reader::new(variable);

        let stage = r.parsed("ENVIRONMENT", Stage::Dev, Stage::parse);
        let project_name = r.text("PROJECT_NAME", "EdgeOS");
        let secret_key = r.obligatory_secret("SECRET_KEY");
        let secret_key_previous = r.secret("SECRET_KEY_PREVIOUS");
        // Whoever knows the previous key signs in with it, too.
        let keys = [
            ("SECRET_KEY", Some(&secret_key)),
            ("SECRET_KEY_PREVIOUS", secret_key_previous.as_ref()),
        ];
        for (name, key) in keys {
            if stage != Stage::Dev && key.is_some_and(is_weak) {
                r.problem(format!(
                    "{name} must have {SHORTEST_SECRET} characters or more and not begin with \
                     \"changeme\" when ENVIRONMENT is not \"dev\""
                ));
            }
        }
        let minutes = r.parsed("ACCESS_TOKEN_EXPIRE_MINUTES", 11_520, positive);
        let token_lifetime = Duration::from_secs(u64::from(minutes) * 60);
        let superadmin = r.optional("SUPERADMIN", staff_email);

        let backoffice_url = r.url("BACKOFFICE_URL", "http://localhost:5173");
        let backend_url = r.url("BACKEND_URL", "http://localhost:8000");
        let portal_url = r.url("PORTAL_URL", "http://localhost:3000");
        // Money moves in production alone.
        let simplefi_url =
            if stage == Stage::Production { PRODUCTION_URL } else { DEVELOPMENT_URL };
        let simplefi_url = r.url("SIMPLEFI_API_URL", simplefi_url);
        let cors_origins = r.parsed("BACKEND_CORS_ORIGINS", Vec::new(), Origin::parse_list);

        let postgres = Self::read_postgres(&mut r);

        let sender_email = r.optional("SENDER_EMAIL", values::sender_email);
        let sender_name = r.text("SENDER_NAME", &project_name);
        let mail_sender_domains = r.list("MAIL_SENDER_DOMAINS", |domain| Ok(domain.to_lowercase()));
        let smtp = Smtp::read(&mut r).filter(|_| sender_email.is_some());
        let storage = Storage::read(&mut r);
        let redis_url = r.checked_secret("REDIS_URL", redis_url);
        let redis_authority = r.optional("REDIS_CA_FILE", certificates);

        let host = r.parsed("HOST", IpAddr::from([0, 0, 0, 0]), |text| {
            text.parse().map_err(|_| "an IP address".to_owned())
        });
        let port =
            r.parsed("PORT", 8000, |text| text.parse().map_err(|_| "a port number".to_owned()));
        let body_limit = r.parsed("REQUEST_BODY_LIMIT", 2 << 20, size);
        let trusted_proxies = r.list("TRUSTED_PROXIES", network);
        let rate_limits = RateLimits::read(&mut r);

        r.finish(Self {
            project_name,
            stage,
            secret_key,
            secret_key_previous,
            token_lifetime,
            superadmin,
            backoffice_url,
            backend_url,
            portal_url,
            simplefi_url,
            cors_origins,
            postgres,
            smtp,
            sender_email,
            sender_name,
            mail_sender_domains,
            storage,
            renderer: None,
            redis_url,
            redis_authority,
            host,
            port,
            body_limit,
            trusted_proxies,
            rate_limits,
        })
    }

    fn read_postgres(r: &mut Reader<'_>) -> PgSettings {
        let host = r.obligatory("POSTGRES_SERVER");
        let port = r.parsed("POSTGRES_PORT", 5432, |text| {
            text.parse().map_err(|_| "a port number".to_owned())
        });
        let database = r.text("POSTGRES_DB", "edgeos");
        let user = r.obligatory("POSTGRES_USER");
        let password = r.secret("POSTGRES_PASSWORD").map(Secret::into_inner);
        let app_user = r.optional("POSTGRES_APP_USER", |user| Ok(user.to_owned()));
        let app_password = r.secret("POSTGRES_APP_PASSWORD").map(Secret::into_inner);
        if app_user.is_none() && app_password.is_some() {
            r.problem("POSTGRES_APP_PASSWORD is set, but POSTGRES_APP_USER is not".to_owned());
        }
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let pool_size = u32::try_from(cores * 4).unwrap_or(u32::MAX);
        PgSettings {
            host,
            port,
            database,
            owner: Login { user, password },
            app: app_user.map(|user| Login { user, password: app_password }),
            ssl_mode: r.parsed(
                "POSTGRES_SSL_MODE",
                ssl_mode("prefer").unwrap_or_default(),
                ssl_mode,
            ),
            pool_size: r.parsed("DATABASE_POOL_SIZE", pool_size, values::pool_size),
            acquire_timeout: r.parsed("DATABASE_ACQUIRE_TIMEOUT", Duration::from_secs(5), span),
            lock_timeout: r.parsed("DATABASE_LOCK_TIMEOUT", Duration::from_secs(5), span),
            statement_timeout: r.parsed(
                "DATABASE_STATEMENT_TIMEOUT",
                Duration::from_secs(30),
                span,
            ),
        }
    }
}

impl Smtp {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let host = r.optional("SMTP_HOST", |host| Ok(host.to_owned()));
        let port =
            r.parsed("SMTP_PORT", 587, |text| text.parse().map_err(|_| "a port number".to_owned()));
        let user = r.optional("SMTP_USER", |user| Ok(user.to_owned()));
        // Both or none: an empty password is nobody's.
        let (user, password) = user.zip(r.secret("SMTP_PASSWORD")).unzip();
        let start_tls = r.parsed("SMTP_TLS", true, switch);
        let implicit_tls = r.parsed("SMTP_SSL", false, switch);
        let authority = r.optional("SMTP_CA_FILE", certificates);
        Some(Self { host: host?, port, user, password, start_tls, implicit_tls, authority })
    }
}

impl RateLimits {
    fn read(r: &mut Reader<'_>) -> Self {
        let mut limit = |name, default| {
            r.parsed(name, default, |text| text.parse().map_err(|_| "a whole number".to_owned()))
        };
        Self {
            login: limit("RATE_LIMIT_LOGIN", 5),
            login_total: limit("RATE_LIMIT_LOGIN_TOTAL", 20),
            address: limit("RATE_LIMIT_ADDRESS", 100),
            coupon: limit("RATE_LIMIT_COUPON", 20),
            check_in: limit("RATE_LIMIT_CHECK_IN", 60),
            upload: limit("RATE_LIMIT_UPLOAD", 120),
            test_mail: limit("RATE_LIMIT_TEST_MAIL", 20),
        }
    }
}

impl Reader<'_> {
    fn url(&mut self, name: &'static str, default: &str) -> Url {
        let default = Url::parse(default).expect("the default is an address");
        self.parsed(name, default, http_url)
    }
}

/// Whether a key can be guessed; one that is missing is none.
fn is_weak(key: &Secret) -> bool {
    let key = key.expose();
    !key.is_empty() && (key.chars().count() < SHORTEST_SECRET || key.starts_with("changeme"))
}
