use edgeos_domain::{Role, StaffEmail, TenantId, User, UserId};

use crate::{Page, Paging, StoreError, Transaction};

/// Which users a list shows; what is `None` doesn't narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Users of this tenant.
    pub tenant: Option<TenantId>,
    /// Users with this role.
    pub role: Option<Role>,
    /// Part of the name or the e-mail, in any letter case.
    pub search: Option<String>,
    /// Deleted users instead of active ones.
    pub deleted: bool,
}

/// Backoffice users of the whole installation.
#[trait_variant::make(Send)]
pub trait Users: Transaction {
    /// The user `id`, deleted or not.
    async fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError>;

    /// As [`user`](Self::user), locked until the transaction ends.
    async fn lock_user(&mut self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The user with this e-mail, deleted or not.
    async fn user_by_email(&mut self, email: &StaffEmail) -> Result<Option<User>, StoreError>;

    /// One page of the users that match `filter`, by e-mail.
    async fn users(
        &mut self,
        filter: &UserFilter,
        paging: Paging,
    ) -> Result<Page<User>, StoreError>;

    /// Locks the active superadmins until the transaction ends; their ids, in order.
    async fn lock_superadmins(&mut self) -> Result<Vec<UserId>, StoreError>;

    /// Locks the active admins of `tenant` until the transaction ends; their ids, in order.
    async fn lock_admins(&mut self, tenant: TenantId) -> Result<Vec<UserId>, StoreError>;

    /// Stores a new user. [`Taken`](StoreError::Taken) when another one has the e-mail,
    /// [`Missing`](StoreError::Missing) without the tenant.
    async fn insert_user(&mut self, user: &User) -> Result<(), StoreError>;

    /// Stores `user` anew; errors as for [`insert_user`](Self::insert_user).
    async fn update_user(&mut self, user: &User) -> Result<(), StoreError>;
}
