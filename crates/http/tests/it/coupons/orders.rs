//! What orders make of a coupon.

use edgeos_testkit::simplefi::Event;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, TestServer},
    patience::until_waiting,
    payments::{Buyer, Shop, line},
    world::id,
};

/// Orders a unit of `product` with the coupon `code`, on `server`.
async fn order(server: &TestServer, buyer: &Buyer, product: Uuid, code: &str) -> Answer {
    let body = json!({
        "application_id": buyer.application, "products": [line(product, buyer.main, 1)],
        "coupon_code": code,
    });
    server.post("/payments/my").bearer_auth(&buyer.person.token).json(&body).answer().await
}

async fn uses(shop: &Shop, coupon: &Value) -> Value {
    let path = format!("/coupons/{}", id(coupon));
    let coupon = shop.world.staff(shop.world.server.get(&path)).await.expect(200);
    coupon["current_uses"].clone()
}

#[tokio::test]
async fn a_coupon_for_one_serves_one_of_eight_over_two_servers() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let once = json!({ "max_uses": 1 });
    let coupon = shop.world.coupon(shop.popup, "ONCE", once).await.expect(201);
    let second = shop.world.server.beside_with(&[("SIMPLEFI_API_URL", shop.provider.url())]).await;
    let mut buyers = Vec::new();
    for _ in 0..8 {
        buyers.push(shop.buyer().await);
    }
    let orders = buyers.iter().enumerate().map(|(index, buyer)| {
        let server = if index % 2 == 0 { &shop.world.server } else { &second };
        order(server, buyer, week, "ONCE")
    });
    let answers = join_all(orders).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400, 400, 400], "{answers:?}");
    assert_eq!(uses(&shop, &coupon).await, 1);
    let named = "SELECT count(*) FROM payments WHERE coupon_code = 'ONCE'";
    assert_eq!(shop.count(named).await, 1);
}

#[tokio::test]
async fn what_an_expired_order_used_is_there_for_another() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let once = json!({ "max_uses": 1 });
    let coupon = shop.world.coupon(shop.popup, "ONCE", once).await.expect(201);
    let (first, second) = (shop.buyer().await, shop.buyer().await);
    let server = &shop.world.server;
    let pending = order(server, &first, week, "ONCE").await.expect(201);
    order(server, &second, week, "ONCE").await.expect(400);
    for _ in 0..2 {
        shop.happens(&pending, Event::Expired).await;
        assert_eq!(shop.payment(&pending).await["status"], "expired");
        assert_eq!(uses(&shop, &coupon).await, 0);
    }
    let next = order(server, &second, week, "ONCE").await.expect(201);
    assert_eq!(next["coupon_code"], "ONCE");
    assert_eq!(uses(&shop, &coupon).await, 1);
    // Its end doesn't end another one's.
    shop.happens(&pending, Event::Expired).await;
    assert_eq!(uses(&shop, &coupon).await, 1);
}

#[tokio::test]
async fn the_discount_of_a_group_leaves_a_smaller_coupon_unused() {
    let shop = Shop::open().await;
    let day = shop.sells("Day", "80", json!({})).await;
    let coupon = shop.world.coupon(shop.popup, "TEN", json!({})).await.expect(201);
    let buyer = shop.buyer().await;
    let body = json!({ "popup_id": shop.popup, "name": "Team", "discount_percentage": 20 });
    let group = shop.world.staff(shop.world.server.post("/groups").json(&body)).await.expect(201);
    let joining = json!({ "group_id": group["id"] });
    shop.world.edit(&buyer.person, shop.popup, joining).await.expect(200);

    let paid = order(&shop.world.server, &buyer, day, "TEN").await.expect(201);
    assert_eq!((&paid["amount"], &paid["coupon_code"]), (&json!("64.00"), &Value::Null));
    assert_eq!((&paid["coupon_id"], &paid["group_id"]), (&Value::Null, &group["id"]));
    assert_eq!(uses(&shop, &coupon).await, 0);
}

#[tokio::test]
async fn a_coupon_goes_after_the_orders_that_are_on_their_way() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let coupon = shop.world.coupon(shop.popup, "TEN", json!({})).await.expect(201);
    let buyer = shop.buyer().await;
    let sql = &shop.world.server.sql;
    let mut holding = sql.begin().await.unwrap();
    let lock = "SELECT id FROM applications WHERE id = $1 FOR UPDATE";
    sqlx::query(lock).bind(buyer.application).execute(&mut *holding).await.unwrap();
    let delete = async {
        // The order holds the event by then.
        until_waiting(sql, 1).await;
        let path = format!("/coupons/{}", id(&coupon));
        shop.world.staff(shop.world.server.delete(&path)).await
    };
    let release = async {
        until_waiting(sql, 2).await;
        holding.commit().await.unwrap();
    };
    let server = &shop.world.server;
    let (ordered, deleted, ()) = tokio::join!(order(server, &buyer, week, "TEN"), delete, release);
    let ordered = ordered.expect(201);
    deleted.expect(204);
    assert_eq!((&ordered["amount"], &ordered["coupon_code"]), (&json!("450.00"), &json!("TEN")));
    let after = shop.payment(&ordered).await;
    assert_eq!((&after["coupon_id"], &after["coupon_code"]), (&Value::Null, &json!("TEN")));
}
