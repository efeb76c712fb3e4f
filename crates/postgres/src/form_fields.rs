use edgeos_domain::{FieldId, FieldType, FormField, PopupId, SectionId, TenantId};
use edgeos_ports::{FormFields, Page, Paging, StoreError};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{ExprTrait, LockType, OnConflict, extension::postgres::PgExpr},
};

use crate::{
    PgTx,
    entity::form_field::{ActiveModel, Column, Entity, Model},
    error::{store_error, stored},
    page::{containing, page},
};

impl FormFields for PgTx {
    async fn form_fields(
        &mut self,
        search: Option<&str>,
        paging: Paging,
    ) -> Result<Page<FormField>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .apply_if(search.map(containing), |query, text| {
                let label = Column::Label.into_expr().ilike(text.as_str());
                query.filter(label.or(Column::Name.into_expr().ilike(text.as_str())))
            })
            .order_by_asc(Column::Position)
            .order_by_asc(Column::Id);
        page(&self.db, query, paging).await.map_err(store_error)?.try_map(FormField::try_from)
    }

    async fn form_field(&mut self, id: FieldId) -> Result<Option<FormField>, StoreError> {
        self.one_field(Entity::find_by_id((self.tenant.0, id.0))).await
    }

    async fn lock_form_field(&mut self, id: FieldId) -> Result<Option<FormField>, StoreError> {
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::NoKeyUpdate);
        self.one_field(query).await
    }

    async fn insert_form_field(&mut self, field: &FormField) -> Result<bool, StoreError> {
        let name = [Column::TenantId, Column::PopupId, Column::Name];
        let inserted = Entity::insert(row(field))
            .on_conflict(OnConflict::columns(name).do_nothing().to_owned())
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn update_form_field(&mut self, field: &FormField) -> Result<(), StoreError> {
        let changed = ActiveModel {
            tenant_id: Unchanged(self.tenant.0),
            id: Unchanged(field.id.0),
            popup_id: NotSet,
            name: NotSet,
            ..row(field)
        };
        changed.update_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn delete_form_field(&mut self, id: FieldId) -> Result<bool, StoreError> {
        let deletion = Entity::delete_many()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::Id.eq(id.0));
        Ok(deletion.exec(&self.db).await.map_err(store_error)?.rows_affected == 1)
    }
}

impl PgTx {
    async fn one_field(&self, query: Select<Entity>) -> Result<Option<FormField>, StoreError> {
        query.one(&self.db).await.map_err(store_error)?.map(FormField::try_from).transpose()
    }
}

pub(crate) fn row(field: &FormField) -> ActiveModel {
    ActiveModel {
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

impl TryFrom<Model> for FormField {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
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
