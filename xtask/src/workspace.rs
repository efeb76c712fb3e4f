use std::{env, path::PathBuf};

use anyhow::{Context, Result, ensure};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::{interrupts::Interrupts, programs::cargo};

/// The source tree that we work on.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) metadata: Metadata,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        let metadata =
            MetadataCommand::new().no_deps().exec().context("run inside the workspace")?;
        Ok(Self { root: metadata.workspace_root.clone().into(), metadata })
    }

    /// The directory of everything that `dev` keeps: `.edgeos`, or whatever `EDGEOS_STATE` names.
    pub(crate) fn state(&self) -> PathBuf {
        let named = env::var_os("EDGEOS_STATE").filter(|named| !named.is_empty());
        self.root.join(named.unwrap_or_else(|| ".edgeos".into()))
    }

    /// Builds the server, as it is deployed or as it is developed, progress shown; the path of the program.
    pub(crate) async fn build_server(
        &self,
        release: bool,
        interrupts: &mut Interrupts,
    ) -> Result<PathBuf> {
        let mut build = cargo();
        build.current_dir(&self.root).args([
            "build",
            "--package",
            "edgeos-http",
            "--bin",
            "edgeos",
        ]);
        if release {
            build.arg("--release");
        }
        let status = interrupts.outlast(build.spawn().context("cargo")?).await?;
        ensure!(status.success(), "the server does not build");
        let profile = if release { "release" } else { "debug" };
        Ok(self.metadata.target_directory.join(profile).join("edgeos").into())
    }
}
