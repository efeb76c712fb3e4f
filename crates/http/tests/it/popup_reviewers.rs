//! Whose votes an event waits for.

use edgeos_domain::{TenantId, UserId};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Answer, Send, TestServer, nobody};

struct World {
    server: TestServer,
    tenant: TenantId,
    admin_id: UserId,
    admin: String,
    /// The path of the reviewers of a popup.
    path: String,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let tenant = server.tenant("ours").await;
        let (admin_id, admin) = server.user("admin", Some(tenant)).await;
        let body = json!({ "name": "Fair" });
        let popup =
            server.post("/popups").bearer_auth(&admin).json(&body).answer().await.expect(201);
        let path = format!("/popups/{}/reviewers", popup["id"].as_str().unwrap());
        Self { server, tenant, admin_id, admin, path }
    }

    async fn add(&self, body: Value) -> Answer {
        self.server.post(&self.path).bearer_auth(&self.admin).json(&body).answer().await
    }

    async fn patch(&self, user: UserId, body: Value) -> Answer {
        let path = format!("{}/{user}", self.path);
        self.server.patch(&path).bearer_auth(&self.admin).json(&body).answer().await
    }

    async fn remove(&self, user: UserId) -> Answer {
        let path = format!("{}/{user}", self.path);
        self.server.delete(&path).bearer_auth(&self.admin).answer().await
    }

    async fn list(&self, query: &str) -> Answer {
        let path = format!("{}?{query}", self.path);
        self.server.get(&path).bearer_auth(&self.admin).answer().await
    }
}

#[tokio::test]
async fn only_admins_of_the_tenant_review() {
    let world = World::new().await;
    let server = &world.server;
    let theirs = server.tenant("theirs").await;
    let (viewer, _) = server.user("viewer", Some(world.tenant)).await;
    let (stranger, _) = server.user("admin", Some(theirs)).await;
    let (superadmin, _) = server.user("superadmin", None).await;
    let (gone, _) = server.user("admin", Some(world.tenant)).await;
    let delete = "UPDATE users SET deleted = true WHERE id = $1";
    sqlx::query(delete).bind(gone.0).execute(&server.sql).await.unwrap();
    for (user, status) in [
        (viewer.0, 400),
        (stranger.0, 400),
        (superadmin.0, 400),
        (nobody(), 404),
        (gone.0, 404),
        (world.admin_id.0, 201),
        (world.admin_id.0, 400),
    ] {
        let answer = world.add(json!({ "user_id": user })).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    let elsewhere = format!("/popups/{}/reviewers", nobody());
    let body = json!({ "user_id": nobody() });
    let missing = server.post(&elsewhere).bearer_auth(&world.admin).json(&body).answer().await;
    assert_eq!((missing.status, missing.detail()), (404, "Popup not found"));
}

#[tokio::test]
async fn of_simultaneous_designations_one_counts() {
    let world = World::new().await;
    let body = json!({ "user_id": world.admin_id.0 });
    let answers = join_all((0..8).map(|_| world.add(body.clone()))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400, 400, 400]);
}

