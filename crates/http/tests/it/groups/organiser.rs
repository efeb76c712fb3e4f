//! What the organiser does.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Send, nobody},
    world::{World, id},
};

fn emails(group: &Value) -> Vec<&str> {
    let listed = group["whitelisted_emails"].as_array().unwrap();
    listed.iter().map(|entry| entry["email"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_group_is_set_up_with_name_slug_discount_and_list() {
    let world = World::start().await;
    let (popup, other) = (world.popup(json!({})).await, world.popup(json!({})).await);
    let fields = json!({
        "name": " My Team ", "discount_percentage": 12.345, "max_members": 3,
        "whitelisted_emails": ["A@x.com ", " b@x.com", "a@X.com", "  "],
    });
    let group = world.set_up(popup, fields.clone()).await.expect(201);
    assert_eq!((&group["name"], &group["slug"]), (&json!("My Team"), &json!("my-team")));
    assert_eq!(group["discount_percentage"], "12.35");
    assert_eq!(emails(&group), ["a@x.com", "b@x.com"]);
    assert_eq!((&group["is_open"], &group["max_members"]), (&json!(false), &json!(3)));
    assert_eq!(group["popup_id"], json!(popup));
    assert_eq!(group["tenant_id"], json!(world.tenant.0));

    world.set_up(popup, fields.clone()).await.expect(400);
    world.set_up(other, fields).await.expect(201);
}

#[tokio::test]
async fn a_bare_group_is_open_and_gives_nothing() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let group = world.set_up(popup, json!({ "slug": " Über/Us ", "name": "x" })).await.expect(201);
    assert_eq!(group["slug"], "uberus");
    assert_eq!(group["discount_percentage"], "0.00");
    assert_eq!(group["whitelisted_emails"], json!([]));
    assert_eq!((&group["is_open"], &group["is_ambassador_group"]), (&json!(true), &json!(false)));
    for empty in ["max_members", "description", "welcome_message", "ambassador_id"] {
        assert_eq!(group[empty], Value::Null, "{empty}");
    }
    let unnamed = world.set_up(popup, json!({ "name": "日本" })).await.expect(201);
    let slug = unnamed["slug"].as_str().unwrap().strip_prefix("group-").unwrap();
    assert!(slug.len() == 8 && slug.bytes().all(|byte| byte.is_ascii_hexdigit()), "{slug}");
}

#[tokio::test]
async fn a_list_is_replaced_as_a_whole() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let fields = json!({ "whitelisted_emails": ["a@x.com", "b@x.com"] });
    let before = world.set_up(popup, fields).await.expect(201);
    let group = id(&before);
    let kept = before["whitelisted_emails"][1].clone();

    let list = json!({ "whitelisted_emails": ["b@x.com", "c@x.com"] });
    let after = world.change(group, list).await.expect(200);
    assert_eq!(emails(&after), ["b@x.com", "c@x.com"]);
    assert_eq!(after["whitelisted_emails"][0], kept);
    assert_ne!(after["updated_at"], before["updated_at"]);

    let same = world.change(group, json!({ "whitelisted_emails": null })).await.expect(200);
    assert_eq!(emails(&same), ["b@x.com", "c@x.com"]);
    world.change(group, json!({ "whitelisted_emails": ["nonsense"] })).await.expect(422);
    let half = json!({ "whitelisted_emails": ["q@x.com"], "name": null });
    world.change(group, half).await.expect(422);
    let same = world.staff(world.server.get(&format!("/groups/{group}"))).await.expect(200);
    assert_eq!(emails(&same), ["b@x.com", "c@x.com"]);

    let open = world.change(group, json!({ "whitelisted_emails": [] })).await.expect(200);
    assert_eq!((&open["is_open"], emails(&open)), (&json!(true), Vec::new()));
}

#[tokio::test]
async fn a_change_that_is_refused_leaves_the_list_alone() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    world.set_up(popup, json!({ "slug": "taken" })).await.expect(201);
    let group = world.set_up(popup, json!({ "whitelisted_emails": ["a@x.com"] })).await.expect(201);
    let change = json!({ "whitelisted_emails": ["q@x.com"], "slug": "Taken" });
    world.change(id(&group), change).await.expect(400);
    let same = world.staff(world.server.get(&format!("/groups/{}", id(&group)))).await.expect(200);
    assert_eq!((emails(&same), &same["updated_at"]), (vec!["a@x.com"], &group["updated_at"]));
}

