use std::{fmt, time::Duration};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// Where the database is, who signs in, and how long anything may take.
#[derive(Clone)]
pub struct PgSettings {
    /// Host name or address, or the directory of a socket.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Name of the database.
    pub database: String,
    /// The owner of schema and tables: runs migrations.
    pub owner: Login,
    /// The server's own login; `None` signs in as the owner and takes the role `edgeos_app`.
    pub app: Option<Login>,
    /// Whether the connection is encrypted, as libpq names the modes.
    pub ssl_mode: PgSslMode,
    /// Connections for all tenants together.
    pub pool_size: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// How long a statement waits for a lock.
    pub lock_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
}

/// A database role and its password.
#[derive(Clone)]
pub struct Login {
    /// Name of the role.
    pub user: String,
    /// Its password; `None` where the server asks for none.
    pub password: Option<String>,
}

impl fmt::Debug for PgSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

impl PgSettings {
    /// These, without a login of the server's own: it signs in as the owner and takes its role.
    #[must_use]
    pub fn of_owner(&self) -> Self {
        Self { app: None, ..self.clone() }
    }

    /// How the owner connects: for migrations.
    #[must_use]
    pub fn owner_options(&self) -> PgConnectOptions {
        self.options(&self.owner)
    }

    /// How the server connects: as its own login, else as the owner.
    #[must_use]
    pub fn app_options(&self) -> PgConnectOptions {
        self.options(self.app.as_ref().unwrap_or(&self.owner))
    }

    fn options(&self, login: &Login) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .database(&self.database)
            .username(&login.user)
            .ssl_mode(self.ssl_mode)
            .application_name("edgeos")
            .statement_cache_capacity(256);
        match &login.password {
            Some(password) => options.password(password),
            None => options,
        }
    }
}
