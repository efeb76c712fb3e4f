//! The servers of the tests in containers, where they are not installed but a container engine answers.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::programs::succeeds;

const REDIS_IMAGE: &str = "redis:8-alpine";

/// Takes the arguments of redis-server, whose first two are its port. `docker run` hands on the signal
/// that stops it.
const REDIS_SERVER: &str = r#"#!/bin/sh
exec docker run --rm --publish "127.0.0.1:$2:6379" IMAGE redis-server --save "" --appendonly no
"#;

/// Whether a container engine answers.
pub(crate) fn available() -> bool {
    succeeds(Command::new("docker").args(["info", "--format", "{{.ServerVersion}}"]))
}

/// A program in `directory` that stands in for `redis-server`.
pub(crate) fn redis_server(directory: &Path) -> Result<PathBuf> {
    let pulled = Command::new("docker").args(["pull", "--quiet", REDIS_IMAGE]).status()?;
    ensure!(pulled.success(), "the image {REDIS_IMAGE} can't be had");
    let program = directory.join("redis-server");
    fs::write(&program, REDIS_SERVER.replace("IMAGE", REDIS_IMAGE)).context("redis-server")?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    Ok(program)
}

#[cfg(feature = "containers")]
pub(crate) use self::postgres::Postgres;

#[cfg(feature = "containers")]
mod postgres {
    use anyhow::Result;
    use testcontainers_modules::{
        postgres,
        testcontainers::{ContainerAsync, ImageExt, runners::AsyncRunner},
    };

    /// A server that trusts every connection; removed with this value.
    pub(crate) struct Postgres {
        container: Box<ContainerAsync<postgres::Postgres>>,
        pub(crate) port: u16,
    }

    impl Postgres {
        pub(crate) async fn start() -> Result<Self> {
            let image = postgres::Postgres::default().with_host_auth().with_tag("17-alpine");
            let settings =
                ["fsync=off", "synchronous_commit=off", "max_connections=300", "autovacuum=off"];
            let arguments = settings.iter().flat_map(|setting| ["-c", setting]);
            let container = image.with_cmd(arguments).start().await?;
            let port = container.get_host_port_ipv4(5432).await?;
            Ok(Self { container: Box::new(container), port })
        }

        pub(crate) async fn stop(self) -> Result<()> {
            Ok(self.container.rm().await?)
        }
    }
}
