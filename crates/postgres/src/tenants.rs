use edgeos_domain::{HostName, HumanId, Tenant, TenantId, TenantSlug};
use edgeos_ports::{Key, Page, Paging, StoreError, TenantFilter, Tenants};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{Expr, Func, LockType, extension::postgres::PgExpr},
};

use crate::{
    PgPlatformTx,
    entity::{
        tenant::{ActiveModel, Column, Entity, Model},
        tenant_label as label,
    },
    error::{store_error, stored},
    page::{containing, page},
};

impl Tenants for PgPlatformTx {
    async fn tenant(&mut self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let row = Entity::find_by_id(id.0).one(&self.db).await;
        row.map_err(store_error)?.map(Tenant::try_from).transpose()
    }

    async fn lock_tenant(&mut self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        // Tenants are never deleted: what is being written into one needn't be waited for.
        let row = Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate).one(&self.db).await;
        row.map_err(store_error)?.map(Tenant::try_from).transpose()
    }

    async fn tenants(
        &mut self,
        filter: &TenantFilter,
        paging: Paging,
    ) -> Result<Page<Tenant>, StoreError> {
        let query = Entity::find()
            .apply_if(filter.deleted, |query, deleted| query.filter(Column::Deleted.eq(deleted)))
            .apply_if(filter.search.as_deref(), |query, text| {
                query.filter(Expr::col(Column::Name).ilike(containing(text)))
            })
            .order_by_asc(Column::Deleted)
            .order_by_asc(Func::lower(Expr::col(Column::Name)))
            .order_by_asc(Column::Id);
        page(&self.db, query, paging).await.map_err(store_error)?.try_map(Tenant::try_from)
    }

    async fn every_tenant(&mut self) -> Result<Vec<TenantId>, StoreError> {
        let ids: Vec<Uuid> = Entity::find()
            .select_only()
            .column(Column::Id)
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(&self.db)
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(TenantId).collect())
    }

    async fn tenant_of_slug(&mut self, slug: &str) -> Result<Option<Tenant>, StoreError> {
        let query = Entity::find().filter(Column::Slug.eq(slug)).filter(Column::Deleted.eq(false));
        let row = query.one(&self.db).await.map_err(store_error)?;
        row.map(Tenant::try_from).transpose()
    }

    async fn tenant_of_active_domain(&mut self, host: &str) -> Result<Option<Tenant>, StoreError> {
        let query = Entity::find()
            .filter(Column::CustomDomain.eq(host))
            .filter(Column::CustomDomainActive.eq(true))
            .filter(Column::Deleted.eq(false));
        let row = query.one(&self.db).await.map_err(store_error)?;
        row.map(Tenant::try_from).transpose()
    }

    async fn active_domains(&mut self) -> Result<Vec<String>, StoreError> {
        Entity::find()
            .select_only()
            .column(Column::CustomDomain)
            .filter(Column::CustomDomainActive.eq(true))
            .filter(Column::Deleted.eq(false))
            .order_by_asc(Column::CustomDomain)
            .into_tuple()
            .all(&self.db)
            .await
            .map_err(store_error)
    }

    async fn tenant_of_human(&mut self, id: HumanId) -> Result<Option<TenantId>, StoreError> {
        let sql = "SELECT platform.tenant_of_human($1) AS id";
        let row = self.db.one::<MaybeId>(sql, [id.0.into()]).await?;
        Ok(row.and_then(|row| row.id).map(TenantId))
    }

    async fn tenant_of_group_slug(&mut self, slug: &str) -> Result<Option<TenantId>, StoreError> {
        let sql = "SELECT platform.tenant_of_group_slug($1) AS id";
        let row = self.db.one::<MaybeId>(sql, [slug.into()]).await?;
        Ok(row.and_then(|row| row.id).map(TenantId))
    }

    async fn insert_tenant(
        &mut self,
        tenant: &Tenant,
        labels: &[String],
    ) -> Result<(), StoreError> {
        Entity::insert(row(tenant)).exec_without_returning(&self.db).await.map_err(store_error)?;
        self.put_labels(tenant.id, labels).await
    }

    async fn update_tenant(
        &mut self,
        tenant: &Tenant,
        labels: &[String],
    ) -> Result<(), StoreError> {
        Entity::update(row(tenant)).exec(&self.db).await.map_err(store_error)?;
        self.put_labels(tenant.id, labels).await
    }
}

impl PgPlatformTx {
    /// Makes `labels` the ones that lead to `tenant`. The first is its slug, others come from its domain.
    async fn put_labels(&self, tenant: TenantId, labels: &[String]) -> Result<(), StoreError> {
        label::Entity::delete_many()
            .filter(label::Column::TenantId.eq(tenant.0))
            .filter(label::Column::Label.is_not_in(labels))
            .exec(&self.db)
            .await
            .map_err(store_error)?;
        for (place, label) in labels.iter().enumerate() {
            let sql = "INSERT INTO tenant_labels (label, tenant_id) VALUES ($1, $2)
                       ON CONFLICT (label) DO UPDATE SET label = excluded.label
                       WHERE tenant_labels.tenant_id = excluded.tenant_id";
            let ours = self.db.execute(sql, [label.as_str().into(), tenant.0.into()]).await?;
            if ours == 0 {
                let key = if place == 0 { Key::TenantSlug } else { Key::CustomDomain };
                return Err(StoreError::Taken(key));
            }
        }
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct MaybeId {
    id: Option<Uuid>,
}

fn row(tenant: &Tenant) -> ActiveModel {
    ActiveModel {
        id: Set(tenant.id.0),
        name: Set(tenant.name.clone()),
        slug: Set(tenant.slug.as_str().to_owned()),
        deleted: Set(tenant.deleted),
        sender_email: Set(tenant.sender_email.clone()),
        sender_name: Set(tenant.sender_name.clone()),
        image_url: Set(tenant.image_url.clone()),
        icon_url: Set(tenant.icon_url.clone()),
        logo_url: Set(tenant.logo_url.clone()),
        custom_domain: Set(tenant.custom_domain.as_ref().map(|host| host.as_str().to_owned())),
        custom_domain_active: Set(tenant.custom_domain_active),
        created_at: NotSet,
        is_demo: Set(tenant.is_demo),
    }
}

impl TryFrom<Model> for Tenant {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let custom_domain = row.custom_domain.as_deref().map(HostName::parse).transpose();
        Ok(Self {
            id: TenantId(row.id),
            name: row.name,
            slug: TenantSlug::stored(row.slug),
            deleted: row.deleted,
            sender_email: row.sender_email,
            sender_name: row.sender_name,
            image_url: row.image_url,
            icon_url: row.icon_url,
            logo_url: row.logo_url,
            custom_domain: stored("tenants", row.id, custom_domain)?,
            custom_domain_active: row.custom_domain_active,
            is_demo: row.is_demo,
        })
    }
}
