//! Whom leaders bring in, and what they change about them.

use serde_json::{Value, json};
use uuid::Uuid;

use super::circle::{Circle, newcomer};
use crate::{
    harness::{Send, nobody},
    world::{World, id},
};

#[tokio::test]
async fn somebody_new_is_known_accepted_and_a_member() {
    let circle = Circle::start(json!({ "max_members": 3 })).await;
    let world = &circle.world;
    let fields = json!({ "telegram": " @ana ", "gender": "Female", "local_resident": true });
    let member = circle.add(" ANA@x.com ", fields).await.expect(201);
    assert_eq!(
        member,
        json!({
            "id": member["id"], "first_name": "Ana", "last_name": "Lopez", "email": "ana@x.com",
            "telegram": "@ana", "organization": null, "role": null, "gender": "Female",
            "local_resident": null, "products": [],
        })
    );
    let application = circle.application_of(id(&member)).await;
    assert_eq!(application["status"], "accepted");
    assert_eq!(application["group_id"], json!(circle.group));
    assert_eq!(application["submitted_at"], application["accepted_at"]);
    assert!(application["custom_fields_schema"]["sections"].is_array());
    let attendees = application["attendees"].as_array().unwrap();
    assert_eq!(attendees.len(), 1);
    assert_eq!(
        (&attendees[0]["name"], &attendees[0]["category"]),
        (&json!("Ana Lopez"), &json!("main"))
    );
    assert_eq!(world.snapshots(id(&application)).await, ["auto_accepted"]);
    let mails = "SELECT count(*) FROM outbox WHERE popup_id = $1";
    assert_eq!(world.count(mails, circle.popup).await, 0);
    assert_eq!(circle.emails().await, ["ana@x.com"]);
    circle.add("Ana@X.com", json!({})).await.expect(400);
    assert_eq!(circle.emails().await, ["ana@x.com"]);
}

#[tokio::test]
async fn who_waits_for_a_decision_is_accepted_and_stays_who_they_are() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let (bob, application) = world.submitted(circle.popup).await;
    let bobs = json!({ "first_name": "Bob", "telegram": "bobt", "last_name": "Li" });
    world.edit(&bob, circle.popup, bobs).await.expect(200);
    let before = world.application(application).await;
    let fields = json!({ "first_name": "Robert", "last_name": "Lee", "gender": "Male" });
    let member = circle.add(&bob.email, fields).await.expect(201);
    assert_eq!(id(&member), bob.id.0);
    assert_eq!((&member["first_name"], &member["telegram"]), (&json!("Bob"), &json!("bobt")));
    assert_eq!((&member["last_name"], &member["gender"]), (&json!("Li"), &json!("Male")));
    let after = world.application(application).await;
    assert_eq!(after["status"], "accepted");
    assert_eq!(after["submitted_at"], before["submitted_at"]);
    assert_eq!(world.snapshots(application).await, ["submitted", "accepted"]);
    assert_eq!(world.mails(&bob).await, ["application_received", "application_accepted"]);
}

#[tokio::test]
async fn who_is_accepted_already_only_joins() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let (bob, application) = world.submitted(circle.popup).await;
    world.vote(&world.admin, application, "yes").await.expect(201);
    let before = world.application(application).await;
    circle.add(&bob.email, json!({})).await.expect(201);
    let after = world.application(application).await;
    assert_eq!(after["accepted_at"], before["accepted_at"]);
    assert_eq!(after["group_id"], json!(circle.group));
    assert_eq!(world.snapshots(application).await, ["submitted", "accepted"]);
    assert_eq!(world.mails(&bob).await, ["application_received", "application_accepted"]);
    let admitted = "SELECT count(*) FROM group_members WHERE human_id = $1 AND admitted";
    assert_eq!(world.count(admitted, bob.id.0).await, 0);
}

#[tokio::test]
async fn a_draft_or_an_unpaid_fee_or_a_scholarship_holds_nobody_back() {
    let world = World::start().await;
    let popup = json!({
        "requires_application_fee": true, "application_fee_amount": "12.50",
        "allows_scholarship": true,
    });
    let popup = world.popup(popup).await;
    let circle = Circle::in_popup(world, popup, json!({})).await;
    let world = &circle.world;
    let draft = json!({ "scholarship_request": true });
    let unpaid = json!({ "status": "in review" });
    for (fields, events) in [(draft, &["accepted"][..]), (unpaid, &["pending_fee", "accepted"])] {
        let bob = world.person().await;
        let application = id(&world.apply(&bob, popup, fields).await.expect(201));
        circle.add(&bob.email, json!({})).await.expect(201);
        let accepted = world.application(application).await;
        assert_eq!(accepted["status"], "accepted");
        assert!(accepted["submitted_at"].is_string());
        assert_eq!(world.snapshots(application).await, events);
        assert_eq!(world.mails(&bob).await, ["application_accepted"]);
    }
}

