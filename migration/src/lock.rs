//! One at a time: servers that start together must not migrate or write first data side by side.
//!
//! The lock belongs to a session, so everything under it goes through one connection. When that is
//! lost, the lock is free.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{
        DatabaseConnection, RuntimeErr, SqlxPostgresConnector,
        sqlx::{
            error::DatabaseError,
            postgres::{PgConnectOptions, PgPoolOptions},
        },
    },
};

use crate::Migrator;

/// The advisory lock of migrations, first data and adoption. Any number will do that nobody else takes.
pub const LOCK_KEY: i64 = 0x6564_6765_6f73;

/// How long a migration waits for a table that is in use. Whoever comes after it waits behind it, so it lets them pass
/// then.
const LOCK_TIMEOUT: &str = "2s";

/// How often a migration tries to get its tables.
const TRIES: u32 = 20;

/// How long those who waited behind it have the tables for themselves, in seconds.
const PAUSE: &str = "SELECT pg_sleep(1)";

/// A pool of exactly one connection, which stays the same until it is closed.
///
/// # Errors
///
/// The database can't be reached or refuses the login.
pub async fn single_connection(options: PgConnectOptions) -> Result<DatabaseConnection, DbErr> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
        .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// Waits until nobody else holds the lock, then holds it until [`release`] or the end of the session.
/// Who holds it may take it again, and releases it as often.
///
/// # Errors
///
/// The database can't be reached.
pub async fn acquire(db: &DatabaseConnection) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("SELECT pg_advisory_lock({LOCK_KEY})")).await.map(drop)
}

/// Lets the next one go on.
///
/// # Errors
///
/// The database can't be reached; then the lock is free anyway.
pub async fn release(db: &DatabaseConnection) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("SELECT pg_advisory_unlock({LOCK_KEY})")).await.map(drop)
}

/// Runs the pending migrations under the lock, over a pool of [one connection](single_connection). A table that servers
/// use is asked for again and again, never for long.
///
/// # Errors
///
/// A migration failed, or its tables were in use all the time, and left no trace; those before it stay.
pub async fn migrate_up(db: &DatabaseConnection) -> Result<(), DbErr> {
    acquire(db).await?;
    let migrated = migrate_patiently(db).await;
    release(db).await?;
    migrated
}

async fn migrate_patiently(db: &DatabaseConnection) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("SET lock_timeout = '{LOCK_TIMEOUT}'")).await?;
    let mut tries = 1;
    let migrated = loop {
        match Migrator::up(db, None).await {
            Err(error) if tries < TRIES && is_lock_timeout(&error) => tries += 1,
            migrated => break migrated,
        }
        db.execute_unprepared(PAUSE).await?;
    };
    db.execute_unprepared("RESET lock_timeout").await?;
    migrated
}

fn is_lock_timeout(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    error.as_database_error().and_then(DatabaseError::code).as_deref() == Some("55P03")
}
