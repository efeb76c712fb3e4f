//! Every refusal and failure that a client can meet, and what it looks like.

use std::{iter, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use edgeos_app::{AppError, sessions::SessionError};
use edgeos_ports::{Forbidden, StoreError};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::shape::{Fault, Step, Wrong};

/// When to come back while the database is busy or a request still runs.
const SOON: Duration = Duration::from_secs(1);

/// Why a request isn't answered with what it asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// No bearer token.
    #[error("Not authenticated")]
    NoToken,
    /// A token that doesn't count, or not any more.
    #[error("Could not validate credentials")]
    InvalidToken,
    /// A token of the other kind of caller.
    #[error("This kind of token is not accepted here")]
    WrongKind,
    /// The superadmin named a tenant that doesn't exist or is deleted.
    #[error("Tenant not found or not accessible")]
    NoSuchTenant,
    /// A header that is missing or has no meaning.
    #[error("{0}")]
    Header(&'static str),
    /// The body isn't UTF-8.
    #[error("The body is not valid UTF-8")]
    NotText,
    /// The body is no JSON object, where it has to be one.
    #[error("The body is not a JSON object")]
    NotAnObject,
    /// The body broke off.
    #[error("The body could not be read")]
    Truncated,
    /// The body is longer than the server takes.
    #[error("The body is larger than {limit} bytes")]
    TooLarge {
        /// The most that is taken.
        limit: usize,
    },
    /// Values of the wrong shape.
    #[error("the input is not valid")]
    Shape(Wrong),
    /// A handler broke down.
    #[error("a handler panicked")]
    Panic,
    /// A use case refused or failed.
    #[error(transparent)]
    App(#[from] AppError),
}

/// The body of most refusals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What went wrong, for people to read.
    pub(crate) detail: String,
}

/// The body of a refusal that may be about answers to a form.
#[derive(Serialize, ToSchema)]
pub(crate) struct FormProblem {
    detail: FormProblemDetail,
}

/// What went wrong, for people to read; and each answer that the form doesn't take.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only described")]
pub(crate) enum FormProblemDetail {
    Rule(String),
    Answers { message: String, errors: Vec<String> },
}

/// How a refusal is answered.
struct Answer {
    status: StatusCode,
    detail: Value,
    retry_after: Option<Duration>,
    asks_for_token: bool,
}

impl Answer {
    fn new(status: StatusCode, detail: impl Into<Value>) -> Self {
        Self { status, detail: detail.into(), retry_after: None, asks_for_token: false }
    }

    fn retry_after(mut self, after: impl Into<Option<Duration>>) -> Self {
        self.retry_after = after.into();
        self
    }

    fn asks_for_token(mut self) -> Self {
        self.asks_for_token = true;
        self
    }
}

impl ApiError {
    fn answer(&self) -> Answer {
        let words = || sentence(&self.to_string());
        match self {
            Self::NoToken | Self::InvalidToken => {
                Answer::new(StatusCode::UNAUTHORIZED, words()).asks_for_token()
            }
            Self::WrongKind => Answer::new(StatusCode::FORBIDDEN, words()).asks_for_token(),
            Self::NoSuchTenant => Answer::new(StatusCode::FORBIDDEN, words()),
            Self::Header(_) | Self::NotText | Self::NotAnObject | Self::Truncated => {
                Answer::new(StatusCode::BAD_REQUEST, words())
            }
            Self::TooLarge { .. } => Answer::new(StatusCode::PAYLOAD_TOO_LARGE, words()),
            Self::Shape(wrong) => Answer::new(StatusCode::UNPROCESSABLE_ENTITY, json!(wrong)),
            Self::Panic => Answer::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
            Self::App(error) => match error {
                AppError::Unauthenticated(_) => {
                    Answer::new(StatusCode::UNAUTHORIZED, words()).asks_for_token()
                }
                AppError::Role(_) | AppError::Forbidden(_) => {
                    Answer::new(StatusCode::FORBIDDEN, words())
                }
                AppError::NotFound(_) => Answer::new(StatusCode::NOT_FOUND, words()),
                AppError::Refused(_) => Answer::new(StatusCode::BAD_REQUEST, words()),
                AppError::Conflict(_) => Answer::new(StatusCode::CONFLICT, words()),
                AppError::Invalid { field, reason } => {
                    Answer::new(StatusCode::UNPROCESSABLE_ENTITY, json!(invalid(field, reason)))
                }
                AppError::Answers(errors) => {
                    let detail = json!({ "message": words(), "errors": errors });
                    Answer::new(StatusCode::BAD_REQUEST, detail)
                }
                AppError::TooMany { retry_after, .. } => {
                    Answer::new(StatusCode::TOO_MANY_REQUESTS, words()).retry_after(*retry_after)
                }
                AppError::StillRunning => {
                    Answer::new(StatusCode::CONFLICT, words()).retry_after(SOON)
                }
                AppError::NotYet(_) => {
                    Answer::new(StatusCode::SERVICE_UNAVAILABLE, words()).retry_after(SOON)
                }
                AppError::Upstream(_) => Answer::new(StatusCode::BAD_GATEWAY, words()),
                AppError::Unavailable(_) => Answer::new(StatusCode::SERVICE_UNAVAILABLE, words()),
                AppError::Store(error) => match error {
                    StoreError::Taken(_) => Answer::new(StatusCode::CONFLICT, words()),
                    StoreError::Missing(_) => Answer::new(StatusCode::NOT_FOUND, words()),
                    StoreError::OutOfBounds(_) => {
                        let wrong = invalid("", "A value is not allowed here");
                        Answer::new(StatusCode::UNPROCESSABLE_ENTITY, json!(wrong))
                    }
                    StoreError::Busy(_) | StoreError::Unavailable(_) => {
                        Answer::new(StatusCode::SERVICE_UNAVAILABLE, words()).retry_after(SOON)
                    }
                    StoreError::Failed(_) => {
                        Answer::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
                    }
                },
            },
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.answer().status
    }

    fn error_response(&self) -> HttpResponse {
        let answer = self.answer();
        if answer.status.is_server_error() {
            tracing::error!(status = answer.status.as_u16(), "request failed: {}", chain(self));
        }
        let mut response = HttpResponse::build(answer.status);
        if answer.asks_for_token {
            response.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(after) = answer.retry_after {
            response.insert_header((RETRY_AFTER, after.as_secs().max(1)));
        }
        response.json(json!({ "detail": answer.detail }))
    }
}

impl From<Wrong> for ApiError {
    fn from(wrong: Wrong) -> Self {
        Self::Shape(wrong)
    }
}

impl From<Forbidden> for ApiError {
    fn from(forbidden: Forbidden) -> Self {
        Self::App(forbidden.into())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Invalid => Self::InvalidToken,
            SessionError::WrongKind => Self::WrongKind,
            SessionError::Store(error) => error.into(),
        }
    }
}

/// `error` and everything that caused it, outermost first.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = iter::successors(Some(error), |error| error.source());
    let mut texts: Vec<_> = causes.map(ToString::to_string).collect();
    // A transparent error says the same as its cause.
    texts.dedup();
    texts.join(": ")
}

/// Why one of many things wasn't done, for people to read, where others were.
pub(crate) fn in_words(error: &AppError) -> String {
    match error {
        AppError::Store(
            StoreError::Taken(_)
            | StoreError::Missing(_)
            | StoreError::OutOfBounds(_)
            | StoreError::Failed(_),
        ) => "This could not be done".to_owned(),
        error => sentence(&error.to_string()),
    }
}

fn invalid(field: &str, reason: &str) -> Wrong {
    let mut loc = vec![Step::from("body")];
    if !field.is_empty() {
        loc.push(Step::from(field));
    }
    Wrong::at(loc, Fault::ValueError, reason)
}

/// `text` with a capital letter: people read it.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use actix_web::{body::to_bytes, rt::System};
    use edgeos_ports::{Key, Resource};

    use super::*;

    fn answered(error: impl Into<ApiError>) -> (u16, Value, Option<String>) {
        let response = error.into().error_response();
        let status = response.status().as_u16();
        let header = response.headers().get(RETRY_AFTER);
        let retry = header.map(|value| value.to_str().unwrap().to_owned());
        let body = System::new().block_on(to_bytes(response.into_body())).unwrap();
        (status, serde_json::from_slice::<Value>(&body).unwrap()["detail"].take(), retry)
    }

    fn refused(error: AppError) -> (u16, Value, Option<String>) {
        answered(error)
    }

    #[test]
    fn every_refusal_has_its_status() {
        let source = || "connection to 10.0.0.1 lost".into();
        let second = Some("1".to_owned());
        for (error, status, detail, retry) in [
            (AppError::NotFound(Resource::Popup), 404, "Popup not found", None),
            (AppError::Refused("no".into()), 400, "No", None),
            (AppError::Conflict("twice".into()), 409, "Twice", None),
            (AppError::Role(Forbidden), 403, "Not enough permissions", None),
            (AppError::Forbidden("not this one".into()), 403, "Not this one", None),
            (AppError::Unavailable("mail is off".into()), 503, "Mail is off", None),
            (AppError::NotYet("it is being made".into()), 503, "It is being made", second.clone()),
            (AppError::Upstream("it is down".into()), 502, "It is down", None),
            (StoreError::Taken(Key::PopupSlug).into(), 409, "The slug is taken", None),
            (StoreError::Missing(Resource::Human).into(), 404, "Human not found", None),
            (StoreError::Busy(source()).into(), 503, "The database is busy", second.clone()),
            (StoreError::Failed(source()).into(), 500, "Internal server error", None),
        ] {
            assert_eq!(refused(error), (status, json!(detail), retry));
        }
        assert_eq!(refused(AppError::StillRunning).0, 409);
        assert_eq!(refused(AppError::StillRunning).2, second);
    }

    #[test]
    fn too_many_attempts_say_when_to_come_back() {
        let after = |seconds| AppError::TooMany {
            words: "Slow down".into(),
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(refused(after(90)), (429, json!("Slow down"), Some("90".to_owned())));
        assert_eq!(refused(after(0)).2, Some("1".to_owned()));
    }

    #[test]
    fn an_invalid_field_looks_like_a_wrong_shape() {
        let (status, detail, _) = refused(AppError::invalid("slug")("too odd"));
        assert_eq!(status, 422);
        assert_eq!(
            detail,
            json!([{ "type": "value_error", "loc": ["body", "slug"], "msg": "too odd" }])
        );
        let (_, detail, _) = refused(AppError::invalid("")("end before start"));
        assert_eq!(detail[0]["loc"], json!(["body"]));
    }

    #[test]
    fn answers_that_fail_are_listed() {
        let (status, detail, _) = refused(AppError::Answers(vec!["age is missing".to_owned()]));
        assert_eq!(status, 400);
        assert_eq!(detail["errors"], json!(["age is missing"]));
        assert!(detail["message"].is_string());
    }

    #[test]
    fn who_has_no_token_is_asked_for_one() {
        for error in [ApiError::NoToken, ApiError::InvalidToken, ApiError::WrongKind] {
            let response = error.error_response();
            assert_eq!(response.headers().get(WWW_AUTHENTICATE).unwrap(), "Bearer");
        }
        assert!(
            ApiError::from(Forbidden).error_response().headers().get(WWW_AUTHENTICATE).is_none()
        );
    }
}
