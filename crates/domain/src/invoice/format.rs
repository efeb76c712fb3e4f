use std::borrow::Cow;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::PaymentTerms;

/// What amounts are shown in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit<'a> {
    name: Cow<'a, str>,
    /// USD per unit, where it isn't USD.
    rate: Option<Decimal>,
}

impl<'a> Unit<'a> {
    pub(super) const DOLLARS: Self = Self { name: Cow::Borrowed("USD"), rate: None };

    /// What was paid in, if the rate is known; else USD.
    pub(super) fn of(terms: &'a PaymentTerms) -> Self {
        match terms.rate {
            Some(rate) if !terms.currency.is_usd() => {
                Self { name: Cow::Borrowed(terms.currency.as_str()), rate: Some(rate.get()) }
            }
            _ => Self::DOLLARS,
        }
    }

    /// What one of it costs in USD, if it isn't USD.
    pub(super) fn rate(&self) -> Option<String> {
        let rate = self.rate?;
        Some(format!("1 {} = {}", self.name, Self::DOLLARS.show(rate)))
    }

    /// An amount in USD in this unit, rounded half away from zero to the decimals that are shown.
    pub(super) fn converted(&self, dollars: Decimal) -> Decimal {
        // A rate is above zero.
        let exact = self.rate.map_or(dollars, |rate| dollars / rate);
        exact.round_dp_with_strategy(self.decimals(), RoundingStrategy::MidpointAwayFromZero)
    }

    /// `1.234.567,50 USD`.
    pub(super) fn show(&self, amount: Decimal) -> String {
        format!("{} {}", number(amount, self.decimals()), self.name)
    }

    fn decimals(&self) -> u32 {
        match &*self.name {
            "BTC" | "ETH" => 8,
            _ => 2,
        }
    }
}

/// `1234567.5` as `1.234.567,50`.
fn number(value: Decimal, decimals: u32) -> String {
    let value = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    let sign = if value.is_sign_negative() && !value.is_zero() { "-" } else { "" };
    let digits = format!("{:.*}", decimals as usize, value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut shown = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            shown.push('.');
        }
        shown.push(digit);
    }
    shown.push(',');
    shown.push_str(fraction);
    shown
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1234567.5", 2, "1.234.567,50")]
    #[case("0", 2, "0,00")]
    #[case("-0.001", 2, "0,00")]
    #[case("999", 2, "999,00")]
    #[case("1000", 2, "1.000,00")]
    #[case("-1000.005", 2, "-1.000,01")]
    #[case("99999999.99", 2, "99.999.999,99")]
    #[case("0.189162167", 8, "0,18916217")]
    #[case("123456", 8, "123.456,00000000")]
    fn numbers_have_points_between_thousands(
        #[case] value: Decimal,
        #[case] decimals: u32,
        #[case] shown: &str,
    ) {
        assert_eq!(number(value, decimals), shown);
    }
}
