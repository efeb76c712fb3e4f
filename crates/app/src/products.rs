//! What events sell.

use std::sync::Arc;

use chrono::TimeDelta;
use edgeos_domain::{
    InvalidProduct, InvalidText, NewProduct, PopupId, Product, ProductChange, ProductId,
};
use edgeos_ports::{
    Deletion, Environment, Governor, Key, Page, Paging, Participant, Popups, ProductFilter,
    ProductSort, Products, Reader, Resource, Store, StoreError, Transaction, Writer,
};

use crate::AppError;

/// How many slugs are tried for a product, when others take them at the same moment.
const MAX_SLUGS: usize = 10;

/// Products as staff manage them, and as the portal shows them.
#[derive(Clone)]
pub struct ManageProducts<S> {
    store: S,
    env: Arc<dyn Environment>,
}

/// What became of a row of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchRow {
    /// It is a product now.
    Stored(Product),
    /// It isn't, and the others are.
    Failed {
        /// What was sent.
        sent: NewProduct,
        /// An id that nothing has.
        placeholder: ProductId,
        /// Why, for people to read.
        reason: String,
    },
}

impl<S: Store<Tx: Popups + Products>> ManageProducts<S> {
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// One page of the products that match `filter`, in the order of `sort`; without one the oldest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        filter: &ProductFilter,
        sort: Option<ProductSort>,
        paging: Paging,
    ) -> Result<Page<Product>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.products(filter, sort, paging).await?)
    }

    /// One page of the products that match `filter` and that the portal shows to the human: see
    /// [`shown_products`](Products::shown_products).
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn shown(
        &self,
        by: &Participant,
        filter: &ProductFilter,
        paging: Paging,
    ) -> Result<Page<Product>, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        Ok(tx.shown_products(filter, by.human(), paging).await?)
    }

    /// The product `id`.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get(&self, by: &Reader, id: ProductId) -> Result<Product, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.product(id).await?.ok_or(AppError::NotFound(Resource::Product))
    }

    /// Has `popup` sell something. However many have its name, it gets a slug of its own.
    ///
    /// # Errors
    ///
    /// `Invalid` as [`InvalidProduct`] says; `NotFound` for the popup; `Conflict` when no free slug was found.
    pub async fn create(
        &self,
        by: &Writer,
        popup: PopupId,
        new: NewProduct,
    ) -> Result<Product, AppError> {
        let id = ProductId(self.env.uuid());
        let wanted = new.into_product(id, by.tenant(), popup, self.env.now())?;
        until_free(async || {
            let mut product = wanted.clone();
            let mut tx = self.store.begin(&by.scope()).await?;
            tx.hold_popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
            let taken = tx.product_slugs(popup, Some(&product.slug)).await?;
            product.slug = product.slug.unless_taken(&taken);
            tx.insert_products(std::slice::from_ref(&product)).await?;
            tx.commit().await?;
            Ok(product)
        })
        .await
    }

    /// Has `popup` sell many things, in the order of `rows`; one result for each. A name that is too long
    /// fails its row alone.
    ///
    /// # Errors
    ///
    /// `Invalid` for a row that breaks another rule, and nothing is stored; `NotFound` for the popup; `Conflict` when no
    /// free slugs were found.
    pub async fn create_batch(
        &self,
        by: &Governor,
        popup: PopupId,
        rows: Vec<NewProduct>,
    ) -> Result<Vec<BatchRow>, AppError> {
        let mut now = self.env.now();
        let mut results = Vec::with_capacity(rows.len());
        for (index, row) in rows.into_iter().enumerate() {
            let id = ProductId(self.env.uuid());
            results.push(match row.clone().into_product(id, by.tenant(), popup, now) {
                Ok(product) => BatchRow::Stored(product),
                Err(rule @ InvalidProduct::Name(InvalidText::TooLong(_))) => BatchRow::Failed {
                    sent: row,
                    placeholder: id,
                    reason: format!("The name {rule}"),
                },
                Err(rule) => {
                    let reason = format!("row {}, {}: {rule}", index + 1, rule.field());
                    return Err(AppError::Invalid { field: "products", reason });
                }
            });
            // Lists begin with the oldest, and show them in the order of the rows.
            now += TimeDelta::microseconds(1);
        }

        until_free(async || {
            let mut results = results.clone();
            let mut tx = self.store.begin(&by.scope()).await?;
            tx.hold_popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
            let mut taken = tx.product_slugs(popup, None).await?;
            let mut products = Vec::with_capacity(results.len());
            for result in &mut results {
                let BatchRow::Stored(product) = result else { continue };
                product.slug = product.slug.clone().unless_taken(&taken);
                taken.insert(product.slug.as_str().to_owned());
                products.push(product.clone());
            }
            tx.insert_products(&products).await?;
            tx.commit().await?;
            Ok(results)
        })
        .await
    }

    /// Changes what `change` mentions. Payments that exist keep what they say of the product.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Invalid` as [`InvalidProduct`] says; `Conflict` when no free slug was found.
    pub async fn update(
        &self,
        by: &Writer,
        id: ProductId,
        change: ProductChange,
    ) -> Result<Product, AppError> {
        until_free(async || {
            let mut tx = self.store.begin(&by.scope()).await?;
            let before = tx.lock_product(id).await?.ok_or(AppError::NotFound(Resource::Product))?;
            let wanted = before.wanted_slug(&change);
            let mut after = before.clone().changed(change.clone(), self.env.now())?;
            if let Some(wanted) = wanted {
                let mut taken = tx.product_slugs(before.popup, Some(&wanted)).await?;
                taken.remove(before.slug.as_str());
                after.slug = wanted.unless_taken(&taken);
            }
            tx.update_product(&after).await?;
            tx.commit().await?;
            Ok(after)
        })
        .await
    }

    /// Deletes the product `id`, its places in groups included. Carts that mention it are left alone.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Conflict` when somebody holds it or a payment names it.
    pub async fn delete(&self, by: &Writer, id: ProductId) -> Result<(), AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        match tx.delete_product(id).await? {
            Deletion::Done => Ok(tx.commit().await?),
            Deletion::Missing => Err(AppError::NotFound(Resource::Product)),
            Deletion::InUse => Err(AppError::Conflict(
                "this product has been sold or ordered and can't be deleted; deactivate it instead"
                    .into(),
            )),
        }
    }
}

/// What `attempt` makes once the slugs that it has found free are still free when they are stored. Whoever works on
/// the database itself asks nobody.
async fn until_free<T>(attempt: impl AsyncFn() -> Result<T, AppError>) -> Result<T, AppError> {
    for _ in 0..MAX_SLUGS {
        match attempt().await {
            Err(AppError::Store(StoreError::Taken(Key::ProductSlug))) => {}
            made => return made,
        }
    }
    Err(AppError::Conflict("other products take every slug for this one, try again".into()))
}

impl From<InvalidProduct> for AppError {
    fn from(invalid: InvalidProduct) -> Self {
        Self::Invalid { field: invalid.field(), reason: invalid.to_string() }
    }
}
