use edgeos_testkit::simplefi::{Event, Fault, Faults, Occurrence};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::{Buyer, Shop, statuses};
use crate::{
    harness::{Send, TestServer},
    patience::until,
    world::id,
};

/// Lets time pass for every payment, then starts another server, which looks at them at once.
async fn later(shop: &Shop, minutes: i32) -> TestServer {
    pass(shop, minutes).await;
    another(shop).await
}

/// Lets time pass for every payment.
async fn pass(shop: &Shop, minutes: i32) {
    let sql = "UPDATE payments SET created_at = created_at - make_interval(mins => $1), \
               asked_at = asked_at - make_interval(mins => $1)";
    sqlx::query(sql).bind(minutes).execute(&shop.world.server.sql).await.unwrap();
}

async fn another(shop: &Shop) -> TestServer {
    shop.world.server.beside_with(&[("SIMPLEFI_API_URL", shop.provider.url())]).await
}

const DAY: i32 = 24 * 60;

/// It was paid, and nobody heard of it.
fn unheard() -> Occurrence {
    Occurrence { deliver: false, ..Event::CardPaid.into() }
}

/// How often the provider was asked how far something is.
fn questions(shop: &Shop) -> usize {
    shop.provider.calls().iter().filter(|call| call.method == "GET").count()
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
    shop.occurs(&payment, &unheard()).await;
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

/// Orders a week; `minutes` after that, the next one is ordered.
async fn ordered(shop: &Shop, week: uuid::Uuid, minutes: i32) -> (Buyer, Value) {
    let buyer = shop.buyer().await;
    let payment = shop.buys(&buyer, week).await.expect(201);
    pass(shop, minutes).await;
    (buyer, payment)
}

#[tokio::test]
async fn what_can_still_be_paid_is_not_forgotten() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let (buyer, payment) = ordered(&shop, week, 0).await;
    shop.patch(&payment, json!({ "external_id": null })).await.expect(200);
    let (_, unopened) = ordered(&shop, week, 0).await;
    let forget = "UPDATE payments SET external_id = NULL, checkout_url = NULL WHERE id = $1";
    sqlx::query(forget).bind(id(&unopened)).execute(&shop.world.server.sql).await.unwrap();
    let _other = later(&shop, 31).await;
    until(async || shop.count("SELECT count(*) FROM payments").await == 1).await;
    assert_eq!(statuses(&shop.happens(&payment, Event::CardPaid).await), [200]);
    assert_eq!(
        (shop.status(&payment).await.as_str(), shop.held(buyer.main, week).await),
        ("approved", 1)
    );

    // Nobody can be asked about it, so it ends when its time is over.
    let (_, payment) = ordered(&shop, week, 0).await;
    shop.patch(&payment, json!({ "external_id": null })).await.expect(200);
    let _third = later(&shop, DAY + 1).await;
    until(async || shop.status(&payment).await == "expired").await;
}

#[tokio::test]
async fn money_of_another_sum_is_not_over() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let (_, payment) = ordered(&shop, week, 1).await;
    shop.occurs(&payment, &unheard()).await;
    let dearer = "UPDATE payments SET amount = amount + 1";
    sqlx::query(dearer).execute(&shop.world.server.sql).await.unwrap();
    let (_, unpaid) = ordered(&shop, week, 0).await;
    let _other = later(&shop, DAY + 1).await;
    until(async || shop.status(&unpaid).await == "expired").await;
    assert_eq!(shop.status(&payment).await, "pending");
}

#[tokio::test]
async fn a_provider_out_of_reach_is_left_alone_for_the_round() {
    let mut shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let (_, yesterday) = ordered(&shop, week, DAY).await;
    let (_, today) = ordered(&shop, week, 1).await;
    let settings = json!({
        "simplefi_api_key": "sk_test_0123456789", "allows_spouse": true, "allows_coupons": true,
    });
    shop.popup = shop.world.popup(settings).await;
    let month = shop.sells("Month", "500", json!({})).await;
    let (_, elsewhere) = ordered(&shop, month, 1).await;
    for payment in [&yesterday, &today, &elsewhere] {
        shop.occurs(payment, &unheard()).await;
    }
    shop.provider.fail(Faults::next(3, Fault::Status(503, None)));
    let _other = later(&shop, 31).await;
    until(async || shop.status(&yesterday).await == "expired").await;
    assert_eq!(questions(&shop), 3);
    assert_eq!(
        (shop.status(&today).await, shop.status(&elsewhere).await),
        ("pending".into(), "pending".into())
    );
    // The next round asks about what wasn't asked about.
    let _third = later(&shop, 5).await;
    for payment in [&today, &elsewhere] {
        until(async || shop.status(payment).await == "approved").await;
    }
}

