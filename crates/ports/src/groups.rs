use chrono::{DateTime, Utc};
use edgeos_domain::{Email, GroupId, HumanId, PopupId};
use rust_decimal::Decimal;

use crate::{StoreError, Transaction};

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
}

/// The groups of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait Groups: Transaction {
    /// The group `id`, locked until the transaction ends; nobody else joins meanwhile.
    async fn lock_group(&mut self, id: GroupId) -> Result<Option<GroupDoor>, StoreError>;

    /// By how many percent the members of the group `id` pay less.
    async fn group_discount(&mut self, id: GroupId) -> Result<Option<Decimal>, StoreError>;

    /// Whether the list of `group` names `email`.
    async fn is_whitelisted(&mut self, group: GroupId, email: &Email) -> Result<bool, StoreError>;

    /// Makes `human` a member of `group`; `admitted` tells whether that made the application accepted.
    /// Nothing happens when the human is one already.
    async fn insert_member(
        &mut self,
        group: GroupId,
        human: HumanId,
        admitted: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;
}
