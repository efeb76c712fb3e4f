use edgeos_testkit::simplefi::{Event, Fault, Faults, Occurrence};
use futures_util::future::join;
use serde_json::{Value, json};

use super::{Shop, line, statuses};
use crate::{
    harness::{Send, nobody},
    patience::until,
    world::id,
};

/// Weeks and shirts, for two.
async fn worked_example(shop: &Shop) -> (super::Buyer, Vec<Value>, [uuid::Uuid; 2]) {
    let week = json!({ "duration_type": "week", "insurance_percentage": 5 });
    let week = shop.sells("Week1", "500", week).await;
    let shirt = shop.sells("Shirt", "30", json!({ "category": "merch" })).await;
    shop.coupon("C20", 20, json!({})).await;
    let buyer = shop.buyer().await;
    let lines = vec![line(week, buyer.main, 1), line(shirt, buyer.spouse, 2)];
    (buyer, lines, [week, shirt])
}

#[tokio::test]
async fn an_order_is_paid_at_the_provider_and_settled_once() {
    let shop = Shop::open().await;
    let (buyer, lines, [week, shirt]) = worked_example(&shop).await;
    shop.fill_cart(&buyer).await;
    let wish = json!({ "coupon_code": " c20 ", "insurance": true });
    let preview = shop.preview(&buyer, &lines, wish.clone()).await.expect(200);
    assert_eq!(preview["amount"], "473.00");
    assert_eq!(preview["original_amount"], "560.00");
    assert_eq!(preview["products"], json!(lines));
    assert_eq!(shop.count("SELECT count(*) FROM payments").await, 0);

    let paid = shop.order(&buyer, &lines, wish).await.expect(201);
    let shown = [
        ("status", json!("pending")),
        ("amount", preview["amount"].clone()),
        ("insurance_amount", json!("25.00")),
        ("discount_value", json!("20.00")),
        ("coupon_code", json!("C20")),
        ("currency", json!("USD")),
        ("rate", json!(null)),
        ("source", json!("SimpleFI")),
        ("payment_type", json!("pass_purchase")),
        ("edit_passes", json!(false)),
        ("installments_paid", json!(0)),
    ];
    for (field, value) in shown {
        assert_eq!(paid[field], value, "{field}");
    }
    assert!(paid["checkout_url"].as_str().unwrap().starts_with(shop.provider.url()));
    let snapshot = paid["products_snapshot"].as_array().unwrap();
    let names: Vec<_> = snapshot.iter().map(|line| line["attendee_name"].clone()).collect();
    assert_eq!((names.len(), names.contains(&json!("Bo"))), (2, true));
    assert_eq!((shop.held(buyer.main, week).await, shop.carts().await), (0, 1));

    for _ in 0..2 {
        assert_eq!(statuses(&shop.happens(&paid, Event::CardPaid).await), [200]);
        let settled = shop.payment(&paid).await;
        assert_eq!(settled["status"], "approved");
        assert_eq!(settled["source"], "Stripe");
        assert_eq!((&settled["currency"], &settled["rate"]), (&json!("USD"), &json!("1.00000000")));
        assert_eq!(settled["amount"], "473.00");
        assert_eq!(
            (shop.held(buyer.main, week).await, shop.held(buyer.spouse, shirt).await),
            (1, 2)
        );
        assert_eq!(shop.carts().await, 0);
        assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed"]);
        let groups = "SELECT count(*) FROM groups WHERE is_ambassador_group";
        assert_eq!(shop.count(groups).await, 1);
    }
    let latest = format!("/payments/my/latest?application_id={}", buyer.application);
    let latest = shop.world.server.get(&latest).bearer_auth(&buyer.person.token).answer().await;
    assert_eq!(latest.expect(200), json!({ "id": paid["id"], "status": "approved" }));
}

#[tokio::test]
async fn coins_change_the_currency_and_not_the_amount() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    let payment = shop.buys(&buyer, week).await.expect(201);
    shop.happens(&payment, Event::CryptoPaid).await;
    let paid = shop.payment(&payment).await;
    assert_eq!((&paid["currency"], &paid["rate"]), (&json!("ETH"), &json!("2500.50000000")));
    assert_eq!((&paid["source"], &paid["amount"]), (&json!("SimpleFI"), &json!("500.00")));
}

#[tokio::test]
async fn with_nothing_due_no_provider_is_needed() {
    let shop = Shop::open_with(json!({})).await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let coupon = shop.coupon("C100", 100, json!({})).await;
    let buyer = shop.buyer().await;
    shop.fill_cart(&buyer).await;
    let lines = [line(week, buyer.main, 1)];
    let paid = shop.order(&buyer, &lines, json!({ "coupon_code": "C100" })).await.expect(201);
    assert_eq!((&paid["status"], &paid["amount"]), (&json!("approved"), &json!("0.00")));
    assert_eq!((&paid["external_id"], &paid["source"]), (&json!(null), &json!(null)));
    assert_eq!((shop.uses(&coupon).await, shop.held(buyer.main, week).await), (1, 1));
    assert_eq!((shop.carts().await, shop.provider.calls().len()), (0, 0));
    assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed"]);
    assert_eq!(shop.count("SELECT count(*) FROM groups").await, 0);
}

