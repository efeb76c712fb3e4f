//! Which status leads where.

use rstest::rstest;

use super::{super::*, kit::*};

/// `"approved: settle"`, `"-"` where nothing happens, `"refused"`; with `!` where it is worth a warning.
fn outcome(payment: &Payment, trigger: &PaymentTrigger) -> String {
    let Ok(transition) = payment.transition(trigger) else { return "refused".to_owned() };
    assert_eq!(transition.from, Some(payment.status()));
    let warning = if transition.warning.is_some() { "!" } else { "" };
    if !transition.moves() {
        assert_eq!(transition.effect, PaymentEffect::Nothing);
        return format!("-{warning}");
    }
    let effect = match transition.effect {
        PaymentEffect::Nothing => "",
        PaymentEffect::Settle(Settling { late: false, .. }) => ": settle",
        PaymentEffect::Settle(Settling { late: true, .. }) => ": settle late",
        PaymentEffect::PayOff { .. } => ": pay off",
        PaymentEffect::Release { .. } => ": release",
        PaymentEffect::Revoke { .. } => ": revoke",
        PaymentEffect::AdmitApplication => ": admit",
    };
    format!("{}{effect}{warning}", transition.progress.status().as_str())
}

/// What `trigger` leads to from pending, approved, rejected, expired and cancelled, and when it was cancelled after its
/// approval.
fn outcomes(payment: &Payment, trigger: &PaymentTrigger) -> Vec<String> {
    let mut stages = PaymentStatus::ALL.map(|status| at(status, payment.clone())).to_vec();
    stages.push(revoked(payment.clone()));
    stages.iter().map(|payment| outcome(payment, trigger)).collect()
}

const SETTLES: [&str; 6] = [
    "approved: settle",
    "-",
    "approved: settle late",
    "approved: settle late",
    "approved: settle late",
    "-!",
];

const SETTLES_AGAIN: [&str; 6] =
    [SETTLES[0], SETTLES[1], SETTLES[2], SETTLES[3], SETTLES[4], "approved: settle late"];

#[rstest]
#[case::paid(reported(Approved), SETTLES)]
#[case::not_paid_yet(reported(Pending), ["-", "-!", "-!", "-!", "-!", "-!"])]
#[case::turned_down(reported(Rejected), ["rejected: release", "-!", "-", "-!", "-!", "-!"])]
#[case::over(reported(Expired), ["expired: release", "-!", "-!", "-", "-!", "-!"])]
#[case::called_off(reported(Cancelled), ["cancelled: release", "-!", "-!", "-!", "-", "-"])]
#[case::something_else(unheard_of(), ["-!", "-!", "-!", "-!", "-!", "-!"])]
#[case::first_installment(installment(1), SETTLES)]
#[case::second_installment(installment(2), ["approved: settle", "-", "-", "-", "-", "-!"])]
#[case::plan_activated(ACTIVATED, ["-", "-", "-", "-", "-", "-"])]
#[case::plan_completed(COMPLETED, SETTLES)]
#[case::plan_cancelled(
    PaymentTrigger::PlanCancelled,
    ["cancelled: release", "cancelled: revoke", "-", "-", "-", "-"]
)]
#[case::pending_by_hand(by_hand(Pending), ["-", "refused", "refused", "refused", "refused", "refused"])]
#[case::approved_by_hand(by_hand(Approved), SETTLES_AGAIN)]
#[case::rejected_by_hand(
    by_hand(Rejected),
    ["rejected: release", "rejected: revoke", "-", "refused", "refused", "refused"]
)]
#[case::expired_by_hand(
    by_hand(Expired),
    ["expired: release", "expired: revoke", "refused", "-", "refused", "refused"]
)]
#[case::cancelled_by_hand(
    by_hand(Cancelled),
    ["cancelled: release", "cancelled: revoke", "refused", "refused", "-", "-"]
)]
#[case::superseded(PaymentTrigger::Superseded, ["cancelled: release", "-", "-", "-", "-", "-"])]
#[case::timed_out(PaymentTrigger::TimedOut, ["expired: release", "-", "-", "-", "-", "-"])]
fn a_purchase_moves(#[case] trigger: PaymentTrigger, #[case] expected: [&str; 6]) {
    assert_eq!(outcomes(&made(&quote()), &trigger), expected);
}

const ADMITS: [&str; 6] =
    ["approved: admit", "-", "approved: admit", "approved: admit", "approved: admit", "-!"];

const ADMITS_AGAIN: [&str; 6] =
    [ADMITS[0], ADMITS[1], ADMITS[2], ADMITS[3], ADMITS[4], "approved: admit"];

#[rstest]
#[case::paid(reported(Approved), ADMITS)]
#[case::not_paid_yet(reported(Pending), ["-", "-!", "-!", "-!", "-!", "-!"])]
#[case::over(reported(Expired), ["expired", "-!", "-!", "-", "-!", "-!"])]
#[case::something_else(unheard_of(), ["-!", "-!", "-!", "-!", "-!", "-!"])]
#[case::checked_and_paid(checked(Some(Approved)), ADMITS)]
#[case::checked_and_open(checked(Some(Pending)), ["-", "-!", "-!", "-!", "-!", "-!"])]
#[case::checked_and_turned_down(checked(Some(Rejected)), ["rejected", "-!", "-", "-!", "-!", "-!"])]
#[case::checked_and_called_off(checked(Some(Cancelled)), ["cancelled", "-!", "-!", "-!", "-", "-"])]
#[case::checked_and_something_else(checked(None), ["expired", "-!", "-!", "-", "-!", "-!"])]
#[case::pending_by_hand(by_hand(Pending), ["-", "refused", "refused", "refused", "refused", "refused"])]
#[case::approved_by_hand(by_hand(Approved), ADMITS_AGAIN)]
#[case::rejected_by_hand(by_hand(Rejected), ["rejected", "rejected", "-", "refused", "refused", "refused"])]
#[case::superseded(PaymentTrigger::Superseded, ["-", "-", "-", "-", "-", "-"])]
#[case::timed_out(PaymentTrigger::TimedOut, ["expired", "-", "-", "-", "-", "-"])]
fn a_fee_moves(#[case] trigger: PaymentTrigger, #[case] expected: [&str; 6]) {
    assert_eq!(outcomes(&fee(), &trigger), expected);
}
