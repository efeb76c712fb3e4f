//! How events decide about applications.

use std::sync::Arc;

use edgeos_domain::{
    ApprovalStrategy, InvalidStrategy, PopupId, Strategy, StrategyChange, StrategyId, StrategyRules,
};
use edgeos_ports::{
    ApprovalStrategies, Environment, Popups, Reader, Resource, Store, Transaction, Writer,
};

use crate::AppError;

/// Strategies as staff manage them. No change of one decides anything by itself: the next event of each
/// application goes by the new rules.
#[derive(Clone)]
pub struct ManageStrategies<S> {
    store: S,
    env: Arc<dyn Environment>,
}

impl<S: Store<Tx: Popups + ApprovalStrategies>> ManageStrategies<S> {
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// The strategy of `popup`.
    ///
    /// # Errors
    ///
    /// `NotFound` for the popup or its strategy.
    pub async fn get(&self, by: &Reader, popup: PopupId) -> Result<ApprovalStrategy, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        tx.strategy(popup).await?.ok_or(AppError::NotFound(Resource::Strategy))
    }

    /// Gives `popup` a strategy with `rules`, in place of the one it has.
    ///
    /// # Errors
    ///
    /// `Invalid`, then `NotFound`.
    pub async fn put(
        &self,
        by: &Writer,
        popup: PopupId,
        rules: StrategyRules,
    ) -> Result<ApprovalStrategy, AppError> {
        let strategy = Strategy::new(rules)?;
        let now = self.env.now();
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.lock_popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let strategy = ApprovalStrategy {
            id: StrategyId(self.env.uuid()),
            tenant: by.tenant(),
            popup,
            strategy,
            created_at: now,
            updated_at: now,
        };
        let stored = tx.put_strategy(&strategy).await?;
        tx.commit().await?;
        Ok(stored)
    }

    /// Changes what `change` mentions.
    ///
    /// # Errors
    ///
    /// `NotFound` for the popup or its strategy; `Invalid` for values that don't go together.
    pub async fn update(
        &self,
        by: &Writer,
        popup: PopupId,
        change: StrategyChange,
    ) -> Result<ApprovalStrategy, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.lock_popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let before = tx.strategy(popup).await?.ok_or(AppError::NotFound(Resource::Strategy))?;
        let strategy = before.strategy.changed(change)?;
        let after = ApprovalStrategy { strategy, updated_at: self.env.now(), ..before };
        let stored = tx.put_strategy(&after).await?;
        tx.commit().await?;
        Ok(stored)
    }

    /// Takes the strategy of `popup` away: people decide by hand from then on.
    ///
    /// # Errors
    ///
    /// `NotFound` for the popup or its strategy.
    pub async fn delete(&self, by: &Writer, popup: PopupId) -> Result<(), AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.lock_popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        if !tx.delete_strategy(popup).await? {
            return Err(AppError::NotFound(Resource::Strategy));
        }
        Ok(tx.commit().await?)
    }
}

impl From<InvalidStrategy> for AppError {
    fn from(invalid: InvalidStrategy) -> Self {
        Self::Invalid { field: invalid.field(), reason: invalid.to_string() }
    }
}
