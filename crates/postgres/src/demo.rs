//! What only the owner of the database can do to demonstrations: take them out.

use edgeos_ports::{ChangeKind, StoreError};
use sea_orm::{
    prelude::Uuid,
    sqlx::{self, AssertSqlSafe, Connection, Executor, PgConnection, Postgres, query, query_as},
};

use crate::{
    PgSettings,
    error::sqlx_error,
    listen::{CHANNEL, print},
};

/// Every table whose rows policies guard, those that others refer to after those that refer to them, and by which
/// column its rows belong to a tenant or to a user.
const TABLES: &str = "
    WITH RECURSIVE refers AS (
        SELECT DISTINCT conrelid AS child, confrelid AS parent FROM pg_constraint
        WHERE contype = 'f' AND conrelid <> confrelid
    ), depth (id, steps) AS (
        SELECT oid, 0 FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relforcerowsecurity
        UNION
        SELECT refers.parent, depth.steps + 1 FROM depth JOIN refers ON refers.child = depth.id
    ), named AS (
        SELECT relname::text AS name, max(steps) AS steps,
               array(SELECT attname::text FROM pg_attribute
                     WHERE attrelid = id AND attnum > 0 AND NOT attisdropped) AS columns
        FROM depth JOIN pg_class ON oid = id GROUP BY id, relname
    )
    SELECT name, CASE WHEN name = 'tenants' THEN 'id'
                      WHEN 'tenant_id' = ANY (columns) THEN 'tenant_id'
                      WHEN 'user_id' = ANY (columns) THEN 'user_id' END
    FROM named ORDER BY steps, name";

/// Nobody else deletes people, so no index of theirs helps to find the groups that they invite to.
const INDEX: &str = "CREATE INDEX removal_of_demonstrations ON groups (tenant_id, ambassador_id)";

/// How long a table may be in use before the removal is given up.
const PATIENCE: &str = "SET LOCAL lock_timeout = '30s'";

/// Takes out every organisation that is marked as a demonstration, deleted or not, with everything in it, in one
/// transaction; their slugs. Connects as the owner, since the server itself may delete neither organisations nor what
/// was remembered of them. Servers wait meanwhile.
///
/// # Errors
///
/// [`StoreError::Busy`] when a server is busy for too long; then nothing has changed.
pub async fn remove_demonstrations(settings: &PgSettings) -> Result<Vec<String>, StoreError> {
    remove(settings).await.map_err(sqlx_error)
}

async fn remove(settings: &PgSettings) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = PgConnection::connect_with(&settings.owner_options()).await?;
    let mut tx = connection.begin().await?;
    tx.execute(PATIENCE).await?;
    let tables: Vec<(String, Option<String>)> = query_as(TABLES).fetch_all(&mut *tx).await?;
    alter(&mut tx, "tenants", "NO FORCE").await?;
    let demos: Vec<(Uuid, String)> =
        query_as("SELECT id, slug FROM tenants WHERE is_demo ORDER BY slug")
            .fetch_all(&mut *tx)
            .await?;
    if demos.is_empty() {
        // Nobody was kept waiting for the other tables.
        return tx.rollback().await.map(|()| Vec::new());
    }
    // Who thinks that a table is small searches all of it for every row that is deleted.
    let names: Vec<&str> = tables.iter().map(|(table, _)| table.as_str()).collect();
    tx.execute(AssertSqlSafe(format!("ANALYZE {}", names.join(", ")))).await?;
    // Until the end of this transaction, the owner is held to no policy.
    for (table, _) in &tables {
        alter(&mut tx, table, "NO FORCE").await?;
    }
    let (ids, slugs): (Vec<Uuid>, Vec<String>) = demos.into_iter().unzip();
    query(
        "SELECT platform.drop_tenant_login(db_username) FROM tenant_credentials \
         WHERE tenant_id = ANY ($1)",
    )
    .bind(&ids)
    .execute(&mut *tx)
    .await?;
    tx.execute(INDEX).await?;
    for (table, column) in &tables {
        let rows = match column.as_deref() {
            Some("user_id") => "user_id IN (SELECT id FROM users WHERE tenant_id = ANY ($1))",
            Some("tenant_id") => "tenant_id = ANY ($1)",
            Some(_) => "id = ANY ($1)",
            None => continue,
        };
        let delete = format!("DELETE FROM {table} WHERE {rows}");
        query(AssertSqlSafe(delete)).bind(&ids).execute(&mut *tx).await?;
    }
    tx.execute("DROP INDEX removal_of_demonstrations").await?;
    for (table, _) in &tables {
        alter(&mut tx, table, "FORCE").await?;
    }
    for change in [ChangeKind::Tenant, ChangeKind::User] {
        query("SELECT pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(print(change))
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    connection.close().await?;
    Ok(slugs)
}

async fn alter(
    tx: &mut sqlx::Transaction<'_, Postgres>,
    table: &str,
    how: &str,
) -> Result<(), sqlx::Error> {
    let alter = format!("ALTER TABLE {table} {how} ROW LEVEL SECURITY");
    tx.execute(AssertSqlSafe(alter)).await.map(drop)
}
