//! Unfinished purchases, kept by people and seen by staff.

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, TestServer, nobody},
    world::{Person, World, id},
};

/// What is in a cart in which nothing is.
fn nothing() -> Value {
    json!({
        "passes": [], "housing": null, "merch": [], "patron": null, "promo_code": null,
        "insurance": false, "current_step": null,
    })
}

/// A pass for an attendee.
fn pass(quantity: i64) -> Value {
    json!({ "attendee_id": "a", "product_id": "p", "quantity": quantity })
}

async fn get(world: &World, who: &Person, popup: Uuid) -> Value {
    let path = format!("/carts/my/{popup}");
    world.server.get(&path).bearer_auth(&who.token).answer().await.expect(200)
}

async fn put(world: &World, who: &Person, popup: Uuid, body: Value) -> Answer {
    let request = world.server.request(reqwest::Method::PUT, &format!("/carts/my/{popup}"));
    request.bearer_auth(&who.token).json(&body).answer().await
}

async fn keep(world: &World, who: &Person, popup: Uuid, items: Value) -> Value {
    put(world, who, popup, json!({ "items": items })).await.expect(200)
}

async fn delete(world: &World, who: &Person, popup: Uuid) -> Answer {
    world.server.delete(&format!("/carts/my/{popup}")).bearer_auth(&who.token).answer().await
}

async fn list(world: &World, query: &str) -> Value {
    world.staff(world.server.get(&format!("/carts?{query}"))).await.expect(200)
}

async fn carts(server: &TestServer) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM carts").fetch_one(&server.sql).await.unwrap()
}

/// A payment of `person` in `popup`, put straight into the database.
async fn payment(world: &World, application: Uuid, kind: &str, status: &str, day: i32) -> Uuid {
    let sql = "INSERT INTO payments (id, tenant_id, application_id, popup_id, status, amount, \
               payment_type, created_at) \
               SELECT gen_random_uuid(), a.tenant_id, a.id, a.popup_id, $2, 500, $3, \
               make_timestamptz(2026, 1, $4, 0, 0, 0) FROM applications a WHERE a.id = $1 RETURNING id";
    let payment = sqlx::query_scalar(sql).bind(application).bind(status).bind(kind).bind(day);
    payment.fetch_one(&world.server.sql).await.unwrap()
}

#[tokio::test]
async fn nobody_has_a_cart_before_filling_one() {
    let world = World::start().await;
    let (popup, person) = (world.popup(json!({})).await, world.person().await);
    for popup in [popup, nobody()] {
        assert_eq!(get(&world, &person, popup).await, Value::Null);
        delete(&world, &person, popup).await.expect(204);
    }
    assert_eq!(carts(&world.server).await, 0);
}

#[tokio::test]
async fn a_cart_is_kept_with_all_that_was_left_out() {
    let world = World::start().await;
    let (popup, person) = (world.popup(json!({})).await, world.person().await);
    let cart = keep(&world, &person, popup, json!({})).await;
    assert_eq!(cart["items"], nothing());
    assert_eq!((&cart["human_id"], &cart["popup_id"]), (&json!(person.id.0), &json!(popup)));
    assert_eq!(get(&world, &person, popup).await, cart);

    let items = json!({
        "passes": [{ "attendee_id": "a", "product_id": "p" }], "extra": 1,
        "merch": [{ "product_id": "m", "more": true }],
        "patron": { "product_id": "p", "amount": "12.5" },
    });
    let kept = keep(&world, &person, popup, items).await;
    let mut expected = nothing();
    expected["passes"] = json!([pass(1)]);
    expected["merch"] = json!([{ "product_id": "m", "quantity": 1 }]);
    expected["patron"] = json!({ "product_id": "p", "amount": 12.5, "is_custom_amount": false });
    assert_eq!(kept["items"], expected);

    let full = json!({
        "passes": [pass(1000), pass(1000)], "insurance": true, "promo_code": "EARLY",
        "housing": { "product_id": "h", "check_in": "2026-06-01", "check_out": "not a day" },
        "merch": [{ "product_id": "m", "quantity": 2 }], "current_step": "confirm",
        "patron": { "product_id": "p", "amount": 99_999_999.99, "is_custom_amount": true },
    });
    assert_eq!(keep(&world, &person, popup, full.clone()).await["items"], full);
}

