//! What staff do with everybody's applications.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, nobody},
    world::{World, id},
};

async fn entered(world: &World, popup: Uuid, email: &str, fields: Value) -> Answer {
    let mut body = json!({ "popup_id": popup, "email": email });
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    world.governor(world.server.post("/applications").json(&body)).await
}

#[tokio::test]
async fn a_superadmin_enters_people_in_any_status() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let named = |status: &str| json!({ "first_name": "Bo", "last_name": "Li", "status": status });
    for (status, snapshots) in [
        ("draft", vec![]),
        ("pending_fee", vec![]),
        ("in review", vec!["submitted"]),
        ("accepted", vec!["accepted"]),
        ("rejected", vec!["rejected"]),
        ("withdrawn", vec![]),
    ] {
        let email = format!(" {}@X.com", edgeos_testkit::random_text());
        let application = entered(&world, popup, &email, named(status)).await.expect(201);
        assert_eq!(application["status"], status);
        assert_eq!(application["human"]["email"], email.trim().to_lowercase());
        assert!(application["submitted_at"].is_string());
        assert_eq!(application["accepted_at"].is_string(), status == "accepted");
        assert_eq!(world.snapshots(id(&application)).await, snapshots);
    }
    let spouses = json!([{ "name": "K", "category": "kid" }]);
    let fields = json!({ "first_name": "A", "last_name": "B", "companions": spouses });
    let brought = entered(&world, popup, "kids@x.com", fields).await.expect(201);
    assert_eq!(brought["kid_count"], 1);
}

#[tokio::test]
async fn entering_somebody_twice_changes_nothing() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    world.apply(&person, popup, json!({})).await.expect(201);
    let again = entered(&world, popup, &person.email, json!({ "first_name": "X" })).await;
    again.expect(400);
    let path = format!("/humans/{}", person.id.0);
    let human = world.staff(world.server.get(&path)).await.expect(200);
    assert_eq!(human["first_name"], "Ada");

    entered(&world, popup, "unknown@x.com", json!({ "first_name": "X" })).await.expect(400);
    let list = world.staff(world.server.get("/humans?search=unknown")).await.expect(200);
    assert_eq!(list["paging"]["total"], 0);
    let body =
        json!({ "popup_id": popup, "email": "x@x.com", "first_name": "A", "last_name": "B" });
    world.staff(world.server.post("/applications").json(&body)).await.expect(403);
    entered(&world, nobody(), "x@x.com", json!({})).await.expect(404);
}

#[tokio::test]
async fn nobody_enters_the_red_flagged_but_as_rejected() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    world.flag(&person).await;
    for status in ["pending_fee", "in review", "accepted", "withdrawn"] {
        entered(&world, popup, &person.email, json!({ "status": status })).await.expect(409);
    }
    entered(&world, popup, &person.email, json!({ "status": "rejected" })).await.expect(201);
}

#[tokio::test]
async fn a_group_counts_for_the_entered_too_but_not_its_list() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let group = world.group(popup, Some(1)).await;
    let sql = "INSERT INTO group_whitelisted_emails (id, tenant_id, group_id, email) \
               VALUES (gen_random_uuid(), $1, $2, 'somebody@x.com')";
    sqlx::query(sql).bind(world.tenant.0).bind(group).execute(&world.server.sql).await.unwrap();
    let (first, second) = (world.person().await, world.person().await);
    let member = json!({ "group_id": group, "status": "draft" });
    let draft = entered(&world, popup, &first.email, member.clone()).await.expect(201);
    assert_eq!((&draft["status"], &draft["group_id"]), (&json!("draft"), &json!(group)));
    entered(&world, popup, &second.email, member.clone()).await.expect(400);
    let elsewhere = world.popup(json!({})).await;
    entered(&world, elsewhere, &second.email, member).await.expect(400);
    entered(&world, elsewhere, &second.email, json!({ "group_id": nobody() })).await.expect(404);
}

