use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use edgeos_domain::{CartHousing, CartMerch, CartPass, CartPatron, CartState as Items};
use serde_json::json;
use utoipa::ToSchema;

use crate::shape::{Described, Fault, Flag, List, Number, Text, Whole, Wrong, described};

type CartText = Text<{ Items::TEXT_MAX }>;
type Quantity = Whole<1, { Items::QUANTITY_MAX }>;

/// A cart to be kept.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartUpdate {
    pub(super) items: CartState,
}

/// How far a purchase has come; what is left out has its default.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartState {
    #[deserr(default)]
    #[schema(default = json!([]))]
    passes: List<CartItemPass, { Items::PASSES_MAX }>,
    #[deserr(default)]
    housing: Option<CartItemHousing>,
    #[deserr(default)]
    #[schema(default = json!([]))]
    merch: List<CartItemMerch, { Items::MERCH_MAX }>,
    #[deserr(default)]
    patron: Option<CartItemPatron>,
    #[deserr(default)]
    promo_code: Option<CartText>,
    #[deserr(default)]
    #[schema(default = false)]
    insurance: Flag,
    /// `passes`, `patron`, `housing`, `merch`, `confirm`, or another text.
    #[deserr(default)]
    current_step: Option<CartText>,
}

/// A ticket for an attendee.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartItemPass {
    attendee_id: CartText,
    product_id: CartText,
    #[deserr(default = Quantity::new(1))]
    #[schema(default = 1)]
    quantity: Quantity,
}

/// A place to sleep.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartItemHousing {
    product_id: CartText,
    check_in: CartText,
    check_out: CartText,
}

/// Goods.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartItemMerch {
    product_id: CartText,
    #[deserr(default = Quantity::new(1))]
    #[schema(default = 1)]
    quantity: Quantity,
}

/// A contribution.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Wrong)]
pub(crate) struct CartItemPatron {
    product_id: CartText,
    amount: Contribution,
    #[deserr(default)]
    #[schema(default = false)]
    is_custom_amount: Flag,
}

/// How much somebody contributes.
#[derive(Debug)]
pub(crate) struct Contribution(f64);

impl Deserr<Wrong> for Contribution {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let amount = Number::deserialize_from_value(value, location)?.0;
        let max = CartPatron::AMOUNT_MAX;
        if amount < 0.0 {
            let msg = "Input should be greater than or equal to 0";
            return Err(Wrong::value(location, Fault::GreaterThanEqual, msg).ctx("ge", 0));
        }
        if amount > max {
            let msg = format!("Input should be less than or equal to {max}");
            return Err(Wrong::value(location, Fault::LessThanEqual, msg).ctx("le", max));
        }
        Ok(Self(amount))
    }
}

impl Described for Contribution {
    fn describe() -> serde_json::Value {
        json!({ "type": "number", "minimum": 0, "maximum": CartPatron::AMOUNT_MAX })
    }
}

described!([] Contribution);

impl From<CartState> for Items {
    fn from(state: CartState) -> Self {
        let text = |text: Option<CartText>| text.map(Text::into_inner);
        Self {
            passes: state.passes.0.into_iter().map(Into::into).collect(),
            housing: state.housing.map(Into::into),
            merch: state.merch.0.into_iter().map(Into::into).collect(),
            patron: state.patron.map(Into::into),
            promo_code: text(state.promo_code),
            insurance: state.insurance.0,
            current_step: text(state.current_step),
        }
    }
}

impl From<CartItemPass> for CartPass {
    fn from(pass: CartItemPass) -> Self {
        Self {
            attendee: pass.attendee_id.into_inner(),
            product: pass.product_id.into_inner(),
            quantity: pass.quantity.get(),
        }
    }
}

impl From<CartItemHousing> for CartHousing {
    fn from(housing: CartItemHousing) -> Self {
        Self {
            product: housing.product_id.into_inner(),
            check_in: housing.check_in.into_inner(),
            check_out: housing.check_out.into_inner(),
        }
    }
}

impl From<CartItemMerch> for CartMerch {
    fn from(merch: CartItemMerch) -> Self {
        Self { product: merch.product_id.into_inner(), quantity: merch.quantity.get() }
    }
}

impl From<CartItemPatron> for CartPatron {
    fn from(patron: CartItemPatron) -> Self {
        Self {
            product: patron.product_id.into_inner(),
            amount: patron.amount.0,
            is_custom_amount: patron.is_custom_amount.0,
        }
    }
}
