//! SimpleFI over HTTP.

use std::{
    fmt::{self, Write},
    sync::Arc,
    time::Duration,
};

use edgeos_domain::PaymentId;
use edgeos_ports::{
    CreatedRequest, Environment, NewPaymentRequest, PaymentProvider, ProviderAccount,
    ProviderError, RequestState, RequestStatus,
};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{
    Client, Method, Request, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout_at},
};
use url::Url;

use crate::wire;

/// Where SimpleFI takes money.
pub const PRODUCTION_URL: &str = "https://api.simplefi.tech";

/// Where SimpleFI plays.
pub const DEVELOPMENT_URL: &str = "https://apidev.simplefi.tech";

/// The longest answer that is read, in bytes.
const ANSWER_MAX: usize = 1 << 20;

/// SimpleFI, and how patiently it is talked to.
#[derive(Debug, Clone)]
pub struct SimpleFiSettings {
    /// Below which address its paths are.
    pub url: Url,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long an attempt may take, answer included.
    pub attempt_timeout: Duration,
    /// How long all attempts may take together, pauses included.
    pub total_timeout: Duration,
    /// How long to wait before the second attempt, before the third and so on, a quarter more or less.
    pub pauses: Vec<Duration>,
    /// Calls under way at the same time; further ones fail at once.
    pub calls_max: usize,
}

/// SimpleFI over HTTP. Connections are kept for the next call.
pub struct SimpleFi {
    client: Client,
    settings: SimpleFiSettings,
    calls: Semaphore,
    env: Arc<dyn Environment>,
}

/// A call, to be made until an answer comes.
struct Call {
    method: Method,
    /// For the log: the path without what differs.
    template: &'static str,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    payment: Option<PaymentId>,
}

/// Why an attempt brought no answer that counts.
enum Failure {
    /// Another attempt may bring one, but not before this has passed.
    Passing(Option<Duration>),
    Lasting(ProviderError),
}

impl SimpleFiSettings {
    /// The usual patience with what is at `url`.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self {
            url,
            connect_timeout: Duration::from_secs(3),
            attempt_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(20),
            pauses: vec![Duration::from_millis(200), Duration::from_secs(1)],
            calls_max: 32,
        }
    }
}

impl fmt::Debug for SimpleFi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimpleFi").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl SimpleFi {
    /// A client that connects when there is something to ask.
    ///
    /// # Errors
    ///
    /// When encryption can't be set up.
    pub fn new(
        settings: SimpleFiSettings,
        env: Arc<dyn Environment>,
    ) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .connect_timeout(settings.connect_timeout)
            // An account's key must not follow where an answer points.
            .redirect(Policy::none())
            .build()?;
        let calls = Semaphore::new(settings.calls_max);
        Ok(Self { client, settings, calls, env })
    }

    async fn answer(&self, call: &Call) -> Result<Vec<u8>, ProviderError> {
        let Ok(_call) = self.calls.try_acquire() else {
            tracing::warn!("too many calls to the payment provider are under way");
            return Err(ProviderError::Unavailable);
        };
        let deadline = Instant::now() + self.settings.total_timeout;
        let mut pauses = self.settings.pauses.iter();
        let mut attempt = 1;
        loop {
            let asked_for = match self.attempt(call, attempt, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(Failure::Lasting(error)) => return Err(error),
                Err(Failure::Passing(asked_for)) => asked_for,
            };
            let Some(pause) = pauses.next() else { return Err(ProviderError::Unavailable) };
            let pause = asked_for.unwrap_or_else(|| self.about(*pause));
            if deadline.saturating_duration_since(Instant::now()) <= pause {
                return Err(ProviderError::Unavailable);
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// One attempt, and its line in the log.
    async fn attempt(
        &self,
        call: &Call,
        attempt: u32,
        deadline: Instant,
    ) -> Result<Vec<u8>, Failure> {
        let started = Instant::now();
        let deadline = deadline.min(started + self.settings.attempt_timeout);
        let mut status = None;
        let sent = timeout_at(deadline, async {
            let response = self.client.execute(call.request()).await;
            let response = response.map_err(|_| Failure::Passing(None))?;
            status = Some(response.status().as_u16());
            self.read(response).await
        });
        let outcome = sent.await.unwrap_or(Err(Failure::Passing(None)));
        // The words of errors stay out: they name the address, with identifiers in it.
        let duration_ms = started.elapsed().as_millis();
        let (method, path) = (&call.method, call.template);
        let payment = call.payment.map(|payment| payment.to_string());
        if outcome.is_ok() {
            tracing::info!(
                %method, path, status, duration_ms, attempt, payment.id = payment,
                "the payment provider has answered"
            );
        } else {
            tracing::warn!(
                %method, path, status, duration_ms, attempt, payment.id = payment,
                "the payment provider has not done what it was asked for"
            );
        }
        outcome
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Failure> {
        let status = response.status();
        if matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504) {
            return Err(Failure::Passing(self.retry_after(response.headers())));
        }
        if status.is_server_error() {
            return Err(Failure::Lasting(ProviderError::Unavailable));
        }
        if status.is_client_error() {
            let unknown = status == StatusCode::NOT_FOUND;
            let error = if unknown { ProviderError::NoSuchRequest } else { ProviderError::Refused };
            return Err(Failure::Lasting(error));
        }
        if !status.is_success() {
            return Err(Failure::Lasting(ProviderError::InvalidAnswer));
        }
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| Failure::Passing(None))? {
            if answer.len() + chunk.len() > ANSWER_MAX {
                return Err(Failure::Lasting(ProviderError::InvalidAnswer));
            }
            answer.extend_from_slice(&chunk);
        }
        Ok(answer)
    }

    /// RFC 9110 section 10.2.3: seconds, or a date.
    fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
        (date.to_utc() - self.env.now()).to_std().ok()
    }

    /// `pause`, up to a quarter longer or shorter: whoever failed together shall not come back together.
    fn about(&self, pause: Duration) -> Duration {
        let mut random = [0];
        self.env.fill(&mut random);
        pause * (192 + u32::from(random[0]) / 2) / 256
    }

    fn call(
        &self,
        account: &ProviderAccount,
        method: Method,
        path: &[&str],
        template: &'static str,
    ) -> Result<Call, ProviderError> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", account.key()))
            // A key that no header can carry is none that the provider gave to anybody.
            .map_err(|_| ProviderError::Refused)?;
        bearer.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut url = self.settings.url.clone();
        url.path_segments_mut().expect("an http address has a path").pop_if_empty().extend(path);
        Ok(Call { method, template, url, headers, body: None, payment: None })
    }
}

