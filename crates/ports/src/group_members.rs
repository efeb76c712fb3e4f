use chrono::{DateTime, Utc};
use edgeos_domain::{ApplicationId, GroupId, Human, HumanId};

use crate::{HeldProduct, StoreError, Transaction};

/// That somebody is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Whether joining made the application accepted.
    pub admitted: bool,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupMemberView {
    /// Who it is.
    pub human: Human,
    /// What the application answers under `organization`, if it is a text, a number or yes or no.
    pub organization: Option<String>,
    /// What the application answers under `role`, likewise.
    pub role: Option<String>,
    /// What those whom the application brings hold, one after the other, each by name, then by id.
    pub products: Vec<HeldProduct>,
}

/// Who is in the groups of the transaction's tenant. Whoever changes that locks the group first.
#[trait_variant::make(Send)]
pub trait GroupMembers: Transaction {
    /// The members of `group`, in the order in which they joined, then by id; of `only` if that is given.
    async fn members(
        &mut self,
        group: GroupId,
        only: Option<&[HumanId]>,
    ) -> Result<Vec<GroupMemberView>, StoreError>;

    /// Whether, and how, `human` is in `group`.
    async fn membership(
        &mut self,
        group: GroupId,
        human: HumanId,
    ) -> Result<Option<Membership>, StoreError>;

    /// Makes `human` a member of `group`; `admitted` tells whether that made the application accepted. Who is
    /// one already stays one, since the same day, and has been admitted if either time says so.
    async fn insert_member(
        &mut self,
        group: GroupId,
        human: HumanId,
        admitted: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Takes `human` out of `group`. The application isn't touched.
    async fn delete_member(&mut self, group: GroupId, human: HumanId) -> Result<(), StoreError>;

    /// Whether anybody whom `application` brings holds a product.
    async fn holds_products(&mut self, application: ApplicationId) -> Result<bool, StoreError>;
}
