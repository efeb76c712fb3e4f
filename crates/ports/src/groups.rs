use chrono::{DateTime, Utc};
use edgeos_domain::{Email, Group, GroupId, HumanId, ListedEmail, PopupId};
use rust_decimal::Decimal;

use crate::{Page, Paging, StoreError, Transaction};

/// What decides whether somebody may join a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDoor {
    /// Identifies the group within the tenant.
    pub id: GroupId,
    /// Whose participants it gathers.
    pub popup: PopupId,
    /// How many members it takes; `None` is any number.
    pub max_members: Option<u32>,
    /// How many it has.
    pub members: u64,
    /// Whether anybody may join; otherwise only who is listed.
    pub is_open: bool,
    /// Whether it is one person's invite link, into which nobody is brought by hand.
    pub is_ambassador_group: bool,
}

impl GroupDoor {
    /// Whether nobody else gets in.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.max_members.is_some_and(|max| self.members >= u64::from(max))
    }
}

/// A group, and who may join it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// The group.
    pub group: Group,
    /// Whether anybody may join.
    pub is_open: bool,
    /// Who may join otherwise, in the order in which they were listed, then by address.
    pub listed: Vec<ListedEmail>,
}

/// Which groups a list shows; what is `None` doesn't narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// Groups of this popup.
    pub popup: Option<PopupId>,
    /// Groups that this human leads.
    pub leader: Option<HumanId>,
    /// Part of the name, in any letter case.
    pub search: Option<String>,
}

/// The groups of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait Groups: Transaction {
    /// The group `id`, locked until the transaction ends; nobody else joins meanwhile.
    async fn lock_group(&mut self, id: GroupId) -> Result<Option<GroupDoor>, StoreError>;

    /// The popup of the group `id`, which never changes.
    async fn popup_of_group(&mut self, id: GroupId) -> Result<Option<PopupId>, StoreError>;

    /// The group `id`.
    async fn group(&mut self, id: GroupId) -> Result<Option<GroupView>, StoreError>;

    /// The group with this slug of whatever popup: one of an active popup rather than others, then the newest.
    /// Doesn't tell who is listed.
    async fn group_by_slug(&mut self, slug: &str) -> Result<Option<GroupView>, StoreError>;

    /// One page of the groups that match `filter`, newest first, then by id.
    async fn groups(
        &mut self,
        filter: &GroupFilter,
        paging: Paging,
    ) -> Result<Page<GroupView>, StoreError>;

    /// By how many percent the members of the group `id` pay less.
    async fn group_discount(&mut self, id: GroupId) -> Result<Option<Decimal>, StoreError>;

    /// Stores a new group. [`Taken`](StoreError::Taken) when another one of the popup has its slug, or its
    /// ambassador has an ambassador group there.
    async fn insert_group(&mut self, group: &Group) -> Result<(), StoreError>;

    /// As [`insert_group`](Self::insert_group); `false`, and nothing changes, where that is an error.
    async fn insert_group_if_new(&mut self, group: &Group) -> Result<bool, StoreError>;

    /// Stores `group` anew; errors as for [`insert_group`](Self::insert_group).
    async fn update_group(&mut self, group: &Group) -> Result<(), StoreError>;

    /// Locks the applications that came through the group `id`, and the payments that name it, until the
    /// transaction ends; whether anybody whom one of these applications brings holds a product.
    async fn group_holds_products(&mut self, id: GroupId) -> Result<bool, StoreError>;

    /// Deletes the group `id` with its leaders, members and list. Applications and payments no longer name it.
    async fn delete_group(&mut self, id: GroupId, now: DateTime<Utc>) -> Result<(), StoreError>;

    /// Whether the list of `group` names `email`.
    async fn is_listed(&mut self, group: GroupId, email: &Email) -> Result<bool, StoreError>;

    /// Makes `listed` the list of `group`. An address that is on it already keeps its entry.
    async fn replace_listed(
        &mut self,
        group: GroupId,
        listed: &[ListedEmail],
    ) -> Result<(), StoreError>;
}
