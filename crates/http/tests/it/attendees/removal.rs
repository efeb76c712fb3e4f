//! Who can go, and who has to stay.

use reqwest::Method;
use serde_json::json;

use super::nth;
use crate::{
    harness::{Send, nobody},
    passes::{give, order, product, take},
    world::World,
};

#[tokio::test]
async fn whoever_money_was_meant_for_stays() {
    let world = World::start().await;
    let server = &world.server;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    let kids = json!([{ "name": "K", "category": "kid" }, { "name": "L", "category": "kid" }]);
    let begun = world.apply(&ada, popup, json!({ "companions": kids })).await.expect(201);
    let (paid, free) = (nth(&begun, 1), nth(&begun, 2));
    let pass = product(server, world.tenant.0, popup, "Pass").await;
    let payment = order(server, paid, pass, "pending").await;

    let pending = world.remove_attendee(&ada, popup, paid).await;
    assert_eq!(pending.status, 400);
    assert!(pending.detail().contains("pending"), "{pending:?}");
    world.on_attendee(Method::DELETE, paid, None).await.expect(400);
    let expire = "UPDATE payments SET status = 'expired' WHERE id = $1";
    sqlx::query(expire).bind(payment).execute(&server.sql).await.unwrap();
    world.remove_attendee(&ada, popup, paid).await.expect(409);
    world.on_attendee(Method::DELETE, paid, None).await.expect(409);
    give(server, paid, pass, 1).await;
    world.remove_attendee(&ada, popup, paid).await.expect(400);
    world.on_attendee(Method::DELETE, paid, None).await.expect(400);
    let line = "SELECT product_price::text FROM payment_products WHERE attendee_id = $1";
    let line: String = sqlx::query_scalar(line).bind(paid).fetch_one(&server.sql).await.unwrap();
    assert_eq!(line, "10.00");

    let without = world.remove_attendee(&ada, popup, free).await.expect(200);
    assert_eq!(without["attendees"].as_array().unwrap().len(), 2);
    assert_eq!(without["kid_count"], 1);
    world.remove_attendee(&ada, popup, free).await.expect(404);
    take(server, paid).await;
    sqlx::query("DELETE FROM payments").execute(&server.sql).await.unwrap();
    world.on_attendee(Method::DELETE, paid, None).await.expect(204);
    world.on_attendee(Method::GET, paid, None).await.expect(404);
}

#[tokio::test]
async fn the_main_attendee_and_others_attendees_are_not_to_be_deleted() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    let kid = json!([{ "name": "K", "category": "kid" }]);
    let begun = world.apply(&ada, popup, json!({ "companions": kid })).await.expect(201);
    let (main, kid) = (nth(&begun, 0), nth(&begun, 1));
    world.remove_attendee(&ada, popup, main).await.expect(400);
    world.on_attendee(Method::DELETE, main, None).await.expect(400);

    let bo = world.person().await;
    world.remove_attendee(&bo, popup, kid).await.expect(404);
    world.apply(&bo, popup, json!({})).await.expect(201);
    world.remove_attendee(&bo, popup, kid).await.expect(404);
    world.on_attendee(Method::DELETE, nobody(), None).await.expect(404);
    let (_, viewer) = world.server.user("viewer", Some(world.tenant)).await;
    let path = format!("/attendees/{kid}");
    world.server.delete(&path).bearer_auth(&viewer).answer().await.expect(403);
    let theirs = world.server.tenant("theirs").await;
    let (_, stranger) = world.server.user("admin", Some(theirs)).await;
    world.server.delete(&path).bearer_auth(&stranger).answer().await.expect(404);
    world.on_attendee(Method::DELETE, kid, None).await.expect(204);
}

#[tokio::test]
async fn a_deletion_and_a_check_in_at_the_same_moment_end_in_one_state() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    world.apply(&ada, popup, json!({})).await.expect(201);
    for _ in 0..8 {
        let kid = json!({ "name": "K", "category": "kid" });
        let with_kid = world.add_attendee(&ada, popup, kid).await.expect(201);
        let kid = nth(&with_kid, with_kid["attendees"].as_array().unwrap().len() - 1);
        let path = format!("/check-ins/{kid}");
        let arrival = json!({ "arrival_date": "2020-06-10T09:00:00Z" });
        let (deleted, checked_in) = tokio::join!(
            world.on_attendee(Method::DELETE, kid, None),
            world.staff(world.server.patch(&path).json(&arrival)),
        );
        let outcome = (deleted.status, checked_in.status);
        assert!(matches!(outcome, (204, 404) | (409, 200)), "{outcome:?}");
    }
}
