//! Whose votes an event waits for.

use std::sync::Arc;

use edgeos_domain::{
    PopupId, PopupReviewer, ReviewerId, ReviewerRefusal, User, UserId, WeightMultiplier,
};
use edgeos_ports::{
    Environment, Key, Page, Paging, PlatformStore, PopupReviewerView, PopupReviewers, Popups,
    Reader, Resource, Store, StoreError, Transaction, Users, Writer,
};

use crate::AppError;

/// Designated reviewers as staff manage them.
#[derive(Clone)]
pub struct ManageReviewers<S> {
    store: S,
    env: Arc<dyn Environment>,
}

/// Somebody to be designated.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReviewer {
    /// Who.
    pub user: UserId,
    /// See [`PopupReviewer::is_required`].
    pub is_required: bool,
    /// See [`PopupReviewer::weight_multiplier`].
    pub weight_multiplier: WeightMultiplier,
}

/// What a request changes about a designation; `None` changes nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReviewerChange {
    /// See [`PopupReviewer::is_required`].
    pub is_required: Option<bool>,
    /// See [`PopupReviewer::weight_multiplier`].
    pub weight_multiplier: Option<WeightMultiplier>,
}

impl<S> ManageReviewers<S>
where
    S: Store<Tx: Popups + PopupReviewers> + PlatformStore<PlatformTx: Users>,
{
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// One page of the reviewers of `popup`, in the order in which they were designated.
    ///
    /// # Errors
    ///
    /// `NotFound` for the popup.
    pub async fn list(
        &self,
        by: &Reader,
        popup: PopupId,
        paging: Paging,
    ) -> Result<Page<PopupReviewerView>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        Ok(tx.reviewers(popup, paging).await?)
    }

    /// Makes an admin of the tenant a reviewer of `popup`.
    ///
    /// # Errors
    ///
    /// `NotFound` for the popup, then for the user; `Refused` as [`ReviewerRefusal`] says.
    pub async fn add(
        &self,
        by: &Writer,
        popup: PopupId,
        new: NewReviewer,
    ) -> Result<PopupReviewerView, AppError> {
        let user = self.user(new.user).await?;
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.hold_popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let user = user.ok_or(AppError::NotFound(Resource::User))?;
        PopupReviewer::admit(&user, by.tenant())?;
        let reviewer = PopupReviewer {
            id: ReviewerId(self.env.uuid()),
            tenant: by.tenant(),
            popup,
            user: user.id,
            is_required: new.is_required,
            weight_multiplier: new.weight_multiplier,
            created_at: self.env.now(),
        };
        tx.insert_reviewer(&reviewer).await.map_err(|error| match error {
            StoreError::Taken(Key::Reviewer) => ReviewerRefusal::AlreadyReviewer.into(),
            error => AppError::from(error),
        })?;
        tx.commit().await?;
        Ok(PopupReviewerView {
            is_active: user.is_active_admin_of(by.tenant()),
            reviewer,
            user_email: Some(user.email.as_str().to_owned()),
            user_full_name: user.full_name,
        })
    }

    /// Changes what `change` mentions.
    ///
    /// # Errors
    ///
    /// `NotFound` for the popup, then for the reviewer.
    pub async fn update(
        &self,
        by: &Writer,
        popup: PopupId,
        user: UserId,
        change: ReviewerChange,
    ) -> Result<PopupReviewerView, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.hold_popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let view = tx.lock_reviewer(popup, user).await?;
        let mut view = view.ok_or(AppError::NotFound(Resource::Reviewer))?;
        let reviewer = &mut view.reviewer;
        reviewer.is_required = change.is_required.unwrap_or(reviewer.is_required);
        reviewer.weight_multiplier = change.weight_multiplier.unwrap_or(reviewer.weight_multiplier);
        tx.update_reviewer(reviewer).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Takes a designation back. Votes that were given stay and count.
    ///
    /// # Errors
    ///
    /// `NotFound` for the popup, then for the reviewer.
    pub async fn remove(&self, by: &Writer, popup: PopupId, user: UserId) -> Result<(), AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.hold_popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        if !tx.delete_reviewer(popup, user).await? {
            return Err(AppError::NotFound(Resource::Reviewer));
        }
        Ok(tx.commit().await?)
    }

    /// The user `id` of whatever tenant: who isn't of this one is refused in other words than who doesn't
    /// exist.
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let mut tx = self.store.begin_platform(None).await?;
        tx.user(id).await
    }
}

impl From<ReviewerRefusal> for AppError {
    fn from(refusal: ReviewerRefusal) -> Self {
        match refusal {
            ReviewerRefusal::Deleted => Self::NotFound(Resource::User),
            ReviewerRefusal::OtherTenant
            | ReviewerRefusal::NotAdmin
            | ReviewerRefusal::AlreadyReviewer => Self::refused(refusal),
        }
    }
}
