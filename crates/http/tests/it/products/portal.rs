//! What the portal shows of the catalogue.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{change_product, names};
use crate::{
    harness::Send,
    world::{Person, World, id},
};

async fn archive(world: &World, popup: Uuid) {
    let path = format!("/popups/{popup}");
    let body = json!({ "status": "archived" });
    world.staff(world.server.patch(&path).json(&body)).await.expect(200);
}

async fn application_of(world: &World, person: &Person, popup: Uuid) -> Uuid {
    id(&world.apply(person, popup, json!({})).await.expect(201))
}

/// What the portal shows to `person`.
async fn shown_to(world: &World, person: &Person, query: &str) -> Value {
    let path = format!("/products/portal/products?{query}");
    world.server.get(&path).bearer_auth(&person.token).answer().await.expect(200)
}

#[tokio::test]
async fn what_nobody_holds_and_nobody_can_order_is_private() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let holder = world.person().await;
    let application = application_of(&world, &holder, popup).await;
    let sold = world.product(popup, "Sold", json!({})).await.expect(201);
    world.all_hold(application, id(&sold), 1).await;
    change_product(&world, &sold, json!({ "is_active": false })).await.expect(200);
    world.product(popup, "Unsold", json!({ "is_active": false })).await.expect(201);
    world.product(popup, "Merch", json!({ "category": "merch" })).await.expect(201);
    for (query, expected) in [
        (format!("popup_id={popup}"), vec!["Sold", "Merch"]),
        (String::new(), vec!["Sold", "Merch"]),
        (format!("popup_id={popup}&is_active=true"), vec!["Merch"]),
        (format!("popup_id={popup}&is_active=false"), vec!["Sold"]),
        (format!("popup_id={popup}&category=merch"), vec!["Merch"]),
        // Neither is known here.
        (format!("popup_id={popup}&search=zzz&sort_by=name"), vec!["Sold", "Merch"]),
    ] {
        let shown = shown_to(&world, &person, &query).await;
        assert_eq!(names(&shown), expected, "{query}");
    }
    let shown = shown_to(&world, &person, &format!("popup_id={popup}&is_active=false")).await;
    assert_eq!(shown["results"][0]["is_active"], json!(false));
    assert_eq!(shown["results"][0]["price"], json!("100.00"));
}

#[tokio::test]
async fn without_an_event_those_count_that_are_active_or_ones_own() {
    let world = World::start().await;
    let active = world.popup(json!({})).await;
    let draft = world.popup(json!({ "status": "draft" })).await;
    let (own, brought, rejected) =
        (world.popup(json!({})).await, world.popup(json!({})).await, world.popup(json!({})).await);
    for (popup, name) in [
        (active, "Active"),
        (draft, "Draft"),
        (own, "Own"),
        (brought, "Brought"),
        (rejected, "Rejected"),
    ] {
        world.product(popup, name, json!({})).await.expect(201);
    }
    let person = world.person().await;
    application_of(&world, &person, own).await;
    for (popup, status) in [(brought, "accepted"), (rejected, "rejected")] {
        let host = world.person().await;
        let application = application_of(&world, &host, popup).await;
        let sql = "INSERT INTO attendees (id, tenant_id, application_id, popup_id, human_id, name, category, check_in_code) \
                   VALUES (gen_random_uuid(), $1, $2, $3, $4, 'Kid', 'kid', upper(gen_random_uuid()::text))";
        let kid = sqlx::query(sql).bind(world.tenant.0).bind(application).bind(popup);
        kid.bind(person.id.0).execute(&world.server.sql).await.unwrap();
        let sql = "UPDATE applications SET status = $2 WHERE id = $1";
        let status = sqlx::query(sql).bind(application).bind(status);
        status.execute(&world.server.sql).await.unwrap();
    }
    for popup in [own, brought, rejected] {
        archive(&world, popup).await;
    }
    let shown = shown_to(&world, &person, "").await;
    assert_eq!(names(&shown), ["Active", "Own", "Brought"]);
    let stranger = world.person().await;
    assert_eq!(names(&shown_to(&world, &stranger, "").await), ["Active"]);
    // Whoever names an event sees it, however far it is.
    let shown = shown_to(&world, &stranger, &format!("popup_id={draft}")).await;
    assert_eq!(names(&shown), ["Draft"]);
    let shown = shown_to(&world, &stranger, &format!("popup_id={own}")).await;
    assert_eq!(names(&shown), ["Own"]);
}

#[tokio::test]
async fn the_portal_gets_a_thousand_at_once() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let sql = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price) \
               SELECT gen_random_uuid(), $1, $2, 'P', 'p-' || n, 1 FROM generate_series(1, 1001) n";
    let many = sqlx::query(sql).bind(world.tenant.0).bind(popup);
    many.execute(&world.server.sql).await.unwrap();
    let shown = shown_to(&world, &person, &format!("popup_id={popup}")).await;
    assert_eq!(shown["results"].as_array().unwrap().len(), 1000);
    assert_eq!(shown["paging"], json!({ "limit": 1000, "offset": 0, "total": 1001 }));
    let rest = shown_to(&world, &person, &format!("popup_id={popup}&skip=1000")).await;
    assert_eq!(rest["results"].as_array().unwrap().len(), 1);
    let path = "/products/portal/products?limit=1001";
    world.server.get(path).bearer_auth(&person.token).answer().await.expect(422);
}
