use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;
use edgeos_testkit::TEST_SURFACE;

use crate::{
    interrupts::Interrupts,
    programs::{cargo, exit_code, succeeds},
    servers::Servers,
    surface::Surface,
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
        let notes = tempfile::Builder::new().prefix("edgeos-surface-").tempdir()?;
        let mut code = ExitCode::FAILURE;
        let mut passed = false;
        if !interrupts.came().await {
            let mut tests = self.command();
            tests.current_dir(&workspace.root).envs(servers.variables());
            tests.env(TEST_SURFACE, notes.path());
            let status = interrupts.outlast(tests.spawn().context("cargo")?).await?;
            passed = status.success();
            code = exit_code(status);
        }
        servers.stop().await?;
        if passed && self.runs_all() {
            let surface = Surface::read(workspace, notes.path())?;
            surface.report();
            if !surface.errors.is_empty() {
                code = ExitCode::FAILURE;
            }
        }
        Ok(code)
    }

    /// Whether the arguments leave no test out. What isn't known for that may leave some out.
    fn runs_all(&self) -> bool {
        let harmless = ["--no-fail-fast", "--workspace"];
        self.arguments.iter().all(|argument| harmless.contains(&argument.as_str()))
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
