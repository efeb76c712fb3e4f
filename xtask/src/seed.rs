use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    dev_database::DevDatabase, environment::Environment, interrupts::Interrupts,
    programs::exit_code, workspace::Workspace,
};

/// `cargo xtask seed [arguments of edgeos seed]`
#[derive(Args)]
pub(crate) struct Seed {
    /// Passed on to `edgeos seed`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Seed {
    pub(crate) async fn run(
        &self,
        workspace: &Workspace,
        mut interrupts: Interrupts,
    ) -> Result<ExitCode> {
        let mut environment = Environment::load(&workspace.root)?;
        let program = workspace.build_server(false, &mut interrupts).await?;
        let database = match environment.owner()? {
            Some(_) => None,
            None => Some(DevDatabase::find_or_start(workspace).await?),
        };
        if let Some(database) = &database {
            database.announce(&mut environment);
            environment.set("SECRET_KEY", crate::dev::secret_key(&environment, workspace)?);
        }
        let mut seed = Command::new(program);
        environment.apply(&mut seed).arg("seed").args(&self.arguments);
        let status = interrupts.outlast(seed.spawn().context("edgeos seed")?).await;
        if let Some(database) = database {
            database.stop()?;
        }
        Ok(exit_code(status?))
    }
}
