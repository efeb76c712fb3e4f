//! What applicants may still change, and what is asked of them each time.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{World, id};

async fn close(world: &World, popup: Uuid) {
    let path = format!("/popups/{popup}");
    let ended = json!({ "status": "ended" });
    world.staff(world.server.patch(&path).json(&ended)).await.expect(200);
}

/// Adds a question to the form of `popup` that has to be answered.
async fn demand(world: &World, popup: Uuid, name: &str) {
    let body = json!({ "popup_id": popup, "label": name, "required": true });
    world.staff(world.server.post("/form-fields").json(&body)).await.expect(201);
}

fn names(application: &Value) -> Vec<&str> {
    let attendees = application["attendees"].as_array().unwrap().iter();
    attendees.map(|attendee| attendee["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_closed_event_takes_no_new_companions_but_lets_others_change_and_go() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true, "allows_children": true })).await;
    let person = world.person().await;
    let family = json!([{ "name": "S", "category": "spouse" }, { "name": "K", "category": "kid" }]);
    let begun = world.apply(&person, popup, json!({ "companions": family })).await.expect(201);
    close(&world, popup).await;

    let more = json!({ "referral": "x", "companions": [
        { "name": "S", "category": "spouse" }, { "name": "L", "category": "kid" },
    ]});
    let refused = world.edit(&person, popup, more).await;
    assert_eq!((refused.status, refused.detail()), (400, "This event is closed"));
    let after = world.application(id(&begun)).await;
    assert_eq!(names(&after), ["Ada Lovelace", "S", "K"]);
    assert_eq!(after["referral"], Value::Null);

    let fewer = json!({ "companions": [{ "name": "K", "category": "kid", "email": "k@x.com" }] });
    let edited = world.edit(&person, popup, fewer).await.expect(200);
    assert_eq!(names(&edited), ["Ada Lovelace", "K"]);
    assert_eq!(edited["attendees"][1]["email"], "k@x.com");
}

#[tokio::test]
async fn whoever_presses_the_button_again_is_asked_for_every_answer_again() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    demand(&world, popup, "Size").await;
    let person = world.person().await;
    let answered = json!({ "status": "in review", "custom_fields": { "size": "M" } });
    let application = id(&world.apply(&person, popup, answered.clone()).await.expect(201));
    let missing = json!(["Size: an answer is required"]);
    let unanswered = [
        json!({ "status": "in review", "custom_fields": {} }),
        json!({ "status": "in review", "custom_fields": { "size": " " } }),
    ];
    for wish in &unanswered {
        let refused = world.edit(&person, popup, wish.clone()).await.expect(400);
        assert_eq!(refused["detail"]["errors"], missing);
    }
    assert_eq!(world.application(application).await["custom_fields"], json!({ "size": "M" }));
    world.edit(&person, popup, answered.clone()).await.expect(200);
    assert_eq!(world.snapshots(application).await, ["submitted"]);

    world.vote(&world.admin, application, "yes").await.expect(201);
    assert_eq!(world.status(application).await, "accepted");
    for wish in &unanswered {
        let refused = world.edit(&person, popup, wish.clone()).await.expect(400);
        assert_eq!(refused["detail"]["errors"], missing);
    }
    // Without the button it is an edit.
    let edited = world.edit(&person, popup, json!({ "custom_fields": {} })).await.expect(200);
    assert_eq!(edited["custom_fields"], json!({}));
    let again = json!({ "status": "in review" });
    world.edit(&person, popup, again).await.expect(400);
    world.edit(&person, popup, answered).await.expect(200);
}

#[tokio::test]
async fn who_takes_part_through_a_group_is_asked_for_no_answer() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    demand(&world, popup, "Size").await;
    let group = world.group(popup, None).await;
    let person = world.person().await;
    world.apply(&person, popup, json!({})).await.expect(201);
    let joining = json!({ "status": "in review", "group_id": group });
    world.edit(&person, popup, joining.clone()).await.expect(200);
    world.edit(&person, popup, joining).await.expect(200);
    let edit = json!({ "status": "in review", "referral": "x" });
    assert_eq!(world.edit(&person, popup, edit).await.expect(200)["referral"], "x");
}

#[tokio::test]
async fn a_wrong_companion_is_named_with_everything_else_that_is_wrong() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true, "allows_children": true })).await;
    let person = world.person().await;
    let family = json!([
        { "name": "K", "category": "kid", "email": "" },
        // Nobody yet, whatever else is said.
        { "name": " ", "category": "kid", "email": "nonsense" },
        { "name": "S", "category": "spouse", "email": "nonsense" },
        { "name": "L", "category": "kid", "email": "a b@x.com" },
    ]);
    let wrong = json!({ "referral": "x".repeat(256), "companions": family });
    let expected = [
        json!(["body", "companions", 2, "email"]),
        json!(["body", "companions", 3, "email"]),
        json!(["body", "referral"]),
    ];
    let begun = world.apply(&person, popup, wrong.clone()).await;
    let body = json!({
        "popup_id": popup, "email": "new@x.com", "first_name": "A", "last_name": "B",
        "referral": wrong["referral"], "companions": wrong["companions"],
    });
    let entered = world.governor(world.server.post("/applications").json(&body)).await;
    world.apply(&person, popup, json!({})).await.expect(201);
    let edited = world.edit(&person, popup, wrong).await;
    for answer in [begun, entered, edited] {
        assert_eq!(answer.status, 422, "{answer:?}");
        let mut places: Vec<_> = answer.faults().into_iter().map(|(_, place)| place).collect();
        places.sort_by_key(Value::to_string);
        assert_eq!(places, expected);
    }
}
