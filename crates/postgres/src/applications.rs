use edgeos_domain::{Application, ApplicationId, ApplicationStatus, HumanId, PopupId, UserId};
use edgeos_ports::{ApplicationFilter, ApplicationView, Applications, Page, Paging, StoreError};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
    prelude::Uuid, sea_query::LockType,
};

use crate::{
    PgTx,
    entity::application::{Column, Entity},
    error::store_error,
    page::page,
};

mod lists;
mod rows;
mod views;

impl Applications for PgTx {
    async fn application(&mut self, id: ApplicationId) -> Result<Option<Application>, StoreError> {
        let row = Entity::find_by_id((self.tenant.0, id.0)).one(&self.db).await;
        row.map_err(store_error)?.map(Application::try_from).transpose()
    }

    async fn lock_application(
        &mut self,
        id: ApplicationId,
    ) -> Result<Option<Application>, StoreError> {
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::NoKeyUpdate);
        let row = query.one(&self.db).await.map_err(store_error)?;
        row.map(Application::try_from).transpose()
    }

    async fn hold_application(
        &mut self,
        id: ApplicationId,
    ) -> Result<Option<Application>, StoreError> {
        let query = Entity::find_by_id((self.tenant.0, id.0)).lock(LockType::Share);
        let row = query.one(&self.db).await.map_err(store_error)?;
        row.map(Application::try_from).transpose()
    }

    async fn lock_application_of(
        &mut self,
        human: HumanId,
        popup: PopupId,
    ) -> Result<Option<Application>, StoreError> {
        let query = self.own(human, popup).lock(LockType::NoKeyUpdate);
        let row = query.one(&self.db).await.map_err(store_error)?;
        row.map(Application::try_from).transpose()
    }

    async fn lock_applications(
        &mut self,
        ids: &[ApplicationId],
    ) -> Result<Vec<Application>, StoreError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::Id.eq_any(ids.iter().map(|id| id.0)))
            .order_by_asc(Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Application::try_from).collect()
    }

    async fn lock_applications_to(
        &mut self,
        popup: PopupId,
        humans: &[HumanId],
    ) -> Result<Vec<Application>, StoreError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::PopupId.eq(popup.0))
            .filter(Column::HumanId.eq_any(humans.iter().map(|human| human.0)))
            .order_by_asc(Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Application::try_from).collect()
    }

    async fn lock_open_applications_of(
        &mut self,
        human: HumanId,
    ) -> Result<Vec<Application>, StoreError> {
        let open = [ApplicationStatus::InReview, ApplicationStatus::PendingFee];
        let rows = Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::HumanId.eq(human.0))
            .filter(Column::Status.is_in(open.map(ApplicationStatus::as_str)))
            .order_by_asc(Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Application::try_from).collect()
    }

    async fn applications_in_review(
        &mut self,
        popup: PopupId,
        after: Option<ApplicationId>,
        limit: u64,
    ) -> Result<Vec<(ApplicationId, HumanId)>, StoreError> {
        let after = after.map_or(Uuid::nil(), |id| id.0);
        let rows = self
            .db
            .all::<InReviewRow>(
                "SELECT id, human_id FROM applications WHERE tenant_id = $1 AND popup_id = $2 \
                 AND status = 'in review' AND id > $3 ORDER BY id LIMIT $4",
                [
                    self.tenant.0.into(),
                    popup.0.into(),
                    after.into(),
                    i64::try_from(limit).unwrap_or(i64::MAX).into(),
                ],
            )
            .await?;
        Ok(rows.into_iter().map(|row| (ApplicationId(row.id), HumanId(row.human_id))).collect())
    }

    async fn insert_application(&mut self, application: &Application) -> Result<(), StoreError> {
        let row = rows::inserted(application);
        Entity::insert(row).exec_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn update_application(&mut self, application: &Application) -> Result<(), StoreError> {
        let row = rows::updated(application);
        Entity::update(row).exec_without_returning(&self.db).await.map_err(store_error)?;
        Ok(())
    }

    async fn fee_is_paid(&mut self, application: ApplicationId) -> Result<bool, StoreError> {
        let row = self
            .db
            .one::<IdRow>(
                "SELECT id FROM payments WHERE tenant_id = $1 AND application_id = $2 \
                 AND payment_type = 'application_fee' AND status = 'approved' LIMIT 1",
                [self.tenant.0.into(), application.0.into()],
            )
            .await?;
        Ok(row.is_some())
    }

    async fn application_view(
        &mut self,
        id: ApplicationId,
    ) -> Result<Option<ApplicationView>, StoreError> {
        let row = Entity::find_by_id((self.tenant.0, id.0)).one(&self.db).await;
        Ok(self.views(row.map_err(store_error)?).await?.pop())
    }

    async fn application_view_of(
        &mut self,
        human: HumanId,
        popup: PopupId,
    ) -> Result<Option<ApplicationView>, StoreError> {
        let row = self.own(human, popup).one(&self.db).await.map_err(store_error)?;
        Ok(self.views(row).await?.pop())
    }

    async fn application_views(
        &mut self,
        filter: &ApplicationFilter,
        paging: Paging,
    ) -> Result<Page<ApplicationView>, StoreError> {
        let page = page(&self.db, self.matching(filter), paging).await.map_err(store_error)?;
        Ok(Page { total: page.total, items: self.views(page.items).await? })
    }

    async fn pending_reviews(
        &mut self,
        reviewer: UserId,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<ApplicationView>, StoreError> {
        let query = self.unvoted(reviewer, popup);
        let page = page(&self.db, query, paging).await.map_err(store_error)?;
        Ok(Page { total: page.total, items: self.views(page.items).await? })
    }
}

impl PgTx {
    /// The one application of `human` to `popup`.
    fn own(&self, human: HumanId, popup: PopupId) -> Select<Entity> {
        Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::HumanId.eq(human.0))
            .filter(Column::PopupId.eq(popup.0))
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    #[expect(dead_code, reason = "that there is a row says enough")]
    id: Uuid,
}

#[derive(FromQueryResult)]
struct InReviewRow {
    id: Uuid,
    human_id: Uuid,
}
