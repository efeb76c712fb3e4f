use edgeos_domain::{GroupId, Human, HumanId, PopupId};
use edgeos_ports::{GroupLeaders, StoreError};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, prelude::Uuid,
    sea_query::Expr,
};

use crate::{PgTx, entity::human, error::store_error};

impl GroupLeaders for PgTx {
    async fn leaders(&mut self, group: GroupId) -> Result<Vec<Human>, StoreError> {
        let leads = "EXISTS (SELECT 1 FROM group_leaders l WHERE l.tenant_id = humans.tenant_id \
                     AND l.human_id = humans.id AND l.group_id = $1)";
        let rows = human::Entity::find()
            .filter(human::Column::TenantId.eq(self.tenant.0))
            .filter(Expr::cust_with_values(leads, [group.0]))
            .order_by_asc(human::Column::Email)
            .order_by_asc(human::Column::Id)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Human::from).collect())
    }

    async fn is_leader(&mut self, group: GroupId, human: HumanId) -> Result<bool, StoreError> {
        let sql = "SELECT human_id AS id FROM group_leaders \
                   WHERE tenant_id = $1 AND group_id = $2 AND human_id = $3";
        let values = [self.tenant.0.into(), group.0.into(), human.0.into()];
        Ok(self.db.one::<IdRow>(sql, values).await?.is_some())
    }

    async fn insert_leader(&mut self, group: GroupId, human: HumanId) -> Result<bool, StoreError> {
        let sql = "INSERT INTO group_leaders (tenant_id, group_id, human_id) \
                   VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let values = [self.tenant.0.into(), group.0.into(), human.0.into()];
        Ok(self.db.execute(sql, values).await? == 1)
    }

    async fn delete_leader(&mut self, group: GroupId, human: HumanId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM group_leaders \
                   WHERE tenant_id = $1 AND group_id = $2 AND human_id = $3";
        let values = [self.tenant.0.into(), group.0.into(), human.0.into()];
        Ok(self.db.execute(sql, values).await? == 1)
    }

    async fn is_ambassador(&mut self, human: HumanId, popup: PopupId) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM groups WHERE tenant_id = $1 AND popup_id = $2 \
                   AND ambassador_id = $3 AND is_ambassador_group";
        let values = [self.tenant.0.into(), popup.0.into(), human.0.into()];
        Ok(self.db.one::<IdRow>(sql, values).await?.is_some())
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    #[expect(dead_code, reason = "that there is a row says enough")]
    id: Uuid,
}
