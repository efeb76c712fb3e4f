use actix_web::{
    get,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_domain::PopupId;
use edgeos_ports::{ApplicationStats, AttendeeStats, PaymentStats, PopupStats, Reader};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Money,
    call::{Call, TenantHeader},
    error::ApiError,
    shape::{DECIMAL_PATTERN, Described, Id, Wrong, described},
    state::AppState,
};

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(get_dashboard_stats);
}

/// A sum in USD: `0` when there was nothing to add up, otherwise with two decimals.
#[derive(Debug, Clone, Copy)]
struct Sum(Option<Decimal>);

/// A popup in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DashboardStats {
    applications: ApplicationCounts,
    attendees: AttendeeCounts,
    payments: PaymentCounts,
}

/// Applications by their status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationStats)]
struct ApplicationCounts {
    #[schema(default = 0)]
    total: u64,
    #[schema(default = 0)]
    draft: u64,
    #[schema(default = 0)]
    pending_fee: u64,
    #[schema(default = 0)]
    in_review: u64,
    #[schema(default = 0)]
    accepted: u64,
    #[schema(default = 0)]
    rejected: u64,
    #[schema(default = 0)]
    withdrawn: u64,
}

/// Attendees by what they are to the applicant, whatever the status of the application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AttendeeStats)]
struct AttendeeCounts {
    #[schema(default = 0)]
    total: u64,
    #[schema(default = 0)]
    main: u64,
    #[schema(default = 0)]
    spouse: u64,
    #[schema(default = 0)]
    kid: u64,
    /// Those of accepted applications.
    #[schema(default = 0)]
    accepted: u64,
    /// Those who hold a product.
    #[schema(default = 0)]
    with_products: u64,
}

/// Payments by their status, and what they are over.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentStats)]
struct PaymentCounts {
    #[schema(default = 0)]
    total: u64,
    #[schema(default = 0)]
    pending: u64,
    #[schema(default = 0)]
    approved: u64,
    #[schema(default = 0)]
    rejected: u64,
    #[schema(default = 0)]
    expired: u64,
    #[schema(default = 0)]
    cancelled: u64,
    /// Asked for, whatever came of it.
    #[schema(default = "0")]
    total_revenue: Sum,
    #[schema(default = "0")]
    pending_revenue: Sum,
    #[schema(default = "0")]
    approved_revenue: Sum,
    /// What discounts took off approved purchases.
    #[schema(default = "0")]
    total_discounts: Sum,
    /// What of the approved revenue was paid for applying.
    #[schema(default = "0")]
    application_fee_revenue: Sum,
}

/// Whose figures.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct DashboardQuery {
    popup_id: Id,
}

/// Applications, attendees and payments of a popup, counted at this moment.
#[utoipa::path(
    operation_id = "dashboard-get_dashboard_stats", tag = "dashboard",
    params(DashboardQuery, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses((status = 200, body = DashboardStats)),
)]
#[get("/dashboard/stats")]
pub(crate) async fn get_dashboard_stats(
    call: Call<Reader, (), DashboardQuery>,
    state: Data<AppState>,
) -> Result<Json<DashboardStats>, ApiError> {
    let popup = PopupId(call.query.popup_id.0);
    Ok(Json(state.dashboard.stats(&call.caller, popup).await?.into()))
}

impl Serialize for Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            None => serializer.serialize_str("0"),
            Some(amount) => Money::<2>(amount).serialize(serializer),
        }
    }
}

impl Described for Sum {
    fn describe() -> serde_json::Value {
        serde_json::json!({ "type": "string", "pattern": DECIMAL_PATTERN })
    }
}

described!([] Sum);

impl From<PopupStats> for DashboardStats {
    fn from(stats: PopupStats) -> Self {
        Self {
            applications: stats.applications.into(),
            attendees: stats.attendees.into(),
            payments: stats.payments.into(),
        }
    }
}

impl From<ApplicationStats> for ApplicationCounts {
    fn from(stats: ApplicationStats) -> Self {
        let ApplicationStats {
            total,
            draft,
            pending_fee,
            in_review,
            accepted,
            rejected,
            withdrawn,
        } = stats;
        Self { total, draft, pending_fee, in_review, accepted, rejected, withdrawn }
    }
}

impl From<AttendeeStats> for AttendeeCounts {
    fn from(stats: AttendeeStats) -> Self {
        let AttendeeStats { total, main, spouse, kid, accepted, with_products } = stats;
        Self { total, main, spouse, kid, accepted, with_products }
    }
}

impl From<PaymentStats> for PaymentCounts {
    fn from(stats: PaymentStats) -> Self {
        Self {
            total: stats.total,
            pending: stats.pending,
            approved: stats.approved,
            rejected: stats.rejected,
            expired: stats.expired,
            cancelled: stats.cancelled,
            total_revenue: Sum(stats.total_revenue),
            pending_revenue: Sum(stats.pending_revenue),
            approved_revenue: Sum(stats.approved_revenue),
            total_discounts: Sum(stats.total_discounts),
            application_fee_revenue: Sum(stats.application_fee_revenue),
        }
    }
}
