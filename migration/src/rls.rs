//! Who may touch which rows of which table: the one template of all policies and grants.

use sea_orm_migration::prelude::*;

/// The tenant that the transaction is opened for; null without one.
const SCOPE: &str = "(SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)";

/// Whether the transaction is opened for the global tables.
const PLATFORM: &str = "(SELECT current_setting('app.platform', true)) = 'on'";

/// The tenant that the login of the session belongs to; null for the server.
const LOGIN: &str = "(SELECT platform.tenant_of_login())";

/// What may happen to a row once it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// It may be changed and deleted.
    Change,
    /// It stays as it was written; only the deletion of its parent takes it away.
    Stay,
}

impl Rows {
    fn writes(self) -> &'static str {
        match self {
            Self::Change => "SELECT, INSERT, UPDATE, DELETE",
            Self::Stay => "SELECT, INSERT",
        }
    }
}

/// Keeps each row of `table` to its tenant, for the server and for the tenants' own logins.
pub(crate) async fn tenant_table(
    manager: &SchemaManager<'_>,
    table: &str,
    rows: Rows,
) -> Result<(), DbErr> {
    let (own, writes) = (format!("tenant_id = {LOGIN}"), rows.writes());
    server_table(manager, table, rows).await?;
    run(
        manager,
        &format!(
            "CREATE POLICY tenant_login_rows ON {table} TO tenant_role, tenant_viewer_role
                 USING ({own}) WITH CHECK ({own});
             GRANT {writes} ON {table} TO tenant_role;
             GRANT SELECT ON {table} TO tenant_viewer_role;"
        ),
    )
    .await
}

/// Keeps each row of `table` to its tenant, for the server alone.
pub(crate) async fn server_table(
    manager: &SchemaManager<'_>,
    table: &str,
    rows: Rows,
) -> Result<(), DbErr> {
    let (own, writes) = (format!("tenant_id = {SCOPE}"), rows.writes());
    secure(manager, table).await?;
    run(
        manager,
        &format!(
            "CREATE POLICY tenant_rows ON {table} TO edgeos_app USING ({own}) WITH CHECK ({own});
             GRANT {writes} ON {table} TO edgeos_app;"
        ),
    )
    .await
}

/// Keeps a global `table` to transactions of the platform.
pub(crate) async fn platform_table(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    platform_rows(manager, table).await?;
    run(manager, &format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO edgeos_app;")).await
}

/// Keeps `tenants` and `users` to transactions of the platform, and shows a tenant what concerns it.
/// Their rows are never deleted.
pub(crate) async fn guarded_tables(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    platform_rows(manager, "tenants").await?;
    platform_rows(manager, "users").await?;
    run(
        manager,
        &format!(
            "CREATE POLICY own_row ON tenants FOR SELECT TO edgeos_app USING (id = {SCOPE});
             CREATE POLICY own_row_login ON tenants FOR SELECT TO tenant_role, tenant_viewer_role
                 USING (id = {LOGIN});
             -- Superadmins vote in every tenant, so each tenant may read their names.
             CREATE POLICY tenant_users ON users FOR SELECT TO edgeos_app
                 USING (tenant_id = {SCOPE} OR (role = 'superadmin' AND {SCOPE} IS NOT NULL));
             GRANT SELECT, INSERT, UPDATE ON tenants, users TO edgeos_app;
             GRANT SELECT ON tenants TO tenant_role, tenant_viewer_role;"
        ),
    )
    .await
}

/// Shows `columns` of every row of `table` to the functions that tell a row's tenant.
pub(crate) async fn lookup(
    manager: &SchemaManager<'_>,
    table: &str,
    columns: &str,
) -> Result<(), DbErr> {
    run(
        manager,
        &format!(
            "CREATE POLICY lookup_rows ON {table} FOR SELECT TO edgeos_lookup USING (true);
             GRANT SELECT ({columns}) ON {table} TO edgeos_lookup;"
        ),
    )
    .await
}

/// Gives a look-up function, named with its argument types, to `edgeos_lookup`, whose rows it reads,
/// and lets only `callers` execute it.
pub(crate) async fn lookup_function(
    manager: &SchemaManager<'_>,
    function: &str,
    callers: &str,
) -> Result<(), DbErr> {
    owner_function(manager, function, callers).await?;
    // A function's new owner must be able to create it where it is, at that moment only.
    run(
        manager,
        &format!(
            "GRANT CREATE ON SCHEMA platform TO edgeos_lookup;
             ALTER FUNCTION platform.{function} OWNER TO edgeos_lookup;
             REVOKE CREATE ON SCHEMA platform FROM edgeos_lookup;"
        ),
    )
    .await
}

/// Lets only `callers` execute a function, named with its argument types, that works with the owner's
/// rights.
pub(crate) async fn owner_function(
    manager: &SchemaManager<'_>,
    function: &str,
    callers: &str,
) -> Result<(), DbErr> {
    run(
        manager,
        &format!(
            "REVOKE ALL ON FUNCTION platform.{function} FROM PUBLIC;
             GRANT EXECUTE ON FUNCTION platform.{function} TO {callers};"
        ),
    )
    .await
}

/// Runs the statements of `sql`.
pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(drop)
}

async fn platform_rows(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    secure(manager, table).await?;
    run(
        manager,
        &format!(
            "CREATE POLICY platform_rows ON {table} TO edgeos_app
                 USING ({PLATFORM}) WITH CHECK ({PLATFORM});"
        ),
    )
    .await
}

/// Without a policy a secured table shows nothing, to its owner neither.
async fn secure(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    run(
        manager,
        &format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"),
    )
    .await
}
