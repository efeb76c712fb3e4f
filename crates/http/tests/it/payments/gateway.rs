//! The provider as the whole server meets it.

use std::{cell::Cell, time::Duration};

use edgeos_testkit::simplefi::{Event, Fault, Faults, Occurrence, Proof};
use futures_util::future::{join, join_all};
use serde_json::json;

use super::{Shop, statuses};
use crate::{harness::Send, patience::until};

const PAYMENTS: &str = "SELECT count(*) FROM payments";

#[tokio::test]
async fn a_call_that_fails_once_is_made_again_for_the_same_payment() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    shop.provider.fail(Faults::next(1, Fault::Status(500, None)));
    let payment = shop.buys(&buyer, week).await.expect(201);
    let calls = shop.provider.calls();
    assert_eq!((calls.len(), shop.count(PAYMENTS).await), (2, 1));
    assert_eq!(calls[0].body, calls[1].body);
    let keys: Vec<_> = calls.iter().map(|call| call.headers["idempotency-key"].clone()).collect();
    assert_eq!(keys, [payment["id"].as_str().unwrap(); 2]);
}

#[tokio::test]
async fn what_the_provider_refuses_is_asked_once() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    for status in [400, 401, 403, 404, 422] {
        shop.provider.clear();
        shop.provider.fail(Faults::next(1, Fault::Status(status, None)));
        let refused = shop.buys(&buyer, week).await;
        assert_eq!((refused.status, shop.provider.calls().len()), (502, 1), "{status}");
        assert!(!refused.detail().contains("sk_test"), "{refused:?}");
        assert_eq!(shop.count(PAYMENTS).await, 0);
    }
}

#[tokio::test]
async fn a_provider_that_says_nothing_holds_up_nobody_else() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    shop.provider.fail(Faults::next(3, Fault::Timeout));
    let is_over = Cell::new(false);
    let order = async {
        let order = shop.buys(&buyer, week).await;
        is_over.set(true);
        order
    };
    let others = async {
        until(async || shop.provider.calls().len() == 1).await;
        let checks = (0..100).map(|_| shop.world.server.get("/health-check").answer());
        let checks = join_all(checks).await;
        assert!(!is_over.get(), "the order still waits");
        checks
    };
    let (order, checks) = join(order, others).await;
    assert_eq!(order.status, 502);
    assert!(checks.iter().all(|check| check.status == 200));
    assert_eq!(shop.count(PAYMENTS).await, 0);
}

#[tokio::test]
async fn a_wrong_signature_makes_nobody_ask_the_provider() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    let payment = shop.buys(&buyer, week).await.expect(201);
    let before = shop.provider.calls().len();
    for (signed, token) in
        [(Proof::Wrong, Proof::None), (Proof::None, Proof::Wrong), (Proof::Wrong, Proof::Right)]
    {
        let forged = Occurrence { signed, token, attempts: 1, ..Event::CardPaid.into() };
        assert_eq!(statuses(&shop.occurs(&payment, &forged).await), [401]);
    }
    assert_eq!(shop.provider.calls().len(), before);
    assert_eq!(
        (shop.status(&payment).await.as_str(), shop.held(buyer.main, week).await),
        ("pending", 0)
    );
}

#[tokio::test]
async fn a_wrapped_answer_is_understood() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    let payment = shop.buys(&buyer, week).await.expect(201);
    shop.provider.fail(Faults::next(1, Fault::Wrapped));
    let (signed, token) = (Proof::None, Proof::None);
    let hint = Occurrence { signed, token, attempts: 1, ..Event::CardPaid.into() };
    assert_eq!(statuses(&shop.occurs(&payment, &hint).await), [200]);
    assert_eq!(shop.status(&payment).await, "approved");
}

#[tokio::test]
async fn customers_come_back_to_the_portal_that_is_theirs() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    shop.buys(&buyer, week).await.expect(201);
    let domain = "UPDATE tenants SET custom_domain = 'pass.example', custom_domain_active = true \
                  WHERE id = $1";
    let domain = sqlx::query(domain).bind(shop.world.tenant.0);
    domain.execute(&shop.world.server.sql).await.unwrap();
    shop.buys(&buyer, week).await.expect(201);
    let slug = "SELECT slug FROM popups WHERE id = $1";
    let slug = sqlx::query_scalar(slug).bind(shop.popup);
    let slug: String = slug.fetch_one(&shop.world.server.sql).await.unwrap();
    let led: Vec<_> =
        shop.provider.calls().iter().map(|call| call.body["redirect_urls"].clone()).collect();
    let urls = |base: &str| {
        let path = format!("{base}/portal/{slug}/passes/buy");
        json!({ "success_url": format!("{path}?checkout=success"), "cancel_url": path })
    };
    assert_eq!(led, [urls("http://ours.localhost:3000"), urls("https://pass.example")]);
}

/// Slow answers of many orders at once: each has its own.
#[tokio::test]
async fn many_orders_wait_side_by_side() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let mut buyers = Vec::new();
    for _ in 0..16 {
        buyers.push(shop.buyer().await);
    }
    shop.provider.fail(Faults::next(16, Fault::Slow(Duration::from_millis(300))));
    let orders = join_all(buyers.iter().map(|buyer| shop.buys(buyer, week))).await;
    let mut requests: Vec<_> = orders
        .into_iter()
        .map(|order| order.expect(201)["external_id"].as_str().unwrap().to_owned())
        .collect();
    requests.sort();
    requests.dedup();
    assert_eq!(requests.len(), 16);
}
