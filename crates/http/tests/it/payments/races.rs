use std::collections::BTreeMap;

use edgeos_testkit::simplefi::{Event, Occurrence};
use futures_util::future::{join, join_all};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Buyer, Shop, line};
use crate::world::id;

async fn buyers(shop: &Shop, count: usize) -> Vec<Buyer> {
    let mut buyers = Vec::new();
    for _ in 0..count {
        buyers.push(shop.buyer().await);
    }
    buyers
}

/// How many answers had which status.
fn tally(answers: &[crate::harness::Answer]) -> BTreeMap<u16, usize> {
    let mut tally = BTreeMap::new();
    for answer in answers {
        *tally.entry(answer.status).or_default() += 1;
    }
    tally
}

#[tokio::test]
async fn sixty_four_buyers_of_the_last_unit_leave_one_with_it() {
    const ROUNDS: usize = 2;
    let shop = Shop::open().await;
    let buyers = buyers(&shop, 64).await;
    for round in 0..ROUNDS {
        let settings = json!({ "max_quantity": 1, "category": "merch" });
        let last = shop.sells(&format!("Last {round}"), "10", settings).await;
        let answers = join_all(buyers.iter().map(|buyer| shop.buys(buyer, last))).await;
        assert_eq!(tally(&answers), BTreeMap::from([(201, 1), (400, 63)]));
        let sold = answers.into_iter().find(|answer| answer.status == 201).unwrap().body;

        // Notices come twice, at once, and in any order.
        let twice = Occurrence { times: 2, ..Event::CardPaid.into() };
        let stale = Occurrence { status: Some("pending".into()), ..Event::CryptoPartial.into() };
        let notices = [&twice, &stale, &twice];
        join_all(notices.map(|notice| shop.occurs(&sold, notice))).await;
        assert_eq!(shop.status(&sold).await, "approved");
        let held = "SELECT coalesce(sum(quantity), 0) FROM attendee_products WHERE product_id = $1";
        let held: i64 =
            sqlx::query_scalar(held).bind(last).fetch_one(&shop.world.server.sql).await.unwrap();
        assert_eq!(held, 1);
        let pending = "SELECT count(*) FROM payments WHERE status = 'pending'";
        assert_eq!(shop.count(pending).await, 0);
    }
    let mails = "SELECT count(*) FROM outbox WHERE template_type = 'payment_confirmed'";
    assert_eq!(shop.count(mails).await, i64::try_from(ROUNDS).unwrap());
}

#[tokio::test]
async fn a_coupon_for_one_serves_one_of_eight() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let coupon = shop.coupon("ONCE", 10, json!({ "max_uses": 1 })).await;
    let buyers = buyers(&shop, 8).await;
    let order = async |buyer: &Buyer| {
        shop.order(buyer, &[line(week, buyer.main, 1)], json!({ "coupon_code": "ONCE" })).await
    };
    let answers = join_all(buyers.iter().map(order)).await;
    assert_eq!(tally(&answers), BTreeMap::from([(201, 1), (400, 7)]));
    assert_eq!(shop.uses(&coupon).await, 1);
}

#[tokio::test]
async fn two_approvals_at_once_settle_once() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    for _ in 0..4 {
        let buyer = shop.buyer().await;
        let payment = shop.buys(&buyer, week).await.expect(201);
        let approve = shop.patch(&payment, json!({ "status": "approved" }));
        let (by_hand, _) = join(approve, shop.happens(&payment, Event::CardPaid)).await;
        by_hand.expect(200);
        assert_eq!(shop.held(buyer.main, week).await, 1);
        assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed"]);
    }
    assert_eq!(shop.count("SELECT count(*) FROM groups").await, 4);
}

#[tokio::test]
async fn orders_of_one_buyer_at_once_lose_nothing() {
    let shop = Shop::open_with(json!({})).await;
    let shirt = shop.sells("Shirt", "0", json!({ "category": "merch" })).await;
    let buyer = shop.buyer().await;
    let answers = join_all((0..8).map(|_| shop.buys(&buyer, shirt))).await;
    assert_eq!(tally(&answers), BTreeMap::from([(201, 8)]));
    assert_eq!(shop.held(buyer.main, shirt).await, 8);
}

#[tokio::test]
async fn buyers_who_swap_coupons_wait_for_each_other() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({ "max_quantity": 100 })).await;
    let codes = ["A", "B"];
    let mut coupons: Vec<Value> = Vec::new();
    for code in codes {
        coupons.push(shop.coupon(code, 10, json!({})).await);
    }
    let buyers = buyers(&shop, 2).await;
    for round in 0..4 {
        let orders = buyers.iter().enumerate().map(|(index, buyer)| {
            let wish = json!({ "coupon_code": codes[(index + round) % 2] });
            let lines = [line(week, buyer.main, 1)];
            let shop = &shop;
            async move { shop.order(buyer, &lines, wish).await }
        });
        assert_eq!(tally(&join_all(orders).await), BTreeMap::from([(201, 2)]));
        for coupon in &coupons {
            assert_eq!(shop.uses(coupon).await, 1);
        }
    }
}

