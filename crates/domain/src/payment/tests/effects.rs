//! What moves along with a payment.

use chrono::TimeDelta;
use rstest::rstest;

use super::{super::*, kit::*};
use crate::{Holding, MailTemplate, Patch, fixtures::noon};

#[test]
fn a_purchase_waits_for_its_money() {
    let payment = made(&quote());
    assert_eq!(payment.status(), Pending);
    assert_eq!((payment.amount, payment.insurance_amount), (money("473"), money("25")));
    assert_eq!(payment.terms.source, Some(PaymentSource::SimpleFi));
    assert!(payment.terms.currency.is_usd());
    assert_eq!((payment.coupon, payment.coupon_code.as_deref()), (Some(COUPON), Some("C20")));
    assert_eq!(payment.discount_value.unwrap().to_string(), "20.00");
    assert_eq!((payment.discount_amount, payment.group), (Some(money("112")), Some(GROUP)));
    let opened = payment.opened();
    assert_eq!((opened.from, opened.effect, opened.mail), (None, PaymentEffect::Nothing, None));
    assert!(opened.moves());
}

#[test]
fn a_purchase_with_nothing_due_is_settled_at_once() {
    let payment = made(&free_quote());
    assert_eq!((payment.status(), payment.amount), (Approved, money("0")));
    assert_eq!(payment.terms.source, None);
    let opened = payment.opened();
    let settling = Settling {
        late: false,
        coupon_again: None,
        credit_again: money("0"),
        outstanding: money("0"),
        credit_granted: money("150"),
        ambassador_group: false,
    };
    assert_eq!(opened.effect, PaymentEffect::Settle(settling));
    assert_eq!(opened.mail.unwrap().occasion, PaymentOccasion::Approved);
    assert!(carried_out(payment, &opened).settlement.unwrap().settled);
}

#[test]
fn a_fee_sells_nothing() {
    let payment = fee();
    assert_eq!((payment.status(), payment.amount.to_string().as_str()), (Pending, "25.50"));
    assert_eq!((payment.discount_value, payment.settlement.as_ref()), (None, None));
    assert_eq!(payment.opened().effect, PaymentEffect::Nothing);
    assert_eq!(payment.transition(&reported(Approved)).unwrap().mail, None);
}

#[rstest]
#[case::in_time(Pending, None, "0")]
#[case::late(Expired, Some(COUPON), "30")]
fn late_money_takes_again_what_was_given_back(
    #[case] from: PaymentStatus,
    #[case] coupon_again: Option<CouponId>,
    #[case] credit_again: &str,
) {
    let payment = at(from, made(&quote()));
    let transition = payment.transition(&reported(Approved)).unwrap();
    let settling = Settling {
        late: from != Pending,
        coupon_again,
        credit_again: money(credit_again),
        outstanding: money("0"),
        credit_granted: money("0"),
        ambassador_group: true,
    };
    assert_eq!(transition.effect, PaymentEffect::Settle(settling));
}

#[test]
fn a_release_gives_coupon_and_credit_back() {
    let transition = made(&quote()).transition(&reported(Expired)).unwrap();
    let effect = PaymentEffect::Release { coupon: Some(COUPON), credit: money("30") };
    assert_eq!((transition.effect, transition.mail), (effect, None));
}

#[test]
fn what_is_revoked_keeps_its_credit() {
    let approved = at(Approved, made(&quote()));
    let revoked = approved.transition(&by_hand(Cancelled)).unwrap();
    assert_eq!(revoked.effect, PaymentEffect::Revoke { coupon: Some(COUPON) });
    assert_eq!(revoked.mail, None);

    // Approved again, it takes the coupon, but neither credit nor passes a second time.
    let again = carried_out(approved, &revoked).transition(&by_hand(Approved)).unwrap();
    let settling = Settling {
        late: true,
        coupon_again: Some(COUPON),
        credit_again: money("0"),
        outstanding: money("0"),
        credit_granted: money("0"),
        ambassador_group: true,
    };
    assert_eq!(again.effect, PaymentEffect::Settle(settling));
    // It was confirmed before.
    assert_eq!(again.mail, None);
}