#[tokio::test]
async fn no_leader_overturns_a_rejection() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let (bob, application) = world.submitted(circle.popup).await;
    world.decide(application, "reject").await.expect(200);
    let before = world.application(application).await;
    let mails = world.mails(&bob).await;
    circle.add(&bob.email, json!({ "telegram": "x" })).await.expect(400);
    assert_eq!(world.application(application).await, before);
    assert_eq!(world.mails(&bob).await, mails);
    world.edit(&bob, circle.popup, json!({ "group_id": circle.group })).await.expect(400);

    let entered = json!({
        "popup_id": circle.popup, "email": "cy@x.com", "first_name": "Cy", "last_name": "Oh",
        "status": "withdrawn",
    });
    let post = world.server.post("/applications").json(&entered);
    let withdrawn = world.governor(post).await.expect(201);
    circle.add("cy@x.com", json!({})).await.expect(400);
    assert_eq!(world.status(id(&withdrawn)).await, "withdrawn");
    assert!(circle.members().await.is_empty());
}

#[tokio::test]
async fn whoever_may_not_come_in_stays_as_they_are() {
    let circle = Circle::start(json!({ "max_members": 1 })).await;
    let world = &circle.world;
    let other = id(&world.set_up(circle.popup, json!({})).await.expect(201));
    let bob = world.person().await;
    let joined = world.apply(&bob, circle.popup, json!({ "group_id": other })).await.expect(201);
    circle.add(&bob.email, json!({ "telegram": "x" })).await.expect(400);
    assert_eq!(circle.application_of(bob.id.0).await["group_id"], joined["group_id"]);
    assert_eq!(circle.human(bob.id.0).await["telegram"], Value::Null);

    let flagged = world.person().await;
    world.flag(&flagged).await;
    let refused = circle.add(&flagged.email, json!({})).await;
    assert_eq!(refused.status, 400);
    assert!(!refused.detail().contains("flag"), "{refused:?}");

    world.change(circle.group, json!({ "whitelisted_emails": ["Listed@x.com"] })).await.expect(200);
    circle.add("stranger@x.com", json!({})).await.expect(403);
    assert!(!circle.knows("stranger@x.com").await);
    // Known people have to be on the list as well, whether they have applied or not.
    let (waiting, application) = world.submitted(circle.popup).await;
    circle.add(&waiting.email, json!({})).await.expect(403);
    assert_eq!(world.status(application).await, "in review");
    circle.add("listed@X.com", json!({})).await.expect(201);
    let full = circle.add("stranger@x.com", json!({})).await;
    assert_eq!((full.status, full.detail()), (400, "This group is full"));
    let path = format!("/popups/{}", circle.popup);
    let ended = json!({ "status": "ended" });
    world.staff(world.server.patch(&path).json(&ended)).await.expect(200);
    let closed = circle.add("listed@x.com", json!({})).await;
    assert_eq!((closed.status, closed.detail()), (400, "This event is closed"));
    assert_eq!(circle.emails().await, ["listed@x.com"]);
}

#[tokio::test]
async fn nobody_takes_part_twice() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true, "allows_children": true })).await;
    let circle = Circle::in_popup(world, popup, json!({})).await;
    let world = &circle.world;
    let (ann, spouse) = (world.person().await, world.person().await);
    let companions = json!({ "companions": [
        { "name": "Bo", "category": "spouse", "email": spouse.email },
        { "name": "Cy", "category": "kid", "email": "cy@x.com" },
    ]});
    world.apply(&ann, popup, companions).await.expect(201);
    circle.add(&spouse.email, json!({})).await.expect(409);
    circle.add("Cy@x.com", json!({})).await.expect(409);
    assert!(!circle.knows("cy@x.com").await);
    assert!(circle.members().await.is_empty());
}

