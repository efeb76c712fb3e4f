use edgeos_testkit::simplefi::Event;
use serde_json::{Value, json};

use super::{Shop, line};
use crate::{
    harness::{Send, TestServer, nobody},
    world::id,
};

#[tokio::test]
async fn staff_see_what_their_role_allows() {
    let shop = Shop::open().await;
    let server: &TestServer = &shop.world.server;
    let week = shop.sells("Week1", "500", json!({})).await;
    let (buyer, other) = (shop.buyer().await, shop.buyer().await);
    let payment = shop.buys(&buyer, week).await.expect(201);
    let path = format!("/payments/{}", id(&payment));
    let (_, viewer) = server.user("viewer", Some(shop.world.tenant)).await;
    let list = server.get("/payments").bearer_auth(&viewer).answer().await.expect(200);
    assert_eq!(list["paging"]["total"], 1);
    let change = json!({ "source": "Stripe" });
    server.patch(&path).bearer_auth(&viewer).json(&change).answer().await.expect(403);
    server.get("/payments").bearer_auth(&buyer.person.token).answer().await.expect(403);
    let theirs = server.tenant("theirs").await;
    let (_, admin) = server.user("admin", Some(theirs)).await;
    server.get(&path).bearer_auth(&admin).answer().await.expect(404);
    let list = server.get("/payments").bearer_auth(&admin).answer().await.expect(200);
    assert_eq!(list["paging"]["total"], 0);
    for path in ["/payments/my/latest?application_id=", "/payments/my/"] {
        let path = format!("{path}{}", buyer.application);
        server.get(&path).bearer_auth(&other.person.token).answer().await.expect(404);
    }
    let latest = format!("/payments/my/latest?application_id={}", other.application);
    server.get(&latest).bearer_auth(&other.person.token).answer().await.expect(404);
}

#[tokio::test]
async fn filters_are_combined() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let (first, second) = (shop.buyer().await, shop.buyer().await);
    let paid = shop.buys(&first, week).await.expect(201);
    shop.happens(&paid, Event::CardPaid).await;
    let pending = shop.buys(&second, week).await.expect(201);
    let elsewhere = shop.world.popup(json!({})).await;
    let found = async |query: String| {
        let list = shop.world.staff(shop.world.server.get(&format!("/payments?{query}"))).await;
        let list = list.expect(200);
        let ids = list["results"].as_array().unwrap().iter().map(id).collect::<Vec<_>>();
        (list["paging"]["total"].as_u64().unwrap(), ids)
    };
    let (paid_id, pending_id) = (id(&paid), id(&pending));
    let external = paid["external_id"].as_str().unwrap();
    assert_eq!(found(String::new()).await, (2, vec![pending_id, paid_id]));
    assert_eq!(found("skip=1&limit=1".into()).await, (2, vec![paid_id]));
    assert_eq!(found("payment_status=pending".into()).await, (1, vec![pending_id]));
    assert_eq!(found(format!("external_id={external}")).await, (1, vec![paid_id]));
    assert_eq!(
        found(format!("application_id={}", second.application)).await,
        (1, vec![pending_id])
    );
    assert_eq!(found(format!("popup_id={elsewhere}&external_id={external}")).await, (0, vec![]));
    assert_eq!(found(format!("popup_id={}", nobody())).await, (0, vec![]));
    for wrong in ["payment_status=foo", "limit=0", "limit=1001", "popup_id=zz"] {
        let answer = shop.world.staff(shop.world.server.get(&format!("/payments?{wrong}"))).await;
        assert_eq!(answer.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn a_change_by_hand_has_every_consequence() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let coupon = shop.coupon("C10", 10, json!({})).await;
    let buyer = shop.buyer().await;
    shop.fill_cart(&buyer).await;
    let lines = [line(week, buyer.main, 1)];
    let payment = shop.order(&buyer, &lines, json!({ "coupon_code": "C10" })).await.expect(201);
    let change = json!({ "status": "approved", "rate": "2500.5", "currency": "ETH" });
    let changed = shop.patch(&payment, change.clone()).await.expect(200);
    assert_eq!(
        (&changed["rate"], &changed["source"]),
        (&json!("2500.50000000"), &json!("SimpleFI"))
    );
    assert_eq!((shop.held(buyer.main, week).await, shop.carts().await), (1, 0));
    assert_eq!(shop.count("SELECT count(*) FROM groups").await, 1);
    shop.patch(&payment, change).await.expect(200);
    shop.patch(&payment, json!({ "status": "pending" })).await.expect(409);

    for (status, held, uses) in
        [("rejected", 0, 0), ("approved", 1, 1), ("cancelled", 0, 0), ("approved", 1, 1)]
    {
        shop.patch(&payment, json!({ "status": status })).await.expect(200);
        assert_eq!((shop.held(buyer.main, week).await, shop.uses(&coupon).await), (held, uses));
    }
    assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed"]);
    let audited = "SELECT count(*) FROM audit_log WHERE action = 'payment.changed'";
    assert_eq!(shop.count(audited).await, 6);
    shop.patch(&payment, json!({ "status": "expired" })).await.expect(200);
    shop.patch(&payment, json!({ "status": "rejected" })).await.expect(409);
}

#[tokio::test]
async fn wrong_changes_are_named() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let (first, second) = (shop.buyer().await, shop.buyer().await);
    let payment = shop.buys(&first, week).await.expect(201);
    let other = shop.buys(&second, week).await.expect(201);
    for (field, value) in [
        ("status", json!("foo")),
        ("status", json!(null)),
        ("currency", json!(null)),
        ("currency", json!("ABCDEFGHIJK")),
        ("rate", json!(0)),
        ("rate", json!(-1)),
        ("rate", json!("10000000000")),
        ("source", json!("Cash")),
        ("external_id", json!("x".repeat(256))),
    ] {
        let answer = shop.patch(&payment, json!({ field: value })).await;
        assert_eq!(answer.status, 422, "{field} {value}: {answer:?}");
        assert_eq!(answer.faults()[0].1, json!(["body", field]), "{value}");
    }
    shop.patch(&payment, json!({ "external_id": other["external_id"] })).await.expect(409);
    let emptied = json!({ "external_id": null, "source": null, "rate": null });
    let emptied = shop.patch(&payment, emptied).await.expect(200);
    for field in ["external_id", "source", "rate"] {
        assert_eq!(emptied[field], Value::Null, "{field}");
    }
    let unknown = format!("/payments/{}", nobody());
    shop.world.staff(shop.world.server.patch(&unknown).json(&json!({}))).await.expect(404);
}

