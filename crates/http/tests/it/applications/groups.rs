//! Taking part through a group.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{Person, World, id};

async fn members(world: &World, group: Uuid) -> Vec<(Uuid, bool)> {
    let sql =
        "SELECT human_id, admitted FROM group_members WHERE group_id = $1 ORDER BY created_at";
    sqlx::query_as(sql).bind(group).fetch_all(&world.server.sql).await.unwrap()
}

async fn whitelist(world: &World, group: Uuid, email: &str) {
    let sql = "INSERT INTO group_whitelisted_emails (id, tenant_id, group_id, email) \
               VALUES (gen_random_uuid(), $1, $2, $3)";
    let listed = sqlx::query(sql).bind(world.tenant.0).bind(group).bind(email);
    listed.execute(&world.server.sql).await.unwrap();
}

async fn costly_popup(world: &World) -> Uuid {
    let fee = json!({ "requires_application_fee": true, "application_fee_amount": "12.50" });
    let popup = world.popup(fee).await;
    world.strategy(popup, json!({ "strategy_type": "all_reviewers" })).await;
    popup
}

#[tokio::test]
async fn a_group_lets_people_in_until_it_is_full() {
    let world = World::start().await;
    let popup = costly_popup(&world).await;
    let group = world.group(popup, Some(1)).await;
    let (first, second) = (world.person().await, world.person().await);
    let joining = json!({ "group_id": group });
    let accepted = world.apply(&first, popup, joining.clone()).await.expect(201);
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(accepted["group_id"], json!(group));
    assert!(accepted["submitted_at"].is_string());
    assert_eq!(world.snapshots(id(&accepted)).await, ["auto_accepted"]);
    assert_eq!(world.mails(&first).await, ["application_accepted"]);
    assert_eq!(members(&world, group).await, [(first.id.0, true)]);
    world.apply(&second, popup, joining).await.expect(400);
}

#[tokio::test]
async fn the_last_place_in_a_group_is_taken_once() {
    let world = World::start().await;
    let popup = costly_popup(&world).await;
    let group = world.group(popup, Some(1)).await;
    let mut people: Vec<Person> = Vec::new();
    for _ in 0..5 {
        people.push(world.person().await);
    }
    let joining =
        people.iter().map(|person| world.apply(person, popup, json!({ "group_id": group })));
    let answers = futures_util::future::join_all(joining).await;
    let accepted = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.status == 400).count();
    assert_eq!((accepted, refused), (1, 4));
    assert_eq!(members(&world, group).await.len(), 1);
}

#[tokio::test]
async fn a_group_with_a_list_takes_who_is_on_it() {
    let world = World::start().await;
    let popup = costly_popup(&world).await;
    let group = world.group(popup, None).await;
    let (listed, stranger) = (world.person().await, world.person().await);
    whitelist(&world, group, &listed.email).await;
    let joining = json!({ "group_id": group, "first_name": "Zoe" });
    world.apply(&stranger, popup, joining.clone()).await.expect(403);
    let path = format!("/humans/{}", stranger.id.0);
    let human = world.staff(world.server.get(&path)).await.expect(200);
    assert_eq!(human["first_name"], Value::Null);
    world.apply(&listed, popup, joining).await.expect(201);

    let elsewhere = world.popup(json!({})).await;
    world.apply(&stranger, elsewhere, json!({ "group_id": group })).await.expect(400);
    let unknown = Uuid::from_u128(1);
    world.apply(&stranger, popup, json!({ "group_id": unknown })).await.expect(404);
}

#[tokio::test]
async fn a_draft_joins_a_group_later() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let group = world.group(popup, None).await;
    let ann = world.person().await;
    let draft = id(&world.apply(&ann, popup, json!({})).await.expect(201));
    let joining = json!({ "group_id": group });
    let accepted = world.edit(&ann, popup, joining.clone()).await.expect(200);
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(members(&world, group).await, [(ann.id.0, true)]);
    // Once more: no effect.
    world.edit(&ann, popup, joining).await.expect(200);
    assert_eq!(world.snapshots(draft).await, ["auto_accepted"]);
    assert_eq!(world.mails(&ann).await, ["application_accepted"]);
    let other = world.group(popup, None).await;
    world.edit(&ann, popup, json!({ "group_id": other })).await.expect(400);
    assert!(members(&world, other).await.is_empty());
}

