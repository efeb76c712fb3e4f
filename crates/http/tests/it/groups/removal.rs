//! How people leave a group, and how a group goes.

use serde_json::{Value, json};
use uuid::Uuid;

use super::circle::Circle;
use crate::{
    harness::nobody,
    world::{World, id},
};

#[tokio::test]
async fn who_holds_something_stays() {
    let world = World::start().await;
    let popup = world.popup(json!({ "allows_spouse": true })).await;
    let circle = Circle::in_popup(world, popup, json!({})).await;
    let world = &circle.world;
    let ann = world.person().await;
    let joining = json!({
        "group_id": circle.group, "companions": [{ "name": "Bo", "category": "spouse" }],
    });
    let application = id(&world.apply(&ann, popup, joining).await.expect(201));
    world.give_product(popup, application, "spouse", "Week").await;
    let refused = circle.remove(ann.id.0).await;
    assert_eq!((refused.status, refused.detail()), (400, "This person holds products"));
    assert_eq!(circle.emails().await, [ann.email.as_str()]);

    let path = format!("/groups/{}", circle.group);
    let kept = world.staff(world.server.delete(&path)).await;
    assert_eq!((kept.status, kept.detail()), (400, "A member of this group holds products"));
    world.staff(world.server.get(&path)).await.expect(200);
}

#[tokio::test]
async fn the_favour_of_a_group_ends_with_the_membership() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let admitted = circle.add("ana@x.com", json!({})).await.expect(201);
    let before = circle.application_of(id(&admitted)).await;
    circle.remove(id(&admitted)).await.expect(204);
    let after = circle.application_of(id(&admitted)).await;
    assert_eq!((&after["status"], &after["group_id"]), (&json!("in review"), &Value::Null));
    assert_eq!(
        (&after["accepted_at"], &after["submitted_at"]),
        (&Value::Null, &before["submitted_at"])
    );
    assert_eq!(world.snapshots(id(&after)).await, ["auto_accepted", "submitted"]);
    let mails = "SELECT count(*) FROM outbox WHERE popup_id = $1";
    assert_eq!(world.count(mails, circle.popup).await, 0);
    circle.remove(id(&admitted)).await.expect(404);
    // In and out again accepts nobody, and once more brings the favour back.
    circle.add("ana@x.com", json!({})).await.expect(201);
    assert_eq!(world.status(id(&after)).await, "accepted");
}

#[tokio::test]
async fn who_was_accepted_before_stays_accepted() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let (bob, application) = world.submitted(circle.popup).await;
    world.vote(&world.admin, application, "yes").await.expect(201);
    let before = world.application(application).await;
    circle.add(&bob.email, json!({})).await.expect(201);
    circle.remove(bob.id.0).await.expect(204);
    let after = world.application(application).await;
    assert_eq!((&after["status"], &after["group_id"]), (&json!("accepted"), &Value::Null));
    assert_eq!(after["accepted_at"], before["accepted_at"]);
    assert_eq!(world.snapshots(application).await, ["submitted", "accepted"]);
}

#[tokio::test]
async fn who_was_a_member_before_applying_loses_the_favour_with_the_membership() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let ann = world.person().await;
    let sql = "INSERT INTO group_members (tenant_id, group_id, human_id) VALUES ($1, $2, $3)";
    let adopted = sqlx::query(sql).bind(world.tenant.0).bind(circle.group).bind(ann.id.0);
    adopted.execute(&world.server.sql).await.unwrap();
    let joining = json!({ "group_id": circle.group });
    let application = id(&world.apply(&ann, circle.popup, joining).await.expect(201));
    assert_eq!(world.status(application).await, "accepted");
    circle.remove(ann.id.0).await.expect(204);
    assert_eq!(world.status(application).await, "in review");
}

#[tokio::test]
async fn who_would_be_accepted_anyway_stays_accepted() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    world.strategy(circle.popup, json!({ "strategy_type": "auto_accept" })).await;
    let admitted = circle.add("ana@x.com", json!({})).await.expect(201);
    let before = circle.application_of(id(&admitted)).await;
    circle.remove(id(&admitted)).await.expect(204);
    let after = circle.application_of(id(&admitted)).await;
    assert_eq!((&after["status"], &after["group_id"]), (&json!("accepted"), &Value::Null));
    assert_eq!(after["accepted_at"], before["accepted_at"]);
    assert_eq!(world.snapshots(id(&after)).await, ["auto_accepted"]);
}

#[tokio::test]
async fn an_unpaid_fee_is_due_once_the_group_is_left() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let fee = json!({ "requires_application_fee": true, "application_fee_amount": "12.50" });
    let path = format!("/popups/{}", circle.popup);
    world.staff(world.server.patch(&path).json(&fee)).await.expect(200);
    let admitted = circle.add("ana@x.com", json!({})).await.expect(201);
    circle.remove(id(&admitted)).await.expect(204);
    let after = circle.application_of(id(&admitted)).await;
    assert_eq!((&after["status"], &after["accepted_at"]), (&json!("pending_fee"), &Value::Null));
    assert_eq!(world.snapshots(id(&after)).await, ["auto_accepted", "pending_fee"]);
}

