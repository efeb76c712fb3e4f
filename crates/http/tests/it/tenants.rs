//! Organisations.

use std::time::Duration;

use edgeos_testkit::random_text;
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::{
    harness::{TestServer, nobody},
    patience::{until, until_within},
    people::id_of,
};

#[tokio::test]
async fn an_organisation_is_set_up_once() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;

    let acme = root.organisation("Acme Events").await;
    assert_eq!(acme["slug"], "acme-events");
    assert_eq!(acme["sender_name"], "Acme Events");
    assert_eq!(acme["custom_domain_active"], false);
    root.post("/tenants", json!({ "name": "Acme Events" })).await.expect(400);

    let twins = tokio::join!(
        root.post("/tenants", json!({ "name": "Twins" })),
        root.post("/tenants", json!({ "name": "Twins" })),
    );
    let mut statuses = [twins.0.status, twins.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400]);

    for name in ["", "   ", "!!!", "日本", "www"] {
        let refused = root.post("/tenants", json!({ "name": name })).await;
        let body = refused.expect(422);
        assert_eq!(body["detail"][0]["loc"], json!(["body", "name"]), "{name:?}");
    }
}

#[tokio::test]
async fn admins_reach_their_own_organisation_alone() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let (ours, theirs) = (root.organisation("Ours").await, root.organisation("Theirs").await);
    let admin = server.staff("admin", &ours).await;
    let viewer = server.staff("viewer", &ours).await;
    let path = |tenant: &Value| format!("/tenants/{}", id_of(tenant));

    admin.post("/tenants", json!({ "name": "Mine" })).await.expect(403);
    admin.get("/tenants").await.expect(403);
    assert_eq!(admin.get(&path(&ours)).await.expect(200)["name"], "Ours");
    admin.get(&path(&theirs)).await.expect(403);
    admin.patch(&path(&theirs), json!({ "name": "x" })).await.expect(403);
    admin.delete(&path(&ours)).await.expect(403);
    viewer.get(&path(&ours)).await.expect(403);
    viewer.patch(&path(&ours), json!({ "name": "x" })).await.expect(403);
    server.anonymous().get("/tenants").await.expect(401);
}

#[tokio::test]
async fn the_slug_follows_the_name_when_the_name_changes() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let acme = root.organisation("Acme Events").await;
    let path = format!("/tenants/{}", id_of(&acme));

    for (change, slug) in [
        (json!({ "name": "Acme Fairs" }), "acme-fairs"),
        (json!({ "slug": "fairs" }), "fairs"),
        (json!({ "name": "Acme Fairs" }), "fairs"),
        (json!({}), "fairs"),
    ] {
        assert_eq!(root.patch(&path, change.clone()).await.expect(200)["slug"], slug, "{change}");
    }
    let cleared = root.patch(&path, json!({ "sender_name": null })).await.expect(200);
    assert_eq!(cleared["sender_name"], Value::Null);
    for (change, field) in [
        (json!({ "name": null }), "name"),
        (json!({ "slug": null }), "slug"),
        (json!({ "slug": "Weird Slug/..?%" }), "slug"),
        (json!({ "slug": "api" }), "slug"),
        (json!({ "custom_domain_active": null }), "custom_domain_active"),
        (json!({ "logo_url": "javascript:alert(1)" }), "logo_url"),
        (json!({ "sender_name": "a\nb" }), "sender_name"),
        (json!({ "sender_email": "nobody" }), "sender_email"),
        (json!({ "name": "x".repeat(256) }), "name"),
        (json!({ "name": "a\u{0}b" }), "name"),
    ] {
        let refused = root.patch(&path, change.clone()).await.expect(422);
        assert_eq!(refused["detail"][0]["loc"], json!(["body", field]), "{change}");
    }
}

