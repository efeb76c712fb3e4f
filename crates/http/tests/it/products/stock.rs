//! How much of something there is to order.

use serde_json::json;

use crate::payments::{Shop, line};

#[tokio::test]
async fn of_what_there_is_none_nothing_is_ordered() {
    let shop = Shop::open_with(json!({})).await;
    let none = shop.sells("None", "0", json!({ "max_quantity": 0 })).await;
    let buyer = shop.buyer().await;
    shop.buys(&buyer, none).await.expect(400);
    assert_eq!(shop.count("SELECT count(*) FROM payments").await, 0);
}

#[tokio::test]
async fn what_is_held_stays_when_the_stock_shrinks_below_it() {
    let shop = Shop::open_with(json!({})).await;
    let settings = json!({ "max_quantity": 5, "category": "merch" });
    let shirt = shop.sells("Shirt", "0", settings).await;
    let buyer = shop.buyer().await;
    let three = [line(shirt, buyer.main, 2), line(shirt, buyer.spouse, 1)];
    shop.order(&buyer, &three, json!({})).await.expect(201);

    let path = format!("/products/{shirt}");
    let fewer = shop.world.server.patch(&path).json(&json!({ "max_quantity": 1 }));
    assert_eq!(shop.world.staff(fewer).await.expect(200)["max_quantity"], 1);
    let held = (shop.held(buyer.main, shirt).await, shop.held(buyer.spouse, shirt).await);
    assert_eq!(held, (2, 1));
    let other = shop.buyer().await;
    for buyer in [&buyer, &other] {
        shop.buys(buyer, shirt).await.expect(400);
    }
}
