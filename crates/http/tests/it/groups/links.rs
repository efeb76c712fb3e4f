//! What visitors see who follow a link.

use serde_json::json;
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, nobody},
    patience::until,
    world::{World, id},
};

async fn follow(world: &World, slug: &str, tenant: Option<&str>) -> Answer {
    let request = world.server.get(&format!("/groups/public/{slug}"));
    match tenant {
        Some(tenant) => request.header("X-Tenant-Id", tenant).answer().await,
        None => request.answer().await,
    }
}

/// Another tenant with an active popup and a group of this slug.
async fn neighbour(world: &World, slug: &str) -> (Uuid, Uuid) {
    let server = &world.server;
    let tenant = server.tenant("theirs").await;
    let (_, admin) = server.user("admin", Some(tenant)).await;
    let post = async |path: &str, body| {
        id(&server.post(path).bearer_auth(&admin).json(&body).answer().await.expect(201))
    };
    let popup = post("/popups", json!({ "name": "Fair", "status": "active" })).await;
    let group = post("/groups", json!({ "popup_id": popup, "name": "Team", "slug": slug })).await;
    (tenant.0, group)
}

#[tokio::test]
async fn a_link_leads_to_the_group_of_the_own_portal() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let ann = world.person().await;
    let fields = json!({
        "slug": "team", "whitelisted_emails": ["a@x.com"], "ambassador_id": ann.id.0,
        "is_ambassador_group": true, "discount_percentage": 20, "welcome_message": "Hi",
    });
    let ours = world.set_up(popup, fields).await.expect(201);
    let (theirs, foreign) = neighbour(&world, "team").await;
    let tenant = world.tenant.0.to_string();

    let shown = follow(&world, "team", Some(&tenant)).await.expect(200);
    assert_eq!((&shown["id"], &shown["popup_id"]), (&ours["id"], &json!(popup)));
    assert_eq!(shown["whitelisted_emails"], json!([]));
    assert_eq!((&shown["is_open"], &shown["ambassador_id"]), (&json!(false), &json!(null)));
    assert_eq!(shown["discount_percentage"], "20.00");
    assert_eq!(shown["welcome_message"], "Hi");
    let text = shown.to_string();
    assert!(!text.contains("a@x.com") && !text.contains(&ann.id.0.to_string()), "{text}");

    let other = follow(&world, "team", Some(&theirs.to_string())).await.expect(200);
    assert_eq!((id(&other), &other["is_open"]), (foreign, &json!(true)));
    let ambiguous = follow(&world, "team", None).await;
    assert_eq!((ambiguous.status, ambiguous.detail()), (404, "Group not found"));
    for (slug, tenant, status) in [
        ("unknown", Some(tenant.as_str()), 404),
        ("unknown", None, 404),
        ("team", Some("zz"), 400),
        ("team", Some(""), 400),
        ("%00", Some(tenant.as_str()), 422),
        ("Team", Some(tenant.as_str()), 404),
    ] {
        let answer = follow(&world, slug, tenant).await;
        assert_eq!(answer.status, status, "{slug} {tenant:?}: {answer:?}");
    }
    follow(&world, "team", Some(&nobody().to_string())).await.expect(404);
}

#[tokio::test]
async fn whoever_has_a_token_sees_what_others_see() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let fields = json!({ "slug": "team", "whitelisted_emails": ["a@x.com"] });
    world.set_up(popup, fields).await.expect(201);
    let (ann, tenant) = (world.person().await, world.tenant.0.to_string());
    let plain = follow(&world, "team", Some(&tenant)).await.expect(200);
    for token in [&world.admin, &ann.token, &world.superadmin] {
        let get = world.server.get("/groups/public/team").bearer_auth(token);
        assert_eq!(get.header("X-Tenant-Id", &tenant).answer().await.expect(200), plain);
    }
}

#[tokio::test]
async fn a_link_leads_to_what_goes_on_rather_than_to_the_past() {
    let world = World::start().await;
    let (first, second) = (world.popup(json!({})).await, world.popup(json!({})).await);
    let older = id(&world.set_up(first, json!({ "slug": "team" })).await.expect(201));
    let newer = id(&world.set_up(second, json!({ "slug": "team" })).await.expect(201));
    assert_eq!(id(&follow(&world, "team", None).await.expect(200)), newer);
    let ended = json!({ "status": "ended" });
    let path = format!("/popups/{second}");
    world.staff(world.server.patch(&path).json(&ended)).await.expect(200);
    assert_eq!(id(&follow(&world, "team", None).await.expect(200)), older);
    let path = format!("/popups/{first}");
    world.staff(world.server.patch(&path).json(&ended)).await.expect(200);
    assert_eq!(id(&follow(&world, "team", None).await.expect(200)), newer);
}

#[tokio::test]
async fn a_tenant_that_is_gone_has_no_links() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let ours = id(&world.set_up(popup, json!({ "slug": "team" })).await.expect(201));
    let (theirs, _) = neighbour(&world, "team").await;
    let delete = world.server.delete(&format!("/tenants/{theirs}"));
    delete.bearer_auth(&world.superadmin).answer().await.expect(204);
    // Within a second, on every server.
    let theirs = theirs.to_string();
    until(async || follow(&world, "team", Some(&theirs)).await.status == 404).await;
    assert_eq!(id(&follow(&world, "team", None).await.expect(200)), ours);
}
