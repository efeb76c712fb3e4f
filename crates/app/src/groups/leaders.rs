use edgeos_domain::{GroupId, Human, HumanId};
use edgeos_ports::{
    Environment, GroupLeaders, Groups, Humans, Reader, Resource, Store, Transaction, Writer,
};

use super::{GroupTx, ManageGroups};
use crate::{
    AppError,
    audit::{self, Action, Subject},
};

impl<S: Store<Tx: GroupTx>> ManageGroups<S> {
    /// The leaders of the group `id`, by e-mail.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn leaders(&self, by: &Reader, id: GroupId) -> Result<Vec<Human>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.popup_of_group(id).await?.ok_or(AppError::NotFound(Resource::Group))?;
        Ok(tx.leaders(id).await?)
    }

    /// Makes `human` a leader of the group `id`. May be repeated.
    ///
    /// # Errors
    ///
    /// `NotFound` for the group, then for the human.
    pub async fn appoint_leader(
        &self,
        by: &Writer,
        id: GroupId,
        human: HumanId,
    ) -> Result<(), AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.lock_group(id).await?.ok_or(AppError::NotFound(Resource::Group))?;
        tx.human(human).await?.ok_or(AppError::NotFound(Resource::Human))?;
        appoint(&mut tx, &*self.env, by, id, human).await?;
        Ok(tx.commit().await?)
    }

    /// Takes the lead of the group `id` from `human`. May be repeated.
    ///
    /// # Errors
    ///
    /// `NotFound` for the group, then for the human.
    pub async fn remove_leader(
        &self,
        by: &Writer,
        id: GroupId,
        human: HumanId,
    ) -> Result<(), AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.lock_group(id).await?.ok_or(AppError::NotFound(Resource::Group))?;
        tx.human(human).await?.ok_or(AppError::NotFound(Resource::Human))?;
        if tx.delete_leader(id, human).await? {
            let (subject, action) = (Subject::Group(id), Action::GroupLeaderRemoved { human });
            audit::record_on(&mut tx, env, by.actor(), by.tenant(), subject, action).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Makes `human` a leader of `group`, which is locked or new, and remembers who did it.
pub(super) async fn appoint(
    tx: &mut impl GroupTx,
    env: &dyn Environment,
    by: &Writer,
    group: GroupId,
    human: HumanId,
) -> Result<(), AppError> {
    if tx.insert_leader(group, human).await? {
        let (subject, action) = (Subject::Group(group), Action::GroupLeaderAppointed { human });
        audit::record_on(tx, env, by.actor(), by.tenant(), subject, action).await?;
    }
    Ok(())
}
