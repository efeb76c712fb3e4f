use chrono::{DateTime, Utc};
use edgeos_domain::{PaymentId, TenantId};
use edgeos_ports::{PaymentTenants, StoreError};
use sea_orm::{FromQueryResult, prelude::Uuid};

use crate::PgPlatformTx;

impl PaymentTenants for PgPlatformTx {
    async fn tenant_of_payment(&mut self, id: PaymentId) -> Result<Option<TenantId>, StoreError> {
        let sql = "SELECT platform.tenant_of_payment($1) AS id";
        let row = self.db.one::<MaybeId>(sql, [id.0.into()]).await?;
        Ok(row.and_then(|row| row.id).map(TenantId))
    }

    async fn tenant_of_external_payment(
        &mut self,
        external_id: &str,
    ) -> Result<Option<TenantId>, StoreError> {
        let sql = "SELECT platform.tenant_of_external_payment($1) AS id";
        let row = self.db.one::<MaybeId>(sql, [external_id.into()]).await?;
        Ok(row.and_then(|row| row.id).map(TenantId))
    }

    async fn tenants_with_stale_payments(
        &mut self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<TenantId>, StoreError> {
        let sql = "SELECT t.id FROM platform.tenants_with_stale_payments($1, $2) AS t(id)";
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let rows = self.db.all::<MaybeId>(sql, [before.into(), limit.into()]).await?;
        Ok(rows.into_iter().filter_map(|row| row.id).map(TenantId).collect())
    }
}

#[derive(FromQueryResult)]
struct MaybeId {
    id: Option<Uuid>,
}
