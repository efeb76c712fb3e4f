use edgeos_testkit::simplefi::Event;
use serde_json::json;

use super::{Shop, line};

#[tokio::test]
async fn the_confirmation_says_what_was_bought_and_what_it_cost() {
    let shop = Shop::open().await;
    let week = json!({ "duration_type": "week", "insurance_percentage": 5 });
    let week = shop.sells("Week <1>", "500", week).await;
    let shirt = shop.sells("Shirt", "30", json!({ "category": "merch" })).await;
    shop.coupon("C20", 20, json!({})).await;
    let buyer = shop.buyer().await;
    let lines = [line(week, buyer.main, 1), line(shirt, buyer.spouse, 2)];
    let wish = json!({ "coupon_code": "C20", "insurance": true });
    let payment = shop.order(&buyer, &lines, wish).await.expect(201);
    shop.happens(&payment, Event::CryptoPaid).await;

    let sql = "SELECT context FROM outbox WHERE template_type = 'payment_confirmed'";
    let context: serde_json::Value =
        sqlx::query_scalar(sql).fetch_one(&shop.world.server.sql).await.unwrap();
    for (name, value) in [
        ("first_name", json!("Ada")),
        ("payment_id", payment["id"].clone()),
        ("amount", json!(473)),
        ("currency", json!("USD")),
        ("coin", json!("ETH")),
        ("discount_value", json!(20)),
        ("discount_amount", json!(112)),
        ("original_amount", json!(560)),
        ("insurance_amount", json!(25)),
    ] {
        assert_eq!(context[name], value, "{name}");
    }
    assert_eq!(context["products"].as_array().unwrap().len(), 2);
    let attendees = context["attendees"].as_array().unwrap();
    assert!(attendees.iter().all(|attendee| !attendee["products"].as_array().unwrap().is_empty()));
    let summary = context["order_summary"].as_str().unwrap();
    assert!(summary.contains("<strong>Week &lt;1&gt;</strong>"), "{summary}");
}

#[tokio::test]
async fn an_older_order_tells_what_its_percentage_took_off() {
    let shop = Shop::open().await;
    let week = shop.sells("Week", "500", json!({ "duration_type": "week" })).await;
    let patron = shop.sells("Patron", "2500", json!({ "category": "patreon" })).await;
    let shirt = shop.sells("Shirt", "30", json!({ "category": "merch" })).await;
    shop.coupon("C20", 20, json!({})).await;
    let buyer = shop.buyer().await;
    let lines =
        [line(patron, buyer.main, 1), line(week, buyer.spouse, 1), line(shirt, buyer.spouse, 2)];
    let payment = shop.order(&buyer, &lines, json!({ "coupon_code": "C20" })).await.expect(201);
    let older = "UPDATE payments SET discount_amount = NULL, settlement = NULL";
    sqlx::query(older).execute(&shop.world.server.sql).await.unwrap();
    shop.happens(&payment, Event::CardPaid).await;

    let sql = "SELECT context FROM outbox WHERE template_type = 'payment_confirmed'";
    let context: serde_json::Value =
        sqlx::query_scalar(sql).fetch_one(&shop.world.server.sql).await.unwrap();
    assert_eq!(
        (&context["amount"], &context["discount_amount"], &context["original_amount"]),
        (&json!(2948), &json!(112), &json!(3060))
    );
}

#[tokio::test]
async fn a_change_of_passes_tells_of_the_credit() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let day = shop.sells("Day", "100", json!({})).await;
    let buyer = shop.buyer().await;
    let bought = shop.buys(&buyer, week).await.expect(201);
    shop.happens(&bought, Event::CardPaid).await;
    let lines = [line(day, buyer.main, 1)];
    shop.order(&buyer, &lines, json!({ "edit_passes": true })).await.expect(201);
    let sql = "SELECT context FROM outbox WHERE template_type = 'edit_passes_confirmed'";
    let context: serde_json::Value =
        sqlx::query_scalar(sql).fetch_one(&shop.world.server.sql).await.unwrap();
    assert_eq!(
        (&context["credit_applied"], &context["remaining_credit"]),
        (&json!(0), &json!(400))
    );
    assert_eq!((&context["amount"], &context["discount_value"]), (&json!(0), &json!(null)));
}
