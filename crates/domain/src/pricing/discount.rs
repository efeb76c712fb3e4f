use rust_decimal::Decimal;

use super::sums::{Due, Sums};
use crate::{CouponId, GroupId, to_cents};

/// The discounts that compete for an order. They never add up. Percentages outside 0 to 100 count as the nearer end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Discounts {
    /// That of the application's group.
    pub group: Option<GroupDiscount>,
    /// That of the coupon sent along, found and usable.
    pub coupon: Option<CouponDiscount>,
    /// That of an approved scholarship, in percent.
    pub scholarship: Option<Decimal>,
}

/// What a group gives its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupDiscount {
    /// Which group.
    pub id: GroupId,
    /// In percent.
    pub percentage: Decimal,
}

/// What a coupon gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponDiscount {
    /// Which coupon.
    pub id: CouponId,
    /// Its code in normal form.
    pub code: String,
    /// In percent.
    pub percentage: Decimal,
}

/// The discount that makes an order cheapest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discount {
    /// That of the group, in percent.
    Group(Decimal),
    /// That of the coupon, which thereby is used.
    Coupon(CouponDiscount),
    /// That of the scholarship, in percent.
    Scholarship(Decimal),
}

/// A discount and what it leads to.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub discount: Option<Discount>,
    /// The group to be recorded. A scholarship takes its place.
    pub group: Option<GroupId>,
    pub full: Due,
    pub due: Due,
}

impl Discount {
    /// The percentage, 0 to 100, written like its source.
    #[must_use]
    pub fn percentage(&self) -> Decimal {
        match self {
            Self::Group(percentage) | Self::Scholarship(percentage) => *percentage,
            Self::Coupon(coupon) => coupon.percentage,
        }
    }
}

impl Discounts {
    /// The best discount. A group gives way to a coupon only if that is better; a scholarship needs to be as good.
    pub(super) fn best(&self, sums: &Sums<'_>) -> Choice {
        let full = sums.due(Decimal::ZERO);
        let group = self.group.map(|group| group.id);
        let mut best = Choice { discount: None, group, full, due: full };
        let in_turn = [
            self.group.map(|group| Discount::Group(clamped(group.percentage))),
            self.coupon.clone().map(|coupon| {
                let percentage = clamped(coupon.percentage);
                Discount::Coupon(CouponDiscount { percentage, ..coupon })
            }),
            self.scholarship.map(|percentage| Discount::Scholarship(clamped(percentage))),
        ];
        for discount in in_turn.into_iter().flatten() {
            let due = sums.due(discount.percentage());
            let scholarship = matches!(discount, Discount::Scholarship(_));
            let as_good = scholarship && due.limited == best.due.limited;
            if due.limited < best.due.limited || (as_good && due.limited < full.limited) {
                let group = group.filter(|_| !scholarship);
                best = Choice { discount: Some(discount), group, full, due };
            }
        }
        best
    }
}

/// The money that `percentage` takes off `full`: what the rounded rest leaves out.
#[must_use]
pub fn discount_off(full: Decimal, percentage: Decimal) -> Decimal {
    full - to_cents(full * (Decimal::ONE_HUNDRED - percentage) / Decimal::ONE_HUNDRED)
}

fn clamped(percentage: Decimal) -> Decimal {
    percentage.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED)
}
