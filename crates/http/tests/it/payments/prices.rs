//! What an order costs, and what that leaves behind.

use chrono::TimeDelta;
use edgeos_http::Machine;
use edgeos_ports::Environment;
use edgeos_testkit::simplefi::Event;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Buyer, Shop, line};
use crate::{
    harness::{Send, nobody},
    world::id,
};

impl Shop {
    /// Brings the buyer into a group that takes this percentage off.
    async fn joins_group(&self, buyer: &Buyer, percentage: &str) -> Uuid {
        let group = self.world.group(self.popup, None).await;
        let sql = &self.world.server.sql;
        let discount = "UPDATE groups SET discount_percentage = $1::numeric WHERE id = $2";
        let discount = sqlx::query(discount).bind(percentage.to_owned()).bind(group);
        discount.execute(sql).await.unwrap();
        let member = "UPDATE applications SET group_id = $1 WHERE id = $2";
        let member = sqlx::query(member).bind(group).bind(buyer.application);
        member.execute(sql).await.unwrap();
        group
    }

    /// Gives the buyer a scholarship that takes this percentage off.
    async fn support(&self, buyer: &Buyer, percentage: &str) {
        let sql = "UPDATE applications SET scholarship_request = true, \
                   scholarship_status = 'approved', discount_percentage = $1::numeric WHERE id = $2";
        let granted = sqlx::query(sql).bind(percentage.to_owned()).bind(buyer.application);
        granted.execute(&self.world.server.sql).await.unwrap();
    }

    /// What the preview says, after it has been ordered and answered the same.
    async fn ordered(&self, buyer: &Buyer, product: Uuid, wish: Value) -> (Value, Value) {
        let lines = [line(product, buyer.main, 1)];
        let preview = self.preview(buyer, &lines, wish.clone()).await.expect(200);
        let payment = self.order(buyer, &lines, wish).await.expect(201);
        for field in ["amount", "coupon_id", "coupon_code", "group_id", "insurance_amount"] {
            assert_eq!(payment[field], preview[field], "{field}");
        }
        (preview, payment)
    }
}

#[tokio::test]
async fn a_group_takes_its_percentage_off_and_is_kept_with_the_order() {
    let shop = Shop::open().await;
    let pass = shop.sells("P9", "99.99", json!({})).await;
    let buyer = shop.buyer().await;
    let group = shop.joins_group(&buyer, "33.33").await;
    let (preview, payment) = shop.ordered(&buyer, pass, json!({})).await;
    assert_eq!(
        (&preview["amount"], &preview["original_amount"]),
        (&json!("66.66"), &json!("99.99"))
    );
    assert_eq!(
        (&payment["group_id"], &payment["discount_value"]),
        (&json!(group), &json!("33.33"))
    );
    assert_eq!(payment["coupon_code"], Value::Null);
    let amount = "SELECT discount_amount = 33.33 FROM payments WHERE id = $1";
    let amount = sqlx::query_scalar::<_, bool>(amount).bind(id(&payment));
    assert!(amount.fetch_one(&shop.world.server.sql).await.unwrap());
}

#[tokio::test]
async fn of_group_coupon_and_scholarship_the_best_one_counts() {
    let shop = Shop::open().await;
    let pass = shop.sells("P9", "99.99", json!({})).await;
    let twenty = shop.coupon("C20", 20, json!({})).await;
    let fifty = shop.coupon("C50", 50, json!({})).await;
    let buyer = shop.buyer().await;
    let group = shop.joins_group(&buyer, "20").await;
    let wish = |code: &str| json!({ "coupon_code": code });

    // As good as the group's: not used.
    let (_, payment) = shop.ordered(&buyer, pass, wish("C20")).await;
    assert_eq!((&payment["amount"], &payment["coupon_id"]), (&json!("79.99"), &Value::Null));
    assert_eq!((&payment["group_id"], shop.uses(&twenty).await), (&json!(group), 0));

    let (_, payment) = shop.ordered(&buyer, pass, wish("C50")).await;
    assert_eq!((&payment["amount"], &payment["coupon_id"]), (&json!("50.00"), &fifty["id"]));
    assert_eq!((&payment["group_id"], shop.uses(&fifty).await), (&json!(group), 1));

    shop.support(&buyer, "15").await;
    let (preview, payment) = shop.ordered(&buyer, pass, wish("C20")).await;
    assert_eq!((&payment["amount"], &payment["group_id"]), (&json!("79.99"), &json!(group)));
    assert_eq!((&preview["scholarship_discount"], shop.uses(&fifty).await), (&json!(false), 0));

    // As good as the others: it counts, and nothing else does.
    shop.support(&buyer, "20").await;
    let (preview, payment) = shop.ordered(&buyer, pass, wish("C20")).await;
    assert_eq!(
        (&preview["scholarship_discount"], &payment["amount"]),
        (&json!(true), &json!("79.99"))
    );
    assert_eq!((&payment["group_id"], &payment["coupon_code"]), (&Value::Null, &Value::Null));
    assert_eq!(payment["discount_value"], "20.00");
}

