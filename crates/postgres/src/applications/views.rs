use std::collections::HashMap;

use edgeos_domain::{Application, Human};
use edgeos_ports::{ApplicationView, AttendeeView, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, prelude::Uuid};

use crate::{
    PgTx,
    entity::{application, attendee, human},
    error::store_error,
};

impl PgTx {
    /// `rows` with their people, by three more statements, however many rows there are.
    pub(crate) async fn views(
        &mut self,
        rows: impl IntoIterator<Item = application::Model>,
    ) -> Result<Vec<ApplicationView>, StoreError> {
        let rows: Vec<_> = rows.into_iter().collect();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let humans = self.humans_by_id(rows.iter().map(|row| row.human_id).collect()).await?;
        let mut attendees = self.attendees_by_application(&rows).await?;
        rows.into_iter()
            .map(|row| {
                let human = humans.get(&row.human_id).cloned();
                let human = human.ok_or_else(|| {
                    StoreError::Failed(format!("applications {}: no human", row.id).into())
                })?;
                let attendees = attendees.remove(&row.id).unwrap_or_default();
                Ok(ApplicationView { application: Application::try_from(row)?, human, attendees })
            })
            .collect()
    }

    async fn humans_by_id(&self, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Human>, StoreError> {
        let rows = human::Entity::find()
            .filter(human::Column::TenantId.eq(self.tenant.0))
            .filter(human::Column::Id.eq_any(ids))
            .all(&self.db)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| (row.id, Human::from(row))).collect())
    }

    async fn attendees_by_application(
        &self,
        applications: &[application::Model],
    ) -> Result<HashMap<Uuid, Vec<AttendeeView>>, StoreError> {
        let ids: Vec<Uuid> = applications.iter().map(|row| row.id).collect();
        let rows = attendee::Entity::find()
            .filter(attendee::Column::TenantId.eq(self.tenant.0))
            .filter(attendee::Column::ApplicationId.eq_any(ids))
            .order_by_asc(attendee::Column::CreatedAt)
            .order_by_asc(attendee::Column::Id)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        let mut views: HashMap<Uuid, Vec<AttendeeView>> = HashMap::new();
        for view in self.with_products(rows).await? {
            views.entry(view.attendee.application.0).or_default().push(view);
        }
        Ok(views)
    }
}