#[tokio::test]
async fn the_red_flagged_are_rejected_once_the_group_is_left() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let ann = world.person().await;
    let joining = json!({ "group_id": circle.group });
    let application = id(&world.apply(&ann, circle.popup, joining).await.expect(201));
    world.flag(&ann).await;
    assert_eq!(world.status(application).await, "accepted");
    circle.remove(ann.id.0).await.expect(204);
    assert_eq!(world.status(application).await, "rejected");
    assert_eq!(world.snapshots(application).await, ["auto_accepted", "auto_rejected"]);
    assert_eq!(world.mails(&ann).await, ["application_accepted"]);
}

#[tokio::test]
async fn votes_count_again_once_the_group_is_left() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let (bob, application) = world.submitted(circle.popup).await;
    circle.add(&bob.email, json!({})).await.expect(201);
    // Stored, though nothing waits for it.
    world.vote(&world.admin, application, "yes").await.expect(201);
    circle.remove(bob.id.0).await.expect(204);
    assert_eq!(world.status(application).await, "accepted");
}

#[tokio::test]
async fn a_draft_that_joined_and_was_removed_waits_for_a_decision() {
    let circle = Circle::start(json!({})).await;
    let world = &circle.world;
    let ann = world.person().await;
    let draft = id(&world.apply(&ann, circle.popup, json!({})).await.expect(201));
    world.edit(&ann, circle.popup, json!({ "group_id": circle.group })).await.expect(200);
    circle.remove(ann.id.0).await.expect(204);
    let after = world.application(draft).await;
    assert_eq!((&after["status"], &after["accepted_at"]), (&json!("in review"), &Value::Null));
    assert_eq!(world.snapshots(draft).await, ["auto_accepted", "submitted"]);
    assert_eq!(world.mails(&ann).await, ["application_accepted"]);
    world.decide(draft, "reject").await.expect(200);
    circle.add(&ann.email, json!({})).await.expect(400);
    assert_eq!(world.status(draft).await, "rejected");
}

#[tokio::test]
async fn a_deleted_group_leaves_its_people_where_they_are() {
    let circle = Circle::start(json!({ "whitelisted_emails": ["ana@x.com"] })).await;
    let world = &circle.world;
    let member = circle.add("ana@x.com", json!({})).await.expect(201);
    let application = circle.application_of(id(&member)).await;
    let payment = "INSERT INTO payments (id, tenant_id, application_id, popup_id, group_id, amount, status) \
                   VALUES (gen_random_uuid(), $1, $2, $3, $4, 0, 'cancelled') RETURNING id";
    let payment = sqlx::query_scalar(payment).bind(world.tenant.0).bind(id(&application));
    let payment = payment.bind(circle.popup).bind(circle.group);
    let payment: Uuid = payment.fetch_one(&world.server.sql).await.unwrap();
    let product = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price) \
                   VALUES (gen_random_uuid(), $1, $2, 'Week', 'week', 1) RETURNING id";
    let product = sqlx::query_scalar(product).bind(world.tenant.0).bind(circle.popup);
    let product: Uuid = product.fetch_one(&world.server.sql).await.unwrap();
    let link = "INSERT INTO group_products (tenant_id, group_id, product_id) VALUES ($1, $2, $3)";
    let link = sqlx::query(link).bind(world.tenant.0).bind(circle.group).bind(product);
    link.execute(&world.server.sql).await.unwrap();

    let path = format!("/groups/{}", circle.group);
    world.staff(world.server.delete(&path)).await.expect(204);
    world.staff(world.server.delete(&path)).await.expect(404);
    let after = circle.application_of(id(&member)).await;
    assert_eq!((&after["status"], &after["group_id"]), (&json!("accepted"), &Value::Null));
    assert_eq!(after["accepted_at"], application["accepted_at"]);
    assert_eq!(world.snapshots(id(&after)).await, ["auto_accepted"]);
    let named = "SELECT count(*) FROM payments WHERE id = $1 AND group_id IS NULL";
    assert_eq!(world.count(named, payment).await, 1);
    for rows in [
        "SELECT count(*) FROM group_leaders WHERE group_id = $1",
        "SELECT count(*) FROM group_members WHERE group_id = $1",
        "SELECT count(*) FROM group_products WHERE group_id = $1",
        "SELECT count(*) FROM group_whitelisted_emails WHERE group_id = $1",
        "SELECT count(*) FROM groups WHERE id = $1",
    ] {
        assert_eq!(world.count(rows, circle.group).await, 0, "{rows}");
    }
    circle.lead(world.server.get(&circle.path())).await.expect(404);
    world.staff(world.server.delete(&format!("/groups/{}", nobody()))).await.expect(404);
}
