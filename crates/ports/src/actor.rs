use std::{fmt, marker::PhantomData};

use edgeos_domain::{HumanId, Role, Tenant, TenantId, UserId};

use crate::RequestId;

/// A backoffice user whose token was verified and whose account is active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserActor {
    /// Whose token it is.
    pub id: UserId,
    /// The role that the account has now.
    pub role: Role,
    /// The tenant the account belongs to; `None` for superadmins.
    pub tenant: Option<TenantId>,
    /// The request by which the user acts; `None` where there is none.
    pub request: Option<RequestId>,
}

/// The caller's role doesn't suffice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not enough permissions")]
pub struct Forbidden;

/// What a group of operations asks of the caller's role.
pub trait Class: fmt::Debug + Clone + Copy + Send + Sync + 'static {
    /// Whether the database itself refuses writes to whoever is admitted.
    const READ_ONLY: bool;

    /// Whether `role` may call operations of this class.
    fn admits(role: Role) -> bool;
}

/// Class `user`: every role, reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read;

/// Classes `writer` and `admin`: superadmins and admins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write;

/// Class `superadmin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Govern;

impl Class for Read {
    const READ_ONLY: bool = true;

    fn admits(_role: Role) -> bool {
        true
    }
}

impl Class for Write {
    const READ_ONLY: bool = false;

    fn admits(role: Role) -> bool {
        matches!(role, Role::Superadmin | Role::Admin)
    }
}

impl Class for Govern {
    const READ_ONLY: bool = false;

    fn admits(role: Role) -> bool {
        role == Role::Superadmin
    }
}

/// A user admitted to operations of class `C` on what belongs to no tenant: tenants, users, sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlatformStaff<C> {
    actor: UserActor,
    class: PhantomData<C>,
}

/// A user admitted to operations of class `C` within one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staff<C> {
    actor: UserActor,
    tenant: TenantId,
    class: PhantomData<C>,
}

/// May read what the tenant has.
pub type Reader = Staff<Read>;
/// May change what the tenant has.
pub type Writer = Staff<Write>;
/// A superadmin at work in a tenant.
pub type Governor = Staff<Govern>;

/// A human signed in to the portal, in the tenant that knows this human.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    human: HumanId,
    tenant: TenantId,
}

/// Leave to touch the rows of one tenant. Made from an admitted caller or a tenant that was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantScope {
    tenant: TenantId,
    read_only: bool,
}

impl UserActor {
    /// Admits this user to operations of class `C`.
    ///
    /// # Errors
    ///
    /// [`Forbidden`] when the class doesn't admit the role.
    pub fn admit<C: Class>(self) -> Result<PlatformStaff<C>, Forbidden> {
        if C::admits(self.role) {
            Ok(PlatformStaff { actor: self, class: PhantomData })
        } else {
            Err(Forbidden)
        }
    }
}

impl<C: Class> PlatformStaff<C> {
    /// Who this is.
    #[must_use]
    pub fn actor(self) -> UserActor {
        self.actor
    }

    /// The same user at work in the own tenant; `None` for superadmins, who have none.
    #[must_use]
    pub fn in_own_tenant(self) -> Option<Staff<C>> {
        let tenant = self.actor.tenant.filter(|_| self.actor.role != Role::Superadmin)?;
        Some(Staff { actor: self.actor, tenant, class: PhantomData })
    }

    /// A superadmin at work in a tenant of choice; `None` for other roles and for deleted tenants.
    #[must_use]
    pub fn in_chosen_tenant(self, tenant: &Tenant) -> Option<Staff<C>> {
        let admitted = self.actor.role == Role::Superadmin && !tenant.deleted;
        admitted.then_some(Staff { actor: self.actor, tenant: tenant.id, class: PhantomData })
    }
}

impl<C: Class> Staff<C> {
    /// Who this is.
    #[must_use]
    pub fn actor(&self) -> UserActor {
        self.actor
    }

    /// The tenant in which this user is at work.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The rows this user may touch; read-only as the class says, and for viewers always.
    #[must_use]
    pub fn scope(&self) -> TenantScope {
        let read_only = C::READ_ONLY || self.actor.role == Role::Viewer;
        TenantScope { tenant: self.tenant, read_only }
    }
}

impl Participant {
    /// A human whose token was verified, in a tenant that isn't deleted.
    #[must_use]
    pub fn authenticated(human: HumanId, tenant: TenantId) -> Self {
        Self { human, tenant }
    }

    /// Who this is.
    #[must_use]
    pub fn human(&self) -> HumanId {
        self.human
    }

    /// The tenant that knows this human.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The rows of the human's tenant; which of them are the human's own is for the use case to say.
    #[must_use]
    pub fn scope(&self) -> TenantScope {
        TenantScope { tenant: self.tenant, read_only: false }
    }

    /// As [`scope`](Self::scope), for reading alone.
    #[must_use]
    pub fn reading(&self) -> TenantScope {
        TenantScope { tenant: self.tenant, read_only: true }
    }
}

impl TenantScope {
    /// The scope of a visitor whom a public look-up led to `tenant`; `None` when it is deleted.
    #[must_use]
    pub fn of_visitor(tenant: &Tenant) -> Option<Self> {
        (!tenant.deleted).then_some(Self { tenant: tenant.id, read_only: false })
    }

    /// The scope of a worker that visits `tenant` on the server's own behalf.
    #[must_use]
    pub fn of_worker(tenant: TenantId) -> Self {
        Self { tenant, read_only: false }
    }

    /// The tenant whose rows are visible.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Whether the database itself refuses writes.
    #[must_use]
    pub fn read_only(&self) -> bool {
        self.read_only
    }
}
