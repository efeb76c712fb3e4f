use serde::Deserialize;
use serde_json::{Value, json};

use super::ledger::{INSTALLMENTS, PaymentRequest, Plan};
use crate::random_text;

/// What a customer does, or the provider by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// All is paid by card.
    CardPaid,
    /// All is paid in coins.
    CryptoPaid,
    /// Half of it is paid in coins.
    CryptoPartial,
    /// The card is declined.
    Declined,
    /// Nobody has paid in time.
    Expired,
    /// The customer doesn't want to any more.
    Cancelled,
    /// The customer agrees to pay by three installments.
    PlanActivated,
    /// One of them is paid.
    InstallmentPaid,
    /// All of them are paid.
    PlanCompleted,
    /// The plan is called off.
    PlanCancelled,
}

/// Something that happens, and how it is announced: `{"event": "card_paid"}`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Occurrence {
    /// What happens.
    pub event: Event,
    /// What is announced instead of the truth: nothing happens then.
    pub status: Option<String>,
    /// What is paid in; `USD` by card, else `ETH`.
    pub coin: Option<String>,
    /// USD per coin; 2500.5 for `ETH`.
    pub rate: Option<Value>,
    /// When it is paid, if the announcement shall tell.
    pub paid_at: Option<String>,
    /// Whether the announcement is signed.
    #[serde(default)]
    pub signed: Proof,
    /// Whether the announcement comes with the token of its address.
    #[serde(default)]
    pub token: Proof,
    /// How long to wait before it is announced.
    #[serde(default)]
    pub delay_ms: u64,
    /// How often it is announced.
    #[serde(default = "once")]
    pub times: u32,
    /// How often each announcement is made until it is taken.
    #[serde(default = "five_times")]
    pub attempts: u32,
    /// Whether it is announced at all.
    #[serde(default = "yes")]
    pub deliver: bool,
}

/// What vouches for an announcement: `true`, `false` or `"wrong"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "Value")]
pub enum Proof {
    /// What belongs there.
    #[default]
    Right,
    /// Something else.
    Wrong,
    /// Nothing.
    None,
}

fn once() -> u32 {
    1
}

fn five_times() -> u32 {
    5
}

fn yes() -> bool {
    true
}

impl From<Value> for Proof {
    fn from(value: Value) -> Self {
        match value {
            Value::Bool(false) | Value::Null => Self::None,
            Value::String(_) => Self::Wrong,
            _ => Self::Right,
        }
    }
}

/// It happens, and is announced once, by all the rules.
impl From<Event> for Occurrence {
    fn from(event: Event) -> Self {
        Self {
            event,
            status: None,
            coin: None,
            rate: None,
            paid_at: None,
            signed: Proof::Right,
            token: Proof::Right,
            delay_ms: 0,
            times: once(),
            attempts: five_times(),
            deliver: true,
        }
    }
}

impl Occurrence {
    /// Lets it happen to `request`, unless something else is to be announced; the announcement, and the
    /// request of an installment, if one is paid.
    pub(super) fn happen(&self, request: &mut PaymentRequest) -> (Value, Option<PaymentRequest>) {
        let before = request.clone();
        let mut part = None;
        match self.event {
            Event::CardPaid | Event::CryptoPaid => request.pay("approved", request.amount()),
            Event::CryptoPartial => request.pay("pending", request.amount() / 2.0),
            Event::Declined => "rejected".clone_into(&mut request.status),
            Event::Expired => "expired".clone_into(&mut request.status),
            Event::Cancelled => "cancelled".clone_into(&mut request.status),
            Event::PlanActivated => request.plan().status = "active",
            Event::InstallmentPaid => part = Some(request.pay_installment()),
            Event::PlanCompleted => {
                let plan = request.plan();
                (plan.status, plan.paid) = ("completed", INSTALLMENTS);
                request.pay("approved", request.amount());
            }
            Event::PlanCancelled => {
                request.plan().status = "cancelled";
                "cancelled".clone_into(&mut request.status);
            }
        }
        let announced = self.announcement(request, part.as_ref());
        if self.status.is_some() {
            *request = before;
            return (announced, None);
        }
        (announced, part)
    }

