//! Who a token's bearer is at this moment.

use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use edgeos_domain::{HumanId, Tenant, TenantId, User, UserId};
use edgeos_ports::{
    ChangeKind, Humans, Participant, PlatformStore, RevokedTokens, Store, StoreError, TenantScope,
    Tenants, UserActor, Users,
};

use crate::{
    believed::{Believed, Hearing},
    tokens::{Subject, TokenRefusal, Tokens, VerifiedToken},
};

/// How long anything is believed without asking again. Announcements drop it at once; this is for
/// announcements that get lost.
const BELIEVED: Duration = Duration::from_secs(5);

/// Verifies tokens without a query where it can: users, tenants and revoked tokens are held in memory,
/// and dropped when any server announces a change.
#[derive(Clone)]
pub struct Sessions<S> {
    inner: Arc<Inner<S>>,
}

struct Inner<S> {
    store: S,
    tokens: Tokens,
    users: Believed<UserId, Option<Arc<User>>>,
    tenants: Believed<TenantId, Option<Arc<Tenant>>>,
    /// The tenant that has the human; the one that a token names is checked, else it is looked up.
    humans: Believed<(HumanId, Option<TenantId>), Option<TenantId>>,
    hearing: Arc<Hearing>,
    /// Keys of revoked tokens, with their ends in seconds since the epoch.
    revoked: RwLock<HashMap<String, i64>>,
    /// How far the list of revoked tokens was read, in microseconds since the epoch.
    read_until: AtomicI64,
}

/// Why a bearer isn't admitted.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The token doesn't count, or its owner is gone.
    #[error("could not validate credentials")]
    Invalid,
    /// The token is for the other kind of caller.
    #[error("this kind of token is not accepted here")]
    WrongKind,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S> Sessions<S>
