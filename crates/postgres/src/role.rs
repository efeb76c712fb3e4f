use edgeos_ports::StoreError;
use sea_orm::sqlx;

use crate::{PgStore, error::sqlx_error};

/// What makes a role too strong to serve requests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server works as the database role `{role}`, which could pass over row-level security: {}", .powers.join(", "))]
pub struct RoleTooStrong {
    /// The role that the server's statements run as.
    pub role: String,
    /// What it could do.
    pub powers: Vec<String>,
}

impl PgStore {
    /// Which powers over row-level security the server's role has; `None` is as it should be.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the database can't be reached.
    pub async fn check_role(&self) -> Result<Option<RoleTooStrong>, StoreError> {
        let (role, powers): (String, Vec<String>) = sqlx::query_as(
            "SELECT current_user::text, array_remove(ARRAY[
                 CASE WHEN r.rolsuper THEN 'it is a superuser' END,
                 CASE WHEN r.rolbypassrls THEN 'it has BYPASSRLS' END,
                 CASE WHEN r.rolcreaterole THEN 'it has CREATEROLE' END,
                 CASE WHEN EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                   WHERE c.relkind IN ('r', 'p') AND c.relowner = r.oid
                                     AND n.nspname NOT IN ('pg_catalog', 'information_schema'))
                      THEN 'it owns tables' END,
                 CASE WHEN EXISTS (SELECT FROM pg_roles o WHERE o.rolname <> r.rolname
                                     AND (o.rolsuper OR o.rolbypassrls OR o.rolcreaterole
                                          OR o.rolname = 'edgeos_lookup'
                                          OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                                     WHERE c.relowner = o.oid AND n.nspname = 'public'))
                                     AND pg_has_role(r.oid, o.oid, 'MEMBER'))
                      THEN 'it is a member of a role with such powers' END
             ], NULL)
             FROM pg_roles r WHERE r.rolname = current_user",
        )
        .fetch_one(self.pool())
        .await
        .map_err(sqlx_error)?;
        Ok((!powers.is_empty()).then_some(RoleTooStrong { role, powers }))
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when there is none in time.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(self.pulse()).await.map(drop).map_err(sqlx_error)
    }
}
