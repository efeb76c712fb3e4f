//! `cargo xtask …`: what developers and CI run.

mod interrupts;
mod programs;
mod servers;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// Development tasks of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Runs every test against a private PostgreSQL and Redis.
    Test(test::Test),
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Test(test) => test.run().await,
    }
}
