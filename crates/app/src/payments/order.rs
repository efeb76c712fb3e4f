//! What an order costs, and what that rests on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use edgeos_domain::{
    Application, ApplicationId, Coupon, CouponDiscount, Discounts, GroupDiscount, Holder, Offer,
    Order, OrderLine, Payment, Popup, Product, ProductId, Quote, ScholarshipStatus,
};
use edgeos_ports::{Resource, StoreError};
use rust_decimal::Decimal;

use super::PaymentTx;
use crate::{AppError, coupons};

/// What somebody wants to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// By which application.
    pub application: ApplicationId,
    /// What, and for whom.
    pub lines: Vec<OrderLine>,
    /// What is typed as a coupon.
    pub coupon_code: Option<String>,
    /// Whether the lines state all tickets that the application shall hold.
    pub edit_passes: bool,
    /// Whether it is to be insured.
    pub insurance: bool,
}

/// Where an order is priced.
#[derive(Debug)]
pub(super) struct Till<'a> {
    pub(super) popup: &'a Popup,
    pub(super) application: &'a Application,
    /// The application's pending purchases, which this order would take the place of: what they hold is the
    /// buyer's to use.
    pub(super) pending: &'a [Payment],
    /// Whether it comes to a sale: then limited products and coupons are locked.
    pub(super) sells: bool,
    pub(super) now: DateTime<Utc>,
}

/// An order and its price.
#[derive(Debug)]
pub(super) struct Priced {
    pub(super) quote: Quote,
    /// What the order names, and what the attendees hold.
    pub(super) products: BTreeMap<ProductId, Product>,
}

impl Till<'_> {
    /// What `purchase` costs. `admitted` says whether its sender may still try coupons, which is told when it is their
    /// turn. `NotFound` when nobody knows the coupon.
    pub(super) async fn price(
        &self,
        tx: &mut impl PaymentTx,
        purchase: &Purchase,
        admitted: Result<(), AppError>,
    ) -> Result<Priced, AppError> {
        let (order, products) = self.order(tx, purchase).await?;
        let basket = order.admit()?;
        let mut coupon = match &admitted {
            Ok(()) => self.named_coupon(tx, purchase).await?,
            Err(_) => None,
        };
        if self.sells {
            // All of them, in this order: those of superseded payments are given back.
            let held = self.pending.iter().filter_map(|payment| payment.coupon);
            let named = coupon.as_ref().map(|coupon| coupon.id);
            for id in held.chain(named).collect::<BTreeSet<_>>() {
                let locked = tx.lock_coupon(id).await?;
                // By now it may be gone, or be called otherwise.
                coupon = match coupon {
                    Some(named) if named.id == id => {
                        locked.filter(|locked| locked.code == named.code)
                    }
                    other => other,
                };
            }
        }
        let discounts = Discounts {
            group: self.group_discount(tx).await?,
            coupon: self.coupon_discount(purchase, coupon, admitted)?,
            scholarship: self.scholarship(),
        };
        let quote = basket.quote(&discounts)?;
        Ok(Priced { quote, products })
    }

    async fn order(
        &self,
        tx: &mut impl PaymentTx,
        purchase: &Purchase,
    ) -> Result<(Order, BTreeMap<ProductId, Product>), StoreError> {
        let Self { popup, application, .. } = *self;
        let attendees = tx.attendees_of(application.id).await?;
        let holdings = tx.holdings(application.id).await?;
        let named: BTreeSet<ProductId> = purchase.lines.iter().map(|line| line.product).collect();
        let held = holdings.keys().map(|(_, product)| *product);
        let ids: Vec<_> = named.iter().copied().chain(held).collect();
        let found = tx.products_of(popup.id, &ids).await?;
        let mut products: BTreeMap<_, _> =
            found.into_iter().map(|product| (product.id, product)).collect();
        let limited = products
            .values()
            .filter(|product| named.contains(&product.id) && product.max_quantity.is_some());
        let limited: Vec<_> = limited.map(|product| product.id).collect();
        if self.sells {
            let locked = tx.lock_products(popup.id, &limited).await?;
            products.extend(locked.into_iter().map(|product| (product.id, product)));
        }
        let taken = tx.taken_units(popup.id, &limited, application.id).await?;
        let offer = |product: &Product| {
            Offer::of(product, taken.get(&product.id).copied().unwrap_or_default())
        };
        let holder = |attendee: &edgeos_domain::Attendee| Holder {
            category: attendee.category,
            owned: holdings
                .iter()
                .filter(|((holder, _), _)| *holder == attendee.id)
                .map(|((_, product), holding)| (*product, *holding))
                .collect(),
        };
        let order = Order {
            lines: purchase.lines.clone(),
            offers: products.values().map(|product| (product.id, offer(product))).collect(),
            holders: attendees.iter().map(|attendee| (attendee.id, holder(attendee))).collect(),
            account_credit: self.credit(),
            edit_passes: purchase.edit_passes,
            insurance: purchase.insurance,
        };
        Ok((order, products))
    }

    /// The credit that the buyer has once the pending purchases have given theirs back.
    fn credit(&self) -> Decimal {
        let plans = self.pending.iter().filter_map(|payment| payment.settlement.as_ref());
        self.application.credit + plans.map(|plan| plan.credit_used).sum::<Decimal>()
    }

    async fn named_coupon(
        &self,
        tx: &mut impl PaymentTx,
        purchase: &Purchase,
    ) -> Result<Option<Coupon>, AppError> {
        match &purchase.coupon_code {
            Some(code) => coupons::find(tx, self.popup.id, code).await,
            None => Ok(None),
        }
    }

    fn coupon_discount(
        &self,
        purchase: &Purchase,
        coupon: Option<Coupon>,
        admitted: Result<(), AppError>,
    ) -> Result<Option<CouponDiscount>, AppError> {
        if purchase.coupon_code.is_none() {
            return Ok(None);
        }
        admitted?;
        let mut coupon = coupon.ok_or(AppError::NotFound(Resource::Coupon))?;
        for payment in self.pending {
            if payment.coupon == Some(coupon.id) {
                coupon.current_uses = coupon.current_uses.saturating_sub(1);
            }
        }
        let discount = coupon.discount_at(self.popup, self.now).map_err(AppError::refused)?;
        Ok(Some(discount))
    }

    async fn group_discount(
        &self,
        tx: &mut impl PaymentTx,
    ) -> Result<Option<GroupDiscount>, StoreError> {
        let Some(id) = self.application.group else { return Ok(None) };
        let percentage = tx.group_discount(id).await?;
        Ok(percentage.map(|percentage| GroupDiscount { id, percentage }))
    }

    fn scholarship(&self) -> Option<Decimal> {
        let scholarship = &self.application.scholarship;
        let approved = scholarship.status == Some(ScholarshipStatus::Approved);
        scholarship.discount_percentage.filter(|percentage| approved && !percentage.is_zero())
    }
}
