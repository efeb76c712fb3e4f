//! Direct logins of tenants to the database.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use edgeos_domain::{CredentialId, TenantId};
use edgeos_ports::{
    AuditLog, Credential, CredentialType, Credentials, Environment, Govern, PlatformStaff,
    PlatformStore, Resource, Tenants, Transaction,
};

use crate::{
    AppError,
    audit::{self, Action},
    keys::Keyring,
};

/// A direct login, with its password in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenCredential {
    /// What it may do.
    pub credential_type: CredentialType,
    /// The database role.
    pub db_username: String,
    /// Its password.
    pub db_password: String,
}

/// Direct logins as superadmins hand them out.
#[derive(Clone)]
pub struct ManageCredentials<S> {
    store: S,
    env: Arc<dyn Environment>,
    keys: Arc<Keyring>,
}

impl<S> ManageCredentials<S>
where
    S: PlatformStore<PlatformTx: Tenants + Credentials + AuditLog>,
{
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>, keys: Arc<Keyring>) -> Self {
        Self { store, env, keys }
    }

    /// The tenant's logins, `crud` first. Every look is recorded.
    ///
    /// # Errors
    ///
    /// `NotFound` when the tenant has none, or there is no such tenant.
    pub async fn show(
        &self,
        by: &PlatformStaff<Govern>,
        tenant: TenantId,
    ) -> Result<Vec<OpenCredential>, AppError> {
        let mut tx = self.store.begin_platform(Some(tenant)).await?;
        let credentials = tx.credentials(tenant).await?;
        if credentials.is_empty() {
            return Err(AppError::NotFound(Resource::Credentials));
        }
        let open = credentials.iter().map(|one| self.open(one)).collect::<Result<_, _>>()?;
        audit::record(&mut tx, &*self.env, by.actor(), Action::CredentialsShown, tenant).await?;
        tx.commit().await?;
        Ok(open)
    }

    /// Issues the logins that are missing; with `rotate`, new passwords for all of them.
    ///
    /// # Errors
    ///
    /// `NotFound` for an unknown or deleted tenant; `Unavailable` where the server may not make database
    /// roles.
    pub async fn issue(
        &self,
        by: &PlatformStaff<Govern>,
        tenant: TenantId,
        rotate: bool,
    ) -> Result<Vec<OpenCredential>, AppError> {
        let mut tx = self.store.begin_platform(Some(tenant)).await?;
        tx.lock_tenant(tenant)
            .await?
            .filter(|tenant| !tenant.deleted)
            .ok_or(AppError::NotFound(Resource::Tenant))?;
        let issued = issue_missing(&mut tx, &*self.env, &self.keys, tenant, rotate).await?;
        let action = match issued {
            None => {
                return Err(AppError::Unavailable(
                    "the server may not make database logins here".into(),
                ));
            }
            Some(_) if rotate => Action::CredentialsRotated,
            Some(0) => Action::CredentialsShown,
            Some(_) => Action::CredentialsIssued,
        };
        audit::record(&mut tx, &*self.env, by.actor(), action, tenant).await?;
        let credentials = tx.credentials(tenant).await?;
        let open = credentials.iter().map(|one| self.open(one)).collect::<Result<_, _>>()?;
        tx.commit().await?;
        Ok(open)
    }

    /// Drops the tenant's logins and ends their sessions. The server itself doesn't use them.
    ///
    /// # Errors
    ///
    /// `NotFound` when the tenant has none.
    pub async fn delete(
        &self,
        by: &PlatformStaff<Govern>,
        tenant: TenantId,
    ) -> Result<(), AppError> {
        let mut tx = self.store.begin_platform(Some(tenant)).await?;
        if tx.drop_credentials(tenant).await? == 0 {
            return Err(AppError::NotFound(Resource::Credentials));
        }
        audit::record(&mut tx, &*self.env, by.actor(), Action::CredentialsDeleted, tenant).await?;
        Ok(tx.commit().await?)
    }

    fn open(&self, credential: &Credential) -> Result<OpenCredential, AppError> {
        let password = self.keys.open(&place(credential.id), &credential.sealed_password);
        Ok(OpenCredential {
            credential_type: credential.credential_type,
            db_username: credential.db_username.clone(),
            db_password: password
                .map_err(|error| AppError::Store(edgeos_ports::StoreError::Failed(error.into())))?,
        })
    }
}

/// Issues the logins of `tenant` that are missing, or all with `rotate`; how many, or `None` where the server may not
/// make database roles.
pub(crate) async fn issue_missing(
    tx: &mut impl Credentials,
    env: &dyn Environment,
    keys: &Keyring,
    tenant: TenantId,
    rotate: bool,
) -> Result<Option<usize>, AppError> {
    let present = tx.credentials(tenant).await?;
    let mut issued = 0;
    for credential_type in CredentialType::ALL {
        let before = present.iter().find(|one| one.credential_type == credential_type);
        if before.is_some() && !rotate {
            continue;
        }
        let id = before.map_or_else(|| CredentialId(env.uuid()), |one| one.id);
        let password = password(env);
        let credential = Credential {
            id,
            tenant,
            credential_type,
            db_username: before.map_or_else(|| user_name(env), |one| one.db_username.clone()),
            sealed_password: keys.seal(env, &place(id), &password),
        };
        let mut salt = [0; 16];
        env.fill(&mut salt);
        if !tx.issue_credential(&credential, &password, &salt).await? {
            return Ok(None);
        }
        issued += 1;
    }
    Ok(Some(issued))
}

/// Where a password is stored, which is authenticated with it.
fn place(id: CredentialId) -> String {
    format!("tenant_credentials.db_password_encrypted:{id}")
}

/// `usr_` and 16 hex digits.
fn user_name(env: &dyn Environment) -> String {
    let mut random = [0; 8];
    env.fill(&mut random);
    format!("usr_{:016x}", u64::from_be_bytes(random))
}

/// 43 letters, digits, dashes and underscores: 256 random bits.
fn password(env: &dyn Environment) -> String {
    let mut random = [0; 32];
    env.fill(&mut random);
    URL_SAFE_NO_PAD.encode(random)
}
