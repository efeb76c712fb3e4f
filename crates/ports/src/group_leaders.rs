use edgeos_domain::{GroupId, Human, HumanId, PopupId};

use crate::{StoreError, Transaction};

/// Who leads the groups of the transaction's tenant. Whoever changes that locks the group first.
#[trait_variant::make(Send)]
pub trait GroupLeaders: Transaction {
    /// The leaders of `group`, by e-mail, then by id.
    async fn leaders(&mut self, group: GroupId) -> Result<Vec<Human>, StoreError>;

    /// Whether `human` leads `group`.
    async fn is_leader(&mut self, group: GroupId, human: HumanId) -> Result<bool, StoreError>;

    /// Makes `human` a leader of `group`; `false` when that is so already.
    async fn insert_leader(&mut self, group: GroupId, human: HumanId) -> Result<bool, StoreError>;

    /// Takes the lead of `group` from `human`; `false` when there is nothing to take.
    async fn delete_leader(&mut self, group: GroupId, human: HumanId) -> Result<bool, StoreError>;

    /// Whether `human` has an invite link to `popup`.
    async fn is_ambassador(&mut self, human: HumanId, popup: PopupId) -> Result<bool, StoreError>;
}
