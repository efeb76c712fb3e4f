use edgeos_domain::ApplicationSnapshot;
use edgeos_ports::{Snapshots, StoreError};
use sea_orm::{ActiveValue::Set, EntityTrait, prelude::Json};

use crate::{
    PgTx,
    entity::application_snapshot::{ActiveModel, Entity},
    error::store_error,
};

impl Snapshots for PgTx {
    async fn insert_snapshots(
        &mut self,
        snapshots: &[ApplicationSnapshot],
    ) -> Result<(), StoreError> {
        if snapshots.is_empty() {
            return Ok(());
        }
        Entity::insert_many(snapshots.iter().map(row))
            .exec_without_returning(&self.db)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

fn row(snapshot: &ApplicationSnapshot) -> ActiveModel {
    let ApplicationSnapshot { id, tenant, application, event, status, created_at, .. } = *snapshot;
    let profile = snapshot.profile.clone();
    ActiveModel {
        tenant_id: Set(tenant.0),
        id: Set(id.0),
        application_id: Set(application.0),
        event: Set(event.as_str().to_owned()),
        first_name: Set(profile.first_name),
        last_name: Set(profile.last_name),
        email: Set(snapshot.email.as_str().to_owned()),
        telegram: Set(profile.telegram),
        gender: Set(profile.gender),
        age: Set(profile.age),
        residence: Set(profile.residence),
        referral: Set(snapshot.referral.clone()),
        info_not_shared: Set(snapshot.info_not_shared.clone()),
        custom_fields: Set(Json::Object(snapshot.custom_fields.clone())),
        status: Set(status.as_str().to_owned()),
        created_at: Set(created_at),
    }
}
