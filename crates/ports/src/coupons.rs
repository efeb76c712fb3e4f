use edgeos_domain::{Coupon, CouponCode, CouponId, PopupId};

use crate::{Page, Paging, StoreError, Transaction};

/// Which coupons are listed; `None` is all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CouponFilter {
    /// Of this popup.
    pub popup: Option<PopupId>,
    /// Only those that are, or aren't, switched on.
    pub is_active: Option<bool>,
    /// Whose code contains this, in any letter case.
    pub search: Option<String>,
}

/// The coupons of the transaction's tenant.
///
/// A use is held by a payment: [claimed](Self::claim_coupon_use) when it is created,
/// [released](Self::release_coupon_use) when it comes to nothing. Only these three methods change the count.
#[trait_variant::make(Send)]
pub trait Coupons: Transaction {
    /// The coupon `id`.
    async fn coupon(&mut self, id: CouponId) -> Result<Option<Coupon>, StoreError>;

    /// As [`coupon`](Self::coupon), locked until the transaction ends.
    async fn lock_coupon(&mut self, id: CouponId) -> Result<Option<Coupon>, StoreError>;

    /// The coupon of `popup` with this code.
    async fn coupon_by_code(
        &mut self,
        popup: PopupId,
        code: &CouponCode,
    ) -> Result<Option<Coupon>, StoreError>;

    /// One page of the coupons that match `filter`, the oldest first, then by id.
    async fn coupons(
        &mut self,
        filter: &CouponFilter,
        paging: Paging,
    ) -> Result<Page<Coupon>, StoreError>;

    /// Stores a new coupon. [`Taken`](StoreError::Taken) when another one of the popup has its code;
    /// [`Missing`](StoreError::Missing) when the popup is gone.
    async fn insert_coupon(&mut self, coupon: &Coupon) -> Result<(), StoreError>;

    /// Stores `coupon` anew, but for its uses; errors as for [`insert_coupon`](Self::insert_coupon).
    async fn update_coupon(&mut self, coupon: &Coupon) -> Result<(), StoreError>;

    /// Deletes the coupon `id`, whose popup is locked, so that nobody orders with it; whether there was one. Payments
    /// that used it keep code and discount.
    async fn delete_coupon(&mut self, id: CouponId) -> Result<bool, StoreError>;

    /// Counts one use more, unless all are taken or the coupon is gone: then `false`, and nothing changes.
    async fn claim_coupon_use(&mut self, id: CouponId) -> Result<bool, StoreError>;

    /// Counts one use more, even beyond the maximum: for a payment that gave its use back and is paid after
    /// all. Nothing happens when the coupon is gone.
    async fn reclaim_coupon_use(&mut self, id: CouponId) -> Result<(), StoreError>;

    /// Counts one use less, if any is counted. Nothing happens when the coupon is gone. To be called once
    /// for each use: what keeps a payment from releasing twice is the lock on the payment.
    async fn release_coupon_use(&mut self, id: CouponId) -> Result<(), StoreError>;
}
