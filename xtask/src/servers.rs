use std::{path::PathBuf, time::Instant};

use anyhow::{Context, Result};
use edgeos_testkit::{
    TEST_POSTGRES, TEST_REDIS_SERVER,
    cluster::{Cluster, Purpose},
    create_template,
};
use tempfile::TempDir;

use crate::programs;

/// The servers that tests need, for as long as this value lives.
pub(crate) struct Servers {
    // The cluster stops before its directory is deleted.
    postgres: Cluster,
    directory: TempDir,
    redis: PathBuf,
}

impl Servers {
    pub(crate) async fn start() -> Result<Self> {
        let redis = programs::find("redis-server").context(
            "the tests need redis-server: `apt install redis-server`, `dnf install redis`, \
             `brew install redis`",
        )?;
        let started = Instant::now();
        let directory = tempfile::Builder::new().prefix("edgeos-tests-").tempdir()?;
        let postgres = Cluster::start(directory.path(), Purpose::Tests)?;
        create_template(&postgres.access().superuser("postgres")).await.context("migrations")?;
        eprintln!(
            "PostgreSQL on port {}, migrated, after {:.1} s",
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

    pub(crate) fn stop(self) -> Result<()> {
        self.postgres.stop()?;
        self.directory.close().context("the directory of the tests' PostgreSQL")
    }
}