#[tokio::test]
async fn what_the_provider_does_not_know_is_over() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({ "max_quantity": 1 })).await;
    let (_, payment) = ordered(&shop, week, 0).await;
    shop.provider.clear();
    let _other = later(&shop, 31).await;
    until(async || shop.status(&payment).await == "expired").await;
    let next = shop.buyer().await;
    shop.buys(&next, week).await.expect(201);
}

#[tokio::test]
async fn an_event_without_an_account_waits_for_the_end() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let (_, today) = ordered(&shop, week, 0).await;
    let sql = "UPDATE payments SET created_at = created_at - interval '31 minutes'";
    sqlx::query(sql).execute(&shop.world.server.sql).await.unwrap();
    let (_, yesterday) = ordered(&shop, week, 0).await;
    let sql = "UPDATE payments SET created_at = created_at - interval '25 hours' WHERE id = $1";
    sqlx::query(sql).bind(id(&yesterday)).execute(&shop.world.server.sql).await.unwrap();
    let without = json!({ "simplefi_api_key": null });
    let path = format!("/popups/{}", shop.popup);
    shop.world.staff(shop.world.server.patch(&path).json(&without)).await.expect(200);
    let _other = another(&shop).await;
    until(async || shop.status(&yesterday).await == "expired").await;
    until(async || shop.count("SELECT count(asked_at) FROM payments").await == 2).await;
    assert_eq!((shop.status(&today).await.as_str(), questions(&shop)), ("pending", 0));
}

#[tokio::test]
async fn a_fee_that_was_paid_unheard_is_found_too() {
    let shop = Shop::open_with(json!({
        "simplefi_api_key": "sk_test_0123456789", "requires_application_fee": true,
        "application_fee_amount": "25.50",
    }))
    .await;
    let person = shop.world.person().await;
    let applied = shop.world.apply(&person, shop.popup, json!({ "status": "in review" })).await;
    let application = id(&applied.expect(201));
    let request = shop.world.server.post("/payments/my/application-fee");
    let body = json!({ "application_id": application });
    let fee = request.bearer_auth(&person.token).json(&body).answer().await.expect(201);
    shop.occurs(&fee, &unheard()).await;
    let _other = later(&shop, 31).await;
    until(async || shop.world.status(application).await == "accepted").await;
    assert_eq!(shop.status(&fee).await, "approved");
}

#[tokio::test]
async fn of_servers_that_look_at_once_each_asks_about_other_payments() {
    const ORDERS: usize = 6;
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let mut orders = Vec::new();
    for _ in 0..ORDERS {
        orders.push(ordered(&shop, week, 0).await);
    }
    for (_, payment) in &orders {
        shop.occurs(payment, &unheard()).await;
    }
    pass(&shop, 31).await;
    let _servers = join_all((0..3).map(|_| another(&shop))).await;
    let approved = "SELECT count(*) FROM payments WHERE status = 'approved'";
    until(async || shop.count(approved).await == 6).await;
    assert_eq!(questions(&shop), ORDERS);
    for (buyer, _) in &orders {
        assert_eq!(shop.held(buyer.main, week).await, 1);
        assert_eq!(shop.payment_mails(buyer).await, ["payment_confirmed"]);
    }
}

#[tokio::test]
async fn what_is_found_and_announced_at_once_is_settled_once() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let mut orders = Vec::new();
    for _ in 0..4 {
        orders.push(ordered(&shop, week, 0).await);
    }
    for (_, payment) in &orders {
        shop.occurs(payment, &unheard()).await;
    }
    pass(&shop, 31).await;
    let notices = join_all(orders.iter().map(|(_, paid)| shop.happens(paid, Event::CardPaid)));
    let (_other, _) = join(another(&shop), notices).await;
    for (buyer, payment) in &orders {
        until(async || shop.status(payment).await == "approved").await;
        assert_eq!(shop.held(buyer.main, week).await, 1);
        assert_eq!(shop.payment_mails(buyer).await, ["payment_confirmed"]);
    }
}
