//! The people who work in the backoffice.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{harness::TestServer, patience::until, people::id_of};

#[tokio::test]
async fn who_may_let_whom_in() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let (ours, theirs) = (root.organisation("Ours").await, root.organisation("Theirs").await);
    let admin = server.staff("admin", &ours).await;
    let viewer = server.staff("viewer", &ours).await;
    let new = |role: &str, tenant: &Value| {
        let email = format!("{}@x.example", edgeos_testkit::random_text());
        json!({ "email": email, "role": role, "tenant_id": tenant })
    };

    let made = admin.post("/users", new("admin", &theirs["id"])).await.expect(201);
    assert_eq!(made["tenant_id"], ours["id"]);
    assert_eq!((&made["auth_code"], &made["auth_attempts"]), (&Value::Null, &json!(0)));
    admin.post("/users", new("superadmin", &Value::Null)).await.expect(403);
    viewer.post("/users", new("viewer", &ours["id"])).await.expect(403);
    root.post("/users", new("viewer", &Value::Null)).await.expect(400);
    let unknown = json!("00000000-0000-4000-8000-000000000000");
    root.post("/users", new("viewer", &unknown)).await.expect(400);
    let boss = root.post("/users", new("superadmin", &ours["id"])).await.expect(201);
    assert_eq!(boss["tenant_id"], Value::Null);

    let taken = made["email"].as_str().unwrap().to_uppercase();
    let again = json!({ "email": taken, "role": "admin", "tenant_id": theirs["id"] });
    root.post("/users", again).await.expect(400);
    for (body, field) in [
        (json!({ "email": "a@localhost", "role": "admin" }), "email"),
        (json!({ "email": "a@b.test", "role": "admin" }), "email"),
        (json!({ "email": "a@b.example", "role": "boss" }), "role"),
        (json!({ "role": "admin" }), "email"),
    ] {
        let refused = root.post("/users", body.clone()).await.expect(422);
        assert_eq!(refused["detail"][0]["loc"], json!(["body", field]), "{body}");
    }
}

#[tokio::test]
async fn admins_see_and_change_their_own_people_alone() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let (ours, theirs) = (root.organisation("Ours").await, root.organisation("Theirs").await);
    let admin = server.staff("admin", &ours).await;
    let stranger = server.staff("viewer", &theirs).await;
    let path = format!("/users/{}", stranger.id());

    admin.get(&path).await.expect(403);
    admin.patch(&path, json!({ "full_name": "x" })).await.expect(403);
    admin.delete(&path).await.expect(403);
    let nobody = "/users/00000000-0000-4000-8000-000000000000";
    admin.get(nobody).await.expect(404);
    let filter = format!("/users?tenant_id={}", id_of(&theirs));
    let list = admin.get(&filter).await.expect(200);
    let emails: Vec<_> = list["results"].as_array().unwrap().iter().map(|u| &u["email"]).collect();
    assert_eq!(emails, [admin.email()]);
    assert_eq!(admin.get("/users?role=superadmin").await.expect(200)["paging"]["total"], 0);
    admin.get("/users?role=foo").await.expect(422);
    let me = admin.get("/users/me").await.expect(200);
    assert_eq!(me["email"], admin.email());
}

#[tokio::test]
async fn colleagues_are_safe_from_each_other() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let tenant = root.organisation("Ours").await;
    let admin = server.staff("admin", &tenant).await;
    let colleague = server.staff("admin", &tenant).await;
    let viewer = server.staff("viewer", &tenant).await;
    let path = |id: Uuid| format!("/users/{id}");

    admin.delete(&path(colleague.id())).await.expect(403);
    admin.delete(&path(admin.id())).await.expect(400);
    let mail = json!({ "email": "mine@x.example" });
    admin.patch(&path(colleague.id()), mail).await.expect(403);
    admin.patch(&path(colleague.id()), json!({ "role": "viewer" })).await.expect(403);
    let save = json!({ "full_name": "Col League", "role": "admin" });
    let saved = admin.patch(&path(colleague.id()), save).await.expect(200);
    assert_eq!(saved["full_name"], "Col League");
    for body in
        [json!({ "role": null }), json!({ "email": null }), json!({ "full_name": "x".repeat(256) })]
    {
        admin.patch(&path(viewer.id()), body).await.expect(422);
    }

    let own_name = viewer.patch("/users/me", json!({ "full_name": "Vi" })).await.expect(200);
    assert_eq!(own_name["full_name"], "Vi");
    viewer.patch(&path(viewer.id()), json!({ "full_name": "x" })).await.expect(403);

    admin.delete(&path(viewer.id())).await.expect(204);
    admin.delete(&path(viewer.id())).await.expect(204);
    admin.patch(&path(viewer.id()), json!({ "full_name": "x" })).await.expect(404);
    assert_eq!(admin.get(&path(viewer.id())).await.expect(200)["deleted"], true);
    until(async || viewer.get("/users/me").await.status == 401).await;
}

