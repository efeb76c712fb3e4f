use edgeos_testkit::simplefi::Event;
use serde_json::json;

use super::{Shop, line};

#[tokio::test]
async fn a_pass_is_exchanged_once_the_difference_is_paid() {
    let shop = Shop::open().await;
    let first = shop.sells("Week1", "500", json!({})).await;
    let second = shop.sells("Week2", "600", json!({})).await;
    let buyer = shop.buyer().await;
    let bought = shop.buys(&buyer, first).await.expect(201);
    shop.happens(&bought, Event::CardPaid).await;
    let lines = [line(second, buyer.main, 1)];
    let edit = json!({ "edit_passes": true });
    let preview = shop.preview(&buyer, &lines, edit.clone()).await.expect(200);
    let change = shop.order(&buyer, &lines, edit).await.expect(201);
    assert_eq!((&change["amount"], &preview["amount"]), (&json!("100.00"), &json!("100.00")));
    assert_eq!((shop.held(buyer.main, first).await, shop.held(buyer.main, second).await), (1, 0));
    for _ in 0..2 {
        shop.happens(&change, Event::CardPaid).await;
        assert_eq!(
            (shop.held(buyer.main, first).await, shop.held(buyer.main, second).await),
            (0, 1)
        );
    }
    assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed", "edit_passes_confirmed"]);
    let paid = "SELECT sum(paid_amount)::bigint FROM attendee_products";
    assert_eq!(shop.count(paid).await, 600);
}

#[tokio::test]
async fn what_is_given_up_becomes_credit() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let day = shop.sells("Day", "100", json!({})).await;
    let buyer = shop.buyer().await;
    let bought = shop.buys(&buyer, week).await.expect(201);
    shop.happens(&bought, Event::CardPaid).await;
    let lines = [line(day, buyer.spouse, 1)];
    let edit = json!({ "edit_passes": true });
    let preview = shop.preview(&buyer, &lines, edit.clone()).await.expect(200);
    assert_eq!(preview["amount"], "-400.00");
    let change = shop.order(&buyer, &lines, edit).await.expect(201);
    assert_eq!((&change["status"], &change["amount"]), (&json!("approved"), &json!("0.00")));
    assert_eq!(shop.credit(&buyer).await, "400.00");
    assert_eq!((shop.held(buyer.main, week).await, shop.held(buyer.spouse, day).await), (0, 1));
}

#[tokio::test]
async fn credit_is_held_while_an_order_is_pending() {
    let shop = Shop::open().await;
    let week = shop.sells("Week2", "600", json!({})).await;
    let buyer = shop.buyer().await;
    shop.give_credit(&buyer, 400).await;
    let payment = shop.buys(&buyer, week).await.expect(201);
    assert_eq!(
        (&payment["amount"], shop.credit(&buyer).await.as_str()),
        (&json!("200.00"), "0.00")
    );
    // The next order may use it again.
    let payment = shop.buys(&buyer, week).await.expect(201);
    assert_eq!(
        (&payment["amount"], shop.credit(&buyer).await.as_str()),
        (&json!("200.00"), "0.00")
    );
    shop.patch(&payment, json!({ "status": "cancelled" })).await.expect(200);
    assert_eq!(shop.credit(&buyer).await, "400.00");
    shop.patch(&payment, json!({ "status": "approved" })).await.expect(200);
    assert_eq!(
        (shop.credit(&buyer).await.as_str(), shop.held(buyer.main, week).await),
        ("0.00", 1)
    );
}

#[tokio::test]
async fn what_was_exchanged_is_neither_taken_back_nor_given_again() {
    let shop = Shop::open().await;
    let first = shop.sells("Week1", "500", json!({})).await;
    let second = shop.sells("Week2", "600", json!({})).await;
    let buyer = shop.buyer().await;
    let bought = shop.buys(&buyer, first).await.expect(201);
    shop.happens(&bought, Event::CardPaid).await;
    let lines = [line(second, buyer.main, 1)];
    let change = shop.order(&buyer, &lines, json!({ "edit_passes": true })).await.expect(201);
    shop.happens(&change, Event::CardPaid).await;
    for status in ["cancelled", "approved"] {
        shop.patch(&bought, json!({ "status": status })).await.expect(200);
        assert_eq!(
            (shop.held(buyer.main, first).await, shop.held(buyer.main, second).await),
            (0, 1),
            "{status}"
        );
        let worth = "SELECT sum(paid_amount)::bigint FROM attendee_products";
        assert_eq!(shop.count(worth).await, 600);
    }
    shop.patch(&change, json!({ "status": "cancelled" })).await.expect(200);
    assert_eq!(shop.held(buyer.main, second).await, 0);
    shop.patch(&change, json!({ "status": "approved" })).await.expect(200);
    assert_eq!((shop.held(buyer.main, first).await, shop.held(buyer.main, second).await), (0, 1));
}
