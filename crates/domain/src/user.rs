use crate::{StaffEmail, TenantId, UserId};

/// What a backoffice user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everything, in every tenant; belongs to none.
    Superadmin,
    /// Everything within the own tenant.
    Admin,
    /// Reading within the own tenant.
    Viewer,
}

/// Somebody who works in the backoffice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifies the user over the installation.
    pub id: UserId,
    /// Where login codes are sent; one user per address, deleted ones included.
    pub email: StaffEmail,
    /// What others read, if it is known.
    pub full_name: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// Where the user works; `None` for superadmins.
    pub tenant: Option<TenantId>,
    /// Whether the user is out, which can be undone.
    pub deleted: bool,
}

/// Somebody to be let into the backoffice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Where login codes will be sent.
    pub email: StaffEmail,
    /// What others will read.
    pub full_name: Option<String>,
    /// What the user will be allowed to do.
    pub role: Role,
    /// The tenant that the request names. Counts only where the caller may choose.
    pub tenant: Option<TenantId>,
}

/// What a request changes about a user; `None` changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserChange {
    /// Another address.
    pub email: Option<StaffEmail>,
    /// Another name; the inner `None` removes it.
    pub full_name: Option<Option<String>>,
    /// Another role.
    pub role: Option<Role>,
    /// Where a superadmin without tenant works from now on. Counts only when a superadmin asks.
    pub tenant: Option<TenantId>,
}

/// Who else holds a role that must not die out; to be read under a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherHolders {
    /// Whether another active superadmin exists than the one to be changed.
    pub superadmins: bool,
    /// Whether the target's tenant has another active admin than the one to be changed.
    pub admins: bool,
}

/// Why a user isn't created, changed, shown or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UserRefusal {
    /// Deleted users are shown, but not changed: as if there were none.
    #[error("user not found")]
    Deleted,
    /// The caller's tenant has no such user.
    #[error("this user belongs to another organisation")]
    OtherTenant,
    /// The caller can't give this role.
    #[error("you may not give this role")]
    Role,
    /// Only superadmins change superadmins.
    #[error("only superadmins may change a superadmin")]
    Superadmin,
    /// An address is a key to the account.
    #[error("you may not change the e-mail of another admin")]
    ColleagueEmail,
    /// Admins don't demote each other.
    #[error("you may not change the role of another admin")]
    ColleagueRole,
    /// Admins don't delete each other.
    #[error("you may not delete another admin")]
    ColleagueDeletion,
    /// Everybody but a superadmin works in a tenant.
    #[error("a tenant is required for this role")]
    TenantMissing,
    /// Nobody deletes the own account.
    #[error("you can't delete yourself")]
    Oneself,
    /// Somebody else has the address, deleted or not.
    #[error("a user with this e-mail exists already")]
    EmailTaken,
    /// Without superadmin nobody could make one.
    #[error("the last superadmin can't be demoted or deleted")]
    LastSuperadmin,
    /// Without admin the organisation couldn't help itself.
    #[error("the last admin of an organisation can't step down")]
    LastAdmin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Superadmin, Self::Admin, Self::Viewer];

    /// The role as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Superadmin => "superadmin",
            Self::Admin => "admin",
            Self::Viewer => "viewer",
        }
    }

    /// The role that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether somebody of this role may give `role` to others.
    #[must_use]
    pub fn may_give(self, role: Self) -> bool {
        match self {
            Self::Superadmin => true,
            Self::Admin => role != Self::Superadmin,
            Self::Viewer => false,
        }
    }
}

impl NewUser {
    /// The user that `caller` may make of this.
    ///
    /// # Errors
    ///
    /// `Role`, then `TenantMissing`.
    pub fn by(self, caller: &User, id: UserId) -> Result<User, UserRefusal> {
        let Self { email, full_name, role, tenant } = self;
        let tenant = place(caller, role, tenant)?;
        Ok(User { id, email, full_name, role, tenant, deleted: false })
    }

    /// `existing`, a user with this address, let in again in the way that the request asks for.
    ///
    /// # Errors
    ///
    /// As for [`by`](Self::by), and `EmailTaken` unless `existing` is deleted and the caller is a superadmin
    /// or of the same tenant.
    pub fn revive(self, caller: &User, existing: &User) -> Result<User, UserRefusal> {
        let user = self.by(caller, existing.id)?;
        let ours = caller.role == Role::Superadmin
            || (existing.tenant.is_some() && existing.tenant == caller.tenant);
        if existing.deleted && ours { Ok(user) } else { Err(UserRefusal::EmailTaken) }
    }
}

