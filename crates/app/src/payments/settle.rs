//! What follows from the move of a payment.

use edgeos_domain::{
    Application, ApplicationStatus, CouponId, HoldingChanges, Holdings, Human, Payment,
    PaymentEffect, PaymentId, PaymentTransition, PaymentTrigger, PaymentWarning, Popup, ProductId,
    Settlement, Settling, Trigger, Units,
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

/// The payment `id` and its buyer, locked.
pub(super) async fn lock_payment(
    tx: &mut impl PaymentTx,
    id: PaymentId,
) -> Result<(Buyer, Payment), AppError> {
    let missing = || AppError::NotFound(Resource::Payment);
    let known = tx.payment(id).await?.ok_or_else(missing)?;
    let (popup, human, application) = lock(tx, known.application).await?;
    let payment = tx.lock_payment(id).await?.ok_or_else(missing)?;
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
        let mut payment = payment;
        match transition.effect {
            PaymentEffect::Nothing | PaymentEffect::AdmitApplication => {}
            PaymentEffect::Settle(settling) => {
                payment.settlement = Some(self.settle(tx, env, &payment, settling).await?);
            }
            PaymentEffect::PayOff { outstanding } => {
                let (mut plan, held) = self.plan(tx, &payment).await?;
                change(tx, &payment, &plan.pay_off(&held, outstanding)).await?;
                payment.settlement = Some(plan);
            }
            PaymentEffect::Release { coupon, credit } => {
                give_back(tx, coupon).await?;
                self.set_credit(tx, env, self.application.credit + credit).await?;
            }
            PaymentEffect::Revoke { coupon } => {
                give_back(tx, coupon).await?;
                let (mut plan, held) = self.plan(tx, &payment).await?;
                change(tx, &payment, &plan.revoke(&held)).await?;
                payment.settlement = Some(plan);
            }
        }
        let changes = transition.progress != payment.progress
            || transition.effect != PaymentEffect::Nothing
            || transition.terms != payment.terms
            || transition.installments != payment.installments;
        if changes {
            payment = payment.after(transition, env.now());
            tx.update_payment(&payment).await?;
        }
        if transition.effect == PaymentEffect::AdmitApplication {
            self.admit(tx, env, &payment).await?;
        }
        if let Some(mail) = transition.mail {
            mail::enqueue(tx, env, self, &payment, mail).await?;
        }
        Ok(payment)
    }

    /// The plan of `payment`, and what the attendees hold. One from before there were plans gets the one that its
    /// lines amount to now.
    async fn plan(
        &self,
        tx: &mut impl PaymentTx,
        payment: &Payment,
    ) -> Result<(Settlement, Holdings), AppError> {
        let held = tx.holdings(self.application.id).await?;
        let plan = match &payment.settlement {
            Some(plan) => plan.clone(),
            None => payment.reconstructed_plan(&tx.sold_units(payment.id).await?, &held),
        };
        Ok((plan, held))
    }

    /// Carries out the plan of `payment`; the plan as it is then.
    async fn settle(
        &mut self,
        tx: &mut impl PaymentTx,
        env: &dyn Environment,
        payment: &Payment,
        settling: Settling,
    ) -> Result<Settlement, AppError> {
        let (mut plan, held) = self.plan(tx, payment).await?;
        if settling.late {
            self.tell_oversold(tx, payment, plan.to_give()).await?;
        }
        if let Some(coupon) = settling.coupon_again {
            tx.reclaim_coupon_use(coupon).await?;
        }
        let credit = self.application.credit;
        let taken = settling.credit_again.min(credit);
        self.set_credit(tx, env, credit - taken + settling.credit_granted).await?;

        let missing = settling.credit_again - taken;
        change(tx, payment, &plan.settle(&held, missing, settling.outstanding)).await?;
        tx.delete_cart(self.human.id, self.popup.id).await?;
        if settling.ambassador_group {
            invite_link(tx, env, &self.popup, &self.human).await?;
        }
        Ok(plan)
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
        given: &[Units],
    ) -> Result<(), AppError> {
        let ids: Vec<ProductId> = given.iter().map(|units| units.product).collect();
        let popup = self.popup.id;
        let products = tx.products_of(popup, &ids).await?;
        let limited = products.iter().filter(|product| product.max_quantity.is_some());
        let limited: Vec<ProductId> = limited.map(|product| product.id).collect();
        let products = tx.lock_products(popup, &limited).await?;
        let taken = tx.taken_units(popup, &limited, self.application.id).await?;
        for product in products {
            let added = given.iter().filter(|units| units.product == product.id);
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

/// Makes the attendees hold what `changes` says, and tells what is strange about it.
async fn change(
    tx: &mut impl PaymentTx,
    payment: &Payment,
    changes: &HoldingChanges,
) -> Result<(), AppError> {
    for units in &changes.missing {
        tracing::warn!(payment.id = %payment.id, attendee.id = %units.attendee,
            product.id = %units.product, units = units.quantity,
            "payment {} takes units that aren't held any more", payment.id);
    }
    if !changes.stranded.is_zero() {
        tracing::warn!(payment.id = %payment.id, amount = %changes.stranded,
            "an installment of payment {} is for units that aren't held any more", payment.id);
    }
    Ok(tx.change_holdings(changes).await?)
}

fn warn(payment: &Payment, warning: &PaymentWarning) {
    match warning {
        PaymentWarning::Amount { .. } => {
            tracing::error!(payment.id = %payment.id, "payment {}: {warning}", payment.id);
        }
        PaymentWarning::UnknownStatus
        | PaymentWarning::Ignored { .. }
        | PaymentWarning::Revoked => {
            tracing::warn!(payment.id = %payment.id, "payment {}: {warning}", payment.id);
        }
    }
}
