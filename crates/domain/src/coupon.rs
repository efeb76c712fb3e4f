//! Codes that take a percentage off an order.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::{CouponDiscount, CouponId, InvalidPeriod, Patch, Period, Popup, PopupId, TenantId};

/// What people type to get a discount, in normal form: without outer white space, in upper case, 1 to 100
/// characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CouponCode(String);

/// A text that can't be a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCouponCode {
    /// Nothing but white space.
    #[error("must not be blank")]
    Blank,
    /// More characters than this, in upper case.
    #[error("must not be longer than {0} characters")]
    TooLong(usize),
    /// A line break or another control character.
    #[error("must not contain control characters")]
    Control,
}

/// What a coupon takes off, in percent: 0, 10, 20, …, 100. Older ones may take off any whole percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CouponPercent(u8);

/// A percentage that no coupon takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a multiple of 10 from 0 to 100")]
pub struct InvalidCouponPercent;

/// A code that takes a percentage off an order of one popup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    /// Identifies the coupon within the tenant.
    pub id: CouponId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// Whose orders it counts for. Never changes.
    pub popup: PopupId,
    /// What people type; one coupon of the popup per code.
    pub code: CouponCode,
    /// What it takes off.
    pub discount: CouponPercent,
    /// How often it can be used; `None` is any number of times.
    pub max_uses: Option<u32>,
    /// How often it is used: by how many payments that are pending or paid. May exceed the maximum, when
    /// that was lowered, or when money came late.
    pub current_uses: u32,
    /// When it counts.
    pub period: Period,
    /// Whether it is switched on.
    pub is_active: bool,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When anything about it but its uses changed last.
    pub updated_at: DateTime<Utc>,
}

/// A coupon to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCoupon {
    /// See [`Coupon::code`].
    pub code: CouponCode,
    /// See [`Coupon::discount`].
    pub discount: CouponPercent,
    /// See [`Coupon::max_uses`].
    pub max_uses: Option<u32>,
    /// See [`Coupon::period`].
    pub start_date: Option<DateTime<Utc>>,
    /// See [`Coupon::period`].
    pub end_date: Option<DateTime<Utc>>,
    /// See [`Coupon::is_active`].
    pub is_active: bool,
}

/// What a request changes about a coupon; `None` and `Keep` change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CouponChange {
    /// See [`Coupon::code`].
    pub code: Option<CouponCode>,
    /// See [`Coupon::discount`].
    pub discount: Option<CouponPercent>,
    /// See [`Coupon::max_uses`].
    pub max_uses: Patch<u32>,
    /// See [`Coupon::period`].
    pub start_date: Patch<DateTime<Utc>>,
    /// See [`Coupon::period`].
    pub end_date: Patch<DateTime<Utc>>,
    /// See [`Coupon::is_active`].
    pub is_active: Option<bool>,
}

/// Why a coupon gives no discount. Buyers read this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CouponRefusal {
    /// Nobody pays for the popup any more.
    #[error("this event is closed")]
    Closed,
    /// The popup takes no coupons.
    #[error("this event does not accept coupons")]
    NotAllowed,
    /// It is switched off.
    #[error("this coupon is not active")]
    Inactive,
    /// It doesn't count yet.
    #[error("this coupon is not valid yet")]
    TooEarly,
    /// It doesn't count any more.
    #[error("this coupon has expired")]
    TooLate,
    /// It has been used as often as it can be.
    #[error("this coupon has been used up")]
    UsedUp,
}

impl CouponCode {
    /// The longest code, in characters.
    pub const MAX_LENGTH: usize = 100;

    /// The code that `text` stands for.
    ///
    /// # Errors
    ///
    /// [`InvalidCouponCode`].
    pub fn parse(text: &str) -> Result<Self, InvalidCouponCode> {
        let code = text.trim().to_uppercase();
        if code.is_empty() {
            return Err(InvalidCouponCode::Blank);
        }
        if code.chars().count() > Self::MAX_LENGTH {
            return Err(InvalidCouponCode::TooLong(Self::MAX_LENGTH));
        }
        if code.chars().any(char::is_control) {
            return Err(InvalidCouponCode::Control);
        }
        Ok(Self(code))
    }