#[tokio::test]
async fn money_that_comes_as_its_time_is_over_counts() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let coupon = shop.coupon("C10", 10, json!({})).await;
    for round in 1..=4 {
        let buyer = shop.buyer().await;
        let lines = [line(week, buyer.main, 1)];
        let order = shop.order(&buyer, &lines, json!({ "coupon_code": "C10" })).await;
        let payment = order.expect(201);
        let over = Occurrence { status: Some("expired".into()), ..Event::Expired.into() };
        join(shop.occurs(&payment, &over), shop.happens(&payment, Event::CardPaid)).await;
        assert_eq!(shop.status(&payment).await, "approved");
        assert_eq!((shop.held(buyer.main, week).await, shop.uses(&coupon).await), (1, round));
        assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed"]);
    }
}

#[tokio::test]
async fn a_cancellation_and_an_approval_at_once_leave_one_of_them() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    for _ in 0..4 {
        let coupon = shop.coupon(&edgeos_testkit::random_text(), 10, json!({})).await;
        let buyer = shop.buyer().await;
        let wish = json!({ "coupon_code": coupon["code"] });
        let payment = shop.order(&buyer, &[line(week, buyer.main, 1)], wish).await.expect(201);
        let cancel = shop.patch(&payment, json!({ "status": "cancelled" }));
        let (cancelled, _) = join(cancel, shop.happens(&payment, Event::CardPaid)).await;
        assert_eq!(cancelled.status, 200, "{cancelled:?}");
        // Late money counts; what was approved and cancelled stays cancelled.
        let held = i64::from(shop.status(&payment).await == "approved");
        assert_eq!((shop.held(buyer.main, week).await, shop.uses(&coupon).await), (held, held));
    }
}

#[tokio::test]
async fn an_order_that_is_paid_as_the_next_one_takes_its_place_is_settled() {
    let shop = Shop::open().await;
    let (week, shirt) =
        (shop.sells("Week1", "500", json!({})).await, shop.sells("Shirt", "30", json!({})).await);
    for _ in 0..4 {
        let buyer = shop.buyer().await;
        shop.give_credit(&buyer, 20).await;
        let first = shop.buys(&buyer, week).await.expect(201);
        let (second, _) =
            join(shop.buys(&buyer, shirt), shop.happens(&first, Event::CardPaid)).await;
        let second = second.expect(201);
        assert_eq!(
            (shop.status(&first).await, shop.status(&second).await),
            ("approved".into(), "pending".into())
        );
        assert_eq!((shop.held(buyer.main, week).await, shop.held(buyer.main, shirt).await), (1, 0));
        // One of them has the credit.
        let worth = "SELECT sum(paid_amount)::bigint FROM attendee_products";
        let due: Decimal = second["amount"].as_str().unwrap().parse().unwrap();
        let spent = if due == Decimal::from(30) { 500 } else { 480 };
        assert_eq!((shop.count(worth).await, shop.credit(&buyer).await), (spent, "0.00".into()));
        sqlx::query("DELETE FROM attendee_products").execute(&shop.world.server.sql).await.unwrap();
    }
}

#[tokio::test]
async fn a_coupon_that_is_deleted_while_it_is_used_is_used_or_unknown() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    for _ in 0..4 {
        let code = edgeos_testkit::random_text();
        let coupon = shop.coupon(&code, 10, json!({})).await;
        let buyer = shop.buyer().await;
        let lines = [line(week, buyer.main, 1)];
        let path = format!("/coupons/{}", id(&coupon));
        let delete = shop.world.staff(shop.world.server.delete(&path));
        let order = shop.order(&buyer, &lines, json!({ "coupon_code": code }));
        let (order, deleted) = join(order, delete).await;
        assert_eq!(deleted.status, 204, "{deleted:?}");
        match order.status {
            201 => {
                let payment = shop.payment(&order.body).await;
                assert_eq!(payment["amount"], "450.00");
                assert_eq!(
                    (&payment["coupon_id"], &payment["coupon_code"]),
                    (&Value::Null, &coupon["code"])
                );
            }
            status => assert_eq!(status, 404, "{order:?}"),
        }
    }
}

/// Whatever happens in whatever order: money in covers what is held and the credit.
#[tokio::test]
async fn nobody_holds_more_than_was_paid() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let day = shop.sells("Day", "100", json!({})).await;
    let buyer = shop.buyer().await;
    let edit = json!({ "edit_passes": true });
    let steps = [(week, buyer.main), (day, buyer.spouse), (week, buyer.spouse), (day, buyer.main)];
    let mut payments = Vec::new();
    for (product, attendee) in steps.iter().chain(&steps) {
        let lines = [line(*product, *attendee, 1)];
        let payment = shop.order(&buyer, &lines, edit.clone()).await.expect(201);
        if payment["external_id"].is_string() {
            // Superseded ones are paid as well.
            payments.push(payment);
        }
        if payments.len() % 2 == 0 {
            for payment in payments.drain(..) {
                shop.happens(&payment, Event::CardPaid).await;
            }
        }
        let ledger = "SELECT ((SELECT coalesce(sum(amount), 0) FROM payments WHERE status = 'approved') \
            - (SELECT coalesce(sum(paid_amount), 0) FROM attendee_products) \
            - (SELECT sum(credit) FROM applications) \
            - (SELECT coalesce(sum((settlement ->> 'credit_used')::numeric), 0) FROM payments \
               WHERE status = 'pending'))::bigint";
        assert!(shop.count(ledger).await >= 0, "{}", shop.mine(&buyer).await);
    }
}
