use edgeos_domain::{GroupId, ProductId};
use edgeos_ports::{GroupProducts, StoreError};

use crate::PgTx;

impl GroupProducts for PgTx {
    async fn list_product(&mut self, group: GroupId, product: ProductId) -> Result<(), StoreError> {
        let sql = "INSERT INTO group_products (tenant_id, group_id, product_id) \
                   VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        self.db.execute(sql, [self.tenant.0.into(), group.0.into(), product.0.into()]).await?;
        Ok(())
    }
}
