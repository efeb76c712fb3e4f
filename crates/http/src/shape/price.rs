use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde_json::json;

use super::{Amount, DECIMAL_PATTERN, Described, Fault, Int64, Number, Wrong, described};

/// What something costs, in whole cents, at least nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Price(pub(crate) edgeos_domain::Price);

/// A share in percent, 0 to 100 with two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Percentage(pub(crate) edgeos_domain::Percentage);

/// What a coupon takes off, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CouponPercent(pub(crate) edgeos_domain::CouponPercent);

/// USD per unit of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rate(pub(crate) edgeos_domain::Rate);

/// What a vote is multiplied with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Weight(pub(crate) edgeos_domain::WeightMultiplier);

impl Deserr<Wrong> for Price {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let Amount(amount) = Amount::<10, 2>::deserialize_from_value(value, location)?;
        edgeos_domain::Price::new(amount).map(Self).map_err(|_| {
            let msg = "Input should be greater than or equal to 0";
            Wrong::value(location, Fault::GreaterThanEqual, msg)
                .echo(amount.to_string())
                .ctx("ge", 0)
        })
    }
}

impl Deserr<Wrong> for Percentage {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let Amount(amount) = Amount::<5, 2>::deserialize_from_value(value, location)?;
        edgeos_domain::Percentage::new(amount).map(Self).map_err(|_| {
            let (fault, name, bound) = if amount.is_sign_negative() {
                (Fault::GreaterThanEqual, "ge", 0)
            } else {
                (Fault::LessThanEqual, "le", 100)
            };
            let relation = if bound == 0 { "greater" } else { "less" };
            let msg = format!("Input should be {relation} than or equal to {bound}");
            Wrong::value(location, fault, msg).echo(amount.to_string()).ctx(name, bound)
        })
    }
}

impl Deserr<Wrong> for CouponPercent {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let percent = Int64::deserialize_from_value(value, location)?.int64();
        edgeos_domain::CouponPercent::new(percent).map(Self).map_err(|refusal| {
            Wrong::value(location, Fault::ValueError, refusal.to_string()).echo(percent)
        })
    }
}

impl Deserr<Wrong> for Rate {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let Amount(rate) = Amount::<18, 8>::deserialize_from_value(value, location)?;
        edgeos_domain::Rate::new(rate).map(Self).map_err(|refusal| {
            Wrong::value(location, Fault::ValueError, refusal.to_string()).echo(rate.to_string())
        })
    }
}

impl Deserr<Wrong> for Weight {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let Number(weight) = Number::deserialize_from_value(value, location)?;
        edgeos_domain::WeightMultiplier::new(weight).map(Self).map_err(|refusal| {
            Wrong::value(location, Fault::ValueError, refusal.to_string()).echo(weight)
        })
    }
}

impl Described for Price {
    fn describe() -> serde_json::Value {
        json!({ "anyOf": [
            { "type": "number", "minimum": 0.0 },
            { "type": "string", "pattern": DECIMAL_PATTERN },
        ] })
    }
}

impl Described for Percentage {
    fn describe() -> serde_json::Value {
        Amount::<5, 2>::describe()
    }
}

impl Described for Rate {
    fn describe() -> serde_json::Value {
        Amount::<18, 8>::describe()
    }
}

impl Described for Weight {
    fn describe() -> serde_json::Value {
        Number::describe()
    }
}

impl Described for CouponPercent {
    fn describe() -> serde_json::Value {
        Int64::describe()
    }
}

described!([] Price);
described!([] Percentage);
described!([] CouponPercent);
described!([] Rate);
described!([] Weight);
