use chrono::{DateTime, Utc};
use edgeos_domain::{
    CouponRefusal, Payment, PaymentId, PaymentStatus, PaymentTrigger, PricingRefusal,
    PurchaseRefusal, admit_purchase,
};
use edgeos_ports::{
    Coupons, Participant, PaymentLine, PaymentSubject, Payments, ReferencedProduct, Resource,
    StoreError, Transaction,
};
use rust_decimal::Decimal;

use super::{
    ManagePayments, PaymentStore, Purchase, Sale,
    checkout::Checkout,
    order::{Priced, Till},
    own, seen,
    settle::Buyer,
};
use crate::{
    AppError,
    applications::lock,
    checkout_addresses::CheckoutPage,
    idempotency::{Once, Repeatable},
};

/// An order that is recorded.
enum Placed {
    Done(Box<Once<Sale>>),
    ToBePaid(Box<Checkout>),
}

impl<S: PaymentStore> ManagePayments<S> {
    /// Buys what `purchase` names, in place of what the application has pending. With nothing due it is approved and
    /// settled at once; otherwise it is pending, and the customer pays at the checkout.
    ///
    /// # Errors
    ///
    /// As [`preview`](Self::preview); then `Refused` when something is due and the popup has no account at the
    /// provider; `Upstream` when the provider doesn't open a checkout, and nothing remains. With a key, as
    /// [`Repeatable`] says.
    pub async fn create(
        &self,
        by: &Participant,
        purchase: &Purchase,
        once: Option<&Repeatable<'_, Sale>>,
    ) -> Result<Once<Sale>, AppError> {
        let admitted = self.count_coupon(by, purchase).await;
        let counted = admitted.is_ok();
        let placed = self.place(by, purchase, once, admitted).await;
        self.conclude_coupon(by, purchase, counted, placed.as_ref().err()).await;
        match placed? {
            Placed::Done(sale) => Ok(*sale),
            Placed::ToBePaid(checkout) => self.check_out(*checkout, once).await,
        }
    }

    /// Records the order; settles it at once when nothing is due.
    async fn place(
        &self,
        by: &Participant,
        purchase: &Purchase,
        once: Option<&Repeatable<'_, Sale>>,
        admitted: Result<(), AppError>,
    ) -> Result<Placed, AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(&by.scope()).await?;
        if let Some(answer) = Repeatable::claim(once, &mut tx, env).await? {
            return Ok(Placed::Done(Box::new(Once::Repeated(answer))));
        }
        own(&mut tx, by, purchase.application).await?;
        let (popup, human, application) = lock(&mut tx, purchase.application).await?;
        admit_purchase(&application, &popup)?;
        let pending = tx.lock_pending_purchases(application.id).await?;
        let now = env.now();
        let till =
            Till { popup: &popup, application: &application, pending: &pending, sells: true, now };
        let priced = till.price(&mut tx, purchase, admitted).await?;
        let quote = &priced.quote;
        let account = self.account(&popup);
        if quote.due() > Decimal::ZERO && account.is_none() {
            return Err(PurchaseRefusal::NoProvider.into());
        }

        let mut buyer = Buyer { popup, human, application };
        for payment in pending {
            buyer.advance(&mut tx, env, payment, &PaymentTrigger::Superseded).await?;
        }
        let id = PaymentId(env.uuid());
        let payment = Payment::purchase(id, &buyer.application, quote, purchase.edit_passes, now);
        if let Some(coupon) = payment.coupon
            && !tx.claim_coupon_use(coupon).await?
        {
            return Err(AppError::refused(CouponRefusal::UsedUp));
        }
        let credit = buyer.application.credit - quote.settlement.credit_used;
        buyer.set_credit(&mut tx, env, credit).await?;
        let inserted = tx.insert_payment(&payment, &lines(&priced, now)?, &quote.trace).await;
        inserted.map_err(deleted_meanwhile)?;
        if payment.status() == PaymentStatus::Approved {
            let opened = payment.opened();
            buyer.carry_out(&mut tx, env, payment, &opened).await?;
            let sale = Sale { view: seen(&mut tx, id).await?, is_new: true };
            Repeatable::settle(once, &mut tx, env, &sale).await?;
            tx.commit().await?;
            return Ok(Placed::Done(Box::new(Once::Done(sale))));
        }
        let account = account.ok_or(PurchaseRefusal::NoProvider)?;
        Repeatable::hold(once, &mut tx, env, id).await?;
        tx.commit().await?;
        let subject = PaymentSubject::Products(referenced(purchase, &priced));
        let page = CheckoutPage::Passes;
        Ok(Placed::ToBePaid(Box::new(Checkout { buyer, payment, account, page, subject })))
    }
}

/// A product without limit isn't locked: it can go until the payment names it. It answers as if it had gone before.
fn deleted_meanwhile(error: StoreError) -> AppError {
    match error {
        StoreError::Missing(Resource::Product) => PricingRefusal::ProductUnavailable.into(),
        error => error.into(),
    }
}

/// What is kept of the products with the payment.
fn lines(priced: &Priced, now: DateTime<Utc>) -> Result<Vec<PaymentLine>, AppError> {
    let Priced { quote, products } = priced;
    let lines = quote.lines.iter().filter_map(|line| {
        // What is quoted was found.
        let product = products.get(&line.product)?;
        Some((line, product))
    });
    lines
        .map(|(line, product)| {
            Ok(PaymentLine {
                product: line.product,
                attendee: line.attendee,
                quantity: i32::try_from(line.quantity).map_err(AppError::invalid("products"))?,
                name: product.name.clone(),
                description: product.description.clone(),
                price: line.price,
                category: product.category().as_str().to_owned(),
                created_at: now,
            })
        })
        .collect()
}

/// The order as the provider shows it to the organiser: its lines as they were sent.
fn referenced(purchase: &Purchase, priced: &Priced) -> Vec<ReferencedProduct> {
    let lines = purchase.lines.iter();
    lines
        .map(|line| ReferencedProduct {
            product: line.product,
            name: priced.products.get(&line.product).map_or_else(String::new, |it| it.name.clone()),
            quantity: line.quantity.get(),
            attendee: line.attendee,
        })
        .collect()
}
