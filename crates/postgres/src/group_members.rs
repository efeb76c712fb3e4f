use std::collections::HashMap;

use chrono::{DateTime, Utc};
use edgeos_domain::{ApplicationId, GroupId, HumanId};
use edgeos_ports::{GroupMemberView, GroupMembers, HeldProduct, Membership, StoreError};
use sea_orm::{
    FromQueryResult,
    prelude::{Json, Uuid},
};

use crate::{PgTx, entity::human};

/// Older members may have no application.
const VIEW: &str = "\
    SELECT h.*, a.id AS application_id, \
    a.custom_fields -> 'organization' AS organization, a.custom_fields -> 'role' AS role \
    FROM group_members m \
    JOIN groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id \
    JOIN humans h ON h.tenant_id = m.tenant_id AND h.id = m.human_id \
    LEFT JOIN applications a ON a.tenant_id = m.tenant_id AND a.human_id = m.human_id \
    AND a.popup_id = g.popup_id \
    WHERE m.tenant_id = $1 AND m.group_id = $2 AND ($3::uuid[] IS NULL OR m.human_id = ANY($3)) \
    ORDER BY m.created_at, m.human_id";

impl GroupMembers for PgTx {
    async fn members(
        &mut self,
        group: GroupId,
        only: Option<&[HumanId]>,
    ) -> Result<Vec<GroupMemberView>, StoreError> {
        let only: Option<Vec<Uuid>> = only.map(|ids| ids.iter().map(|id| id.0).collect());
        let values = [self.tenant.0.into(), group.0.into(), only.into()];
        let rows = self.db.all::<MemberRow>(VIEW, values).await?;
        let applications = rows.iter().filter_map(|row| row.application_id).collect();
        let mut held = self.held_through(applications).await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let held = row.application_id.and_then(|id| held.remove(&id));
                GroupMemberView {
                    human: row.human.into(),
                    organization: row.organization.and_then(in_words),
                    role: row.role.and_then(in_words),
                    products: held.unwrap_or_default(),
                }
            })
            .collect())
    }

    async fn membership(
        &mut self,
        group: GroupId,
        human: HumanId,
    ) -> Result<Option<Membership>, StoreError> {
        let sql = "SELECT admitted FROM group_members \
                   WHERE tenant_id = $1 AND group_id = $2 AND human_id = $3";
        let values = [self.tenant.0.into(), group.0.into(), human.0.into()];
        let row = self.db.one::<AdmittedRow>(sql, values).await?;
        Ok(row.map(|row| Membership { admitted: row.admitted }))
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
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, group_id, human_id) \
                 DO UPDATE SET admitted = group_members.admitted OR excluded.admitted",
                [self.tenant.0.into(), group.0.into(), human.0.into(), admitted.into(), now.into()],
            )
            .await?;
        Ok(())
    }

    async fn delete_member(&mut self, group: GroupId, human: HumanId) -> Result<(), StoreError> {
        let sql = "DELETE FROM group_members \
                   WHERE tenant_id = $1 AND group_id = $2 AND human_id = $3";
        self.db.execute(sql, [self.tenant.0.into(), group.0.into(), human.0.into()]).await?;
        Ok(())
    }

    async fn holds_products(&mut self, application: ApplicationId) -> Result<bool, StoreError> {
        let row = self
            .db
            .one::<HeldRow>(
                "SELECT t.id, t.application_id FROM attendees t JOIN attendee_products h \
                 ON h.tenant_id = t.tenant_id AND h.attendee_id = t.id \
                 WHERE t.tenant_id = $1 AND t.application_id = $2 LIMIT 1",
                [self.tenant.0.into(), application.0.into()],
            )
            .await?;
        Ok(row.is_some())
    }
}

impl PgTx {
    /// What the attendees of each of `applications` hold, one attendee after the other.
    async fn held_through(
        &self,
        applications: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Vec<HeldProduct>>, StoreError> {
        let attendees = self
            .db
            .all::<HeldRow>(
                "SELECT id, application_id FROM attendees \
                 WHERE tenant_id = $1 AND application_id = ANY($2) ORDER BY created_at, id",
                [self.tenant.0.into(), applications.into()],
            )
            .await?;
        let mut held = self.held_products(attendees.iter().map(|row| row.id).collect()).await?;
        let mut through: HashMap<Uuid, Vec<HeldProduct>> = HashMap::new();
        for HeldRow { id, application_id } in attendees {
            let products = held.remove(&id).unwrap_or_default();
            through.entry(application_id).or_default().extend(products);
        }
        Ok(through)
    }
}

/// An answer as a text, if it is short enough to be one: neither null nor a list nor an object.
fn in_words(answer: Json) -> Option<String> {
    match answer {
        Json::String(text) => Some(text),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

#[derive(FromQueryResult)]
struct MemberRow {
    #[sea_orm(nested)]
    human: human::Model,
    application_id: Option<Uuid>,
    organization: Option<Json>,
    role: Option<Json>,
}

#[derive(FromQueryResult)]
struct AdmittedRow {
    admitted: bool,
}

#[derive(FromQueryResult)]
struct HeldRow {
    id: Uuid,
    application_id: Uuid,
}