#[tokio::test]
async fn a_preview_uses_nothing_up() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let coupon = shop.coupon("C10", 10, json!({ "max_uses": 1 })).await;
    shop.coupon("C0", 0, json!({})).await;
    let buyer = shop.buyer().await;
    let lines = [line(week, buyer.main, 1)];
    for _ in 0..10 {
        let preview = shop.preview(&buyer, &lines, json!({ "coupon_code": "c10" })).await;
        assert_eq!(preview.expect(200)["amount"], "450.00");
    }
    assert_eq!(shop.uses(&coupon).await, 0);
    let nothing_off = shop.preview(&buyer, &lines, json!({ "coupon_code": "C0" })).await;
    let nothing_off = nothing_off.expect(200);
    assert_eq!(
        (&nothing_off["amount"], &nothing_off["coupon_code"]),
        (&json!("500.00"), &Value::Null)
    );
}

#[tokio::test]
async fn a_coupon_that_does_not_count_is_refused_like_where_it_is_tried() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let hours = |hours| json!((Machine.now() + TimeDelta::hours(hours)).to_rfc3339());
    shop.coupon("OFF", 10, json!({ "is_active": false })).await;
    shop.coupon("EARLY", 10, json!({ "start_date": hours(1) })).await;
    shop.coupon("LATE", 10, json!({ "end_date": hours(-1) })).await;
    shop.coupon("GONE", 10, json!({ "max_uses": 0 })).await;
    let buyer = shop.buyer().await;
    let lines = [line(week, buyer.main, 1)];
    for (code, status) in
        [("NOBODY", 404), ("OFF", 400), ("EARLY", 400), ("LATE", 400), ("GONE", 400)]
    {
        let body = json!({ "popup_id": shop.popup, "code": code });
        let tried = shop.world.server.post("/coupons/validate").bearer_auth(&buyer.person.token);
        let tried = tried.json(&body).answer().await;
        assert_eq!(tried.status, status, "{code}");
        for order in [false, true] {
            let wish = json!({ "coupon_code": code });
            let answer = if order {
                shop.order(&buyer, &lines, wish).await
            } else {
                shop.preview(&buyer, &lines, wish).await
            };
            assert_eq!((answer.status, answer.detail()), (status, tried.detail()), "{code}");
        }
    }
    assert_eq!(shop.count("SELECT count(*) FROM payments").await, 0);
}

#[tokio::test]
async fn whoever_guesses_codes_by_ordering_has_to_wait() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let good = shop.coupon("GOOD", 10, json!({})).await;
    let (buyer, other) = (shop.buyer().await, shop.buyer().await);
    let lines = [line(week, buyer.main, 1)];
    for guess in 0..20 {
        let wish = json!({ "coupon_code": format!("GUESS{guess}") });
        let answer = if guess % 2 == 0 {
            shop.preview(&buyer, &lines, wish).await
        } else {
            shop.order(&buyer, &lines, wish).await
        };
        assert_eq!(answer.status, 404, "{guess}");
    }
    let wish = json!({ "coupon_code": "GOOD" });
    for answer in [
        shop.preview(&buyer, &lines, wish.clone()).await,
        shop.order(&buyer, &lines, wish.clone()).await,
    ] {
        let after = answer.header("retry-after").and_then(|after| after.parse::<u32>().ok());
        assert_eq!((answer.status, after.is_some_and(|after| after > 0)), (429, true));
    }
    assert_eq!(shop.uses(&good).await, 0);
    // Whoever names no code, and anybody else, is none the worse.
    shop.order(&buyer, &lines, json!({})).await.expect(201);
    let lines = [line(week, other.main, 1)];
    shop.order(&other, &lines, wish).await.expect(201);
}

