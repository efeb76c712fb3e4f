use edgeos_testkit::simplefi::{Event, Occurrence, Proof};
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Buyer, Shop, line, statuses};

#[tokio::test]
async fn the_first_installment_settles_and_a_cancelled_plan_takes_back_its_own_units() {
    let shop = Shop::open().await;
    let shirt = shop.sells("Shirt", "30", json!({ "category": "merch" })).await;
    let buyer = shop.buyer().await;
    let before = shop.buys(&buyer, shirt).await.expect(201);
    shop.happens(&before, Event::CardPaid).await;

    let lines = [line(shirt, buyer.main, 2)];
    let payment = shop.order(&buyer, &lines, json!({})).await.expect(201);
    shop.happens(&payment, Event::PlanActivated).await;
    let planned = shop.payment(&payment).await;
    assert_eq!(
        (&planned["status"], &planned["is_installment_plan"]),
        (&json!("pending"), &json!(true))
    );
    assert_eq!(planned["installments_total"], 3);

    for paid in 1..=2 {
        shop.happens(&payment, Event::InstallmentPaid).await;
        let now = shop.payment(&payment).await;
        assert_eq!((&now["status"], &now["installments_paid"]), (&json!("approved"), &json!(paid)));
        assert_eq!(shop.held(buyer.main, shirt).await, 3);
    }
    let twice = Occurrence { times: 2, ..Event::InstallmentPaid.into() };
    shop.occurs(&payment, &twice).await;
    assert_eq!(shop.payment(&payment).await["installments_paid"], 3);
    shop.happens(&payment, Event::PlanCompleted).await;
    assert_eq!(shop.payment(&payment).await["installments_paid"], 3);
    let mails = shop.payment_mails(&buyer).await;
    assert_eq!(mails, ["payment_confirmed"; 3]);

    for _ in 0..2 {
        shop.happens(&payment, Event::PlanCancelled).await;
        assert_eq!(shop.status(&payment).await, "cancelled");
        assert_eq!(shop.held(buyer.main, shirt).await, 1);
    }
    assert_eq!(shop.payment_mails(&buyer).await.len(), 3);
}

#[tokio::test]
async fn a_plan_that_is_cancelled_before_anything_is_paid_gives_back_what_it_held() {
    let shop = Shop::open().await;
    let week = shop.sells("Week1", "500", json!({ "max_quantity": 1 })).await;
    let buyer = shop.buyer().await;
    let payment = shop.buys(&buyer, week).await.expect(201);
    shop.happens(&payment, Event::PlanActivated).await;
    shop.happens(&payment, Event::PlanCancelled).await;
    assert_eq!(shop.status(&payment).await, "cancelled");
    let other = shop.buyer().await;
    shop.buys(&other, week).await.expect(201);
}

/// A pass at 1500.00 that is to be paid in three installments.
async fn agreed(shop: &Shop) -> (Buyer, Uuid, Value) {
    let month = shop.sells("Month", "1500", json!({ "duration_type": "month" })).await;
    let buyer = shop.buyer().await;
    let payment = shop.buys(&buyer, month).await.expect(201);
    shop.happens(&payment, Event::PlanActivated).await;
    (buyer, month, payment)
}

const WORTH: &str = "SELECT coalesce(sum(paid_amount), 0)::bigint FROM attendee_products";

#[tokio::test]
async fn a_pass_is_worth_what_its_installments_brought() {
    let shop = Shop::open().await;
    let (buyer, month, payment) = agreed(&shop).await;
    for worth in [500, 1000, 1500] {
        shop.happens(&payment, Event::InstallmentPaid).await;
        assert_eq!((shop.held(buyer.main, month).await, shop.count(WORTH).await), (1, worth));
    }
    shop.happens(&payment, Event::PlanCompleted).await;
    assert_eq!(shop.count(WORTH).await, 1500);
}