#[rstest]
#[case::of_a_purchase(made(&quote()))]
#[case::of_a_fee(fee())]
fn what_was_taken_back_comes_back_by_hand_alone(#[case] payment: Payment) {
    let revoked = revoked(payment);
    for trigger in [reported(Approved), installment(1), installment(2), COMPLETED] {
        let transition = revoked.transition(&trigger).unwrap();
        assert_eq!(transition.warning, Some(PaymentWarning::Revoked), "{trigger:?}");
        assert_eq!((transition.effect, transition.mail), (PaymentEffect::Nothing, None));
        assert_eq!(transition.progress.status(), Cancelled);
    }
    assert_eq!(moved(revoked, &by_hand(Approved)).status(), Approved);
}

#[rstest]
#[case::all_of_it(reported(Approved))]
#[case::the_first_installment(installment(1))]
#[case::every_installment(COMPLETED)]
fn money_that_comes_after_staff_gave_it_up_counts(#[case] trigger: PaymentTrigger) {
    let given_up = moved(at(Approved, made(&quote())), &by_hand(Cancelled));
    let transition = given_up.transition(&trigger).unwrap();
    assert_eq!((transition.progress.status(), transition.warning), (Approved, None));
    assert!(matches!(transition.effect, PaymentEffect::Settle(Settling { late: true, .. })));
    // It comes once.
    let taken_back = moved(carried_out(given_up, &transition), &by_hand(Cancelled));
    assert_eq!(moved(taken_back, &trigger).status(), Cancelled);
}

#[rstest]
#[case::all_of_it(reported(Approved))]
#[case::the_first_installment(installment(1))]
#[case::every_installment(COMPLETED)]
fn money_that_comes_after_staff_approved_it_came(#[case] trigger: PaymentTrigger) {
    let approved = at(Approved, made(&quote()));
    assert!(!approved.progress.money_came());
    let paid = moved(approved, &trigger);
    assert!(paid.progress.money_came());
    let taken_back = moved(paid, &by_hand(Cancelled));
    assert_eq!(moved(taken_back, &trigger).status(), Cancelled);
}

#[rstest]
#[case::in_coins(reported(Approved), "ETH", Some("2500.5"), PaymentSource::SimpleFi)]
#[case::by_hand(by_hand(Approved), "USD", None, PaymentSource::Stripe)]
#[case::completed_plan(COMPLETED, "USD", None, PaymentSource::Stripe)]
fn an_approved_purchase_tells_in_what_it_was_paid(
    #[case] trigger: PaymentTrigger,
    #[case] currency: &str,
    #[case] expected_rate: Option<&str>,
    #[case] source: PaymentSource,
) {
    let payment = moved(made(&quote()), &trigger);
    assert_eq!(payment.terms.currency.as_str(), currency);
    assert_eq!(payment.terms.rate, expected_rate.map(rate));
    assert_eq!(payment.terms.source, Some(source));
    assert_eq!(payment.amount, money("473"));
}

#[test]
fn a_fee_comes_through_the_provider() {
    assert_eq!(moved(fee(), &by_hand(Approved)).terms.source, Some(PaymentSource::SimpleFi));
}

#[test]
fn what_was_free_has_no_source_when_approved_again() {
    let free = made(&free_quote());
    let opened = free.opened();
    let cancelled = moved(carried_out(free, &opened), &by_hand(Cancelled));
    assert_eq!(moved(cancelled, &by_hand(Approved)).terms.source, None);
}

