//! The program `edgeos`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use edgeos_http::{
    commands,
    settings::{Problems, Settings},
};

/// EdgeOS: events, the people who come, and the organisations behind them.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (the default).
    Serve,
    /// Bring the database up to date, and make the first superadmin.
    Migrate,
    /// Print the settings, secrets masked, and everything that is wrong with them.
    Config,
    /// Ask the server on this machine whether it is healthy.
    Health,
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Cli::parse().command.unwrap_or(Command::Serve);
    let read = Settings::from_env();
    if let Command::Config = command {
        print!("{read}");
        return if read.settings.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let settings = match read.settings {
        Ok(settings) => settings,
        Err(Problems(problems)) => {
            eprintln!("The settings are not usable:");
            problems.iter().for_each(|problem| eprintln!("- {problem}"));
            eprintln!("`edgeos config` prints all of them.");
            return ExitCode::FAILURE;
        }
    };
    commands::start_log(settings.stage);
    let done = match command {
        Command::Serve => commands::serve(&settings).await,
        Command::Migrate => commands::migrate(&settings).await,
        Command::Config => Ok(()),
        Command::Health => commands::health(&settings).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("edgeos: {error:#}");
            ExitCode::FAILURE
        }
    }
}
