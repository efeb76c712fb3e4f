//! An event goes with everything that is of it, unless money was paid.

use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{
    fingerprint::fingerprint,
    harness::{Send, nobody},
    world::{Person, World, id},
};

/// A popup with something of everything but payments; who applied, and the application.
async fn furnished(world: &World) -> (Uuid, Person, Uuid) {
    let popup = world
        .popup(json!({ "allows_coupons": true, "allows_spouse": true, "allows_scholarship": true }))
        .await;
    world.strategy(popup, json!({ "strategy_type": "any_reviewer" })).await;
    let (reviewer, token) = world.admin().await;
    world.reviewer(popup, reviewer, json!({})).await;
    world.coupon(popup, "X", json!({})).await.expect(201);
    let product = id(&world.product(popup, "P", json!({})).await.expect(201));
    let group = world.group(popup, None).await;
    let person = world.person().await;
    let fields = json!({
        "status": "in review", "companions": [{ "name": "Bo", "category": "spouse" }],
    });
    let application = id(&world.apply(&person, popup, fields).await.expect(201));
    world.vote(&token, application, "yes").await.expect(201);
    let ids = [world.tenant.0, popup, person.id.0, group, product, application];
    for statement in [
        "INSERT INTO carts (id, tenant_id, human_id, popup_id) VALUES (gen_random_uuid(), '{0}', '{2}', '{1}')",
        "INSERT INTO group_leaders (tenant_id, group_id, human_id) VALUES ('{0}', '{3}', '{2}')",
        "INSERT INTO group_members (tenant_id, group_id, human_id) VALUES ('{0}', '{3}', '{2}')",
        "INSERT INTO group_products (tenant_id, group_id, product_id) VALUES ('{0}', '{3}', '{4}')",
        "INSERT INTO group_whitelisted_emails (id, tenant_id, group_id, email) \
         VALUES (gen_random_uuid(), '{0}', '{3}', 'a@x.example')",
        "INSERT INTO formfields (id, tenant_id, popup_id, name, label, field_type) \
         VALUES (gen_random_uuid(), '{0}', '{1}', 'shoe', 'Shoe', 'text')",
        "INSERT INTO email_templates (id, tenant_id, popup_id, template_type, html_content) \
         VALUES (gen_random_uuid(), '{0}', '{1}', 'application_accepted', 'Hi')",
        "INSERT INTO check_ins (id, tenant_id, attendee_id) \
         SELECT gen_random_uuid(), tenant_id, id FROM attendees WHERE application_id = '{5}'",
    ] {
        let statement = ids.iter().enumerate().fold(statement.to_owned(), |text, (index, id)| {
            text.replace(&format!("{{{index}}}"), &id.to_string())
        });
        sqlx::query(AssertSqlSafe(statement)).execute(&world.server.sql).await.unwrap();
    }
    (popup, person, application)
}

#[tokio::test]
async fn an_event_goes_with_everything_but_people() {
    let world = World::start().await;
    let other = world.popup(json!({})).await;
    let before = fingerprint(&world.server.sql, None).await;
    let (popup, person, _) = furnished(&world).await;
    let furnished = fingerprint(&world.server.sql, None).await;
    // All but what comes with money, sign-in and repetition, and what is of no event.
    for table in [
        "applicationreviews",
        "application_snapshots",
        "applications",
        "approvalstrategies",
        "attendees",
        "basefieldconfigs",
        "carts",
        "check_ins",
        "coupons",
        "email_templates",
        "formfields",
        "formsections",
        "group_leaders",
        "group_members",
        "group_products",
        "group_whitelisted_emails",
        "groups",
        "popupreviewers",
        "popups",
        "products",
    ] {
        assert!(furnished[table].0 > before[table].0, "{table} is not part of it");
    }
    let path = format!("/popups/{popup}");
    world.staff(world.server.delete(&path)).await.expect(204);
    let after = fingerprint(&world.server.sql, None).await;
    for (table, rows) in &before {
        if !["humans", "outbox", "users"].contains(&table.as_str()) {
            assert_eq!(&after[table], rows, "{table}");
        }
    }
    world.staff(world.server.get(&format!("/humans/{}", person.id.0))).await.expect(200);
    world.staff(world.server.get(&format!("/popups/{other}"))).await.expect(200);
    world.staff(world.server.get(&path)).await.expect(404);
    world.staff(world.server.delete(&path)).await.expect(404);
    world.staff(world.server.delete(&format!("/popups/{}", nobody()))).await.expect(404);
}

#[tokio::test]
async fn an_event_with_money_in_it_stays_as_it_is() {
    let world = World::start().await;
    let (paid, _, application) = furnished(&world).await;
    let product = id(&world.product(paid, "Paid", json!({})).await.expect(201));
    world.ordered(application, product, "expired").await;
    let (held, _, application) = furnished(&world).await;
    let product = id(&world.product(held, "Held", json!({})).await.expect(201));
    world.all_hold(application, product, 1).await;
    let before = fingerprint(&world.server.sql, None).await;
    for popup in [paid, held] {
        let refused = world.staff(world.server.delete(&format!("/popups/{popup}"))).await;
        assert_eq!(refused.status, 409, "{refused:?}");
        assert!(refused.detail().contains("archive"), "{refused:?}");
    }
    assert_eq!(fingerprint(&world.server.sql, None).await, before);
}

#[tokio::test]
async fn only_writers_of_its_organisation_delete_an_event() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let path = format!("/popups/{popup}");
    let theirs = world.server.tenant("theirs").await;
    let (_, stranger) = world.server.user("admin", Some(theirs)).await;
    let (_, viewer) = world.server.user("viewer", Some(world.tenant)).await;
    let person = world.person().await;
    for (token, status) in [(&stranger, 404), (&viewer, 403), (&person.token, 403)] {
        let answer = world.server.delete(&path).bearer_auth(token).answer().await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    world.staff(world.server.get(&path)).await.expect(200);
    world.governor(world.server.delete(&path)).await.expect(204);
}

#[tokio::test]
async fn whoever_applies_while_the_event_goes_is_in_it_or_not_at_all() {
    let world = World::start().await;
    for _ in 0..5 {
        let popup = world.popup(json!({})).await;
        let (person, other) = (world.person().await, world.person().await);
        let path = format!("/popups/{popup}");
        let (deleted, first, second, product) = tokio::join!(
            world.staff(world.server.delete(&path)),
            world.apply(&person, popup, json!({})),
            world.apply(&other, popup, json!({})),
            world.product(popup, "P", json!({})),
        );
        assert_eq!(deleted.status, 204, "{deleted:?}");
        for answer in [first, second, product] {
            assert!([201, 404].contains(&answer.status), "{answer:?}");
        }
    }
    let left = "SELECT (SELECT count(*) FROM popups) + (SELECT count(*) FROM applications) \
                + (SELECT count(*) FROM attendees) + (SELECT count(*) FROM products)";
    let left: i64 = sqlx::query_scalar(left).fetch_one(&world.server.sql).await.unwrap();
    assert_eq!(left, 0);
}
