//! How people take part, and what was bought for them.

use serde_json::{Value, json};

use crate::world::{World, id};

#[tokio::test]
async fn who_has_applied_takes_part_as_applicant_whatever_else() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true })).await;
    let path = format!("/applications/my/participation/{popup}");
    let (ada, bo) = (world.person().await, world.person().await);
    assert_eq!(world.see(&ada, &path).await.expect(200), json!({ "type": "none" }));

    let draft = world.apply(&ada, popup, json!({})).await.expect(201);
    let own = json!({ "type": "applicant", "application_id": draft["id"], "status": "draft" });
    assert_eq!(world.see(&ada, &path).await.expect(200), own);
    let spouse = json!([{ "name": "Ada", "category": "spouse", "email": ada.email }]);
    let spouse = json!({ "companions": spouse, "status": "in review" });
    world.apply(&bo, popup, spouse).await.expect(201);
    assert_eq!(world.see(&ada, &path).await.expect(200), own);
    world.flag(&ada).await;
    world.edit(&ada, popup, json!({ "status": "in review" })).await.expect(200);
    assert_eq!(world.see(&ada, &path).await.expect(200)["status"], "rejected");
}

#[tokio::test]
async fn a_companion_takes_part_while_the_application_counts() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let switches = json!({ "allows_spouse": true, "allows_children": true });
    let request = world.server.patch(&format!("/popups/{popup}")).json(&switches);
    world.staff(request).await.expect(200);
    let path = format!("/applications/my/participation/{popup}");
    let (ada, bo, carl) = (world.person().await, world.person().await, world.person().await);
    let carl_as = |category: &str| {
        json!({
            "companions": [{ "name": "Carl", "category": category, "email": carl.email }],
            "status": "in review",
        })
    };
    let first = world.apply(&ada, popup, carl_as("spouse")).await.expect(201);
    let second = world.apply(&bo, popup, carl_as("kid")).await.expect(201);
    let place = |application: &Value, status: &str| {
        let attendee = &application["attendees"][1];
        json!({
            "type": "companion",
            "attendee": {
                "id": attendee["id"], "name": "Carl", "category": attendee["category"],
                "check_in_code": attendee["check_in_code"],
            },
            "application_status": status,
        })
    };
    assert_eq!(world.see(&carl, &path).await.expect(200), place(&first, "in review"));
    world.decide(id(&first), "accept").await.expect(200);
    assert_eq!(world.see(&carl, &path).await.expect(200), place(&first, "accepted"));
    let purchases = format!("/applications/my/{popup}/purchases");
    assert_eq!(world.see(&carl, &purchases).await.expect(200), json!([]));

    // What is rejected or withdrawn brings nobody.
    let withdrawn =
        "UPDATE applications SET status = 'withdrawn', accepted_at = NULL WHERE id = $1";
    let withdrawn = sqlx::query(withdrawn).bind(id(&first));
    withdrawn.execute(&world.server.sql).await.unwrap();
    assert_eq!(world.see(&carl, &path).await.expect(200), place(&second, "in review"));
    world.decide(id(&second), "reject").await.expect(200);
    assert_eq!(world.see(&carl, &path).await.expect(200), json!({ "type": "none" }));
}

#[tokio::test]
async fn purchases_are_listed_for_everybody_whom_the_application_brings() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true, "allows_children": true })).await;
    let (ada, outsider) = (world.person().await, world.person().await);
    let path = format!("/applications/my/{popup}/purchases");
    assert_eq!(world.see(&ada, &path).await.expect(200), json!([]));
    let family = json!([{ "name": "K", "category": "kid" }, { "name": "S", "category": "spouse" }]);
    let family = json!({ "companions": family, "status": "in review" });
    let application = world.apply(&ada, popup, family).await.expect(201);
    let two = world.pass(popup, "Week2", "2026-03-09", "2026-03-15T12:30:00.5Z").await;
    let one = world.pass(popup, "Week1", "2026-03-02", "2026-03-08").await;
    world.buy(&application, 0, two, 1).await;
    world.buy(&application, 0, one, 2).await;
    world.buy(&application, 1, two, 3).await;

    let purchases = world.see(&ada, &path).await.expect(200);
    let told: Vec<_> = purchases
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let products: Vec<_> = one["products"]
                .as_array()
                .unwrap()
                .iter()
                .map(|product| json!([product["id"], product["name"], product["quantity"]]))
                .collect();
            json!([one["attendee_id"], one["attendee_name"], one["attendee_category"], products])
        })
        .collect();
    let attendees = &application["attendees"];
    assert_eq!(
        told,
        [
            json!([
                attendees[0]["id"],
                "Ada Lovelace",
                "main",
                [[one, "Week1", 2], [two, "Week2", 1]]
            ]),
            json!([attendees[1]["id"], "K", "kid", [[two, "Week2", 3]]]),
            json!([attendees[2]["id"], "S", "spouse", []]),
        ]
    );
    let product = &purchases[0]["products"][1];
    assert_eq!((&product["price"], &product["category"]), (&json!("100.00"), &json!("ticket")));
    assert_eq!(product["duration_type"], "week");
    assert_eq!(product["start_date"], "2026-03-09T00:00:00Z");
    assert_eq!(product["end_date"], "2026-03-15T12:30:00.500000Z");
    assert_eq!(product["compare_price"], Value::Null);
    assert_eq!(world.see(&outsider, &path).await.expect(200), json!([]));
}

#[tokio::test]
async fn an_event_that_isnt_there_has_no_participants() {
    let world = World::start().await;
    let person = world.person().await;
    let nowhere = crate::harness::nobody();
    let path = format!("/applications/my/participation/{nowhere}");
    assert_eq!(world.see(&person, &path).await.expect(200), json!({ "type": "none" }));
    let path = format!("/applications/my/{nowhere}/purchases");
    assert_eq!(world.see(&person, &path).await.expect(200), json!([]));
    world.see(&person, "/applications/my/participation/zz").await.expect(422);
    world.see(&person, "/applications/my/zz/purchases").await.expect(422);
}