#[rstest]
#[case::the_same(Some("473.00"), Approved)]
#[case::a_cent_less(Some("472.99"), Approved)]
#[case::too_little(Some("472.98"), Pending)]
#[case::too_much(Some("473.02"), Pending)]
#[case::not_told(None, Approved)]
fn the_sum_has_to_be_right(#[case] amount: Option<&str>, #[case] expected: PaymentStatus) {
    let report = ProviderReport { amount: amount.map(money), ..report(Some(Approved)) };
    let transition = made(&quote()).transition(&PaymentTrigger::Reported(report)).unwrap();
    assert_eq!(transition.progress.status(), expected);
    assert_eq!(transition.warning.is_some(), expected == Pending);
}

#[test]
fn a_wrong_sum_is_told() {
    let report = ProviderReport { amount: Some(money("1.00")), ..report(Some(Approved)) };
    let transition = made(&quote()).transition(&PaymentTrigger::Reported(report)).unwrap();
    let warning = transition.warning.unwrap().to_string();
    assert_eq!(warning, "the provider reports 1.00 USD as paid, but 473.00 USD were due");
}

fn outstanding(payment: &Payment) -> Decimal {
    payment.settlement.as_ref().unwrap().outstanding
}

#[test]
fn while_nobody_knows_how_many_there_will_be_an_installment_is_worth_nothing() {
    let payment = moved(made(&quote()), &installment(1));
    assert_eq!((payment.status(), outstanding(&payment)), (Approved, money("473")));
    let payment = moved(payment, &ACTIVATED);
    assert_eq!(outstanding(&payment), money("315.34"));
    let payment = moved(payment, &installment(7));
    assert_eq!(outstanding(&payment), money("0"));
}

#[test]
fn what_came_as_a_whole_is_not_waited_for_again() {
    for trigger in [reported(Approved), by_hand(Approved)] {
        let payment = moved(moved(made(&quote()), &ACTIVATED), &trigger);
        assert_eq!(outstanding(&payment), money("0"), "{trigger:?}");
        assert_eq!(outstanding(&moved(payment, &installment(1))), money("0"));
    }
}

#[test]
fn installments_after_the_end_count_once_it_is_approved_again() {
    let begun = moved(moved(made(&quote()), &ACTIVATED), &installment(1));
    let ended = moved(begun, &PaymentTrigger::PlanCancelled);
    let late = moved(ended, &installment(2));
    assert_eq!((late.installments.paid, outstanding(&late)), (Some(2), money("315.34")));
    assert_eq!(outstanding(&moved(late, &by_hand(Approved))), money("157.67"));
}

#[test]
fn a_plan_is_completed_with_one_mail() {
    let completed = moved(made(&quote()), &COMPLETED);
    let again = completed.transition(&COMPLETED).unwrap();
    assert_eq!((again.mail, again.effect), (None, PaymentEffect::Nothing));
}

#[test]
fn installments_are_counted() {
    let mut payment = made(&quote());
    let mut seen = Vec::new();
    for trigger in [ACTIVATED, installment(1), installment(2), COMPLETED] {
        let transition = payment.transition(&trigger).unwrap();
        let mail = transition.mail.map(|mail| mail.occasion);
        payment = carried_out(payment, &transition);
        let Installments { agreed, total, paid, completed } = payment.installments;
        assert!(agreed);
        assert_eq!((total, completed), (Some(3), trigger == COMPLETED));
        seen.push((payment.status(), paid, outstanding(&payment), mail));
    }
    let expected = [
        (Pending, Some(0), money("0"), None),
        (Approved, Some(1), money("315.34"), Some(PaymentOccasion::Approved)),
        (Approved, Some(2), money("157.67"), None),
        (Approved, Some(3), money("0"), Some(PaymentOccasion::PlanCompleted)),
    ];
    assert_eq!(seen, expected);
    let cancelled = payment.transition(&PaymentTrigger::PlanCancelled).unwrap();
    assert_eq!(cancelled.effect, PaymentEffect::Revoke { coupon: Some(COUPON) });
}

