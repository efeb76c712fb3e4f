use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    interrupts::Interrupts,
    programs::{cargo, exit_code, succeeds},
    servers::Servers,
    workspace::Workspace,
};

/// `cargo xtask test [-- arguments of nextest]`
#[derive(Args)]
pub(crate) struct Test {
    /// Passed on to `cargo nextest run`, or to `cargo test` where nextest isn't installed.
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Test {
    pub(crate) async fn run(
        &self,
        workspace: &Workspace,
        mut interrupts: Interrupts,
    ) -> Result<ExitCode> {
        let servers = Servers::start(workspace).await?;
        let mut code = ExitCode::FAILURE;
        if !interrupts.came().await {
            let mut tests = self.command();
            tests.current_dir(&workspace.root).envs(servers.variables());
            code = exit_code(interrupts.outlast(tests.spawn().context("cargo")?).await?);
        }
        servers.stop().await?;
        Ok(code)
    }

    fn command(&self) -> Command {
        let mut command = cargo();
        if succeeds(cargo().args(["nextest", "--version"])) {
            command.args(["nextest", "run"]);
        } else {
            command.arg("test");
        }
        let selects = |argument: &String| {
            ["-p", "--package", "--workspace"].contains(&argument.as_str())
                || argument.starts_with("--package=")
        };
        if !self.arguments.iter().any(selects) {
            command.arg("--workspace");
        }
        command.args(&self.arguments);
        command
    }
}