#[tokio::test]
async fn only_installments_that_are_paid_become_credit() {
    let shop = Shop::open().await;
    let (buyer, month, payment) = agreed(&shop).await;
    let day = shop.sells("Day", "33.33", json!({ "duration_type": "day" })).await;
    shop.happens(&payment, Event::InstallmentPaid).await;
    let lines = [line(day, buyer.main, 1)];
    let change = shop.order(&buyer, &lines, json!({ "edit_passes": true })).await.expect(201);
    assert_eq!(
        (&change["status"], shop.credit(&buyer).await),
        (&json!("approved"), "466.67".into())
    );
    assert_eq!((shop.held(buyer.main, month).await, shop.held(buyer.main, day).await), (0, 1));
    shop.happens(&payment, Event::PlanCancelled).await;
    assert_eq!(shop.status(&payment).await, "cancelled");
    let all = "SELECT ((SELECT sum(credit) FROM applications) \
               + (SELECT sum(paid_amount) FROM attendee_products))::bigint";
    assert_eq!(shop.count(all).await, 500);
}

#[tokio::test]
async fn installments_are_kept_as_they_were_paid() {
    let shop = Shop::open().await;
    let (_, _, payment) = agreed(&shop).await;
    for _ in 0..2 {
        shop.happens(&payment, Event::InstallmentPaid).await;
    }
    let sql = "SELECT installment_number, amount::text, currency, external_payment_id \
               FROM payment_installments ORDER BY installment_number";
    let kept: Vec<(i32, String, String, String)> =
        sqlx::query_as(sql).fetch_all(&shop.world.server.sql).await.unwrap();
    let numbers: Vec<_> = kept.iter().map(|row| row.0).collect();
    assert_eq!(numbers, [1, 2]);
    for (_, amount, currency, external) in &kept {
        assert_eq!((amount.as_str(), currency.as_str()), ("500.00000000", "USD"));
        assert!(!external.is_empty());
    }
    assert_ne!(kept[0].3, kept[1].3);
}

#[tokio::test]
async fn installments_at_once_are_counted_all_and_settle_once() {
    let shop = Shop::open().await;
    let (buyer, month, payment) = agreed(&shop).await;
    join_all((0..3).map(|_| shop.happens(&payment, Event::InstallmentPaid))).await;
    let now = shop.payment(&payment).await;
    assert_eq!((&now["status"], &now["installments_paid"]), (&json!("approved"), &json!(3)));
    assert_eq!((shop.held(buyer.main, month).await, shop.count(WORTH).await), (1, 1500));
    assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed"]);
}

#[tokio::test]
async fn a_straggler_of_a_cancelled_plan_is_counted_and_nothing_more() {
    let shop = Shop::open().await;
    let (buyer, month, payment) = agreed(&shop).await;
    shop.happens(&payment, Event::InstallmentPaid).await;
    shop.happens(&payment, Event::PlanCancelled).await;
    for event in [Event::InstallmentPaid, Event::PlanCompleted] {
        assert_eq!(statuses(&shop.happens(&payment, event).await), [200]);
        let now = shop.payment(&payment).await;
        assert_eq!((&now["status"], &now["installments_paid"]), (&json!("cancelled"), &json!(2)));
        assert_eq!(shop.held(buyer.main, month).await, 0);
    }
    assert_eq!(shop.payment_mails(&buyer).await, ["payment_confirmed"]);
}

#[tokio::test]
async fn a_plan_is_found_by_the_name_that_staff_gave_its_payment() {
    let shop = Shop::open().await;
    let (_, _, payment) = agreed(&shop).await;
    shop.happens(&payment, Event::InstallmentPaid).await;
    let sql = "SELECT external_payment_id FROM payment_installments";
    let part: String = sqlx::query_scalar(sql).fetch_one(&shop.world.server.sql).await.unwrap();
    let plan = part.strip_suffix("-1").unwrap();
    let without_token = Occurrence { token: Proof::None, ..Event::InstallmentPaid.into() };
    let refused = Occurrence { attempts: 1, ..without_token.clone() };
    assert_eq!(statuses(&shop.occurs(&payment, &refused).await), [404]);
    shop.patch(&payment, json!({ "external_id": plan })).await.expect(200);
    assert_eq!(statuses(&shop.occurs(&payment, &without_token).await), [200]);
    assert_eq!(shop.payment(&payment).await["installments_paid"], 2);
}
