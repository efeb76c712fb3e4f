use edgeos_testkit::simplefi::{Event, Occurrence};
use serde_json::json;

use super::Shop;
use crate::patience::until;

/// Lets time pass for every payment, then starts another server, which looks at them at once.
async fn later(shop: &Shop, minutes: i32) -> crate::harness::TestServer {
    let sql = "UPDATE payments SET created_at = created_at - make_interval(mins => $1)";
    sqlx::query(sql).bind(minutes).execute(&shop.world.server.sql).await.unwrap();
    shop.world.server.beside_with(&[("SIMPLEFI_API_URL", shop.provider.url())]).await
}

#[tokio::test]
async fn an_order_without_a_checkout_is_forgotten() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({ "max_quantity": 1 })).await;
    let buyer = shop.buyer().await;
    shop.give_credit(&buyer, 100).await;
    shop.buys(&buyer, week).await.expect(201);
    let forget = "UPDATE payments SET external_id = NULL, checkout_url = NULL";
    sqlx::query(forget).execute(&shop.world.server.sql).await.unwrap();
    let _other = later(&shop, 11).await;
    until(async || shop.count("SELECT count(*) FROM payments").await == 0).await;
    assert_eq!(shop.credit(&buyer).await, "100.00");
    let next = shop.buyer().await;
    shop.buys(&next, week).await.expect(201);
}

#[tokio::test]
async fn what_was_not_heard_is_asked_for() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    let payment = shop.buys(&buyer, week).await.expect(201);
    let unheard = Occurrence { deliver: false, ..Event::CardPaid.into() };
    shop.occurs(&payment, &unheard).await;
    let _other = later(&shop, 31).await;
    until(async || shop.status(&payment).await == "approved").await;
    assert_eq!(shop.held(buyer.main, week).await, 1);
}

#[tokio::test]
async fn what_is_pending_since_yesterday_is_over() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let (early, late) = (shop.buyer().await, shop.buyer().await);
    let old = shop.buys(&early, week).await.expect(201);
    let sql = "UPDATE payments SET created_at = created_at - interval '1 day'";
    sqlx::query(sql).execute(&shop.world.server.sql).await.unwrap();
    let young = shop.buys(&late, week).await.expect(201);
    let _other = later(&shop, 31).await;
    until(async || shop.status(&old).await == "expired").await;
    assert_eq!(shop.status(&young).await, "pending");
}
