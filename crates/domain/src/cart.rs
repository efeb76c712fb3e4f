use chrono::{DateTime, Utc};

use crate::{CartId, HumanId, PopupId, TenantId};

/// A human's unfinished purchase in a popup. It decides nothing: neither price nor stock nor coupons.
#[derive(Debug, Clone, PartialEq)]
pub struct Cart {
    /// Identifies the cart within the tenant.
    pub id: CartId,
    /// Whose cart it is.
    pub tenant: TenantId,
    /// Who fills it; one cart for each popup.
    pub human: HumanId,
    /// Where it is to be bought.
    pub popup: PopupId,
    /// How far the purchase has come.
    pub items: CartState,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When `items` became something else.
    pub updated_at: DateTime<Utc>,
}

/// How far a purchase has come. Identifiers and dates are what the portal wrote: nobody has compared them with
/// products, attendees or calendars.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CartState {
    /// Tickets for attendees.
    pub passes: Vec<CartPass>,
    /// A place to sleep.
    pub housing: Option<CartHousing>,
    /// Goods.
    pub merch: Vec<CartMerch>,
    /// A contribution.
    pub patron: Option<CartPatron>,
    /// A coupon that was entered.
    pub promo_code: Option<String>,
    /// Whether the purchase shall be insured.
    pub insurance: bool,
    /// At which step of the checkout the human is: `passes`, `patron`, `housing`, `merch`, `confirm`.
    pub current_step: Option<String>,
}

/// A ticket for an attendee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartPass {
    /// For whom.
    pub attendee: String,
    /// Which one.
    pub product: String,
    /// How many; of day passes, the additional days.
    pub quantity: i64,
}

/// A place to sleep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartHousing {
    /// Which one.
    pub product: String,
    /// From when.
    pub check_in: String,
    /// Until when.
    pub check_out: String,
}

/// Goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartMerch {
    /// Which ones.
    pub product: String,
    /// How many.
    pub quantity: i64,
}

/// A contribution.
#[derive(Debug, Clone, PartialEq)]
pub struct CartPatron {
    /// Which one.
    pub product: String,
    /// How much, in USD; a number that is shown and never calculated with.
    pub amount: f64,
    /// Whether the human has chosen how much.
    pub is_custom_amount: bool,
}

impl CartState {
    /// Tickets that a cart takes at most.
    pub const PASSES_MAX: usize = 200;
    /// Kinds of goods that a cart takes at most.
    pub const MERCH_MAX: usize = 100;
    /// The most of one thing.
    pub const QUANTITY_MAX: i64 = 1000;
    /// The longest text, in characters.
    pub const TEXT_MAX: usize = 100;
}

impl CartPatron {
    /// The largest contribution.
    pub const AMOUNT_MAX: f64 = 99_999_999.99;
}
