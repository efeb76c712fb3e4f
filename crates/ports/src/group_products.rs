use edgeos_domain::{GroupId, ProductId};

use crate::{StoreError, Transaction};

/// What groups are said to be for. It decides nothing.
#[trait_variant::make(Send)]
pub trait GroupProducts: Transaction {
    /// Lists `product` with `group`; once is enough.
    async fn list_product(&mut self, group: GroupId, product: ProductId) -> Result<(), StoreError>;
}
