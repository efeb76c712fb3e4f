//! Organisations: set up, changed, deleted, restored.

use std::sync::Arc;

use edgeos_domain::{HostName, NewTenant, Role, Tenant, TenantChange, TenantId, TenantRefusal};
use edgeos_ports::{
    Change, Credentials, Environment, Govern, Key, Page, Paging, PlatformStaff, PlatformStore,
    Resource, StoreError, TenantFilter, Tenants, Transaction, Write,
};

use crate::{
    AppError,
    audit::{self, Action},
    credentials::issue_missing,
    keys::Keyring,
};

/// Where the parts of the platform are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformHosts {
    /// The host of the portal, under which tenants have theirs.
    pub portal: HostName,
    /// Every host that no tenant may take as its custom domain.
    pub reserved: Vec<HostName>,
}

/// Organisations as superadmins manage them, and admins their own.
#[derive(Clone)]
pub struct ManageTenants<S> {
    store: S,
    env: Arc<dyn Environment>,
    keys: Arc<Keyring>,
    hosts: PlatformHosts,
}

impl<S> ManageTenants<S>
where
    S: PlatformStore<PlatformTx: Tenants + Credentials + edgeos_ports::AuditLog>,
{
    /// The use cases over `store`.
    pub fn new(
        store: S,
        env: Arc<dyn Environment>,
        keys: Arc<Keyring>,
        hosts: PlatformHosts,
    ) -> Self {
        Self { store, env, keys, hosts }
    }

    /// One page of all tenants.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        _by: &PlatformStaff<Govern>,
        filter: &TenantFilter,
        paging: Paging,
    ) -> Result<Page<Tenant>, AppError> {
        let mut tx = self.store.begin_platform(None).await?;
        Ok(tx.tenants(filter, paging).await?)
    }

    /// The tenant `id`, deleted or not. Admins see their own alone.
    ///
    /// # Errors
    ///
    /// `Forbidden` when an admin asks for any other id; `NotFound`.
    pub async fn get(&self, by: &PlatformStaff<Write>, id: TenantId) -> Result<Tenant, AppError> {
        own(by, id)?;
        let mut tx = self.store.begin_platform(None).await?;
        tx.tenant(id).await?.ok_or(AppError::NotFound(Resource::Tenant))
    }

    /// Sets up a tenant, with its two direct logins to the database where the server may make them.
    ///
    /// # Errors
    ///
    /// `Invalid` for a name that makes no slug; `Refused` when the slug is taken.
    pub async fn create(
        &self,
        by: &PlatformStaff<Govern>,
        new: NewTenant,
    ) -> Result<Tenant, AppError> {
        let id = TenantId(self.env.uuid());
        let tenant = new.into_tenant(id).map_err(AppError::invalid("name"))?;
        let mut tx = self.store.begin_platform(Some(id)).await?;
        tx.insert_tenant(&tenant, &tenant.host_labels(&self.hosts.portal)).await.map_err(taken)?;
        self.issue_logins(&mut tx, by, id).await?;
        // Somebody may have asked for this slug in vain a moment ago.
        tx.announce(Change::Tenant(id)).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    /// Changes what `change` mentions.
    ///
    /// # Errors
    ///
    /// `Forbidden` for other tenants than one's own and for what only superadmins may; `NotFound`;
    /// `Invalid`; `Conflict` over an active or taken domain; `Refused` when the slug is taken.
    pub async fn update(
        &self,
        by: &PlatformStaff<Write>,
        id: TenantId,
        change: TenantChange,
    ) -> Result<Tenant, AppError> {
        own(by, id)?;
        let mut tx = self.store.begin_platform(Some(id)).await?;
        let before = tx.lock_tenant(id).await?.ok_or(AppError::NotFound(Resource::Tenant))?;
        let after = before.patched(change, by.actor().role, &self.hosts.reserved)?;
        if after == before {
            return Ok(before);
        }
        tx.update_tenant(&after, &after.host_labels(&self.hosts.portal)).await.map_err(taken)?;
        if after.active_domain() != before.active_domain() {
            audit::record(&mut tx, &*self.env, by.actor(), Action::DomainSwitched, id).await?;
        }
        tx.announce(Change::Tenant(id)).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Deletes the tenant, which [`restore`](Self::restore) undoes: nobody signs in any more, its domain is
    /// free, its database logins are gone. Deleting a deleted one changes nothing.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn delete(&self, by: &PlatformStaff<Govern>, id: TenantId) -> Result<(), AppError> {
        let mut tx = self.store.begin_platform(Some(id)).await?;
        let tenant = tx.lock_tenant(id).await?.ok_or(AppError::NotFound(Resource::Tenant))?;
        if tenant.deleted {
            return Ok(());
        }
        let deleted = tenant.into_deleted();
        tx.update_tenant(&deleted, &deleted.host_labels(&self.hosts.portal)).await?;
        audit::record(&mut tx, &*self.env, by.actor(), Action::TenantDeleted, id).await?;
        if tx.drop_credentials(id).await? > 0 {
            audit::record(&mut tx, &*self.env, by.actor(), Action::CredentialsDeleted, id).await?;
        }
        tx.announce(Change::Tenant(id)).await?;
        Ok(tx.commit().await?)
    }

    /// Undoes a deletion, with new database logins. Restoring a live tenant changes nothing.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn restore(
        &self,
        by: &PlatformStaff<Govern>,
        id: TenantId,
    ) -> Result<Tenant, AppError> {
        let mut tx = self.store.begin_platform(Some(id)).await?;
        let tenant = tx.lock_tenant(id).await?.ok_or(AppError::NotFound(Resource::Tenant))?;
        if !tenant.deleted {
            return Ok(tenant);
        }
        let restored = tenant.restored();
        tx.update_tenant(&restored, &restored.host_labels(&self.hosts.portal)).await?;
        audit::record(&mut tx, &*self.env, by.actor(), Action::TenantRestored, id).await?;
        self.issue_logins(&mut tx, by, id).await?;
        tx.announce(Change::Tenant(id)).await?;
        tx.commit().await?;
        Ok(restored)
    }

    /// Issues the direct logins to the database, where the server may make them.
    async fn issue_logins(
        &self,
        tx: &mut S::PlatformTx,
        by: &PlatformStaff<Govern>,
        id: TenantId,
    ) -> Result<(), AppError> {
        let issued = issue_missing(tx, &*self.env, &self.keys, id, false).await?;
        if issued.is_some_and(|issued| issued > 0) {
            audit::record(tx, &*self.env, by.actor(), Action::CredentialsIssued, id).await?;
        }
        Ok(())
    }
}

