use std::collections::HashMap;

use edgeos_domain::{
    ApplicationId, Attendee, AttendeeCategory, AttendeeId, AttendeeTies, CheckInCode, Email,
    HumanId, PopupId, TenantId,
};
use edgeos_ports::{Attendees, HeldAttendee, StoreError};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{LockType, OnConflict},
};

use crate::{
    PgTx,
    entity::attendee::{ActiveModel, Column, Entity, Model},
    error::{store_error, stored},
};

mod products;
mod views;

impl Attendees for PgTx {
    async fn attendee(&mut self, id: AttendeeId) -> Result<Option<Attendee>, StoreError> {
        let row = Entity::find_by_id((self.tenant.0, id.0)).one(&self.db).await;
        row.map_err(store_error)?.map(Attendee::try_from).transpose()
    }

    async fn attendee_by_code(
        &mut self,
        popup: PopupId,
        code: &CheckInCode,
    ) -> Result<Option<Attendee>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::CheckInCode.eq(code.as_str()))
            .filter(Column::PopupId.eq(popup.0));
        query.one(&self.db).await.map_err(store_error)?.map(Attendee::try_from).transpose()
    }

    async fn lock_attendee(&mut self, id: AttendeeId) -> Result<Option<Attendee>, StoreError> {
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::NoKeyUpdate);
        query.one(&self.db).await.map_err(store_error)?.map(Attendee::try_from).transpose()
    }

    async fn attendees_of(
        &mut self,
        application: ApplicationId,
    ) -> Result<Vec<Attendee>, StoreError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::ApplicationId.eq(application.0))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Attendee::try_from).collect()
    }

    async fn lock_attendees_of(
        &mut self,
        applications: &[ApplicationId],
    ) -> Result<Vec<HeldAttendee>, StoreError> {
        // They may be deleted: whoever is about to refer to one of them waits.
        let mut rows = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::ApplicationId.eq_any(applications.iter().map(|id| id.0)))
            .order_by_asc(Column::Id)
            .lock(LockType::Update)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        rows.sort_by_key(|row| (row.created_at, row.id));
        let mut ties = self.ties(rows.iter().map(|row| row.id).collect()).await?;
        rows.into_iter()
            .map(|row| {
                let ties = ties.remove(&row.id).unwrap_or_default();
                Ok(HeldAttendee { attendee: Attendee::try_from(row)?, ties })
            })
            .collect()
    }

    async fn insert_attendee(&mut self, attendee: &Attendee) -> Result<bool, StoreError> {
        let drawn_before =
            OnConflict::columns([Column::TenantId, Column::CheckInCode]).do_nothing().to_owned();
        let inserted = Entity::insert(row(attendee))
            .on_conflict(drawn_before)
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn update_attendees(&mut self, attendees: &[Attendee]) -> Result<(), StoreError> {
        if attendees.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = attendees.iter().map(|attendee| attendee.id.0).collect();
        // Two of them may swap addresses, and at no moment may two have the same.
        self.db
            .execute(
                "UPDATE attendees SET email = NULL WHERE tenant_id = $1 AND id = ANY($2)",
                [self.tenant.0.into(), ids.into()],
            )
            .await?;
        for attendee in attendees {
            let changed = ActiveModel {
                tenant_id: Unchanged(attendee.tenant.0),
                id: Unchanged(attendee.id.0),
                application_id: NotSet,
                popup_id: NotSet,
                category: NotSet,
                check_in_code: NotSet,
                poap_url: NotSet,
                created_at: NotSet,
                ..row(attendee)
            };
            Entity::update(changed).exec_without_returning(&self.db).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn delete_attendees(&mut self, attendees: &[AttendeeId]) -> Result<(), StoreError> {
        if attendees.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = attendees.iter().map(|attendee| attendee.0).collect();
        self.db
            .execute(
                "DELETE FROM attendees WHERE tenant_id = $1 AND id = ANY($2)",
                [self.tenant.0.into(), ids.into()],
            )
            .await?;
        Ok(())
    }

    async fn humans_with(&mut self, emails: &[Email]) -> Result<Vec<(Email, HumanId)>, StoreError> {
        if emails.is_empty() {
            return Ok(Vec::new());
        }
        self.lock_addresses(emails).await?;
        let emails: Vec<String> = emails.iter().map(|email| email.as_str().to_owned()).collect();
        let rows = self
            .db
            .all::<HumanRow>(
                "SELECT id, email FROM humans WHERE tenant_id = $1 AND email = ANY($2)",
                [self.tenant.0.into(), emails.into()],
            )
            .await?;
        Ok(rows.into_iter().map(|row| (Email::stored(row.email), HumanId(row.id))).collect())
    }

    async fn is_companion(&mut self, human: HumanId, popup: PopupId) -> Result<bool, StoreError> {
        Ok(!self.accompanied(human, popup).await?.is_empty())
    }

    async fn accompanied(
        &mut self,
        human: HumanId,
        popup: PopupId,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let rows = self
            .db
            .all::<IdRow>(
                "SELECT DISTINCT a.id FROM attendees t \
                 JOIN applications a ON a.tenant_id = t.tenant_id AND a.id = t.application_id \
                 WHERE t.tenant_id = $1 AND t.human_id = $2 AND t.popup_id = $3 \
                 AND a.human_id <> $2 AND a.status NOT IN ('rejected', 'withdrawn') ORDER BY a.id",
                [self.tenant.0.into(), human.0.into(), popup.0.into()],
            )
            .await?;
        Ok(rows.into_iter().map(|row| ApplicationId(row.id)).collect())
    }
}

impl PgTx {
    /// What refers to each of `attendees`.
    async fn ties(&self, attendees: Vec<Uuid>) -> Result<HashMap<Uuid, AttendeeTies>, StoreError> {
        let rows = self
            .db
            .all::<TiesRow>(
                "SELECT t.id, \
                 EXISTS (SELECT FROM attendee_products h \
                     WHERE h.tenant_id = $1 AND h.attendee_id = t.id) AS holds_products, \
                 EXISTS (SELECT FROM payment_products l \
                     JOIN payments p ON p.tenant_id = l.tenant_id AND p.id = l.payment_id \
                     WHERE l.tenant_id = $1 AND l.attendee_id = t.id \
                     AND p.status = 'pending') AS pending_payment, \
                 EXISTS (SELECT FROM payment_products l \
                     WHERE l.tenant_id = $1 AND l.attendee_id = t.id) AS payment, \
                 EXISTS (SELECT FROM check_ins c \
                     WHERE c.tenant_id = $1 AND c.attendee_id = t.id) AS check_in \
                 FROM unnest($2::uuid[]) AS t (id)",
                [self.tenant.0.into(), attendees.into()],
            )
            .await?;
        let ties = rows.into_iter().map(|row| {
            let TiesRow { id, holds_products, pending_payment, payment, check_in } = row;
            (id, AttendeeTies { holds_products, pending_payment, payment, check_in })
        });
        Ok(ties.collect())
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

#[derive(FromQueryResult)]
#[expect(clippy::struct_excessive_bools, reason = "as many kinds of ties")]
struct TiesRow {
    id: Uuid,
    holds_products: bool,
    pending_payment: bool,
    payment: bool,
    check_in: bool,
}

#[derive(FromQueryResult)]
struct HumanRow {
    id: Uuid,
    email: String,
}

fn row(attendee: &Attendee) -> ActiveModel {
    let Attendee { id, tenant, application, popup, human, .. } = *attendee;
    ActiveModel {
        tenant_id: Set(tenant.0),
        id: Set(id.0),
        application_id: Set(application.0),
        popup_id: Set(popup.0),
        human_id: Set(human.map(|human| human.0)),
        name: Set(attendee.name.clone()),
        category: Set(attendee.category.as_str().to_owned()),
        email: Set(attendee.email.as_ref().map(|email| email.as_str().to_owned())),
        gender: Set(attendee.gender.clone()),
        check_in_code: Set(attendee.check_in_code.as_str().to_owned()),
        poap_url: Set(attendee.poap_url.clone()),
        created_at: Set(attendee.created_at),
        updated_at: Set(attendee.updated_at),
    }
}

impl TryFrom<Model> for Attendee {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let category = AttendeeCategory::parse(&row.category).ok_or("unknown category");
        Ok(Self {
            id: AttendeeId(row.id),
            tenant: TenantId(row.tenant_id),
            application: ApplicationId(row.application_id),
            popup: PopupId(row.popup_id),
            human: row.human_id.map(HumanId),
            name: row.name,
            category: stored("attendees", row.id, category)?,
            email: row.email.map(Email::stored),
            gender: row.gender,
            check_in_code: CheckInCode::stored(row.check_in_code),
            poap_url: row.poap_url,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
