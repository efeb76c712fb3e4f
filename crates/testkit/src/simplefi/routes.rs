use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    Event, Fault, Faults, Occurrence, RecordedCall, Shared,
    deliver::{announce, happen},
    page,
};

/// The longest body that is read, in bytes.
const BODY_MAX: usize = 1 << 20;

type Answer = Response<Full<Bytes>>;

/// Instead of an answer, the connection is dropped.
#[derive(Debug)]
pub(super) struct HangUp;

impl std::fmt::Display for HangUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is dropped")
    }
}

impl std::error::Error for HangUp {}

pub(super) async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Answer, HangUp> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, BODY_MAX).collect().await.map_err(|_| HangUp)?.to_bytes();
    let path: Vec<_> = head.uri.path().trim_matches('/').split('/').collect();
    let found = match (&head.method, path.as_slice()) {
        (&Method::POST, ["payment_requests"]) | (&Method::GET, ["payment_requests", _]) => {
            let call = record(&head.method, head.uri.path(), &head.headers, &body);
            shared.ledger().calls.push(call.clone());
            return provider(&shared, &call).await;
        }
        (&Method::GET, ["c", id]) => {
            shared.ledger().requests.get(*id).map(|request| html(page::checkout(request)))
        }
        (&Method::POST, ["c", id]) => press(&shared, id, &body),
        (&Method::POST, ["_test", "requests", id, "events"]) => match serde_json::from_slice(&body)
        {
            Ok(what) => order(&shared, id, &what).await,
            Err(error) => Some(unreadable(&error)),
        },
        (&Method::POST, ["_test", "faults"]) => {
            Some(match serde_json::from_slice::<Faults>(&body) {
                Ok(faults) => {
                    shared.ledger().fail(faults);
                    empty(StatusCode::NO_CONTENT)
                }
                Err(error) => unreadable(&error),
            })
        }
        (&Method::GET, ["_test", "requests"]) => {
            Some(json(StatusCode::OK, &json!(shared.ledger().calls)))
        }
        (&Method::DELETE, ["_test"]) => {
            *shared.ledger() = super::Ledger::default();
            Some(empty(StatusCode::NO_CONTENT))
        }
        _ => None,
    };
    Ok(found.unwrap_or_else(|| problem(StatusCode::NOT_FOUND, "no such thing")))
}

/// SimpleFI's own calls, and what goes wrong with them.
async fn provider(shared: &Shared, call: &RecordedCall) -> Result<Answer, HangUp> {
    let fault = shared.ledger().next_fault();
    match fault {
        Some(Fault::Status(status, retry_after)) => {
            return Ok(failure(shared, status, retry_after));
        }
        Some(Fault::Timeout) => std::future::pending().await,
        Some(Fault::Reset) => return Err(HangUp),
        Some(Fault::Slow(time)) => sleep(time).await,
        _ => {}
    }
    let (status, mut body) = work(shared, call, fault.as_ref());
    match fault {
        Some(Fault::ResetAfter) => return Err(HangUp),
        Some(Fault::NoCheckoutUrl) => body["checkout_v2_url"] = Value::Null,
        Some(Fault::CreatedStatus) => body["status"] = "created".into(),
        Some(Fault::Named(id)) => body["id"] = id.into(),
        Some(Fault::Wrapped) => body = json!({ "payment_request": body }),
        Some(Fault::BadJson) => {
            let text = body.to_string();
            return Ok(written(status, "application/json", text[..text.len() / 2].to_owned()));
        }
        _ => {}
    }
    Ok(json(status, &body))
}

