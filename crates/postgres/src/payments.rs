use chrono::{DateTime, Utc};
use edgeos_domain::{
    ApplicationId, Payment, PaymentId, PaymentStatus, PaymentType, PopupId, TraceStep, Units,
};
use edgeos_ports::{
    Page, Paging, PaidInstallment, PaymentFilter, PaymentLine, PaymentView, Payments, StalePayment,
    StoreError,
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select, prelude::Uuid, sea_query::LockType,
};

use crate::{
    PgTx,
    entity::{
        payment::{Column, Entity},
        payment_product,
    },
    error::{store_error, stored},
    page::page,
};

mod rows;
mod settlement;
mod tenants;
mod views;

impl Payments for PgTx {
    async fn payment(&mut self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        self.one_payment(Entity::find_by_id((self.tenant.0, id.0))).await
    }

    async fn lock_payment(&mut self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::NoKeyUpdate);
        self.one_payment(query).await
    }

    async fn payment_by_external_id(
        &mut self,
        external_id: &str,
    ) -> Result<Option<Payment>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::ExternalId.eq(external_id));
        self.one_payment(query).await
    }

    async fn pending_purchases(
        &mut self,
        application: ApplicationId,
    ) -> Result<Vec<Payment>, StoreError> {
        self.all_payments(self.pending(application, PaymentType::PassPurchase)).await
    }

    async fn lock_pending_purchases(
        &mut self,
        application: ApplicationId,
    ) -> Result<Vec<Payment>, StoreError> {
        let query =
            self.pending(application, PaymentType::PassPurchase).lock(LockType::NoKeyUpdate);
        self.all_payments(query).await
    }

    async fn lock_pending_fee(
        &mut self,
        application: ApplicationId,
    ) -> Result<Option<Payment>, StoreError> {
        let query =
            self.pending(application, PaymentType::ApplicationFee).lock(LockType::NoKeyUpdate);
        self.one_payment(query).await
    }

    async fn sold_units(&mut self, payment: PaymentId) -> Result<Vec<Units>, StoreError> {
        let lines = payment_product::Entity::find()
            .filter(payment_product::Column::TenantId.eq(self.tenant.0))
            .filter(payment_product::Column::PaymentId.eq(payment.0))
            .order_by_asc(payment_product::Column::AttendeeId)
            .order_by_asc(payment_product::Column::ProductId)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        Ok(lines.iter().filter_map(rows::units).collect())
    }

    async fn insert_payment(
        &mut self,
        payment: &Payment,
        lines: &[PaymentLine],
        trace: &[TraceStep],
    ) -> Result<(), StoreError> {
        let row = rows::inserted(payment, trace)?;
        Entity::insert(row).exec_without_returning(&self.db).await.map_err(store_error)?;
        if lines.is_empty() {
            return Ok(());
        }
        let lines = lines.iter().map(|line| rows::line(payment, line));
        payment_product::Entity::insert_many(lines)
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn update_payment(&mut self, payment: &Payment) -> Result<(), StoreError> {
        // What else is kept with the plan stays.
        self.db
            .execute(
                "UPDATE payments SET external_id = $3, checkout_url = $4, status = $5, currency = $6, \
                 rate = $7, source = $8, is_installment_plan = $9, installments_total = $10, \
                 installments_paid = $11, \
                 settlement = CASE WHEN $12::jsonb IS NULL THEN settlement \
                     WHEN jsonb_typeof(settlement) = 'object' THEN settlement || $12::jsonb \
                     ELSE $12::jsonb END, \
                 updated_at = $13, installments_completed = $14, once_approved = $15, \
                 money_came = $16 WHERE tenant_id = $1 AND id = $2",
                rows::updated(payment)?,
            )
            .await?;
        Ok(())
    }

    async fn delete_payment(&mut self, id: PaymentId) -> Result<(), StoreError> {
        self.db
            .execute(
                "DELETE FROM payments WHERE tenant_id = $1 AND id = $2",
                [self.tenant.0.into(), id.0.into()],
            )
            .await?;
        Ok(())
    }

    async fn payment_view(&mut self, id: PaymentId) -> Result<Option<PaymentView>, StoreError> {
        let row = Entity::find_by_id((self.tenant.0, id.0)).one(&self.db).await;
        Ok(self.payment_views_of(row.map_err(store_error)?).await?.pop())
    }

    async fn payment_views(
        &mut self,
        filter: &PaymentFilter,
        paging: Paging,
    ) -> Result<Page<PaymentView>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .apply_if(filter.popup, |query, popup| query.filter(Column::PopupId.eq(popup.0)))
            .apply_if(filter.application, |query, application| {
                query.filter(Column::ApplicationId.eq(application.0))
            })
            .apply_if(filter.external_id.as_deref(), |query, id| {
                query.filter(Column::ExternalId.eq(id))
            })
            .apply_if(filter.status, |query, status| {
                query.filter(Column::Status.eq(status.as_str()))
            })
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        let page = page(&self.db, query, paging).await.map_err(store_error)?;
        Ok(Page { total: page.total, items: self.payment_views_of(page.items).await? })
    }

    async fn latest_payment(
        &mut self,
        application: ApplicationId,
    ) -> Result<Option<(PaymentId, PaymentStatus)>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::ApplicationId.eq(application.0))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        let payment = self.one_payment(query).await?;
        Ok(payment.map(|payment| (payment.id, payment.status())))
    }

    async fn insert_installment(
        &mut self,
        payment: PaymentId,
        id: Uuid,
        installment: &PaidInstallment,
    ) -> Result<Option<u32>, StoreError> {
        let row = self
            .db
            .one::<NumberRow>(
                "INSERT INTO payment_installments (tenant_id, id, payment_id, external_payment_id, \
                 installment_number, amount, currency, paid_at) \
                 SELECT $1, $3, $2, $4, coalesce(max(i.installment_number), 0) + 1, $5, $6, $7 \
                 FROM payment_installments i WHERE i.tenant_id = $1 AND i.payment_id = $2 \
                 ON CONFLICT (tenant_id, payment_id, external_payment_id) DO NOTHING \
                 RETURNING installment_number AS number",
                [
                    self.tenant.0.into(),
                    payment.0.into(),
                    id.into(),
                    installment.external_id.as_str().into(),
                    installment.amount.into(),
                    installment.currency.as_str().into(),
                    installment.paid_at.into(),
                ],
            )
            .await?;
        if row.is_none() {
            return Ok(None);
        }
        let sql = "SELECT count(*)::integer AS number FROM payment_installments \
                   WHERE tenant_id = $1 AND payment_id = $2";
        let row = self.db.one::<NumberRow>(sql, [self.tenant.0.into(), payment.0.into()]).await?;
        let number = row.map_or(0, |row| row.number);
        stored("payment_installments", payment.0, u32::try_from(number)).map(Some)
    }

    async fn unopened_payments(
        &mut self,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<PaymentId>, StoreError> {
        let rows = self
            .db
            .all::<IdRow>(
                "SELECT id FROM payments WHERE tenant_id = $1 AND status = 'pending' AND created_at < $2 \
                 AND external_id IS NULL AND checkout_url IS NULL ORDER BY created_at, id LIMIT $3",
                [
                    self.tenant.0.into(),
                    before.into(),
                    i64::try_from(limit).unwrap_or(i64::MAX).into(),
                ],
            )
            .await?;
        Ok(rows.into_iter().map(|row| PaymentId(row.id)).collect())
    }

    async fn claim_stale_payment(
        &mut self,
        made_before: DateTime<Utc>,
        taken_before: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<StalePayment>, StoreError> {
        let row = self
            .db
            .one::<StaleRow>(
                "UPDATE payments SET asked_at = $4 WHERE tenant_id = $1 AND id = ( \
                     SELECT id FROM payments \
                     WHERE tenant_id = $1 AND status = 'pending' AND created_at < $2 \
                     AND (asked_at IS NULL OR asked_at < $3) \
                     AND (external_id IS NOT NULL OR checkout_url IS NOT NULL) \
                     ORDER BY asked_at NULLS FIRST, created_at, id LIMIT 1 \
                     FOR NO KEY UPDATE SKIP LOCKED) \
                 RETURNING id, popup_id, external_id, created_at",
                [self.tenant.0.into(), made_before.into(), taken_before.into(), now.into()],
            )
            .await?;
        Ok(row.map(|row| StalePayment {
            id: PaymentId(row.id),
            popup: PopupId(row.popup_id),
            external_id: row.external_id,
            created_at: row.created_at,
        }))
    }
}

impl PgTx {
    /// The pending payments of `application` of this type, by id.
    fn pending(&self, application: ApplicationId, payment_type: PaymentType) -> Select<Entity> {
        Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::ApplicationId.eq(application.0))
            .filter(Column::Status.eq(PaymentStatus::Pending.as_str()))
            .filter(Column::PaymentType.eq(payment_type.as_str()))
            .order_by_asc(Column::Id)
    }

    async fn one_payment(&self, query: Select<Entity>) -> Result<Option<Payment>, StoreError> {
        query.one(&self.db).await.map_err(store_error)?.map(Payment::try_from).transpose()
    }

    async fn all_payments(&self, query: Select<Entity>) -> Result<Vec<Payment>, StoreError> {
        let rows = query.all(&self.db).await.map_err(store_error)?;
        rows.into_iter().map(Payment::try_from).collect()
    }
}

#[derive(FromQueryResult)]
struct NumberRow {
    number: i32,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct StaleRow {
    id: Uuid,
    popup_id: Uuid,
    external_id: Option<String>,
    created_at: DateTime<Utc>,
}