#[tokio::test]
async fn who_is_accepted_already_only_joins() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let group = world.group(popup, None).await;
    let ann = world.person().await;
    let submit = json!({ "status": "in review" });
    let accepted = world.apply(&ann, popup, submit).await.expect(201);
    let joined = world.edit(&ann, popup, json!({ "group_id": group })).await.expect(200);
    assert_eq!(joined["group_id"], json!(group));
    assert_eq!(joined["accepted_at"], accepted["accepted_at"]);
    assert_eq!(members(&world, group).await, [(ann.id.0, false)]);
    assert_eq!(world.mails(&ann).await, ["application_accepted"]);
}

#[tokio::test]
async fn a_full_group_takes_nobody_who_is_there_already_flagged_or_not() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let group = world.group(popup, Some(1)).await;
    let first = world.person().await;
    world.apply(&first, popup, json!({ "group_id": group })).await.expect(201);
    let (drafting, accepted, flagged) =
        (world.person().await, world.person().await, world.person().await);
    world.apply(&drafting, popup, json!({})).await.expect(201);
    for person in [&accepted, &flagged] {
        let submit = json!({ "status": "in review" });
        assert_eq!(world.apply(person, popup, submit).await.expect(201)["status"], "accepted");
    }
    world.flag(&flagged).await;
    let joining = json!({ "group_id": group });
    for person in [&drafting, &accepted, &flagged] {
        let refused = world.edit(person, popup, joining.clone()).await;
        assert_eq!((refused.status, refused.detail()), (400, "This group is full"));
    }
    assert_eq!(members(&world, group).await, [(first.id.0, true)]);

    let more = sqlx::query("UPDATE groups SET max_members = 2 WHERE id = $1").bind(group);
    more.execute(&world.server.sql).await.unwrap();
    let joined = world.edit(&flagged, popup, joining.clone()).await.expect(200);
    assert_eq!((&joined["status"], &joined["group_id"]), (&json!("accepted"), &json!(group)));
    world.edit(&accepted, popup, joining.clone()).await.expect(400);
    // Who is rejected at once takes no place.
    world.flag(&drafting).await;
    let rejected = world.edit(&drafting, popup, joining).await.expect(200);
    assert_eq!((&rejected["status"], &rejected["group_id"]), (&json!("rejected"), &Value::Null));
    assert_eq!(members(&world, group).await, [(first.id.0, true), (flagged.id.0, false)]);
}

#[tokio::test]
async fn who_is_a_member_without_an_application_has_a_place() {
    let world = World::start().await;
    let popup = costly_popup(&world).await;
    let group = world.group(popup, Some(3)).await;
    let (ann, bob, cy) = (world.person().await, world.person().await, world.person().await);
    for person in [&ann, &bob, &cy] {
        let sql = "INSERT INTO group_members (tenant_id, group_id, human_id) VALUES ($1, $2, $3)";
        let adopted = sqlx::query(sql).bind(world.tenant.0).bind(group).bind(person.id.0);
        adopted.execute(&world.server.sql).await.unwrap();
    }
    let joining = json!({ "group_id": group });
    world.apply(&world.person().await, popup, joining.clone()).await.expect(400);

    let accepted = world.apply(&ann, popup, joining.clone()).await.expect(201);
    assert_eq!(accepted["status"], "accepted");
    world.apply(&bob, popup, json!({})).await.expect(201);
    let accepted = world.edit(&bob, popup, joining).await.expect(200);
    assert_eq!(accepted["status"], "accepted");
    let body = json!({
        "popup_id": popup, "email": cy.email, "group_id": group, "status": "accepted",
    });
    world.governor(world.server.post("/applications").json(&body)).await.expect(201);
    let admitted = [(ann.id.0, true), (bob.id.0, true), (cy.id.0, false)];
    assert_eq!(members(&world, group).await, admitted);
}

#[tokio::test]
async fn no_group_opens_for_the_red_flagged_or_the_rejected() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let group = world.group(popup, Some(0)).await;
    let flagged = world.person().await;
    world.flag(&flagged).await;
    let rejected = world.apply(&flagged, popup, json!({ "group_id": group })).await.expect(201);
    assert_eq!((&rejected["status"], &rejected["group_id"]), (&json!("rejected"), &Value::Null));
    assert!(members(&world, group).await.is_empty());
    world.edit(&flagged, popup, json!({ "group_id": group })).await.expect(400);
}
