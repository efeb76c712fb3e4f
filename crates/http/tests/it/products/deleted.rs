//! What is sold stays.

use serde_json::json;

use crate::{
    harness::nobody,
    world::{World, id},
};

#[tokio::test]
async fn what_is_held_or_was_ordered_stays() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let application = id(&world.apply(&person, popup, json!({})).await.expect(201));
    let mut products = Vec::new();
    for name in ["Held", "Expired", "Pending", "Unsold"] {
        products.push(id(&world.product(popup, name, json!({})).await.expect(201)));
    }
    world.all_hold(application, products[0], 1).await;
    world.ordered(application, products[1], "expired").await;
    world.ordered(application, products[2], "pending").await;
    for product in &products[..3] {
        let path = format!("/products/{product}");
        let refused = world.staff(world.server.delete(&path)).await;
        assert_eq!(refused.status, 409, "{refused:?}");
        assert!(refused.detail().contains("deactivate"), "{refused:?}");
        world.staff(world.server.get(&path)).await.expect(200);
    }
    let path = format!("/products/{}", products[3]);
    world.staff(world.server.delete(&path)).await.expect(204);
    world.staff(world.server.get(&path)).await.expect(404);
    world.staff(world.server.delete(&path)).await.expect(404);
    world.staff(world.server.delete(&format!("/products/{}", nobody()))).await.expect(404);
}

#[tokio::test]
async fn a_product_leaves_its_groups_and_no_cart() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let product = id(&world.product(popup, "P", json!({})).await.expect(201));
    let group = world.group(popup, None).await;
    let linked = "INSERT INTO group_products (tenant_id, group_id, product_id) VALUES ($1, $2, $3)";
    let linked = sqlx::query(linked).bind(world.tenant.0).bind(group).bind(product);
    linked.execute(&world.server.sql).await.unwrap();
    let person = world.person().await;
    let items = json!({ "passes": [{ "product_id": product }] });
    let cart = "INSERT INTO carts (id, tenant_id, human_id, popup_id, items) \
                VALUES (gen_random_uuid(), $1, $2, $3, $4)";
    let cart = sqlx::query(cart).bind(world.tenant.0).bind(person.id.0).bind(popup).bind(&items);
    cart.execute(&world.server.sql).await.unwrap();

    world.staff(world.server.delete(&format!("/products/{product}"))).await.expect(204);
    let links = sqlx::query_scalar("SELECT count(*) FROM group_products");
    let links: i64 = links.fetch_one(&world.server.sql).await.unwrap();
    let cart = sqlx::query_scalar("SELECT items FROM carts");
    let cart: serde_json::Value = cart.fetch_one(&world.server.sql).await.unwrap();
    assert_eq!((links, cart), (0, items));
}
