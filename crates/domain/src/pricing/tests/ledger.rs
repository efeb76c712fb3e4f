//! What money does over many orders of one application.

use proptest::{collection::vec, prelude::*, sample::select};
use rust_decimal::Decimal;

use super::{
    super::*,
    kit::{every_product, new},
    properties::{any_cents, any_discounts, any_lines, sellable},
};
use crate::{AttendeeId, Price, ProductId};

/// Something that happens to an application and its payments.
#[derive(Debug, Clone)]
enum Event {
    Order(Vec<OrderLine>, bool, bool, Discounts),
    Pay(usize),
    Installment(usize),
    Expire,
    Revoke(usize),
    Restore(usize),
    Reprice(ProductId, Price),
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (any_lines(), any::<bool>(), any::<bool>(), any_discounts())
            .prop_map(|(lines, edit, insurance, it)| Event::Order(lines, edit, insurance, it)),
        4 => (0..9_usize).prop_map(Event::Pay),
        3 => (0..9_usize).prop_map(Event::Installment),
        1 => Just(Event::Expire),
        1 => (0..9_usize).prop_map(Event::Revoke),
        1 => (0..9_usize).prop_map(Event::Restore),
        1 => (select(every_product()), any_cents(90_000))
            .prop_map(|(product, cents)| Event::Reprice(product, Price::new(cents).unwrap())),
    ]
}

/// An application, its payments and the money that came in.
#[derive(Debug)]
struct Ledger {
    order: Order,
    payments: Vec<Bill>,
    money: Decimal,
}

#[derive(Debug)]
struct Bill {
    state: State,
    due: Decimal,
    /// How many of three installments were paid; `None` when the money comes as a whole.
    installments: Option<u32>,
    plan: Settlement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    Released,
    Settled,
    Revoked,
}

impl Bill {
    /// The part that hasn't come in yet.
    fn outstanding(&self) -> Decimal {
        let paid = self.installments.unwrap_or(3);
        self.due - (self.due * Decimal::from(paid) / Decimal::from(3)).trunc_with_scale(2)
    }
}

impl Ledger {
    fn new() -> Self {
        Self { order: new().order, payments: Vec::new(), money: Decimal::ZERO }
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Order(lines, edit_passes, insurance, discounts) => {
                self.release();
                self.order.edit_passes = edit_passes;
                self.order.insurance = insurance;
                self.order.lines = lines;
                self.buy(&discounts);
            }
            Event::Pay(index) if index < self.payments.len() => self.pay(index),
            Event::Installment(index) if index < self.payments.len() => self.pay_part(index),
            Event::Revoke(index) if index < self.payments.len() => self.revoke(index),
            Event::Restore(index) if index < self.payments.len() => self.restore(index),
            Event::Expire => self.release(),
            Event::Pay(_) | Event::Installment(_) | Event::Revoke(_) | Event::Restore(_) => {}
            Event::Reprice(product, price) => {
                self.order.offers.get_mut(&product).unwrap().price = price;
            }
        }
    }

    fn buy(&mut self, discounts: &Discounts) {
        self.order = sellable(self.order.clone());
        let Ok(quote) = self.order.admit().unwrap().quote(discounts) else { return };
        let due = quote.due();
        let plan = quote.settlement;
        self.order.account_credit -= plan.credit_used;
        self.payments.push(Bill { state: State::Pending, due, installments: None, plan });
        if due.is_zero() {
            self.pay(self.payments.len() - 1);
            assert_eq!(self.order.account_credit, quote.credit_after);
        }
    }

    /// The money for a payment arrives as a whole, in time or late.
    fn pay(&mut self, index: usize) {
        if matches!(self.payments[index].state, State::Pending | State::Released) {
            self.money += self.payments[index].due;
            self.settle(index);
        }
    }

    /// A part of the money for a payment arrives, in time or late, or after the end.
    fn pay_part(&mut self, index: usize) {
        let bill = &mut self.payments[index];
        let first = matches!(bill.state, State::Pending | State::Released);
        let (before, paid) = match bill.installments {
            None if first && !bill.due.is_zero() => (bill.due, 1),
            Some(paid) if paid < 3 => (bill.outstanding(), paid + 1),
            _ => return,
        };
        bill.installments = Some(paid);
        let outstanding = bill.outstanding();
        self.money += before - outstanding;
        if first {
            self.settle(index);
        } else if bill.state == State::Settled {
            let changes = bill.plan.pay_off(&holdings(&self.order), outstanding);
            self.write(changes);
        }
    }

    fn settle(&mut self, index: usize) {
        let bill = &mut self.payments[index];
        let taken = match bill.state {
            State::Pending => bill.plan.credit_used,
            State::Released => bill.plan.credit_used.min(self.order.account_credit),
            State::Settled | State::Revoked => return,
        };
        if bill.state == State::Released {
            self.order.account_credit -= taken;
        }
        self.order.account_credit += bill.plan.credit_granted;
        bill.state = State::Settled;
        let missing = bill.plan.credit_used - taken;
        let changes = bill.plan.settle(&holdings(&self.order), missing, bill.outstanding());
        self.write(changes);
    }

    /// What was taken back is approved again.
    fn restore(&mut self, index: usize) {
        let bill = &mut self.payments[index];
        if bill.state == State::Revoked {
            bill.state = State::Settled;
            let outstanding = bill.outstanding();
            let changes = bill.plan.settle(&holdings(&self.order), Decimal::ZERO, outstanding);
            self.write(changes);
        }
    }

    fn release(&mut self) {
        for bill in self.payments.iter_mut().filter(|bill| bill.state == State::Pending) {
            bill.state = State::Released;
            self.order.account_credit += bill.plan.credit_used;
        }
    }

    fn revoke(&mut self, index: usize) {
        let bill = &mut self.payments[index];
        if bill.state == State::Settled {
            bill.state = State::Revoked;
            let changes = bill.plan.revoke(&holdings(&self.order));
            self.write(changes);
        }
    }

    fn write(&mut self, changes: HoldingChanges) {
        for ((attendee, product), after) in changes.after {
            let owned = &mut self.order.holders.get_mut(&attendee).unwrap().owned;
            match after {
                Some(holding) => owned.insert(product, holding),
                None => owned.remove(&product),
            };
        }
    }

    /// Credit, credit that pending payments hold, and what was paid for everything held.
    fn value(&self) -> Decimal {
        let reserved = self.payments.iter().filter(|bill| bill.state == State::Pending);
        let reserved: Decimal = reserved.map(|bill| bill.plan.credit_used).sum();
        let held: Decimal = holdings(&self.order).values().filter_map(|holding| holding.paid).sum();
        self.order.account_credit + reserved + held
    }
}

fn holdings(order: &Order) -> Holdings {
    let of_holder = |(attendee, holder): (&AttendeeId, &Holder)| {
        let attendee = *attendee;
        holder
            .owned
            .clone()
            .into_iter()
            .map(move |(product, holding)| ((attendee, product), holding))
    };
    order.holders.iter().flat_map(of_holder).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn nobody_gets_more_than_was_paid(events in vec(any_event(), 1..24)) {
        let mut ledger = Ledger::new();
        for event in events {
            ledger.apply(event);
            prop_assert!(ledger.value() <= ledger.money, "{:?}", ledger);
            let held = holdings(&ledger.order);
            prop_assert!(held.values().all(|it| it.quantity > 0 && it.paid >= Some(Decimal::ZERO)));
            prop_assert!(ledger.order.account_credit >= Decimal::ZERO);
        }
    }
}
