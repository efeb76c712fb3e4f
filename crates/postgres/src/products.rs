mod lists;
mod rows;

use std::collections::{HashMap, HashSet};

use edgeos_domain::{ApplicationId, HumanId, PopupId, Product, ProductId, ProductSlug};
use edgeos_ports::{Deletion, Page, Paging, ProductFilter, ProductSort, Products, StoreError};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Unchanged},
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
    prelude::Uuid,
    sea_query::LockType,
};

use self::rows::row;
use crate::{
    PgTx,
    entity::product::{ActiveModel, Column, Entity},
    error::store_error,
    page::page,
};

impl Products for PgTx {
    async fn product(&mut self, id: ProductId) -> Result<Option<Product>, StoreError> {
        self.one_product(Entity::find_by_id((self.tenant.0, id.0))).await
    }

    async fn lock_product(&mut self, id: ProductId) -> Result<Option<Product>, StoreError> {
        // Rows that refer to the product may come meanwhile.
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::NoKeyUpdate);
        self.one_product(query).await
    }

    async fn products_of(
        &mut self,
        popup: PopupId,
        ids: &[ProductId],
    ) -> Result<Vec<Product>, StoreError> {
        self.all_products(self.among(popup, ids)).await
    }

    async fn lock_products(
        &mut self,
        popup: PopupId,
        ids: &[ProductId],
    ) -> Result<Vec<Product>, StoreError> {
        self.all_products(self.among(popup, ids).lock(LockType::NoKeyUpdate)).await
    }

    async fn taken_units(
        &mut self,
        popup: PopupId,
        ids: &[ProductId],
        buyer: ApplicationId,
    ) -> Result<HashMap<ProductId, i64>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        // What a pending payment will add stands in its plan. Older ones have none, and name what they
        // add, some in negative quantities.
        let rows = self
            .db
            .all::<TakenRow>(
                "SELECT product_id, sum(quantity)::bigint AS units FROM ( \
                 SELECT product_id, quantity FROM attendee_products \
                 WHERE tenant_id = $1 AND product_id = ANY($3) \
                 UNION ALL \
                 SELECT (added ->> 'product_id')::uuid, (added ->> 'quantity')::integer \
                 FROM payments p, jsonb_array_elements(p.settlement -> 'add') AS added \
                 WHERE p.tenant_id = $1 AND p.popup_id = $2 AND p.status = 'pending' \
                 AND p.application_id <> $4 AND (added ->> 'product_id')::uuid = ANY($3) \
                 UNION ALL \
                 SELECT s.product_id, greatest(s.quantity, 0) FROM payments p \
                 JOIN payment_products s ON s.tenant_id = p.tenant_id AND s.payment_id = p.id \
                 WHERE p.tenant_id = $1 AND p.popup_id = $2 AND p.status = 'pending' \
                 AND p.settlement IS NULL AND p.application_id <> $4 AND s.product_id = ANY($3) \
                 ) AS taken GROUP BY product_id",
                [self.tenant.0.into(), popup.0.into(), uuids(ids).into(), buyer.0.into()],
            )
            .await?;
        Ok(rows.into_iter().map(|row| (ProductId(row.product_id), row.units)).collect())
    }

    async fn products(
        &mut self,
        filter: &ProductFilter,
        sort: Option<ProductSort>,
        paging: Paging,
    ) -> Result<Page<Product>, StoreError> {
        let query = lists::sorted(self.matching_products(filter), sort);
        page(&self.db, query, paging).await.map_err(store_error)?.try_map(Product::try_from)
    }

    async fn shown_products(
        &mut self,
        filter: &ProductFilter,
        human: HumanId,
        paging: Paging,
    ) -> Result<Page<Product>, StoreError> {
        let query = lists::sorted(self.products_shown_to(human, filter), None);
        page(&self.db, query, paging).await.map_err(store_error)?.try_map(Product::try_from)
    }

    async fn product_slugs(
        &mut self,
        popup: PopupId,
        slug: Option<&ProductSlug>,
    ) -> Result<HashSet<String>, StoreError> {
        self.db
            .execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('product slugs|' || $1::text || '|' || $2::text, 0))",
                [self.tenant.0.into(), popup.0.into()],
            )
            .await?;
        let stem = slug.map(ProductSlug::stem).unwrap_or_default();
        let rows = self
            .db
            .all::<SlugRow>(
                "SELECT slug FROM products \
                 WHERE tenant_id = $1 AND popup_id = $2 AND starts_with(slug, $3)",
                [self.tenant.0.into(), popup.0.into(), stem.into()],
            )
            .await?;
        Ok(rows.into_iter().map(|row| row.slug).collect())
    }

    async fn insert_products(&mut self, products: &[Product]) -> Result<(), StoreError> {
        let rows = products.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        Entity::insert_many(rows).exec_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn update_product(&mut self, product: &Product) -> Result<(), StoreError> {
        let changed = ActiveModel {
            tenant_id: Unchanged(self.tenant.0),
            id: Unchanged(product.id.0),
            popup_id: NotSet,
            created_at: NotSet,
            ..row(product)?
        };
        changed.update_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn delete_product(&mut self, id: ProductId) -> Result<Deletion, StoreError> {
        // Rows that refer to the product can't come from here on.
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::Update);
        if self.one_product(query).await?.is_none() {
            return Ok(Deletion::Missing);
        }
        let deleted = self
            .db
            .execute(
                "DELETE FROM products p WHERE p.tenant_id = $1 AND p.id = $2 \
                 AND NOT EXISTS (SELECT 1 FROM attendee_products h \
                 WHERE h.tenant_id = p.tenant_id AND h.product_id = p.id) \
                 AND NOT EXISTS (SELECT 1 FROM payment_products s \
                 WHERE s.tenant_id = p.tenant_id AND s.product_id = p.id)",
                [self.tenant.0.into(), id.0.into()],
            )
            .await?;
        Ok(if deleted == 1 { Deletion::Done } else { Deletion::InUse })
    }
}

#[derive(FromQueryResult)]
struct TakenRow {
    product_id: Uuid,
    units: i64,
}

#[derive(FromQueryResult)]
struct SlugRow {
    slug: String,
}

impl PgTx {
    /// Those of `ids` that `popup` sells, by id.
    fn among(&self, popup: PopupId, ids: &[ProductId]) -> Select<Entity> {
        Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::PopupId.eq(popup.0))
            .filter(Column::Id.eq_any(uuids(ids)))
            .order_by_asc(Column::Id)
    }

    async fn one_product(&self, query: Select<Entity>) -> Result<Option<Product>, StoreError> {
        query.one(&self.db).await.map_err(store_error)?.map(Product::try_from).transpose()
    }

    async fn all_products(&self, query: Select<Entity>) -> Result<Vec<Product>, StoreError> {
        let rows = query.all(&self.db).await.map_err(store_error)?;
        rows.into_iter().map(Product::try_from).collect()
    }
}

fn uuids(ids: &[ProductId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}
