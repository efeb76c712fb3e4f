use edgeos_domain::{Email, Human, HumanId, PopupId};

use crate::{Page, Paging, StoreError, Transaction};

/// Which humans a list shows; what is `None` doesn't narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HumanFilter {
    /// Part of the first, last or full name or the e-mail, in any letter case.
    pub search: Option<String>,
    /// Humans with an application to this popup that they haven't submitted.
    pub drafting: Option<PopupId>,
}

/// The humans of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait Humans: Transaction {
    /// The human `id`, or `None` when the tenant has no such human.
    async fn human(&mut self, id: HumanId) -> Result<Option<Human>, StoreError>;

    /// The human `id`, locked until the transaction ends; for whoever changes the profile.
    async fn lock_human(&mut self, id: HumanId) -> Result<Option<Human>, StoreError>;

    /// The human `id`, who stays as they are until the transaction ends; for decisions that rest on the red
    /// flag. Others may hold the human like that too.
    async fn hold_human(&mut self, id: HumanId) -> Result<Option<Human>, StoreError>;

    /// As [`hold_human`](Self::hold_human), those of `ids` who exist, by id.
    async fn hold_humans(&mut self, ids: &[HumanId]) -> Result<Vec<Human>, StoreError>;

    /// As [`lock_human`](Self::lock_human), those who have one of `emails`, by id.
    async fn lock_humans_with(&mut self, emails: &[Email]) -> Result<Vec<Human>, StoreError>;

    /// The human with this e-mail.
    async fn human_by_email(&mut self, email: &Email) -> Result<Option<Human>, StoreError>;

    /// One page of the humans that match `filter`, by e-mail.
    async fn humans(
        &mut self,
        filter: &HumanFilter,
        paging: Paging,
    ) -> Result<Page<Human>, StoreError>;

    /// Stores `human` unless the tenant has one with this e-mail: then `false`, and nothing changes. Waits
    /// for a transaction that is about to store one, or an attendee with the address.
    async fn insert_human_if_new(&mut self, human: &Human) -> Result<bool, StoreError>;

    /// Stores profile, picture and red flag of `human` anew.
    async fn update_human(&mut self, human: &Human) -> Result<(), StoreError>;

    /// Locks the attendees with one of these e-mails who are nobody's yet, by id: those that
    /// [`link_attendees`](Self::link_attendees) may lock later.
    async fn lock_unlinked_attendees(&mut self, emails: &[Email]) -> Result<(), StoreError>;

    /// Gives the attendees with this e-mail who are nobody's yet to the human `id`; how many. Due whenever
    /// a human comes to exist. Locks these attendees.
    async fn link_attendees(&mut self, id: HumanId, email: &Email) -> Result<u64, StoreError>;
}
