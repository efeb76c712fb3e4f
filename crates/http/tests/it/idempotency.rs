//! Requests that are sent twice.

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send},
    patience::until,
    world::{Person, World, application},
};

async fn apply(world: &World, person: &Person, key: &str, body: &Value) -> Answer {
    let request = world.server.post("/applications/my").bearer_auth(&person.token);
    request.header("Idempotency-Key", key).json(body).answer().await
}

async fn count(world: &World) -> i64 {
    let sql = "SELECT count(*) FROM applications";
    sqlx::query_scalar(sql).fetch_one(&world.server.sql).await.unwrap()
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let body = application(popup, &json!({}));
    let first = apply(&world, &person, "key-1", &body).await;
    let second = apply(&world, &person, "key-1", &body).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body, second.body);
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(count(&world).await, 1);

    let other = application(popup, &json!({ "referral": "Bo" }));
    apply(&world, &person, "key-1", &other).await.expect(422);
    apply(&world, &person, "key-2", &body).await.expect(400);
    apply(&world, &person, "two words", &body).await.expect(400);
    apply(&world, &person, &"k".repeat(256), &body).await.expect(400);
    // Somebody else's key is another key.
    let neighbour = world.person().await;
    apply(&world, &neighbour, "key-1", &body).await.expect(201);
}

#[tokio::test]
async fn ten_twins_make_one_application() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let body = application(popup, &json!({}));
    let answers = join_all((0..10).map(|_| apply(&world, &person, "key", &body))).await;
    for answer in &answers {
        let waits = answer.status == 409 && answer.header("retry-after") == Some("1");
        assert!(answer.status == 201 || waits, "{answer:?}");
    }
    assert!(answers.iter().any(|answer| answer.status == 201));
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn a_refused_request_leaves_no_key() {
    let world = World::start().await;
    let popup = world.popup(json!({ "status": "ended" })).await;
    let person = world.person().await;
    let body = application(popup, &json!({}));
    apply(&world, &person, "key", &body).await.expect(400);
    let path = format!("/popups/{popup}");
    let open = json!({ "status": "active" });
    world.staff(world.server.patch(&path).json(&open)).await.expect(200);
    let answer = apply(&world, &person, "key", &body).await;
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (201, None));
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let body = application(popup, &json!({}));
    apply(&world, &person, "key", &body).await.expect(201);
    let sql = "UPDATE idempotency_keys SET expires_at = now()";
    sqlx::query(sql).execute(&world.server.sql).await.unwrap();
    apply(&world, &person, "key", &body).await.expect(400);
}

#[tokio::test]
async fn a_superadmin_may_repeat_too() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let body = json!({
        "popup_id": popup, "email": "bo@x.com", "first_name": "Bo", "last_name": "Li",
    });
    let enter = || world.server.post("/applications").header("Idempotency-Key", "key").json(&body);
    let first = world.governor(enter()).await;
    let second = world.governor(enter()).await;
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    let ids = [first, second].map(|answer| answer.expect(201)["id"].as_str().unwrap().to_owned());
    assert_eq!(ids[0].parse::<Uuid>(), ids[1].parse::<Uuid>());
}

#[tokio::test]
async fn keys_that_are_over_are_swept_away() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let body = application(popup, &json!({}));
    let (old, young) = (world.person().await, world.person().await);
    for person in [&old, &young] {
        apply(&world, person, "key", &body).await.expect(201);
    }
    let sql = "UPDATE idempotency_keys SET expires_at = now() WHERE actor_id = $1";
    sqlx::query(sql).bind(old.id.0).execute(&world.server.sql).await.unwrap();
    let _sweeper = world.server.beside().await;
    until(async || {
        let left = sqlx::query_scalar::<_, Uuid>("SELECT actor_id FROM idempotency_keys");
        left.fetch_all(&world.server.sql).await.unwrap() == [young.id.0]
    })
    .await;
}
