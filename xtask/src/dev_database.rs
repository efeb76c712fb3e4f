use std::path::Path;

use anyhow::{Context, Result};
use edgeos_testkit::{
    OWNER,
    cluster::{Access, Cluster, Purpose},
    create_owner,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, postgres::PgConnectOptions};

use crate::{download, environment::Environment, workspace::Workspace};

const DATABASE: &str = "edgeos";

/// The database of `cargo xtask dev`.
pub(crate) struct DevDatabase {
    access: Access,
    /// `None` when `cargo xtask dev` runs it.
    cluster: Option<Cluster>,
}

impl DevDatabase {
    /// Starts its cluster, which nobody else may be running.
    pub(crate) async fn start(workspace: &Workspace) -> Result<Self> {
        let place = workspace.state().join("postgres");
        Self::start_at(workspace, &place, Purpose::Development).await
    }

    /// Starts a cluster in this directory.
    pub(crate) async fn start_at(
        workspace: &Workspace,
        place: &Path,
        purpose: Purpose,
    ) -> Result<Self> {
        download::where_needed(workspace).await?;
        let cluster = Cluster::start(place, purpose)?;
        if cluster.home() != place {
            eprintln!(
                "PostgreSQL does not run as root, and its user can't reach {}: the data are in {}",
                place.display(),
                cluster.home().display()
            );
        }
        let access = cluster.access().clone();
        let superuser = access.superuser("postgres");
        create_owner(&superuser, access.password.as_deref()).await?;
        create_database(&superuser).await?;
        Ok(Self { access, cluster: Some(cluster) })
    }

    /// The running one, else starts it.
    pub(crate) async fn find_or_start(workspace: &Workspace) -> Result<Self> {
        match Cluster::running(&workspace.state().join("postgres"))? {
            Some(access) => Ok(Self { access, cluster: None }),
            None => Self::start(workspace).await,
        }
    }

    /// Deletes all data.
    pub(crate) fn remove(state: &Path) -> Result<()> {
        Cluster::remove(&state.join("postgres"))
    }

    pub(crate) fn port(&self) -> u16 {
        self.access.port
    }

    /// Whether the server has ended by itself.
    pub(crate) fn ended(&mut self) -> Result<bool> {
        self.cluster.as_mut().map_or(Ok(false), Cluster::ended)
    }

    /// How the owner connects.
    pub(crate) fn owner(&self) -> PgConnectOptions {
        self.access.superuser(DATABASE).username(OWNER)
    }

    /// Lets a server find it.
    pub(crate) fn announce(&self, environment: &mut Environment) {
        environment.set("POSTGRES_SERVER", "127.0.0.1");
        environment.set("POSTGRES_PORT", self.access.port.to_string());
        environment.set("POSTGRES_DB", DATABASE);
        environment.set("POSTGRES_USER", OWNER);
        environment.set("POSTGRES_PASSWORD", self.access.password.clone().unwrap_or_default());
        environment.set("POSTGRES_SSL_MODE", "disable");
    }

    pub(crate) fn stop(self) -> Result<()> {
        self.cluster.map_or(Ok(()), Cluster::stop)
    }
}

async fn create_database(superuser: &PgConnectOptions) -> Result<()> {
    let mut connection = superuser.connect().await.context("the new cluster")?;
    let known: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(DATABASE)
            .fetch_one(&mut connection)
            .await?;
    if !known {
        let create = format!("CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template0");
        connection.execute(AssertSqlSafe(create)).await?;
    }
    connection.close().await?;
    Ok(())
}
