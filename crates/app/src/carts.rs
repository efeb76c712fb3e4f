//! Unfinished purchases: each human keeps the own ones, staff see all of them.

use std::sync::Arc;

use edgeos_domain::{Cart, CartId, CartState, PopupId};
use edgeos_ports::{
    CartView, Carts, Environment, Page, Paging, Participant, Popups, Reader, Resource, Store,
    Transaction,
};

use crate::AppError;

/// Carts.
#[derive(Clone)]
pub struct KeepCarts<S> {
    store: S,
    env: Arc<dyn Environment>,
}

impl<S: Store<Tx: Carts + Popups>> KeepCarts<S> {
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// One page of the carts, those in `popup` if one is named, the latest change first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<CartView>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.carts(popup, paging).await?)
    }

    /// The human's cart in `popup`, if there are such a cart and such a popup.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn mine(&self, by: &Participant, popup: PopupId) -> Result<Option<Cart>, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        Ok(tx.cart(by.human(), popup).await?)
    }

    /// Keeps `items` as the human's cart in `popup`, whatever the popup's status, in place of what was in it.
    ///
    /// # Errors
    ///
    /// `NotFound` for the popup.
    pub async fn put(
        &self,
        by: &Participant,
        popup: PopupId,
        items: CartState,
    ) -> Result<Cart, AppError> {
        let now = self.env.now();
        let cart = Cart {
            id: CartId(self.env.uuid()),
            tenant: by.tenant(),
            human: by.human(),
            popup,
            items,
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.store.begin(&by.scope()).await?;
        // The popup may go until the cart is stored; then the store answers the same.
        tx.popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let stored = tx.put_cart(&cart).await?;
        tx.commit().await?;
        Ok(stored)
    }

    /// Empties the human's cart in `popup`, if there is one.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn delete(&self, by: &Participant, popup: PopupId) -> Result<(), AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.delete_cart(by.human(), popup).await?;
        Ok(tx.commit().await?)
    }
}
