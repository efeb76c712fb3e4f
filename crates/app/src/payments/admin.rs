use edgeos_domain::{Payment, PaymentChange, PaymentId, PaymentSource, Rate};
use edgeos_ports::{Key, PaymentView, Payments, StoreError, Transaction, Writer};
use serde_json::{Value, json};

use super::{ManagePayments, PaymentStore, seen, settle::lock_payment};
use crate::{
    AppError,
    audit::{self, Action, Subject},
};

impl<S: PaymentStore> ManagePayments<S> {
    /// Changes what `change` mentions. A new status has all the consequences that it has elsewhere.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Conflict` when the status can't become another, or another payment has the external id.
    pub async fn update(
        &self,
        by: &Writer,
        id: PaymentId,
        change: PaymentChange,
    ) -> Result<PaymentView, AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(&by.scope()).await?;
        let (mut buyer, mut payment) = lock_payment(&mut tx, id).await?;
        let before = facts(&payment);
        if let Some(trigger) = change.trigger() {
            payment = buyer.advance(&mut tx, env, payment, &trigger).await?;
        }
        let payment = payment.changed(change, env.now());
        tx.update_payment(&payment).await.map_err(taken)?;
        let after = facts(&payment);
        let action = Action::PaymentChanged { before, after };
        let subject = Subject::Payment(id);
        audit::record_on(&mut tx, env, by.actor(), by.tenant(), subject, action).await?;
        let view = seen(&mut tx, id).await?;
        tx.commit().await?;
        Ok(view)
    }
}

/// What staff can change about a payment.
fn facts(payment: &Payment) -> Value {
    json!({
        "status": payment.status().as_str(),
        "external_id": payment.external_id,
        "source": payment.terms.source.map(PaymentSource::as_str),
        "rate": payment.terms.rate.map(|rate: Rate| rate.to_string()),
        "currency": payment.terms.currency.as_str(),
    })
}

/// Whoever was faster has the external id.
fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(Key::ExternalPayment) => {
            AppError::Conflict("another payment has this external id already".into())
        }
        error => error.into(),
    }
}