#[tokio::test]
async fn somebody_new_gets_the_tickets_of_the_address() {
    let world = World::start().await;
    let elsewhere = world.popup(json!({ "allows_spouse": true })).await;
    let circle = Circle::of(world, json!({})).await;
    let world = &circle.world;
    let ann = world.person().await;
    let spouse =
        json!({ "companions": [{ "name": "Bo", "category": "spouse", "email": "bo@x.com" }] });
    world.apply(&ann, elsewhere, spouse).await.expect(201);
    let member = circle.add("BO@x.com", json!({})).await.expect(201);
    let linked = "SELECT count(*) FROM attendees WHERE human_id = $1 AND category = 'spouse'";
    assert_eq!(world.count(linked, id(&member)).await, 1);
}

#[tokio::test]
async fn what_cant_be_a_member_is_told_before_the_group_is_looked_for() {
    let circle = Circle::start(json!({})).await;
    let long = "x".repeat(256);
    for (field, wrong) in [
        ("first_name", json!(" ")),
        ("first_name", json!(long)),
        ("last_name", Value::Null),
        ("email", json!("nonsense")),
        ("email", json!("")),
        ("email", json!(format!("{long}@x.com"))),
        ("telegram", json!(long)),
        ("gender", json!("x".repeat(51))),
        ("telegram", json!("a\0")),
        ("local_resident", json!("yes")),
    ] {
        let mut body = newcomer("ana@x.com", &json!({}));
        body[field] = wrong;
        let path = format!("/groups/my/{}/members", nobody());
        let answer = circle.lead(circle.world.server.post(&path).json(&body)).await;
        assert_eq!(answer.status, 422, "{field}: {answer:?}");
        assert_eq!(answer.faults()[0].1, json!(["body", field]));
    }
    // Names that are long together still make an attendee.
    let long = "x".repeat(255);
    let fields = json!({ "first_name": long, "last_name": long });
    circle.add("ana@x.com", fields).await.expect(201);
}

#[tokio::test]
async fn a_leader_edits_a_profile_but_nobodys_login() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    // However the member came in.
    let ann = world.person().await;
    world.apply(&ann, circle.popup, json!({ "group_id": circle.group })).await.expect(201);
    for other in ["evil@x.com", "", "nonsense", " "] {
        circle.edit(ann.id.0, json!({ "email": other, "telegram": "x" })).await.expect(400);
    }
    let same = circle.human(ann.id.0).await;
    assert_eq!((&same["email"], &same["telegram"]), (&json!(ann.email), &Value::Null));

    let change = json!({
        "email": format!(" {} ", ann.email.to_uppercase()), "telegram": " @new ", "gender": "Other",
        "first_name": " Anna ", "local_resident": false, "red_flag": true,
    });
    let edited = circle.edit(ann.id.0, change).await.expect(200);
    assert_eq!((&edited["email"], &edited["telegram"]), (&json!(ann.email), &json!("@new")));
    assert_eq!((&edited["first_name"], &edited["last_name"]), (&json!("Anna"), &json!("Lovelace")));
    assert_eq!(edited["local_resident"], Value::Null);
    for wrong in [
        json!({ "first_name": null }),
        json!({ "last_name": " " }),
        json!({ "email": null }),
        json!({ "gender": "x".repeat(51) }),
    ] {
        assert_eq!(circle.edit(ann.id.0, wrong.clone()).await.status, 422, "{wrong}");
    }
    let cleared = circle.edit(ann.id.0, json!({ "telegram": null, "gender": null })).await;
    let cleared = cleared.expect(200);
    assert_eq!((&cleared["telegram"], &cleared["gender"]), (&Value::Null, &Value::Null));
    let human = circle.human(ann.id.0).await;
    assert_eq!((&human["email"], &human["red_flag"]), (&json!(ann.email), &json!(false)));
    let attendee = circle.application_of(ann.id.0).await["attendees"][0].clone();
    assert_eq!(attendee["name"], "Ada Lovelace");
}

#[tokio::test]
async fn who_follows_the_link_is_a_member_like_others() {
    let circle = Circle::start(json!({ "max_members": 1 })).await;
    let world = &circle.world;
    let first = circle.add("ana@x.com", json!({})).await.expect(201);
    let bo = world.person().await;
    let joining = json!({ "group_id": circle.group });
    world.apply(&bo, circle.popup, joining.clone()).await.expect(400);
    world.change(circle.group, json!({ "max_members": 2 })).await.expect(200);
    let accepted = world.apply(&bo, circle.popup, joining).await.expect(201);
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(circle.emails().await, ["ana@x.com", bo.email.as_str()]);
    circle.edit(bo.id.0, json!({ "telegram": "x" })).await.expect(200);
    circle.remove(bo.id.0).await.expect(204);
    assert_eq!(circle.emails().await, ["ana@x.com"]);
    assert_eq!(id(&first), id(&circle.members().await[0]));
}

