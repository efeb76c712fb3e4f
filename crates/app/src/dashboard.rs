//! A popup in numbers.

use edgeos_domain::PopupId;
use edgeos_ports::{Dashboard, PopupStats, Reader, Store};

use crate::AppError;

/// The figures that staff see first.
#[derive(Debug, Clone)]
pub struct ShowDashboard<S> {
    store: S,
}

impl<S: Store<Tx: Dashboard>> ShowDashboard<S> {
    /// The use case over `store`.
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// The figures of `popup` at this moment. A popup that the tenant doesn't have has nothing to count.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn stats(&self, by: &Reader, popup: PopupId) -> Result<PopupStats, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.popup_stats(popup).await?)
    }
}
