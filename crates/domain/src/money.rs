use rust_decimal::{Decimal, RoundingStrategy};

/// `value` with exactly two decimals, rounded half away from zero: what every column of money and percentages
/// keeps.
#[must_use]
pub fn to_cents(value: Decimal) -> Decimal {
    let mut rounded = value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(2);
    if rounded.is_zero() {
        // Nothing is neither owed nor due: no `-0.00`.
        rounded.set_sign_positive(true);
    }
    rounded
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("33.337", "33.34")]
    #[case("250.505", "250.51")]
    #[case("-0.005", "-0.01")]
    #[case("0.004", "0.00")]
    #[case("-0.004", "0.00")]
    #[case("7.5", "7.50")]
    fn cents_are_rounded_away_from_zero(#[case] value: Decimal, #[case] cents: &str) {
        assert_eq!(to_cents(value).to_string(), cents);
    }
}
