use std::time::Duration;

use edgeos_testkit::simplefi::{Event, Fault, Faults, Occurrence};
use futures_util::future::join;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Shop, statuses};
use crate::{
    harness::{Answer, Send},
    patience::until,
    world::{Person, id},
};

async fn shop() -> Shop {
    Shop::open_with(json!({
        "simplefi_api_key": "sk_test_0123456789", "requires_application_fee": true,
        "application_fee_amount": "25.50", "allows_scholarship": true,
    }))
    .await
}

/// Somebody whose application waits for the fee.
async fn applicant(shop: &Shop) -> (Person, Uuid) {
    applicant_with(shop, json!({})).await
}

/// As [`applicant`], with these further fields.
async fn applicant_with(shop: &Shop, mut fields: Value) -> (Person, Uuid) {
    let person = shop.world.person().await;
    fields["status"] = "in review".into();
    let applied = shop.world.apply(&person, shop.popup, fields).await.expect(201);
    assert_eq!(applied["status"], "pending_fee");
    (person, id(&applied))
}

fn request(shop: &Shop, person: &Person, application: Uuid) -> RequestBuilder {
    let body = json!({ "application_id": application });
    let request = shop.world.server.post("/payments/my/application-fee");
    request.bearer_auth(&person.token).json(&body)
}

async fn pay(shop: &Shop, person: &Person, application: Uuid) -> Answer {
    request(shop, person, application).answer().await
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
    assert_eq!(shop.world.snapshots(application).await, ["pending_fee", "auto_accepted"]);
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
    // So is what it calls by a word that nobody knows.
    shop.provider.fail(Faults::next(1, Fault::CreatedStatus));
    let next = pay(&shop, &person, application).await.expect(201);
    assert_eq!(shop.status(&last).await, "expired");
    last = next;
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

#[tokio::test]
async fn no_fee_is_asked_for_where_there_is_none_or_all_is_over() {
    let shop = shop().await;
    let (person, application) = applicant(&shop).await;
    let path = format!("/popups/{}", shop.popup);
    for change in [
        json!({ "requires_application_fee": false }),
        json!({ "requires_application_fee": true, "status": "ended" }),
    ] {
        let changed = shop.world.server.patch(&path).json(&change);
        shop.world.staff(changed).await.expect(200);
        assert_eq!(pay(&shop, &person, application).await.status, 400, "{change}");
    }
    assert_eq!((shop.count(PAYMENTS).await, shop.provider.calls().len()), (0, 0));
}

#[tokio::test]
async fn of_two_requests_at_once_one_opens_a_checkout() {
    let shop = shop().await;
    let (person, application) = applicant(&shop).await;
    shop.provider.fail(Faults::next(1, Fault::Slow(Duration::from_secs(1))));
    let later = async {
        until(async || shop.provider.calls().len() == 1).await;
        pay(&shop, &person, application).await
    };
    let (first, second) = join(pay(&shop, &person, application), later).await;
    let fee = first.expect(201);
    assert_eq!((second.status, second.header("retry-after")), (503, Some("1")));
    assert_eq!((&fee["status"], shop.count(PAYMENTS).await), (&json!("pending"), 1));
    // A checkout that isn't there by now isn't coming.
    let old = "UPDATE payments SET external_id = NULL, checkout_url = NULL, \
               created_at = created_at - interval '31 seconds'";
    sqlx::query(old).execute(&shop.world.server.sql).await.unwrap();
    pay(&shop, &person, application).await.expect(201);
    assert_eq!(shop.status(&fee).await, "expired");
}

#[tokio::test]
async fn a_repeated_request_opens_one_fee() {
    let shop = shop().await;
    let (person, application) = applicant(&shop).await;
    let keyed = || request(&shop, &person, application).header("Idempotency-Key", "fee");
    let (first, second) = (keyed().answer().await, keyed().answer().await);
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!((&first.body, second.header("idempotency-replayed")), (&second.body, Some("true")));
    assert_eq!((shop.count(PAYMENTS).await, shop.provider.calls().len()), (1, 1));
}

#[tokio::test]
async fn after_the_fee_comes_what_would_come_without_it() {
    let shop = shop().await;
    let (flagged, by_flagged) = applicant(&shop).await;
    let (poor, by_poor) = applicant_with(&shop, json!({ "scholarship_request": true })).await;
    let (waiting, by_waiting) = applicant(&shop).await;
    let flag = "UPDATE humans SET red_flag = true WHERE id = $1";
    sqlx::query(flag).bind(flagged.id.0).execute(&shop.world.server.sql).await.unwrap();
    for (person, application, reviewed, status, mail) in [
        (flagged, by_flagged, false, "rejected", "application_rejected"),
        (poor, by_poor, false, "in review", "application_received"),
        (waiting, by_waiting, true, "in review", "application_received"),
    ] {
        if reviewed {
            let strategy = json!({ "strategy_type": "any_reviewer" });
            shop.world.strategy(shop.popup, strategy).await;
            let (reviewer, _) = shop.world.admin().await;
            shop.world.reviewer(shop.popup, reviewer, json!({})).await;
        }
        let fee = pay(&shop, &person, application).await.expect(201);
        shop.happens(&fee, Event::CardPaid).await;
        assert_eq!(shop.status(&fee).await, "approved");
        assert_eq!(shop.world.status(application).await, status);
        assert_eq!(shop.world.mails(&person).await, [mail], "{status}");
    }
}

#[tokio::test]
async fn another_sum_than_the_fee_admits_nobody() {
    let shop = shop().await;
    let (person, application) = applicant(&shop).await;
    let fee = pay(&shop, &person, application).await.expect(201);
    let dearer = "UPDATE payments SET amount = amount + 0.02";
    sqlx::query(dearer).execute(&shop.world.server.sql).await.unwrap();
    let unheard = Occurrence { deliver: false, ..Event::CardPaid.into() };
    shop.occurs(&fee, &unheard).await;
    pay(&shop, &person, application).await.expect(409);
    assert_eq!(shop.status(&fee).await, "pending");
    assert_eq!(shop.world.status(application).await, "pending_fee");
}

#[tokio::test]
async fn a_fee_that_staff_took_back_comes_back_by_hand_alone() {
    let shop = shop().await;
    let (person, application) = applicant(&shop).await;
    let fee = pay(&shop, &person, application).await.expect(201);
    shop.happens(&fee, Event::CardPaid).await;
    shop.patch(&fee, json!({ "status": "cancelled" })).await.expect(200);
    assert_eq!(statuses(&shop.happens(&fee, Event::CardPaid).await), [200]);
    assert_eq!(shop.status(&fee).await, "cancelled");
    shop.patch(&fee, json!({ "status": "approved" })).await.expect(200);
    assert_eq!(shop.world.mails(&person).await, ["application_accepted"]);
}
