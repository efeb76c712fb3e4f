use std::{fmt, sync::Arc};

use edgeos_domain::{GroupId, GroupRefusal, LeaderChange};
use edgeos_ports::{
    Environment, GroupFilter, GroupLeaders, GroupMembers, GroupView, Groups, Page, Paging,
    Participant, Store, Transaction,
};

use super::{GroupTx, GroupWithMembers, description, lock_led, safe, seen};
use crate::AppError;

/// Groups as their leaders run them.
#[derive(Clone)]
pub struct LeadGroups<S> {
    pub(super) store: S,
    pub(super) env: Arc<dyn Environment>,
}

impl<S: Store<Tx: GroupTx>> LeadGroups<S> {
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// One page of the groups that the human leads, newest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Participant,
        paging: Paging,
    ) -> Result<Page<GroupView>, AppError> {
        let filter = GroupFilter { leader: Some(by.human()), ..GroupFilter::default() };
        let mut tx = self.store.begin(&by.reading()).await?;
        Ok(tx.groups(&filter, paging).await?.map(safe))
    }

    /// The group `id` with its members.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Forbidden` for who doesn't lead it.
    pub async fn get(&self, by: &Participant, id: GroupId) -> Result<GroupWithMembers, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        let view = seen(&mut tx, id).await?;
        if !tx.is_leader(id, by.human()).await? {
            return Err(GroupRefusal::NotLeader.into());
        }
        let members = tx.members(id, None).await?;
        Ok(GroupWithMembers { view, members })
    }

    /// Changes what `change` mentions.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Forbidden` for who doesn't lead it, and when it would take more members than the organiser
    /// admits.
    pub async fn update(
        &self,
        by: &Participant,
        id: GroupId,
        mut change: LeaderChange,
    ) -> Result<GroupView, AppError> {
        change.description = change.description.try_map(description)?;
        let mut tx = self.store.begin(&by.scope()).await?;
        lock_led(&mut tx, id, by.human()).await?;
        let before = seen(&mut tx, id).await?.group;
        let after = before.changed_by_leader(change, self.env.now())?;
        tx.update_group(&after).await?;
        let view = seen(&mut tx, id).await?;
        tx.commit().await?;
        Ok(view)
    }
}

impl<S> fmt::Debug for LeadGroups<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeadGroups").finish_non_exhaustive()
    }
}
