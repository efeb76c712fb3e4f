//! What a new installation gets before anybody can sign in. Called under the migration lock.

use std::sync::Arc;

use edgeos_app::first_superadmin::{FirstSuperadmin, ensure_superadmin};
use edgeos_ports::Environment;
use edgeos_postgres::PgStore;

use crate::{Machine, settings::Settings, wiring};

/// Makes the account that `SUPERADMIN` names, if nobody is superadmin.
///
/// # Errors
///
/// The address isn't one of a mailbox, or the database fails.
pub(crate) async fn first_superadmin(settings: &Settings) -> anyhow::Result<()> {
    let Some(email) = &settings.superadmin else {
        tracing::warn!("SUPERADMIN is not set: no superadmin is made");
        return Ok(());
    };
    let store = PgStore::connect(&settings.postgres);
    let env: Arc<dyn Environment> = Arc::new(Machine);
    match ensure_superadmin(&store, &env, email).await? {
        FirstSuperadmin::Present => {}
        FirstSuperadmin::Created => tracing::info!("the first superadmin is there"),
        FirstSuperadmin::Revived => tracing::info!("the first superadmin is there again"),
    }
    Ok(())
}

/// Makes the organisation `demo`, or what is missing of it, and says who may sign in.
///
/// # Errors
///
/// Nobody is superadmin, the slug is somebody else's, or the database fails.
pub(crate) async fn demo(settings: &Settings) -> anyhow::Result<()> {
    let seed = wiring::seed_demo(settings)?;
    let report = seed.seed().await?;
    println!("demo: {} created", report.created);
    for person in report.people {
        println!("  sign in as {person}");
    }
    Ok(())
}
