//! Many people at once.

use serde_json::{Value, json};
use uuid::Uuid;

use super::circle::{Circle, newcomer};
use crate::world::id;

fn outcomes(results: &Value) -> Vec<(bool, Option<&str>)> {
    let outcome =
        |result: &Value| (result["success"].as_bool().unwrap(), result["err_msg"].is_null());
    let results = results.as_array().unwrap();
    for result in results {
        let (success, silent) = outcome(result);
        assert_eq!(success, silent, "{result}");
    }
    results
        .iter()
        .map(|result| (result["success"].as_bool().unwrap(), result["err_msg"].as_str()))
        .collect()
}

#[tokio::test]
async fn everybody_is_told_about_in_the_order_of_the_list() {
    let listed = json!({ "whitelisted_emails": ["listed@x.com", "member@x.com"] });
    let circle = Circle::start(listed).await;
    circle.add("member@x.com", json!({ "telegram": "old" })).await.expect(201);
    let members = json!([
        newcomer("Stranger@x.com", &json!({ "telegram": "@st" })),
        newcomer("Listed@x.com", &json!({})),
        newcomer("member@x.com", &json!({ "first_name": "Mia", "telegram": "new" })),
    ]);
    let results = circle.add_all(members.clone(), false).await.expect(207);
    assert_eq!(
        outcomes(&results),
        [
            (false, Some("This e-mail address is not on the list of this group")),
            (true, None),
            (false, Some("This person is a member of this group already")),
        ]
    );
    assert_eq!(
        results[0],
        json!({
            "id": Uuid::nil(), "first_name": "Ana", "last_name": "Lopez", "email": "stranger@x.com",
            "telegram": "@st", "organization": null, "role": null, "gender": null,
            "local_resident": null, "products": [], "success": false,
            "err_msg": "This e-mail address is not on the list of this group",
        })
    );
    assert!(!circle.knows("stranger@x.com").await);
    let listed = circle.application_of(id(&results[1])).await;
    assert_eq!(
        (&listed["status"], &listed["group_id"]),
        (&json!("accepted"), &json!(circle.group))
    );

    let results = circle.add_all(members, true).await.expect(207);
    let successes: Vec<_> = outcomes(&results).iter().map(|(success, _)| *success).collect();
    assert_eq!(successes, [false, true, true]);
    let updated = &results[2];
    assert_eq!((&updated["first_name"], &updated["telegram"]), (&json!("Mia"), &json!("new")));
    assert_eq!(circle.human(id(updated)).await["first_name"], "Mia");
    assert_eq!(circle.emails().await, ["member@x.com", "listed@x.com"]);
}

#[tokio::test]
async fn one_malformed_row_stops_the_whole_list() {
    let circle = Circle::start(json!({})).await;
    let members = json!([
        newcomer("ana@x.com", &json!({})),
        newcomer("bo@x.com", &json!({ "first_name": " " })),
    ]);
    let answer = circle.add_all(members, false).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.faults()[0].1, json!(["body", "members", 1, "first_name"]));
    assert!(!circle.knows("ana@x.com").await);
    let empty = circle.add_all(json!([]), false).await;
    assert_eq!(empty.status, 422);
    assert_eq!(empty.faults()[0].1, json!(["body", "members"]));
    let one = newcomer("ana@x.com", &json!({}));
    circle.add_all(json!(vec![one; 1001]), false).await.expect(422);
    assert!(!circle.knows("ana@x.com").await);
}

#[tokio::test]
async fn a_list_stops_at_the_cap_and_names_nobody_twice() {
    let circle = Circle::start(json!({ "max_members": 2 })).await;
    let members = json!([
        newcomer("ana@x.com", &json!({})),
        newcomer("ANA@x.com", &json!({ "first_name": "Anna" })),
        newcomer("bo@x.com", &json!({})),
        newcomer("cy@x.com", &json!({})),
    ]);
    let results = circle.add_all(members.clone(), false).await.expect(207);
    assert_eq!(
        outcomes(&results),
        [
            (true, None),
            (false, Some("This person is a member of this group already")),
            (true, None),
            (false, Some("This group is full")),
        ]
    );
    assert_eq!(circle.emails().await, ["ana@x.com", "bo@x.com"]);
    assert!(!circle.knows("cy@x.com").await);
    let results = circle.add_all(members, true).await.expect(207);
    let successes: Vec<_> = outcomes(&results).iter().map(|(success, _)| *success).collect();
    assert_eq!(successes, [true, true, true, false]);
    assert_eq!(circle.members().await[0]["first_name"], "Anna");
}

#[tokio::test]
async fn what_goes_wrong_with_one_leaves_the_others_alone() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let (bob, application) = world.submitted(circle.popup).await;
    world.decide(application, "reject").await.expect(200);
    let flagged = world.person().await;
    world.flag(&flagged).await;
    // The database itself refuses this one.
    let sql = "ALTER TABLE humans ADD CONSTRAINT no_bad CHECK (first_name <> 'Bad')";
    sqlx::query(sql).execute(&world.server.sql).await.unwrap();
    let members = json!([
        newcomer("ana@x.com", &json!({})),
        newcomer("bad@x.com", &json!({ "first_name": "Bad" })),
        newcomer(&bob.email, &json!({})),
        newcomer(&flagged.email, &json!({})),
        newcomer("cy@x.com", &json!({})),
    ]);
    let results = circle.add_all(members, false).await.expect(207);
    assert_eq!(
        outcomes(&results),
        [
            (true, None),
            (false, Some("This could not be done")),
            (false, Some("This person's application can't be accepted any more")),
            (false, Some("This person can't be added to a group")),
            (true, None),
        ]
    );
    assert_eq!(circle.emails().await, ["ana@x.com", "cy@x.com"]);
    assert!(!circle.knows("bad@x.com").await);
    assert_eq!(world.status(application).await, "rejected");
}

#[tokio::test]
async fn a_long_list_is_brought_in_in_its_order() {
    let circle = Circle::start(json!({})).await;
    let mut members: Vec<_> =
        (0..100).map(|number| newcomer(&format!("m{number}@x.com"), &json!({}))).collect();
    let results = circle.add_all(json!(members), false).await.expect(207);
    assert!(outcomes(&results).iter().all(|(success, _)| *success));
    let emails = circle.emails().await;
    assert_eq!(emails.len(), 100);
    assert_eq!((emails[0].as_str(), emails[99].as_str()), ("m0@x.com", "m99@x.com"));

    members.resize(1000, json!({}));
    let answer = circle.add_all(json!(members), false).await;
    assert_eq!(answer.faults().last().unwrap().1, json!(["body", "members", 999, "email"]));
    members.push(json!({}));
    let answer = circle.add_all(json!(members), false).await;
    assert_eq!(answer.faults()[0].1, json!(["body", "members"]));
}

#[tokio::test]
async fn an_event_that_is_over_takes_nobody_from_a_list() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let path = format!("/popups/{}", circle.popup);
    let ended = json!({ "status": "ended" });
    world.staff(world.server.patch(&path).json(&ended)).await.expect(200);
    let results = circle.add_all(json!([newcomer("ana@x.com", &json!({}))]), false).await;
    assert_eq!(outcomes(&results.expect(207)), [(false, Some("This event is closed"))]);
    assert!(!circle.knows("ana@x.com").await);
}
