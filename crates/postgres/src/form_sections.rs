use std::collections::HashMap;

use edgeos_domain::{FormSection, PopupId, SectionId, TenantId};
use edgeos_ports::{FormSections, Page, Paging, StoreError};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Expr, LockType},
};

use crate::{
    PgTx,
    entity::{
        field_config, form_field,
        form_section::{ActiveModel, Column, Entity, Model},
    },
    error::store_error,
    page::page,
};

impl FormSections for PgTx {
    async fn form_sections(
        &mut self,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<FormSection>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .apply_if(popup, |query, popup| query.filter(Column::PopupId.eq(popup.0)))
            .order_by_asc(Column::Order)
            .order_by_asc(Column::Id);
        Ok(page(&self.db, query, paging).await.map_err(store_error)?.map(FormSection::from))
    }

    async fn form_section(&mut self, id: SectionId) -> Result<Option<FormSection>, StoreError> {
        self.one_section(Entity::find_by_id((self.tenant.0, id.0))).await
    }

    async fn lock_form_section(
        &mut self,
        id: SectionId,
    ) -> Result<Option<FormSection>, StoreError> {
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::NoKeyUpdate);
        self.one_section(query).await
    }

    async fn section_labels(
        &mut self,
        ids: &[SectionId],
    ) -> Result<HashMap<SectionId, String>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let labels: Vec<(Uuid, String)> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::Label])
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::Id.is_in(ids.iter().map(|id| id.0)))
            .into_tuple()
            .all(&self.db)
            .await
            .map_err(store_error)?;
        Ok(labels.into_iter().map(|(id, label)| (SectionId(id), label)).collect())
    }

    async fn insert_form_section(&mut self, section: &FormSection) -> Result<(), StoreError> {
        Entity::insert(row(section)).exec_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn update_form_section(&mut self, section: &FormSection) -> Result<(), StoreError> {
        let changed = ActiveModel {
            tenant_id: Unchanged(self.tenant.0),
            id: Unchanged(section.id.0),
            popup_id: NotSet,
            protected: NotSet,
            ..row(section)
        };
        changed.update_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn delete_form_section(&mut self, id: SectionId) -> Result<(), StoreError> {
        let nowhere = || Expr::value(None::<Uuid>);
        form_field::Entity::update_many()
            .col_expr(form_field::Column::SectionId, nowhere())
            .filter(form_field::Column::TenantId.eq(self.tenant.0))
            .filter(form_field::Column::SectionId.eq(id.0))
            .exec(&self.db)
            .await
            .map_err(store_error)?;
        field_config::Entity::update_many()
            .col_expr(field_config::Column::SectionId, nowhere())
            .filter(field_config::Column::TenantId.eq(self.tenant.0))
            .filter(field_config::Column::SectionId.eq(id.0))
            .exec(&self.db)
            .await
            .map_err(store_error)?;
        Entity::delete_many()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::Id.eq(id.0))
            .exec(&self.db)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

impl PgTx {
    async fn one_section(&self, query: Select<Entity>) -> Result<Option<FormSection>, StoreError> {
        Ok(query.one(&self.db).await.map_err(store_error)?.map(FormSection::from))
    }
}

pub(crate) fn row(section: &FormSection) -> ActiveModel {
    ActiveModel {
        tenant_id: Set(section.tenant.0),
        id: Set(section.id.0),
        popup_id: Set(section.popup.0),
        label: Set(section.label.clone()),
        description: Set(section.description.clone()),
        order: Set(section.order),
        protected: Set(section.protected),
    }
}

impl From<Model> for FormSection {
    fn from(row: Model) -> Self {
        Self {
            id: SectionId(row.id),
            tenant: TenantId(row.tenant_id),
            popup: PopupId(row.popup_id),
            label: row.label,
            description: row.description,
            order: row.order,
            protected: row.protected,
        }
    }
}
