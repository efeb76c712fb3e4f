//! The program `edgeos`.

use std::process::ExitCode;

use clap::{Parser, Subcommand, value_parser};
use edgeos_http::{
    commands,
    settings::{Problems, Settings, Stage},
};

/// The exit code of a command that would be unwise in this installation.
const UNWISE: u8 = 3;

/// EdgeOS: events, the people who come, and the organisations behind them.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Command {
    /// Serve the API (the default).
    Serve,
    /// Bring the database up to date, and make the first superadmin.
    Migrate,
    /// Fill the database with data to look at.
    Seed {
        /// What to fill it with (`demo`, if nothing is said).
        #[command(subcommand)]
        what: Option<Data>,
        /// Do so although this is a rehearsal.
        #[arg(long, global = true)]
        yes_in_staging: bool,
        /// Do so although this is the real thing.
        #[arg(long, global = true)]
        yes_in_production: bool,
    },
    /// Print the settings, secrets masked, and everything that is wrong with them.
    Config,
    /// Print the description of the API.
    Openapi,
    /// Ask the server on this machine whether it is healthy.
    Health,
    /// Render an organiser's template for a server, which starts this.
    #[command(hide = true)]
    RenderTemplate,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Data {
    /// Organisations with events and people in every state.
    Demo {
        /// Take them out again, with everything in them.
        #[arg(long)]
        remove: bool,
        /// Only where there is no organisation at all.
        #[arg(long, conflicts_with = "remove")]
        if_empty: bool,
    },
    /// Organisations with many people, for long lists and heavy loads. `demo --remove` takes them out, too.
    Scale {
        /// How many people there shall be in all.
        #[arg(long, default_value_t = 10_000, value_parser = value_parser!(u64).range(1..=50_000_000))]
        humans: u64,
        /// Over how many organisations they are spread.
        #[arg(long, default_value_t = 1, value_parser = value_parser!(u64).range(1..=10_000))]
        tenants: u64,
    },
}

fn main() -> ExitCode {
    match Cli::parse().command.unwrap_or(Command::Serve) {
        // Before there is anything that it could do harm to.
        Command::RenderTemplate => commands::render_template(),
        Command::Openapi => {
            print!("{}", edgeos_http::description());
            ExitCode::SUCCESS
        }
        command => run(command),
    }
}

#[tokio::main]
async fn run(command: Command) -> ExitCode {
    let read = Settings::from_env();
    if let Command::Config = command {
        print!("{read}");
        return if read.settings.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let settings = match read.settings {
        Ok(settings) => settings,
        Err(Problems(problems)) => {
            eprintln!("The settings are not usable:");
            for problem in problems {
                eprintln!("- {problem}");
            }
            eprintln!("`edgeos config` prints all of them.");
            return ExitCode::FAILURE;
        }
    };
    commands::start_log(settings.stage);
    if let Command::Serve = command {
        let shown: Vec<_> = read.shown.iter().map(ToString::to_string).collect();
        tracing::info!("settings: {}", shown.join(" "));
    }
    let done = match command {
        Command::Serve => commands::serve(&settings).await,
        Command::Migrate => commands::migrate(&settings).await,
        Command::Seed { what: Some(Data::Demo { remove: true, .. }), .. } => {
            commands::remove_demo(&settings).await
        }
        Command::Seed { what, yes_in_staging, yes_in_production } => {
            let wise = match settings.stage {
                Stage::Dev => true,
                Stage::Staging => yes_in_staging,
                Stage::Production => yes_in_production,
            };
            if !wise {
                eprintln!("This is not a development installation: say --yes-in-… if you mean it.");
                return UNWISE.into();
            }
            match what {
                None => commands::seed_demo(&settings, false).await,
                Some(Data::Demo { if_empty, .. }) => commands::seed_demo(&settings, if_empty).await,
                Some(Data::Scale { humans, tenants }) => {
                    commands::seed_scale(&settings, humans, tenants).await
                }
            }
        }
        Command::Config | Command::Openapi | Command::RenderTemplate => Ok(()),
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