#[tokio::test]
async fn a_discount_is_a_share_of_everything_at_most() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let group = id(&world.set_up(popup, json!({})).await.expect(201));
    for wrong in [json!(150), json!(-10), json!(1500), json!("100.01"), json!("NaN"), Value::Null] {
        let answer = world.change(group, json!({ "discount_percentage": wrong })).await;
        assert_eq!(answer.status, 422, "{wrong}");
        assert_eq!(answer.faults()[0].1, json!(["body", "discount_percentage"]));
        let answer = world.set_up(popup, json!({ "discount_percentage": wrong })).await;
        assert_eq!(answer.status, 422, "{wrong}");
    }
    let all = world.change(group, json!({ "discount_percentage": 100 })).await.expect(200);
    assert_eq!(all["discount_percentage"], "100.00");
}

#[tokio::test]
async fn what_cant_be_a_group_is_told_field_by_field() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let group = id(&world.set_up(popup, json!({})).await.expect(201));
    for (field, wrong) in [
        ("name", json!("  ")),
        ("name", json!("x".repeat(256))),
        ("name", json!("a\0")),
        ("slug", json!("x".repeat(256))),
        ("description", json!("x".repeat(20_001))),
        ("welcome_message", json!("x".repeat(2001))),
        ("max_members", json!(-1)),
        ("max_members", json!(2_147_483_648_i64)),
        ("is_ambassador_group", Value::Null),
        ("ambassador_id", json!("zz")),
        ("whitelisted_emails", json!("a@x.com")),
        ("whitelisted_emails", json!(vec!["a@x.com"; 5001])),
    ] {
        let mut change = json!({});
        change[field] = wrong;
        for answer in
            [world.set_up(popup, change.clone()).await, world.change(group, change.clone()).await]
        {
            assert_eq!(answer.status, 422, "{field}");
            assert_eq!(answer.faults()[0].1, json!(["body", field]));
        }
    }
    // It is as long as it is shown.
    let link = "<a href=\"https://x.com\">x</a>";
    let longer = json!({ "description": format!("{link}{}", "x".repeat(20_000 - link.len())) });
    for answer in [world.set_up(popup, longer.clone()).await, world.change(group, longer).await] {
        assert_eq!((answer.status, &answer.faults()[0].1), (422, &json!(["body", "description"])));
    }
    for change in [json!({ "slug": "///" }), json!({ "slug": null }), json!({ "name": null })] {
        assert_eq!(world.change(group, change.clone()).await.status, 422, "{change}");
    }
    let all_wrong = json!({
        "name": " ", "discount_percentage": 101, "whitelisted_emails": ["nonsense"],
    });
    for answer in
        [world.set_up(popup, all_wrong.clone()).await, world.change(group, all_wrong.clone()).await]
    {
        let mut faults = answer.faults();
        faults.sort_by_key(|(_, place)| place.to_string());
        let expected = [
            ("less_than_equal", json!(["body", "discount_percentage"])),
            ("string_too_short", json!(["body", "name"])),
            ("value_error", json!(["body", "whitelisted_emails", 0])),
        ];
        assert_eq!(faults, expected.map(|(fault, place)| (fault.to_owned(), place)));
    }
    let answer =
        world.change(group, json!({ "whitelisted_emails": ["a@x.com", "b c@x.com"] })).await;
    assert_eq!(answer.faults()[0].1, json!(["body", "whitelisted_emails", 1]));
    let many: Vec<_> = (0..5000).map(|number| format!("m{number}@x.com")).collect();
    let listed = world.change(group, json!({ "whitelisted_emails": many })).await.expect(200);
    assert_eq!(listed["whitelisted_emails"].as_array().unwrap().len(), 5000);
}

#[tokio::test]
async fn another_name_keeps_the_link() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let fields = json!({
        "name": "First", "max_members": 3, "welcome_message": "Hi", "description": "Text",
    });
    let group = id(&world.set_up(popup, fields).await.expect(201));
    let named = world.change(group, json!({ "name": "  Second " })).await.expect(200);
    assert_eq!((&named["name"], &named["slug"]), (&json!("Second"), &json!("first")));
    let moved = world.change(group, json!({ "slug": "A New One", "popup_id": nobody() })).await;
    let moved = moved.expect(200);
    assert_eq!((&moved["slug"], &moved["popup_id"]), (&json!("a-new-one"), &json!(popup)));
    let cleared = json!({ "max_members": null, "welcome_message": null, "description": null });
    let cleared = world.change(group, cleared).await.expect(200);
    for empty in ["max_members", "welcome_message", "description"] {
        assert_eq!(cleared[empty], Value::Null, "{empty}");
    }
}

