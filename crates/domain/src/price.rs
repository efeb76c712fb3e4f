use std::fmt;

use rust_decimal::Decimal;

use crate::to_cents;

/// What one unit of something costs, in USD: 0 to 99 999 999.99, in whole cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(Decimal);

/// A share in percent, 0 to 100 with two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percentage(Decimal);

/// An amount that nothing can cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between 0 and 99,999,999.99")]
pub struct InvalidPrice;

/// A share of less than nothing, or of more than all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between 0 and 100")]
pub struct InvalidPercentage;

impl Price {
    /// The highest price, in cents: what the column holds.
    const MAX_CENTS: i64 = 9_999_999_999;

    /// A price of `amount`, rounded half away from zero to cents.
    ///
    /// # Errors
    ///
    /// [`InvalidPrice`] below 0, or above what fits after rounding.
    pub fn new(amount: Decimal) -> Result<Self, InvalidPrice> {
        if amount < Decimal::ZERO {
            return Err(InvalidPrice);
        }
        let amount = to_cents(amount);
        if amount > Decimal::new(Self::MAX_CENTS, 2) { Err(InvalidPrice) } else { Ok(Self(amount)) }
    }

    /// The amount, with two decimals.
    #[must_use]
    pub fn amount(self) -> Decimal {
        self.0
    }
}

impl Percentage {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::from_parts(0, 0, 0, false, 2));

    /// A share of `percent`, rounded half away from zero to two decimals.
    ///
    /// # Errors
    ///
    /// [`InvalidPercentage`].
    pub fn new(percent: Decimal) -> Result<Self, InvalidPercentage> {
        if percent < Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
            return Err(InvalidPercentage);
        }
        Ok(Self(to_cents(percent)))
    }

    /// The percentage, with two decimals.
    #[must_use]
    pub fn get(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Percentage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("100", Some("100.00"))]
    #[case("100.005", Some("100.01"))]
    #[case("0", Some("0.00"))]
    #[case("99999999.99", Some("99999999.99"))]
    #[case("99999999.994", Some("99999999.99"))]
    #[case("99999999.995", None)]
    #[case("-0.001", None)]
    fn a_price_is_a_number_of_cents(#[case] amount: Decimal, #[case] expected: Option<&str>) {
        let price = Price::new(amount).ok().map(|price| price.to_string());
        assert_eq!(price.as_deref(), expected);
    }

    #[rstest]
    #[case("5", Some("5.00"))]
    #[case("100", Some("100.00"))]
    #[case("12.345", Some("12.35"))]
    #[case("100.001", None)]
    #[case("-1", None)]
    fn a_percentage_is_a_share(#[case] percent: Decimal, #[case] expected: Option<&str>) {
        let share = Percentage::new(percent).ok().map(|share| share.to_string());
        assert_eq!(share.as_deref(), expected);
    }
}