#[tokio::test]
async fn a_payment_without_a_plan_moves_what_its_lines_say() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    let adopted = shop.world.ordered(buyer.application, week, "pending").await;
    let payment = json!({ "id": adopted });
    shop.patch(&payment, json!({ "status": "approved" })).await.expect(200);
    assert_eq!((shop.held(buyer.main, week).await, shop.held(buyer.spouse, week).await), (1, 1));
    shop.patch(&payment, json!({ "status": "cancelled" })).await.expect(200);
    assert_eq!((shop.held(buyer.main, week).await, shop.held(buyer.spouse, week).await), (0, 0));
    shop.patch(&payment, json!({ "status": "approved" })).await.expect(200);
    assert_eq!((shop.held(buyer.main, week).await, shop.held(buyer.spouse, week).await), (1, 1));
}

#[tokio::test]
async fn a_plan_is_made_when_it_is_carried_out() {
    const PLANS: &str = "SELECT count(settlement) FROM payments WHERE edit_passes";
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let shirt = shop.sells("Shirt", "30", json!({ "category": "merch" })).await;
    let buyer = shop.buyer().await;
    let adopted = shop.world.ordered(buyer.application, week, "pending").await;
    let edits = "UPDATE payments SET edit_passes = true";
    sqlx::query(edits).execute(&shop.world.server.sql).await.unwrap();
    let payment = json!({ "id": adopted });
    for change in [json!({ "source": "Stripe" }), json!({ "status": "cancelled" })] {
        shop.patch(&payment, change).await.expect(200);
        assert_eq!(shop.count(PLANS).await, 0);
    }
    // What is bought meanwhile is given up too.
    let bought = shop.buys(&buyer, shirt).await.expect(201);
    shop.happens(&bought, Event::CardPaid).await;
    assert_eq!(shop.held(buyer.main, shirt).await, 1);
    shop.patch(&payment, json!({ "status": "approved" })).await.expect(200);
    assert_eq!((shop.held(buyer.main, week).await, shop.held(buyer.main, shirt).await), (1, 0));
    assert_eq!(shop.count(PLANS).await, 1);
}

#[tokio::test]
async fn a_purchase_is_confirmed_once_however_long_ago() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    let buyer = shop.buyer().await;
    let payment = shop.buys(&buyer, week).await.expect(201);
    shop.happens(&payment, Event::CardPaid).await;
    assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed"]);
    // Mails aren't kept for ever.
    sqlx::query("DELETE FROM outbox").execute(&shop.world.server.sql).await.unwrap();
    for status in ["cancelled", "approved"] {
        shop.patch(&payment, json!({ "status": status })).await.expect(200);
    }
    assert!(shop.payment_mails(&buyer).await.is_empty());
}