#[tokio::test]
async fn a_custom_domain_leads_to_its_organisation_once_it_is_active() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let acme = root.organisation("Acme").await;
    let admin = server.staff("admin", &acme).await;
    let path = format!("/tenants/{}", id_of(&acme));
    let by_host = async |host: &str| {
        server.anonymous().get(&format!("/tenants/public/by-domain/{host}")).await.status
    };

    let domain = json!({ "custom_domain": "Tickets.Acme.example.com" });
    let changed = admin.patch(&path, domain).await.expect(200);
    assert_eq!(changed["custom_domain"], "tickets.acme.example.com");
    assert_eq!(by_host("tickets.acme.example.com").await, 404);
    let activate = json!({ "custom_domain_active": true });
    admin.patch(&path, activate.clone()).await.expect(403);
    root.patch(&path, activate).await.expect(200);
    until(async || by_host("TICKETS.acme.example.com:443").await == 200).await;

    let same = json!({ "name": "Acme", "custom_domain": "tickets.acme.example.com" });
    admin.patch(&path, same).await.expect(200);
    admin.patch(&path, json!({ "custom_domain": "b.example.com" })).await.expect(409);
    admin.patch(&path, json!({ "custom_domain": null })).await.expect(409);
    let other = root.organisation("Other").await;
    let others = format!("/tenants/{}", id_of(&other));
    let capitals = json!({ "custom_domain": "TICKETS.ACME.EXAMPLE.COM" });
    root.patch(&others, capitals).await.expect(409);
    for no in ["https://x", "a/b", "x:80", "bad_host!", ""] {
        let refused = root.patch(&others, json!({ "custom_domain": no })).await;
        refused.expect(422);
    }

    let cleared = root.patch(&path, json!({ "custom_domain": null })).await.expect(200);
    assert_eq!(cleared["custom_domain_active"], false);
    until(async || by_host("tickets.acme.example.com").await == 404).await;
}

/// Longer than news takes, and shorter than anything is remembered without.
const AT_ONCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn every_server_forgets_a_deleted_organisation_at_once() {
    let one = TestServer::start().await;
    let other = one.beside().await;
    let root = one.superadmin().await;
    let acme = root.organisation("Acme").await;
    let path = format!("/tenants/{}", id_of(&acme));
    let domain =
        json!({ "custom_domain": "tickets.acme.example.com", "custom_domain_active": true });
    root.patch(&path, domain.clone()).await.expect(200);
    let everywhere = async |status: u16| {
        for server in [&one, &other] {
            for path in ["acme", "by-domain/acme.localhost", "by-domain/tickets.acme.example.com"] {
                let answer = server.anonymous().get(&format!("/tenants/public/{path}")).await;
                if answer.status != status {
                    return false;
                }
            }
        }
        true
    };
    let pause = Duration::from_millis(20);
    until_within(AT_ONCE, pause, async || everywhere(200).await).await;
    root.delete(&path).await.expect(204);
    until_within(AT_ONCE, pause, async || everywhere(404).await).await;
    root.post(&format!("{path}/restore"), json!({})).await.expect(200);
    // It has lost its domain.
    root.patch(&path, domain).await.expect(200);
    until_within(AT_ONCE, pause, async || everywhere(200).await).await;
}

#[tokio::test]
async fn a_portal_address_leads_to_the_organisation_of_its_first_label() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    root.organisation("Acme Fairs").await;
    let portal = "localhost";
    let by_host = async |host: String| {
        server.anonymous().get(&format!("/tenants/public/by-domain/{host}")).await.status
    };
    assert_eq!(by_host(format!("acme-fairs.{portal}:3000")).await, 200);
    assert_eq!(by_host(format!("ACME-FAIRS.{portal}")).await, 200);
    assert_eq!(by_host(format!("acme-fairs.deep.{portal}")).await, 200);
    assert_eq!(by_host(portal.to_owned()).await, 404);
    assert_eq!(by_host("acme-fairs.example.com".to_owned()).await, 404);
    let slug = server.anonymous().get("/tenants/public/acme-fairs").await.expect(200);
    assert_eq!(slug["name"], "Acme Fairs");
    server.anonymous().get("/tenants/public/nobody").await.expect(404);
}

#[tokio::test]
async fn nobody_takes_the_address_of_another_organisation() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let (ours, theirs) = (root.organisation("Ours").await, root.organisation("Theirs").await);
    let path = |tenant: &Value| format!("/tenants/{}", id_of(tenant));
    let portal = "localhost";
    for domain in ["ours".to_owned(), format!("ours.{portal}")] {
        let body = json!({ "custom_domain": domain });
        root.patch(&path(&theirs), body).await.expect(409);
    }
    root.patch(&path(&theirs), json!({ "custom_domain": "second" })).await.expect(200);
    root.patch(&path(&ours), json!({ "slug": "second" })).await.expect(400);
    let hosts = root.patch(&path(&ours), json!({ "custom_domain": portal })).await;
    hosts.expect(422);
}

