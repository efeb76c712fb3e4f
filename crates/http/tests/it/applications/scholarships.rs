//! Asking for a scholarship, and what staff make of it.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send},
    world::{Person, World, id},
};

async fn decided(world: &World, application: Uuid, decision: Value) -> Answer {
    let path = format!("/applications/{application}/scholarship");
    world.staff(world.server.patch(&path).json(&decision)).await
}

/// Somebody who asks for a scholarship.
async fn asked(world: &World, popup: Uuid) -> (Person, Uuid) {
    let person = world.person().await;
    let fields = json!({ "status": "in review", "scholarship_request": true });
    let application = world.apply(&person, popup, fields).await.expect(201);
    assert_eq!(application["status"], "in review");
    (person, id(&application))
}

#[tokio::test]
async fn a_scholarship_is_decided_before_anybody_is_accepted() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_scholarship": true })).await;
    let (person, application) = asked(&world, popup).await;
    assert_eq!(world.mails(&person).await, ["application_received"]);
    for (decision, status, field) in [
        (json!({ "scholarship_status": "approved" }), 422, "discount_percentage"),
        (
            json!({ "scholarship_status": "approved", "discount_percentage": 150 }),
            422,
            "discount_percentage",
        ),
        (json!({ "scholarship_status": "pending" }), 422, "scholarship_status"),
    ] {
        let refused = decided(&world, application, decision).await;
        assert_eq!(refused.status, status);
        assert_eq!(refused.faults()[0].1, json!(["body", field]));
    }
    let body = json!({ "scholarship_status": "approved", "discount_percentage": 12.5 });
    let path = format!("/applications/{application}/scholarship");
    let (_, viewer) = world.server.user("viewer", Some(world.tenant)).await;
    for token in [&viewer, &person.token] {
        world.server.patch(&path).bearer_auth(token).json(&body).answer().await.expect(403);
    }
    world.decide(application, "accept").await.expect(409);

    let accepted = decided(&world, application, body).await.expect(200);
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(accepted["discount_percentage"], "12.50");
    let mails = world.mails(&person).await;
    assert_eq!(mails, ["application_received", "application_accepted_with_discount"]);
    let mail = world
        .server
        .inbox()
        .wait_for(|mail| mail.to.contains(&person.email) && mail.subject.contains("scholarship"))
        .await;
    assert!(mail.text.contains("12.50 %"), "{mail:?}");

    // Decided again: the fields change, the applicant hears nothing.
    let again = json!({ "scholarship_status": "rejected", "discount_percentage": 20 });
    let after = decided(&world, application, again).await.expect(200);
    assert_eq!(
        (&after["status"], &after["discount_percentage"]),
        (&json!("accepted"), &Value::Null)
    );
    assert_eq!(world.mails(&person).await.len(), 2);
    let log = format!("/audit-entries?action=scholarship.decided&subject_id={application}");
    let log = world.staff(world.server.get(&log)).await.expect(200);
    let details: Vec<_> =
        log["results"].as_array().unwrap().iter().map(|entry| &entry["details"]).collect();
    let approved = json!({ "before": null, "after": "approved" });
    let rejected = json!({ "before": "approved", "after": "rejected" });
    assert_eq!(details, [&rejected, &approved]);
}

#[tokio::test]
async fn who_gets_no_scholarship_may_come_all_the_same() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_scholarship": true })).await;
    let (person, application) = asked(&world, popup).await;
    let rejected = json!({ "scholarship_status": "rejected", "discount_percentage": 50 });
    let accepted = decided(&world, application, rejected).await.expect(200);
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(accepted["discount_percentage"], Value::Null);
    assert_eq!(world.mails(&person).await[1], "application_accepted_scholarship_rejected");
}

#[tokio::test]
async fn an_incentive_needs_an_event_that_grants_them() {
    let world = World::start().await;
    let granting = json!({ "allows_scholarship": true, "allows_incentive": true });
    let popup = world.popup(granting).await;
    let (person, application) = asked(&world, popup).await;
    let decision = json!({
        "scholarship_status": "approved", "discount_percentage": "100",
        "incentive_amount": "250.505", "incentive_currency": "EUR",
    });
    for (field, value) in [
        ("incentive_currency", Value::Null),
        ("incentive_currency", json!("E1")),
        ("incentive_amount", json!(-1)),
    ] {
        let mut wrong = decision.clone();
        wrong[field] = value;
        assert_eq!(decided(&world, application, wrong).await.faults()[0].1, json!(["body", field]));
    }
    let all_wrong = json!({
        "scholarship_status": "approved", "discount_percentage": 101, "incentive_amount": -1,
        "incentive_currency": "E1",
    });
    let refused = decided(&world, application, all_wrong).await;
    let places: Vec<_> = refused.faults().into_iter().map(|(_, place)| place).collect();
    let fields = ["discount_percentage", "incentive_amount", "incentive_currency"];
    assert_eq!(places, fields.map(|field| json!(["body", field])));
    let accepted = decided(&world, application, decision.clone()).await.expect(200);
    assert_eq!(accepted["incentive_amount"], "250.51");
    assert_eq!(accepted["incentive_currency"], "EUR");
    assert_eq!(accepted["discount_percentage"], "100.00");
    assert_eq!(world.mails(&person).await[1], "application_accepted_with_incentive");
    let less = json!({
        "scholarship_status": "approved", "discount_percentage": 50.55, "incentive_amount": 1000,
        "incentive_currency": "EUR",
    });
    let changed = decided(&world, application, less).await.expect(200);
    assert_eq!(changed["discount_percentage"], "50.55");
    assert_eq!(changed["incentive_amount"], "1000.00");

    let popup = world.popup(json!({ "allows_scholarship": true })).await;
    let (_, application) = asked(&world, popup).await;
    decided(&world, application, decision).await.expect(400);
}

#[tokio::test]
async fn a_request_held_back_without_strategy_is_freed_by_the_decision() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_scholarship": true })).await;
    let path = format!("/popups/{popup}/approval-strategy");
    world.staff(world.server.delete(&path)).await.expect(204);
    let (_, application) = asked(&world, popup).await;
    let free = json!({ "scholarship_status": "approved", "discount_percentage": 0 });
    assert_eq!(decided(&world, application, free).await.expect(200)["status"], "accepted");
}

#[tokio::test]
async fn votes_wait_for_the_scholarship() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_scholarship": true })).await;
    world.strategy(popup, json!({ "strategy_type": "any_reviewer" })).await;
    let (person, application) = asked(&world, popup).await;
    world.vote(&world.admin, application, "yes").await.expect(201);
    assert_eq!(world.status(application).await, "in review");
    let half = json!({ "scholarship_status": "approved", "discount_percentage": 50 });
    assert_eq!(decided(&world, application, half).await.expect(200)["status"], "accepted");
    assert_eq!(world.mails(&person).await[1], "application_accepted_with_discount");
}

#[tokio::test]
async fn nobody_asks_where_nothing_is_offered() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let asking = json!({ "scholarship_request": true });
    let refused = world.apply(&person, popup, asking.clone()).await;
    assert_eq!(refused.faults()[0].1, json!(["body", "scholarship_request"]));
    let begun = world.apply(&person, popup, json!({})).await.expect(201);
    world.edit(&person, popup, asking).await.expect(422);
    let half = json!({ "scholarship_status": "approved", "discount_percentage": 50 });
    decided(&world, id(&begun), half.clone()).await.expect(400);

    let popup = world.popup(json!({ "allows_scholarship": true })).await;
    let begun = world.apply(&person, popup, json!({})).await.expect(201);
    decided(&world, id(&begun), half).await.expect(409);
}
