//! Whether the server is of any use at this moment.

use std::{sync::atomic::Ordering, time::Duration};

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde::Serialize;

use crate::state::AppState;

/// How long anything is given for a sign of life.
const PATIENCE: Duration = Duration::from_millis(1500);

/// `{"status": "healthy", "checks": {"database": "ok", "redis": "off", …}}`
#[derive(Debug, Serialize)]
struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    checks: Checks,
}

#[derive(Debug, Serialize)]
struct Checks {
    database: Check,
    redis: Check,
    mail: Check,
    storage: Check,
}

/// How something that the server needs is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Check {
    /// It works.
    Ok,
    /// It should work and doesn't.
    Failing,
    /// It isn't configured.
    Off,
}

impl From<bool> for Check {
    fn from(works: bool) -> Self {
        if works { Self::Ok } else { Self::Failing }
    }
}

/// `GET /health-check`: 200 while the database answers, else 503. The rest is only told.
pub(crate) async fn health_check(state: Data<AppState>) -> HttpResponse {
    let ping = async {
        let answered = tokio::time::timeout(PATIENCE, state.store.ping()).await;
        Check::from(matches!(answered, Ok(Ok(()))))
    };
    let database = ping.await;
    let storage = state.storage.as_ref().map(|_| state.storage_works.load(Ordering::Relaxed));
    let mail = state.mailer.as_ref().map(|_| state.mail_works.load(Ordering::Relaxed));
    let checks = Checks {
        database,
        redis: state.redis.as_ref().map_or(Check::Off, |redis| redis.connected().into()),
        mail: mail.map_or(Check::Off, Check::from),
        storage: storage.map_or(Check::Off, Check::from),
    };
    let (status, word, detail) = match database {
        Check::Ok => (StatusCode::OK, "healthy", None),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "unhealthy", Some("The database does not answer")),
    };
    HttpResponse::build(status).json(Health { status: word, detail, checks })
}