    /// A code as the database has it.
    #[must_use]
    pub fn stored(code: String) -> Self {
        Self(code)
    }

    /// The code as stored and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CouponPercent {
    /// A discount of `percent`.
    ///
    /// # Errors
    ///
    /// [`InvalidCouponPercent`].
    pub fn new(percent: i64) -> Result<Self, InvalidCouponPercent> {
        match u8::try_from(percent) {
            Ok(percent @ 0..=100) if percent % 10 == 0 => Ok(Self(percent)),
            _ => Err(InvalidCouponPercent),
        }
    }

    /// A discount as the database has it.
    ///
    /// # Errors
    ///
    /// [`InvalidCouponPercent`] outside of 0 to 100.
    pub fn stored(percent: i32) -> Result<Self, InvalidCouponPercent> {
        match u8::try_from(percent) {
            Ok(percent @ 0..=100) => Ok(Self(percent)),
            _ => Err(InvalidCouponPercent),
        }
    }

    /// The percentage.
    #[must_use]
    pub fn percent(self) -> u8 {
        self.0
    }
}

impl NewCoupon {
    /// The coupon of `popup` that is made of this, unused.
    ///
    /// # Errors
    ///
    /// [`InvalidPeriod`].
    pub fn into_coupon(
        self,
        id: CouponId,
        tenant: TenantId,
        popup: PopupId,
        now: DateTime<Utc>,
    ) -> Result<Coupon, InvalidPeriod> {
        Ok(Coupon {
            id,
            tenant,
            popup,
            code: self.code,
            discount: self.discount,
            max_uses: self.max_uses,
            current_uses: 0,
            period: Period::new(self.start_date, self.end_date)?,
            is_active: self.is_active,
            created_at: now,
            updated_at: now,
        })
    }
}

impl Coupon {
    /// This coupon after `change`.
    ///
    /// # Errors
    ///
    /// [`InvalidPeriod`].
    pub fn changed(self, change: CouponChange, now: DateTime<Utc>) -> Result<Self, InvalidPeriod> {
        Ok(Self {
            code: change.code.unwrap_or(self.code),
            discount: change.discount.unwrap_or(self.discount),
            max_uses: change.max_uses.over(self.max_uses),
            period: self.period.changed(change.start_date, change.end_date)?,
            is_active: change.is_active.unwrap_or(self.is_active),
            updated_at: now,
            ..self
        })
    }

    /// What the coupon takes off an order of `popup`, its popup, at `now`. Whether a use is left when the
    /// order is made, only the store can tell.
    ///
    /// # Errors
    ///
    /// The first [`CouponRefusal`] that applies, in the order of its variants.
    pub fn discount_at(
        &self,
        popup: &Popup,
        now: DateTime<Utc>,
    ) -> Result<CouponDiscount, CouponRefusal> {
        if popup.is_closed() {
            return Err(CouponRefusal::Closed);
        }
        if !popup.allows_coupons {
            return Err(CouponRefusal::NotAllowed);
        }
        if !self.is_active {
            return Err(CouponRefusal::Inactive);
        }
        if self.period.start().is_some_and(|start| now < start) {
            return Err(CouponRefusal::TooEarly);
        }
        if self.period.end().is_some_and(|end| now > end) {
            return Err(CouponRefusal::TooLate);
        }
        if self.max_uses.is_some_and(|max| self.current_uses >= max) {
            return Err(CouponRefusal::UsedUp);
        }
        Ok(CouponDiscount {
            id: self.id,
            code: self.code.as_str().to_owned(),
            percentage: self.discount.percent().into(),
        })
    }
}

impl fmt::Display for CouponCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
