//! What surrounds every request: its identifier, its log line, CORS, security headers, and an answer even
//! when a handler breaks down.

use std::{borrow::Cow, panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode, Uri,
        header::{
            AUTHORIZATION, CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
        uri::PathAndQuery,
    },
    middleware::Next,
    web::Data,
};
use edgeos_ports::RequestId;
use futures_util::FutureExt;
use tracing::{Instrument, Span, field::Empty};

use crate::{cors, error::ApiError, state::AppState};

/// Names a request in the log and in its answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Handles `request` and dresses the answer.
pub(crate) async fn frame<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    trim_slash(&mut request);
    let state = request.app_data::<Data<AppState>>().expect("every server has a state").clone();
    let id = request_id(&request, &state);
    // For whoever remembers what the request did.
    request.extensions_mut().insert(id);
    let mut headers = added_headers(&request, &id);
    let method = request.method().clone();
    // Paths may hold codes and addresses of people: only the route's pattern is written down.
    let span = tracing::info_span!("request", id = id.as_str(), %method, route = Empty);

    async move {
        let started = Instant::now();
        let origin = cors::admit(request.headers(), &state);
        origin.describe(&mut headers);
        if method == Method::OPTIONS && cors::is_preflight(request.headers()) {
            let answer = origin.preflight(request.headers());
            return Ok(finish(request.into_response(answer), &headers, started));
        }
        match AssertUnwindSafe(next.call(request)).catch_unwind().await {
            Ok(Ok(response)) => Ok(finish(response.map_into_boxed_body(), &headers, started)),
            Ok(Err(error)) => Err(dressed(error.error_response(), &headers, started)),
            Err(_) => Err(dressed(ApiError::Panic.error_response(), &headers, started)),
        }
    }
    .instrument(span)
    .await
}

fn finish(
    mut response: ServiceResponse<BoxBody>,
    headers: &HeaderMap,
    started: Instant,
) -> ServiceResponse<BoxBody> {
    let route = response.request().match_pattern();
    Span::current().record("route", route.as_deref().unwrap_or("none"));
    dress(response.status(), response.headers_mut(), headers, started);
    response
}

/// An answer in place of a request that is gone.
fn dressed(mut response: HttpResponse, headers: &HeaderMap, started: Instant) -> Error {
    dress(response.status(), response.headers_mut(), headers, started);
    InternalError::from_response("the request was not answered", response).into()
}

fn dress(status: StatusCode, answer: &mut HeaderMap, added: &HeaderMap, started: Instant) {
    for (name, value) in added {
        answer.insert(name.clone(), value.clone());
    }
    let milliseconds = started.elapsed().as_millis();
    tracing::info!(status = status.as_u16(), milliseconds, "answered with {}", status.as_u16());
}

/// `/x/` is `/x`, for every method.
fn trim_slash(request: &mut ServiceRequest) {
    let trimmed = request.path().strip_suffix('/').filter(|path| !path.is_empty());
    let Some(path) = trimmed else { return };
    let query = request.query_string();
    let path =
        if query.is_empty() { Cow::Borrowed(path) } else { format!("{path}?{query}").into() };
    let Ok(path) = PathAndQuery::try_from(path.as_ref()) else { return };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(path);
    let Ok(uri) = Uri::from_parts(parts) else { return };
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
}

/// What a request is called in the log: the client's name for it if that is plain, else a fresh one.
fn request_id(request: &ServiceRequest, state: &AppState) -> RequestId {
    let sent = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let fresh = || RequestId::parse(&state.env.uuid().to_string()).expect("a UUID is short");
    sent.and_then(RequestId::parse).unwrap_or_else(fresh)
}

fn added_headers(request: &ServiceRequest, id: &RequestId) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(id.as_str()).expect("it is visible ASCII");
    headers.insert(REQUEST_ID, value);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let path = request.path();
    let about_sign_in = path.starts_with("/api/v1/auth/") || path.starts_with("/v1/auth/");
    if about_sign_in || request.headers().contains_key(AUTHORIZATION) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use actix_web::{
        App,
        http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN},
        middleware::from_fn,
        rt,
        test::{TestRequest, init_service, try_call_service},
        web,
    };

    use super::*;
    use crate::{settings::Settings, wiring};

    async fn broken() -> HttpResponse {
        panic!("as the test wants it")
    }

    async fn state() -> Data<AppState> {
        let variables = HashMap::from([
            ("SECRET_KEY", "key"),
            ("POSTGRES_SERVER", "127.0.0.1"),
            ("POSTGRES_USER", "nobody"),
        ]);
        let read = Settings::read(&|name| variables.get(name).map(|value| (*value).to_owned()));
        Data::new(wiring::wire(&read.settings.unwrap()).await.unwrap().state)
    }

    #[test]
    fn a_handler_that_breaks_down_is_answered_with_everything_around_it() {
        let (status, headers) = rt::System::new().block_on(async {
            let app = App::new().app_data(state().await).wrap(from_fn(frame));
            let app = init_service(app.route("/broken", web::get().to(broken))).await;
            let request = TestRequest::with_uri("/broken")
                .insert_header((ORIGIN, "http://localhost:3000"))
                .to_request();
            let response = try_call_service(&app, request).await.unwrap_err().error_response();
            (response.status(), response.headers().clone())
        });
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).unwrap(), "http://localhost:3000");
        assert_eq!(headers.get(X_CONTENT_TYPE_OPTIONS).unwrap(), "nosniff");
        assert!(headers.contains_key(REQUEST_ID));
    }
}
