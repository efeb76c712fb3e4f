use chrono::{DateTime, Utc};
use edgeos_domain::{MailId, PopupId};
use edgeos_ports::{MailFilter, MailRecord, MailRecords, MailState, Page, Paging, StoreError};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{LockType, extension::postgres::PgExpr},
};

use crate::{
    PgTx,
    entity::outbox_mail::{Column, Entity, Model},
    error::{store_error, stored},
    page::{containing, page},
};

impl MailRecords for PgTx {
    async fn mail_records(
        &mut self,
        filter: &MailFilter,
        paging: Paging,
    ) -> Result<Page<MailRecord>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .apply_if(filter.state, |query, state| query.filter(Column::State.eq(state.as_str())))
            .apply_if(filter.template.as_deref(), |query, template| {
                query.filter(Column::TemplateType.eq(template))
            })
            .apply_if(filter.popup, |query, popup| query.filter(Column::PopupId.eq(popup.0)))
            .apply_if(filter.search.as_deref(), |query, text| {
                query.filter(Column::ToEmail.into_expr().ilike(containing(text)))
            })
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        page(&self.db, query, paging).await.map_err(store_error)?.try_map(record)
    }

    async fn lock_mail_record(&mut self, id: MailId) -> Result<Option<MailRecord>, StoreError> {
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::Update);
        query.one(&self.db).await.map_err(store_error)?.map(record).transpose()
    }

    async fn revive_mail(&mut self, id: MailId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.db
            .execute(
                "UPDATE outbox SET state = 'queued', attempts = 0, next_attempt_at = $3, \
                 locked_until = NULL \
                 WHERE tenant_id = $1 AND id = $2 AND state = 'dead'",
                [self.tenant.0.into(), id.0.into(), now.into()],
            )
            .await?;
        Ok(())
    }
}

fn record(row: Model) -> Result<MailRecord, StoreError> {
    let state = MailState::parse(&row.state).ok_or("no such state");
    let state = stored("outbox", row.id, state)?;
    Ok(MailRecord {
        id: MailId(row.id),
        popup: row.popup_id.map(PopupId),
        template: row.template_type,
        to: row.to_email,
        state,
        attempts: row.attempts.unsigned_abs(),
        last_error: row.last_error,
        next_attempt_at: (state == MailState::Queued).then_some(row.next_attempt_at),
        created_at: row.created_at,
        sent_at: row.sent_at,
    })
}
