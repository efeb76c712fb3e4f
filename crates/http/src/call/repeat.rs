use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{ContentType, HeaderName},
    },
};
use edgeos_ports::{IdempotentRequest, StoredAnswer};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    error::ApiError,
    openapi::{PREFIX, SHORT_PREFIX},
};

/// The sender's name for a request that it may repeat.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Tells that an answer is the one to an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key.
const LONGEST: usize = 255;

/// The header of operations that heed it, as the description shows it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct RepeatHeader {
    /// The sender's name for the request, 1 to 255 visible ASCII characters: a repetition gets the first answer.
    #[param(rename = "Idempotency-Key")]
    key: Option<String>,
}

/// What a request would be recognised by, if it comes again.
#[derive(Debug, Clone)]
pub(crate) struct Repeat {
    key: Result<String, ()>,
    hash: [u8; 32],
}

impl Repeat {
    /// Of a request that names a key.
    pub(super) fn of(request: &HttpRequest, body: &[u8]) -> Option<Self> {
        let header = request.headers().get(KEY)?;
        let key = header.to_str().ok().filter(|key| {
            (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
        });
        let path = request.path();
        // Both prefixes lead to the same operation.
        let path =
            path.strip_prefix(PREFIX).or_else(|| path.strip_prefix(SHORT_PREFIX)).unwrap_or(path);
        let hash = Sha256::new().chain_update(path).chain_update([0]).chain_update(body).finalize();
        Some(Self { key: key.map(str::to_owned).ok_or(()), hash: hash.into() })
    }

    /// The request as `actor`'s `operation` (its name in the contract).
    pub(super) fn by(
        &self,
        actor: Uuid,
        operation: &'static str,
    ) -> Result<IdempotentRequest, ApiError> {
        let malformed = "The header Idempotency-Key must be 1 to 255 visible ASCII characters";
        let key = self.key.clone().map_err(|()| ApiError::Header(malformed))?;
        Ok(IdempotentRequest { actor, operation, key, hash: self.hash })
    }
}

/// The answer to keep for a repetition.
pub(crate) fn stored_answer(status: StatusCode, body: &impl Serialize) -> StoredAnswer {
    let body = serde_json::to_string(body).expect("an answer has text for keys");
    StoredAnswer { status: status.as_u16(), body }
}

/// The answer to the first request, given once more.
pub(crate) fn replay(answer: StoredAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    HttpResponse::build(status)
        .content_type(ContentType::json())
        .insert_header((REPLAYED, "true"))
        .body(answer.body)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn repeat(path: &str, key: &str, body: &str) -> Option<Repeat> {
        let request = TestRequest::with_uri(path).insert_header((KEY, key)).to_http_request();
        Repeat::of(&request, body.as_bytes())
    }

    #[test]
    fn a_repetition_has_the_same_hash_under_either_prefix() {
        let hash = |path, body| repeat(path, "k", body).unwrap().hash;
        assert_eq!(hash("/api/v1/humans", "{}"), hash("/v1/humans", "{}"));
        assert_ne!(hash("/api/v1/humans", "{}"), hash("/api/v1/humans", "{ }"));
        assert_ne!(hash("/api/v1/humans", "{}"), hash("/api/v1/applications", "{}"));
    }

    #[test]
    fn a_key_is_short_and_visible() {
        let fits = |key: &str| repeat("/", key, "").unwrap().by(Uuid::nil(), "a-b").is_ok();
        assert!(fits("4d9f-…".trim_end_matches('…')));
        assert!(fits(&"k".repeat(255)));
        assert!(!fits(&"k".repeat(256)));
        assert!(!fits("two words"));
        assert!(!fits(""));
    }
}
