//! Which web pages may read answers (the Fetch standard's CORS protocol). No cookies are used, so nothing is
//! ever allowed "with credentials".

use actix_web::{
    HttpResponse,
    http::header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
        ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
    },
};

use crate::{
    error::Problem,
    settings::{Origin, Settings, Stage},
    state::AppState,
};

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
const HEADERS: &str = "Accept, Accept-Language, Authorization, Content-Language, Content-Type, \
                       Idempotency-Key, X-Request-Id, X-Tenant-Id";
const EXPOSED: &str = "Retry-After, Content-Disposition, X-Request-Id, Idempotency-Replayed";
/// Longest name of a host (RFC 1035 section 2.3.4).
const LONGEST_HOST: usize = 253;

/// The origins that the settings admit.
#[derive(Debug, Clone)]
pub(crate) struct Origins {
    exact: Vec<Origin>,
    portal: Option<Origin>,
    any: bool,
    dev: bool,
}

/// What a page of some origin may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// No page asks.
    NoOrigin,
    /// A page that isn't admitted.
    Strange,
    /// A page that may read the answer; the value goes into the answer.
    Admitted(HeaderValue),
}

impl Origins {
    pub(crate) fn new(settings: &Settings) -> Self {
        let (any, mut exact): (Vec<_>, Vec<_>) =
            settings.cors_origins.iter().cloned().partition(Origin::is_any);
        let portal = Origin::of(&settings.portal_url);
        exact.extend(Origin::of(&settings.backoffice_url));
        exact.extend(portal.clone());
        Self { exact, portal, any: !any.is_empty(), dev: settings.stage == Stage::Dev }
    }

    /// Whether the settings alone admit `origin`: listed, or a sub-domain of the portal.
    fn admit(&self, origin: &Origin) -> bool {
        let of_portal = |portal: &Origin| {
            let label = origin.host().strip_suffix(portal.host()).and_then(|h| h.strip_suffix('.'));
            origin.has_door_of(portal) && label.is_some_and(|label| !label.is_empty())
        };
        self.exact.contains(origin) || self.portal.as_ref().is_some_and(of_portal)
    }

    /// Whether `origin` is where a portal on a custom domain would be.
    fn may_be_custom(&self, origin: &Origin) -> bool {
        let at_portals_door = || self.portal.as_ref().is_some_and(|p| origin.has_door_of(p));
        let host = origin.host();
        (origin.is_plain_https() || (self.dev && at_portals_door()))
            && host.len() <= LONGEST_HOST
            && host.starts_with(|letter: char| letter.is_ascii_alphanumeric())
    }
}

/// What the page that sent `headers` may do.
pub(crate) fn admit(headers: &HeaderMap, state: &AppState) -> Verdict {
    let Some(value) = headers.get(ORIGIN) else { return Verdict::NoOrigin };
    if state.origins.any {
        return Verdict::Admitted(HeaderValue::from_static("*"));
    }
    let Some(origin) = value.to_str().ok().and_then(Origin::parse) else { return Verdict::Strange };
    let admitted = state.origins.admit(&origin)
        || (state.origins.may_be_custom(&origin) && state.hosts.is_custom_domain(origin.host()));
    if admitted { Verdict::Admitted(value.clone()) } else { Verdict::Strange }
}

/// Whether a browser asks in advance.
pub(crate) fn is_preflight(headers: &HeaderMap) -> bool {
    headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

impl Verdict {
    /// Says in the answer's `headers` who may read it.
    pub(crate) fn describe(&self, headers: &mut HeaderMap) {
        headers.insert(VARY, HeaderValue::from_static("Origin"));
        if let Self::Admitted(origin) = self {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
    }

    /// The answer to a browser that asks in advance.
    pub(crate) fn preflight(&self, headers: &HeaderMap) -> HttpResponse {
        let asked = |name: &HeaderName| {
            let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect::<Vec<_>>()
        };
        let method = asked(&ACCESS_CONTROL_REQUEST_METHOD);
        let names = asked(&ACCESS_CONTROL_REQUEST_HEADERS);
        let known = |list: &str, word: &str| list.split(", ").any(|w| w.eq_ignore_ascii_case(word));
        if !matches!(self, Self::Admitted(_)) {
            return refusal("This origin is not allowed");
        }
        if !method.iter().all(|method| known(METHODS, method)) {
            return refusal("This method is not allowed");
        }
        if !names.iter().all(|name| known(HEADERS, name)) {
            return refusal("A header is not allowed");
        }
        HttpResponse::Ok()
            .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
            .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
            .insert_header((ACCESS_CONTROL_MAX_AGE, "600"))
            .finish()
    }
}

fn refusal(detail: &str) -> HttpResponse {
    HttpResponse::BadRequest().json(Problem { detail: detail.to_owned() })
}
