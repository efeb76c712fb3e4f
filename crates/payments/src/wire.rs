//! What goes to SimpleFI and comes back, in its own words.

use edgeos_domain::HttpUrl;
use edgeos_ports::{
    CreatedRequest, NewPaymentRequest, PaymentReference, PaymentSubject, ReferencedProduct,
    RequestState, RequestStatus,
};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::json::{BadField, Object};

/// The longest address of a checkout, in characters.
const CHECKOUT_MAX: usize = 4096;

/// Longest identifier that its column holds, in characters.
const ID_MAX: usize = 255;

/// The smallest amount that can be asked for: a cent.
const SMALLEST: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

#[derive(Serialize)]
struct Request<'a> {
    amount: Box<RawValue>,
    currency: &'a str,
    reference: Reference<'a>,
    memo: &'a str,
    notification_url: &'a str,
    redirect_urls: RedirectUrls<'a>,
}

#[derive(Serialize)]
struct Reference<'a> {
    email: &'a str,
    application_id: Uuid,
    payment_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    products: Option<Vec<Product<'a>>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
}

#[derive(Serialize)]
struct Product<'a> {
    #[serde(rename = "product_id")]
    id: Uuid,
    name: &'a str,
    quantity: u32,
    attendee_id: Uuid,
}

#[derive(Serialize)]
struct RedirectUrls<'a> {
    success_url: &'a str,
    cancel_url: &'a str,
}

/// The body of `POST /payment_requests`; `None` for an amount that can't be asked for: less than a cent, or a
/// fraction of one.
pub(crate) fn request(new: &NewPaymentRequest) -> Option<Vec<u8>> {
    let mut amount = new.amount.normalize();
    if amount.scale() > 2 || amount < SMALLEST {
        return None;
    }
    amount.rescale(2);
    let body = Request {
        amount: RawValue::from_string(amount.to_string()).ok()?,
        currency: &new.currency,
        reference: reference(&new.reference, new.payment.0),
        memo: &new.memo,
        notification_url: new.notification_url.as_str(),
        redirect_urls: RedirectUrls {
            success_url: new.success_url.as_str(),
            cancel_url: new.cancel_url.as_str(),
        },
    };
    serde_json::to_vec(&body).ok()
}

fn reference(reference: &PaymentReference, payment_id: Uuid) -> Reference<'_> {
    let (products, kind) = match &reference.subject {
        PaymentSubject::Products(products) => (Some(products.iter().map(product).collect()), None),
        PaymentSubject::ApplicationFee => (None, Some("application_fee")),
    };
    let application_id = reference.application.0;
    Reference { email: &reference.email, application_id, payment_id, products, kind }
}

fn product(line: &ReferencedProduct) -> Product<'_> {
    Product {
        id: line.product.0,
        name: &line.name,
        quantity: line.quantity,
        attendee_id: line.attendee.0,
    }
}

/// What the answer to `POST /payment_requests` says; `None` when it lacks something.
pub(crate) fn created(body: &[u8]) -> Option<CreatedRequest> {
    let answer = Object::parse(body)?;
    let read = || {
        let checkout = answer.text("checkout_v2_url", CHECKOUT_MAX)?;
        Ok::<_, BadField>(CreatedRequest {
            external_id: answer.text("id", ID_MAX)?,
            status: RequestStatus::of(&answer.text("status", usize::MAX)?),
            checkout_url: HttpUrl::parse(&checkout, CHECKOUT_MAX)
                .map_err(|_| answer.bad("checkout_v2_url"))?,
        })
    };
    read().ok()
}

/// What the answer to `GET /payment_requests/{external_id}` says, which may be wrapped; `None` when it lacks
/// something, or tells of another request.
pub(crate) fn state(body: &[u8], external_id: &str) -> Option<RequestState> {
    let answer = Object::parse(body)?;
    let read = || {
        let request = answer.optional_object("payment_request")?.unwrap_or(answer);
        Ok::<_, BadField>(RequestState {
            external_id: request.text("id", ID_MAX)?,
            status: RequestStatus::of(&request.text("status", usize::MAX)?),
            amount: request.optional_number("amount")?,
        })
    };
    read().ok().filter(|state| state.external_id == external_id)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        r#"{"id": "r1", "status": "pending", "checkout_v2_url": "https://pay.example.com/r1"}"#,
        true
    )]
    #[case(r#"{"id": "r1", "status": "new", "checkout_v2_url": "http://127.0.0.1:9010/c/r1", "x": []}"#, true)]
    #[case(r#"{"id": "r1", "status": "pending"}"#, false)]
    #[case(r#"{"id": "r1", "status": "pending", "checkout_v2_url": null}"#, false)]
    #[case(r#"{"id": "r1", "status": "pending", "checkout_v2_url": "javascript:alert(1)"}"#, false)]
    #[case(
        r#"{"id": "", "status": "pending", "checkout_v2_url": "https://pay.example.com"}"#,
        false
    )]
    #[case(r#"{"id": "r1", "checkout_v2_url": "https://pay.example.com"}"#, false)]
    #[case(
        r#"{"id": 7, "status": "pending", "checkout_v2_url": "https://pay.example.com"}"#,
        false
    )]
    #[case(r#"["r1", "pending", "https://pay.example.com"]"#, false)]
    #[case("{\"id\": ", false)]
    #[case("", false)]
    fn an_answer_without_what_we_need_is_none(#[case] body: &str, #[case] sound: bool) {
        assert_eq!(created(body.as_bytes()).is_some(), sound);
    }

    #[rstest]
    #[case(r#"{"id": "r1", "status": "approved", "amount": 473.10}"#, Some("473.10"))]
    #[case(r#"{"id": "r1", "status": "approved", "amount": "473.10"}"#, Some("473.10"))]
    #[case(r#"{"id": "r1", "status": "approved", "amount": null}"#, None)]
    #[case(r#"{"payment_request": {"id": "r1", "status": "approved"}}"#, None)]
    #[case(r#"{"payment_request": null, "id": "r1", "status": "approved"}"#, None)]
    fn a_state_is_read_digit_by_digit(#[case] body: &str, #[case] amount: Option<&str>) {
        let state = state(body.as_bytes(), "r1").unwrap();
        assert_eq!(state.status, RequestStatus::Approved);
        assert_eq!(state.amount, amount.map(|amount| amount.parse().unwrap()));
    }

    #[rstest]
    #[case::of_another_request(r#"{"id": "r2", "status": "approved"}"#)]
    #[case::wrapped_in_a_list(r#"{"payment_request": [], "id": "r1", "status": "approved"}"#)]
    #[case::without_a_number(r#"{"id": "r1", "status": "approved", "amount": "much"}"#)]
    #[case::without_a_status(r#"{"id": "r1"}"#)]
    fn a_state_without_sense_is_none(#[case] body: &str) {
        assert_eq!(state(body.as_bytes(), "r1"), None);
    }
}
