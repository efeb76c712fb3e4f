//! Who leads a group, and what that person may do with it.

use serde_json::{Value, json};

use super::circle::{Circle, newcomer};
use crate::{
    harness::{Send, TestServer, nobody},
    world::{World, id},
};

#[tokio::test]
async fn a_leader_is_appointed_and_removed_any_number_of_times() {
    let world = World::start().await;
    let server = &world.server;
    let popup = world.popup(json!({})).await;
    let group = id(&world.set_up(popup, json!({})).await.expect(201));
    let ann = world.person().await;
    let path = format!("/groups/{group}/leaders/{}", ann.id.0);
    let led = async || {
        let mine =
            server.get("/groups/my/groups").bearer_auth(&ann.token).answer().await.expect(200);
        mine["results"].as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        assert_eq!(world.staff(server.put(&path)).await.expect(204), json!(""));
        assert_eq!(led().await, [group]);
    }
    let leaders = world.staff(server.get(&format!("/groups/{group}/leaders"))).await.expect(200);
    assert_eq!(
        leaders,
        json!([{
            "human_id": ann.id.0, "email": ann.email, "first_name": null, "last_name": null,
        }])
    );
    for _ in 0..2 {
        world.staff(server.delete(&path)).await.expect(204);
        assert!(led().await.is_empty());
    }
    let log = server.get(&format!("/audit-entries?subject_type=group&subject_id={group}"));
    let log = world.staff(log).await.expect(200);
    let entries = log["results"].as_array().unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["group.leader_removed", "group.leader_appointed"]);
    assert!(entries.iter().all(|entry| entry["details"] == json!({ "human_id": ann.id.0 })));

    let theirs = server.tenant("theirs").await;
    let (stranger, _) = server.human(theirs).await;
    for human in [nobody(), stranger.0] {
        let path = format!("/groups/{group}/leaders/{human}");
        let (put, delete) =
            (world.staff(server.put(&path)).await, world.staff(server.delete(&path)).await);
        assert_eq!((put.status, put.detail()), (404, "Human not found"));
        assert_eq!((delete.status, delete.detail()), (404, "Human not found"));
    }
    let path = format!("/groups/{}/leaders", nobody());
    world.staff(server.get(&path)).await.expect(404);
    let missing = world.staff(server.put(&format!("{path}/{}", ann.id.0))).await;
    assert_eq!(missing.detail(), "Group not found");
}

#[tokio::test]
async fn leaders_are_listed_by_address() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    for _ in 0..3 {
        world.appoint(circle.group, &world.person().await).await;
    }
    let path = format!("/groups/{}/leaders", circle.group);
    let leaders = world.staff(world.server.get(&path)).await.expect(200);
    let emails: Vec<_> = leaders
        .as_array()
        .unwrap()
        .iter()
        .map(|leader| leader["email"].as_str().unwrap())
        .collect();
    assert_eq!(emails.len(), 4);
    assert!(emails.is_sorted(), "{emails:?}");
}

#[tokio::test]
async fn a_leader_lowers_the_cap_and_never_lifts_it() {
    let circle = Circle::start(json!({ "max_members": 3, "slug": "mine" })).await;
    let lowered = circle.change(json!({ "max_members": 2 })).await.expect(200);
    assert_eq!(lowered["max_members"], 2);
    for refused in [json!(5), json!(3), Value::Null] {
        circle.change(json!({ "max_members": refused })).await.expect(403);
    }
    circle.change(json!({ "max_members": -1 })).await.expect(422);
    let same = json!({ "discount_percentage": 99, "slug": "x", "name": null, "max_members": 2 });
    let same = circle.change(same).await.expect(200);
    assert_eq!((&same["discount_percentage"], &same["slug"]), (&json!("0.00"), &json!("mine")));

    circle.world.change(circle.group, json!({ "max_members": null })).await.expect(200);
    circle.change(json!({ "max_members": null })).await.expect(200);
    let limited = circle.change(json!({ "max_members": 0 })).await.expect(200);
    assert_eq!(limited["max_members"], 0);
    circle.add("ana@x.com", json!({})).await.expect(400);
}

