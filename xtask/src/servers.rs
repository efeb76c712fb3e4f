use std::{path::PathBuf, time::Instant};

use anyhow::{Context, Result};
use edgeos_testkit::{
    TEST_POSTGRES, TEST_REDIS_SERVER,
    cluster::{Access, Cluster, Installation, Purpose},
    create_template,
};
use tempfile::TempDir;

use crate::{containers, download, programs, workspace::Workspace};

/// The servers that tests need, for as long as this value lives.
pub(crate) struct Servers {
    // The server stops before its directory is deleted.
    postgres: Postgres,
    directory: TempDir,
    redis: PathBuf,
}

enum Postgres {
    Private(Cluster),
    #[cfg(feature = "containers")]
    Container(containers::Postgres),
}

impl Servers {
    /// Installed servers first, since they start fastest.
    pub(crate) async fn start(workspace: &Workspace) -> Result<Self> {
        let contained = Installation::all()?.is_empty() && containers::available();
        if !contained {
            download::where_needed(workspace).await?;
        } else if !cfg!(feature = "containers") {
            return Err(download::with_feature("containers"));
        }
        let directory = tempfile::Builder::new().prefix("edgeos-tests-").tempdir()?;
        let redis = match programs::find("redis-server") {
            Some(program) => program,
            None if containers::available() => containers::redis_server(directory.path())?,
            None => anyhow::bail!(
                "the tests need redis-server: `apt install redis-server`, `dnf install redis`, \
                 `brew install redis`"
            ),
        };
        let started = Instant::now();
        let postgres = Postgres::start(&directory, contained).await?;
        let superuser = postgres.access().superuser("postgres");
        create_template(&superuser).await.context("the tests' database can't be migrated")?;
        eprintln!(
            "PostgreSQL for the tests: port {}, migrated after {:.1} s",
            postgres.access().port,
            started.elapsed().as_secs_f32()
        );
        Ok(Self { postgres, directory, redis })
    }

    /// The variables through which tests find them.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        let port = self.postgres.access().port;
        [
            (TEST_POSTGRES, format!("postgres://postgres@127.0.0.1:{port}/postgres")),
            (TEST_REDIS_SERVER, self.redis.display().to_string()),
        ]
    }

    pub(crate) async fn stop(self) -> Result<()> {
        self.postgres.stop().await?;
        self.directory.close().context("the directory of the tests' servers")
    }
}

impl Postgres {
    #[cfg(feature = "containers")]
    async fn start(directory: &TempDir, contained: bool) -> Result<Self> {
        if contained {
            return Ok(Self::Container(containers::Postgres::start().await?));
        }
        Self::start_private(directory)
    }

    #[cfg(not(feature = "containers"))]
    #[expect(clippy::unused_async, reason = "a container would be waited for")]
    async fn start(directory: &TempDir, _contained: bool) -> Result<Self> {
        Self::start_private(directory)
    }

    fn start_private(directory: &TempDir) -> Result<Self> {
        let place = directory.path().join("postgres");
        Ok(Self::Private(Cluster::start(&place, Purpose::Tests)?))
    }

    fn access(&self) -> Access {
        match self {
            Self::Private(cluster) => cluster.access().clone(),
            #[cfg(feature = "containers")]
            Self::Container(container) => Access { port: container.port, password: None },
        }
    }

    #[cfg_attr(
        not(feature = "containers"),
        expect(clippy::unused_async, reason = "a container is waited for")
    )]
    async fn stop(self) -> Result<()> {
        match self {
            Self::Private(cluster) => cluster.stop(),
            #[cfg(feature = "containers")]
            Self::Container(container) => container.stop().await,
        }
    }
}
