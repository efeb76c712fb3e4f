use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
    web::{Bytes, BytesMut, Data},
};
use deserr::Deserr;
use futures_util::StreamExt;
use serde_json::Value;

use super::repeat::Repeat;
use crate::{
    error::ApiError,
    shape::{self, Fault, Step, Wrong},
    state::AppState,
};

/// A body before anybody knows who sent it.
pub(crate) enum Body {
    /// Nothing at all.
    Empty,
    /// JSON of any shape.
    Json(Value),
    /// Something of a type that isn't JSON.
    Foreign,
}

/// The bytes of a body, for what vouches for them.
pub(crate) struct RawBody(pub(crate) Bytes);

impl FromRequest for RawBody {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (limit, payload) = (limit(request), payload.take());
        Box::pin(async move { collect(payload, limit).await.map(Self) })
    }
}

/// Reads the body, of at most `max` bytes, unless `B` is `()`; and what the request would be recognised by, if it comes again.
pub(crate) async fn read<B: 'static>(
    request: &HttpRequest,
    payload: Payload,
    max: usize,
) -> Result<(Body, Option<Repeat>), ApiError> {
    let limit = limit(request).min(max);
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |n| n > limit)) {
        return Err(ApiError::TooLarge { limit });
    }
    if shape::is_unit::<B>() {
        return Ok((Body::Empty, Repeat::of(request, &[])));
    }
    let bytes = collect(payload, limit).await?;
    Ok((parse(request, &bytes)?, Repeat::of(request, &bytes)))
}

fn parse(request: &HttpRequest, bytes: &[u8]) -> Result<Body, ApiError> {
    if bytes.is_empty() {
        return Ok(Body::Empty);
    }
    if !is_json(request) {
        return Ok(Body::Foreign);
    }
    let text = str::from_utf8(bytes).map_err(|_| ApiError::NotText)?;
    serde_json::from_str(text).map(Body::Json).map_err(|error| malformed(text, &error).into())
}

impl Body {
    /// The body as a `B`.
    pub(crate) fn into_shape<B: Deserr<Wrong> + 'static>(self) -> Result<B, Wrong> {
        match self {
            Self::Empty => shape::from_body(None),
            Self::Json(value) => shape::from_body(Some(value)),
            Self::Foreign => {
                let msg = "The body should be JSON, with the content type application/json";
                Err(Wrong::body(Fault::ModelAttributesType, msg))
            }
        }
    }
}

fn limit(request: &HttpRequest) -> usize {
    let state = request.app_data::<Data<AppState>>().expect("every server has a state");
    state.body_limit
}

async fn collect(mut payload: Payload, limit: usize) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| ApiError::Truncated)?;
        if bytes.len() + chunk.len() > limit {
            return Err(ApiError::TooLarge { limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// JSON is `application/json`, `application/…+json`, and what has no type.
fn is_json(request: &HttpRequest) -> bool {
    let Some(header) = request.headers().get(CONTENT_TYPE) else { return true };
    let essence = header.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let Some(subtype) = essence.strip_prefix("application/") else { return essence.is_empty() };
    subtype == "json" || subtype.ends_with("+json")
}

fn malformed(text: &str, error: &serde_json::Error) -> Wrong {
    let lines_before = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let offset = lines_before.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
    let loc = vec![Step::from("body"), Step::Index(offset.min(text.len()))];
    Wrong::at(loc, Fault::JsonInvalid, "The body is not valid JSON")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fault_in_the_json_is_located() {
        let at = |text: &str| {
            let error = serde_json::from_str::<Value>(text).unwrap_err();
            json!(malformed(text, &error))[0]["loc"][1].as_u64().unwrap()
        };
        assert_eq!(at("{bad"), 1);
        assert_eq!(at("{\n\"a\": x}"), 7);
        assert!(at("{\"a\": 1") <= 7);
    }

    #[test]
    fn json_has_more_than_one_name() {
        let is = |kind: &str| {
            is_json(&TestRequest::default().insert_header((CONTENT_TYPE, kind)).to_http_request())
        };
        assert!(is("application/json; charset=utf-8"));
        assert!(is("Application/Problem+JSON"));
        assert!(!is("text/plain"));
        assert!(!is("application/x-www-form-urlencoded"));
        assert!(is_json(&TestRequest::default().to_http_request()));
    }
}
