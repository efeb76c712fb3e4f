use edgeos_payments::parse_event;
use edgeos_ports::{PaymentProvider, ProviderError, ProviderEvent, RequestStatus};
use edgeos_testkit::simplefi::SimpleFiServer;
use reqwest::{Client, redirect::Policy};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    announcements::{Listener, request},
    support::{account, client, order, settings},
};

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

#[tokio::test]
async fn a_customer_pays_on_the_page_and_comes_back() {
    let (server, listener) = (SimpleFiServer::start().await.unwrap(), Listener::start().await);
    let id = request(&server, &listener).await;
    let page = format!("{}/c/{id}", server.url());
    let shown = browser().get(&page).send().await.unwrap().text().await.unwrap();
    for words in ["473.0", "USD", "Money T2", "pending", "Pay by card"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }

    let pressed = browser().post(&page).body("event=card_paid").send().await.unwrap();
    assert_eq!(pressed.status(), 303);
    assert_eq!(pressed.headers()["location"], order().success_url.as_str());
    let announced = listener.hear(200).await;
    let event = parse_event(&announced.body).unwrap();
    assert!(
        matches!(event, ProviderEvent::Payment(event) if event.status == RequestStatus::Approved)
    );
    let shown = browser().get(&page).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("approved"), "{shown}");
}

#[rstest]
#[case("cancelled", Some("cancel"))]
#[case("declined", Some("cancel"))]
#[case("crypto_partial", Some("success"))]
#[case("plan_activated", None)]
#[tokio::test]
async fn every_button_leads_somewhere(#[case] event: &str, #[case] to: Option<&str>) {
    let (server, listener) = (SimpleFiServer::start().await.unwrap(), Listener::start().await);
    let id = request(&server, &listener).await;
    let page = format!("{}/c/{id}", server.url());
    let pressed = browser().post(&page).body(format!("event={event}")).send().await.unwrap();
    assert_eq!(pressed.status(), 303);
    let order = order();
    let expected = match to {
        Some("success") => order.success_url.as_str(),
        Some(_) => order.cancel_url.as_str(),
        None => page.as_str(),
    };
    assert_eq!(pressed.headers()["location"], expected);
}

#[tokio::test]
async fn a_page_shows_texts_as_texts() {
    let server = SimpleFiServer::start().await.unwrap();
    let mut order = order();
    order.memo = "<script>alert(1)</script>".to_owned();
    let created = client(settings(&server)).create_payment_request(&account(), &order).await;
    let page = browser().get(created.unwrap().checkout_url.as_str()).send().await.unwrap();
    let shown = page.text().await.unwrap();
    assert!(shown.contains("&lt;script&gt;") && !shown.contains("<script>"), "{shown}");
}

#[tokio::test]
async fn browser_tests_control_it_over_http() {
    let (server, listener) = (SimpleFiServer::start().await.unwrap(), Listener::start().await);
    let id = request(&server, &listener).await;
    let at = |path: &str| format!("{}/_test{path}", server.url());

    let event = browser()
        .post(at(&format!("/requests/{id}/events")))
        .json(&json!({ "event": "crypto_paid", "coin": "BTC", "rate": 60000, "signed": false }));
    let (answer, announced) = tokio::join!(event.send(), listener.hear(200));
    let answer: Value = answer.unwrap().json().await.unwrap();
    assert_eq!(answer, json!({ "deliveries": [{ "status": 200, "body": {} }] }));
    let Ok(ProviderEvent::Payment(paid)) = parse_event(&announced.body) else {
        panic!("no payment")
    };
    assert_eq!((paid.currency.as_str(), paid.rate), ("BTC", Some(60_000.into())));

    let fault = json!({ "next": 1, "kind": "http_400" });
    let ordered = browser().post(at("/faults")).json(&fault).send().await.unwrap();
    assert_eq!(ordered.status(), 204);
    let state = client(settings(&server)).payment_request(&account(), &id).await;
    assert_eq!(state, Err(ProviderError::Refused));

    let calls: Value = browser().get(at("/requests")).send().await.unwrap().json().await.unwrap();
    let paths: Vec<_> = calls.as_array().unwrap().iter().map(|call| &call["path"]).collect();
    assert_eq!(paths, ["/payment_requests", format!("/payment_requests/{id}").as_str()]);
    assert_eq!(browser().delete(at("")).send().await.unwrap().status(), 204);
    assert!(server.calls().is_empty());

    for (path, body) in [
        ("/faults", json!({ "kind": "http_99" })),
        (&format!("/requests/{id}/events"), json!({ "event": "refunded" })),
    ] {
        let refused = browser().post(at(path)).json(&body).send().await.unwrap();
        assert_eq!(refused.status(), 422, "{path}");
    }
}

#[rstest]
#[case(json!({}), None, 401)]
#[case(json!({}), Some("key"), 422)]
#[case(json!({ "amount": 0, "currency": "USD", "notification_url": "http://x", "redirect_urls": {
    "success_url": "http://x", "cancel_url": "http://x" } }), Some("key"), 422)]
#[tokio::test]
async fn the_provider_of_tests_is_as_strict_as_the_real_one(
    #[case] body: Value,
    #[case] key: Option<&str>,
    #[case] status: u16,
) {
    let server = SimpleFiServer::start().await.unwrap();
    let mut request = browser().post(format!("{}/payment_requests", server.url())).json(&body);
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    assert_eq!(request.send().await.unwrap().status(), status);
}
