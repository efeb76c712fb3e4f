use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use rust_decimal::Decimal;
use serde_json::json;

use super::{DECIMAL_PATTERN, Described, Fault, Wrong, described};

/// A whole number from `MIN` to `MAX`. Text of one is taken too, and `5.0` is 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Whole<const MIN: i64, const MAX: i64>(i64);

/// A whole number as a column of the type `integer` keeps it.
pub(crate) type Int32 = Whole<{ i32::MIN as i64 }, { i32::MAX as i64 }>;
/// A number of things as a column of the type `integer` keeps it.
pub(crate) type Count = Whole<0, { i32::MAX as i64 }>;
/// A whole number as a column of the type `bigint` keeps it.
pub(crate) type Int64 = Whole<{ i64::MIN }, { i64::MAX }>;

/// A decimal of `PRECISION` digits, `SCALE` of them after the point; more are rounded half away from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Amount<const PRECISION: u32, const SCALE: u32>(pub(crate) Decimal);

/// A finite number, from a number or its text.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Number(pub(crate) f64);

/// Why a text is no decimal of the wanted size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoDecimal {
    Malformed,
    NotFinite,
    TooLarge { negative: bool },
}

impl<const MIN: i64, const MAX: i64> Whole<MIN, MAX> {
    /// A number that the program writes itself, for defaults.
    pub(crate) const fn new(value: i64) -> Self {
        assert!(MIN <= value && value <= MAX, "a default lies within its bounds");
        Self(value)
    }

    /// The number.
    pub(crate) const fn get(self) -> i64 {
        self.0
    }

    /// The number of things, where `MIN` isn't below 0.
    pub(crate) const fn count(self) -> u64 {
        const { assert!(MIN >= 0, "there are no negative counts") };
        self.0.unsigned_abs()
    }
}

impl Int32 {
    /// The number.
    pub(crate) fn int32(self) -> i32 {
        i32::try_from(self.0).expect("it was read within these bounds")
    }
}

impl Int64 {
    /// The number.
    pub(crate) fn int64(self) -> i64 {
        self.0
    }
}

impl Count {
    /// The number.
    pub(crate) fn count32(self) -> u32 {
        u32::try_from(self.0).expect("it was read within these bounds")
    }
}

impl<const MIN: i64, const MAX: i64> Deserr<Wrong> for Whole<MIN, MAX> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let number = match &value {
            Value::Integer(number) => Some(i128::from(*number)),
            Value::NegativeInteger(number) => Some(i128::from(*number)),
            Value::Float(number) => whole(*number),
            Value::String(text) => whole_text(text),
            _ => None,
        };
        let Some(number) = number else {
            let msg = "Input should be a valid integer";
            return Err(Wrong::kind(location, Fault::IntParsing, msg, value));
        };
        if number < i128::from(MIN) {
            let msg = format!("Input should be greater than or equal to {MIN}");
            let wrong = Wrong::kind(location, Fault::GreaterThanEqual, &msg, value);
            return Err(wrong.ctx("ge", MIN));
        }
        match i64::try_from(number) {
            Ok(number) if number <= MAX => Ok(Self(number)),
            _ => {
                let msg = format!("Input should be less than or equal to {MAX}");
                Err(Wrong::kind(location, Fault::LessThanEqual, &msg, value).ctx("le", MAX))
            }
        }
    }
}

impl<const PRECISION: u32, const SCALE: u32> Deserr<Wrong> for Amount<PRECISION, SCALE> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let read = match &value {
            Value::Integer(number) => decimal(&number.to_string(), PRECISION, SCALE),
            Value::NegativeInteger(number) => decimal(&number.to_string(), PRECISION, SCALE),
            // The shortest text that reads back as the same number: what was written.
            Value::Float(number) => decimal(&format!("{number:e}"), PRECISION, SCALE),
            Value::String(text) => decimal(text.trim(), PRECISION, SCALE),
            _ => Err(NoDecimal::Malformed),
        };
        read.map(Self).map_err(|refusal| {
            let bound = Decimal::new(10_i64.pow(PRECISION) - 1, SCALE);
            match refusal {
                NoDecimal::Malformed => {
                    let msg = "Input should be a valid decimal";
                    Wrong::kind(location, Fault::ValueError, msg, value)
                }
                NoDecimal::NotFinite => {
                    let msg = "Input should be a finite number";
                    Wrong::kind(location, Fault::FiniteNumber, msg, value)
                }
                NoDecimal::TooLarge { negative: false } => {
                    let msg = format!("Input should be less than or equal to {bound}");
                    let wrong = Wrong::kind(location, Fault::LessThanEqual, &msg, value);
                    wrong.ctx("le", bound.to_string())
                }
                NoDecimal::TooLarge { negative: true } => {
                    let msg = format!("Input should be greater than or equal to -{bound}");
                    let wrong = Wrong::kind(location, Fault::GreaterThanEqual, &msg, value);
                    wrong.ctx("ge", format!("-{bound}"))
                }
            }
        })
    }
}

