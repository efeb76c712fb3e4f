//! What is over, and nobody needs any more.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::TenantId;
use edgeos_ports::{
    Environment, HumanLoginCodes, IdempotencyKeys, PlatformStore, RevokedTokens, Store,
    TenantScope, Tenants, Transaction, UserLoginCodes,
};

use crate::AppError;

/// Rows that one statement deletes at most.
const BATCH: u64 = 1000;

/// Deletes what is over.
#[derive(Clone)]
pub struct DeleteExpired<S> {
    store: S,
    env: Arc<dyn Environment>,
}

impl<S> DeleteExpired<S>
where
    S: Store<Tx: HumanLoginCodes + IdempotencyKeys>
        + PlatformStore<PlatformTx: Tenants + UserLoginCodes + RevokedTokens>,
{
    /// Deletes from `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// Deletes codes, pending humans, repeat keys and revoked tokens that are over; how many. Several servers may do it
    /// at once.
    ///
    /// # Errors
    ///
    /// `Store`; what was deleted until then stays deleted. What is wrong at one tenant holds up no other.
    pub async fn run(&self) -> Result<u64, AppError> {
        let now = self.env.now();
        let mut tx = self.store.begin_platform(None).await?;
        let tenants = tx.every_tenant().await?;
        // A token with a fraction of a second is kept by its whole seconds: leave it a minute more.
        let mut deleted = tx.purge_revoked_tokens(now - TimeDelta::minutes(1)).await?;
        tx.commit().await?;
        loop {
            let mut tx = self.store.begin_platform(None).await?;
            let batch = tx.purge_user_login_codes(now, BATCH).await?;
            tx.commit().await?;
            deleted += batch;
            if batch < BATCH {
                break;
            }
        }
        for tenant in tenants {
            deleted += self.delete_of(tenant, now).await.unwrap_or_else(|error| {
                tracing::error!(tenant.id = %tenant, error = &error as &dyn std::error::Error,
                    "what is over at tenant {tenant} can't be deleted");
                0
            });
        }
        Ok(deleted)
    }

    async fn delete_of(&self, tenant: TenantId, now: DateTime<Utc>) -> Result<u64, AppError> {
        let scope = TenantScope::of_worker(tenant);
        let mut deleted = 0;
        loop {
            let mut tx = self.store.begin(&scope).await?;
            let codes = tx.purge_human_login_codes(now, BATCH).await?;
            let pending = tx.purge_pending_humans(now, BATCH).await?;
            let keys = tx.purge_idempotency_keys(now, BATCH).await?;
            tx.commit().await?;
            deleted += codes + pending + keys;
            if codes.max(pending).max(keys) < BATCH {
                return Ok(deleted);
            }
        }
    }
}
