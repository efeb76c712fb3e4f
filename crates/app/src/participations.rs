//! How humans take part in popups, and what was bought for them.

use std::fmt;

use edgeos_domain::PopupId;
use edgeos_ports::{Applications, AttendeeView, Participant, Participation, Participations, Store};

use crate::AppError;

/// Tells humans how they take part.
#[derive(Clone)]
pub struct OwnParticipation<S> {
    store: S,
}

impl<S: Store<Tx: Applications + Participations>> OwnParticipation<S> {
    /// The use cases over `store`.
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// How the human takes part in `popup`; not at all where there is no such popup.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn participation(
        &self,
        by: &Participant,
        popup: PopupId,
    ) -> Result<Participation, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        Ok(tx.participation(by.human(), popup).await?)
    }

    /// Whom the human's own application to `popup` brings, in the order in which they were added, and what
    /// was bought for each of them. Nobody without an own application.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn purchases(
        &self,
        by: &Participant,
        popup: PopupId,
    ) -> Result<Vec<AttendeeView>, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        let own = tx.application_view_of(by.human(), popup).await?;
        Ok(own.map(|view| view.attendees).unwrap_or_default())
    }
}

impl<S> fmt::Debug for OwnParticipation<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnParticipation").finish_non_exhaustive()
    }
}
