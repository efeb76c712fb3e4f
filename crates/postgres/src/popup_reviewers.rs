use chrono::{DateTime, Utc};
use edgeos_domain::{PopupId, PopupReviewer, ReviewerId, UserId, WeightMultiplier};
use edgeos_ports::{Page, Paging, PopupReviewerView, PopupReviewers, StoreError};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    prelude::Uuid,
};

use crate::{
    PgTx,
    entity::popup_reviewer::{ActiveModel, Column, Entity},
    error::{store_error, stored},
};

/// A user who left the tenant isn't visible in it any more, and can't vote.
const VIEW: &str = "\
    SELECT r.id, r.user_id, r.is_required, r.weight_multiplier, r.created_at, \
    u.email, u.full_name, \
    coalesce(u.role = 'admin' AND u.tenant_id = r.tenant_id AND NOT u.deleted, false) AS is_active \
    FROM popupreviewers r LEFT JOIN users u ON u.id = r.user_id \
    WHERE r.tenant_id = $1 AND r.popup_id = $2";

impl PopupReviewers for PgTx {
    async fn reviewers(
        &mut self,
        popup: PopupId,
        paging: Paging,
    ) -> Result<Page<PopupReviewerView>, StoreError> {
        let total = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::PopupId.eq(popup.0))
            .count(&self.db)
            .await
            .map_err(store_error)?;
        let stretch = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let rows = self
            .db
            .all::<ViewRow>(
                &format!("{VIEW} ORDER BY r.created_at, r.id OFFSET $3 LIMIT $4"),
                [
                    self.tenant.0.into(),
                    popup.0.into(),
                    stretch(paging.skip).into(),
                    stretch(paging.limit).into(),
                ],
            )
            .await?;
        let items = rows.into_iter().map(|row| self.reviewer_view(popup, row));
        Ok(Page { items: items.collect::<Result<_, _>>()?, total })
    }

    async fn lock_reviewer(
        &mut self,
        popup: PopupId,
        user: UserId,
    ) -> Result<Option<PopupReviewerView>, StoreError> {
        let row = self
            .db
            .one::<ViewRow>(
                &format!("{VIEW} AND r.user_id = $3 FOR UPDATE OF r"),
                [self.tenant.0.into(), popup.0.into(), user.0.into()],
            )
            .await?;
        row.map(|row| self.reviewer_view(popup, row)).transpose()
    }

    async fn insert_reviewer(&mut self, reviewer: &PopupReviewer) -> Result<(), StoreError> {
        Entity::insert(row(reviewer))
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn update_reviewer(&mut self, reviewer: &PopupReviewer) -> Result<(), StoreError> {
        let changed = ActiveModel {
            tenant_id: Unchanged(self.tenant.0),
            id: Unchanged(reviewer.id.0),
            popup_id: NotSet,
            user_id: NotSet,
            created_at: NotSet,
            ..row(reviewer)
        };
        changed.update_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn delete_reviewer(&mut self, popup: PopupId, user: UserId) -> Result<bool, StoreError> {
        let deletion = Entity::delete_many()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::PopupId.eq(popup.0))
            .filter(Column::UserId.eq(user.0));
        Ok(deletion.exec(&self.db).await.map_err(store_error)?.rows_affected == 1)
    }
}

impl PgTx {
    fn reviewer_view(&self, popup: PopupId, row: ViewRow) -> Result<PopupReviewerView, StoreError> {
        let weight = WeightMultiplier::new(row.weight_multiplier);
        Ok(PopupReviewerView {
            reviewer: PopupReviewer {
                id: ReviewerId(row.id),
                tenant: self.tenant,
                popup,
                user: UserId(row.user_id),
                is_required: row.is_required,
                weight_multiplier: stored("popupreviewers", row.id, weight)?,
                created_at: row.created_at,
            },
            user_email: row.email,
            user_full_name: row.full_name,
            is_active: row.is_active,
        })
    }
}

#[derive(FromQueryResult)]
struct ViewRow {
    id: Uuid,
    user_id: Uuid,
    is_required: bool,
    weight_multiplier: f64,
    created_at: DateTime<Utc>,
    email: Option<String>,
    full_name: Option<String>,
    is_active: bool,
}

fn row(reviewer: &PopupReviewer) -> ActiveModel {
    ActiveModel {
        tenant_id: Set(reviewer.tenant.0),
        id: Set(reviewer.id.0),
        popup_id: Set(reviewer.popup.0),
        user_id: Set(reviewer.user.0),
        is_required: Set(reviewer.is_required),
        weight_multiplier: Set(reviewer.weight_multiplier.get()),
        created_at: Set(reviewer.created_at),
    }
}
