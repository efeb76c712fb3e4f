use chrono::{DateTime, Utc};
use edgeos_domain::{Cart, HumanId, PaymentId, PopupId};
use rust_decimal::Decimal;

use crate::{Page, Paging, StoreError, Transaction};

/// A cart as staff see it: somebody who hasn't finished buying.
#[derive(Debug, Clone, PartialEq)]
pub struct CartView {
    /// The cart.
    pub cart: Cart,
    /// Whose it is.
    pub human: CartHuman,
    /// Where it is to be bought.
    pub popup: CartPopup,
    /// What the human has begun to pay for passes there, and hasn't paid: pending and expired, newest first.
    pub payments: Vec<CartPayment>,
}

/// Whose cart it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartHuman {
    /// The address.
    pub email: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
}

/// Where a cart is to be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartPopup {
    /// What people read.
    pub name: String,
    /// What stands for it in addresses.
    pub slug: String,
}

/// An attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartPayment {
    /// Identifies it.
    pub id: PaymentId,
    /// `pending` or `expired`.
    pub status: String,
    /// What is due, in USD.
    pub amount: Decimal,
    /// What it is paid in.
    pub currency: String,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
}

/// The carts of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait Carts: Transaction {
    /// The cart of `human` in `popup`.
    async fn cart(&mut self, human: HumanId, popup: PopupId) -> Result<Option<Cart>, StoreError>;

    /// Stores `cart`, in one statement: in place of the human's present one in the popup, whose `id` and
    /// `created_at` it keeps, and whose `updated_at` too when it holds the same. The cart as it is stored.
    async fn put_cart(&mut self, cart: &Cart) -> Result<Cart, StoreError>;

    /// Deletes the cart of `human` in `popup`; whether there was one. For whoever settles a purchase too.
    async fn delete_cart(&mut self, human: HumanId, popup: PopupId) -> Result<bool, StoreError>;

    /// One page of the carts, those of `popup` if one is named, the latest change first, then by id.
    async fn carts(
        &mut self,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<CartView>, StoreError>;
}
