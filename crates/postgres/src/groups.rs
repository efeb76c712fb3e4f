use chrono::{DateTime, Utc};
use edgeos_domain::{Email, GroupId, HumanId, PopupId};
use edgeos_ports::{GroupDoor, Groups, StoreError};
use rust_decimal::Decimal;
use sea_orm::{FromQueryResult, prelude::Uuid};

use crate::{PgTx, error::stored};

impl Groups for PgTx {
    async fn lock_group(&mut self, id: GroupId) -> Result<Option<GroupDoor>, StoreError> {
        let sql = "SELECT id FROM groups WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
        if self.db.one::<IdRow>(sql, [self.tenant.0.into(), id.0.into()]).await?.is_none() {
            return Ok(None);
        }
        // Counted by a statement of its own, whose snapshot is taken with the lock held.
        let row = self
            .db
            .one::<DoorRow>(
                "SELECT g.popup_id, g.max_members, \
                 (SELECT count(*) FROM group_members m \
                  WHERE m.tenant_id = g.tenant_id AND m.group_id = g.id) AS members, \
                 NOT EXISTS (SELECT 1 FROM group_whitelisted_emails w \
                  WHERE w.tenant_id = g.tenant_id AND w.group_id = g.id) AS is_open \
                 FROM groups g WHERE g.tenant_id = $1 AND g.id = $2",
                [self.tenant.0.into(), id.0.into()],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(GroupDoor {
            id,
            popup: PopupId(row.popup_id),
            max_members: row
                .max_members
                .map(|max| stored("groups", id.0, u32::try_from(max)))
                .transpose()?,
            members: stored("groups", id.0, u64::try_from(row.members))?,
            is_open: row.is_open,
        }))
    }

    async fn group_discount(&mut self, id: GroupId) -> Result<Option<Decimal>, StoreError> {
        let sql = "SELECT discount_percentage FROM groups WHERE tenant_id = $1 AND id = $2";
        let row = self.db.one::<DiscountRow>(sql, [self.tenant.0.into(), id.0.into()]).await?;
        Ok(row.map(|row| row.discount_percentage))
    }

    async fn is_whitelisted(&mut self, group: GroupId, email: &Email) -> Result<bool, StoreError> {
        let row = self
            .db
            .one::<IdRow>(
                "SELECT id FROM group_whitelisted_emails \
                 WHERE tenant_id = $1 AND group_id = $2 AND email = $3",
                [self.tenant.0.into(), group.0.into(), email.as_str().into()],
            )
            .await?;
        Ok(row.is_some())
    }

    async fn insert_member(
        &mut self,
        group: GroupId,
        human: HumanId,
        admitted: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.db
            .execute(
                "INSERT INTO group_members (tenant_id, group_id, human_id, admitted, created_at) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                [self.tenant.0.into(), group.0.into(), human.0.into(), admitted.into(), now.into()],
            )
            .await?;
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    #[expect(dead_code, reason = "that there is a row says enough")]
    id: Uuid,
}

#[derive(FromQueryResult)]
struct DiscountRow {
    discount_percentage: Decimal,
}

#[derive(FromQueryResult)]
struct DoorRow {
    popup_id: Uuid,
    max_members: Option<i32>,
    members: i64,
    is_open: bool,
}
