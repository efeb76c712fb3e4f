//! Which tenant a portal address leads to.

use std::{
    collections::HashSet,
    sync::{Arc, RwLock},
    time::Duration,
};

use edgeos_domain::{HostName, RequestedHost, Tenant};
use edgeos_ports::{ChangeKind, PlatformStore, StoreError, Tenants};

use crate::{AppError, Hearing, believed::Believed};

/// How many hosts are remembered; anybody can ask for any.
const REMEMBERED: u64 = 10_000;

/// How long a host is remembered. Every change of a tenant drops all of them, on every server.
const LIFETIME: Duration = Duration::from_mins(1);

/// Finds tenants for visitors: by slug, by host, and whether a page may call the API at all.
#[derive(Clone)]
pub struct TenantHosts<S> {
    inner: Arc<Inner<S>>,
}

struct Inner<S> {
    store: S,
    portal: HostName,
    hosts: Believed<String, Option<Arc<Tenant>>>,
    slugs: Believed<String, Option<Arc<Tenant>>>,
    domains: RwLock<HashSet<String>>,
}

impl<S: PlatformStore<PlatformTx: Tenants>> TenantHosts<S> {
    /// Look-ups in `store`, with the portal at `portal`.
    pub fn new(store: S, portal: HostName, hearing: &Arc<Hearing>) -> Self {
        let hosts = Believed::new(hearing.clone(), REMEMBERED, LIFETIME);
        let slugs = Believed::new(hearing.clone(), REMEMBERED, LIFETIME);
        Self { inner: Arc::new(Inner { store, portal, hosts, slugs, domains: RwLock::default() }) }
    }

    /// The live tenant with this slug.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn of_slug(&self, slug: &str) -> Result<Option<Arc<Tenant>>, AppError> {
        let load = async {
            let mut tx = self.inner.store.begin_platform(None).await?;
            Ok::<_, StoreError>(tx.tenant_of_slug(slug).await?.map(Arc::new))
        };
        Ok(self.inner.slugs.get(slug.to_owned(), load).await?)
    }

    /// The live tenant that `authority`, a host with or without a port, leads to.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn of_host(&self, authority: &str) -> Result<Option<Arc<Tenant>>, AppError> {
        let Ok(host) = RequestedHost::parse(authority) else { return Ok(None) };
        let load = self.look_up(&host);
        Ok(self.inner.hosts.get(host.as_str().to_owned(), load).await?)
    }

    /// Whether `host` was the active custom domain of a live tenant when the domains were read last.
    /// Anybody can ask about any host, so it takes no query.
    #[must_use]
    pub fn is_custom_domain(&self, host: &str) -> bool {
        self.inner.domains.read().expect("nobody panics while holding it").contains(host)
    }

    /// Reads the active custom domains. To be called at start, and when a tenant changed.
    ///
    /// # Errors
    ///
    /// `Store`; then the domains read before stay.
    pub async fn read_domains(&self) -> Result<(), AppError> {
        let mut tx = self.inner.store.begin_platform(None).await?;
        let domains = tx.active_domains().await?.into_iter().collect();
        *self.inner.domains.write().expect("nobody panics while holding it") = domains;
        Ok(())
    }

    /// Takes note of an announcement.
    pub fn heard(&self, kind: ChangeKind) {
        if kind == ChangeKind::Tenant {
            self.forget_all();
        }
    }

    /// Forgets everything that announcements would have corrected: some may have been missed.
    pub fn forget_all(&self) {
        self.inner.hosts.forget_all();
        self.inner.slugs.forget_all();
    }

    /// First the domain itself; else the first label of what stands before the portal's host, as a domain,
    /// then as a slug.
    async fn look_up(&self, host: &RequestedHost) -> Result<Option<Arc<Tenant>>, StoreError> {
        let mut tx = self.inner.store.begin_platform(None).await?;
        if let Some(tenant) = tx.tenant_of_active_domain(host.as_str()).await? {
            return Ok(Some(Arc::new(tenant)));
        }
        let Some(label) = host.portal_label(&self.inner.portal) else { return Ok(None) };
        if let Some(tenant) = tx.tenant_of_active_domain(label).await? {
            return Ok(Some(Arc::new(tenant)));
        }
        Ok(tx.tenant_of_slug(label).await?.map(Arc::new))
    }
}
