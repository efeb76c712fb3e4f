use actix_web::{
    HttpRequest, post,
    web::{Data, Json},
};
use deserr::Deserr;
use edgeos_app::payments::Notice;
use edgeos_domain::PaymentId;
use edgeos_payments::{InvalidEvent, SIGNATURE_HEADER, parse_event};
use serde_json::{Value, json};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    call::RawBody,
    error::{ApiError, Problem},
    shape::{self, Fault, JsonObject, Step, Text, Wrong},
    state::AppState,
};

/// What vouches for an event: the address that it was asked to be sent to.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Wrong)]
#[into_params(parameter_in = Query)]
pub(crate) struct WebhookQuery {
    /// The payment.
    #[deserr(default)]
    payment_id: Option<Text<255>>,
    /// Its token.
    #[deserr(default)]
    token: Option<Text<255>>,
}

/// What vouches for an event: the signature of its body.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct SignatureHeader {
    /// Lower-case hex of HMAC-SHA256 over the body, with the key of the event's account.
    #[param(rename = "X-SimpleFI-Signature")]
    signature: Option<String>,
}

/// Hears from the payment provider. Nothing is believed unless a token or a signature vouches for it, or the
/// provider confirms it.
#[utoipa::path(
    operation_id = "payments-simplefi_webhook", tag = "payments",
    params(WebhookQuery, SignatureHeader),
    responses(
        (status = 200, body = JsonObject, description = "Nothing more to be sent"),
        (status = 400, body = Problem, description = "The body is not a JSON object"),
        (status = 401, body = Problem, description = "Nothing vouches for it"),
        (status = 404, body = Problem, description = "No such payment"),
        (status = 413, body = Problem, description = "The body is larger than the server takes"),
        (status = 503, body = Problem, description = "To be sent again"),
    ),
)]
#[post("/payments/webhook/simplefi")]
pub(crate) async fn simplefi_webhook(
    request: HttpRequest,
    body: RawBody,
    state: Data<AppState>,
) -> Result<Json<Value>, ApiError> {
    let query: WebhookQuery = shape::from_query(request.query_string())?;
    let event = parse_event(&body.0).map_err(|invalid| match invalid {
        InvalidEvent::NotAnObject => ApiError::NotAnObject,
        InvalidEvent::Field(field) => {
            let msg = "This event needs the field";
            let path = field.split('.').map(Step::from);
            let place = std::iter::once(Step::from("body")).chain(path).collect();
            Wrong::at(place, Fault::Missing, msg).into()
        }
    })?;
    let payment = query.payment_id.as_deref().and_then(|id| Uuid::try_parse(id).ok());
    let signature = request.headers().get(SIGNATURE_HEADER);
    let notice = Notice {
        event: &event,
        body: &body.0,
        payment: payment.map(PaymentId),
        token: query.token.as_deref(),
        // One that isn't text is no signature of anything.
        signature: signature.map(|value| value.to_str().unwrap_or_default()),
    };
    let message = state.payments.announced(&notice).await?;
    Ok(Json(json!({ "message": message })))
}