#[tokio::test]
async fn a_designation_is_changed_and_taken_back() {
    let world = World::new().await;
    let user = world.admin_id;
    world.patch(user, json!({})).await.expect(404);
    let added = world.add(json!({ "user_id": user.0 })).await.expect(201);
    assert_eq!((&added["is_required"], &added["weight_multiplier"]), (&json!(false), &json!(1.0)));
    assert_eq!(added["is_active"], true);
    assert_eq!(added["user_full_name"], Value::Null);
    let changed = world.patch(user, json!({ "is_required": true })).await.expect(200);
    assert_eq!(changed["is_required"], true);
    let changed = world.patch(user, json!({ "weight_multiplier": 2.5 })).await.expect(200);
    assert_eq!(
        (&changed["is_required"], &changed["weight_multiplier"]),
        (&json!(true), &json!(2.5))
    );
    assert_eq!((&changed["id"], &changed["user_email"]), (&added["id"], &added["user_email"]));
    for wrong in [
        json!({ "weight_multiplier": -0.1 }),
        json!({ "weight_multiplier": 1001 }),
        json!({ "weight_multiplier": "NaN" }),
        json!({ "weight_multiplier": null }),
        json!({ "is_required": null }),
    ] {
        assert_eq!(world.patch(user, wrong.clone()).await.status, 422, "{wrong}");
    }
    let wrong = world.add(json!({ "user_id": "zz", "weight_multiplier": -1 })).await;
    assert_eq!(wrong.status, 422);
    let mut places: Vec<_> = wrong.faults().into_iter().map(|(_, place)| place).collect();
    places.sort_by_key(Value::to_string);
    assert_eq!(places, [json!(["body", "user_id"]), json!(["body", "weight_multiplier"])]);
    world.remove(user).await.expect(204);
    world.remove(user).await.expect(404);
    assert_eq!(world.list("").await.expect(200)["paging"]["total"], 0);
}

#[tokio::test]
async fn the_list_tells_who_can_still_vote() {
    let world = World::new().await;
    let server = &world.server;
    let (demoted, _) = server.user("admin", Some(world.tenant)).await;
    let (moved, _) = server.user("admin", Some(world.tenant)).await;
    for user in [world.admin_id, demoted, moved] {
        world.add(json!({ "user_id": user.0 })).await.expect(201);
    }
    let theirs = server.tenant("theirs").await;
    let demote = "UPDATE users SET role = 'viewer', full_name = 'Ann' WHERE id = $1";
    sqlx::query(demote).bind(demoted.0).execute(&server.sql).await.unwrap();
    let moves = "UPDATE users SET tenant_id = $2 WHERE id = $1";
    sqlx::query(moves).bind(moved.0).bind(theirs.0).execute(&server.sql).await.unwrap();
    let page = world.list("").await.expect(200);
    let column = |field: &str| -> Vec<Value> {
        page["results"].as_array().unwrap().iter().map(|entry| entry[field].clone()).collect()
    };
    assert_eq!(column("user_id"), [json!(world.admin_id.0), json!(demoted.0), json!(moved.0)]);
    assert_eq!(column("is_active"), [true, false, false]);
    assert_eq!(column("user_full_name"), [Value::Null, json!("Ann"), Value::Null]);
    assert!(column("user_email")[1].is_string());
    assert_eq!(column("user_email")[2], Value::Null);
    let page = world.list("skip=1&limit=1").await.expect(200);
    assert_eq!(page["results"][0]["user_id"], json!(demoted.0));
    assert_eq!(page["paging"], json!({ "limit": 1, "offset": 1, "total": 3 }));
}

#[tokio::test]
async fn reviewers_are_for_the_staff_of_the_tenant() {
    let world = World::new().await;
    let server = &world.server;
    let theirs = server.tenant("theirs").await;
    let (_, viewer) = server.user("viewer", Some(world.tenant)).await;
    let (_, human) = server.human(world.tenant).await;
    let (stranger_id, stranger) = server.user("admin", Some(theirs)).await;
    world.add(json!({ "user_id": world.admin_id.0 })).await.expect(201);
    let get = async |token: &str| server.get(&world.path).bearer_auth(token).answer().await.status;
    assert_eq!(get(&viewer).await, 200);
    assert_eq!(get(&human).await, 403);
    assert_eq!(get(&stranger).await, 404);
    let one = format!("{}/{}", world.path, world.admin_id);
    for (token, status) in [(&viewer, 403), (&human, 403), (&stranger, 404)] {
        let body = json!({ "user_id": stranger_id.0 });
        let added = server.post(&world.path).bearer_auth(token).json(&body).answer().await;
        let changed = server.patch(&one).bearer_auth(token).json(&json!({})).answer().await;
        let removed = server.delete(&one).bearer_auth(token).answer().await;
        assert_eq!([added.status, changed.status, removed.status], [status; 3]);
    }
    assert_eq!(world.list("").await.expect(200)["paging"]["total"], 1);
}
