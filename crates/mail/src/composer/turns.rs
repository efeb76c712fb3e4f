use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use edgeos_domain::TenantId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Who may work at the same time: so many in all, and fewer of one tenant, so that there is a turn for others.
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// How many of one tenant.
    share: usize,
    /// Tenants who work or wait.
    tenants: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
    patience: Duration,
}

/// Leave to work, until it is dropped.
pub(super) struct Turn {
    _of_tenant: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Turns {
    /// Turns for `all` at the same time, `share` of them for the same tenant, for which nobody waits longer than
    /// `patience`.
    pub(super) fn new(all: usize, share: usize, patience: Duration) -> Self {
        let (all, tenants) = (Arc::new(Semaphore::new(all)), Mutex::default());
        Self { all, share, tenants, patience }
    }

    /// A turn for `tenant`; `None` when there is none in time. First come, first served.
    pub(super) async fn take(&self, tenant: TenantId) -> Option<Turn> {
        let own = self.of(tenant);
        let taken = async {
            let of_tenant = own.acquire_owned().await.ok()?;
            let of_all = self.all.clone().acquire_owned().await.ok()?;
            Some(Turn { _of_tenant: of_tenant, _of_all: of_all })
        };
        timeout(self.patience, taken).await.ok().flatten()
    }

    fn of(&self, tenant: TenantId) -> Arc<Semaphore> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever works or waits holds it too.
        tenants.retain(|_, own| Arc::strong_count(own) > 1);
        tenants.entry(tenant).or_insert_with(|| Arc::new(Semaphore::new(self.share))).clone()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ONE: TenantId = TenantId(Uuid::from_u128(1));
    const OTHER: TenantId = TenantId(Uuid::from_u128(2));

    #[tokio::test]
    async fn nobody_takes_every_turn() {
        let turns = Turns::new(2, 1, Duration::ZERO);
        let first = turns.take(ONE).await.unwrap();
        assert!(turns.take(ONE).await.is_none());
        let second = turns.take(OTHER).await.unwrap();
        assert!(turns.take(TenantId(Uuid::from_u128(3))).await.is_none());
        drop(first);
        let third = turns.take(ONE).await.unwrap();
        drop((second, third));
        // Nobody is remembered for having worked.
        turns.of(OTHER);
        assert_eq!(turns.tenants.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn whoever_waits_is_next() {
        let turns = Turns::new(1, 1, Duration::from_mins(1));
        let first = turns.take(ONE).await.unwrap();
        let (second, ()) = tokio::join!(turns.take(OTHER), async { drop(first) });
        assert!(second.is_some());
    }
}
