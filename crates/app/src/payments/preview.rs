use edgeos_domain::{Quote, admit_purchase};
use edgeos_ports::{Participant, Payments, Popups, Resource};

use super::{ManagePayments, PaymentStore, Purchase, order::Till, own};
use crate::AppError;

impl<S: PaymentStore> ManagePayments<S> {
    /// What `purchase` would cost. Nothing is written, and no coupon is used.
    ///
    /// # Errors
    ///
    /// `NotFound` for the application; `Forbidden` unless it is accepted; `Refused` as [`PurchaseRefusal`](edgeos_domain::PurchaseRefusal) and
    /// [`PricingRefusal`](edgeos_domain::PricingRefusal) say; `TooMany` when the human has guessed too often;
    /// `NotFound` for the coupon, which counts as a guess; `Refused` as
    /// [`CouponRefusal`](edgeos_domain::CouponRefusal) says.
    pub async fn preview(&self, by: &Participant, purchase: &Purchase) -> Result<Quote, AppError> {
        let admitted = self.count_coupon(by, purchase).await;
        let counted = admitted.is_ok();
        let quote = self.quote(by, purchase, admitted).await;
        self.conclude_coupon(by, purchase, counted, quote.as_ref().err()).await;
        quote
    }

    async fn quote(
        &self,
        by: &Participant,
        purchase: &Purchase,
        admitted: Result<(), AppError>,
    ) -> Result<Quote, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        let application = own(&mut tx, by, purchase.application).await?;
        let popup = tx.popup(application.popup).await?;
        let popup = popup.ok_or(AppError::NotFound(Resource::Popup))?;
        admit_purchase(&application, &popup)?;
        let pending = tx.pending_purchases(application.id).await?;
        let till = Till {
            popup: &popup,
            application: &application,
            pending: &pending,
            sells: false,
            now: self.env.now(),
        };
        Ok(till.price(&mut tx, purchase, admitted).await?.quote)
    }

    /// Whether the human may still try coupons, if they try one: then it is counted until
    /// [`conclude_coupon`](Self::conclude_coupon).
    pub(super) async fn count_coupon(
        &self,
        by: &Participant,
        purchase: &Purchase,
    ) -> Result<(), AppError> {
        match purchase.coupon_code {
            Some(_) => self.guesses.count(by.human()).await,
            None => Ok(()),
        }
    }

    /// Takes back what was `counted` of `purchase`, unless what came of it is that nobody knows its coupon. No
    /// connection is held meanwhile.
    pub(super) async fn conclude_coupon(
        &self,
        by: &Participant,
        purchase: &Purchase,
        counted: bool,
        error: Option<&AppError>,
    ) {
        if counted && purchase.coupon_code.is_some() {
            self.guesses.conclude(by.human(), error).await;
        }
    }
}
