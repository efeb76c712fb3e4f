use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{InvalidText, required_text};

/// What a payment is made in: `USD`, or the coin. 1 to 10 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Currency(String);

/// USD per unit of a currency: above 0 and below 10 000 000 000, with eight decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(Decimal);

/// A currency that can't be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct InvalidCurrency(#[from] InvalidText);

/// A rate at which nothing is exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be greater than 0 and less than 10 000 000 000")]
pub struct InvalidRate;

impl Currency {
    /// The longest name, in characters.
    pub const MAX: usize = 10;

    const USD: &str = "USD";

    /// US dollars, in which everything is priced.
    #[must_use]
    pub fn usd() -> Self {
        Self(Self::USD.to_owned())
    }

    /// The currency called `name`, without white space around it.
    ///
    /// # Errors
    ///
    /// [`InvalidCurrency`].
    pub fn parse(name: &str) -> Result<Self, InvalidCurrency> {
        Ok(Self(required_text(name, Self::MAX)?))
    }

    /// A currency as the database has it.
    #[must_use]
    pub fn stored(name: String) -> Self {
        Self(name)
    }

    /// Whether it is US dollars.
    #[must_use]
    pub fn is_usd(&self) -> bool {
        self.0 == Self::USD
    }

    /// The name as stored and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Rate {
    /// A rate of `value`, rounded half away from zero to eight decimals.
    ///
    /// # Errors
    ///
    /// [`InvalidRate`] outside its range, after rounding.
    pub fn new(value: Decimal) -> Result<Self, InvalidRate> {
        let mut rate = value.round_dp_with_strategy(8, RoundingStrategy::MidpointAwayFromZero);
        if rate <= Decimal::ZERO || rate >= Decimal::from(10_000_000_000_i64) {
            return Err(InvalidRate);
        }
        rate.rescale(8);
        Ok(Self(rate))
    }

    /// The rate, with eight decimals.
    #[must_use]
    pub fn get(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1", Some("1.00000000"))]
    #[case("2500.5", Some("2500.50000000"))]
    #[case("0.000000005", Some("0.00000001"))]
    #[case("9999999999.99999999", Some("9999999999.99999999"))]
    #[case("0.000000004", None)]
    #[case("0", None)]
    #[case("-1", None)]
    #[case("9999999999.999999995", None)]
    fn a_rate_is_above_nothing_and_fits(#[case] value: Decimal, #[case] expected: Option<&str>) {
        let rate = Rate::new(value).ok().map(|rate| rate.to_string());
        assert_eq!(rate.as_deref(), expected);
    }

    #[rstest]
    #[case(" ETH ", Some("ETH"))]
    #[case("ABCDEFGHIJ", Some("ABCDEFGHIJ"))]
    #[case("ABCDEFGHIJK", None)]
    #[case(" ", None)]
    #[case("U\0D", None)]
    fn a_currency_has_a_short_name(#[case] name: &str, #[case] expected: Option<&str>) {
        let currency = Currency::parse(name).ok();
        assert_eq!(currency.as_ref().map(Currency::as_str), expected);
    }
}
