use std::collections::HashMap;

use edgeos_domain::{AttendeeId, CheckIn, CheckInId, TenantId};
use edgeos_ports::{AttendeeView, CheckInEntry, CheckInFilter, CheckIns, Page, Paging, StoreError};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult,
    Value, prelude::Uuid, sea_query::OnConflict,
};

use crate::{
    PgTx,
    entity::{
        attendee,
        check_in::{ActiveModel, Column, Entity, Model},
    },
    error::store_error,
    page::containing,
};

/// Attendees of a popup ($2) who have arrived or haven't ($3), with part of the name or the e-mail ($4).
const LISTED: &str = "\
    FROM attendees t LEFT JOIN check_ins c ON c.tenant_id = t.tenant_id AND c.attendee_id = t.id \
    WHERE t.tenant_id = $1 AND t.popup_id = $2 \
    AND ($3::bool IS NULL OR (c.arrival_date IS NOT NULL) = $3) \
    AND ($4::text IS NULL OR t.name ILIKE $4 OR t.email ILIKE $4)";

impl CheckIns for PgTx {
    async fn check_in(&mut self, attendee: AttendeeId) -> Result<Option<CheckIn>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::AttendeeId.eq(attendee.0));
        Ok(query.one(&self.db).await.map_err(store_error)?.map(CheckIn::from))
    }

    async fn check_ins(
        &mut self,
        filter: &CheckInFilter,
        paging: Paging,
    ) -> Result<Page<CheckInEntry>, StoreError> {
        let narrowed: [Value; 4] = [
            self.tenant.0.into(),
            filter.popup.0.into(),
            filter.arrived.into(),
            filter.search.as_deref().map(containing).into(),
        ];
        let count = format!("SELECT count(*) AS count {LISTED}");
        let count = self.db.one::<CountRow>(&count, narrowed.clone()).await?;
        let stretch = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
        let rows = self
            .db
            .all::<EntryRow>(
                &format!(
                    "SELECT t.id AS listed_id, c.* {LISTED} \
                     ORDER BY c.arrival_date DESC NULLS LAST, t.name, t.id OFFSET $5 LIMIT $6"
                ),
                narrowed.into_iter().chain([stretch(paging.skip), stretch(paging.limit)]),
            )
            .await?;
        let total = count.map_or(0, |row| u64::try_from(row.count).unwrap_or_default());
        Ok(Page { items: self.entries(rows).await?, total })
    }

    async fn upsert_check_in(&mut self, check_in: &CheckIn) -> Result<(), StoreError> {
        let again = OnConflict::columns([Column::TenantId, Column::AttendeeId])
            .update_columns([
                Column::ArrivalDate,
                Column::DepartureDate,
                Column::QrCheckIn,
                Column::QrScanTimestamp,
            ])
            .to_owned();
        Entity::insert(row(check_in))
            .on_conflict(again)
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn delete_check_in(&mut self, attendee: AttendeeId) -> Result<(), StoreError> {
        let deletion = Entity::delete_many()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::AttendeeId.eq(attendee.0));
        deletion.exec(&self.db).await.map_err(store_error)?;
        Ok(())
    }
}

impl PgTx {
    /// The attendees of `rows`, in their order, by two more statements.
    async fn entries(&self, rows: Vec<EntryRow>) -> Result<Vec<CheckInEntry>, StoreError> {
        let attendees = attendee::Entity::find()
            .filter(attendee::Column::TenantId.eq(self.tenant.0))
            .filter(attendee::Column::Id.eq_any(rows.iter().map(|row| row.listed_id)))
            .all(&self.db)
            .await
            .map_err(store_error)?;
        let views = self.with_products(attendees).await?;
        let mut views: HashMap<Uuid, AttendeeView> =
            views.into_iter().map(|view| (view.attendee.id.0, view)).collect();
        // Who was deleted meanwhile isn't shown.
        let entries = rows.into_iter().filter_map(|row| {
            let attendee = views.remove(&row.listed_id)?;
            Some(CheckInEntry { check_in: row.check_in.map(CheckIn::from), attendee })
        });
        Ok(entries.collect())
    }
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

struct EntryRow {
    listed_id: Uuid,
    check_in: Option<Model>,
}

impl FromQueryResult for EntryRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            listed_id: row.try_get(prefix, "listed_id")?,
            check_in: Model::from_query_result_optional(row, prefix)?,
        })
    }
}

fn row(check_in: &CheckIn) -> ActiveModel {
    ActiveModel {
        tenant_id: Set(check_in.tenant.0),
        id: Set(check_in.id.0),
        attendee_id: Set(check_in.attendee.0),
        arrival_date: Set(check_in.arrival_date),
        departure_date: Set(check_in.departure_date),
        qr_check_in: Set(check_in.qr_check_in),
        qr_scan_timestamp: Set(check_in.qr_scan_timestamp),
        created_at: Set(check_in.created_at),
    }
}

impl From<Model> for CheckIn {
    fn from(row: Model) -> Self {
        Self {
            id: CheckInId(row.id),
            tenant: TenantId(row.tenant_id),
            attendee: AttendeeId(row.attendee_id),
            arrival_date: row.arrival_date,
            departure_date: row.departure_date,
            qr_check_in: row.qr_check_in,
            qr_scan_timestamp: row.qr_scan_timestamp,
            created_at: row.created_at,
        }
    }
}
