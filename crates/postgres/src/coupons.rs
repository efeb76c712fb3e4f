use edgeos_domain::{Coupon, CouponCode, CouponId, CouponPercent, Period, PopupId, TenantId};
use edgeos_ports::{CouponFilter, Coupons, Page, Paging, StoreError};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{LockType, extension::postgres::PgExpr},
};

use crate::{
    PgTx,
    entity::coupon::{ActiveModel, Column, Entity, Model},
    error::{store_error, stored},
    page::{containing, page},
};

impl Coupons for PgTx {
    async fn coupon(&mut self, id: CouponId) -> Result<Option<Coupon>, StoreError> {
        self.one_coupon(Entity::find_by_id((self.tenant.0, id.0))).await
    }

    async fn lock_coupon(&mut self, id: CouponId) -> Result<Option<Coupon>, StoreError> {
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::NoKeyUpdate);
        self.one_coupon(query).await
    }

    async fn coupon_by_code(
        &mut self,
        popup: PopupId,
        code: &CouponCode,
    ) -> Result<Option<Coupon>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::PopupId.eq(popup.0))
            .filter(Column::Code.eq(code.as_str()));
        self.one_coupon(query).await
    }

    async fn coupons(
        &mut self,
        filter: &CouponFilter,
        paging: Paging,
    ) -> Result<Page<Coupon>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .apply_if(filter.popup, |query, popup| query.filter(Column::PopupId.eq(popup.0)))
            .apply_if(filter.is_active, |query, active| query.filter(Column::IsActive.eq(active)))
            .apply_if(filter.search.as_deref(), |query, text| {
                query.filter(Column::Code.into_expr().ilike(containing(text)))
            })
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id);
        page(&self.db, query, paging).await.map_err(store_error)?.try_map(Coupon::try_from)
    }

    async fn insert_coupon(&mut self, coupon: &Coupon) -> Result<(), StoreError> {
        let row = row(coupon)?;
        Entity::insert(row).exec_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn update_coupon(&mut self, coupon: &Coupon) -> Result<(), StoreError> {
        let changed = ActiveModel {
            tenant_id: Unchanged(self.tenant.0),
            id: Unchanged(coupon.id.0),
            popup_id: NotSet,
            current_uses: NotSet,
            created_at: NotSet,
            ..row(coupon)?
        };
        changed.update_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn delete_coupon(&mut self, id: CouponId) -> Result<bool, StoreError> {
        // Payments are locked before coupons, here as elsewhere. The popup is locked: there are no others.
        self.db
            .execute(
                "SELECT FROM payments WHERE tenant_id = $1 AND coupon_id = $2 \
                 ORDER BY id FOR NO KEY UPDATE",
                [self.tenant.0.into(), id.0.into()],
            )
            .await?;
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::Update);
        if self.one_coupon(query).await?.is_none() {
            return Ok(false);
        }
        self.db
            .execute(
                "UPDATE payments SET coupon_id = NULL, updated_at = now() \
                 WHERE tenant_id = $1 AND coupon_id = $2",
                [self.tenant.0.into(), id.0.into()],
            )
            .await?;
        let deleted = Entity::delete_by_id((self.tenant.0, id.0)).exec(&self.db).await;
        Ok(deleted.map_err(store_error)?.rows_affected == 1)
    }

    async fn claim_coupon_use(&mut self, id: CouponId) -> Result<bool, StoreError> {
        let claimed = self
            .db
            .execute(
                "UPDATE coupons SET current_uses = current_uses + 1 \
                 WHERE tenant_id = $1 AND id = $2 AND (max_uses IS NULL OR current_uses < max_uses)",
                [self.tenant.0.into(), id.0.into()],
            )
            .await?;
        Ok(claimed == 1)
    }

    async fn reclaim_coupon_use(&mut self, id: CouponId) -> Result<(), StoreError> {
        self.db
            .execute(
                "UPDATE coupons SET current_uses = current_uses + 1 WHERE tenant_id = $1 AND id = $2",
                [self.tenant.0.into(), id.0.into()],
            )
            .await?;
        Ok(())
    }

    async fn release_coupon_use(&mut self, id: CouponId) -> Result<(), StoreError> {
        self.db
            .execute(
                "UPDATE coupons SET current_uses = current_uses - 1 \
                 WHERE tenant_id = $1 AND id = $2 AND current_uses > 0",
                [self.tenant.0.into(), id.0.into()],
            )
            .await?;
        Ok(())
    }
}

impl PgTx {
    async fn one_coupon(&self, query: Select<Entity>) -> Result<Option<Coupon>, StoreError> {
        query.one(&self.db).await.map_err(store_error)?.map(Coupon::try_from).transpose()
    }
}

fn row(coupon: &Coupon) -> Result<ActiveModel, StoreError> {
    let max_uses = coupon.max_uses.map(i32::try_from).transpose();
    Ok(ActiveModel {
        tenant_id: Set(coupon.tenant.0),
        id: Set(coupon.id.0),
        popup_id: Set(coupon.popup.0),
        code: Set(coupon.code.as_str().to_owned()),
        discount_value: Set(coupon.discount.percent().into()),
        max_uses: Set(stored("coupons", coupon.id.0, max_uses)?),
        current_uses: Set(stored("coupons", coupon.id.0, i32::try_from(coupon.current_uses))?),
        start_date: Set(coupon.period.start()),
        end_date: Set(coupon.period.end()),
        is_active: Set(coupon.is_active),
        created_at: Set(coupon.created_at),
        updated_at: Set(coupon.updated_at),
    })
}

impl TryFrom<Model> for Coupon {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let max_uses = row.max_uses.map(u32::try_from).transpose();
        Ok(Self {
            id: CouponId(row.id),
            tenant: TenantId(row.tenant_id),
            popup: PopupId(row.popup_id),
            code: CouponCode::stored(row.code),
            discount: stored("coupons", row.id, CouponPercent::stored(row.discount_value))?,
            max_uses: stored("coupons", row.id, max_uses)?,
            current_uses: stored("coupons", row.id, u32::try_from(row.current_uses))?,
            period: Period::stored(row.start_date, row.end_date),
            is_active: row.is_active,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
