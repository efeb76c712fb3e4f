use std::ops::Range;

use edgeos_domain::HumanId;

use crate::{StoreError, Transaction};

/// Makes many of few, for lists that are long.
#[trait_variant::make(Send)]
pub trait Crowds: Transaction {
    /// For each of `numbers` makes another one of `models`, who come in turn and count as the first numbers: with the
    /// same history a little earlier, and with names, addresses, identifiers and codes of their own. A model is alone in its applications, belongs to no group, has no installments, no check-ins and no cart, and
    /// bought nothing that is limited. How many rows came to be.
    ///
    /// Coupons are to be [recounted](Self::recount_coupons) afterwards.
    async fn multiply_humans(
        &mut self,
        models: &[HumanId],
        numbers: Range<u64>,
    ) -> Result<u64, StoreError>;

    /// Lets the store know how much there is by now, so that it doesn't look for things as if there were little.
    async fn take_stock(&mut self) -> Result<(), StoreError>;

    /// Makes the uses of every coupon as many as payments hold it.
    async fn recount_coupons(&mut self) -> Result<(), StoreError>;
}
