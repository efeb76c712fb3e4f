use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::Arc,
};

use chrono::TimeDelta;
use edgeos_domain::{TenantId, UploadKey, UploadOwner};
use edgeos_ports::{
    Environment, FileStorage, PlatformStore, Source, Store, TenantScope, Tenants, UploadMentions,
};

/// Files whose use is asked about together.
const AT_ONCE: usize = 20;

/// How long a file may wait to be shown somewhere.
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// Deletes uploaded files that their tenant shows nowhere (any more).
pub struct RemoveOrphans<S> {
    store: S,
    storage: Arc<dyn FileStorage>,
    env: Arc<dyn Environment>,
}

impl<S> RemoveOrphans<S>
where
    S: Store<Tx: UploadMentions> + PlatformStore<PlatformTx: Tenants>,
{
    /// The worker over `storage`, whose files are shown by what is in `store`.
    pub fn new(store: S, storage: Arc<dyn FileStorage>, env: Arc<dyn Environment>) -> Self {
        Self { store, storage, env }
    }

    /// Deletes files of more than seven days that their tenant shows nowhere; how many. Files of superadmins stay,
    /// since any tenant may show them, and so do those of tenants that aren't in the store: another installation may
    /// have them.
    ///
    /// # Errors
    ///
    /// What storage or store said; what was deleted until then stays so.
    pub async fn run(&self) -> Result<usize, Source> {
        let mut deleted = 0;
        let mut known = HashMap::new();
        let mut after = None;
        loop {
            let page = self.storage.files(after.as_deref()).await?;
            let old = self.env.now() - PATIENCE;
            let mut of_tenants: BTreeMap<TenantId, Vec<UploadKey>> = BTreeMap::new();
            for file in page.files.into_iter().filter(|file| file.modified_at < old) {
                if let UploadOwner::Tenant(tenant) = file.key.owner() {
                    of_tenants.entry(tenant).or_default().push(file.key);
                }
            }
            for (tenant, keys) in of_tenants {
                let is_ours = match known.entry(tenant) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(unknown) => *unknown.insert(self.is_ours(tenant).await?),
                };
                if is_ours {
                    deleted += self.remove(tenant, &keys).await?;
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(deleted),
            }
        }
    }

    async fn is_ours(&self, tenant: TenantId) -> Result<bool, Source> {
        let mut tx = self.store.begin_platform(None).await?;
        Ok(tx.tenant(tenant).await?.is_some())
    }

    async fn remove(&self, tenant: TenantId, keys: &[UploadKey]) -> Result<usize, Source> {
        let mut deleted = 0;
        // What is shown is asked anew for every few: deleting takes its time.
        for keys in keys.chunks(AT_ONCE) {
            let mut tx = self.store.begin(&TenantScope::of_worker(tenant)).await?;
            let shown = tx.mentioned_uploads(keys).await?;
            drop(tx);
            for key in keys.iter().filter(|key| !shown.contains(*key)) {
                self.storage.delete(key).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}
