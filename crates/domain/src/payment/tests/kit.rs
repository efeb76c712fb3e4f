//! A purchase, a fee, and what may happen to them.

pub(super) use PaymentStatus::{Approved, Cancelled, Expired, Pending, Rejected};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::*;
use crate::{
    AttendeeId, Beginning, Circumstances, CouponDiscount, Email, Holding, Human, HumanId,
    PortalEdit, ProductId, Profile, Scholarship,
    fixtures::{TENANT, noon, popup},
};

pub(super) const COUPON: CouponId = CouponId(Uuid::from_u128(0xc0));
pub(super) const GROUP: GroupId = GroupId(Uuid::from_u128(0x61));
pub(super) const ATTENDEE: AttendeeId = AttendeeId(Uuid::from_u128(0xa));
pub(super) const PASS: ProductId = ProductId(Uuid::from_u128(0xb));

pub(super) fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(super) fn eth() -> PaidIn {
    PaidIn { currency: Some(Currency::parse("ETH").unwrap()), rate: Some(rate("2500.5")) }
}

pub(super) fn rate(text: &str) -> Rate {
    Rate::new(money(text)).unwrap()
}

pub(super) fn application() -> Application {
    let popup = popup();
    let email = Email::parse("ada@x.com").unwrap();
    let human = Human::new(HumanId(Uuid::from_u128(2)), TENANT, email, Profile::default(), None);
    let circumstances = Circumstances {
        popup: &popup,
        red_flag: false,
        fee_paid: false,
        strategy: None,
        votes: &[],
        reviewers: &[],
        now: noon(),
    };
    let begun = Beginning::Portal(PortalEdit::default())
        .transition(&Scholarship::default(), &circumstances)
        .unwrap();
    Application::new(ApplicationId(Uuid::from_u128(3)), popup.id, &human, &begun, noon())
}

pub(super) fn pass() -> Units {
    Units { attendee: ATTENDEE, product: PASS, quantity: 1, paid: Some(money("473.00")) }
}

/// 473.00 are due, for one pass, after a coupon and 30.00 of credit.
pub(super) fn quote() -> Quote {
    Quote {
        lines: Vec::new(),
        original_amount: money("560.00"),
        amount: money("473.00"),
        insurance_amount: money("25.00"),
        discount: Some(Discount::Coupon(CouponDiscount {
            id: COUPON,
            code: "C20".to_owned(),
            percentage: money("20"),
        })),
        discount_amount: money("112.00"),
        group: Some(GROUP),
        credit_after: money("0.00"),
        settlement: Settlement {
            add: vec![pass()],
            credit_used: money("30.00"),
            ..Settlement::default()
        },
        trace: Vec::new(),
    }
}

/// Nothing is due, and 150.00 of credit are left over.
pub(super) fn free_quote() -> Quote {
    let Quote { settlement, .. } = quote();
    Quote {
        amount: money("-150.00"),
        settlement: Settlement {
            credit_used: money("0.00"),
            credit_granted: money("150.00"),
            ..settlement
        },
        ..quote()
    }
}

pub(super) fn made(quote: &Quote) -> Payment {
    Payment::purchase(PaymentId(Uuid::from_u128(4)), &application(), quote, false, noon())
}

pub(super) fn fee() -> Payment {
    Payment::fee(PaymentId(Uuid::from_u128(5)), &application(), money("25.5"), noon())
}

/// `payment` after it went that way, from pending.
pub(super) fn at(status: PaymentStatus, payment: Payment) -> Payment {
    if status == Pending { payment } else { moved(payment, &by_hand(status)) }
}

/// `payment` after it was paid, and then taken back.
pub(super) fn revoked(payment: Payment) -> Payment {
    moved(moved(payment, &reported(Approved)), &by_hand(Cancelled))
}

pub(super) fn moved(payment: Payment, trigger: &PaymentTrigger) -> Payment {
    let transition = payment.transition(trigger).unwrap();
    carried_out(payment, &transition)
}

/// `payment` after `transition`, while everything that was given is held.
pub(super) fn carried_out(payment: Payment, transition: &PaymentTransition) -> Payment {
    let mut plan = payment.settlement.clone();
    if let Some(plan) = &mut plan {
        let given = plan.given.iter().map(|units| {
            let Units { quantity, paid, .. } = *units;
            ((units.attendee, units.product), Holding { quantity, paid })
        });
        let held: Holdings = given.collect();
        match transition.effect {
            PaymentEffect::Settle(settling) => {
                drop(plan.settle(&Holdings::new(), Decimal::ZERO, settling.outstanding));
            }
            PaymentEffect::PayOff { outstanding } => drop(plan.pay_off(&held, outstanding)),
            PaymentEffect::Revoke { .. } => drop(plan.revoke(&held)),
            PaymentEffect::Nothing
            | PaymentEffect::Release { .. }
            | PaymentEffect::AdmitApplication => {}
        }
    }
    Payment { settlement: plan, ..payment }.after(transition, noon())
}

pub(super) fn report(status: Option<PaymentStatus>) -> ProviderReport {
    ProviderReport { status, paid_in: eth(), amount: None }
}

pub(super) fn reported(status: PaymentStatus) -> PaymentTrigger {
    PaymentTrigger::Reported(report(Some(status)))
}

pub(super) fn unheard_of() -> PaymentTrigger {
    PaymentTrigger::Reported(report(None))
}

pub(super) fn checked(status: Option<PaymentStatus>) -> PaymentTrigger {
    PaymentTrigger::FeeChecked(report(status))
}

pub(super) fn by_hand(status: PaymentStatus) -> PaymentTrigger {
    PaymentTrigger::ByHand { status, paid_in: PaidIn::default() }
}

pub(super) fn installment(kept: u32) -> PaymentTrigger {
    PaymentTrigger::InstallmentPaid { kept, paid_in: eth() }
}

pub(super) const ACTIVATED: PaymentTrigger = PaymentTrigger::PlanActivated { installments: 3 };
pub(super) const COMPLETED: PaymentTrigger = PaymentTrigger::PlanCompleted { paid: 3 };
