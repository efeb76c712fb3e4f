use std::collections::HashMap;

use edgeos_domain::{
    ApplicationId, PopupId, Review, ReviewDecision, ReviewId, Reviewer, TenantId, UserId, Vote,
    WeightMultiplier,
};
use edgeos_ports::{ApplicationReviews, NewReview, Page, Paging, ReviewView, StoreError};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Value, prelude::Uuid,
};

use crate::{
    PgTx,
    entity::application_review::{Column, Entity, Model},
    error::{store_error, stored},
    page::page,
};

impl ApplicationReviews for PgTx {
    async fn upsert_review(&mut self, vote: &NewReview) -> Result<ReviewView, StoreError> {
        let values: [Value; 7] = [
            self.tenant.0.into(),
            vote.id.0.into(),
            vote.application.0.into(),
            vote.reviewer.0.into(),
            vote.decision.as_str().into(),
            vote.notes.clone().into(),
            vote.now.into(),
        ];
        let row = self
            .db
            .one::<Model>(
                "INSERT INTO applicationreviews AS r (tenant_id, id, application_id, reviewer_id, \
                 decision, notes, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) \
                 ON CONFLICT (tenant_id, application_id, reviewer_id) DO UPDATE SET \
                 decision = excluded.decision, notes = coalesce(excluded.notes, r.notes), \
                 updated_at = excluded.updated_at RETURNING r.*",
                values,
            )
            .await?;
        let view = self.with_reviewers(row).await?.pop();
        view.ok_or_else(|| StoreError::Failed("a vote was neither inserted nor updated".into()))
    }

    async fn votes(
        &mut self,
        applications: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Vec<Vote>>, StoreError> {
        let ids: Vec<Uuid> = applications.iter().map(|id| id.0).collect();
        let rows = self
            .db
            .all::<VoteRow>(
                "SELECT application_id, reviewer_id, decision FROM applicationreviews \
                 WHERE tenant_id = $1 AND application_id = ANY($2)",
                [self.tenant.0.into(), ids.into()],
            )
            .await?;
        let mut votes: HashMap<_, Vec<Vote>> = HashMap::new();
        for row in rows {
            let decision = decision(row.application_id, &row.decision)?;
            let vote = Vote { reviewer: UserId(row.reviewer_id), decision };
            votes.entry(ApplicationId(row.application_id)).or_default().push(vote);
        }
        Ok(votes)
    }

    async fn voting_reviewers(&mut self, popup: PopupId) -> Result<Vec<Reviewer>, StoreError> {
        let rows = self
            .db
            .all::<ReviewerRow>(
                "SELECT r.user_id, r.is_required, r.weight_multiplier FROM popupreviewers r \
                 JOIN users u ON u.id = r.user_id AND u.tenant_id = r.tenant_id \
                 WHERE r.tenant_id = $1 AND r.popup_id = $2 AND u.role = 'admin' AND NOT u.deleted \
                 ORDER BY r.user_id",
                [self.tenant.0.into(), popup.0.into()],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let weight = WeightMultiplier::new(row.weight_multiplier);
                Ok(Reviewer {
                    user: UserId(row.user_id),
                    required: row.is_required,
                    weight_e4: stored("popupreviewers", row.user_id, weight)?.e4(),
                })
            })
            .collect()
    }

    async fn reviews(
        &mut self,
        application: ApplicationId,
        paging: Paging,
    ) -> Result<Page<ReviewView>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::ApplicationId.eq(application.0))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id);
        let page = page(&self.db, query, paging).await.map_err(store_error)?;
        Ok(Page { total: page.total, items: self.with_reviewers(page.items).await? })
    }

    async fn all_reviews(
        &mut self,
        application: ApplicationId,
    ) -> Result<Vec<ReviewView>, StoreError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::ApplicationId.eq(application.0))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        self.with_reviewers(rows).await
    }

    async fn reviews_of(
        &mut self,
        reviewer: UserId,
        paging: Paging,
    ) -> Result<Page<ReviewView>, StoreError> {
        let query = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::ReviewerId.eq(reviewer.0))
            .order_by_desc(Column::UpdatedAt)
            .order_by_desc(Column::Id);
        let page = page(&self.db, query, paging).await.map_err(store_error)?;
        Ok(Page { total: page.total, items: self.with_reviewers(page.items).await? })
    }

    async fn delete_reviews(&mut self, application: ApplicationId) -> Result<u64, StoreError> {
        self.db
            .execute(
                "DELETE FROM applicationreviews WHERE tenant_id = $1 AND application_id = $2",
                [self.tenant.0.into(), application.0.into()],
            )
            .await
    }
}

impl PgTx {
    /// `rows` with the names of who voted, by one more statement.
    async fn with_reviewers(
        &self,
        rows: impl IntoIterator<Item = Model>,
    ) -> Result<Vec<ReviewView>, StoreError> {
        let rows: Vec<Model> = rows.into_iter().collect();
        let ids: Vec<Uuid> = rows.iter().map(|row| row.reviewer_id).collect();
        let sql = "SELECT id, email, full_name FROM users WHERE id = ANY($1)";
        let users = self.db.all::<UserRow>(sql, [ids.into()]).await?;
        let users: HashMap<_, _> = users.into_iter().map(|user| (user.id, user)).collect();
        rows.into_iter()
            .map(|row| {
                let user = users.get(&row.reviewer_id);
                Ok(ReviewView {
                    reviewer_email: user.map(|user| user.email.clone()),
                    reviewer_full_name: user.and_then(|user| user.full_name.clone()),
                    review: Review::try_from(row)?,
                })
            })
            .collect()
    }
}

fn decision(application: Uuid, text: &str) -> Result<ReviewDecision, StoreError> {
    let decision = ReviewDecision::parse(text).ok_or("unknown decision");
    stored("applicationreviews", application, decision)
}

#[derive(FromQueryResult)]
struct VoteRow {
    application_id: Uuid,
    reviewer_id: Uuid,
    decision: String,
}

#[derive(FromQueryResult)]
struct ReviewerRow {
    user_id: Uuid,
    is_required: bool,
    weight_multiplier: f64,
}

#[derive(FromQueryResult)]
struct UserRow {
    id: Uuid,
    email: String,
    full_name: Option<String>,
}

impl TryFrom<Model> for Review {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: ReviewId(row.id),
            tenant: TenantId(row.tenant_id),
            application: ApplicationId(row.application_id),
            reviewer: UserId(row.reviewer_id),
            decision: decision(row.application_id, &row.decision)?,
            notes: row.notes,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