impl Deserr<Wrong> for Number {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Wrong> {
        let number = match &value {
            Value::Integer(number) => number.to_string().parse().ok(),
            Value::NegativeInteger(number) => number.to_string().parse().ok(),
            Value::Float(number) => Some(*number),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if f64::is_finite(number) => Ok(Self(number)),
            Some(_) => {
                let msg = "Input should be a finite number";
                Err(Wrong::kind(location, Fault::FiniteNumber, msg, value))
            }
            None => {
                let msg = "Input should be a valid number";
                Err(Wrong::kind(location, Fault::ValueError, msg, value))
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is too large saturates out of bounds")]
fn whole(number: f64) -> Option<i128> {
    (number.fract() == 0.0).then_some(number as i128)
}

/// `5`, `+5`, `5.0`; what is longer than any bound saturates.
fn whole_text(text: &str) -> Option<i128> {
    let (number, fraction) = match text.trim().split_once('.') {
        Some((number, fraction)) => (number, fraction),
        None => (text.trim(), ""),
    };
    let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
    if digits.is_empty()
        || !digits.bytes().all(|byte| byte.is_ascii_digit())
        || !fraction.bytes().all(|byte| byte == b'0')
    {
        return None;
    }
    let beyond = if number.starts_with('-') { i128::MIN } else { i128::MAX };
    Some(number.parse().unwrap_or(beyond))
}

/// `text` as a decimal: sign, digits, point, exponent. Exact: no binary fraction lies between.
fn decimal(text: &str, precision: u32, scale: u32) -> Result<Decimal, NoDecimal> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned.to_ascii_lowercase().as_str(), "nan" | "snan" | "inf" | "infinity") {
        return Err(NoDecimal::NotFinite);
    }
    let (number, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent_of(exponent).ok_or(NoDecimal::Malformed)?),
        None => (unsigned, 0),
    };
    let (before, after) = number.split_once('.').unwrap_or((number, ""));
    let mut digits = before.bytes().chain(after.bytes()).map(|byte| byte.wrapping_sub(b'0'));
    if (before.is_empty() && after.is_empty()) || digits.any(|digit| digit > 9) {
        return Err(NoDecimal::Malformed);
    }

    let digits = before.bytes().chain(after.bytes()).map(|byte| byte - b'0');
    let leading_zeros = digits.clone().take_while(|digit| *digit == 0).count();
    let mut digits = digits.skip(leading_zeros).peekable();
    if digits.peek().is_none() {
        return Ok(Decimal::new(0, scale));
    }
    // How many of the remaining digits are kept: those before the point, and `scale` after it.
    let before_point = length(before.len()).saturating_sub(length(leading_zeros));
    let kept = before_point.saturating_add(exponent).saturating_add(i64::from(scale));
    if kept > i64::from(precision) {
        return Err(NoDecimal::TooLarge { negative });
    }
    let mut value = 0_i64;
    for _ in 0..kept {
        value = value * 10 + i64::from(digits.next().unwrap_or(0));
    }
    if kept >= 0 && digits.next().is_some_and(|digit| digit >= 5) {
        value += 1;
    }
    if value >= 10_i64.pow(precision) {
        return Err(NoDecimal::TooLarge { negative });
    }
    Ok(Decimal::new(if negative { -value } else { value }, scale))
}

/// An exponent; what is larger than any sense saturates.
fn exponent_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let beyond = if text.starts_with('-') { -1_000_000_000 } else { 1_000_000_000 };
    Some(text.parse::<i32>().map_or(beyond, i64::from))
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl<const MIN: i64, const MAX: i64> Described for Whole<MIN, MAX> {
    fn describe() -> serde_json::Value {
        let mut schema = json!({ "type": "integer" });
        if MIN != i64::from(i32::MIN) && MIN != i64::MIN {
            schema["minimum"] = MIN.into();
        }
        if MAX != i64::from(i32::MAX) && MAX != i64::MAX {
            schema["maximum"] = MAX.into();
        }
        schema
    }
}

impl<const PRECISION: u32, const SCALE: u32> Described for Amount<PRECISION, SCALE> {
    fn describe() -> serde_json::Value {
        json!({ "anyOf": [{ "type": "number" }, { "type": "string", "pattern": DECIMAL_PATTERN }] })
    }
}

impl Described for Number {
    fn describe() -> serde_json::Value {
        json!({ "type": "number" })
    }
}

described!([const MIN: i64, const MAX: i64] Whole<MIN, MAX>);
described!([const PRECISION: u32, const SCALE: u32] Amount<PRECISION, SCALE>);
described!([] Number);
