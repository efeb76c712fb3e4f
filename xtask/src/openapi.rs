use std::{
    fs,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, ensure};

use crate::{interrupts::Interrupts, workspace::Workspace};

/// The description of the API that the server makes of itself, for whoever has no server at hand.
pub(crate) const OURS: &str = "docs/openapi.json";

/// Writes [`OURS`] anew.
pub(crate) async fn write(workspace: &Workspace, mut interrupts: Interrupts) -> Result<ExitCode> {
    let program = workspace.build_server(false, &mut interrupts).await?;
    let described = Command::new(program).arg("openapi").output().context("edgeos openapi")?;
    ensure!(described.status.success(), "{}", String::from_utf8_lossy(&described.stderr));
    let path = workspace.root.join(OURS);
    fs::create_dir_all(path.parent().context(OURS)?).context(OURS)?;
    fs::write(path, described.stdout).context(OURS)?;
    Ok(ExitCode::SUCCESS)
}