#[tokio::test]
async fn what_is_sold_elsewhere_is_as_good_as_unknown() {
    let shop = Shop::open().await;
    shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    let elsewhere = shop.world.popup(json!({})).await;
    let elsewhere = id(&shop.world.product(elsewhere, "Other", json!({})).await.expect(201));
    let theirs = shop.world.server.tenant("theirs").await;
    let sql = &shop.world.server.sql;
    let popup = "INSERT INTO popups (id, tenant_id, name, slug, status) \
                 VALUES (gen_random_uuid(), $1, 'P', 'p', 'active') RETURNING id";
    let popup: Uuid = sqlx::query_scalar(popup).bind(theirs.0).fetch_one(sql).await.unwrap();
    let product = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price) \
                   VALUES (gen_random_uuid(), $1, $2, 'Secret', 's', 1) RETURNING id";
    let product = sqlx::query_scalar(product).bind(theirs.0).bind(popup);
    let foreign: Uuid = product.fetch_one(sql).await.unwrap();
    let unknown = shop.preview(&buyer, &[line(nobody(), buyer.main, 1)], json!({})).await;
    for product in [elsewhere, foreign] {
        let lines = [line(product, buyer.main, 1)];
        for answer in [
            shop.preview(&buyer, &lines, json!({})).await,
            shop.order(&buyer, &lines, json!({})).await,
        ] {
            assert_eq!((answer.status, &answer.body), (400, &unknown.body));
        }
    }
}

#[tokio::test]
async fn credit_is_held_by_an_order_until_it_expires() {
    let shop = Shop::open().await;
    let week = shop.sells("Week2", "600", json!({})).await;
    let buyer = shop.buyer().await;
    shop.give_credit(&buyer, 400).await;
    let (preview, payment) = shop.ordered(&buyer, week, json!({})).await;
    assert_eq!(
        (&preview["amount"], shop.credit(&buyer).await.as_str()),
        (&json!("200.00"), "0.00")
    );
    shop.happens(&payment, Event::Expired).await;
    assert_eq!(shop.credit(&buyer).await, "400.00");
}

#[tokio::test]
async fn what_is_only_restated_is_neither_paid_nor_kept() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let day = shop.sells("Day", "33.33", json!({})).await;
    let buyer = shop.buyer().await;
    let bought = shop.buys(&buyer, week).await.expect(201);
    shop.happens(&bought, Event::CardPaid).await;
    shop.give_credit(&buyer, 400).await;
    let owned = line(week, buyer.main, 1);
    shop.order(&buyer, std::slice::from_ref(&owned), json!({})).await.expect(400);
    let lines = [owned, line(day, buyer.spouse, 1)];
    let payment = shop.order(&buyer, &lines, json!({})).await.expect(201);
    assert_eq!((&payment["status"], &payment["amount"]), (&json!("approved"), &json!("0.00")));
    let kept = payment["products_snapshot"].as_array().unwrap();
    assert_eq!((kept.len(), &kept[0]["product_id"]), (1, &json!(day)));
    assert_eq!(shop.credit(&buyer).await, "366.67");
    assert_eq!((shop.held(buyer.main, week).await, shop.held(buyer.spouse, day).await), (1, 1));
}

#[tokio::test]
async fn a_patron_names_the_price() {
    let shop = Shop::open().await;
    let patron = shop.sells("Patron", "2500", json!({ "category": "patreon" })).await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    let generous = |amount: &str| {
        let mut line = line(patron, buyer.main, 1);
        line["custom_amount"] = amount.into();
        line
    };
    for wrong in ["2499.99", "-1"] {
        shop.order(&buyer, &[generous(wrong)], json!({})).await.expect(422);
    }
    let lines = [generous("3000.50"), line(week, buyer.main, 1)];
    let payment = shop.order(&buyer, &lines, json!({})).await.expect(201);
    assert_eq!(payment["amount"], "3000.50");
    let kept = payment["products_snapshot"].as_array().unwrap();
    let price = |product: Uuid| {
        let line = kept.iter().find(|line| line["product_id"] == json!(product));
        line.unwrap()["product_price"].clone()
    };
    assert_eq!((price(patron), price(week)), (json!("3000.50"), json!("500.00")));
    shop.happens(&payment, Event::CardPaid).await;
    let worth =
        "SELECT string_agg(paid_amount::text, ' ' ORDER BY paid_amount) FROM attendee_products";
    let worth: String = sqlx::query_scalar(worth).fetch_one(&shop.world.server.sql).await.unwrap();
    assert_eq!(worth, "0.00 3000.50");
}
