use edgeos_domain::{EmailTemplate, EmailTemplateId, MailTemplate, PopupId, TenantId};
use edgeos_ports::{EmailTemplates, Page, Paging, StoreError};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockType,
};

use crate::{
    PgTx,
    entity::email_template::{ActiveModel, Column, Entity, Model},
    error::{store_error, stored},
    page::page,
};

impl EmailTemplates for PgTx {
    async fn email_templates(
        &mut self,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<EmailTemplate>, StoreError> {
        let all = Entity::find().filter(Column::TenantId.eq(self.tenant.0));
        let query = match popup {
            Some(popup) => all
                .filter(Column::PopupId.eq(popup.0))
                .order_by_asc(Column::TemplateType)
                .order_by_asc(Column::Id),
            None => all.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id),
        };
        page(&self.db, query, paging).await.map_err(store_error)?.try_map(template)
    }

    async fn email_template(
        &mut self,
        id: EmailTemplateId,
    ) -> Result<Option<EmailTemplate>, StoreError> {
        let row = Entity::find_by_id((self.tenant.0, id.0)).one(&self.db).await;
        row.map_err(store_error)?.map(template).transpose()
    }

    async fn lock_email_template(
        &mut self,
        id: EmailTemplateId,
    ) -> Result<Option<EmailTemplate>, StoreError> {
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::Update);
        query.one(&self.db).await.map_err(store_error)?.map(template).transpose()
    }

    async fn has_email_template(
        &mut self,
        popup: PopupId,
        template: MailTemplate,
    ) -> Result<bool, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::PopupId.eq(popup.0))
            .filter(Column::TemplateType.eq(template.as_str()));
        Ok(query.count(&self.db).await.map_err(store_error)? > 0)
    }

    async fn insert_email_template(&mut self, template: &EmailTemplate) -> Result<(), StoreError> {
        Entity::insert(row(template))
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn update_email_template(&mut self, template: &EmailTemplate) -> Result<(), StoreError> {
        let changed = ActiveModel {
            tenant_id: Unchanged(self.tenant.0),
            id: Unchanged(template.id.0),
            popup_id: NotSet,
            template_type: NotSet,
            created_at: NotSet,
            ..row(template)
        };
        changed.update_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn delete_email_template(&mut self, id: EmailTemplateId) -> Result<bool, StoreError> {
        let deletion = Entity::delete_by_id((self.tenant.0, id.0));
        Ok(deletion.exec(&self.db).await.map_err(store_error)?.rows_affected == 1)
    }
}

fn row(template: &EmailTemplate) -> ActiveModel {
    let template = template.clone();
    ActiveModel {
        tenant_id: Set(template.tenant.0),
        id: Set(template.id.0),
        popup_id: Set(template.popup.0),
        template_type: Set(template.template.as_str().to_owned()),
        subject: Set(template.subject),
        html_content: Set(template.html_content),
        is_active: Set(template.is_active),
        created_at: Set(template.created_at),
        updated_at: Set(template.updated_at),
        last_error: Set(template.last_error),
        last_error_at: Set(template.last_error_at),
    }
}

fn template(row: Model) -> Result<EmailTemplate, StoreError> {
    let kind = MailTemplate::parse(&row.template_type).ok_or("no such template type");
    Ok(EmailTemplate {
        id: EmailTemplateId(row.id),
        tenant: TenantId(row.tenant_id),
        popup: PopupId(row.popup_id),
        template: stored("email_templates", row.id, kind)?,
        subject: row.subject,
        html_content: row.html_content,
        is_active: row.is_active,
        created_at: row.created_at,
        updated_at: row.updated_at,
        last_error: row.last_error,
        last_error_at: row.last_error_at,
    })
}
