use edgeos_testkit::simplefi::{Event, Fault, Faults, Occurrence};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Shop, statuses};
use crate::{
    harness::{Answer, Send},
    world::{Person, id},
};

async fn shop() -> Shop {
    Shop::open_with(json!({
        "simplefi_api_key": "sk_test_0123456789", "requires_application_fee": true,
        "application_fee_amount": "25.50",
    }))
    .await
}

/// Somebody whose application waits for the fee.
async fn applicant(shop: &Shop) -> (Person, Uuid) {
    let person = shop.world.person().await;
    let applied = shop.world.apply(&person, shop.popup, json!({ "status": "in review" })).await;
    let applied = applied.expect(201);
    assert_eq!(applied["status"], "pending_fee");
    (person, id(&applied))
}

async fn pay(shop: &Shop, person: &Person, application: Uuid) -> Answer {
    let body = json!({ "application_id": application });
    let request = shop.world.server.post("/payments/my/application-fee");
    request.bearer_auth(&person.token).json(&body).answer().await
}

const PAYMENTS: &str = "SELECT count(*) FROM payments";

#[tokio::test]
async fn a_paid_fee_moves_the_application_on() {
    let shop = shop().await;
    let (person, application) = applicant(&shop).await;
    let fee = pay(&shop, &person, application).await.expect(201);
    assert_eq!((&fee["status"], &fee["amount"]), (&json!("pending"), &json!("25.50")));
    assert_eq!(
        (&fee["payment_type"], &fee["products_snapshot"]),
        (&json!("application_fee"), &json!([]))
    );
    assert_eq!((&fee["discount_value"], &fee["currency"]), (&json!(null), &json!("USD")));
    let asked = shop.provider.calls()[0].body.clone();
    assert!(asked["memo"].as_str().unwrap().starts_with("Application fee – Conclave"));
    assert_eq!(asked["reference"]["type"], "application_fee");
    let success = asked["redirect_urls"]["success_url"].as_str().unwrap();
    assert!(success.ends_with("/application?checkout=success"), "{success}");

    let again = pay(&shop, &person, application).await;
    let url = fee["checkout_url"].as_str().unwrap();
    assert_eq!(again.status, 409);
    assert!(again.detail().ends_with(&format!("Checkout URL: {url}")), "{}", again.detail());

    for _ in 0..2 {
        assert_eq!(statuses(&shop.happens(&fee, Event::CardPaid).await), [200]);
        assert_eq!(shop.world.status(application).await, "accepted");
    }
    assert_eq!(shop.payment(&fee).await["source"], "SimpleFI");
    assert_eq!(shop.world.mails(&person).await, ["application_accepted"]);
    assert_eq!(shop.count("SELECT count(*) FROM groups").await, 0);
    pay(&shop, &person, application).await.expect(422);
}

#[tokio::test]
async fn a_fee_that_turns_out_to_be_paid_is_not_asked_for_twice() {
    let shop = shop().await;
    let (person, application) = applicant(&shop).await;
    let fee = pay(&shop, &person, application).await.expect(201);
    let unheard = Occurrence { deliver: false, ..Event::CardPaid.into() };
    shop.occurs(&fee, &unheard).await;
    let paid = pay(&shop, &person, application).await.expect(200);
    assert_eq!((&paid["id"], &paid["status"]), (&fee["id"], &json!("approved")));
    let url = paid["checkout_url"].as_str().unwrap();
    assert!(url.ends_with("/application?checkout=success"), "{url}");
    assert_eq!(shop.world.status(application).await, "accepted");
    assert_eq!(shop.count(PAYMENTS).await, 1);
}

#[tokio::test]
async fn a_fee_that_is_over_makes_room_for_another() {
    let shop = shop().await;
    let (person, application) = applicant(&shop).await;
    let mut last = pay(&shop, &person, application).await.expect(201);
    for (event, status) in [
        (Event::Declined, "rejected"),
        (Event::Expired, "expired"),
        (Event::Cancelled, "cancelled"),
    ] {
        let unheard = Occurrence { deliver: false, ..event.into() };
        shop.occurs(&last, &unheard).await;
        let next = pay(&shop, &person, application).await.expect(201);
        assert_eq!(shop.status(&last).await, status);
        assert_ne!(next["id"], last["id"]);
        last = next;
    }
    // What the provider doesn't know any more is over.
    shop.provider.clear();
    pay(&shop, &person, application).await.expect(201);
    assert_eq!(shop.status(&last).await, "expired");
}

#[tokio::test]
async fn a_provider_out_of_reach_changes_nothing_about_a_fee() {
    let shop = shop().await;
    let (person, application) = applicant(&shop).await;
    shop.provider.fail(Faults::next(3, Fault::Status(500, None)));
    pay(&shop, &person, application).await.expect(502);
    assert_eq!(shop.count(PAYMENTS).await, 0);
    let fee = pay(&shop, &person, application).await.expect(201);
    shop.provider.fail(Faults::next(3, Fault::Status(500, None)));
    pay(&shop, &person, application).await.expect(502);
    assert_eq!(shop.status(&fee).await, "pending");
    let without = format!("/popups/{}", shop.popup);
    let without = shop.world.server.patch(&without).json(&json!({ "simplefi_api_key": null }));
    shop.world.staff(without).await.expect(200);
    pay(&shop, &person, application).await.expect(400);
    assert_eq!(shop.status(&fee).await, "pending");
}

#[tokio::test]
async fn only_who_waits_for_the_fee_pays_it() {
    let shop = shop().await;
    let (person, application) = applicant(&shop).await;
    let (other, _) = applicant(&shop).await;
    pay(&shop, &other, application).await.expect(404);
    let fee = pay(&shop, &person, application).await.expect(201);
    let approved: Value = shop.patch(&fee, json!({ "status": "approved" })).await.expect(200);
    assert_eq!(approved["source"], "SimpleFI");
    assert_eq!(shop.world.status(application).await, "accepted");
    shop.patch(&fee, json!({ "status": "cancelled" })).await.expect(200);
    assert_eq!(shop.world.status(application).await, "accepted");
}
