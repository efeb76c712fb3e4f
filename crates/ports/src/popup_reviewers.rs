use edgeos_domain::{PopupId, PopupReviewer, UserId};

use crate::{Page, Paging, StoreError, Transaction};

/// A designated reviewer, and who that is.
#[derive(Debug, Clone, PartialEq)]
pub struct PopupReviewerView {
    /// The designation.
    pub reviewer: PopupReviewer,
    /// The user's address; `None` for somebody who isn't of the tenant any more.
    pub user_email: Option<String>,
    /// The user's name.
    pub user_full_name: Option<String>,
    /// Whether the user can still vote: an active admin of the tenant.
    pub is_active: bool,
}

/// Designated reviewers of the popups of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait PopupReviewers: Transaction {
    /// One page of the reviewers of `popup`, in the order in which they were designated, then by id.
    async fn reviewers(
        &mut self,
        popup: PopupId,
        paging: Paging,
    ) -> Result<Page<PopupReviewerView>, StoreError>;

    /// The designation of `user` for `popup`, locked until the transaction ends.
    async fn lock_reviewer(
        &mut self,
        popup: PopupId,
        user: UserId,
    ) -> Result<Option<PopupReviewerView>, StoreError>;

    /// Stores a new designation. [`Taken`](StoreError::Taken) when the user has one for the popup already.
    async fn insert_reviewer(&mut self, reviewer: &PopupReviewer) -> Result<(), StoreError>;

    /// Stores weight and necessity of `reviewer` anew.
    async fn update_reviewer(&mut self, reviewer: &PopupReviewer) -> Result<(), StoreError>;

    /// Takes the designation for `popup` back from `user`; whether there was one.
    async fn delete_reviewer(&mut self, popup: PopupId, user: UserId) -> Result<bool, StoreError>;
}
