//! Every change of a payment's status. Nothing else gives a payment a status.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    Installments, PaidIn, Payment, PaymentEffect, PaymentMail, PaymentOccasion, PaymentProgress,
    PaymentRefusal, PaymentSource, PaymentStatus, PaymentTerms, PaymentTrigger, PaymentType,
    PaymentWarning, ProviderReport, Settling,
};
use crate::{Currency, MailTemplate, Settlement};

/// What has to be stored, moved and sent when something happens to a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentTransition {
    /// The status before; `None` when there was no payment.
    pub from: Option<PaymentStatus>,
    /// The status after.
    pub progress: PaymentProgress,
    /// In what it is or was paid.
    pub terms: PaymentTerms,
    /// How far the installments are.
    pub installments: Installments,
    /// What moves along.
    pub effect: PaymentEffect,
    /// What to send to the human.
    pub mail: Option<PaymentMail>,
    /// What is worth a line in the log.
    pub warning: Option<PaymentWarning>,
}

impl PaymentTransition {
    /// Whether the status changes.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.from != Some(self.progress.status)
    }

    /// The same, as it is the provider who tells of the money.
    fn with_money(self) -> Self {
        Self { progress: self.progress.with_money(), ..self }
    }
}

impl Payment {
    /// By how many USD a report may differ from what was due.
    const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

    /// What has to be moved and sent along with this payment, which has just been made. One with nothing due is
    /// settled: what is stored is the payment [`after`](Self::after) this.
    #[must_use]
    pub fn opened(&self) -> PaymentTransition {
        let transition = match self.status() {
            PaymentStatus::Approved => PaymentTransition {
                effect: self.settling(false, Decimal::ZERO),
                mail: self.mail(PaymentOccasion::Approved),
                ..self.unchanged()
            },
            _ => self.unchanged(),
        };
        PaymentTransition { from: None, ..transition }
    }

    /// What has to be stored, moved and sent when `trigger` happens.
    ///
    /// # Errors
    ///
    /// [`PaymentRefusal`], when staff ask for what can't be.
    pub fn transition(
        &self,
        trigger: &PaymentTrigger,
    ) -> Result<PaymentTransition, PaymentRefusal> {
        use PaymentStatus as Status;

        let status = self.status();
        Ok(match trigger {
            PaymentTrigger::Reported(report) => self.reported(report, report.status),
            PaymentTrigger::FeeChecked(report) => {
                self.reported(report, Some(report.status.unwrap_or(Status::Expired)))
            }
            PaymentTrigger::InstallmentPaid { kept, paid_in } => {
                self.with(Installments { paid: Some(*kept), ..self.installments }).paid(paid_in)
            }
            PaymentTrigger::PlanActivated { installments } => {
                let total = Some(*installments);
                self.with(Installments { agreed: true, total, ..self.installments }).paid_off()
            }
            PaymentTrigger::PlanCompleted { .. } if self.progress.is_revoked() => {
                self.warned(PaymentWarning::Revoked)
            }
            PaymentTrigger::PlanCompleted { paid } => {
                let dollars = PaidIn { currency: Some(Currency::usd()), rate: None };
                let paid = Some(*paid);
                let all = self.with(Installments { paid, completed: true, ..self.installments });
                let transition = match status {
                    Status::Approved => all.paid_off(),
                    _ => all.approved(&dollars, Decimal::ZERO),
                };
                let told = self.installments.completed;
                let mail = self.mail(PaymentOccasion::PlanCompleted).filter(|_| !told);
                PaymentTransition { mail, ..transition }.with_money()
            }
            PaymentTrigger::PlanCancelled => match status {
                Status::Pending => self.released(Status::Cancelled),
                Status::Approved => self.revoked(Status::Cancelled),
                Status::Rejected | Status::Expired | Status::Cancelled => self.unchanged(),
            },
            PaymentTrigger::ByHand { status: wanted, paid_in } => match (status, *wanted) {
                (present, wanted) if present == wanted => self.unchanged(),
                (_, Status::Approved) => self.approved(paid_in, self.left_open()),
                (Status::Pending, wanted) => self.released(wanted),
                (Status::Approved, Status::Rejected | Status::Expired | Status::Cancelled) => {
                    self.revoked(*wanted)
                }
                (from, to) => return Err(PaymentRefusal::Transition { from, to }),
            },
            PaymentTrigger::Superseded
                if status == Status::Pending && self.payment_type == PaymentType::PassPurchase =>
            {
                self.released(Status::Cancelled)
            }
            PaymentTrigger::TimedOut if status == Status::Pending => self.released(Status::Expired),
            PaymentTrigger::Superseded | PaymentTrigger::TimedOut => self.unchanged(),
        })
    }

