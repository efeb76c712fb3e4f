use rust_decimal::Decimal;

use crate::to_cents;

/// What an application costs, in USD: an amount from 0 to 99 999 999.99 or none; above 0 if it is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApplicationFee {
    required: bool,
    amount: Option<Decimal>,
}

/// Why a fee can't be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFee {
    /// Nobody could pay it.
    #[error("must be greater than 0 when an application fee is required")]
    Missing,
    /// Below nothing, or more than fits.
    #[error("must be between 0 and 99,999,999.99")]
    OutOfRange,
}

impl ApplicationFee {
    /// The largest fee, in cents: what the column holds.
    const MAX_CENTS: i64 = 9_999_999_999;

    /// A fee of `amount`, rounded half away from zero to cents.
    ///
    /// # Errors
    ///
    /// [`InvalidFee`].
    pub fn new(required: bool, amount: Option<Decimal>) -> Result<Self, InvalidFee> {
        if amount.is_some_and(|amount| amount < Decimal::ZERO) {
            return Err(InvalidFee::OutOfRange);
        }
        let amount = amount.map(to_cents);
        if amount.is_some_and(|amount| amount > Decimal::new(Self::MAX_CENTS, 2)) {
            return Err(InvalidFee::OutOfRange);
        }
        if required && amount.is_none_or(|amount| amount.is_zero()) {
            return Err(InvalidFee::Missing);
        }
        Ok(Self { required, amount })
    }

    /// Whether people have to pay before anybody looks at their application.
    #[must_use]
    pub fn required(self) -> bool {
        self.required
    }

    /// How much, with two decimals; kept while it isn't required.
    #[must_use]
    pub fn amount(self) -> Option<Decimal> {
        self.amount
    }
}