#[tokio::test]
async fn the_last_superadmin_stays() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let own = format!("/users/{}", root.id());
    root.patch(&own, json!({ "role": "viewer" })).await.expect(409);
    root.delete(&own).await.expect(400);
}

#[tokio::test]
async fn a_promoted_admin_is_out_of_reach_for_former_colleagues() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let tenant = root.organisation("Ours").await;
    let ann = server.staff("admin", &tenant).await;
    let bob = server.staff("admin", &tenant).await;
    let path = format!("/users/{}", ann.id());

    let promoted = root.patch(&path, json!({ "role": "superadmin" })).await.expect(200);
    assert_eq!(promoted["tenant_id"], Value::Null);
    bob.patch(&path, json!({ "email": "mine@x.example" })).await.expect(403);
    bob.delete(&path).await.expect(403);
    root.patch(&path, json!({ "role": "viewer" })).await.expect(400);
    let back = json!({ "role": "viewer", "tenant_id": tenant["id"] });
    assert_eq!(root.patch(&path, back).await.expect(200)["tenant_id"], tenant["id"]);
}

#[tokio::test]
async fn who_was_deleted_can_be_let_in_again() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let tenant = root.organisation("Ours").await;
    let admin = server.staff("admin", &tenant).await;
    let eve = server.staff("viewer", &tenant).await;
    let login = json!({ "email": eve.email() });

    admin.delete(&format!("/users/{}", eve.id())).await.expect(204);
    server.anonymous().post("/auth/user/login", login.clone()).await.expect(404);
    let emails = |list: Value| -> Vec<String> {
        let users = list["results"].as_array().unwrap().clone();
        users.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect()
    };
    let live = emails(admin.get("/users").await.expect(200));
    assert!(!live.contains(&eve.email().to_owned()));
    let gone = emails(admin.get("/users?deleted=true").await.expect(200));
    assert_eq!(gone, [eve.email()]);

    let again = json!({ "email": eve.email(), "role": "admin", "full_name": "Eve" });
    let revived = admin.post("/users", again).await.expect(201);
    assert_eq!((&revived["id"], &revived["role"]), (&json!(eve.id()), &json!("admin")));
    server.anonymous().post("/auth/user/login", login).await.expect(200);
}

#[tokio::test]
async fn a_walk_through_the_list_meets_everybody_once_while_others_write() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let tenant = root.organisation("Ours").await;
    sqlx::query(
        "INSERT INTO users (id, email, role, tenant_id)
         SELECT gen_random_uuid(), 'user' || n || '@x.example', 'viewer', $1
         FROM generate_series(1, 250) n",
    )
    .bind(id_of(&tenant))
    .execute(&server.sql)
    .await
    .unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for page in 0..10 {
        let path = format!("/users?tenant_id={}&limit=25&skip={}", id_of(&tenant), page * 25);
        let list = root.get(&path).await.expect(200);
        assert_eq!(list["paging"], json!({ "limit": 25, "offset": page * 25, "total": 250 }));
        for user in list["results"].as_array().unwrap() {
            assert!(seen.insert(id_of(user)));
            let path = format!("/users/{}", id_of(user));
            root.patch(&path, json!({ "full_name": "Seen" })).await.expect(200);
        }
    }
    assert_eq!(seen.len(), 250);
}
