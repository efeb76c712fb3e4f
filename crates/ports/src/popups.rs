use edgeos_domain::{Popup, PopupId};

use crate::{Deletion, Page, Paging, StoreError, Transaction};

/// The popups of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait Popups: Transaction {
    /// The popup `id`.
    async fn popup(&mut self, id: PopupId) -> Result<Option<Popup>, StoreError>;

    /// As [`popup`](Self::popup), locked until the transaction ends; for whoever changes the popup or what
    /// it decides by.
    async fn lock_popup(&mut self, id: PopupId) -> Result<Option<Popup>, StoreError>;

    /// As [`popup`](Self::popup), staying as it is until the transaction ends. Others may hold it like that
    /// too.
    async fn hold_popup(&mut self, id: PopupId) -> Result<Option<Popup>, StoreError>;

    /// The popup with this slug.
    async fn popup_by_slug(&mut self, slug: &str) -> Result<Option<Popup>, StoreError>;

    /// One page of the popups, oldest first; those whose name contains `search`, in any letter case.
    async fn popups(
        &mut self,
        search: Option<&str>,
        paging: Paging,
    ) -> Result<Page<Popup>, StoreError>;

    /// The popups that the portal shows, oldest first, `limit` at most.
    async fn shown_popups(&mut self, limit: u64) -> Result<Vec<Popup>, StoreError>;

    /// Stores a new popup. [`Taken`](StoreError::Taken) when another one has its slug.
    async fn insert_popup(&mut self, popup: &Popup) -> Result<(), StoreError>;

    /// Stores `popup` anew; errors as for [`insert_popup`](Self::insert_popup).
    async fn update_popup(&mut self, popup: &Popup) -> Result<(), StoreError>;

    /// Deletes the popup `id` and everything that is of it, people excepted; unless there is a payment,
    /// whatever became of it, or an attendee who holds a product.
    async fn delete_popup(&mut self, id: PopupId) -> Result<Deletion, StoreError>;
}
