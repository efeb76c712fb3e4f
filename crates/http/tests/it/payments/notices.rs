use edgeos_testkit::simplefi::{Event, Fault, Faults, Occurrence, Proof};
use serde_json::{Value, json};

use super::{Buyer, Shop, line, statuses};
use crate::harness::{Answer, Send};

/// A pending order of a pass with a coupon.
async fn pending(shop: &Shop) -> (Buyer, uuid::Uuid, Value, Value) {
    let week = shop.sells("Week1", "500", json!({ "max_quantity": 1 })).await;
    let coupon = shop.coupon("C10", 10, json!({ "max_uses": 1 })).await;
    let buyer = shop.buyer().await;
    let lines = [line(week, buyer.main, 1)];
    let payment = shop.order(&buyer, &lines, json!({ "coupon_code": "C10" })).await.expect(201);
    (buyer, week, coupon, payment)
}

/// Announced once, with nothing that vouches for it.
fn bare(event: Event) -> Occurrence {
    let (signed, token) = (Proof::None, Proof::None);
    Occurrence { signed, token, attempts: 1, ..Occurrence::from(event) }
}

async fn post(shop: &Shop, query: &str, body: impl Into<reqwest::Body>) -> Answer {
    let path = format!("/payments/webhook/simplefi{query}");
    shop.world.server.post(&path).body(body).answer().await
}

#[tokio::test]
async fn nobody_pays_by_announcing_it() {
    let shop = Shop::open().await;
    let (buyer, week, _, payment) = pending(&shop).await;
    let forged = Occurrence { status: Some("approved".into()), ..bare(Event::CardPaid) };
    assert_eq!(statuses(&shop.occurs(&payment, &forged).await), [200]);
    for wrong in [
        Occurrence { signed: Proof::Wrong, ..bare(Event::CardPaid) },
        Occurrence { token: Proof::Wrong, ..bare(Event::CardPaid) },
        Occurrence { signed: Proof::Right, token: Proof::Wrong, ..bare(Event::CardPaid) },
        Occurrence { signed: Proof::Wrong, token: Proof::Right, ..bare(Event::CardPaid) },
    ] {
        let wrong = Occurrence { status: Some("approved".into()), ..wrong };
        assert_eq!(statuses(&shop.occurs(&payment, &wrong).await), [401], "{wrong:?}");
    }
    for event in
        [Event::PlanActivated, Event::PlanCompleted, Event::PlanCancelled, Event::InstallmentPaid]
    {
        assert_eq!(statuses(&shop.occurs(&payment, &bare(event)).await), [401], "{event:?}");
    }
    assert_eq!(shop.status(&payment).await, "pending");
    assert_eq!((shop.held(buyer.main, week).await, shop.payment_mails(&buyer).await.len()), (0, 0));
}

#[tokio::test]
async fn a_hint_is_confirmed_by_the_provider() {
    let shop = Shop::open().await;
    let (buyer, week, _, payment) = pending(&shop).await;
    shop.provider.fail(Faults::next(3, Fault::Status(500, None)));
    assert_eq!(statuses(&shop.occurs(&payment, &bare(Event::CardPaid)).await), [503]);
    assert_eq!(shop.status(&payment).await, "pending");
    assert_eq!(statuses(&shop.occurs(&payment, &bare(Event::CardPaid)).await), [200]);
    assert_eq!(
        (shop.status(&payment).await.as_str(), shop.held(buyer.main, week).await),
        ("approved", 1)
    );
}

#[tokio::test]
async fn a_signature_vouches_without_a_token() {
    let shop = Shop::open().await;
    let (_, _, _, payment) = pending(&shop).await;
    let signed = Occurrence { signed: Proof::Right, ..bare(Event::CardPaid) };
    let before = shop.provider.calls().len();
    assert_eq!(statuses(&shop.occurs(&payment, &signed).await), [200]);
    assert_eq!(
        (shop.status(&payment).await.as_str(), shop.provider.calls().len()),
        ("approved", before)
    );
}

