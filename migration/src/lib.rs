//! Every table, policy, function and role of the database, written out as SQL.

use sea_orm_migration::prelude::*;

pub mod lock;
mod m20261124_000001_platform;
mod m20261124_000002_tenants_users;
mod m20261124_000003_people;
mod m20261124_000004_popups_catalogue;
mod m20261124_000005_groups;
mod m20261124_000006_forms;
mod m20261124_000007_applications;
mod m20261124_000008_attendees;
mod m20261124_000009_money;
mod m20261124_000010_mail;
mod m20261124_000011_idempotency_audit;
mod m20261124_000012_lookups;
mod m20261124_000013_logins;
mod m20261124_000014_readable_values;
mod m20261126_000015_payment_history;
mod rls;

/// The migrations, oldest first. They run as the owner of the schema; what runs them at start-up holds
/// the [`lock`].
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_platform::Migration),
            Box::new(m20261124_000002_tenants_users::Migration),
            Box::new(m20261124_000003_people::Migration),
            Box::new(m20261124_000004_popups_catalogue::Migration),
            Box::new(m20261124_000005_groups::Migration),
            Box::new(m20261124_000006_forms::Migration),
            Box::new(m20261124_000007_applications::Migration),
            Box::new(m20261124_000008_attendees::Migration),
            Box::new(m20261124_000009_money::Migration),
            Box::new(m20261124_000010_mail::Migration),
            Box::new(m20261124_000011_idempotency_audit::Migration),
            Box::new(m20261124_000012_lookups::Migration),
            Box::new(m20261124_000013_logins::Migration),
            Box::new(m20261124_000014_readable_values::Migration),
            Box::new(m20261126_000015_payment_history::Migration),
        ]
    }
}

/// The name of the newest migration.
///
/// # Panics
///
/// Never: there are migrations.
#[must_use]
pub fn latest() -> String {
    let migrations = Migrator::migrations();
    migrations.last().expect("there are migrations").name().to_owned()
}

/// The names of the migrations that `db` lacks, oldest first. Changes nothing.
///
/// # Errors
///
/// The database can't be read, or has migrations that are not known here: a newer version migrated it.
pub async fn pending(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let pending = Migrator::get_pending_migrations_read_only(db).await?;
    Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
}
