use edgeos_domain::{CredentialId, TenantId};
use edgeos_ports::{Credential, CredentialType, Credentials, StoreError};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
};

use crate::{
    PgPlatformTx,
    entity::tenant_credential::{ActiveModel, Column, Entity, Model},
    error::{store_error, stored},
    scram,
};

impl Credentials for PgPlatformTx {
    async fn credentials(&mut self, tenant: TenantId) -> Result<Vec<Credential>, StoreError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(tenant.0))
            .order_by_asc(Column::CredentialType)
            .all(&self.db)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(Credential::try_from).collect()
    }

    async fn issue_credential(
        &mut self,
        credential: &Credential,
        password: &str,
        salt: &[u8],
    ) -> Result<bool, StoreError> {
        let kind = credential.credential_type.as_str();
        // The role function asks for the row; where roles can't be made, the row goes again.
        Entity::delete_many()
            .filter(Column::TenantId.eq(credential.tenant.0))
            .filter(Column::CredentialType.eq(kind))
            .exec(&self.db)
            .await
            .map_err(store_error)?;
        let row = ActiveModel {
            id: Set(credential.id.0),
            tenant_id: Set(credential.tenant.0),
            credential_type: Set(kind.to_owned()),
            db_username: Set(credential.db_username.clone()),
            db_password_encrypted: Set(credential.sealed_password.clone()),
            created_at: NotSet,
        };
        Entity::insert(row).exec_without_returning(&self.db).await.map_err(store_error)?;
        let issued = self
            .db
            .one::<Done>(
                "SELECT platform.issue_tenant_login($1, $2, $3, $4) AS done",
                [
                    credential.tenant.0.into(),
                    kind.into(),
                    credential.db_username.clone().into(),
                    scram::verifier(password, salt).into(),
                ],
            )
            .await?
            .is_some_and(|row| row.done);
        if !issued {
            Entity::delete_by_id(credential.id.0).exec(&self.db).await.map_err(store_error)?;
        }
        Ok(issued)
    }

    async fn drop_credentials(&mut self, tenant: TenantId) -> Result<u64, StoreError> {
        for credential in self.credentials(tenant).await? {
            self.db
                .one::<Done>(
                    "SELECT platform.drop_tenant_login($1) AS done",
                    [credential.db_username.into()],
                )
                .await?;
        }
        let deleted = Entity::delete_many()
            .filter(Column::TenantId.eq(tenant.0))
            .exec(&self.db)
            .await
            .map_err(store_error)?;
        Ok(deleted.rows_affected)
    }
}

#[derive(FromQueryResult)]
struct Done {
    done: bool,
}

impl TryFrom<Model> for Credential {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let kind = CredentialType::parse(&row.credential_type).ok_or("unknown type");
        Ok(Self {
            id: CredentialId(row.id),
            tenant: TenantId(row.tenant_id),
            credential_type: stored("tenant_credentials", row.id, kind)?,
            db_username: row.db_username,
            sealed_password: row.db_password_encrypted,
        })
    }
}
