//! Codes that take a percentage off.

use std::sync::Arc;

use edgeos_domain::{Coupon, CouponChange, CouponCode, CouponId, HumanId, NewCoupon, PopupId};
use edgeos_ports::{
    CouponFilter, Coupons, Environment, Key, Page, Paging, Participant, Popups, Reader, Resource,
    Store, StoreError, Transaction, Writer,
};

use crate::{
    AppError,
    attempts::{Attempt, Attempts},
};

/// Coupons as staff manage them, and as buyers try them.
#[derive(Clone)]
pub struct ManageCoupons<S> {
    store: S,
    env: Arc<dyn Environment>,
    guesses: CouponGuesses,
}

/// What keeps a human from guessing codes: unknown ones are counted, whatever they were tried for. A code counts
/// while it is looked up, so that many at once are no way around.
#[derive(Clone)]
pub struct CouponGuesses {
    attempts: Attempts,
}

impl<S: Store<Tx: Popups + Coupons>> ManageCoupons<S> {
    /// The use cases over `store`; `guesses` limits how often somebody may guess.
    pub fn new(store: S, env: Arc<dyn Environment>, guesses: CouponGuesses) -> Self {
        Self { store, env, guesses }
    }

    /// One page of the coupons that match `filter`, the oldest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        filter: &CouponFilter,
        paging: Paging,
    ) -> Result<Page<Coupon>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.coupons(filter, paging).await?)
    }

    /// The coupon `id`.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get(&self, by: &Reader, id: CouponId) -> Result<Coupon, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.coupon(id).await?.ok_or(AppError::NotFound(Resource::Coupon))
    }

    /// Makes a coupon for orders of `popup`.
    ///
    /// # Errors
    ///
    /// `Invalid` for the dates; `NotFound` for the popup; `Refused` when the popup has the code already.
    pub async fn create(
        &self,
        by: &Writer,
        popup: PopupId,
        new: NewCoupon,
    ) -> Result<Coupon, AppError> {
        let id = CouponId(self.env.uuid());
        let coupon = new
            .into_coupon(id, by.tenant(), popup, self.env.now())
            .map_err(AppError::invalid("end_date"))?;

        let mut tx = self.store.begin(&by.scope()).await?;
        tx.hold_popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        tx.insert_coupon(&coupon).await.map_err(taken)?;
        tx.commit().await?;
        Ok(coupon)
    }

    /// Changes what `change` mentions, for orders to come.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Invalid` for the dates; `Refused` when the popup has the code already.
    pub async fn update(
        &self,
        by: &Writer,
        id: CouponId,
        change: CouponChange,
    ) -> Result<Coupon, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let coupon = tx.lock_coupon(id).await?.ok_or(AppError::NotFound(Resource::Coupon))?;
        let coupon =
            coupon.changed(change, self.env.now()).map_err(AppError::invalid("end_date"))?;
        tx.update_coupon(&coupon).await.map_err(taken)?;
        tx.commit().await?;
        Ok(coupon)
    }

    /// Deletes the coupon `id`. Payments that used it keep code and discount.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn delete(&self, by: &Writer, id: CouponId) -> Result<(), AppError> {
        let missing = || AppError::NotFound(Resource::Coupon);
        let mut tx = self.store.begin(&by.scope()).await?;
        let coupon = tx.coupon(id).await?.ok_or_else(missing)?;
        // Whoever orders holds the event: from here on no other payment comes to use the coupon.
        tx.lock_popup(coupon.popup).await?.ok_or_else(missing)?;
        if !tx.delete_coupon(id).await? {
            return Err(missing());
        }
        Ok(tx.commit().await?)
    }

    /// The coupon of `popup` that `code` stands for, if an order could use it now. Takes no use.
    ///
    /// # Errors
    ///
    /// `TooMany` when the human has guessed too often; `NotFound`, which counts as a guess; `Refused` as
    /// [`CouponRefusal`](edgeos_domain::CouponRefusal) says.
    pub async fn validate(
        &self,
        by: &Participant,
        popup: PopupId,
        code: &str,
    ) -> Result<Coupon, AppError> {
        self.guesses.count(by.human()).await?;
        let outcome = self.usable(by, popup, code).await;
        self.guesses.conclude(by.human(), outcome.as_ref().err()).await;
        outcome
    }

    async fn usable(
        &self,
        by: &Participant,
        popup: PopupId,
        code: &str,
    ) -> Result<Coupon, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        let event = tx.popup(popup).await?;
        let coupon = find(&mut tx, popup, code).await?;
        let (event, coupon) = event.zip(coupon).ok_or(AppError::NotFound(Resource::Coupon))?;
        coupon.discount_at(&event, self.env.now()).map_err(AppError::refused)?;
        Ok(coupon)
    }
}

impl CouponGuesses {
    /// Guesses that `attempts` counts.
    #[must_use]
    pub fn new(attempts: Attempts) -> Self {
        Self { attempts }
    }

    /// Lets `human` try a code, and counts it until [`conclude`](Self::conclude).
    ///
    /// # Errors
    ///
    /// `TooMany` after too many that were unknown, or are being looked up; then it isn't counted.
    pub(crate) async fn count(&self, human: HumanId) -> Result<(), AppError> {
        let counted = self.attempts.count(Attempt::FailedCoupon(human)).await;
        counted.map_err(AppError::too_many("too many unknown coupon codes, please try again later"))
    }

    /// Takes back what [`count`](Self::count) counted, unless what came of it is that nobody knows the code.
    pub(crate) async fn conclude(&self, human: HumanId, error: Option<&AppError>) {
        if !matches!(error, Some(AppError::NotFound(Resource::Coupon))) {
            self.attempts.take_back(Attempt::FailedCoupon(human)).await;
        }
    }
}

/// The coupon of `popup` that somebody means by `code`; `None` also for what can't be a code.
pub(crate) async fn find<Tx: Coupons>(
    tx: &mut Tx,
    popup: PopupId,
    code: &str,
) -> Result<Option<Coupon>, AppError> {
    match CouponCode::parse(code) {
        Ok(code) => Ok(tx.coupon_by_code(popup, &code).await?),
        Err(_) => Ok(None),
    }
}

/// Whoever was faster has the code.
fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(Key::CouponCode) => {
            AppError::Refused("this event has a coupon with this code already".into())
        }
        error => error.into(),
    }
}
