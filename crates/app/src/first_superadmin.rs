//! The first superadmin, whom every installation needs.

use std::sync::Arc;

use edgeos_domain::{Role, StaffEmail, User, UserId};
use edgeos_ports::{Change, Environment, Key, PlatformStore, StoreError, Transaction, Users};

use crate::AppError;

/// What became of the first superadmin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstSuperadmin {
    /// Somebody is superadmin already.
    Present,
    /// The account was made.
    Created,
    /// The account existed, deleted or with another role, and is superadmin again.
    Revived,
}

/// Makes `email` the superadmin if nobody is. Several servers may do it at once.
///
/// # Errors
///
/// `Store`.
pub async fn ensure_superadmin<S: PlatformStore<PlatformTx: Users>>(
    store: &S,
    env: &Arc<dyn Environment>,
    email: &StaffEmail,
) -> Result<FirstSuperadmin, AppError> {
    let mut tx = store.begin_platform(None).await?;
    if !tx.lock_superadmins().await?.is_empty() {
        return Ok(FirstSuperadmin::Present);
    }
    let outcome = if let Some(user) = tx.user_by_email(email).await? {
        let user = User { role: Role::Superadmin, tenant: None, deleted: false, ..user };
        tx.update_user(&user).await?;
        tx.announce(Change::User(user.id)).await?;
        tracing::warn!(user.id = %user.id, "nobody was superadmin: user {} is again", user.id);
        FirstSuperadmin::Revived
    } else {
        let user = User {
            id: UserId(env.uuid()),
            email: email.clone(),
            full_name: None,
            role: Role::Superadmin,
            tenant: None,
            deleted: false,
        };
        match tx.insert_user(&user).await {
            // Another server has just made the account.
            Err(StoreError::Taken(Key::UserEmail)) => return Ok(FirstSuperadmin::Present),
            inserted => inserted?,
        }
        FirstSuperadmin::Created
    };
    tx.commit().await?;
    Ok(outcome)
}