#[tokio::test]
async fn a_cart_is_replaced_as_a_whole_and_changes_only_when_it_does() {
    let world = World::start().await;
    let (popup, person) = (world.popup(json!({})).await, world.person().await);
    let first = json!({ "passes": [pass(1)], "promo_code": "EARLY" });
    let first = keep(&world, &person, popup, first).await;
    let second = keep(&world, &person, popup, json!({ "passes": [pass(1)] })).await;
    assert_eq!(second["items"]["promo_code"], Value::Null);
    assert_eq!((&second["id"], &second["created_at"]), (&first["id"], &first["created_at"]));
    let changed = |cart: &Value| cart["updated_at"].as_str().unwrap().to_owned();
    assert!(changed(&second) > changed(&first), "{first} {second}");
    // The same in other words.
    let same = json!({ "passes": [pass(1)], "insurance": false, "merch": [], "housing": null });
    assert_eq!(keep(&world, &person, popup, same).await, second);

    delete(&world, &person, popup).await.expect(204);
    let anew = keep(&world, &person, popup, json!({})).await;
    assert_ne!(anew["id"], first["id"]);
}

#[tokio::test]
async fn what_is_no_cart_is_refused() {
    let world = World::start().await;
    let (popup, person) = (world.popup(json!({})).await, world.person().await);
    let long = "x".repeat(101);
    for (items, field) in [
        (json!(null), "items"),
        (json!([]), "items"),
        (json!({ "passes": null }), "passes"),
        (json!({ "merch": null }), "merch"),
        (json!({ "insurance": null }), "insurance"),
        (json!({ "passes": [{ "attendee_id": "a" }] }), "product_id"),
        (json!({ "passes": [{ "attendee_id": 1, "product_id": "p" }] }), "attendee_id"),
        (json!({ "passes": [pass(-5)] }), "quantity"),
        (json!({ "passes": [pass(0)] }), "quantity"),
        (json!({ "passes": [pass(1001)] }), "quantity"),
        (json!({ "passes": vec![pass(1); 201] }), "passes"),
        (json!({ "merch": vec![json!({ "product_id": "m" }); 101] }), "merch"),
        (json!({ "housing": { "product_id": "h", "check_in": "x" } }), "check_out"),
        (json!({ "patron": { "product_id": "p", "amount": "NaN" } }), "amount"),
        (json!({ "patron": { "product_id": "p", "amount": -0.01 } }), "amount"),
        (json!({ "patron": { "product_id": "p", "amount": 100_000_000 } }), "amount"),
        (json!({ "promo_code": long }), "promo_code"),
        (json!({ "current_step": "a\0" }), "current_step"),
    ] {
        let answer = put(&world, &person, popup, json!({ "items": items.clone() })).await;
        assert_eq!(answer.status, 422, "{items}: {answer:?}");
        let location = answer.body["detail"][0]["loc"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(location, field, "{items}: {answer:?}");
    }
    put(&world, &person, popup, json!({})).await.expect(422);
    let path = format!("/carts/my/{popup}");
    let nan = r#"{"items": {"patron": {"product_id": "p", "amount": NaN}}}"#;
    let request = world.server.request(reqwest::Method::PUT, &path).bearer_auth(&person.token);
    request.body(nan).answer().await.expect(422);
    let largest = vec![pass(1); 200];
    keep(&world, &person, popup, json!({ "passes": largest })).await;
    world.server.get("/carts/my/zz").bearer_auth(&person.token).answer().await.expect(422);
}

#[tokio::test]
async fn a_cart_is_small() {
    let world = World::start().await;
    let (popup, person) = (world.popup(json!({})).await, world.person().await);
    // An unknown key is dropped, but not for nothing.
    let body = |size| json!({ "items": {}, "extra": "x".repeat(size) });
    put(&world, &person, popup, body(65_000)).await.expect(200);
    put(&world, &person, popup, body(65_536)).await.expect(413);
    // Whoever it is from.
    let request = world.server.request(reqwest::Method::PUT, &format!("/carts/my/{popup}"));
    request.json(&body(65_536)).answer().await.expect(413);
}

#[tokio::test]
async fn nobody_fills_a_cart_where_there_is_no_popup() {
    let world = World::start().await;
    let person = world.person().await;
    let theirs = world.server.tenant("theirs").await;
    let (_, stranger) = world.server.user("admin", Some(theirs)).await;
    let body = json!({ "name": "Theirs", "status": "active" });
    let popup = world.server.post("/popups").bearer_auth(&stranger).json(&body).answer().await;
    for popup in [id(&popup.expect(201)), nobody()] {
        let refused = put(&world, &person, popup, json!({ "items": {} })).await;
        assert_eq!((refused.status, refused.detail()), (404, "Popup not found"));
        // The shape comes first.
        put(&world, &person, popup, json!({ "items": null })).await.expect(422);
    }
    assert_eq!(list(&world, "").await["paging"]["total"], 0);
    let theirs = world.server.get("/carts").bearer_auth(&stranger).answer().await.expect(200);
    assert_eq!(theirs["results"], json!([]));
}

#[tokio::test]
async fn a_cart_needs_no_application_and_no_open_popup() {
    let world = World::start().await;
    let person = world.person().await;
    for status in ["draft", "active", "archived", "ended"] {
        let popup = world.popup(json!({ "status": status })).await;
        keep(&world, &person, popup, json!({})).await;
    }
}

#[tokio::test]
async fn of_simultaneous_first_carts_there_is_one() {
    let world = World::start().await;
    let (popup, person) = (world.popup(json!({})).await, world.person().await);
    let puts = (1..=20).map(|quantity| {
        put(&world, &person, popup, json!({ "items": { "passes": [pass(quantity)] } }))
    });
    let answers = join_all(puts).await;
    let ids: Vec<_> = answers.into_iter().map(|answer| answer.expect(200)["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(carts(&world.server).await, 1);
}

#[tokio::test]
async fn a_cart_goes_with_its_popup() {
    let world = World::start().await;
    let (popup, person) = (world.popup(json!({})).await, world.person().await);
    keep(&world, &person, popup, json!({ "passes": [pass(1)] })).await;
    world.staff(world.server.delete(&format!("/popups/{popup}"))).await.expect(204);
    assert_eq!(carts(&world.server).await, 0);
    assert_eq!(get(&world, &person, popup).await, Value::Null);
}

#[tokio::test]
async fn people_have_carts_of_their_own() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let (ann, ben) = (world.person().await, world.person().await);
    let of_ann = keep(&world, &ann, popup, json!({ "promo_code": "ANN" })).await;
    assert_eq!(get(&world, &ben, popup).await, Value::Null);
    let of_ben = keep(&world, &ben, popup, json!({ "promo_code": "BEN" })).await;
    assert_ne!(of_ann["id"], of_ben["id"]);
    delete(&world, &ben, popup).await.expect(204);
    assert_eq!(get(&world, &ann, popup).await, of_ann);
}

#[tokio::test]
async fn staff_see_who_has_not_finished_and_what_they_tried_to_pay() {
    let world = World::start().await;
    let (popup, elsewhere) = (world.popup(json!({})).await, world.popup(json!({})).await);
    let (ann, ben) = (world.person().await, world.person().await);
    let of_ann = keep(&world, &ann, popup, json!({ "promo_code": "ANN" })).await;
    let of_ben = keep(&world, &ben, popup, json!({})).await;
    keep(&world, &ann, elsewhere, json!({})).await;
    let application = id(&world.apply(&ann, popup, json!({})).await.expect(201));
    let expired = payment(&world, application, "pass_purchase", "expired", 1).await;
    let pending = payment(&world, application, "pass_purchase", "pending", 2).await;
    for (kind, status) in [
        ("application_fee", "pending"),
        ("pass_purchase", "approved"),
        ("pass_purchase", "cancelled"),
        ("pass_purchase", "rejected"),
    ] {
        payment(&world, application, kind, status, 3).await;
    }

    let page = list(&world, &format!("popup_id={popup}")).await;
    assert_eq!(page["paging"], json!({ "limit": 100, "offset": 0, "total": 2 }));
    let popup_name = page["results"][1]["popup"]["name"].clone();
    let slug = page["results"][1]["popup"]["slug"].clone();
    assert!(popup_name.is_string() && slug.is_string());
    let attempt = |payment: Uuid, status: &str, day: u32| {
        json!({
            "id": payment, "status": status, "amount": 500.0, "currency": "USD",
            "created_at": format!("2026-01-0{day}T00:00:00Z"),
        })
    };
    let entry = |cart: &Value, who: &Person, names: [Value; 2], payments: Value| {
        json!({
            "id": cart["id"], "items": cart["items"], "created_at": cart["created_at"],
            "updated_at": cart["updated_at"],
            "human": {
                "id": who.id.0, "email": who.email, "first_name": names[0], "last_name": names[1],
            },
            "popup": { "id": popup, "name": popup_name, "slug": slug }, "payments": payments,
        })
    };
    let attempts = json!([attempt(pending, "pending", 2), attempt(expired, "expired", 1)]);
    let ada = [json!("Ada"), json!("Lovelace")];
    let unnamed = [Value::Null, Value::Null];
    let expected = [entry(&of_ben, &ben, unnamed, json!([])), entry(&of_ann, &ann, ada, attempts)];
    assert_eq!(page["results"], json!(expected));

    // The latest change comes first.
    keep(&world, &ann, popup, json!({})).await;
    let all = list(&world, "").await;
    assert_eq!(all["paging"]["total"], 3);
    assert_eq!(all["results"][0]["id"], of_ann["id"]);
    let second = list(&world, "skip=1&limit=1").await;
    assert_eq!(second["results"], json!([all["results"][1]]));
    assert_eq!(list(&world, &format!("popup_id={}", nobody())).await["paging"]["total"], 0);
}

#[tokio::test]
async fn the_list_is_for_the_staff_of_the_tenant() {
    let world = World::start().await;
    let (popup, person) = (world.popup(json!({})).await, world.person().await);
    keep(&world, &person, popup, json!({})).await;
    let server = &world.server;
    let theirs = server.tenant("theirs").await;
    let (_, viewer) = server.user("viewer", Some(world.tenant)).await;
    let (_, stranger) = server.user("admin", Some(theirs)).await;
    for (token, status) in
        [(&viewer, 200), (&world.admin, 200), (&person.token, 403), (&world.superadmin, 400)]
    {
        assert_eq!(server.get("/carts").bearer_auth(token).answer().await.status, status);
    }
    assert_eq!(server.get("/carts").answer().await.status, 401);
    let strange = server.get("/carts").bearer_auth(&stranger).answer().await.expect(200);
    assert_eq!(strange["paging"]["total"], 0);
    let chosen = world.governor(server.get("/carts")).await.expect(200);
    assert_eq!(chosen["paging"]["total"], 1);
    for query in ["limit=0", "limit=1001", "skip=-1", "popup_id=zz"] {
        let answer = world.staff(server.get(&format!("/carts?{query}"))).await;
        assert_eq!(answer.status, 422, "{query}");
    }
    // Nobody of the staff has a cart.
    let own = format!("/carts/my/{popup}");
    for token in [&viewer, &world.admin, &world.superadmin] {
        assert_eq!(server.get(&own).bearer_auth(token).answer().await.status, 403);
    }
}
