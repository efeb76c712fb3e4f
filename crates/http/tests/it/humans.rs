//! People known to an organisation.

mod red_flag;

use std::collections::BTreeSet;

use edgeos_domain::{HumanId, TenantId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Send, TestServer};

/// A server, a tenant, and its admin.
async fn world() -> (TestServer, TenantId, String) {
    let server = TestServer::start().await;
    let tenant = server.tenant("ours").await;
    let (_, admin) = server.user("admin", Some(tenant)).await;
    (server, tenant, admin)
}

async fn get(server: &TestServer, token: &str, path: &str) -> Answer {
    server.get(path).bearer_auth(token).answer().await
}

async fn patch(server: &TestServer, token: &str, path: &str, body: Value) -> Answer {
    server.patch(path).bearer_auth(token).json(&body).answer().await
}

/// A popup that is put straight into the database.
async fn popup(server: &TestServer, tenant: TenantId) -> Uuid {
    let sql = "INSERT INTO popups (id, tenant_id, name, slug, status) \
               VALUES (gen_random_uuid(), $1, 'Fair', gen_random_uuid(), 'active') RETURNING id";
    sqlx::query_scalar(sql).bind(tenant.0).fetch_one(&server.sql).await.unwrap()
}

/// An application that is put straight into the database.
async fn application(
    server: &TestServer,
    tenant: TenantId,
    (human, popup): (HumanId, Uuid),
    status: &str,
) -> Uuid {
    let sql = "INSERT INTO applications (id, tenant_id, popup_id, human_id, status, accepted_at) \
               VALUES (gen_random_uuid(), $1, $2, $3, $4, CASE $4 WHEN 'accepted' THEN now() END) \
               RETURNING id";
    let query = sqlx::query_scalar(sql).bind(tenant.0).bind(popup).bind(human.0).bind(status);
    query.fetch_one(&server.sql).await.unwrap()
}

#[tokio::test]
async fn people_write_their_own_profile() {
    let (server, tenant, _) = world().await;
    let (id, human) = server.human(tenant).await;
    let change = async |body: Value| patch(&server, &human, "/humans/me", body).await;
    let before = get(&server, &human, "/humans/me").await.expect(200);
    let body =
        json!({ "telegram": "  @al ", "red_flag": true, "email": "z@z", "gender": "Specify" });
    let after = change(body).await.expect(200);
    assert_eq!(after["telegram"], "@al");
    assert_eq!(after["gender"], "Specify");
    assert_eq!(after["red_flag"], false);
    assert_eq!((&after["email"], &after["id"]), (&before["email"], &json!(id.0)));
    assert_eq!(change(json!({ "telegram": "   " })).await.expect(200)["telegram"], Value::Null);
    let named = change(json!({ "first_name": "Ada", "last_name": " Lovelace " })).await.expect(200);
    assert_eq!((&named["last_name"], &named["gender"]), (&json!("Lovelace"), &json!("Specify")));
    assert_eq!(change(json!({ "first_name": null })).await.expect(200)["first_name"], Value::Null);
    let picture = json!({ "picture_url": "https://x.example/a.png" });
    assert_eq!(change(picture).await.expect(200)["picture_url"], "https://x.example/a.png");
    assert_eq!(change(json!({ "picture_url": "" })).await.expect(200)["picture_url"], Value::Null);
    for wrong in [
        json!({ "first_name": "x".repeat(256) }),
        json!({ "gender": "x".repeat(51) }),
        json!({ "picture_url": "javascript:alert(1)" }),
        json!({ "picture_url": format!("https://x.example/{}", "x".repeat(500)) }),
        json!({ "telegram": 5 }),
        json!({ "residence": "a\0b" }),
    ] {
        assert_eq!(change(wrong.clone()).await.status, 422, "{wrong}");
    }
    let header = server.get("/humans/me").bearer_auth(&human).header("X-Tenant-Id", "junk");
    header.answer().await.expect(200);
}

