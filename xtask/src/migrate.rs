use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Subcommand;
use migration::{Migrator, lock};
use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{ConnectionTrait, DatabaseConnection},
};

use crate::{dev_database::DevDatabase, environment::Environment, workspace::Workspace};

/// `cargo xtask migrate …`
#[derive(Subcommand)]
pub(crate) enum Migrate {
    /// Runs the pending migrations.
    Up,
    /// Takes back the newest ones.
    Down {
        /// How many.
        #[arg(default_value_t = 1)]
        steps: u32,
        /// Do so although ENVIRONMENT isn't `dev`.
        #[arg(long)]
        yes: bool,
    },
    /// Prints which have run.
    Status,
    /// Deletes everything in the database, then runs all of them.
    Fresh {
        /// Do so although ENVIRONMENT isn't `dev`.
        #[arg(long)]
        yes: bool,
    },
    /// Begins a new one.
    New {
        /// What it does, like `add_check_ins`.
        name: String,
    },
}

/// Takes away the schema, and whatever else lies in the database.
const EMPTY: &str = "
DROP SCHEMA IF EXISTS platform CASCADE;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
GRANT USAGE ON SCHEMA public TO PUBLIC;
";

impl Migrate {
    pub(crate) async fn run(&self, workspace: &Workspace) -> Result<ExitCode> {
        let environment = Environment::load(&workspace.root)?;
        self.admit(&environment)?;
        let (owner, database) = if let Some(owner) = environment.owner()? {
            (owner, None)
        } else {
            let database = DevDatabase::find_or_start(workspace).await?;
            (database.owner(), Some(database))
        };
        eprintln!(
            "Database {} on {}:{}",
            owner.get_database().unwrap_or_default(),
            owner.get_host(),
            owner.get_port()
        );
        let db = lock::single_connection(owner).await?;
        lock::acquire(&db).await?;
        let done = self.change(&db).await;
        lock::release(&db).await?;
        db.close().await?;
        if let Some(database) = database {
            database.stop()?;
        }
        done?;
        Ok(ExitCode::SUCCESS)
    }

    /// What destroys data is asked for twice where they may matter.
    fn admit(&self, environment: &Environment) -> Result<()> {
        if let Self::Down { yes, .. } | Self::Fresh { yes } = self {
            ensure!(
                *yes || environment.is_dev(),
                "this destroys data, and ENVIRONMENT is not `dev`: say --yes if you mean it"
            );
        }
        Ok(())
    }

    async fn change(&self, db: &DatabaseConnection) -> Result<()> {
        match self {
            Self::Up => lock::migrate_up(db).await?,
            Self::Down { steps, .. } => Migrator::down(db, Some(*steps)).await?,
            Self::Fresh { .. } => {
                db.execute_unprepared(EMPTY).await?;
                lock::migrate_up(db).await?;
            }
            Self::Status | Self::New { .. } => {}
        }
        for migration in Migrator::get_migration_with_status_read_only(db).await? {
            println!("{:<8} {}", migration.status().to_string(), migration.name());
        }
        Ok(())
    }
}
