use edgeos_testkit::simplefi::{Fault, Faults};
use futures_util::future::{join, join_all};
use serde_json::json;
use uuid::Uuid;

use super::{Buyer, Shop, line};
use crate::{
    harness::{Answer, Send},
    patience::until,
};

async fn repeat(shop: &Shop, buyer: &Buyer, product: Uuid, key: &str) -> Answer {
    let body = json!({
        "application_id": buyer.application, "products": [line(product, buyer.main, 1)],
    });
    let request = shop.world.server.post("/payments/my").bearer_auth(&buyer.person.token);
    request.header("Idempotency-Key", key).json(&body).answer().await
}

#[tokio::test]
async fn a_repeated_order_is_the_same_order() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    let first = repeat(&shop, &buyer, week, "key").await;
    let second = repeat(&shop, &buyer, week, "key").await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body, second.body);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(
        (shop.provider.calls().len(), shop.count("SELECT count(*) FROM payments").await),
        (1, 1)
    );

    let third = shop.buys(&buyer, week).await.expect(201);
    assert_ne!(third["id"], first.body["id"]);
    assert_eq!(shop.status(&first.body).await, "cancelled");
}

#[tokio::test]
async fn a_key_is_taken_while_the_provider_is_asked() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    shop.provider.fail(Faults::next(1, Fault::Slow(std::time::Duration::from_millis(500))));
    let answers = join_all((0..5).map(|_| repeat(&shop, &buyer, week, "key"))).await;
    let made = answers.iter().filter(|answer| answer.status == 201);
    assert!(made.count() >= 1);
    for answer in &answers {
        assert!([201, 409].contains(&answer.status), "{answer:?}");
    }
    assert_eq!(
        (shop.provider.calls().len(), shop.count("SELECT count(*) FROM payments").await),
        (1, 1)
    );
}

#[tokio::test]
async fn an_order_that_came_to_nothing_leaves_no_key() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    shop.provider.fail(Faults::next(1, Fault::Status(400, None)));
    repeat(&shop, &buyer, week, "key").await.expect(502);
    let again = repeat(&shop, &buyer, week, "key").await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, None));
    assert_eq!(shop.count("SELECT count(*) FROM payments").await, 1);
}

#[tokio::test]
async fn an_order_that_staff_approve_while_its_checkout_fails_leaves_no_key() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    shop.provider.fail(Faults::next(3, Fault::Status(503, Some(1))));
    let approved = async {
        until(async || shop.provider.calls().len() == 1).await;
        let payment = shop.mine(&buyer).await["results"][0].clone();
        shop.patch(&payment, json!({ "status": "approved" })).await.expect(200)
    };
    let (failed, approved) = join(repeat(&shop, &buyer, week, "key"), approved).await;
    assert_eq!((failed.status, shop.status(&approved).await.as_str()), (502, "approved"));
    assert_eq!(shop.held(buyer.main, week).await, 1);
    let again = repeat(&shop, &buyer, week, "key").await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, None));
    assert_ne!(again.body["id"], approved["id"]);
}