#[tokio::test]
async fn without_a_key_nothing_is_sold_that_costs_something() {
    let shop = Shop::open_with(json!({})).await;
    let day = shop.sells("Day", "33.33", json!({})).await;
    let coupon = shop.coupon("C10", 10, json!({})).await;
    let buyer = shop.buyer().await;
    let lines = [line(day, buyer.main, 1)];
    shop.order(&buyer, &lines, json!({ "coupon_code": "C10" })).await.expect(400);
    assert_eq!(
        (shop.mine(&buyer).await["paging"]["total"].clone(), shop.uses(&coupon).await),
        (json!(0), 0)
    );
}

#[tokio::test]
async fn a_provider_that_fails_leaves_nothing_behind() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({ "max_quantity": 1 })).await;
    let coupon = shop.coupon("C10", 10, json!({ "max_uses": 1 })).await;
    let buyer = shop.buyer().await;
    shop.give_credit(&buyer, 100).await;
    let lines = [line(week, buyer.main, 1)];
    for fault in [Fault::Status(400, None), Fault::NoCheckoutUrl, Fault::BadJson] {
        shop.provider.fail(Faults::next(1, fault));
        let failed = shop.order(&buyer, &lines, json!({ "coupon_code": "C10" })).await;
        assert_eq!(failed.status, 502, "{failed:?}");
        assert_eq!(shop.mine(&buyer).await["paging"]["total"], 0);
        assert_eq!((shop.credit(&buyer).await.as_str(), shop.uses(&coupon).await), ("100.00", 0));
    }
    shop.provider.fail(Faults::next(3, Fault::Status(500, None)));
    shop.order(&buyer, &lines, json!({})).await.expect(502);
    let other = shop.buyer().await;
    shop.buys(&other, week).await.expect(201);
}

#[tokio::test]
async fn what_the_provider_says_at_once_counts() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    shop.provider.fail(Faults::next(1, Fault::CreatedStatus));
    let pending = shop.buys(&buyer, week).await.expect(201);
    assert_eq!(pending["status"], "pending");
    shop.provider.fail(Faults::next(1, Fault::ApprovedStatus));
    let approved = shop.buys(&buyer, week).await.expect(201);
    assert_eq!(approved["status"], "approved");
    assert_eq!(
        (shop.held(buyer.main, week).await, shop.status(&pending).await.as_str()),
        (1, "cancelled")
    );
}

#[tokio::test]
async fn the_next_order_takes_the_place_of_the_one_before() {
    let shop = Shop::open().await;
    let last = shop.sells("Last", "100", json!({ "max_quantity": 1 })).await;
    let coupon = shop.coupon("ONCE", 10, json!({ "max_uses": 1 })).await;
    let buyer = shop.buyer().await;
    let lines = [line(last, buyer.main, 1)];
    let wish = json!({ "coupon_code": "ONCE" });
    let first = shop.order(&buyer, &lines, wish.clone()).await.expect(201);
    assert_eq!(shop.preview(&buyer, &lines, wish.clone()).await.expect(200)["amount"], "90.00");
    let second = shop.order(&buyer, &lines, wish).await.expect(201);
    assert_eq!(
        (shop.status(&first).await, shop.status(&second).await),
        ("cancelled".into(), "pending".into())
    );
    assert_eq!(shop.uses(&coupon).await, 1);
    let other = shop.buyer().await;
    shop.buys(&other, last).await.expect(400);

    // Late money counts all the same.
    shop.happens(&first, Event::CardPaid).await;
    assert_eq!((shop.status(&first).await.as_str(), shop.uses(&coupon).await), ("approved", 2));
    assert_eq!(shop.held(buyer.main, last).await, 1);
}