#[tokio::test]
async fn superadmins_enter_people() {
    let (server, tenant, admin) = world().await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let (_, viewer) = server.user("viewer", Some(tenant)).await;
    let create = async |body: Value| {
        let request = server.post("/humans").bearer_auth(&superadmin).json(&body);
        request.header("X-Tenant-Id", tenant.to_string()).answer().await
    };
    let body = json!({
        "email": "  BO@X.COM ", "first_name": " Bo ", "last_name": null, "age": "", "red_flag": true,
    });
    let human = create(body.clone()).await.expect(201);
    assert_eq!(human["email"], "bo@x.com");
    assert_eq!(human["first_name"], "Bo");
    assert_eq!((&human["last_name"], &human["age"]), (&Value::Null, &Value::Null));
    assert_eq!(human["red_flag"], false);
    create(body).await.expect(409);
    for wrong in ["notanemail", "", "a@", "@b", "a b@c.example"] {
        create(json!({ "email": wrong })).await.expect(422);
    }
    for token in [&admin, &viewer] {
        let body = json!({ "email": "new@x.com" });
        let refused = server.post("/humans").bearer_auth(token).json(&body).answer().await;
        refused.expect(403);
    }
}

#[tokio::test]
async fn of_simultaneous_entries_of_one_person_one_counts() {
    let (server, tenant, _) = world().await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let create = async || {
        let body = json!({ "email": "bo@x.com" });
        let request = server.post("/humans").bearer_auth(&superadmin).json(&body);
        request.header("X-Tenant-Id", tenant.to_string()).answer().await.status
    };
    let (one, other) = tokio::join!(create(), create());
    assert_eq!(BTreeSet::from([one, other]), BTreeSet::from([201, 409]));
}

#[tokio::test]
async fn a_repeated_entry_is_answered_as_the_first() {
    let (server, tenant, _) = world().await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let create = async |email: &str| {
        let request = server.post("/humans").bearer_auth(&superadmin);
        let request = request.header("X-Tenant-Id", tenant.to_string());
        let request = request.header("Idempotency-Key", "once");
        request.json(&json!({ "email": email })).answer().await
    };
    let first = create("bo@x.com").await;
    let again = create("bo@x.com").await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.body, again.body);
    create("ann@x.com").await.expect(422);
}

#[tokio::test]
async fn who_is_entered_gets_the_tickets_that_wait() {
    let (server, tenant, _) = world().await;
    let (_, superadmin) = server.user("superadmin", None).await;
    let (main, _) = server.human(tenant).await;
    let popup = popup(&server, tenant).await;
    let application = application(&server, tenant, (main, popup), "accepted").await;
    let sql = "INSERT INTO attendees (id, tenant_id, application_id, popup_id, name, category, email, \
               check_in_code) VALUES (gen_random_uuid(), $1, $2, $3, 'Sp', 'spouse', 'sp@x.com', 'A1') \
               RETURNING id";
    let attendee = sqlx::query_scalar(sql).bind(tenant.0).bind(application).bind(popup);
    let attendee: Uuid = attendee.fetch_one(&server.sql).await.unwrap();
    let request = server.post("/humans").bearer_auth(&superadmin);
    let request = request.header("X-Tenant-Id", tenant.to_string());
    let human = request.json(&json!({ "email": "SP@x.com" })).answer().await.expect(201);
    let sql = "SELECT human_id FROM attendees WHERE id = $1";
    let linked = sqlx::query_scalar(sql).bind(attendee).fetch_one(&server.sql).await;
    let linked: Option<Uuid> = linked.unwrap();
    assert_eq!(json!(linked), human["id"]);
}

