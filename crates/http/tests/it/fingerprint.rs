//! What is in a database, small enough to be compared.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use crate::patience::until;

/// How many rows each table has, and a checksum of them.
pub(crate) type Fingerprint = BTreeMap<String, (i64, String)>;

/// The fingerprint of a database, or of the rows of one tenant in it. Mail that is due goes out first.
pub(crate) async fn fingerprint(sql: &PgPool, tenant: Option<Uuid>) -> Fingerprint {
    let waiting = "SELECT (SELECT count(*) FROM outbox WHERE state = 'queued')
                        + (SELECT count(*) FROM platform_outbox WHERE state = 'queued')";
    until(async || sqlx::query_scalar::<_, i64>(waiting).fetch_one(sql).await.unwrap() == 0).await;

    let mut found = Fingerprint::new();
    for (table, owner) in tables(sql).await {
        let rows = match (tenant, owner) {
            (None, _) => format!("{table} r"),
            (Some(tenant), Some(owner)) => {
                format!("(SELECT * FROM {table} WHERE {owner} = '{tenant}') r")
            }
            (Some(_), None) => continue,
        };
        let query = format!(
            "SELECT count(*), coalesce(md5(string_agg(r::text, chr(10) ORDER BY r::text)), '') FROM {rows}"
        );
        let row = sqlx::query_as(AssertSqlSafe(query)).fetch_one(sql).await.unwrap();
        found.insert(table, row);
    }
    found
}

/// Every id and every address in the rows of a tenant.
pub(crate) async fn traces(sql: &PgPool, tenant: Uuid) -> Vec<String> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c
         JOIN information_schema.columns t ON t.table_schema = c.table_schema
             AND t.table_name = c.table_name AND t.column_name = 'tenant_id'
         WHERE c.table_schema = 'public' AND c.column_name IN ('id', 'email', 'to_email')",
    )
    .fetch_all(sql)
    .await
    .unwrap();
    let mut traces = vec![tenant.to_string()];
    for (table, column) in columns {
        let query = format!(
            "SELECT {column}::text FROM {table} WHERE tenant_id = $1 AND {column} IS NOT NULL"
        );
        let found = sqlx::query_scalar(AssertSqlSafe(query)).bind(tenant).fetch_all(sql).await;
        traces.extend(found.unwrap());
    }
    traces
}

/// The tables, each with the column that names a row's tenant.
async fn tables(sql: &PgPool) -> Vec<(String, Option<String>)> {
    sqlx::query_as(
        "SELECT t.table_name::text,
                CASE WHEN t.table_name = 'tenants' THEN 'id' ELSE c.column_name::text END
         FROM information_schema.tables t
         LEFT JOIN information_schema.columns c ON c.table_schema = t.table_schema
             AND c.table_name = t.table_name AND c.column_name = 'tenant_id'
         WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE'",
    )
    .fetch_all(sql)
    .await
    .unwrap()
}
