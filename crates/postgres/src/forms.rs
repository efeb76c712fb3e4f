use edgeos_domain::{Form, FormField, FormSection, PopupId};
use edgeos_ports::{BaseFieldConfigs, Forms, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    PgTx, base_field_configs,
    entity::{field_config, form_field, form_section},
    error::store_error,
    form_fields, form_sections,
};

impl Forms for PgTx {
    async fn form(&mut self, popup: PopupId) -> Result<Form, StoreError> {
        let sections = form_section::Entity::find()
            .filter(form_section::Column::TenantId.eq(self.tenant.0))
            .filter(form_section::Column::PopupId.eq(popup.0))
            .order_by_asc(form_section::Column::Order)
            .order_by_asc(form_section::Column::Id)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        let fields = form_field::Entity::find()
            .filter(form_field::Column::TenantId.eq(self.tenant.0))
            .filter(form_field::Column::PopupId.eq(popup.0))
            .order_by_asc(form_field::Column::Position)
            .order_by_asc(form_field::Column::Id)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        Ok(Form {
            sections: sections.into_iter().map(FormSection::from).collect(),
            fields: fields.into_iter().map(FormField::try_from).collect::<Result<_, _>>()?,
            configs: self.field_configs(popup).await?,
        })
    }

    async fn insert_form_parts(&mut self, parts: &Form) -> Result<(), StoreError> {
        // Sections first: the others refer to them.
        form_section::Entity::insert_many(parts.sections.iter().map(form_sections::row))
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        form_field::Entity::insert_many(parts.fields.iter().map(form_fields::row))
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        field_config::Entity::insert_many(parts.configs.iter().map(base_field_configs::row))
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
