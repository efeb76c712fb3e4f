use std::time::Duration;

use edgeos_payments::SimpleFiSettings;
use edgeos_ports::{
    NewPaymentRequest, PaymentProvider, PaymentReference, PaymentSubject, ProviderAccount,
    ProviderError, RequestStatus,
};
use edgeos_testkit::simplefi::{Event, Fault, Faults, Occurrence, SimpleFiServer};
use rstest::rstest;
use serde_json::json;

use crate::support::{KEY, account, client, order, settings};

/// Nothing that happens is announced: who asks shall know.
fn silently(event: Event) -> Occurrence {
    Occurrence { deliver: false, ..event.into() }
}

#[tokio::test]
async fn an_order_is_asked_for_once_in_all_its_words() {
    let server = SimpleFiServer::start().await.unwrap();
    let created = client(settings(&server)).create_payment_request(&account(), &order()).await;
    let created = created.unwrap();
    assert_eq!(created.status, RequestStatus::Pending);
    let checkout = format!("{}/c/{}", server.url(), created.external_id);
    assert_eq!(created.checkout_url.as_str(), checkout);

    let calls = server.calls();
    assert_eq!(calls.len(), 1);
    let (call, order) = (&calls[0], order());
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/payment_requests"));
    assert_eq!(call.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(call.headers["content-type"], "application/json");
    assert_eq!(call.headers["accept"], "*/*");
    assert_eq!(call.headers["idempotency-key"], order.payment.to_string());
    let line = |number: u32, name: &str| {
        json!({
            "product_id": format!("00000000-0000-0000-0000-00000000000{number}"), "name": name,
            "quantity": 1, "attendee_id": "00000000-0000-0000-0000-000000000009",
        })
    };
    let expected = json!({
        "amount": 473.0, "currency": "USD", "memo": "Money T2",
        "reference": {
            "email": "ann@example.com",
            "application_id": "00000000-0000-0000-0000-000000000006",
            "payment_id": "00000000-0000-0000-0000-000000000005",
            "products": [line(1, "Week1"), line(2, "Shirt")],
        },
        "notification_url": order.notification_url.as_str(),
        "redirect_urls": {
            "success_url": order.success_url.as_str(), "cancel_url": order.cancel_url.as_str(),
        },
    });
    assert_eq!(call.body, expected);
}

#[tokio::test]
async fn a_fee_is_called_one() {
    let server = SimpleFiServer::start().await.unwrap();
    let fee = NewPaymentRequest {
        amount: "25.5".parse().unwrap(),
        memo: "Application fee – Pop One".to_owned(),
        reference: PaymentReference {
            subject: PaymentSubject::ApplicationFee,
            email: String::new(),
            ..order().reference
        },
        ..order()
    };
    client(settings(&server)).create_payment_request(&account(), &fee).await.unwrap();
    let body = &server.calls()[0].body;
    assert_eq!(body["memo"], "Application fee – Pop One");
    let reference = json!({
        "email": "", "application_id": "00000000-0000-0000-0000-000000000006",
        "payment_id": "00000000-0000-0000-0000-000000000005", "type": "application_fee",
    });
    assert_eq!(body["reference"], reference);
}

#[rstest]
#[case("473", "473.00")]
#[case("0.01", "0.01")]
#[case("0.1", "0.10")]
#[case("25.500", "25.50")]
#[case("99999999.99", "99999999.99")]
#[tokio::test]
async fn an_amount_is_written_digit_by_digit(#[case] amount: &str, #[case] written: &str) {
    let server = SimpleFiServer::start().await.unwrap();
    let order = NewPaymentRequest { amount: amount.parse().unwrap(), ..order() };
    client(settings(&server)).create_payment_request(&account(), &order).await.unwrap();
    let text = &server.calls()[0].text;
    assert!(text.starts_with(&format!(r#"{{"amount":{written},"currency""#)), "{text}");
}

#[rstest]
#[case("0")]
#[case("-1")]
#[case("0.001")]
#[case("10.555")]
#[tokio::test]
async fn an_amount_that_no_coins_make_is_not_asked_for(#[case] amount: &str) {
    let server = SimpleFiServer::start().await.unwrap();
    let order = NewPaymentRequest { amount: amount.parse().unwrap(), ..order() };
    let refused = client(settings(&server)).create_payment_request(&account(), &order).await;
    assert_eq!(refused, Err(ProviderError::Refused));
    assert!(server.calls().is_empty());
}

#[rstest]
#[case(Event::CardPaid, RequestStatus::Approved)]
#[case(Event::CryptoPartial, RequestStatus::Pending)]
#[case(Event::Declined, RequestStatus::Rejected)]
#[case(Event::Expired, RequestStatus::Expired)]
#[case(Event::Cancelled, RequestStatus::Cancelled)]
#[tokio::test]
async fn a_request_is_as_far_as_the_provider_says(
    #[case] event: Event,
    #[case] status: RequestStatus,
) {
    let server = SimpleFiServer::start().await.unwrap();
    let client = client(settings(&server));
    let id = client.create_payment_request(&account(), &order()).await.unwrap().external_id;
    server.happens(&id, &silently(event)).await.unwrap();
    let state = client.payment_request(&account(), &id).await.unwrap();
    assert_eq!((state.external_id, state.status), (id.clone(), status));
    assert_eq!(state.amount, Some("473.00".parse().unwrap()));
    let call = server.calls().pop().unwrap();
    assert_eq!((call.method, call.path), ("GET".to_owned(), format!("/payment_requests/{id}")));
    assert_eq!(call.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(call.text, "");
}

#[tokio::test]
async fn a_wrapped_state_is_understood() {
    let server = SimpleFiServer::start().await.unwrap();
    let client = client(settings(&server));
    let id = client.create_payment_request(&account(), &order()).await.unwrap().external_id;
    server.fail(Faults::next(1, Fault::Wrapped));
    let state = client.payment_request(&account(), &id).await.unwrap();
    assert_eq!((state.external_id, state.status), (id, RequestStatus::Pending));
}

#[tokio::test]
async fn a_request_that_nobody_made_is_unknown() {
    let server = SimpleFiServer::start().await.unwrap();
    let client = client(settings(&server));
    for id in ["r1", "a/b?c#d", "..", "é"] {
        let state = client.payment_request(&account(), id).await;
        assert_eq!(state, Err(ProviderError::NoSuchRequest), "{id}");
    }
}

#[rstest]
#[case::busy(Fault::Status(429, None))]
#[case::broken(Fault::Status(500, None))]
#[case::behind_a_proxy(Fault::Status(502, None))]
#[case::away(Fault::Status(503, Some(0)))]
#[case::slow_behind_a_proxy(Fault::Status(504, None))]
#[case::hanging_up(Fault::Reset)]
#[case::hanging_up_after_the_work(Fault::ResetAfter)]
#[tokio::test]
async fn what_passes_is_tried_three_times_and_makes_one_request(#[case] fault: Fault) {
    let server = SimpleFiServer::start().await.unwrap();
    let client = client(settings(&server));
    server.fail(Faults::next(2, fault.clone()));
    let created = client.create_payment_request(&account(), &order()).await.unwrap();
    assert_eq!(server.calls().len(), 3);
    let again = client.create_payment_request(&account(), &order()).await.unwrap();
    assert_eq!(again, created);

    server.clear();
    server.fail(Faults::next(3, fault));
    let created = client.create_payment_request(&account(), &order()).await;
    assert_eq!(created, Err(ProviderError::Unavailable));
    assert_eq!(server.calls().len(), 3);
}

#[rstest]
#[case::a_bad_key(401, ProviderError::Refused)]
#[case::a_bad_amount(400, ProviderError::Refused)]
#[case::a_place_that_is_gone(404, ProviderError::Refused)]
#[case::something_unheard_of(501, ProviderError::Unavailable)]
#[case::a_detour(302, ProviderError::InvalidAnswer)]
#[tokio::test]
async fn what_lasts_is_tried_once(#[case] status: u16, #[case] error: ProviderError) {
    let server = SimpleFiServer::start().await.unwrap();
    server.fail(Faults::next(1, Fault::Status(status, None)));
    let created = client(settings(&server)).create_payment_request(&account(), &order()).await;
    assert_eq!(created, Err(error));
    assert_eq!(server.calls().len(), 1);
}

#[rstest]
#[case(Fault::NoCheckoutUrl)]
#[case(Fault::BadJson)]
#[tokio::test]
async fn an_answer_without_sense_is_not_asked_for_again(#[case] fault: Fault) {
    let server = SimpleFiServer::start().await.unwrap();
    server.fail(Faults::next(1, fault));
    let created = client(settings(&server)).create_payment_request(&account(), &order()).await;
    assert_eq!(created, Err(ProviderError::InvalidAnswer));
    assert_eq!(server.calls().len(), 1);
}

#[rstest]
#[case(Fault::CreatedStatus, RequestStatus::Unknown)]
#[case(Fault::ApprovedStatus, RequestStatus::Approved)]
#[tokio::test]
async fn a_creation_tells_the_status(#[case] fault: Fault, #[case] status: RequestStatus) {
    let server = SimpleFiServer::start().await.unwrap();
    server.fail(Faults::next(1, fault));
    let created = client(settings(&server)).create_payment_request(&account(), &order()).await;
    assert_eq!(created.unwrap().status, status);
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_given_up() {
    let server = SimpleFiServer::start().await.unwrap();
    server.fail(Faults::next(1, Fault::Timeout));
    // Pauses enough for a machine that is slow itself.
    let (attempt_timeout, pauses) = (Duration::from_millis(300), vec![Duration::ZERO; 30]);
    let client = client(SimpleFiSettings { attempt_timeout, pauses, ..settings(&server) });
    assert!(client.create_payment_request(&account(), &order()).await.is_ok());
    assert!(server.calls().len() > 1);
}

#[tokio::test]
async fn all_attempts_together_take_no_longer_than_they_may() {
    let server = SimpleFiServer::start().await.unwrap();
    server.fail(Faults::next(3, Fault::Timeout));
    let total_timeout = Duration::from_millis(50);
    let client = client(SimpleFiSettings { total_timeout, ..settings(&server) });
    let created = client.create_payment_request(&account(), &order()).await;
    assert_eq!(created, Err(ProviderError::Unavailable));
    assert!(server.calls().len() <= 1, "there was no time for another attempt");
}

#[tokio::test]
async fn nobody_waits_for_a_provider_that_asks_for_more_time_than_there_is() {
    let server = SimpleFiServer::start().await.unwrap();
    server.fail(Faults::next(1, Fault::Status(429, Some(3600))));
    let created = client(settings(&server)).create_payment_request(&account(), &order()).await;
    assert_eq!(created, Err(ProviderError::Unavailable));
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn too_many_calls_at_once_are_not_made() {
    let server = SimpleFiServer::start().await.unwrap();
    server.fail(Faults::next(1, Fault::Timeout));
    let client = client(SimpleFiSettings { calls_max: 1, ..settings(&server) });
    let (account, order) = (account(), order());
    let first = client.create_payment_request(&account, &order);
    let second = async {
        while server.calls().is_empty() {
            tokio::task::yield_now().await;
        }
        client.create_payment_request(&account, &order).await
    };
    tokio::select! {
        _ = first => panic!("it is never answered"),
        refused = second => assert_eq!(refused, Err(ProviderError::Unavailable)),
    }
    assert_eq!(server.calls().len(), 1);
    // What was given up counts no more.
    assert!(client.create_payment_request(&account, &order).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_unavailable() {
    let server = SimpleFiServer::start().await.unwrap();
    let settings = settings(&server);
    drop(server);
    let created = client(settings).create_payment_request(&account(), &order()).await;
    assert_eq!(created, Err(ProviderError::Unavailable));
}

#[tokio::test]
async fn a_key_that_no_header_carries_is_refused() {
    let server = SimpleFiServer::start().await.unwrap();
    let account = ProviderAccount::new("a\nkey").unwrap();
    let created = client(settings(&server)).create_payment_request(&account, &order()).await;
    assert_eq!(created, Err(ProviderError::Refused));
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn the_provider_may_be_below_a_path() {
    let server = SimpleFiServer::start().await.unwrap();
    let url = format!("{}/sandbox/", server.url()).parse().unwrap();
    let client = client(SimpleFiSettings { url, ..settings(&server) });
    let state = client.payment_request(&account(), "r1").await;
    assert_eq!(state, Err(ProviderError::NoSuchRequest));
}
