//! What follows from the move of a payment.

use edgeos_domain::{
    Application, ApplicationStatus, CouponId, Human, Payment, PaymentEffect, PaymentId,
    PaymentTransition, PaymentTrigger, PaymentType, PaymentWarning, Popup, ProductId, Settlement,
    Settling, Trigger, Units,
};
use edgeos_ports::{Environment, Resource};
use rust_decimal::Decimal;

use super::{PaymentTx, mail};
use crate::{
    AppError,
    applications::{advance, lock, look_around},
    groups::invite_link,
};

/// Who pays, and where. All of it is locked.
#[derive(Debug)]
pub(super) struct Buyer {
    pub(super) popup: Popup,
    pub(super) human: Human,
    pub(super) application: Application,
}

/// The payment `id` and its buyer, locked; a payment from before there were plans gets one.
pub(super) async fn lock_payment(
    tx: &mut impl PaymentTx,
    id: PaymentId,
) -> Result<(Buyer, Payment), AppError> {
    let missing = || AppError::NotFound(Resource::Payment);
    let known = tx.payment(id).await?.ok_or_else(missing)?;
    let (popup, human, application) = lock(tx, known.application).await?;
    let payment = tx.lock_payment(id).await?.ok_or_else(missing)?;
    let payment =
        if payment.settlement.is_none() && payment.payment_type == PaymentType::PassPurchase {
            let (sold, held) = (tx.sold_units(id).await?, tx.holdings(application.id).await?);
            payment.planned(&sold, &held)
        } else {
            payment
        };
    Ok((Buyer { popup, human, application }, payment))
}

impl Buyer {
    /// Moves `payment` as `trigger` makes it move, with everything that follows.
    pub(super) async fn advance(
        &mut self,
        tx: &mut impl PaymentTx,
        env: &dyn Environment,
        payment: Payment,
        trigger: &PaymentTrigger,
    ) -> Result<Payment, AppError> {
        let transition = payment.transition(trigger)?;
        self.carry_out(tx, env, payment, &transition).await
    }

    /// Stores what `transition` makes of `payment`, and does what follows from it.
    pub(super) async fn carry_out(
        &mut self,
        tx: &mut impl PaymentTx,
        env: &dyn Environment,
        payment: Payment,
        transition: &PaymentTransition,
    ) -> Result<Payment, AppError> {
        if let Some(warning) = &transition.warning {
            warn(&payment, warning);
        }
        let changes = transition.moves()
            || transition.terms != payment.terms
            || transition.installments != payment.installments;
        let plan = payment.settlement.clone().unwrap_or_default();
        let payment = if changes {
            let payment = payment.after(transition, env.now());
            tx.update_payment(&payment).await?;
            payment
        } else {
            payment
        };
        match transition.effect {
            PaymentEffect::Nothing => {}
            PaymentEffect::Settle(settling) => {
                self.settle(tx, env, &payment, &plan, settling).await?;
            }
            PaymentEffect::Release { coupon, credit } => {
                give_back(tx, coupon).await?;
                self.set_credit(tx, env, self.application.credit + credit).await?;
            }
            PaymentEffect::Revoke { coupon } => {
                give_back(tx, coupon).await?;
                let held = tx.holdings(self.application.id).await?;
                let changes = plan.revoke(&held);
                tell_missing(&payment, &changes.missing);
                tx.change_holdings(&changes).await?;
            }
            PaymentEffect::AdmitApplication => self.admit(tx, env, &payment).await?,
        }
        if let Some(mail) = transition.mail {
            mail::enqueue(tx, env, self, &payment, mail).await?;
        }
        Ok(payment)
    }