impl Call {
    fn request(&self) -> Request {
        let mut request = Request::new(self.method.clone(), self.url.clone());
        request.headers_mut().extend(self.headers.clone());
        *request.body_mut() = self.body.clone().map(Into::into);
        request
    }
}

#[async_trait::async_trait]
impl PaymentProvider for SimpleFi {
    async fn create_payment_request(
        &self,
        account: &ProviderAccount,
        new: &NewPaymentRequest,
    ) -> Result<CreatedRequest, ProviderError> {
        let path = &["payment_requests"];
        let mut call = self.call(account, Method::POST, path, "/payment_requests")?;
        call.body = Some(wire::request(new).ok_or(ProviderError::Refused)?);
        call.payment = Some(new.payment);
        // What makes repeating a creation safe, as far as the provider knows the header.
        let key = HeaderValue::from_str(&new.payment.to_string())
            .expect("a UUID is hexadecimal digits and dashes");
        call.headers.insert("Idempotency-Key", key);
        let answer = self.answer(&call).await.map_err(|error| match error {
            // Nothing was asked for that could be unknown.
            ProviderError::NoSuchRequest => ProviderError::Refused,
            error => error,
        })?;
        let created = wire::created(&answer).ok_or(ProviderError::InvalidAnswer)?;
        notice_unknown(created.status);
        Ok(created)
    }

    async fn payment_request(
        &self,
        account: &ProviderAccount,
        external_id: &str,
    ) -> Result<RequestState, ProviderError> {
        let path = &["payment_requests", external_id];
        let call = self.call(account, Method::GET, path, "/payment_requests/{id}")?;
        let answer = self.answer(&call).await?;
        let state = wire::state(&answer, external_id).ok_or(ProviderError::InvalidAnswer)?;
        notice_unknown(state.status);
        Ok(state)
    }

    fn verify_signature(&self, account: &ProviderAccount, body: &[u8], signature: &str) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(account.key().as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(body);
        let mut expected = String::new();
        for byte in mac.finalize().into_bytes() {
            write!(expected, "{byte:02x}").expect("a string takes everything");
        }
        expected.as_bytes().ct_eq(signature.as_bytes()).into()
    }
}

fn notice_unknown(status: RequestStatus) {
    if status == RequestStatus::Unknown {
        tracing::warn!("the payment provider names a status that we don't know");
    }
}
