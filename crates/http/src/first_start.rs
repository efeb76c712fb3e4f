//! What a new installation gets before anybody can sign in.

use std::{sync::Arc, time::Instant};

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
        FirstSuperadmin::Created => tracing::info!("the first superadmin is there"),
        // The use case has warned of who is revived.
        FirstSuperadmin::Present | FirstSuperadmin::Revived => {}
    }
    Ok(())
}

/// Makes the demonstrations that are missing, and says who may sign in.
///
/// # Errors
///
/// Somebody else has a slug or an address of theirs, or the database fails.
pub(crate) async fn demo(settings: &Settings) -> anyhow::Result<()> {
    let report = wiring::seed_demo(settings)?.seed().await?;
    println!("demo: {}", report.made);
    println!("sign in to the backoffice as");
    for (email, role, tenant) in report.staff {
        println!("  {email} ({role} of {tenant})");
    }
    println!("sign in to a portal as one of these, or as anybody else");
    for (email, tenant) in report.people {
        println!("  {email} ({tenant})");
    }
    Ok(())
}

/// Makes organisations with many people, and says how long that took.
///
/// # Errors
///
/// As for [`demo`].
pub(crate) async fn scale(settings: &Settings, humans: u64, tenants: u64) -> anyhow::Result<()> {
    let began = Instant::now();
    let made = wiring::seed_demo(settings)?.scale(humans, tenants).await?;
    println!("scale: {made}");
    println!("  in {:.1} seconds", began.elapsed().as_secs_f32());
    println!("sign in to the backoffice as");
    for number in 1..=tenants {
        println!("  admin@scale-{number}.example.com (admin of scale-{number})");
    }
    Ok(())
}

/// Whether there is any organisation.
///
/// # Errors
///
/// The database fails.
pub(crate) async fn is_populated(settings: &Settings) -> anyhow::Result<bool> {
    Ok(wiring::seed_demo(settings)?.is_populated().await?)
}