#[test]
fn the_last_installment_alone_approves_with_one_mail() {
    let transition = made(&quote()).transition(&COMPLETED).unwrap();
    assert_eq!(transition.progress.status(), Approved);
    assert_eq!(transition.mail.unwrap().occasion, PaymentOccasion::PlanCompleted);
}

#[rstest]
#[case(false, MailTemplate::PaymentConfirmed)]
#[case(true, MailTemplate::EditPassesConfirmed)]
fn a_change_of_passes_has_a_mail_of_its_own(
    #[case] edit_passes: bool,
    #[case] template: MailTemplate,
) {
    let payment = Payment { edit_passes, ..made(&quote()) };
    let mail = payment.transition(&reported(Approved)).unwrap().mail.unwrap();
    assert_eq!(mail, PaymentMail { template, occasion: PaymentOccasion::Approved });
}

#[test]
fn staff_change_fields_beside_the_status() {
    let change = PaymentChange {
        status: Some(Approved),
        external_id: Patch::Set("r1".to_owned()),
        source: Patch::Set(PaymentSource::Stripe),
        rate: Patch::Set(rate("2")),
        currency: Some(Currency::parse("ETH").unwrap()),
    };
    let payment = moved(made(&quote()), &change.trigger().unwrap());
    assert_eq!(payment.terms.source, Some(PaymentSource::SimpleFi));
    let later = noon() + TimeDelta::hours(1);
    let payment = payment.changed(change, later);
    assert_eq!(payment.status(), Approved);
    assert_eq!(payment.external_id.as_deref(), Some("r1"));
    assert_eq!(payment.terms.source, Some(PaymentSource::Stripe));
    assert_eq!(payment.terms.rate, Some(rate("2")));
    assert_eq!(payment.terms.currency.as_str(), "ETH");
    assert_eq!(payment.updated_at, later);
}

#[test]
fn staff_clear_fields_and_leave_the_status() {
    let change = PaymentChange {
        external_id: Patch::Clear,
        source: Patch::Clear,
        rate: Patch::Clear,
        ..PaymentChange::default()
    };
    assert_eq!(change.trigger(), None);
    let payment = Payment { external_id: Some("r1".to_owned()), ..made(&quote()) };
    let payment = payment.changed(change, noon());
    assert_eq!((payment.external_id, payment.terms.source, payment.terms.rate), (None, None, None));
}

#[test]
fn a_refusal_names_both_statuses() {
    let refusal = at(Approved, made(&quote())).transition(&by_hand(Pending)).unwrap_err();
    assert_eq!(refusal.to_string(), "a payment that is approved can't become pending");
}

#[rstest]
#[case::waiting(Pending, false)]
#[case::paid(Approved, true)]
#[case::over(Expired, false)]
fn an_older_payment_gets_a_plan(#[case] status: PaymentStatus, #[case] settled: bool) {
    let stored = Payment {
        settlement: None,
        progress: PaymentProgress::stored(status),
        edit_passes: true,
        ..made(&quote())
    };
    let held = Holding { quantity: 2, paid: Some(money("9")) };
    let held = Holdings::from([((ATTENDEE, PASS), held)]);
    let plan = stored.reconstructed_plan(&[pass()], &held);
    assert_eq!(plan.add, [Units { paid: None, ..pass() }]);
    assert_eq!(plan.remove, [Units { quantity: 2, paid: None, ..pass() }]);
    assert_eq!((plan.credit_used, plan.settled), (money("0"), settled));
    assert_eq!(plan.given.is_empty(), !settled);
}

#[test]
fn words_are_found_again() {
    for status in PaymentStatus::ALL {
        assert_eq!(PaymentStatus::parse(status.as_str()), Some(status));
    }
    for payment_type in PaymentType::ALL {
        assert_eq!(PaymentType::parse(payment_type.as_str()), Some(payment_type));
    }
    for source in PaymentSource::ALL {
        assert_eq!(PaymentSource::parse(source.as_str()), Some(source));
    }
}
