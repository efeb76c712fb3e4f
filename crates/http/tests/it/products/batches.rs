//! Many products at once.

use serde_json::{Value, json};
use uuid::Uuid;

use super::listed;
use crate::{
    harness::{Answer, Send, nobody},
    world::World,
};

async fn batch(world: &World, popup: Uuid, rows: &Value) -> Answer {
    let body = json!({ "popup_id": popup, "products": rows });
    world.governor(world.server.post("/products/batch").json(&body)).await
}

#[tokio::test]
async fn rows_succeed_and_fail_one_by_one() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let long = "n".repeat(300);
    let rows = json!([
        { "name": "B1", "price": 1 },
        { "name": "B1", "price": 2.5, "attendee_category": "main", "duration_type": "week" },
        { "name": long, "price": 3, "category": "merch", "is_active": false, "exclusive": true },
        { "name": "B1", "price": "4", "category": "housing", "max_quantity": 0 },
    ]);
    let results = batch(&world, popup, &rows).await.expect(207);
    let row = |index: usize| {
        let row = &results[index];
        [&row["row_number"], &row["success"], &row["name"], &row["slug"], &row["price"]]
            .map(Value::clone)
    };
    assert_eq!(row(0), [json!(1), json!(true), json!("B1"), json!("b1"), json!("1.00")]);
    assert_eq!(row(1), [json!(2), json!(true), json!("B1"), json!("b1-1"), json!("2.50")]);
    assert_eq!(row(2), [json!(3), json!(false), json!(long), json!(""), json!("3.00")]);
    assert_eq!(row(3), [json!(4), json!(true), json!("B1"), json!("b1-2"), json!("4.00")]);
    assert_eq!(
        (&results[1]["err_msg"], &results[1]["duration_type"]),
        (&json!(null), &json!("week"))
    );
    assert!(results[1]["created_at"].is_string());
    let failed = &results[2];
    assert_eq!(failed["err_msg"], "The name must not be longer than 255 characters");
    assert_eq!((&failed["category"], &failed["is_active"]), (&json!("merch"), &json!(false)));
    assert_eq!((&failed["exclusive"], &failed["created_at"]), (&json!(false), &json!(null)));
    assert!(failed["id"].is_string());
    // In the order of the rows.
    let list = world.staff(world.server.get("/products")).await.expect(200);
    let listed: Vec<&Value> =
        list["results"].as_array().unwrap().iter().map(|product| &product["slug"]).collect();
    assert_eq!(listed, ["b1", "b1-1", "b1-2"]);
}

#[tokio::test]
async fn a_row_that_breaks_a_rule_stops_all() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let good = json!({ "name": "Good", "price": 1 });
    for (bad, place) in [
        (json!({ "name": "Bad", "price": -1 }), json!(["body", "products", 1, "price"])),
        (json!({ "name": " ", "price": 1 }), json!(["body", "products", 1, "name"])),
        (json!({ "name": "Bad" }), json!(["body", "products", 1, "price"])),
        (
            json!({ "name": "Bad", "price": 1, "category": "merch", "duration_type": "day" }),
            json!(["body", "products"]),
        ),
    ] {
        let answer = batch(&world, popup, &json!([good, bad])).await;
        assert_eq!(answer.status, 422, "{bad}");
        assert_eq!(answer.faults()[0].1, place, "{bad}");
    }
    let too_many = vec![good; 1001];
    batch(&world, popup, &json!(too_many)).await.expect(422);
    assert!(listed(&world, "").await.is_empty());
}

#[tokio::test]
async fn a_thousand_of_one_name_are_no_problem() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let rows = vec![json!({ "name": "Bed", "price": 1, "category": "housing" }); 1000];
    let results = batch(&world, popup, &json!(rows)).await.expect(207);
    let results = results.as_array().unwrap();
    assert!(results.iter().all(|row| row["success"] == true));
    assert_eq!((&results[0]["slug"], &results[999]["slug"]), (&json!("bed"), &json!("bed-999")));
    let one_more = world.product(popup, "Bed", json!({})).await.expect(201);
    assert_eq!(one_more["slug"], "bed-1000");
}

#[tokio::test]
async fn a_batch_is_for_superadmins_and_for_an_event_that_is_there() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    assert_eq!(batch(&world, popup, &json!([])).await.expect(207), json!([]));
    batch(&world, nobody(), &json!([])).await.expect(404);
    batch(&world, nobody(), &json!([{ "name": "B", "price": 1 }])).await.expect(404);
    let body = json!({ "popup_id": popup, "products": [] });
    world.staff(world.server.post("/products/batch").json(&body)).await.expect(403);
    let theirs = world.server.tenant("theirs").await;
    let elsewhere = world.server.post("/products/batch").json(&body).bearer_auth(&world.superadmin);
    let elsewhere = elsewhere.header("X-Tenant-Id", theirs.0.to_string());
    let answer = elsewhere.answer().await;
    assert_eq!(answer.status, 404, "{answer:?}");
}