#[tokio::test]
async fn a_description_can_be_shown_as_it_is() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let written =
        "<b>hi</b><script>x</script><a href=\"javascript:y\">z</a><img src=x onerror=alert(1)>";
    let shown = json!("<b>hi</b><a rel=\"noopener noreferrer\">z</a>");
    let description = json!({ "description": written });
    assert_eq!(circle.change(description.clone()).await.expect(200)["description"], shown);
    assert_eq!(world.change(circle.group, description).await.expect(200)["description"], shown);
    let sql = "SELECT description FROM groups WHERE id = $1";
    let stored: String =
        sqlx::query_scalar(sql).bind(circle.group).fetch_one(&world.server.sql).await.unwrap();
    assert_eq!(json!(stored), shown);

    // Whoever has a login to the database writes what they like.
    let sql = "UPDATE groups SET description = $2, slug = 'raw' WHERE id = $1";
    let raw = sqlx::query(sql).bind(circle.group).bind(written);
    raw.execute(&world.server.sql).await.unwrap();
    let public = world.server.get("/groups/public/raw").answer().await.expect(200);
    let led = circle.lead(world.server.get(&circle.path())).await.expect(200);
    let mine = circle.lead(world.server.get("/groups/my/groups")).await.expect(200);
    let staff = format!("/groups/{}", circle.group);
    let staff = world.staff(world.server.get(&staff)).await.expect(200);
    let all = world.staff(world.server.get("/groups")).await.expect(200);
    for group in [&public, &led, &mine["results"][0], &staff, &all["results"][0]] {
        assert_eq!(group["description"], shown);
    }
    let plain = "Tom & Jerry: 1 < 2\nSee you!";
    let plain = circle.change(json!({ "description": plain })).await.expect(200);
    assert_eq!(plain["description"], "Tom & Jerry: 1 < 2\nSee you!");
    circle.change(json!({ "description": "x".repeat(20_001) })).await.expect(422);
    circle.change(json!({ "welcome_message": "x".repeat(2001) })).await.expect(422);
}

#[tokio::test]
async fn who_does_not_lead_a_group_does_nothing_in_it() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let server = &world.server;
    let member = circle.add("ana@x.com", json!({})).await.expect(201);
    let other = world.person().await;
    let (_, viewer) = server.user("viewer", Some(world.tenant)).await;
    let path = circle.path();
    let person = format!("{path}/members/{}", id(&member));
    let new = newcomer("bo@x.com", &json!({}));
    let batch = json!({ "members": [new] });
    let calls = || {
        [
            server.get(&path),
            server.patch(&path).json(&json!({ "welcome_message": "x" })),
            server.post(&format!("{path}/members")).json(&new),
            server.post(&format!("{path}/members/batch")).json(&batch),
            server.put(&person).json(&json!({ "telegram": "x" })),
            server.delete(&person),
        ]
    };
    let mine = server.get("/groups/my/groups");
    let none = mine.bearer_auth(&other.token).answer().await.expect(200);
    assert_eq!(none["paging"]["total"], 0);
    for (token, status) in
        [(Some(&other.token), 403), (Some(&world.admin), 403), (Some(&viewer), 403), (None, 401)]
    {
        for call in calls() {
            let call = match token {
                Some(token) => call.bearer_auth(token),
                None => call,
            };
            let answer = call.answer().await;
            assert_eq!(answer.status, status, "{answer:?}");
        }
    }
    let group = json!({ "popup_id": circle.popup, "name": "x" });
    let denied = server.post("/groups").bearer_auth(&viewer).json(&group).answer().await;
    assert_eq!(denied.status, 403);
    assert_eq!(circle.emails().await, ["ana@x.com"]);
    assert!(!circle.knows("bo@x.com").await);

    let unknown = circle.lead(server.get(&format!("/groups/my/{}", nobody()))).await;
    assert_eq!((unknown.status, unknown.detail()), (404, "Group not found"));
}

