use std::{fmt::Write, time::Duration};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Uri,
    client::conn::http1,
    header::{CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;
use sha2::Sha256;
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{Occurrence, Proof, Shared};

/// How long the other side may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What an announcement was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The status; 0 when there was no answer.
    pub status: u16,
    /// The answer; a text if it isn't JSON, or what went wrong.
    pub body: Value,
}

/// What is to be announced, and where.
pub(super) struct Announcement {
    body: String,
    key: String,
    url: String,
}

/// Lets something happen to the request `id`; `None` without such a request.
pub(super) fn happen(shared: &Shared, id: &str, what: &Occurrence) -> Option<Announcement> {
    let mut ledger = shared.ledger();
    let request = ledger.requests.get_mut(id)?;
    let (body, part) = what.happen(request);
    let (key, url) = (request.key.clone(), request.text("notification_url").to_owned());
    if let Some(part) = part {
        ledger.requests.insert(part.id.clone(), part);
    }
    Some(Announcement { body: body.to_string(), key, url })
}

/// Announces it as `what` says; what each announcement was answered.
pub(super) async fn announce(
    shared: &Shared,
    Announcement { body, key, url }: &Announcement,
    what: &Occurrence,
) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    if !what.deliver {
        return deliveries;
    }
    let url = address(url, what.token);
    let signature = match what.signed {
        Proof::Right => Some(sign(key, body)),
        Proof::Wrong => Some(sign("another key", body)),
        Proof::None => None,
    };
    sleep(Duration::from_millis(what.delay_ms)).await;
    for _ in 0..what.times {
        for attempt in 0..what.attempts {
            if attempt > 0 {
                sleep(shared.pause).await;
            }
            let delivery = deliver(&url, signature.as_deref(), body).await;
            let taken = (200..300).contains(&delivery.status);
            deliveries.push(delivery);
            if taken {
                break;
            }
        }
    }
    deliveries
}

/// `url` with its token, with another one, or without.
fn address(url: &str, token: Proof) -> String {
    match token {
        Proof::Right => url.to_owned(),
        Proof::Wrong => {
            url.split_once("token=").map_or(url, |(start, _)| start).to_owned() + "token=wrong"
        }
        Proof::None => url.split('?').next().unwrap_or_default().to_owned(),
    }
}

fn sign(key: &str, body: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body.as_bytes());
    let mut hex = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(hex, "{byte:02x}").expect("a string takes everything");
    }
    hex
}

async fn deliver(url: &str, signature: Option<&str>, body: &str) -> Delivery {
    let posted = timeout(PATIENCE, post(url, signature, body)).await;
    match posted.context("no answer in time").flatten() {
        Ok((status, text)) => {
            let body = serde_json::from_slice(&text)
                .unwrap_or_else(|_| String::from_utf8_lossy(&text).into());
            Delivery { status, body }
        }
        Err(error) => Delivery { status: 0, body: format!("{error:#}").into() },
    }
}

async fn post(url: &str, signature: Option<&str>, body: &str) -> Result<(u16, Bytes)> {
    let url: Uri = url.parse()?;
    ensure!(url.scheme_str() == Some("http"), "only http is spoken here");
    let authority = url.authority().context("an address without a host")?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::post(path)
        .header(HOST, authority.as_str())
        .header(CONTENT_TYPE, "application/json");
    if let Some(signature) = signature {
        request = request.header("X-SimpleFI-Signature", signature);
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned())))?;
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    let text = response.into_body().collect().await?.to_bytes();
    connection.abort();
    Ok((status, text))
}
