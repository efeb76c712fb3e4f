use chrono::{DateTime, Utc};
use edgeos_domain::{Email, Group, GroupId, ListedEmail, PopupId};
use edgeos_ports::{GroupDoor, GroupFilter, GroupView, Groups, Page, Paging, StoreError};
use rust_decimal::Decimal;
use sea_orm::{
    ActiveValue::{NotSet, Unchanged},
    ColumnTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QueryTrait,
    prelude::Uuid,
    sea_query::{Expr, OnConflict, extension::postgres::PgExpr},
};

use crate::{
    PgTx,
    entity::group::{ActiveModel, Column, Entity},
    error::{store_error, stored},
    page::{containing, page},
};

mod rows;

impl Groups for PgTx {
    async fn lock_group(&mut self, id: GroupId) -> Result<Option<GroupDoor>, StoreError> {
        // Payments that refer to the group may come meanwhile.
        let sql = "SELECT id FROM groups WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE";
        if self.db.one::<IdRow>(sql, [self.tenant.0.into(), id.0.into()]).await?.is_none() {
            return Ok(None);
        }
        // Counted by a statement of its own, whose snapshot is taken with the lock held.
        let row = self
            .db
            .one::<DoorRow>(
                "SELECT g.popup_id, g.max_members, g.is_ambassador_group, \
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
            max_members: rows::max_members(id.0, row.max_members)?,
            members: stored("groups", id.0, u64::try_from(row.members))?,
            is_open: row.is_open,
            is_ambassador_group: row.is_ambassador_group,
        }))
    }

    async fn popup_of_group(&mut self, id: GroupId) -> Result<Option<PopupId>, StoreError> {
        let sql = "SELECT popup_id AS id FROM groups WHERE tenant_id = $1 AND id = $2";
        let row = self.db.one::<IdRow>(sql, [self.tenant.0.into(), id.0.into()]).await?;
        Ok(row.map(|row| PopupId(row.id)))
    }

    async fn group(&mut self, id: GroupId) -> Result<Option<GroupView>, StoreError> {
        let row = Entity::find_by_id((self.tenant.0, id.0)).one(&self.db).await;
        Ok(self.group_views(row.map_err(store_error)?).await?.pop())
    }

    async fn group_by_slug(&mut self, slug: &str) -> Result<Option<GroupView>, StoreError> {
        let is_active = "(SELECT p.status = 'active' FROM popups p \
                         WHERE p.tenant_id = groups.tenant_id AND p.id = groups.popup_id)";
        let row = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::Slug.eq(slug))
            .order_by(Expr::cust(is_active), Order::Desc)
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .one(&self.db)
            .await
            .map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        let group = Group::try_from(row)?;
        let sql = "SELECT id FROM group_whitelisted_emails WHERE tenant_id = $1 AND group_id = $2 LIMIT 1";
        let values = [self.tenant.0.into(), group.id.0.into()];
        let is_open = self.db.one::<IdRow>(sql, values).await?.is_none();
        Ok(Some(GroupView { group, is_open, listed: Vec::new() }))
    }

    async fn groups(
        &mut self,
        filter: &GroupFilter,
        paging: Paging,
    ) -> Result<Page<GroupView>, StoreError> {
        let leads = "EXISTS (SELECT 1 FROM group_leaders l WHERE l.tenant_id = groups.tenant_id \
                     AND l.group_id = groups.id AND l.human_id = $1)";
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .apply_if(filter.popup, |query, popup| query.filter(Column::PopupId.eq(popup.0)))
            .apply_if(filter.leader, |query, human| {
                query.filter(Expr::cust_with_values(leads, [human.0]))
            })
            .apply_if(filter.search.as_deref(), |query, text| {
                query.filter(Column::Name.into_expr().ilike(containing(text)))
            })
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        let page = page(&self.db, query, paging).await.map_err(store_error)?;
        Ok(Page { total: page.total, items: self.group_views(page.items).await? })
    }

    async fn group_discount(&mut self, id: GroupId) -> Result<Option<Decimal>, StoreError> {
        let sql = "SELECT discount_percentage FROM groups WHERE tenant_id = $1 AND id = $2";
        let row = self.db.one::<DiscountRow>(sql, [self.tenant.0.into(), id.0.into()]).await?;
        Ok(row.map(|row| row.discount_percentage))
    }

    async fn insert_group(&mut self, group: &Group) -> Result<(), StoreError> {
        let row = rows::written(group)?;
        Entity::insert(row).exec_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn insert_group_if_new(&mut self, group: &Group) -> Result<bool, StoreError> {
        let inserted = Entity::insert(rows::written(group)?)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        Ok(inserted == 1)
    }

    async fn update_group(&mut self, group: &Group) -> Result<(), StoreError> {
        let changed = ActiveModel {
            tenant_id: Unchanged(group.tenant.0),
            id: Unchanged(group.id.0),
            popup_id: NotSet,
            created_at: NotSet,
            ..rows::written(group)?
        };
        Entity::update(changed).exec_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn group_holds_products(&mut self, id: GroupId) -> Result<bool, StoreError> {
        for sql in [
            "SELECT id FROM applications WHERE tenant_id = $1 AND group_id = $2 \
             ORDER BY id FOR NO KEY UPDATE",
            "SELECT id FROM payments WHERE tenant_id = $1 AND group_id = $2 \
             ORDER BY id FOR NO KEY UPDATE",
        ] {
            self.db.execute(sql, [self.tenant.0.into(), id.0.into()]).await?;
        }
        let row = self
            .db
            .one::<IdRow>(
                "SELECT t.id FROM applications a \
                 JOIN attendees t ON t.tenant_id = a.tenant_id AND t.application_id = a.id \
                 JOIN attendee_products h ON h.tenant_id = t.tenant_id AND h.attendee_id = t.id \
                 WHERE a.tenant_id = $1 AND a.group_id = $2 LIMIT 1",
                [self.tenant.0.into(), id.0.into()],
            )
            .await?;
        Ok(row.is_some())
    }

    async fn delete_group(&mut self, id: GroupId, now: DateTime<Utc>) -> Result<(), StoreError> {
        for table in ["applications", "payments"] {
            let sql = format!(
                "UPDATE {table} SET group_id = NULL, updated_at = $3 \
                 WHERE tenant_id = $1 AND group_id = $2"
            );
            self.db.execute(&sql, [self.tenant.0.into(), id.0.into(), now.into()]).await?;
        }
        // Leaders, members, products and list go with it.
        let sql = "DELETE FROM groups WHERE tenant_id = $1 AND id = $2";
        self.db.execute(sql, [self.tenant.0.into(), id.0.into()]).await?;
        Ok(())
    }

    async fn is_listed(&mut self, group: GroupId, email: &Email) -> Result<bool, StoreError> {
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

    async fn replace_listed(
        &mut self,
        group: GroupId,
        listed: &[ListedEmail],
    ) -> Result<(), StoreError> {
        let emails: Vec<_> = listed.iter().map(|entry| entry.email.as_str().to_owned()).collect();
        let ids: Vec<Uuid> = listed.iter().map(|entry| entry.id.0).collect();
        let times: Vec<_> = listed.iter().map(|entry| entry.created_at).collect();
        self.db
            .execute(
                "DELETE FROM group_whitelisted_emails \
                 WHERE tenant_id = $1 AND group_id = $2 AND email <> ALL($3)",
                [self.tenant.0.into(), group.0.into(), emails.clone().into()],
            )
            .await?;
        self.db
            .execute(
                "INSERT INTO group_whitelisted_emails (id, tenant_id, group_id, email, created_at) \
                 SELECT id, $1, $2, email, created_at \
                 FROM unnest($3::uuid[], $4::text[], $5::timestamptz[]) AS new (id, email, created_at) \
                 ON CONFLICT (tenant_id, group_id, email) DO NOTHING",
                [
                    self.tenant.0.into(),
                    group.0.into(),
                    ids.into(),
                    emails.into(),
                    times.into(),
                ],
            )
            .await?;
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct IdRow {
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
    is_ambassador_group: bool,
    members: i64,
    is_open: bool,
}