#[tokio::test]
async fn members_show_what_they_answer_and_hold() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let member = circle.add("ana@x.com", json!({})).await.expect(201);
    let application = id(&circle.application_of(id(&member)).await);
    world.give_product(circle.popup, application, "main", "Week").await;
    world.give_product(circle.popup, application, "main", "Dinner").await;
    let answer = async |answers: Value| {
        let sql = "UPDATE applications SET custom_fields = $2 WHERE id = $1";
        let answers = sqlx::query(sql).bind(application).bind(sqlx::types::Json(answers));
        answers.execute(&world.server.sql).await.unwrap();
        let path = format!("/groups/{}", circle.group);
        let group = world.staff(world.server.get(&path)).await.expect(200);
        assert_eq!(json!(circle.members().await), group["members"]);
        group["members"][0].clone()
    };
    let shown = answer(json!({ "organization": "Org", "role": 7 })).await;
    assert_eq!((&shown["organization"], &shown["role"]), (&json!("Org"), &json!("7")));
    let products = shown["products"].as_array().unwrap();
    let names: Vec<_> = products.iter().map(|product| product["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Dinner", "Week"]);
    assert_eq!((&products[0]["price"], &products[0]["quantity"]), (&json!("50.00"), &Value::Null));
    let shown = answer(json!({ "organization": ["Org"], "role": { "a": 1 } })).await;
    assert_eq!((&shown["organization"], &shown["role"]), (&Value::Null, &Value::Null));
    let shown = answer(json!({ "organization": true, "role": null })).await;
    assert_eq!((&shown["organization"], &shown["role"]), (&json!("true"), &Value::Null));
}

#[tokio::test]
async fn a_member_without_application_is_listed_and_can_go() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let ann = world.person().await;
    let sql = "INSERT INTO group_members (tenant_id, group_id, human_id) VALUES ($1, $2, $3)";
    let member = sqlx::query(sql).bind(world.tenant.0).bind(circle.group).bind(ann.id.0);
    member.execute(&world.server.sql).await.unwrap();
    let members = circle.members().await;
    assert_eq!((&members[0]["first_name"], &members[0]["products"]), (&json!(""), &json!([])));
    circle.remove(ann.id.0).await.expect(204);
    assert!(circle.members().await.is_empty());
}

#[tokio::test]
async fn a_repeated_request_brings_nobody_in_twice() {
    let circle = Circle::start(json!({})).await;
    let server = &circle.world.server;
    let path = format!("{}/members", circle.path());
    let body = newcomer("ana@x.com", &json!({}));
    let add = || circle.lead(server.post(&path).header("Idempotency-Key", "one").json(&body));
    let (first, second) = (add().await, add().await);
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body, second.body);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    let path = format!("{path}/batch");
    let body = json!({ "members": [body, newcomer("bo@x.com", &json!({}))] });
    let add = || circle.lead(server.post(&path).header("Idempotency-Key", "one").json(&body));
    let (first, second) = (add().await, add().await);
    assert_eq!((first.status, second.status), (207, 207));
    assert_eq!(first.body, second.body);
    assert_eq!(
        (&first.body[0]["success"], &first.body[1]["success"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(circle.emails().await, ["ana@x.com", "bo@x.com"]);
}

#[tokio::test]
async fn a_superadmin_enters_somebody_past_the_list_but_not_past_the_cap() {
    let fields = json!({ "max_members": 1, "whitelisted_emails": ["a@x.com"] });
    let circle = Circle::start(fields).await;
    let world = &circle.world;
    let enter = async |email: &str| {
        let body = json!({
            "popup_id": circle.popup, "email": email, "first_name": "Bo", "last_name": "Li",
            "group_id": circle.group,
        });
        world.governor(world.server.post("/applications").json(&body)).await
    };
    let entered = enter("bo@x.com").await.expect(201);
    assert_eq!((&entered["status"], &entered["group_id"]), (&json!("draft"), &json!(circle.group)));
    enter("cy@x.com").await.expect(400);
    assert_eq!(circle.emails().await, ["bo@x.com"]);
    let human: Uuid = entered["human_id"].as_str().unwrap().parse().unwrap();
    circle.remove(human).await.expect(204);
    assert_eq!(world.status(id(&entered)).await, "draft");
    let get = world.server.get("/groups/my/groups").bearer_auth(&circle.leader.token);
    assert_eq!(get.answer().await.expect(200)["paging"]["total"], 1);
}
