use actix_web::{HttpResponse, get, http::header::CONTENT_DISPOSITION, web::Data};
use edgeos_app::invoices::file_name;
use edgeos_domain::PaymentId;
use edgeos_ports::{Participant, Reader};
use utoipa::ToSchema;

use super::staff::PaymentPath;
use crate::{
    call::{Call, TenantHeader},
    error::{ApiError, Problem},
    state::AppState,
};

/// A PDF document.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct PdfDocument(Vec<u8>);

/// The invoice for a payment.
#[utoipa::path(
    operation_id = "payments-get_payment_invoice", tag = "payments",
    params(PaymentPath, TenantHeader), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = PdfDocument, content_type = "application/pdf"),
        (status = 404, body = Problem, description = "No such payment, or no invoice for it"),
    ),
)]
#[get("/payments/{payment_id}/invoice")]
pub(crate) async fn get_payment_invoice(
    call: Call<Reader, PaymentPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let id = PaymentId(call.path.payment_id.0);
    Ok(answer(id, state.invoices.of_tenant(&call.caller, id).await?))
}

/// The invoice for a payment of one's own.
#[utoipa::path(
    operation_id = "payments-get_my_invoice", tag = "payments", params(PaymentPath),
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, body = PdfDocument, content_type = "application/pdf"),
        (status = 404, body = Problem, description = "No such payment, or no invoice for it"),
    ),
)]
#[get("/payments/my/{payment_id}/invoice")]
pub(crate) async fn get_my_invoice(
    call: Call<Participant, PaymentPath>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let id = PaymentId(call.path.payment_id.0);
    Ok(answer(id, state.invoices.mine(&call.caller, id).await?))
}

fn answer(id: PaymentId, document: Vec<u8>) -> HttpResponse {
    let disposition = format!("attachment; filename=\"{}\"", file_name(id));
    HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((CONTENT_DISPOSITION, disposition))
        .body(document)
}
