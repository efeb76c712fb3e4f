use std::collections::{HashMap, HashSet};

use edgeos_domain::{
    ApplicationId, HumanId, PopupId, Product, ProductCategory, ProductId, ProductSlug,
};

use crate::{Deletion, Page, Paging, StoreError, Transaction};

/// Which products are listed; `None` is all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductFilter {
    /// Of this popup.
    pub popup: Option<PopupId>,
    /// Only those that can, or can't, be ordered.
    pub is_active: Option<bool>,
    /// Of this category.
    pub category: Option<ProductCategory>,
    /// Whose name contains this, in any letter case.
    pub search: Option<String>,
}

/// What a list of products is sorted by; products that are alike in it by age, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProductSort {
    /// The field that counts.
    pub by: ProductSortKey,
    /// From the last to the first. What has no value comes last, and here first.
    pub descending: bool,
}

/// A field by which products can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProductSortKey {
    /// The name.
    Name,
    /// The price.
    Price,
    /// To whom it is offered: main, spouse, kid.
    AttendeeCategory,
    /// Whether it can be ordered; what can't comes first.
    IsActive,
}

/// What the popups of the transaction's tenant sell.
///
/// Who sells locks the products that have a maximum ([`lock_products`](Self::lock_products)), then asks how
/// many units are [taken](Self::taken_units): until the transaction ends, nobody else who does so sells any.
#[trait_variant::make(Send)]
pub trait Products: Transaction {
    /// The product `id`.
    async fn product(&mut self, id: ProductId) -> Result<Option<Product>, StoreError>;

    /// As [`product`](Self::product), locked until the transaction ends.
    async fn lock_product(&mut self, id: ProductId) -> Result<Option<Product>, StoreError>;

    /// Those of `ids` that `popup` sells, by id.
    async fn products_of(
        &mut self,
        popup: PopupId,
        ids: &[ProductId],
    ) -> Result<Vec<Product>, StoreError>;

    /// As [`products_of`](Self::products_of), locked by ascending id until the transaction ends.
    async fn lock_products(
        &mut self,
        popup: PopupId,
        ids: &[ProductId],
    ) -> Result<Vec<Product>, StoreError>;

    /// How many units of each of `ids`, products of `popup`, aren't left for the application `buyer`: those
    /// that attendees hold, and those that pending payments of other applications will add. Products of
    /// which none are taken may be absent, none is below zero.
    async fn taken_units(
        &mut self,
        popup: PopupId,
        ids: &[ProductId],
        buyer: ApplicationId,
    ) -> Result<HashMap<ProductId, i64>, StoreError>;

    /// One page of the products that match `filter`, in the order of `sort`; without one the oldest first,
    /// then by id.
    async fn products(
        &mut self,
        filter: &ProductFilter,
        sort: Option<ProductSort>,
        paging: Paging,
    ) -> Result<Page<Product>, StoreError>;

    /// One page of the products that match `filter` and that the portal shows to `human`, the oldest first,
    /// then by id: those that can be ordered, and those that somebody holds. Unless `filter` names a popup,
    /// only those of active popups and of popups in which the human takes part.
    async fn shown_products(
        &mut self,
        filter: &ProductFilter,
        human: HumanId,
        paging: Paging,
    ) -> Result<Page<Product>, StoreError>;

    /// The slugs of products of `popup` that begin like `slug`; all of them without one. Until the
    /// transaction ends nobody else gets to know them, so that one which is free stays free.
    async fn product_slugs(
        &mut self,
        popup: PopupId,
        slug: Option<&ProductSlug>,
    ) -> Result<HashSet<String>, StoreError>;

    /// Stores new products, all together. [`Taken`](StoreError::Taken) when another one of the popup has
    /// one of their slugs; [`Missing`](StoreError::Missing) when the popup is gone.
    async fn insert_products(&mut self, products: &[Product]) -> Result<(), StoreError>;

    /// Stores `product` anew; errors as for [`insert_products`](Self::insert_products).
    async fn update_product(&mut self, product: &Product) -> Result<(), StoreError>;

    /// Deletes the product `id` and its places in groups, unless somebody holds it or a payment names it,
    /// whatever became of the payment.
    async fn delete_product(&mut self, id: ProductId) -> Result<Deletion, StoreError>;
}
