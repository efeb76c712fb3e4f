//! The people who work in the backoffice.

use std::sync::Arc;

use edgeos_domain::{NewUser, OtherHolders, Role, User, UserChange, UserId, UserRefusal};
use edgeos_ports::{
    AuditLog, Change, Environment, Key, Page, Paging, PlatformStaff, PlatformStore, Read, Resource,
    StoreError, Tenants, Transaction, UserFilter, Users, Write,
};

use crate::{
    AppError,
    audit::{self, Action},
};

/// Backoffice users as superadmins and admins manage them, and each one the own record.
#[derive(Clone)]
pub struct ManageUsers<S> {
    store: S,
    env: Arc<dyn Environment>,
}

impl<S> ManageUsers<S>
where
    S: PlatformStore<PlatformTx: Users + Tenants + AuditLog>,
{
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// One page of the users. Admins see those of their own tenant, whatever the filter says.
    ///
    /// # Errors
    ///
    /// `Forbidden` for an admin of no tenant.
    pub async fn list(
        &self,
        by: &PlatformStaff<Write>,
        filter: UserFilter,
        paging: Paging,
    ) -> Result<Page<User>, AppError> {
        let actor = by.actor();
        let tenant = match actor.role {
            Role::Superadmin => filter.tenant,
            Role::Admin | Role::Viewer => {
                let of_none = || AppError::Forbidden("you belong to no organisation".into());
                Some(actor.tenant.ok_or_else(of_none)?)
            }
        };
        let mut tx = self.store.begin_platform(None).await?;
        Ok(tx.users(&UserFilter { tenant, ..filter }, paging).await?)
    }

    /// One's own record.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn me(&self, by: &PlatformStaff<Read>) -> Result<User, AppError> {
        let mut tx = self.store.begin_platform(None).await?;
        tx.user(by.actor().id).await?.ok_or(AppError::NotFound(Resource::User))
    }

    /// The user `id`, deleted or not.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Forbidden` for users of another tenant.
    pub async fn get(&self, by: &PlatformStaff<Write>, id: UserId) -> Result<User, AppError> {
        let mut tx = self.store.begin_platform(None).await?;
        let caller = caller(&mut tx, by.actor().id).await?;
        let user = tx.user(id).await?.ok_or(AppError::NotFound(Resource::User))?;
        user.may_be_seen_by(&caller)?;
        Ok(user)
    }

    /// Makes a user; one who was deleted comes back under the same id. Every role may ask, viewers in vain.
    ///
    /// # Errors
    ///
    /// `Forbidden` for a role that the caller can't give; `Refused` for a missing, unknown or deleted
    /// tenant and for a taken e-mail.
    pub async fn create(&self, by: &PlatformStaff<Read>, new: NewUser) -> Result<User, AppError> {
        let mut tx = self.store.begin_platform(by.actor().tenant.or(new.tenant)).await?;
        let caller = caller(&mut tx, by.actor().id).await?;
        let user = new.clone().by(&caller, UserId(self.env.uuid()))?;
        let (user, revived) = match tx.user_by_email(&new.email).await? {
            None => (user, false),
            Some(found) => {
                let found = tx.lock_user(found.id).await?.unwrap_or(found);
                (new.revive(&caller, &found)?, true)
            }
        };
        if let Some(tenant) = user.tenant {
            let found = tx.tenant(tenant).await?;
            if found.is_none_or(|tenant| tenant.deleted) {
                return Err(AppError::Refused("there is no such organisation".into()));
            }
        }
        if revived {
            tx.update_user(&user).await.map_err(taken)?;
        } else {
            tx.insert_user(&user).await.map_err(taken)?;
        }
        let action = if revived { Action::UserRevived } else { Action::UserCreated };
        audit::record_user(&mut tx, &*self.env, by.actor(), action, &user).await?;
        tx.announce(Change::User(user.id)).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Changes what `change` mentions.
    ///
    /// # Errors
    ///
    /// `NotFound`, also for deleted users; `Forbidden` as the rules of roles say; `Conflict` when the last
    /// superadmin or admin would be gone; `Refused` for a taken e-mail or a missing tenant.
    pub async fn update(
        &self,
        by: &PlatformStaff<Write>,
        id: UserId,
        change: UserChange,
    ) -> Result<User, AppError> {
        let (mut tx, before, others) = self.begin_on(id).await?;
        let caller = caller(&mut tx, by.actor().id).await?;
        let after = change.decide(&caller, &before, others)?;
        if after == before {
            return Ok(before);
        }
        if after.tenant != before.tenant
            && let Some(tenant) = after.tenant
            && tx.tenant(tenant).await?.is_none_or(|tenant| tenant.deleted)
        {
            return Err(AppError::Refused("there is no such organisation".into()));
        }
        tx.update_user(&after).await.map_err(taken)?;
        if after.role != before.role {
            let action = Action::UserRoleChanged { before: before.role, after: after.role };
            audit::record_user(&mut tx, &*self.env, by.actor(), action, &before).await?;
        }
        tx.announce(Change::User(id)).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Changes one's own name: the one thing besides signing out that a viewer writes.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn update_me(
        &self,
        by: &PlatformStaff<Read>,
        full_name: Option<Option<String>>,
    ) -> Result<User, AppError> {
        let mut tx = self.store.begin_platform(None).await?;
        let missing = AppError::NotFound(Resource::User);
        let user = tx.lock_user(by.actor().id).await?.ok_or(missing)?;
        let Some(full_name) = full_name else { return Ok(user) };
        let user = User { full_name, ..user };
        tx.update_user(&user).await?;
        tx.announce(Change::User(user.id)).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Deletes the user; deleting a deleted one again changes nothing.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Forbidden` as the rules of roles say; `Refused` for oneself; `Conflict` for the last
    /// superadmin.
    pub async fn delete(&self, by: &PlatformStaff<Write>, id: UserId) -> Result<(), AppError> {
        let (mut tx, user, others) = self.begin_on(id).await?;
        let caller = caller(&mut tx, by.actor().id).await?;
        user.may_be_deleted_by(&caller, others)?;
        if user.deleted {
            return Ok(());
        }
        let deleted = User { deleted: true, ..user };
        tx.update_user(&deleted).await?;
        audit::record_user(&mut tx, &*self.env, by.actor(), Action::UserDeleted, &deleted).await?;
        tx.announce(Change::User(id)).await?;
        Ok(tx.commit().await?)
    }

    /// A transaction on the user `id`, locked, and on the rows of the user's tenant, where what is done to
    /// the user is recorded.
    async fn begin_on(&self, id: UserId) -> Result<(S::PlatformTx, User, OtherHolders), AppError> {
        let missing = || AppError::NotFound(Resource::User);
        let mut tx = self.store.begin_platform(None).await?;
        let known = tx.user(id).await?.ok_or_else(missing)?;
        drop(tx);
        let mut tx = self.store.begin_platform(known.tenant).await?;
        let others = others(&mut tx, &known).await?;
        let user = tx.lock_user(id).await?.ok_or_else(missing)?;
        if user.tenant != known.tenant || user.role != known.role {
            return Err(AppError::Conflict("the user has just been changed; try again".into()));
        }
        Ok((tx, user, others))
    }
}

/// The caller as the database has them at this moment.
async fn caller(tx: &mut impl Users, id: UserId) -> Result<User, AppError> {
    let user = tx.user(id).await?.filter(|user| !user.deleted);
    user.ok_or_else(|| AppError::Unauthenticated("could not validate credentials".into()))
}

/// Who else holds the roles that mustn't die out; locked, so that two don't step down at once.
async fn others(tx: &mut impl Users, target: &User) -> Result<OtherHolders, StoreError> {
    let superadmins = match target.role {
        Role::Superadmin => tx.lock_superadmins().await?,
        Role::Admin | Role::Viewer => Vec::new(),
    };
    let admins = match (target.role, target.tenant) {
        (Role::Admin, Some(tenant)) => tx.lock_admins(tenant).await?,
        _ => Vec::new(),
    };
    let another = |ids: &[UserId]| ids.iter().any(|id| *id != target.id);
    Ok(OtherHolders { superadmins: another(&superadmins), admins: another(&admins) })
}

/// Whoever was faster has the e-mail.
fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(Key::UserEmail) => UserRefusal::EmailTaken.into(),
        StoreError::Missing(Resource::Tenant) => {
            AppError::Refused("there is no such organisation".into())
        }
        error => error.into(),
    }
}

impl From<UserRefusal> for AppError {
    fn from(refusal: UserRefusal) -> Self {
        match refusal {
            UserRefusal::Deleted => Self::NotFound(Resource::User),
            UserRefusal::OtherTenant
            | UserRefusal::Role
            | UserRefusal::Superadmin
            | UserRefusal::ColleagueEmail
            | UserRefusal::ColleagueRole
            | UserRefusal::ColleagueDeletion => Self::forbidden(refusal),
            UserRefusal::TenantMissing | UserRefusal::Oneself | UserRefusal::EmailTaken => {
                Self::refused(refusal)
            }
            UserRefusal::LastSuperadmin | UserRefusal::LastAdmin => Self::conflict(refusal),
        }
    }
}
