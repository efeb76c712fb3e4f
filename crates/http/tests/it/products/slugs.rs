//! Somebody at work on the database itself takes the slug that a product was about to get.

use futures_util::future::join;
use serde_json::json;
use uuid::Uuid;

use crate::{
    harness::Answer,
    patience::until_waiting,
    world::{World, id},
};

/// What is answered while somebody else stores a product with `slug`, which nobody can see yet.
async fn overtaken(
    world: &World,
    popup: Uuid,
    slug: &str,
    answer: impl Future<Output = Answer>,
) -> Answer {
    let sql = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price) \
               VALUES (gen_random_uuid(), $1, $2, 'Other', $3, 1)";
    let mut faster = world.server.sql.begin().await.unwrap();
    let other = sqlx::query(sql).bind(world.tenant.0).bind(popup).bind(slug);
    other.execute(&mut *faster).await.unwrap();
    let stored = async {
        until_waiting(&world.server.sql, 1).await;
        faster.commit().await.unwrap();
    };
    join(answer, stored).await.0
}

#[tokio::test]
async fn whoever_comes_second_gets_the_next_number() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let made = world.product(popup, "Mug", json!({}));
    let made = overtaken(&world, popup, "mug", made).await.expect(201);
    assert_eq!(made["slug"], "mug-1");

    let path = format!("/products/{}", id(&made));
    let renamed = world.staff(world.server.patch(&path).json(&json!({ "name": "Cup" })));
    let renamed = overtaken(&world, popup, "cup", renamed).await.expect(200);
    assert_eq!((&renamed["slug"], &renamed["name"]), (&json!("cup-1"), &json!("Cup")));

    let rows = json!([{ "name": "Bed", "price": 1 }, { "name": "Bed", "price": 1 }]);
    let body = json!({ "popup_id": popup, "products": rows });
    let batch = world.governor(world.server.post("/products/batch").json(&body));
    let batch = overtaken(&world, popup, "bed-1", batch).await.expect(207);
    assert_eq!((&batch[0]["slug"], &batch[1]["slug"]), (&json!("bed"), &json!("bed-2")));
}