#[tokio::test]
async fn a_deleted_organisation_is_out_until_it_is_restored() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let acme = root.organisation("Acme").await;
    root.organisation("Zulu").await;
    let admin = server.staff("admin", &acme).await;
    let id = id_of(&acme);
    let path = format!("/tenants/{id}");
    let human_login = json!({ "tenant_id": id, "email": "bob@x.example" });
    let anonymous = server.anonymous();

    root.delete(&path).await.expect(204);
    root.delete(&path).await.expect(204);
    until(async || admin.get("/users/me").await.status == 401).await;
    anonymous.get("/tenants/public/acme").await.expect(404);
    anonymous.post("/auth/human/login", human_login.clone()).await.expect(404);
    let own = json!({ "email": admin.email() });
    anonymous.post("/auth/user/login", own).await.expect(404);
    root.patch(&path, json!({ "name": "New" })).await.expect(404);
    let list = root.get("/tenants").await.expect(200);
    let end = list["results"].as_array().unwrap().last().unwrap();
    assert_eq!((&end["slug"], &end["deleted"]), (&json!("acme"), &json!(true)));
    root.post("/tenants", json!({ "name": "Acme" })).await.expect(400);
    assert_eq!(root.get(&path).await.expect(200)["deleted"], true);

    root.post(&format!("{path}/restore"), json!({})).await.expect(200);
    until(async || admin.get("/users/me").await.status == 200).await;
    anonymous.post("/auth/human/login", human_login).await.expect(200);
}

#[tokio::test]
async fn direct_database_logins_are_issued_shown_and_dropped() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let acme = root.organisation("Acme").await;
    let admin = server.staff("admin", &acme).await;
    let id = id_of(&acme);
    let path = format!("/tenants/{id}/credentials");

    let shown = root.get(&path).await;
    assert_eq!(shown.headers["cache-control"], "no-store");
    let shown = shown.expect(200);
    let kinds: Vec<_> =
        shown["credentials"].as_array().unwrap().iter().map(|c| &c["credential_type"]).collect();
    assert_eq!(kinds, ["crud", "readonly"]);
    assert_eq!(shown["db_name"], server.database.name());
    admin.get(&path).await.expect(403);

    let connect = async |credentials: &Value, place: usize| {
        let login = &credentials["credentials"][place];
        let options = server
            .database
            .superuser_options()
            .username(login["db_username"].as_str().unwrap())
            .password(login["db_password"].as_str().unwrap());
        sqlx::PgConnection::connect_with(&options).await
    };
    let mut crud = connect(&shown, 0).await.unwrap();
    let tenants: i64 =
        sqlx::query_scalar("SELECT count(*) FROM tenants").fetch_one(&mut crud).await.unwrap();
    assert_eq!(tenants, 1);
    let insert = "INSERT INTO humans (id, tenant_id, email) VALUES (gen_random_uuid(), $1, $2)";
    let email = format!("{}@x.example", random_text());
    sqlx::query(insert).bind(id).bind(&email).execute(&mut crud).await.unwrap();
    let mut readonly = connect(&shown, 1).await.unwrap();
    let refused = sqlx::query(insert).bind(id).bind("x@y.example").execute(&mut readonly).await;
    refused.map(drop).expect_err("read-only logins read");

    root.delete(&path).await.expect(204);
    root.delete(&path).await.expect(404);
    root.get(&path).await.expect(404);
    connect(&shown, 0).await.map(drop).expect_err("the login is gone");
    admin.get("/users").await.expect(200);

    let nowhere = format!("/tenants/{}/credentials", nobody());
    root.post(&nowhere, json!({})).await.expect(404);
    let issued = root.post(&path, json!({})).await.expect(201);
    assert_ne!(issued["credentials"][0]["db_username"], shown["credentials"][0]["db_username"]);
    connect(&issued, 1).await.unwrap();
    let rotated = root.post(&path, json!({ "rotate": true })).await.expect(201);
    assert_ne!(rotated["credentials"][0]["db_password"], issued["credentials"][0]["db_password"]);
    connect(&rotated, 0).await.unwrap();

    let again = root.post(&path, json!({})).await.expect(201);
    assert_eq!(again["credentials"], rotated["credentials"]);
}
