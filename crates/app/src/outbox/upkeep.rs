use std::sync::Arc;

use chrono::TimeDelta;
use edgeos_domain::TenantId;
use edgeos_ports::{
    Environment, OldMail, Outbox, PlatformOutbox, PlatformStore, Store, StoreError, TenantScope,
    Tenants, Transaction,
};

use crate::AppError;

/// How long a mail is kept after it was settled: sent and expired ones, and dead ones, which somebody may want
/// to send again.
const KEPT: TimeDelta = TimeDelta::days(30);
const DEAD_KEPT: TimeDelta = TimeDelta::days(90);

/// Rows that one statement changes at most.
const BATCH: u64 = 1000;

/// Tenants whose mail one round looks at, to see whether it is over.
const TENANTS_MAX: u32 = 1000;

/// Clears the outbox of what is over, whether mail is on or off.
pub struct MailUpkeep<S> {
    store: S,
    env: Arc<dyn Environment>,
}

impl<S> MailUpkeep<S>
where
    S: Store<Tx: Outbox> + PlatformStore<PlatformTx: PlatformOutbox + Tenants>,
{
    /// Upkeep of the outbox of `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// Gives up mails that nobody sent while they were worth it, and forgets the codes in them; how many. Several
    /// servers may do it at once.
    ///
    /// # Errors
    ///
    /// `Store`. What is wrong with one tenant's mails holds up no other's.
    pub async fn expire(&self) -> Result<u64, AppError> {
        let mut expired = 0;
        let tenants = loop {
            let mut tx = self.store.begin_platform(None).await?;
            let batch = tx.expire_user_mail(BATCH).await?;
            let tenants = tx.tenants_with_due_mail(TENANTS_MAX).await?;
            tx.commit().await?;
            expired += batch;
            if batch < BATCH {
                break tenants;
            }
        };
        for tenant in tenants {
            expired += told(tenant, self.expire_of(tenant).await);
        }
        Ok(expired)
    }

    /// Deletes mails that were settled long ago; how many. Several servers may do it at once.
    ///
    /// # Errors
    ///
    /// As [`expire`](Self::expire).
    pub async fn sweep_old(&self) -> Result<u64, AppError> {
        let now = self.env.now();
        let old = OldMail { settled_before: now - KEPT, dead_before: now - DEAD_KEPT };
        let mut swept = 0;
        let tenants = loop {
            let mut tx = self.store.begin_platform(None).await?;
            let batch = tx.purge_user_mail(old, BATCH).await?;
            let tenants = tx.every_tenant().await?;
            tx.commit().await?;
            swept += batch;
            if batch < BATCH {
                break tenants;
            }
        };
        for tenant in tenants {
            swept += told(tenant, self.purge_of(tenant, old).await);
        }
        Ok(swept)
    }

    async fn expire_of(&self, tenant: TenantId) -> Result<u64, StoreError> {
        let mut expired = 0;
        loop {
            let mut tx = self.store.begin(&TenantScope::of_worker(tenant)).await?;
            let batch = tx.expire_mail(BATCH).await?;
            tx.commit().await?;
            expired += batch;
            if batch < BATCH {
                return Ok(expired);
            }
        }
    }

    async fn purge_of(&self, tenant: TenantId, old: OldMail) -> Result<u64, StoreError> {
        let mut swept = 0;
        loop {
            let mut tx = self.store.begin(&TenantScope::of_worker(tenant)).await?;
            let batch = tx.purge_mail(old, BATCH).await?;
            tx.commit().await?;
            swept += batch;
            if batch < BATCH {
                return Ok(swept);
            }
        }
    }
}

/// What was done for a tenant; nothing when that failed, which the log tells.
fn told(tenant: TenantId, done: Result<u64, StoreError>) -> u64 {
    done.unwrap_or_else(|error| {
        tracing::error!(tenant.id = %tenant, error = &error as &dyn std::error::Error,
            "old mail of tenant {tenant} can't be cleared away");
        0
    })
}
