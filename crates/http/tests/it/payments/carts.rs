use edgeos_testkit::simplefi::Event;
use serde_json::{Value, json};

use super::Shop;
use crate::harness::Send;

#[tokio::test]
async fn a_cart_stays_until_its_purchase_is_settled() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    let (server, token) = (&shop.world.server, &buyer.person.token);
    let mine = format!("/carts/my/{}", shop.popup);
    let pass = json!({ "attendee_id": buyer.main, "product_id": week });
    let state = json!({ "items": { "passes": [pass], "current_step": "confirm" } });
    let cart = server.put(&mine).bearer_auth(token).json(&state).answer().await.expect(200);

    let payment = shop.buys(&buyer, week).await.expect(201);
    let kept = server.get(&mine).bearer_auth(token).answer().await.expect(200);
    assert_eq!(kept, cart);
    let path = format!("/carts?popup_id={}", shop.popup);
    let list = shop.world.staff(server.get(&path)).await.expect(200);
    let entry = &list["results"][0];
    assert_eq!((&entry["id"], &list["paging"]["total"]), (&cart["id"], &json!(1)));
    assert_eq!(entry["human"]["email"], json!(buyer.person.email));
    let tried = entry["payments"].as_array().unwrap();
    assert_eq!((tried.len(), &tried[0]["id"]), (1, &payment["id"]));
    assert_eq!(
        (&tried[0]["status"], &tried[0]["amount"], &tried[0]["currency"]),
        (&json!("pending"), &json!(500.0), &json!("USD"))
    );

    shop.happens(&payment, Event::CardPaid).await;
    assert_eq!(server.get(&mine).bearer_auth(token).answer().await.expect(200), Value::Null);
    let list = shop.world.staff(server.get(&path)).await.expect(200);
    assert_eq!(list["paging"]["total"], 0);
}

/// Nothing should leave such a row behind; if something does, the others are still shown.
#[tokio::test]
async fn a_cart_of_nobody_spoils_no_list() {
    let shop = Shop::open().await;
    let (lost, kept) = (shop.buyer().await, shop.buyer().await);
    shop.fill_cart(&lost).await;
    shop.fill_cart(&kept).await;
    let mut sql = shop.world.server.sql.acquire().await.unwrap();
    for statement in [
        "SET session_replication_role = replica",
        "UPDATE carts SET human_id = gen_random_uuid() WHERE human_id = \
         (SELECT id FROM humans ORDER BY email LIMIT 1)",
    ] {
        sqlx::query(statement).execute(&mut *sql).await.unwrap();
    }
    // Nobody else works without checks.
    sql.close().await.unwrap();
    let list = shop.world.staff(shop.world.server.get("/carts")).await.expect(200);
    assert_eq!(list["results"].as_array().unwrap().len(), 1, "{list}");
}