    async fn settle(
        &mut self,
        tx: &mut impl PaymentTx,
        env: &dyn Environment,
        payment: &Payment,
        plan: &Settlement,
        settling: Settling,
    ) -> Result<(), AppError> {
        if settling.late {
            self.tell_oversold(tx, payment, plan).await?;
        }
        if let Some(coupon) = settling.coupon_again {
            tx.reclaim_coupon_use(coupon).await?;
        }
        let credit = self.application.credit;
        let taken = settling.credit_again.min(credit);
        self.set_credit(tx, env, credit - taken + settling.credit_granted).await?;

        let held = tx.holdings(self.application.id).await?;
        let changes = plan.settle(&held, settling.credit_again - taken);
        tell_missing(payment, &changes.missing);
        tx.change_holdings(&changes).await?;
        tx.delete_cart(self.human.id, self.popup.id).await?;
        if settling.ambassador_group {
            invite_link(tx, env, &self.popup, &self.human).await?;
        }
        Ok(())
    }

    /// The fee of the application is paid.
    async fn admit(
        &mut self,
        tx: &mut impl PaymentTx,
        env: &dyn Environment,
        payment: &Payment,
    ) -> Result<(), AppError> {
        let status = self.application.status();
        if status != ApplicationStatus::PendingFee {
            tracing::warn!(payment.id = %payment.id,
                "payment {} of a fee is approved, but the application is {}",
                payment.id, status.as_str());
            return Ok(());
        }
        let bystanders = look_around(tx, &self.popup, &self.application).await?;
        let application = self.application.clone();
        self.application =
            advance(tx, env, application, Trigger::FeePaid, &self.popup, &self.human, &bystanders)
                .await?;
        Ok(())
    }

    /// Gives the application this credit, in USD.
    pub(super) async fn set_credit(
        &mut self,
        tx: &mut impl PaymentTx,
        env: &dyn Environment,
        credit: Decimal,
    ) -> Result<(), AppError> {
        if credit != self.application.credit {
            tx.set_credit(self.application.id, credit, env.now()).await?;
            self.application.credit = credit;
        }
        Ok(())
    }

    /// Late money is taken whether or not there is anything left; the organiser should know.
    async fn tell_oversold(
        &self,
        tx: &mut impl PaymentTx,
        payment: &Payment,
        plan: &Settlement,
    ) -> Result<(), AppError> {
        let ids: Vec<ProductId> = plan.add.iter().map(|units| units.product).collect();
        let popup = self.popup.id;
        let products = tx.products_of(popup, &ids).await?;
        let limited = products.iter().filter(|product| product.max_quantity.is_some());
        let limited: Vec<ProductId> = limited.map(|product| product.id).collect();
        let products = tx.lock_products(popup, &limited).await?;
        let taken = tx.taken_units(popup, &limited, self.application.id).await?;
        for product in products {
            let added = plan.add.iter().filter(|units| units.product == product.id);
            let added: i64 = added.map(|units| i64::from(units.quantity)).sum();
            let sold = taken.get(&product.id).copied().unwrap_or_default() + added;
            if product.max_quantity.is_some_and(|units| sold > i64::from(units)) {
                tracing::warn!(payment.id = %payment.id, product.id = %product.id,
                    "product {} is oversold by late payment {}", product.id, payment.id);
            }
        }
        Ok(())
    }
}

async fn give_back(tx: &mut impl PaymentTx, coupon: Option<CouponId>) -> Result<(), AppError> {
    match coupon {
        Some(coupon) => Ok(tx.release_coupon_use(coupon).await?),
        None => Ok(()),
    }
}

fn tell_missing(payment: &Payment, missing: &[Units]) {
    for units in missing {
        tracing::warn!(payment.id = %payment.id, attendee.id = %units.attendee,
            product.id = %units.product, units = units.quantity,
            "payment {} takes units that aren't held any more", payment.id);
    }
}

fn warn(payment: &Payment, warning: &PaymentWarning) {
    match warning {
        PaymentWarning::Amount { .. } => {
            tracing::error!(payment.id = %payment.id, "payment {}: {warning}", payment.id);
        }
        PaymentWarning::UnknownStatus | PaymentWarning::Ignored { .. } => {
            tracing::warn!(payment.id = %payment.id, "payment {}: {warning}", payment.id);
        }
    }
}