fn work(shared: &Shared, call: &RecordedCall, fault: Option<&Fault>) -> (StatusCode, Value) {
    let refused = |status, words: &str| (status, json!({ "detail": words }));
    let bearer = call.headers.get("authorization").and_then(|text| text.strip_prefix("Bearer "));
    let Some(key) = bearer.filter(|key| !key.is_empty()) else {
        return refused(StatusCode::UNAUTHORIZED, "no API key");
    };
    let mut ledger = shared.ledger();
    if call.method == "GET" {
        let id = call.path.rsplit('/').next().unwrap_or_default();
        return match ledger.requests.get(id).filter(|request| request.key == key) {
            Some(request) => (StatusCode::OK, request.state()),
            None => refused(StatusCode::NOT_FOUND, "no such payment request"),
        };
    }
    let asked = &call.body;
    let complete = asked["amount"].as_f64().is_some_and(|amount| amount > 0.0)
        && asked["currency"].is_string()
        && asked["notification_url"].is_string()
        && ["success_url", "cancel_url"].iter().all(|url| asked["redirect_urls"][url].is_string());
    if !complete {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "something is missing");
    }
    let repeat = call.headers.get("idempotency-key").cloned();
    let request = ledger.create(key, repeat, asked.clone());
    if fault == Some(&Fault::ApprovedStatus) {
        "approved".clone_into(&mut request.status);
    }
    (StatusCode::OK, request.created(&shared.base))
}

async fn order(shared: &Shared, id: &str, what: &Occurrence) -> Option<Answer> {
    let announcement = happen(shared, id, what)?;
    let deliveries = announce(shared, &announcement, what).await;
    Some(json(StatusCode::OK, &json!({ "deliveries": deliveries })))
}

/// The customer presses a button of the checkout. The announcement is under way when they arrive where it
/// leads.
fn press(shared: &Arc<Shared>, id: &str, body: &[u8]) -> Option<Answer> {
    let name = std::str::from_utf8(body).ok()?.strip_prefix("event=")?.to_owned();
    let event: Event = serde_json::from_value(name.into()).ok()?;
    let target = {
        let ledger = shared.ledger();
        let request = ledger.requests.get(id)?;
        match event {
            Event::CardPaid | Event::CryptoPaid | Event::CryptoPartial | Event::InstallmentPaid => {
                request.redirect("success_url").to_owned()
            }
            Event::Declined | Event::Expired | Event::Cancelled => {
                request.redirect("cancel_url").to_owned()
            }
            Event::PlanActivated | Event::PlanCompleted | Event::PlanCancelled => {
                format!("{}/c/{id}", shared.base)
            }
        }
    };
    let target = HeaderValue::from_str(&target).ok()?;
    let what = Occurrence::from(event);
    let announcement = happen(shared, id, &what)?;
    let shared = shared.clone();
    tokio::spawn(async move { announce(&shared, &announcement, &what).await });
    let mut answer = empty(StatusCode::SEE_OTHER);
    answer.headers_mut().insert(LOCATION, target);
    Some(answer)
}

fn failure(shared: &Shared, status: u16, retry_after: Option<u64>) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = problem(status, "as ordered");
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    if status.is_redirection() {
        let elsewhere = HeaderValue::from_str(&format!("{}/payment_requests", shared.base));
        answer.headers_mut().extend(elsewhere.ok().map(|url| (LOCATION, url)));
    }
    answer
}

fn record(method: &Method, path: &str, headers: &HeaderMap, body: &Bytes) -> RecordedCall {
    let headers = headers.iter();
    let headers: BTreeMap<_, _> = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    RecordedCall {
        method: method.to_string(),
        path: path.to_owned(),
        headers,
        text: String::from_utf8_lossy(body).into(),
        body: serde_json::from_slice(body).unwrap_or_default(),
    }
}

fn unreadable(error: &serde_json::Error) -> Answer {
    problem(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string())
}

fn problem(status: StatusCode, words: &str) -> Answer {
    json(status, &json!({ "detail": words }))
}

fn json(status: StatusCode, body: &Value) -> Answer {
    written(status, "application/json", body.to_string())
}

fn html(text: String) -> Answer {
    written(StatusCode::OK, "text/html; charset=utf-8", text)
}

fn empty(status: StatusCode) -> Answer {
    written(status, "text/plain", String::new())
}

fn written(status: StatusCode, kind: &'static str, text: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
