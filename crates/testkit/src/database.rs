use std::{env, thread, time::Duration};

use anyhow::{Context, Result, bail};
use migration::lock;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// The variable that holds the address of the tests' cluster, superuser included.
pub const TEST_POSTGRES: &str = "EDGEOS_TEST_POSTGRES";

/// The migrated database that every test's own is cloned from.
pub const TEMPLATE: &str = "edgeos_template";

/// The role that owns databases and schema: no superuser, may create roles and databases.
pub const OWNER: &str = "edgeos_owner";

/// Creates the role [`OWNER`], or gives it another password.
///
/// # Errors
///
/// The server can't be reached, or `superuser` may not create roles.
pub async fn create_owner(superuser: &PgConnectOptions, password: Option<&str>) -> Result<()> {
    let mut connection = superuser.connect().await?;
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(OWNER)
        .fetch_one(&mut connection)
        .await?;
    let verb = if known { "ALTER" } else { "CREATE" };
    let password = match password {
        Some(password) => format!("PASSWORD '{}'", password.replace('\'', "''")),
        None => String::new(),
    };
    let role = format!("{verb} ROLE {OWNER} LOGIN NOSUPERUSER CREATEROLE CREATEDB {password}");
    connection.execute(AssertSqlSafe(role)).await?;
    connection.close().await?;
    Ok(())
}

/// Creates [`OWNER`] and [`TEMPLATE`] in a new cluster that trusts local connections, migrations applied.
///
/// # Errors
///
/// The server can't be reached, or a migration fails.
pub async fn create_template(superuser: &PgConnectOptions) -> Result<()> {
    create_owner(superuser, None).await?;
    let mut connection = superuser.connect().await?;
    let create = format!("CREATE DATABASE {TEMPLATE} OWNER {OWNER} TEMPLATE template0");
    connection.execute(AssertSqlSafe(create)).await?;

    let owner = superuser.clone().username(OWNER).database(TEMPLATE);
    let db = lock::single_connection(owner).await?;
    lock::migrate_up(&db).await?;
    db.close().await?;

    // Nobody can be cloned while somebody is connected.
    let seal = format!("ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false");
    connection.execute(AssertSqlSafe(seal)).await?;
    connection.close().await?;
    Ok(())
}

/// A database of one test, in the cluster that all tests share; dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    server: PgConnectOptions,
}

impl TestDatabase {
    /// A database with the whole schema and no rows.
    ///
    /// # Errors
    ///
    /// `EDGEOS_TEST_POSTGRES` is not set, or its server can't be reached.
    pub async fn new() -> Result<Self> {
        Self::create(TEMPLATE).await
    }

    /// A database without a schema.
    ///
    /// # Errors
    ///
    /// `EDGEOS_TEST_POSTGRES` is not set, or its server can't be reached.
    pub async fn empty() -> Result<Self> {
        Self::create("template0").await
    }

    async fn create(template: &str) -> Result<Self> {
        let address = env::var(TEST_POSTGRES)
            .with_context(|| format!("{TEST_POSTGRES} is not set: run `cargo xtask test`"))?;
        let server: PgConnectOptions = address.parse().context(TEST_POSTGRES)?;
        let name = format!("test_{}", crate::random_text());
        let mut connection = server.connect().await.context(TEST_POSTGRES)?;
        clone(&mut connection, template, &name).await?;
        connection.close().await?;
        Ok(Self { name, server })
    }

    /// The name of the database.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The host that its server runs on.
    #[must_use]
    pub fn host(&self) -> &str {
        self.server.get_host()
    }

    /// The port that its server listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.get_port()
    }

    /// The role that owns database and schema. It needs no password.
    #[must_use]
    pub fn owner_name(&self) -> &'static str {
        OWNER
    }

    /// How the owner connects.
    #[must_use]
    pub fn owner_options(&self) -> PgConnectOptions {
        self.superuser_options().username(OWNER)
    }

    /// How a superuser connects; row-level security holds nothing back from it.
    #[must_use]
    pub fn superuser_options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// A small pool of the owner's connections.
    ///
    /// # Errors
    ///
    /// The server can't be reached.
    pub async fn owner(&self) -> Result<PgPool> {
        pool(self.owner_options()).await
    }

    /// A small pool of a superuser's connections.
    ///
    /// # Errors
    ///
    /// The server can't be reached.
    pub async fn superuser(&self) -> Result<PgPool> {
        pool(self.superuser_options()).await
    }
}

/// A thousand tests must not leave a thousand databases on the disk. What fails here goes with the
/// cluster.
impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // A thread of its own, as the test's runtime can't be waited for from within.
        let _ = thread::spawn(move || drop_database(&server, &name)).join();
    }
}

async fn pool(options: PgConnectOptions) -> Result<PgPool> {
    Ok(PgPoolOptions::new().max_connections(4).connect_with(options).await?)
}

async fn clone(connection: &mut PgConnection, template: &str, name: &str) -> Result<()> {
    let create = format!("CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}");
    for _ in 0..300 {
        match connection.execute(AssertSqlSafe(create.as_str())).await {
            Ok(_) => return Ok(()),
            // Somebody is connected to the template, or copies it in a way that tolerates no other.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("55006") => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) => return Err(error).context(create),
        }
    }
    bail!("the database {template} is in use all the time");
}

fn drop_database(server: &PgConnectOptions, name: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = server.connect().await?;
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        connection.execute(AssertSqlSafe(drop)).await?;
        connection.close().await?;
        Ok(())
    })
}
