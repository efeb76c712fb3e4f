use edgeos_testkit::simplefi::{Event, Fault, Faults, Occurrence, Proof};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Buyer, Shop, line, statuses};
use crate::{
    harness::{Answer, Send},
    patience::until,
};

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

#[tokio::test]
async fn what_staff_took_back_no_notice_brings_back() {
    let shop = Shop::open().await;
    let (buyer, week, coupon, payment) = pending(&shop).await;
    shop.happens(&payment, Event::CardPaid).await;
    shop.patch(&payment, json!({ "status": "cancelled" })).await.expect(200);
    let calls = shop.provider.calls().len();
    for notice in [bare(Event::CardPaid), Event::CardPaid.into(), Event::PlanCompleted.into()] {
        assert_eq!(statuses(&shop.occurs(&payment, &notice).await), [200], "{notice:?}");
        assert_eq!(
            (shop.status(&payment).await.as_str(), shop.uses(&coupon).await),
            ("cancelled", 0)
        );
        assert_eq!(shop.held(buyer.main, week).await, 0);
    }
    // There was nothing to ask for.
    assert_eq!(shop.provider.calls().len(), calls);
    shop.patch(&payment, json!({ "status": "approved" })).await.expect(200);
    assert_eq!((shop.held(buyer.main, week).await, shop.uses(&coupon).await), (1, 1));
    assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed"]);
}

#[tokio::test]
async fn money_that_comes_after_staff_gave_it_up_is_taken() {
    for notice in [bare(Event::CardPaid), Event::CardPaid.into()] {
        let shop = Shop::open().await;
        let (buyer, week, coupon, payment) = pending(&shop).await;
        for status in ["approved", "cancelled"] {
            shop.patch(&payment, json!({ "status": status })).await.expect(200);
        }
        assert_eq!((shop.held(buyer.main, week).await, shop.uses(&coupon).await), (0, 0));
        assert_eq!(statuses(&shop.occurs(&payment, &notice).await), [200], "{notice:?}");
        assert_eq!(shop.status(&payment).await, "approved");
        assert_eq!((shop.held(buyer.main, week).await, shop.uses(&coupon).await), (1, 1));
        assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed"]);
    }
}

#[tokio::test]
async fn a_hint_does_not_tell_in_what_it_was_paid() {
    let shop = Shop::open().await;
    let (_, _, _, payment) = pending(&shop).await;
    let (coin, rate) = (Some("DOGE".to_owned()), Some(json!("0.1")));
    let hint = Occurrence { coin, rate, ..bare(Event::CryptoPaid) };
    assert_eq!(statuses(&shop.occurs(&payment, &hint).await), [200]);
    let paid = shop.payment(&payment).await;
    assert_eq!((&paid["status"], &paid["currency"]), (&json!("approved"), &json!("USD")));
    assert_eq!(paid["rate"], json!(null));
    let asked = shop.provider.calls().len();
    assert_eq!(statuses(&shop.occurs(&payment, &hint).await), [200]);
    assert_eq!(shop.provider.calls().len(), asked);
}

#[tokio::test]
async fn hints_leave_the_provider_to_the_buyers() {
    let shop = Shop::open().await;
    let (_, _, _, payment) = pending(&shop).await;
    let shirt = shop.sells("Shirt", "30", json!({ "category": "merch" })).await;
    let other = shop.buyer().await;
    shop.provider.fail(Faults::next(8, Fault::Timeout));
    let hint = bare(Event::CardPaid);
    let hints = join_all((0..8).map(|_| shop.occurs(&payment, &hint)));
    let meanwhile = async {
        until(async || shop.provider.calls().len() == 9).await;
        assert_eq!(statuses(&shop.occurs(&payment, &hint).await), [503]);
        shop.buys(&other, shirt).await.expect(201);
    };
    tokio::select! {
        answered = hints => panic!("nobody answers: {answered:?}"),
        () = meanwhile => {}
    }
}

#[tokio::test]
async fn from_a_word_that_nobody_knows_nothing_follows() {
    let shop = Shop::open().await;
    let (buyer, week, coupon, payment) = pending(&shop).await;
    let strange = Occurrence { status: Some("unheard of".into()), ..Event::CardPaid.into() };
    assert_eq!(statuses(&shop.occurs(&payment, &strange).await), [200]);
    assert_eq!((shop.status(&payment).await.as_str(), shop.uses(&coupon).await), ("pending", 1));
    assert_eq!(shop.held(buyer.main, week).await, 0);
}

#[tokio::test]
async fn what_it_was_paid_in_never_keeps_money_out() {
    let shop = Shop::open().await;
    let (_, _, _, payment) = pending(&shop).await;
    let (coin, rate) = (Some("WRAPPED-ETHER".to_owned()), Some(json!(1e-12)));
    let paid = Occurrence { coin, rate, ..Event::CryptoPaid.into() };
    assert_eq!(statuses(&shop.occurs(&payment, &paid).await), [200]);
    let paid = shop.payment(&payment).await;
    assert_eq!((&paid["status"], &paid["currency"]), (&json!("approved"), &json!("WRAPPED-ET")));
    assert_eq!((&paid["rate"], &paid["source"]), (&json!(null), &json!("SimpleFI")));
}

#[tokio::test]
async fn a_name_that_two_organisations_have_is_nobody_s() {
    let shop = Shop::open().await;
    let (_, _, _, payment) = pending(&shop).await;
    let theirs = shop.world.server.tenant("theirs").await;
    let sql = "WITH popup AS ( \
            INSERT INTO popups (id, tenant_id, name, slug, status) \
            VALUES (gen_random_uuid(), $1, 'Fair', 'fair', 'active') RETURNING id), \
        human AS ( \
            INSERT INTO humans (id, tenant_id, email) \
            VALUES (gen_random_uuid(), $1, 'eve@x.example') RETURNING id), \
        application AS ( \
            INSERT INTO applications (id, tenant_id, popup_id, human_id) \
            SELECT gen_random_uuid(), $1, popup.id, human.id FROM popup, human \
            RETURNING id, popup_id) \
        INSERT INTO payments (id, tenant_id, application_id, popup_id, amount, external_id) \
        SELECT gen_random_uuid(), $1, id, popup_id, 10, $2 FROM application";
    let twin = sqlx::query(sql).bind(theirs.0).bind(payment["external_id"].as_str());
    twin.execute(&shop.world.server.sql).await.unwrap();
    let signed = Occurrence { signed: Proof::Right, ..bare(Event::CardPaid) };
    for notice in [bare(Event::CardPaid), signed] {
        assert_eq!(statuses(&shop.occurs(&payment, &notice).await), [404], "{notice:?}");
    }
    // The token tells whose it is.
    assert_eq!(statuses(&shop.happens(&payment, Event::CardPaid).await), [200]);
    assert_eq!(shop.status(&payment).await, "approved");
    assert_eq!(shop.count("SELECT count(*) FROM payments WHERE status = 'pending'").await, 1);
}
