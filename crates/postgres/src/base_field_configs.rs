use edgeos_domain::{FieldConfig, FieldConfigId, PopupId, SectionId, TenantId};
use edgeos_ports::{BaseFieldConfigs, StoreError};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::LockType,
};

use crate::{
    PgTx,
    entity::field_config::{ActiveModel, Column, Entity, Model},
    error::store_error,
};

impl BaseFieldConfigs for PgTx {
    async fn field_configs(&mut self, popup: PopupId) -> Result<Vec<FieldConfig>, StoreError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::PopupId.eq(popup.0))
            .order_by_asc(Column::Position)
            .order_by_asc(Column::Id)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(FieldConfig::from).collect())
    }

    async fn field_config(&mut self, id: FieldConfigId) -> Result<Option<FieldConfig>, StoreError> {
        self.one_config(Entity::find_by_id((self.tenant.0, id.0))).await
    }

    async fn lock_field_config(
        &mut self,
        id: FieldConfigId,
    ) -> Result<Option<FieldConfig>, StoreError> {
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::NoKeyUpdate);
        self.one_config(query).await
    }

    async fn update_field_config(&mut self, config: &FieldConfig) -> Result<(), StoreError> {
        let changed = ActiveModel {
            tenant_id: Unchanged(self.tenant.0),
            id: Unchanged(config.id.0),
            popup_id: NotSet,
            field_name: NotSet,
            ..row(config)
        };
        changed.update_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }
}

impl PgTx {
    async fn one_config(&self, query: Select<Entity>) -> Result<Option<FieldConfig>, StoreError> {
        Ok(query.one(&self.db).await.map_err(store_error)?.map(FieldConfig::from))
    }
}

pub(crate) fn row(config: &FieldConfig) -> ActiveModel {
    ActiveModel {
        tenant_id: Set(config.tenant.0),
        id: Set(config.id.0),
        popup_id: Set(config.popup.0),
        field_name: Set(config.field_name.clone()),
        section_id: Set(config.section.map(|section| section.0)),
        position: Set(config.position),
        label: Set(config.label.clone()),
        placeholder: Set(config.placeholder.clone()),
        help_text: Set(config.help_text.clone()),
        options: Set(config.options.clone()),
    }
}

impl From<Model> for FieldConfig {
    fn from(row: Model) -> Self {
        Self {
            id: FieldConfigId(row.id),
            tenant: TenantId(row.tenant_id),
            popup: PopupId(row.popup_id),
            field_name: row.field_name,
            section: row.section_id.map(SectionId),
            position: row.position,
            label: row.label,
            placeholder: row.placeholder,
            help_text: row.help_text,
            options: row.options,
        }
    }
}
