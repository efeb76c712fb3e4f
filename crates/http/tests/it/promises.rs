//! What holds for every request that a test sends, whatever the test is about.

use reqwest::{Request, header::HeaderValue};
use serde_json::Value;

use crate::{budgets, counting, description::Described, harness::Answer, ledger};

/// A request that is on its way.
pub(crate) struct Asked {
    what: String,
    operation: Option<&'static Described>,
    /// What the request is called.
    id: String,
    body: Value,
}

impl Asked {
    /// `request`, which gets a name of its own unless it has one.
    pub(crate) fn of(request: &mut Request) -> Self {
        counting::listen();
        let own = edgeos_testkit::random_text();
        let header = request.headers_mut().entry("x-request-id");
        let id = header.or_insert_with(|| HeaderValue::from_str(&own).unwrap());
        let id = id.to_str().unwrap_or_default().to_owned();
        let (method, path) = (request.method().clone(), request.url().path());
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        Self {
            what: format!("{method} {path}"),
            operation: Described::find(&method, path),
            id,
            body: serde_json::from_slice(body).unwrap_or_default(),
        }
    }

    /// Looks at what was answered.
    pub(crate) fn answered(self, answer: &mut Answer) {
        let Self { what, operation, id, body } = self;
        answer.cost = counting::cost_of(&id);
        let Some(operation) = operation else { return };
        ledger::note(operation.id, answer.status, answer.cost);
        let mut faults = operation.faults(answer);
        if answer.header("x-request-id").is_none() {
            faults.push("the header X-Request-Id is missing".to_owned());
        }
        faults.extend(budgets::faults(operation.id, answer, &body));
        assert!(faults.is_empty(), "{} ({what}): {faults:#?}\n{answer:?}", operation.id);
    }
}
