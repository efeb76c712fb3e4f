use std::collections::HashMap;

use chrono::{DateTime, Utc};
use edgeos_domain::{
    Email, Group, GroupId, GroupSlug, HumanId, ListedEmail, ListedEmailId, Percentage, PopupId,
    TenantId,
};
use edgeos_ports::{GroupView, StoreError};
use sea_orm::{ActiveValue::Set, FromQueryResult, prelude::Uuid};

use crate::{
    PgTx,
    entity::group::{ActiveModel, Model},
    error::stored,
};

impl PgTx {
    /// `rows` with their lists, by one more statement, however many rows there are.
    pub(super) async fn group_views(
        &self,
        rows: impl IntoIterator<Item = Model>,
    ) -> Result<Vec<GroupView>, StoreError> {
        let rows: Vec<_> = rows.into_iter().collect();
        let mut lists = self.lists(rows.iter().map(|row| row.id).collect()).await?;
        rows.into_iter()
            .map(|row| {
                let listed = lists.remove(&row.id).unwrap_or_default();
                Ok(GroupView { group: row.try_into()?, is_open: listed.is_empty(), listed })
            })
            .collect()
    }

    async fn lists(
        &self,
        groups: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Vec<ListedEmail>>, StoreError> {
        if groups.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self
            .db
            .all::<ListedRow>(
                "SELECT group_id, id, email, created_at FROM group_whitelisted_emails \
                 WHERE tenant_id = $1 AND group_id = ANY($2) ORDER BY created_at, email",
                [self.tenant.0.into(), groups.into()],
            )
            .await?;
        let mut lists: HashMap<Uuid, Vec<ListedEmail>> = HashMap::new();
        for row in rows {
            lists.entry(row.group_id).or_default().push(ListedEmail {
                id: ListedEmailId(row.id),
                email: Email::stored(row.email),
                created_at: row.created_at,
            });
        }
        Ok(lists)
    }
}

pub(super) fn written(group: &Group) -> Result<ActiveModel, StoreError> {
    let Group { id, tenant, popup, discount, is_ambassador_group, ambassador, .. } = *group;
    let max_members = group.max_members.map(i32::try_from).transpose();
    Ok(ActiveModel {
        tenant_id: Set(tenant.0),
        id: Set(id.0),
        popup_id: Set(popup.0),
        name: Set(group.name.clone()),
        slug: Set(group.slug.as_str().to_owned()),
        description: Set(group.description.clone()),
        discount_percentage: Set(discount.get()),
        max_members: Set(max_members.map_err(|error| StoreError::OutOfBounds(error.to_string()))?),
        welcome_message: Set(group.welcome_message.clone()),
        is_ambassador_group: Set(is_ambassador_group),
        ambassador_id: Set(ambassador.map(|human| human.0)),
        created_at: Set(group.created_at),
        updated_at: Set(group.updated_at),
    })
}

pub(super) fn max_members(group: Uuid, row: Option<i32>) -> Result<Option<u32>, StoreError> {
    stored("groups", group, row.map(u32::try_from).transpose())
}

impl TryFrom<Model> for Group {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let discount = Percentage::new(row.discount_percentage);
        Ok(Self {
            id: GroupId(row.id),
            tenant: TenantId(row.tenant_id),
            popup: PopupId(row.popup_id),
            name: row.name,
            slug: GroupSlug::stored(row.slug),
            description: row.description,
            discount: stored("groups", row.id, discount)?,
            max_members: max_members(row.id, row.max_members)?,
            welcome_message: row.welcome_message,
            is_ambassador_group: row.is_ambassador_group,
            ambassador: row.ambassador_id.map(HumanId),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

#[derive(FromQueryResult)]
struct ListedRow {
    group_id: Uuid,
    id: Uuid,
    email: String,
    created_at: DateTime<Utc>,
}