    fn announcement(&self, request: &PaymentRequest, part: Option<&PaymentRequest>) -> Value {
        let plan_event = match self.event {
            Event::PlanActivated => "installment_plan_activated",
            Event::PlanCompleted => "installment_plan_completed",
            Event::PlanCancelled => "installment_plan_cancelled",
            _ => return self.payment(part.unwrap_or(request), part.and(request.plan.as_ref())),
        };
        let plan = request.plan.as_ref().expect("the event has made it");
        json!({
            "id": random_text(), "event_type": plan_event,
            "entity_type": "installment_plan", "entity_id": plan.id,
            "data": { "installment_plan": {
                "id": plan.id, "status": self.status.as_deref().unwrap_or(plan.status),
                "paid_installments_count": plan.paid, "number_of_installments": INSTALLMENTS,
                "user_email": request.asked["reference"]["email"], "payment_method": "card",
                "reference": request.asked["reference"],
            }},
        })
    }

    fn payment(&self, request: &PaymentRequest, plan: Option<&Plan>) -> Value {
        let in_coins = matches!(self.event, Event::CryptoPaid | Event::CryptoPartial);
        let by_card =
            matches!(self.event, Event::CardPaid | Event::Declined | Event::InstallmentPaid);
        let status = self.status.as_deref().unwrap_or(&request.status);
        let coin = self.coin.as_deref().unwrap_or(if in_coins { "ETH" } else { "USD" });
        let rate = self.rate.clone().unwrap_or_else(|| json!(if in_coins { 2500.5 } else { 1.0 }));
        let coins = request.paid / rate.as_f64().unwrap_or(1.0);
        let card = json!({ "provider": "stripe", "status": status, "coin": coin });
        let transfer = json!({
            "coin": coin, "hash": "0x5f", "amount": coins, "paid_at": self.paid_at,
        });
        let new_payment = match (in_coins, by_card) {
            (true, _) => transfer.clone(),
            (_, true) => card.clone(),
            _ => Value::Null,
        };
        let transactions = if in_coins {
            json!([{
                "id": random_text(), "coin": coin, "chain_id": 1, "status": status,
                "price_details": { "currency": "USD", "final_amount": request.paid, "rate": rate },
            }])
        } else {
            json!([])
        };
        json!({
            "id": random_text(),
            "event_type": if by_card { "new_card_payment" } else { "new_payment" },
            "entity_type": "payment_request", "entity_id": request.id,
            "data": {
                "payment_request": {
                    "id": request.id, "order_id": 1, "status": status, "status_detail": status,
                    "amount": request.asked["amount"], "amount_paid": request.paid,
                    "currency": request.asked["currency"], "reference": request.asked["reference"],
                    "transactions": transactions,
                    "payments": if in_coins { json!([transfer]) } else { json!([]) },
                    "card_payment": if by_card { card } else { Value::Null },
                    "installment_plan_id": plan.map(|plan| &plan.id),
                },
                "new_payment": new_payment,
            },
        })
    }
}

impl PaymentRequest {
    fn pay(&mut self, status: &str, paid: f64) {
        status.clone_into(&mut self.status);
        self.paid = paid;
    }

    fn plan(&mut self) -> &mut Plan {
        self.plan.get_or_insert_with(|| Plan { id: random_text(), status: "active", paid: 0 })
    }

    /// The next installment, as a request of its own.
    fn pay_installment(&mut self) -> Self {
        let plan = self.plan();
        plan.paid += 1;
        let (id, number) = (plan.id.clone(), plan.paid);
        let share = (self.amount() / f64::from(INSTALLMENTS) * 100.0).round() / 100.0;
        self.paid += share;
        let mut asked = self.asked.clone();
        asked["amount"] = json!(share);
        let mut part = Self::new(format!("{id}-{number}"), &self.key, asked);
        part.pay("approved", share);
        part
    }
}
