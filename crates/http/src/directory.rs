//! The directory of attendees, as a list and as a table to keep.

mod csv;
mod output;
mod stream;

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpResponse, get,
    http::header::CONTENT_DISPOSITION,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::{PopupId, week_numbers};
use edgeos_ports::{DirectoryFilter, Participant, StoreError};
use tokio::{sync::Semaphore, time::timeout};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use self::output::AttendeesDirectoryEntry;
use crate::{
    answer::{Limit, ListModel, Skip, paging},
    applications::MyPath,
    call::Call,
    error::{ApiError, Problem},
    shape::{Flag, Text, Wrong},
    state::AppState,
};

/// How long an export waits for its turn.
const TURN: Duration = Duration::from_secs(5);

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(list_attendees_directory).service(export_attendees_directory_csv);
}

/// Whom to list, and which stretch of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct DirectoryQuery {
    #[deserr(default)]
    skip: Skip,
    #[deserr(default)]
    limit: Limit,
    /// Part of the first name, last name, e-mail or Telegram name.
    #[deserr(default)]
    q: Option<Text<255>>,
    /// Whether kids come along.
    #[deserr(default)]
    brings_kids: Option<Flag>,
    /// Numbers of weeks, separated by commas.
    #[deserr(default)]
    participation: Option<Text<255>>,
}

/// Whom to list.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// Part of the first name, last name, e-mail or Telegram name.
    #[deserr(default)]
    q: Option<Text<255>>,
    /// Whether kids come along.
    #[deserr(default)]
    brings_kids: Option<Flag>,
    /// Numbers of weeks, separated by commas.
    #[deserr(default)]
    participation: Option<Text<255>>,
}

/// Exports hold connections to the database for as long as their readers take, so few may run at once.
#[derive(Debug)]
pub(crate) struct Exports(Arc<Semaphore>);

impl Exports {
    /// As many as leave most of `connections` to everybody else.
    pub(crate) fn beside(connections: u32) -> Self {
        let most = usize::try_from(connections / 4).unwrap_or(1).max(1);
        Self(Arc::new(Semaphore::new(most)))
    }
}

/// Who takes part in a popup, as far as they let others know; newest application first.
#[utoipa::path(
    operation_id = "applications-list_attendees_directory", tag = "applications",
    params(MyPath, DirectoryQuery), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = ListModel<AttendeesDirectoryEntry>),
        (status = 403, body = Problem, description = "Not a participant"),
    ),
)]
#[get("/applications/my/directory/{popup_id}")]
pub(crate) async fn list_attendees_directory(
    call: Call<Participant, MyPath, DirectoryQuery>,
    state: Data<AppState>,
) -> Result<Json<ListModel<AttendeesDirectoryEntry>>, ApiError> {
    let DirectoryQuery { skip, limit, q, brings_kids, participation } = call.query;
    let (popup, paging) = (PopupId(call.path.popup_id.0), paging(skip, limit));
    let filter = filter(q, brings_kids, participation.as_deref());
    let page = state.directory.list(&call.caller, popup, &filter, paging).await?;
    Ok(Json(ListModel::new(page, paging)))
}

/// The whole directory as CSV.
#[utoipa::path(
    operation_id = "applications-export_attendees_directory_csv", tag = "applications",
    params(MyPath, ExportQuery), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 403, body = Problem, description = "Not a participant"),
        (status = 503, body = Problem, description = "Too many exports run already"),
    ),
)]
#[get("/applications/my/directory/{popup_id}/csv")]
pub(crate) async fn export_attendees_directory_csv(
    call: Call<Participant, MyPath, ExportQuery>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let ExportQuery { q, brings_kids, participation } = call.query;
    let popup = PopupId(call.path.popup_id.0);
    let turn = timeout(TURN, state.exports.0.clone().acquire_owned()).await;
    let turn = turn.map_err(|late| StoreError::Busy(late.into()))?.expect("it is never closed");
    let filter = filter(q, brings_kids, participation.as_deref());
    let export = state.directory.export(&call.caller, popup, filter).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=attendees.csv"))
        .streaming(stream::of(export, turn)))
}

fn filter(
    q: Option<Text<255>>,
    brings_kids: Option<Flag>,
    participation: Option<&str>,
) -> DirectoryFilter {
    DirectoryFilter {
        search: q.and_then(Text::filled),
        brings_kids: brings_kids.map(|flag| flag.0),
        weeks: participation.map(week_numbers).unwrap_or_default(),
    }
}
