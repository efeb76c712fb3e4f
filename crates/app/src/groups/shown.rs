use edgeos_domain::TenantId;
use edgeos_ports::{
    GroupView, Groups, Humans, PlatformStore, Resource, RevokedTokens, Store, TenantScope, Tenants,
    Users,
};

use super::safe;
use crate::{AppError, sessions::Sessions};

/// Groups as whoever has their link sees them.
#[derive(Clone)]
pub struct ShownGroups<S> {
    store: S,
    sessions: Sessions<S>,
}

impl<S> ShownGroups<S>
where
    S: Store<Tx: Groups + Humans> + PlatformStore<PlatformTx: Tenants + Users + RevokedTokens>,
{
    /// The use case over `store`.
    pub fn new(store: S, sessions: Sessions<S>) -> Self {
        Self { store, sessions }
    }

    /// The group that a link with this slug leads to, for anybody: in `tenant`, or else in the only one that
    /// has such a group. Who is listed, and whose invite link it is, isn't told.
    ///
    /// # Errors
    ///
    /// `NotFound`, also when several tenants have such a group.
    pub async fn by_slug(
        &self,
        slug: &str,
        tenant: Option<TenantId>,
    ) -> Result<GroupView, AppError> {
        let missing = || AppError::NotFound(Resource::Group);
        let tenant = if let Some(tenant) = tenant {
            tenant
        } else {
            let mut tx = self.store.begin_platform(None).await?;
            tx.tenant_of_group_slug(slug).await?.ok_or_else(missing)?
        };
        let tenant = self.sessions.tenant(tenant).await?;
        let scope = tenant.and_then(|tenant| TenantScope::of_visitor(&tenant));
        let mut tx = self.store.begin(&scope.ok_or_else(missing)?).await?;
        let mut view = safe(tx.group_by_slug(slug).await?.ok_or_else(missing)?);
        view.group.ambassador = None;
        Ok(view)
    }
}
