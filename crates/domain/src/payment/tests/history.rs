//! What holds whatever happens.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{super::*, kit::*};
use crate::{HoldingChanges, fixtures::noon};

fn any_trigger() -> impl Strategy<Value = PaymentTrigger> {
    let statuses = PaymentStatus::ALL;
    let mut triggers = vec![unheard_of(), ACTIVATED, COMPLETED, PaymentTrigger::PlanCancelled];
    triggers.extend([PaymentTrigger::Superseded, PaymentTrigger::TimedOut]);
    triggers.extend([installment(1), installment(2), installment(3)]);
    triggers.extend(statuses.map(reported).into_iter().chain(statuses.map(by_hand)));
    select(triggers)
}

proptest! {
    #[test]
    fn whatever_happens_a_payment_holds_what_its_status_says(
        free in any::<bool>(), triggers in vec(any_trigger(), 0..20),
    ) {
        let mut payment = made(&if free { free_quote() } else { quote() });
        let (mut uses, mut credit) = (1, money("0"));
        let mut held = Holdings::new();
        let mut told = Vec::new();
        let opened = payment.opened();
        let transitions = std::iter::once(None).chain(triggers.iter().map(Some));
        for trigger in transitions {
            let transition = match trigger {
                None => opened.clone(),
                Some(trigger) => match payment.transition(trigger) {
                    Ok(transition) => transition,
                    Err(PaymentRefusal::Transition { .. }) => continue,
                },
            };
            let by_hand = matches!(trigger, Some(PaymentTrigger::ByHand { .. }));
            prop_assert!(by_hand || !payment.progress.is_revoked() || !transition.moves());
            told.extend(transition.mail.map(|mail| mail.occasion));
            let mut plan = payment.settlement.clone().unwrap();
            let changes = match transition.effect {
                PaymentEffect::Settle(settling) => {
                    uses += i32::from(settling.coupon_again.is_some());
                    let taken = settling.credit_again.min(credit);
                    credit += settling.credit_granted - taken;
                    plan.settle(&held, settling.credit_again - taken, settling.outstanding)
                }
                PaymentEffect::PayOff { outstanding } => plan.pay_off(&held, outstanding),
                PaymentEffect::Release { coupon, credit: back } => {
                    uses -= i32::from(coupon.is_some());
                    credit += back;
                    HoldingChanges::default()
                }
                PaymentEffect::Revoke { coupon } => {
                    uses -= i32::from(coupon.is_some());
                    plan.revoke(&held)
                }
                PaymentEffect::Nothing | PaymentEffect::AdmitApplication => HoldingChanges::default(),
            };
            for (place, after) in changes.after {
                match after {
                    Some(holding) => held.insert(place, holding),
                    None => held.remove(&place),
                };
            }
            payment = Payment { settlement: Some(plan), ..payment }.after(&transition, noon());

            let plan = payment.settlement.as_ref().unwrap();
            prop_assert_eq!(plan.settled, payment.progress.once_approved());
            let worth: Decimal = held.values().filter_map(|holding| holding.paid).sum();
            prop_assert!(worth <= money("473") - plan.outstanding.min(money("473")));
            let status = payment.status();
            let units: u32 = held.values().map(|holding| holding.quantity).sum();
            prop_assert_eq!(units, u32::from(status == Approved));
            prop_assert_eq!(uses, i32::from(matches!(status, Pending | Approved)));
            let over = if free { money("150") } else { money("0") };
            prop_assert!(status != Pending || credit == over);
            prop_assert!(free || credit <= money("30"));
        }
        for occasion in [PaymentOccasion::Approved, PaymentOccasion::PlanCompleted] {
            prop_assert!(told.iter().filter(|told| **told == occasion).count() <= 1);
        }
    }
}
