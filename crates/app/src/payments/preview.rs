use edgeos_domain::{Quote, admit_purchase};
use edgeos_ports::{Participant, Payments, Popups, Resource};

use super::{
    ManagePayments, PaymentStore, Purchase,
    order::{Till, Unpriced},
    own,
};
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
        let admitted = self.admit_coupon(by, purchase).await;
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
        match till.price(&mut tx, purchase, admitted).await {
            Ok(priced) => Ok(priced.quote),
            Err(Unpriced::Refused(error)) => Err(error),
            Err(Unpriced::UnknownCoupon) => {
                // Nobody waits for a connection while the guess is counted.
                drop(tx);
                Err(self.guesses.missed(by.human()).await)
            }
        }
    }

    /// Whether the human may still try coupons, if they try one. Told only when it is its turn.
    pub(super) async fn admit_coupon(
        &self,
        by: &Participant,
        purchase: &Purchase,
    ) -> Result<(), AppError> {
        match purchase.coupon_code {
            Some(_) => self.guesses.admit(by.human()).await,
            None => Ok(()),
        }
    }
}
