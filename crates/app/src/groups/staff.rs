use std::{collections::HashSet, fmt, sync::Arc};

use chrono::{DateTime, Utc};
use edgeos_domain::{
    Email, Group, GroupChange, GroupId, GroupRefusal, HumanId, ListedEmail, ListedEmailId,
    NewGroup, Patch,
};
use edgeos_ports::{
    Environment, GroupFilter, GroupMembers, GroupView, Groups, Humans, Page, Paging, Popups,
    Reader, Resource, Store, Transaction, Writer,
};

use super::{GroupTx, GroupWithMembers, description, leaders::appoint, refusal::taken, safe, seen};
use crate::AppError;

/// Groups as staff manage them.
#[derive(Clone)]
pub struct ManageGroups<S> {
    pub(super) store: S,
    pub(super) env: Arc<dyn Environment>,
}

impl<S: Store<Tx: GroupTx>> ManageGroups<S> {
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// One page of the groups that match `filter`, newest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        filter: &GroupFilter,
        paging: Paging,
    ) -> Result<Page<GroupView>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.groups(filter, paging).await?.map(safe))
    }

    /// The group `id` with its members.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get(&self, by: &Reader, id: GroupId) -> Result<GroupWithMembers, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let view = seen(&mut tx, id).await?;
        let members = tx.members(id, None).await?;
        Ok(GroupWithMembers { view, members })
    }

    /// Sets up a group, which `listed` may join, or everybody when nobody is listed. Whoever it is the invite
    /// link of leads it.
    ///
    /// # Errors
    ///
    /// `NotFound` for the popup, then for the ambassador; `Refused` when the slug is taken in the popup, or
    /// the ambassador has an invite link there.
    pub async fn create(
        &self,
        by: &Writer,
        mut new: NewGroup,
        listed: Vec<Email>,
    ) -> Result<GroupView, AppError> {
        let env = &*self.env;
        let now = env.now();
        let mut random = [0; 4];
        env.fill(&mut random);
        new.description = new.description.map(description).transpose()?;
        let group = new.into_group(GroupId(env.uuid()), by.tenant(), random, now);

        let mut tx = self.store.begin(&by.scope()).await?;
        tx.hold_popup(group.popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        check_human(&mut tx, group.ambassador).await?;
        tx.insert_group(&group).await.map_err(taken)?;
        tx.replace_listed(group.id, &entries(env, listed, now)).await?;
        if let Some(ambassador) = group.leading_ambassador() {
            appoint(&mut tx, env, by, group.id, ambassador).await?;
        }
        let view = seen(&mut tx, group.id).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Changes what `change` mentions, and makes `listed` the list if it is given: members who aren't on it
    /// stay. Whoever it becomes the invite link of leads it.
    ///
    /// # Errors
    ///
    /// `NotFound` for the group, then for the ambassador; `Refused` when the slug is taken in the popup, or
    /// the ambassador has an invite link there.
    pub async fn update(
        &self,
        by: &Writer,
        id: GroupId,
        mut change: GroupChange,
        listed: Option<Vec<Email>>,
    ) -> Result<GroupView, AppError> {
        let env = &*self.env;
        let now = env.now();
        change.description = change.description.try_map(description)?;
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.lock_group(id).await?.ok_or(AppError::NotFound(Resource::Group))?;
        let before = seen(&mut tx, id).await?.group;
        if let Patch::Set(ambassador) = change.ambassador {
            check_human(&mut tx, Some(ambassador)).await?;
        }
        let invited_by = before.leading_ambassador();
        let after: Group = before.changed(change, now);
        tx.update_group(&after).await.map_err(taken)?;
        if let Some(listed) = listed {
            tx.replace_listed(id, &entries(env, listed, now)).await?;
        }
        if let Some(ambassador) = after.leading_ambassador()
            && invited_by != Some(ambassador)
        {
            appoint(&mut tx, env, by, id, ambassador).await?;
        }
        let view = seen(&mut tx, id).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Deletes a group. Who took part through it goes on taking part.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Refused` while somebody who takes part through it holds a product.
    pub async fn delete(&self, by: &Writer, id: GroupId) -> Result<(), AppError> {
        let missing = || AppError::NotFound(Resource::Group);
        let mut tx = self.store.begin(&by.scope()).await?;
        let popup = tx.popup_of_group(id).await?.ok_or_else(missing)?;
        tx.hold_popup(popup).await?.ok_or_else(missing)?;
        tx.lock_group(id).await?.ok_or_else(missing)?;
        if tx.group_holds_products(id).await? {
            return Err(GroupRefusal::MemberHoldsProducts.into());
        }
        tx.delete_group(id, self.env.now()).await?;
        Ok(tx.commit().await?)
    }
}

impl<S> fmt::Debug for ManageGroups<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManageGroups").finish_non_exhaustive()
    }
}

/// Whether the tenant knows `human`, if one is named. Nobody is ever forgotten, so nothing is locked.
async fn check_human(tx: &mut impl Humans, human: Option<HumanId>) -> Result<(), AppError> {
    if let Some(human) = human {
        tx.human(human).await?.ok_or(AppError::NotFound(Resource::Human))?;
    }
    Ok(())
}

/// One entry for each address.
fn entries(env: &dyn Environment, emails: Vec<Email>, now: DateTime<Utc>) -> Vec<ListedEmail> {
    let emails: HashSet<_> = emails.into_iter().collect();
    let entry = |email| ListedEmail { id: ListedEmailId(env.uuid()), email, created_at: now };
    emails.into_iter().map(entry).collect()
}
