use std::collections::HashMap;

use edgeos_domain::{AuditEntryId, TenantId, UserId};
use edgeos_ports::{
    AuditEntries, AuditEntry, AuditFilter, AuditLog, NewAuditEntry, Page, Paging, StoreError,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QueryTrait,
    prelude::{Json, Uuid},
};

use crate::{
    PgPlatformTx, PgTx,
    connection::Connection,
    entity::audit_entry::{ActiveModel, Column, Entity, Model},
    error::store_error,
    page::page,
};

impl AuditLog for PgTx {
    async fn insert_audit_entry(
        &mut self,
        tenant: TenantId,
        entry: &NewAuditEntry,
    ) -> Result<(), StoreError> {
        insert(&self.db, tenant, entry).await
    }
}

impl AuditLog for PgPlatformTx {
    async fn insert_audit_entry(
        &mut self,
        tenant: TenantId,
        entry: &NewAuditEntry,
    ) -> Result<(), StoreError> {
        insert(&self.db, tenant, entry).await
    }
}

impl AuditEntries for PgTx {
    async fn audit_entries(
        &mut self,
        filter: &AuditFilter,
        paging: Paging,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .apply_if(filter.action.as_deref(), |query, action| {
                query.filter(Column::Action.eq(action))
            })
            .apply_if(filter.subject_type.as_deref(), |query, kind| {
                query.filter(Column::SubjectType.eq(kind))
            })
            .apply_if(filter.subject_id, |query, id| query.filter(Column::SubjectId.eq(id)))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        let page = page(&self.db, query, paging).await.map_err(store_error)?;
        let actors: Vec<Uuid> = page.items.iter().filter_map(|entry| entry.actor_id).collect();
        let sql = "SELECT id, email FROM users WHERE id = ANY($1)";
        let emails = self.db.all::<ActorRow>(sql, [actors.into()]).await?;
        let emails: HashMap<_, _> = emails.into_iter().map(|row| (row.id, row.email)).collect();
        Ok(page.map(|entry| with_email(entry, &emails)))
    }
}

async fn insert(
    db: &Connection,
    tenant: TenantId,
    entry: &NewAuditEntry,
) -> Result<(), StoreError> {
    let row = ActiveModel {
        tenant_id: Set(tenant.0),
        id: Set(entry.id.0),
        actor_id: Set(entry.actor.map(|actor| actor.0)),
        action: Set(entry.action.to_owned()),
        subject_type: Set(entry.subject_type.to_owned()),
        subject_id: Set(entry.subject_id),
        details: Set(Json::Object(entry.details.clone())),
        request_id: Set(entry.request.map(|request| request.as_str().to_owned())),
        created_at: Set(entry.created_at),
    };
    Entity::insert(row).exec_without_returning(db).await.map_err(store_error)?;
    Ok(())
}

#[derive(FromQueryResult)]
struct ActorRow {
    id: Uuid,
    email: String,
}

fn with_email(row: Model, emails: &HashMap<Uuid, String>) -> AuditEntry {
    AuditEntry {
        id: AuditEntryId(row.id),
        actor: row.actor_id.map(UserId),
        actor_email: row.actor_id.and_then(|actor| emails.get(&actor).cloned()),
        action: row.action,
        subject_type: row.subject_type,
        subject_id: row.subject_id,
        details: row.details,
        created_at: row.created_at,
    }
}
