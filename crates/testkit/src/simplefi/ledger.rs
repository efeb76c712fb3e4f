use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::{Value, json};

use super::{Fault, Faults};
use crate::random_text;

/// Everything that the provider knows.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) requests: BTreeMap<String, PaymentRequest>,
    pub(super) calls: Vec<RecordedCall>,
    /// Which request an idempotency key made, of which account.
    repeats: BTreeMap<(String, String), String>,
    faults: VecDeque<Fault>,
}

/// A call as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordedCall {
    /// `POST`
    pub method: String,
    /// `/payment_requests`
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as it is written, amounts digit by digit.
    pub text: String,
    /// The body as JSON; null if it is none.
    pub body: Value,
}

/// A checkout.
#[derive(Debug, Clone)]
pub(super) struct PaymentRequest {
    pub(super) id: String,
    /// The key of the account, which signs.
    pub(super) key: String,
    /// What was asked for.
    pub(super) asked: Value,
    pub(super) status: String,
    pub(super) paid: f64,
    pub(super) plan: Option<Plan>,
}

/// A customer's agreement to pay by installments.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) paid: u32,
}

/// Installments of a plan.
pub(super) const INSTALLMENTS: u32 = 3;

impl Ledger {
    pub(super) fn fail(&mut self, Faults { next, kind }: Faults) {
        self.faults.extend((0..next).map(|_| kind.clone()));
    }

    pub(super) fn next_fault(&mut self) -> Option<Fault> {
        self.faults.pop_front()
    }

    /// The request that `key` made before with the same `repeat`, else a new one.
    pub(super) fn create(
        &mut self,
        key: &str,
        repeat: Option<String>,
        asked: Value,
    ) -> &mut PaymentRequest {
        let repeat = repeat.map(|repeat| (key.to_owned(), repeat));
        let known = repeat.as_ref().and_then(|repeat| self.repeats.get(repeat)).cloned();
        let id = known.unwrap_or_else(random_text);
        if let Some(repeat) = repeat {
            self.repeats.insert(repeat, id.clone());
        }
        self.requests.entry(id.clone()).or_insert_with(|| PaymentRequest::new(id, key, asked))
    }
}

impl PaymentRequest {
    pub(super) fn new(id: String, key: &str, asked: Value) -> Self {
        let status = "pending".to_owned();
        Self { id, key: key.to_owned(), asked, status, paid: 0.0, plan: None }
    }

    pub(super) fn amount(&self) -> f64 {
        self.asked["amount"].as_f64().unwrap_or_default()
    }

    /// A text of what was asked for.
    pub(super) fn text(&self, field: &str) -> &str {
        self.asked[field].as_str().unwrap_or_default()
    }

    /// Where the customer goes.
    pub(super) fn redirect(&self, field: &str) -> &str {
        self.asked["redirect_urls"][field].as_str().unwrap_or_default()
    }

    /// What the answer to its creation says.
    pub(super) fn created(&self, base: &str) -> Value {
        let asked = &self.asked;
        json!({
            "id": self.id, "status": self.status, "checkout_v2_url": format!("{base}/c/{}", self.id),
            "amount": asked["amount"], "currency": asked["currency"], "reference": asked["reference"],
            "memo": asked["memo"],
        })
    }

    /// What is answered to the question how far it has come.
    pub(super) fn state(&self) -> Value {
        let asked = &self.asked;
        json!({
            "id": self.id, "status": self.status, "amount": asked["amount"], "currency": asked["currency"],
        })
    }
}