#[tokio::test]
async fn refusals_come_in_their_order_and_write_nothing() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let patron = shop.sells("Patron", "2500", json!({ "category": "patreon" })).await;
    let buyer = shop.buyer().await;
    let other = shop.buyer().await;
    let good = line(week, buyer.main, 1);
    for quantity in [json!(0), json!(-1), json!(1.5), json!(1001)] {
        let mut bad = good.clone();
        bad["quantity"] = quantity;
        assert_eq!(shop.preview(&buyer, &[bad.clone()], json!({})).await.status, 422, "{bad}");
    }
    let none: [Value; 0] = [];
    shop.preview(&buyer, &none, json!({})).await.expect(422);
    shop.preview(&buyer, std::slice::from_ref(&good), json!({ "products": null }))
        .await
        .expect(422);
    shop.preview(&buyer, std::slice::from_ref(&good), json!({ "insurance": null }))
        .await
        .expect(422);
    shop.preview(&buyer, &vec![good.clone(); 201], json!({})).await.expect(422);
    for (line, amount) in [(line(patron, buyer.main, 1), "2499.99"), (good.clone(), "600")] {
        let mut line = line;
        line["custom_amount"] = amount.into();
        shop.preview(&buyer, &[line], json!({})).await.expect(422);
    }
    let of = json!({ "application_id": nobody() });
    shop.preview(&buyer, std::slice::from_ref(&good), of).await.expect(404);
    let of = json!({ "application_id": other.application });
    shop.preview(&buyer, std::slice::from_ref(&good), of).await.expect(404);
    shop.preview(&buyer, &[line(nobody(), buyer.main, 1)], json!({})).await.expect(400);
    shop.preview(&buyer, &[line(week, other.main, 1)], json!({})).await.expect(400);
    let unknown = json!({ "coupon_code": "NOBODY" });
    shop.preview(&buyer, std::slice::from_ref(&good), unknown.clone()).await.expect(404);
    shop.order(&buyer, std::slice::from_ref(&good), unknown).await.expect(404);
    let empty = json!({ "coupon_code": "" });
    shop.preview(&buyer, std::slice::from_ref(&good), empty).await.expect(200);

    let mut generous = line(patron, buyer.main, 1);
    generous["custom_amount"] = json!("3000.50");
    let preview = shop.preview(&buyer, &[generous], json!({})).await.expect(200);
    assert_eq!(preview["amount"], "3000.50");

    let draft = shop.world.person().await;
    let application = shop.world.apply(&draft, shop.popup, json!({})).await.expect(201);
    let body = json!({
        "application_id": id(&application), "products": [line(nobody(), nobody(), 1)],
    });
    let request = shop.world.server.post("/payments/my/preview").bearer_auth(&draft.token);
    request.json(&body).answer().await.expect(403);

    let close = json!({ "status": "archived" });
    let path = format!("/popups/{}", shop.popup);
    shop.world.staff(shop.world.server.patch(&path).json(&close)).await.expect(200);
    shop.order(&buyer, &[good], json!({})).await.expect(400);
    assert_eq!(shop.count("SELECT count(*) FROM payments").await, 0);
    assert!(shop.provider.calls().is_empty());
}

#[tokio::test]
async fn the_provider_is_told_who_pays_for_what() {
    let shop = Shop::open().await;
    let (buyer, lines, [week, _]) = worked_example(&shop).await;
    let payment = shop.order(&buyer, &lines, json!({})).await.expect(201);
    let call = shop.provider.calls().remove(0);
    assert_eq!(call.headers["authorization"], "Bearer sk_test_0123456789");
    let asked = call.body;
    assert_eq!((asked["amount"].as_f64(), &asked["currency"]), (Some(560.0), &json!("USD")));
    assert_eq!(asked["memo"], "ours");
    assert_eq!(asked["reference"]["email"], json!(buyer.person.email));
    let first = json!({
        "product_id": week, "name": "Week1", "quantity": 1, "attendee_id": buyer.main,
    });
    assert_eq!(asked["reference"]["products"][0], first);
    let notified = asked["notification_url"].as_str().unwrap();
    assert!(notified.contains(&format!("payment_id={}&token=", id(&payment))), "{notified}");
    let success = asked["redirect_urls"]["success_url"].as_str().unwrap();
    assert!(success.ends_with("/passes/buy?checkout=success"), "{success}");
}

#[tokio::test]
async fn an_announcement_before_the_record_finds_its_payment_by_the_token() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    let payment = shop.buys(&buyer, week).await.expect(201);
    let forget = "UPDATE payments SET external_id = NULL";
    sqlx::query(forget).execute(&shop.world.server.sql).await.unwrap();
    let announced = shop.occurs(&payment, &Occurrence::from(Event::CardPaid)).await;
    assert_eq!(statuses(&announced), [200]);
    assert_eq!(shop.status(&payment).await, "approved");
}

#[tokio::test]
async fn a_request_with_another_one_s_name_is_no_checkout() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let (first, second) = (shop.buyer().await, shop.buyer().await);
    let payment = shop.buys(&first, week).await.expect(201);
    let name = payment["external_id"].as_str().unwrap().to_owned();
    shop.provider.fail(Faults::next(1, Fault::Named(name)));
    shop.buys(&second, week).await.expect(502);
    assert_eq!(shop.mine(&second).await["paging"]["total"], 0);
    assert_eq!(shop.status(&payment).await, "pending");
}

#[tokio::test]
async fn a_product_that_goes_while_it_is_ordered_is_not_sold() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let coupon = shop.coupon("C10", 10, json!({})).await;
    let buyer = shop.buyer().await;
    let mut held = shop.world.server.sql.begin().await.unwrap();
    let hold = "SELECT id FROM coupons FOR UPDATE";
    sqlx::query(hold).execute(&mut *held).await.unwrap();
    let lines = [line(week, buyer.main, 1)];
    let order = shop.order(&buyer, &lines, json!({ "coupon_code": "C10" }));
    let gone = async {
        until(async || shop.waiting().await == 1).await;
        let delete = sqlx::query("DELETE FROM products WHERE id = $1").bind(week);
        delete.execute(&shop.world.server.sql).await.unwrap();
        held.rollback().await.unwrap();
    };
    let (order, ()) = join(order, gone).await;
    assert_eq!((order.status, shop.uses(&coupon).await), (400, 0));
    assert_eq!(shop.mine(&buyer).await["paging"]["total"], 0);
}