#[tokio::test]
async fn staff_read_and_correct_and_nobody_else_does() {
    let (server, tenant, admin) = world().await;
    let theirs = server.tenant("theirs").await;
    let (_, viewer) = server.user("viewer", Some(tenant)).await;
    let (_, stranger) = server.user("admin", Some(theirs)).await;
    let (id, human) = server.human(tenant).await;
    let one = format!("/humans/{id}");
    get(&server, &viewer, "/humans").await.expect(200);
    get(&server, &viewer, &one).await.expect(200);
    patch(&server, &viewer, &one, json!({ "age": "x" })).await.expect(403);
    get(&server, &human, "/humans").await.expect(403);
    get(&server, &human, &one).await.expect(403);
    get(&server, &admin, "/humans/me").await.expect(403);
    patch(&server, &admin, "/humans/me", json!({})).await.expect(403);
    server.get("/humans").answer().await.expect(401);

    get(&server, &stranger, &one).await.expect(404);
    patch(&server, &stranger, &one, json!({ "age": "x" })).await.expect(404);
    let disguised = server.get(&one).bearer_auth(&stranger);
    disguised.header("X-Tenant-Id", tenant.to_string()).answer().await.expect(404);

    let body = json!({
        "first_name": "Ada", "last_name": null, "telegram": null, "gender": "non_binary",
        "age": "25_34", "residence": null, "picture_url": null, "red_flag": false,
    });
    let after = patch(&server, &admin, &one, body).await.expect(200);
    assert_eq!((&after["first_name"], &after["age"]), (&json!("Ada"), &json!("25_34")));
    patch(&server, &admin, &one, json!({ "red_flag": null })).await.expect(422);
    assert_eq!(get(&server, &human, "/humans/me").await.expect(200)["first_name"], "Ada");
}

#[tokio::test]
async fn people_are_found_by_parts_of_their_names() {
    let (server, tenant, admin) = world().await;
    let sql = "INSERT INTO humans (id, tenant_id, email, first_name, last_name) \
               VALUES (gen_random_uuid(), $1, $2, $3, $4)";
    for (email, first, last) in [
        ("c@x.com", Some("Ada"), Some("Lovelace")),
        ("b@x.com", Some("100%"), None),
        ("a_b@x.com", None, Some("Byron")),
    ] {
        let query = sqlx::query(sql).bind(tenant.0).bind(email).bind(first).bind(last);
        query.execute(&server.sql).await.unwrap();
    }
    let found = async |search: &str| {
        let path = format!("/humans?search={search}");
        let page = get(&server, &admin, &path).await.expect(200);
        let results = page["results"].as_array().unwrap().iter();
        results.map(|human| human["email"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("").await, ["a_b@x.com", "b@x.com", "c@x.com"]);
    assert_eq!(found("ada%20lOVE").await, ["c@x.com"]);
    assert_eq!(found("byr").await, ["a_b@x.com"]);
    assert_eq!(found("%25").await, ["b@x.com"]);
    assert_eq!(found("_").await, ["a_b@x.com"]);
    assert_eq!(found("X.COM").await.len(), 3);
}

#[tokio::test]
async fn who_has_not_finished_an_application_is_found() {
    let (server, tenant, admin) = world().await;
    let (wanted, other) = (popup(&server, tenant).await, popup(&server, tenant).await);
    let mut ids = Vec::new();
    for (popup, status) in [(wanted, "draft"), (wanted, "accepted"), (other, "draft")] {
        let (human, _) = server.human(tenant).await;
        application(&server, tenant, (human, popup), status).await;
        ids.push(human.0);
    }
    get(&server, &admin, "/humans?incomplete_application=true").await.expect(400);
    let path = format!("/humans?incomplete_application=true&popup_id={wanted}");
    let page = get(&server, &admin, &path).await.expect(200);
    assert_eq!(page["paging"]["total"], 1);
    assert_eq!(page["results"][0]["id"], json!(ids[0]));
    let path = format!("/humans?popup_id={wanted}");
    assert_eq!(get(&server, &admin, &path).await.expect(200)["paging"]["total"], 3);
}

#[tokio::test]
async fn a_walk_through_the_pages_meets_everybody_once() {
    let (server, tenant, admin) = world().await;
    let sql = "INSERT INTO humans (id, tenant_id, email) \
               SELECT gen_random_uuid(), $1, 'human' || i || '@x.com' FROM generate_series(1, 250) i";
    sqlx::query(sql).bind(tenant.0).execute(&server.sql).await.unwrap();
    let mut seen = BTreeSet::new();
    for (skip, expected) in [(0, 100), (100, 100), (200, 50), (300, 0)] {
        let page =
            get(&server, &admin, &format!("/humans?limit=100&skip={skip}")).await.expect(200);
        assert_eq!(page["paging"]["total"], 250);
        let results = page["results"].as_array().unwrap();
        assert_eq!(results.len(), expected);
        seen.extend(results.iter().map(|human| human["id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen.len(), 250);
}
