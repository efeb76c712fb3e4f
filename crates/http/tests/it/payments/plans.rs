use edgeos_testkit::simplefi::Event;
use serde_json::json;

use super::{Shop, line};

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
    let twice = edgeos_testkit::simplefi::Occurrence { times: 2, ..Event::InstallmentPaid.into() };
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