#[tokio::test]
async fn another_sum_than_was_due_settles_nothing() {
    let shop = Shop::open().await;
    let (_, _, _, payment) = pending(&shop).await;
    let sql = "UPDATE payments SET amount = amount + 0.02";
    sqlx::query(sql).execute(&shop.world.server.sql).await.unwrap();
    assert_eq!(statuses(&shop.occurs(&payment, &bare(Event::CardPaid)).await), [200]);
    assert_eq!(shop.status(&payment).await, "pending");
}

#[tokio::test]
async fn what_completes_a_part_is_heard_too() {
    let shop = Shop::open().await;
    let (_, _, _, payment) = pending(&shop).await;
    shop.happens(&payment, Event::CryptoPartial).await;
    assert_eq!(shop.status(&payment).await, "pending");
    shop.happens(&payment, Event::CryptoPaid).await;
    assert_eq!(shop.status(&payment).await, "approved");
}

#[tokio::test]
async fn what_expired_is_given_back_and_late_money_counts() {
    let shop = Shop::open().await;
    let (buyer, week, coupon, payment) = pending(&shop).await;
    shop.happens(&payment, Event::Expired).await;
    assert_eq!((shop.status(&payment).await.as_str(), shop.uses(&coupon).await), ("expired", 0));
    let other = shop.buyer().await;
    let stolen = shop.buys(&other, week).await.expect(201);
    for _ in 0..2 {
        shop.happens(&payment, Event::CardPaid).await;
        assert_eq!(
            (shop.status(&payment).await.as_str(), shop.uses(&coupon).await),
            ("approved", 1)
        );
        assert_eq!(shop.held(buyer.main, week).await, 1);
    }
    assert_eq!(shop.status(&stolen).await, "pending");
    assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed"]);
}

#[tokio::test]
async fn what_is_paid_stays_paid() {
    let shop = Shop::open().await;
    let (buyer, week, coupon, payment) = pending(&shop).await;
    shop.happens(&payment, Event::CardPaid).await;
    for status in ["pending", "expired", "rejected", "canceled", "unheard of"] {
        let event = Occurrence { status: Some(status.into()), ..Event::CardPaid.into() };
        assert_eq!(statuses(&shop.occurs(&payment, &event).await), [200], "{status}");
    }
    assert_eq!(
        (shop.status(&payment).await.as_str(), shop.held(buyer.main, week).await),
        ("approved", 1)
    );
    assert_eq!(shop.uses(&coupon).await, 1);
}

#[tokio::test]
async fn declined_and_cancelled_are_what_they_are_called() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    for (event, status) in [(Event::Declined, "rejected"), (Event::Cancelled, "cancelled")] {
        let buyer = shop.buyer().await;
        let payment = shop.buys(&buyer, week).await.expect(201);
        shop.happens(&payment, event).await;
        assert_eq!(shop.status(&payment).await, status);
    }
}

#[tokio::test]
async fn what_can_not_be_read_is_refused_and_what_nobody_needs_is_ignored() {
    let shop = Shop::open().await;
    pending(&shop).await;
    for body in ["", "[]", "{bad", "null", "7"] {
        assert_eq!(post(&shop, "", body).await.status, 400, "{body:?}");
    }
    let unhandled = json!({ "event_type": "something_else" }).to_string();
    assert!(post(&shop, "", unhandled).await.expect(200)["message"].is_string());
    for body in [json!({}), json!({ "event_type": "new_payment" }), json!({ "event_type": 5 })] {
        assert_eq!(post(&shop, "", body.to_string()).await.status, 422, "{body}");
    }
    let unknown = json!({
        "event_type": "new_payment",
        "data": { "payment_request": { "id": "nothing", "status": "approved" } },
    });
    post(&shop, "", unknown.to_string()).await.expect(404);
    post(&shop, "?token=x", unknown.to_string()).await.expect(401);
    post(&shop, "?payment_id=zz&token=x", unknown.to_string()).await.expect(401);
    let approved = "SELECT count(*) FROM payments WHERE status = 'approved'";
    assert_eq!(shop.count(approved).await, 0);
}