/// Admins reach their own tenant alone; whether another one exists is not for them to know.
fn own(by: &PlatformStaff<Write>, id: TenantId) -> Result<(), AppError> {
    let actor = by.actor();
    if actor.role == Role::Superadmin || actor.tenant == Some(id) {
        Ok(())
    } else {
        Err(AppError::Forbidden("this organisation is not yours".into()))
    }
}

/// Whoever was faster has the slug or the domain; who that is stays unsaid.
fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(Key::TenantSlug) => AppError::Refused("this slug is taken".into()),
        StoreError::Taken(Key::CustomDomain) => AppError::Conflict("this domain is taken".into()),
        error => error.into(),
    }
}

impl From<TenantRefusal> for AppError {
    fn from(refusal: TenantRefusal) -> Self {
        match refusal {
            TenantRefusal::Deleted => Self::NotFound(Resource::Tenant),
            TenantRefusal::Name(_) => Self::invalid("name")(refusal),
            TenantRefusal::Slug(_) => Self::invalid("slug")(refusal),
            TenantRefusal::PlatformHost => Self::invalid("custom_domain")(refusal),
            TenantRefusal::Activation => Self::forbidden(refusal),
            TenantRefusal::ActiveDomain | TenantRefusal::NoDomain => Self::conflict(refusal),
        }
    }
}
