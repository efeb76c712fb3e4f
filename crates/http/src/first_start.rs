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

/// Makes the demonstrations that are missing, and says who may sign in; with `if_empty`, only where there is no
/// organisation at all.
///
/// # Errors
///
/// Somebody else has a slug or an address of theirs, or the database fails.
pub(crate) async fn demo(settings: &Settings, if_empty: bool) -> anyhow::Result<()> {
    let seed = wiring::seed_demo(settings)?;
    let report = if if_empty && seed.is_populated().await? {
        seed.seeded().await?
    } else {
        Some(seed.seed().await?)
    };
    let Some(report) = report else {
        println!("demo: nothing created, as there are organisations already");
        return Ok(());
    };
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
