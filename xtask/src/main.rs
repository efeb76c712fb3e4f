//! `cargo xtask …`: what developers and CI run.

mod browser;
mod check;
mod clients;
mod containers;
mod contract;
mod dev;
mod dev_database;
mod download;
mod environment;
mod fuzz;
mod interrupts;
mod migrate;
mod new_migration;
mod openapi;
mod programs;
mod seed;
mod servers;
mod sign_in;
mod simplefi;
mod storage;
mod surface;
mod test;
mod throwaway;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::{
    browser::Browser, check::Check, clients::Clients, dev::Dev, fuzz::Fuzz, interrupts::Interrupts,
    migrate::Migrate, seed::Seed, test::Test, workspace::Workspace,
};

/// Development tasks of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Runs the server with everything that it needs, on this machine alone.
    Dev(Dev),
    /// Runs every test against a private PostgreSQL and Redis.
    Test(Test),
    /// Changes the schema of the database that the environment or .env names, else of `dev`'s.
    #[command(subcommand)]
    Migrate(Migrate),
    /// Fills the database that the environment or .env names, else `dev`'s, with data to look at.
    Seed(Seed),
    /// Asks the API for everything that its description allows and forbids, in everybody's name.
    Fuzz(Fuzz),
    /// Runs the payment provider of `dev` alone.
    Simplefi,
    /// Writes the description of the API to docs/openapi.json.
    Openapi,
    /// Opens the pages of the server in Chromium, and uses them.
    Browser(Browser),
    /// Generates clients in TypeScript and Python from docs/openapi.json, and compiles them.
    Clients(Clients),
    /// Fails when the workspace breaks a rule of its own.
    Check(Check),
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
    let workspace = Workspace::find()?;
    if let Task::Check(check) = task {
        return check.run(&workspace);
    }
    if let Task::Migrate(Migrate::New { name }) = &task {
        return new_migration::write(&workspace.root.join("migration/src"), name);
    }
    // From here on servers run, which Ctrl-C has to stop in their order.
    let interrupts = Interrupts::listen()?;
    match task {
        Task::Dev(dev) => dev.run(&workspace, interrupts).await,
        Task::Test(test) => test.run(&workspace, interrupts).await,
        Task::Migrate(migrate) => migrate.run(&workspace).await,
        Task::Seed(seed) => seed.run(&workspace, interrupts).await,
        Task::Fuzz(fuzz) => fuzz.run(&workspace, interrupts).await,
        Task::Simplefi => simplefi::run(&workspace, interrupts).await,
        Task::Openapi => openapi::write(&workspace, interrupts).await,
        Task::Browser(browser) => browser.run(&workspace, interrupts).await,
        Task::Clients(clients) => clients.run(&workspace, interrupts).await,
        Task::Check(_) => unreachable!("it needs no servers"),
    }
}