#[tokio::test]
async fn filters_of_the_list_combine() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let other = world.reviewed_popup("any_reviewer").await;
    let mut waiting = Vec::new();
    for (first, last, status) in [
        ("Dora", "100%", "in review"),
        ("Ann", "Pandora", "in review"),
        ("Dora", "Draft", "draft"),
        ("Eve", "Smith", "in review"),
    ] {
        let person = world.person().await;
        let fields = json!({ "first_name": first, "last_name": last, "status": status });
        let application = world.apply(&person, popup, fields.clone()).await.expect(201);
        world.apply(&person, other, fields).await.expect(201);
        waiting.push((person, id(&application)));
    }
    let ids = async |query: &str| -> Vec<Uuid> {
        let request = world.server.get(&format!("/applications?{query}"));
        let list = world.staff(request).await.expect(200);
        list["results"].as_array().unwrap().iter().map(id).collect()
    };
    let found = ids(&format!("popup_id={popup}&status_filter=in%20review&search=dORa")).await;
    assert_eq!(found, [waiting[1].1, waiting[0].1]);
    assert_eq!(ids(&format!("popup_id={popup}&search=eve%20smi")).await, [waiting[3].1]);
    assert_eq!(ids(&format!("popup_id={popup}&search=%25")).await, [waiting[0].1]);
    let human = waiting[2].0.id.0;
    assert_eq!(ids(&format!("popup_id={popup}&human_id={human}")).await, [waiting[2].1]);
    assert!(ids(&format!("human_id={human}&status_filter=in%20review")).await.is_empty());
    assert!(ids(&format!("popup_id={}", nobody())).await.is_empty());
    for query in ["status_filter=zz", "limit=1001", "skip=-1"] {
        let request = world.server.get(&format!("/applications?{query}"));
        world.staff(request).await.expect(422);
    }
    let page = world.server.get(&format!("/applications?popup_id={popup}&skip=1&limit=2"));
    let page = world.staff(page).await.expect(200);
    assert_eq!(page["paging"], json!({ "limit": 2, "offset": 1, "total": 4 }));
    assert_eq!(page["results"][0]["custom_fields_schema"], Value::Null);
}

#[tokio::test]
async fn lists_show_what_attendees_hold() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let application = id(&world.apply(&person, popup, json!({})).await.expect(201));
    let product = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price, category, duration_type) \
                   VALUES (gen_random_uuid(), $1, $2, 'Week 1', 'week1', 10, 'TICKET', 'WEEK') RETURNING id";
    let product: Uuid = sqlx::query_scalar(product)
        .bind(world.tenant.0)
        .bind(popup)
        .fetch_one(&world.server.sql)
        .await
        .unwrap();
    let held = "INSERT INTO attendee_products (tenant_id, attendee_id, product_id, quantity) \
                SELECT tenant_id, id, $1, 2 FROM attendees WHERE application_id = $2";
    sqlx::query(held).bind(product).bind(application).execute(&world.server.sql).await.unwrap();
    let seen = world.application(application).await;
    let product = &seen["attendees"][0]["products"][0];
    assert_eq!(product["price"], "10.00");
    assert_eq!(
        (&product["category"], &product["duration_type"]),
        (&json!("ticket"), &json!("week"))
    );
    assert_eq!(product["quantity"], 2);
}

#[tokio::test]
async fn classes_of_callers_are_kept() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (person, application) = world.submitted(popup).await;
    let (_, viewer) = world.server.user("viewer", Some(world.tenant)).await;
    for (path, expected) in [
        ("/applications".to_owned(), 200),
        (format!("/applications/{application}"), 200),
        (format!("/applications/{application}/reviews"), 200),
        (format!("/applications/{application}/reviews/summary"), 200),
        ("/applications/pending-review".to_owned(), 403),
        ("/applications/my-reviews".to_owned(), 403),
        ("/audit-entries".to_owned(), 403),
        ("/applications/my/applications".to_owned(), 403),
    ] {
        let get = |token: &str| world.server.get(&path).bearer_auth(token).answer();
        assert_eq!(get(&viewer).await.status, expected, "{path}");
        let human = if path.contains("/my/") { 200 } else { 403 };
        assert_eq!(get(&person.token).await.status, human, "{path}");
        assert_eq!(world.server.get(&path).answer().await.status, 401, "{path}");
        if !path.contains("/my/") {
            assert_eq!(get(&world.superadmin).await.status, 400, "{path}");
        }
    }
    world.vote(&viewer, application, "yes").await.expect(403);
    world.vote(&person.token, application, "yes").await.expect(403);
    let path = format!("/applications/{application}/decision");
    let body = json!({ "decision": "accept" });
    world.server.post(&path).bearer_auth(&viewer).json(&body).answer().await.expect(403);
    let path = format!("/popups/{popup}/approval-strategy/recalculate");
    world.server.post(&path).bearer_auth(&viewer).answer().await.expect(403);
    assert_eq!(world.status(application).await, "in review");
}
