use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    interrupts::Interrupts,
    programs::{cargo, succeeds},
    servers::Servers,
};

/// `cargo xtask test [-- arguments of nextest]`
#[derive(Args)]
pub(crate) struct Test {
    /// Passed on to `cargo nextest run` (or `cargo test`); instead of all tests, whatever they select.
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Test {
    pub(crate) async fn run(&self) -> Result<ExitCode> {
        let mut interrupts = Interrupts::listen()?;
        let servers = Servers::start().await?;
        if interrupts.came().await {
            servers.stop()?;
            return Ok(ExitCode::FAILURE);
        }
        let mut command = self.command();
        command.envs(servers.variables());
        let child = command.spawn().context("cargo")?;
        let status = interrupts.outlast(child).await;
        servers.stop()?;
        let code = status?.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
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
                || argument.starts_with("-p=")
        };
        if !self.arguments.iter().any(selects) {
            command.arg("--workspace");
        }
        command.args(&self.arguments);
        command
    }
}