where
    S: Store<Tx: Humans> + PlatformStore<PlatformTx: Users + Tenants + RevokedTokens>,
{
    /// Sessions over `store`, of tokens that `tokens` verifies.
    pub fn new(store: S, tokens: Tokens, hearing: Arc<Hearing>) -> Self {
        let inner = Inner {
            store,
            tokens,
            users: Believed::new(hearing.clone(), 10_000, BELIEVED),
            tenants: Believed::new(hearing.clone(), 10_000, BELIEVED),
            humans: Believed::new(hearing.clone(), 100_000, BELIEVED),
            hearing,
            revoked: RwLock::default(),
            read_until: AtomicI64::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The backoffice user who bears `token`, by no request in particular.
    ///
    /// # Errors
    ///
    /// [`SessionError`].
    pub async fn user(&self, token: &str) -> Result<UserActor, SessionError> {
        let verified = self.verify(token)?;
        let Subject::User(id) = verified.subject else { return Err(SessionError::WrongKind) };
        self.active_user(id).await
    }

    /// The human who bears `token`.
    ///
    /// # Errors
    ///
    /// [`SessionError`].
    pub async fn human(&self, token: &str) -> Result<Participant, SessionError> {
        let verified = self.verify(token)?;
        let Subject::Human(id, tenant) = verified.subject else {
            return Err(SessionError::WrongKind);
        };
        self.active_human(id, tenant).await
    }

    /// The token itself, of either kind, when its owner is active.
    ///
    /// # Errors
    ///
    /// [`SessionError`].
    pub async fn any(&self, token: &str) -> Result<VerifiedToken, SessionError> {
        let verified = self.verify(token)?;
        match verified.subject {
            Subject::User(id) => {
                self.active_user(id).await?;
            }
            Subject::Human(id, tenant) => {
                self.active_human(id, tenant).await?;
            }
        }
        Ok(verified)
    }

    /// The tenant `id`, deleted or not; `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn tenant(&self, id: TenantId) -> Result<Option<Arc<Tenant>>, StoreError> {
        let load = async {
            let mut tx = self.inner.store.begin_platform(None).await?;
            Ok(tx.tenant(id).await?.map(Arc::new))
        };
        self.inner.tenants.get(id, load).await
    }

    /// Takes note of what another server, or this one, announced. Which tokens were revoked is to be read:
    /// [`read_revoked`](Self::read_revoked).
    pub fn heard(&self, kind: ChangeKind) {
        self.inner.hearing.count();
        match kind {
            ChangeKind::User => self.inner.users.forget_all(),
            ChangeKind::Tenant => self.inner.tenants.forget_all(),
            ChangeKind::Token | ChangeKind::Mail => {}
        }
    }

    /// Lets a token count no more on this server, which needn't wait for its own announcement.
    pub fn forget_token(&self, token: &VerifiedToken) {
        self.revoke(token.key.clone(), token.expires_at.timestamp());
    }

    /// Forgets everything that announcements would have corrected: some may have been missed.
    pub fn forget_all(&self) {
        self.inner.users.forget_all();
        self.inner.tenants.forget_all();
        self.inner.humans.forget_all();
    }

    /// Reads the tokens that were revoked since the last look, and forgets those that are over. To be
    /// called at start, before anything is served, and every few seconds.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn read_revoked(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        // A transaction that commits late writes an earlier time: look back a minute more.
        let since = self.inner.read_until.load(Ordering::Acquire) - 60_000_000;
        let since = DateTime::from_timestamp_micros(since.max(0)).unwrap_or_default();
        let mut tx = self.inner.store.begin_platform(None).await?;
        for token in tx.revoked_tokens(since, now).await? {
            self.revoke(token.key, token.expires_at.timestamp());
        }
        self.inner.read_until.store(now.timestamp_micros(), Ordering::Release);
        let mut revoked = self.inner.revoked.write().expect("nobody panics while holding it");
        revoked.retain(|_, expires_at| *expires_at >= now.timestamp());
        Ok(())
    }

    fn revoke(&self, key: String, expires_at: i64) {
        let mut revoked = self.inner.revoked.write().expect("nobody panics while holding it");
        revoked.insert(key, expires_at);
    }

    fn verify(&self, token: &str) -> Result<VerifiedToken, SessionError> {
        let verified = self.inner.tokens.verify(token).map_err(|refusal| match refusal {
            TokenRefusal::Invalid => SessionError::Invalid,
            TokenRefusal::WrongKind => SessionError::WrongKind,
        })?;
        let revoked = self.inner.revoked.read().expect("nobody panics while holding it");
        if revoked.contains_key(&verified.key) { Err(SessionError::Invalid) } else { Ok(verified) }
    }

    async fn active_user(&self, id: UserId) -> Result<UserActor, SessionError> {
        let load = async {
            let mut tx = self.inner.store.begin_platform(None).await?;
            Ok::<_, StoreError>(tx.user(id).await?.map(Arc::new))
        };
        let user = self.inner.users.get(id, load).await?;
        let user = user.filter(|user| !user.deleted).ok_or(SessionError::Invalid)?;
        if let Some(tenant) = user.tenant {
            self.live(tenant).await?;
        }
        Ok(UserActor { id, role: user.role, tenant: user.tenant, request: None })
    }

    async fn active_human(
        &self,
        id: HumanId,
        tenant: Option<TenantId>,
    ) -> Result<Participant, SessionError> {
        let home = self.inner.humans.get((id, tenant), self.home_of(id, tenant)).await?;
        let home = home.ok_or(SessionError::Invalid)?;
        self.live(home).await?;
        Ok(Participant::authenticated(id, home))
    }

    /// The tenant that has the human `id`; if a token names one, that one or none.
    async fn home_of(
        &self,
        id: HumanId,
        named: Option<TenantId>,
    ) -> Result<Option<TenantId>, StoreError> {
        let tenant = match named {
            Some(tenant) => Some(tenant),
            None => self.inner.store.begin_platform(None).await?.tenant_of_human(id).await?,
        };
        let Some(tenant) = tenant else { return Ok(None) };
        let mut tx = self.inner.store.begin(&TenantScope::of_worker(tenant)).await?;
        Ok(tx.human(id).await?.map(|_| tenant))
    }

    /// Fails unless `tenant` exists and isn't deleted.
    async fn live(&self, tenant: TenantId) -> Result<(), SessionError> {
        let tenant = self.tenant(tenant).await?;
        if tenant.is_some_and(|tenant| !tenant.deleted) {
            Ok(())
        } else {
            Err(SessionError::Invalid)
        }
    }
}