#[tokio::test]
async fn groups_are_listed_newest_first_and_found_by_popup_and_name() {
    let world = World::start().await;
    let (popup, other) = (world.popup(json!({})).await, world.popup(json!({})).await);
    let mut ids: Vec<Uuid> = Vec::new();
    for (popup, name) in [(popup, "Red 50%"), (popup, "Blue"), (other, "red_ish")] {
        let fields =
            json!({ "name": name, "whitelisted_emails": [format!("{}@x.com", ids.len())] });
        ids.push(id(&world.set_up(popup, fields).await.expect(201)));
    }
    let list = async |query: &str| {
        let page = world.staff(world.server.get(&format!("/groups?{query}"))).await.expect(200);
        let results = page["results"].as_array().unwrap();
        let found: Vec<_> = results.iter().map(id).collect();
        assert!(results.iter().all(|group| emails(group).len() == 1), "{results:?}");
        (found, page["paging"]["total"].as_u64().unwrap())
    };
    assert_eq!(list("").await, (vec![ids[2], ids[1], ids[0]], 3));
    assert_eq!(list("skip=1&limit=1").await, (vec![ids[1]], 3));
    assert_eq!(list(&format!("popup_id={popup}")).await, (vec![ids[1], ids[0]], 2));
    assert_eq!(list("search=RED").await, (vec![ids[2], ids[0]], 2));
    assert_eq!(list("search=%25").await, (vec![ids[0]], 1));
    assert_eq!(list("search=_").await, (vec![ids[2]], 1));
    assert_eq!(list(&format!("popup_id={}", nobody())).await, (vec![], 0));
    world.staff(world.server.get("/groups?limit=0")).await.expect(422);
}

#[tokio::test]
async fn of_simultaneous_groups_one_gets_the_slug() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let fields = json!({ "name": "Team" });
    let answers =
        futures_util::future::join_all((0..6).map(|_| world.set_up(popup, fields.clone()))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400]);
}

#[tokio::test]
async fn an_ambassador_leads_the_own_link_and_has_one_per_event() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let (ann, bo) = (world.person().await, world.person().await);
    let fields = json!({ "is_ambassador_group": true, "ambassador_id": ann.id.0 });
    let group = world.set_up(popup, fields.clone()).await.expect(201);
    assert_eq!(group["ambassador_id"], json!(ann.id.0));
    let mine = world.server.get("/groups/my/groups").bearer_auth(&ann.token).answer().await;
    assert_eq!(mine.expect(200)["results"][0]["id"], group["id"]);
    world.set_up(popup, fields.clone()).await.expect(400);
    let elsewhere = world.popup(json!({})).await;
    world.set_up(elsewhere, fields.clone()).await.expect(201);

    let regular = id(&world.set_up(popup, json!({ "ambassador_id": ann.id.0 })).await.expect(201));
    world.change(regular, json!({ "is_ambassador_group": true })).await.expect(400);
    let changed = json!({ "is_ambassador_group": true, "ambassador_id": bo.id.0 });
    world.change(regular, changed).await.expect(200);
    let path = format!("/groups/{regular}/leaders");
    let leaders = world.staff(world.server.get(&path)).await.expect(200);
    assert_eq!(leaders[0]["human_id"], json!(bo.id.0));
    world.change(regular, json!({ "ambassador_id": nobody() })).await.expect(404);
    let unknown = json!({ "ambassador_id": nobody() });
    assert_eq!(world.set_up(popup, unknown).await.detail(), "Human not found");
}

#[tokio::test]
async fn the_popup_is_looked_for_before_anybody_else() {
    let world = World::start().await;
    let answer = world.set_up(nobody(), json!({ "ambassador_id": nobody() })).await;
    assert_eq!((answer.status, answer.detail()), (404, "Popup not found"));
    let answer = world.change(nobody(), json!({ "ambassador_id": nobody() })).await;
    assert_eq!((answer.status, answer.detail()), (404, "Group not found"));
}