impl UserChange {
    /// What `target` becomes when `caller` asks for this change.
    ///
    /// # Errors
    ///
    /// The first [`UserRefusal`] that applies. An unchanged value is never refused.
    pub fn decide(
        self,
        caller: &User,
        target: &User,
        others: OtherHolders,
    ) -> Result<User, UserRefusal> {
        if target.deleted {
            return Err(UserRefusal::Deleted);
        }
        target.may_be_seen_by(caller)?;
        let role = self.role.unwrap_or(target.role);
        let new_role = role != target.role;
        if caller.role != Role::Superadmin {
            let new_email = self.email.as_ref().is_some_and(|email| *email != target.email);
            admin_may_change(caller, target, role, new_email)?;
        }
        if new_role && target.role == Role::Superadmin && !others.superadmins {
            return Err(UserRefusal::LastSuperadmin);
        }
        let steps_down = new_role && caller.id == target.id && target.role == Role::Admin;
        if steps_down && caller.role == Role::Admin && !others.admins {
            return Err(UserRefusal::LastAdmin);
        }
        let sent = self.tenant.filter(|_| caller.role == Role::Superadmin);
        let tenant = match role {
            Role::Superadmin => None,
            Role::Admin | Role::Viewer => {
                Some(target.tenant.or(sent).ok_or(UserRefusal::TenantMissing)?)
            }
        };
        Ok(User {
            id: target.id,
            email: self.email.unwrap_or_else(|| target.email.clone()),
            full_name: self.full_name.unwrap_or_else(|| target.full_name.clone()),
            role,
            tenant,
            deleted: false,
        })
    }
}

impl User {
    /// Whether `caller` may know this user.
    ///
    /// # Errors
    ///
    /// `OtherTenant`, unless it is oneself, the caller is a superadmin, or an admin of the same tenant.
    pub fn may_be_seen_by(&self, caller: &User) -> Result<(), UserRefusal> {
        let colleague = caller.tenant.is_some() && self.tenant == caller.tenant;
        let seen = match caller.role {
            Role::Superadmin => true,
            Role::Admin => colleague || self.id == caller.id,
            Role::Viewer => self.id == caller.id,
        };
        if seen { Ok(()) } else { Err(UserRefusal::OtherTenant) }
    }

    /// Whether `caller` may delete this user; deleting a deleted one again changes nothing.
    ///
    /// # Errors
    ///
    /// The first [`UserRefusal`] that applies.
    pub fn may_be_deleted_by(
        &self,
        caller: &User,
        others: OtherHolders,
    ) -> Result<(), UserRefusal> {
        self.may_be_seen_by(caller)?;
        if self.id == caller.id {
            return Err(UserRefusal::Oneself);
        }
        match (caller.role, self.role) {
            (Role::Superadmin, Role::Superadmin) if !self.deleted && !others.superadmins => {
                Err(UserRefusal::LastSuperadmin)
            }
            (Role::Superadmin, _) | (Role::Admin, Role::Viewer) => Ok(()),
            (Role::Admin, Role::Admin) => Err(UserRefusal::ColleagueDeletion),
            (Role::Admin, Role::Superadmin) => Err(UserRefusal::Superadmin),
            (Role::Viewer, _) => Err(UserRefusal::Role),
        }
    }

    /// Whether the user is active and an admin of `tenant`: one who can review its applications.
    #[must_use]
    pub fn is_active_admin_of(&self, tenant: TenantId) -> bool {
        !self.deleted && self.role == Role::Admin && self.tenant == Some(tenant)
    }
}

/// Where a new user of `role` works, if `caller` may create one.
fn place(
    caller: &User,
    role: Role,
    sent: Option<TenantId>,
) -> Result<Option<TenantId>, UserRefusal> {
    if !caller.role.may_give(role) {
        return Err(UserRefusal::Role);
    }
    match (caller.role, role) {
        (Role::Superadmin, Role::Superadmin) => Ok(None),
        (Role::Superadmin, _) => sent.map(Some).ok_or(UserRefusal::TenantMissing),
        _ => caller.tenant.map(Some).ok_or(UserRefusal::TenantMissing),
    }
}

/// What an admin may change about somebody of the own tenant.
fn admin_may_change(
    caller: &User,
    target: &User,
    role: Role,
    new_email: bool,
) -> Result<(), UserRefusal> {
    let new_role = role != target.role;
    if target.role == Role::Superadmin {
        return Err(UserRefusal::Superadmin);
    }
    if new_role && !caller.role.may_give(role) {
        return Err(UserRefusal::Role);
    }
    if target.role == Role::Admin && target.id != caller.id {
        if new_role {
            return Err(UserRefusal::ColleagueRole);
        }
        if new_email {
            return Err(UserRefusal::ColleagueEmail);
        }
    }
    if caller.role == Role::Viewer && (new_email || new_role) {
        return Err(UserRefusal::Role);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
