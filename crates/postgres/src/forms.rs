use edgeos_domain::{
    FieldConfig, FieldConfigId, FieldId, FieldType, Form, FormField, FormSection, PopupId,
    SectionId, TenantId,
};
use edgeos_ports::{Forms, StoreError};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    PgTx,
    entity::{field_config, form_field, form_section},
    error::{store_error, stored},
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
        let configs = field_config::Entity::find()
            .filter(field_config::Column::TenantId.eq(self.tenant.0))
            .filter(field_config::Column::PopupId.eq(popup.0))
            .order_by_asc(field_config::Column::Position)
            .order_by_asc(field_config::Column::Id)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        Ok(Form {
            sections: sections.into_iter().map(FormSection::from).collect(),
            fields: fields.into_iter().map(FormField::try_from).collect::<Result<_, _>>()?,
            configs: configs.into_iter().map(FieldConfig::from).collect(),
        })
    }

    async fn insert_form_parts(&mut self, parts: &Form) -> Result<(), StoreError> {
        // Sections first: the others refer to them.
        form_section::Entity::insert_many(parts.sections.iter().map(section_row))
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        form_field::Entity::insert_many(parts.fields.iter().map(field_row))
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        field_config::Entity::insert_many(parts.configs.iter().map(config_row))
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

fn section_row(section: &FormSection) -> form_section::ActiveModel {
    form_section::ActiveModel {
        tenant_id: Set(section.tenant.0),
        id: Set(section.id.0),
        popup_id: Set(section.popup.0),
        label: Set(section.label.clone()),
        description: Set(section.description.clone()),
        order: Set(section.order),
        protected: Set(section.protected),
    }
}

fn field_row(field: &FormField) -> form_field::ActiveModel {
    form_field::ActiveModel {
        tenant_id: Set(field.tenant.0),
        id: Set(field.id.0),
        popup_id: Set(field.popup.0),
        name: Set(field.name.clone()),
        label: Set(field.label.clone()),
        field_type: Set(field.field_type.as_str().to_owned()),
        section_id: Set(field.section.map(|section| section.0)),
        position: Set(field.position),
        required: Set(field.required),
        options: Set(field.options.clone()),
        placeholder: Set(field.placeholder.clone()),
        help_text: Set(field.help_text.clone()),
    }
}

fn config_row(config: &FieldConfig) -> field_config::ActiveModel {
    field_config::ActiveModel {
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

impl From<form_section::Model> for FormSection {
    fn from(row: form_section::Model) -> Self {
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

impl TryFrom<form_field::Model> for FormField {
    type Error = StoreError;

    fn try_from(row: form_field::Model) -> Result<Self, StoreError> {
        let field_type = FieldType::parse(&row.field_type).ok_or("unknown field type");
        Ok(Self {
            id: FieldId(row.id),
            tenant: TenantId(row.tenant_id),
            popup: PopupId(row.popup_id),
            name: row.name,
            label: row.label,
            field_type: stored("formfields", row.id, field_type)?,
            section: row.section_id.map(SectionId),
            position: row.position,
            required: row.required,
            options: row.options,
            placeholder: row.placeholder,
            help_text: row.help_text,
        })
    }
}

impl From<field_config::Model> for FieldConfig {
    fn from(row: field_config::Model) -> Self {
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