    /// What follows when the provider says that its request is in `status`. It moves what is pending, and late money
    /// counts; but it neither takes back what was approved, nor brings back what was paid and taken back since: that
    /// money came before.
    fn reported(
        &self,
        report: &ProviderReport,
        status: Option<PaymentStatus>,
    ) -> PaymentTransition {
        use PaymentStatus as Status;

        let wrong_amount =
            report.amount.filter(|amount| (amount - self.amount).abs() > Self::TOLERANCE);
        match (self.status(), status) {
            (_, None) => self.warned(PaymentWarning::UnknownStatus),
            (Status::Approved, Some(Status::Approved)) if wrong_amount.is_none() => {
                // Staff may have been faster.
                self.unchanged().with_money()
            }
            (present, Some(reported)) if present == reported => self.unchanged(),
            (_, Some(Status::Approved)) if self.progress.is_revoked() => {
                self.warned(PaymentWarning::Revoked)
            }
            (_, Some(Status::Approved)) => match wrong_amount {
                Some(reported) => {
                    self.warned(PaymentWarning::Amount { reported, due: self.amount })
                }
                None => self.approved(&report.paid_in, Decimal::ZERO).with_money(),
            },
            (Status::Pending, Some(reported)) => self.released(reported),
            (present, Some(reported)) => self.warned(PaymentWarning::Ignored { reported, present }),
        }
    }

    /// What follows from an installment, which is counted already. The first one is the money that a payment waits
    /// for; after its end, a straggler isn't.
    fn paid(&self, paid_in: &PaidIn) -> PaymentTransition {
        match self.status() {
            PaymentStatus::Approved => self.paid_off().with_money(),
            _ if self.progress.is_revoked() => self.warned(PaymentWarning::Revoked),
            PaymentStatus::Pending => self.approved(paid_in, self.outstanding()).with_money(),
            _ if self.installments.paid == Some(1) => {
                self.approved(paid_in, self.outstanding()).with_money()
            }
            _ => self.unchanged(),
        }
    }

    /// What follows for a settled payment when its installments are such.
    fn paid_off(&self) -> PaymentTransition {
        let before = self.settlement.as_ref().map_or(Decimal::ZERO, |plan| plan.outstanding);
        let outstanding = self.left_open();
        let grows = self.status() == PaymentStatus::Approved && outstanding < before;
        let effect =
            if grows { PaymentEffect::PayOff { outstanding } } else { PaymentEffect::Nothing };
        PaymentTransition { effect, ..self.unchanged() }
    }

    /// The part of the amount that the installments counted so far leave open, in USD. Each is taken for an equal
    /// share, whatever it was paid in; while nobody knows how many there will be, none counts.
    fn outstanding(&self) -> Decimal {
        let Installments { total, paid, completed, .. } = self.installments;
        if completed {
            return Decimal::ZERO;
        }
        let (Some(total @ 1..), Some(paid)) = (total, paid) else { return self.amount };
        let share = self.amount * Decimal::from(paid.min(total)) / Decimal::from(total);
        self.amount - share.round_dp_with_strategy(2, RoundingStrategy::ToZero)
    }

    /// The part of the amount that is still to come after this payment was settled. What is known to be there stays
    /// there, and what was never paid by installments came as a whole.
    fn left_open(&self) -> Decimal {
        let before = self.settlement.as_ref().map_or(Decimal::ZERO, |plan| plan.outstanding);
        self.outstanding().min(before)
    }