#[tokio::test]
async fn a_leader_reaches_no_further_than_the_group() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let server = &world.server;
    // Another group of the same event, with a member of its own.
    let other = id(&world.set_up(circle.popup, json!({})).await.expect(201));
    let ann = world.person().await;
    world.apply(&ann, circle.popup, json!({ "group_id": other })).await.expect(201);
    circle.lead(server.get(&format!("/groups/my/{other}"))).await.expect(403);
    let foreign = format!("/groups/my/{other}/members/{}", ann.id.0);
    circle.lead(server.put(&foreign).json(&json!({ "telegram": "x" }))).await.expect(403);
    circle.lead(server.delete(&foreign)).await.expect(403);
    // Nor to people of the own tenant who are in no group, or in another one.
    let stranger = world.person().await;
    for human in [ann.id.0, stranger.id.0, circle.leader.id.0, nobody()] {
        circle.edit(human, json!({ "first_name": "Eve" })).await.expect(404);
        circle.remove(human).await.expect(404);
    }
    assert_eq!(circle.human(ann.id.0).await["first_name"], "Ada");
    assert_eq!(circle.human(stranger.id.0).await["first_name"], Value::Null);
    // Nor to what staff do.
    for path in [format!("/groups/{}", circle.group), format!("/groups/{}/leaders", circle.group)] {
        circle.lead(server.get(&path)).await.expect(403);
    }
}

#[tokio::test]
async fn a_leader_of_another_tenant_sees_nothing() {
    let circle = Circle::start(json!({ "slug": "ours" })).await;
    let server = &circle.world.server;
    let theirs = server.tenant("theirs").await;
    let (human, token) = server.human(theirs).await;
    // Not even when a row says that they lead it: it can't be stored.
    let sql = "INSERT INTO group_leaders (tenant_id, group_id, human_id) VALUES ($1, $2, $3)";
    let stored = sqlx::query(sql).bind(theirs.0).bind(circle.group).bind(human.0);
    assert!(stored.execute(&server.sql).await.is_err());
    for header in [theirs, circle.world.tenant] {
        let get = server.get(&circle.path()).bearer_auth(&token);
        get.header("X-Tenant-Id", header.0.to_string()).answer().await.expect(404);
    }
    let (_, admin) = server.user("admin", Some(theirs)).await;
    let path = format!("/groups/{}", circle.group);
    server.get(&path).bearer_auth(&admin).answer().await.expect(404);
    let body = json!({ "popup_id": circle.popup, "name": "x" });
    let foreign = server.post("/groups").bearer_auth(&admin).json(&body).answer().await;
    assert_eq!((foreign.status, foreign.detail()), (404, "Popup not found"));
}

#[tokio::test]
async fn in_an_ambassador_group_nobody_is_moved_by_hand() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let ann = world.person().await;
    let fields = json!({ "is_ambassador_group": true, "ambassador_id": ann.id.0 });
    let group = id(&world.set_up(popup, fields).await.expect(201));
    let circle = Circle { popup, group, leader: ann, world };
    let bo = circle.world.person().await;
    circle.world.apply(&bo, popup, json!({ "group_id": group })).await.expect(201);

    circle.add("cy@x.com", json!({})).await.expect(403);
    circle.add_all(json!([newcomer("cy@x.com", &json!({}))]), false).await.expect(403);
    circle.edit(bo.id.0, json!({ "telegram": "x" })).await.expect(403);
    circle.remove(bo.id.0).await.expect(403);
    assert_eq!(circle.emails().await, [bo.email.as_str()]);
    let welcome = circle.change(json!({ "welcome_message": "Join me" })).await.expect(200);
    assert_eq!(welcome["welcome_message"], "Join me");
    let token =
        TestServer::token(edgeos_app::tokens::Subject::Human(bo.id, Some(circle.world.tenant)));
    let get = circle.world.server.get(&circle.path()).bearer_auth(token).answer().await;
    get.expect(403);
}