    fn with(&self, installments: Installments) -> Self {
        Self { installments, ..self.clone() }
    }

    fn warned(&self, warning: PaymentWarning) -> PaymentTransition {
        PaymentTransition { warning: Some(warning), ..self.unchanged() }
    }

    fn unchanged(&self) -> PaymentTransition {
        PaymentTransition {
            from: Some(self.status()),
            progress: self.progress,
            terms: self.terms.clone(),
            installments: self.installments,
            effect: PaymentEffect::Nothing,
            mail: None,
            warning: None,
        }
    }

    fn to(&self, status: PaymentStatus) -> PaymentTransition {
        PaymentTransition { progress: self.progress.moved(status), ..self.unchanged() }
    }

    /// The approval of a payment of which `outstanding` USD haven't come in yet. It is told once.
    fn approved(&self, paid_in: &PaidIn, outstanding: Decimal) -> PaymentTransition {
        if self.status() == PaymentStatus::Approved {
            return self.unchanged();
        }
        let currency = paid_in.currency.clone().unwrap_or(self.terms.currency.clone());
        let source = match self.payment_type {
            PaymentType::ApplicationFee => Some(PaymentSource::SimpleFi),
            PaymentType::PassPurchase if self.amount.is_zero() => self.terms.source,
            PaymentType::PassPurchase => Some(PaymentSource::of(&currency)),
        };
        PaymentTransition {
            terms: PaymentTerms { currency, rate: paid_in.rate.or(self.terms.rate), source },
            effect: self.settling(self.status() != PaymentStatus::Pending, outstanding),
            mail: self.mail(PaymentOccasion::Approved).filter(|_| !self.progress.once_approved()),
            ..self.to(PaymentStatus::Approved)
        }
    }

    fn settling(&self, late: bool, outstanding: Decimal) -> PaymentEffect {
        if self.payment_type == PaymentType::ApplicationFee {
            return PaymentEffect::AdmitApplication;
        }
        // What was settled and revoked keeps the credit that it used.
        let plan = self.settlement.as_ref().filter(|plan| !plan.settled);
        let credit = |of: fn(&Settlement) -> Decimal| plan.map_or(Decimal::ZERO, of);
        let used = credit(|plan| plan.credit_used);
        PaymentEffect::Settle(Settling {
            late,
            coupon_again: self.coupon.filter(|_| late),
            credit_again: if late { used } else { Decimal::ZERO },
            outstanding,
            credit_granted: credit(|plan| plan.credit_granted),
            ambassador_group: self.amount > Decimal::ZERO,
        })
    }

    fn released(&self, status: PaymentStatus) -> PaymentTransition {
        let effect = match self.payment_type {
            PaymentType::ApplicationFee => PaymentEffect::Nothing,
            PaymentType::PassPurchase => PaymentEffect::Release {
                coupon: self.coupon,
                credit: self.settlement.as_ref().map_or(Decimal::ZERO, |plan| plan.credit_used),
            },
        };
        PaymentTransition { effect, ..self.to(status) }
    }

    fn revoked(&self, status: PaymentStatus) -> PaymentTransition {
        let effect = match self.payment_type {
            PaymentType::ApplicationFee => PaymentEffect::Nothing,
            PaymentType::PassPurchase => PaymentEffect::Revoke { coupon: self.coupon },
        };
        PaymentTransition { effect, ..self.to(status) }
    }

    /// The confirmation; a fee brings the mail of the application's new status instead.
    fn mail(&self, occasion: PaymentOccasion) -> Option<PaymentMail> {
        let template = match self.payment_type {
            PaymentType::ApplicationFee => return None,
            PaymentType::PassPurchase if self.edit_passes => MailTemplate::EditPassesConfirmed,
            PaymentType::PassPurchase => MailTemplate::PaymentConfirmed,
        };
        Some(PaymentMail { template, occasion })
    }
}
