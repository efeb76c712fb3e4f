//! Codes that take a percentage off.

mod orders;
mod validation;

use futures_util::future::join;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, nobody},
    world::{World, id},
};

impl World {
    /// Makes a coupon of 10 %, unless `settings` say otherwise.
    pub(crate) async fn coupon(&self, popup: Uuid, code: &str, settings: Value) -> Answer {
        let mut body = json!({ "popup_id": popup, "code": code, "discount_value": 10 });
        for (name, value) in settings.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.staff(self.server.post("/coupons").json(&body)).await
    }
}

/// The codes that the admin lists with this query.
async fn codes(world: &World, query: &str) -> Vec<String> {
    let list = world.staff(world.server.get(&format!("/coupons?{query}"))).await.expect(200);
    let results = list["results"].as_array().unwrap().iter();
    results.map(|coupon| coupon["code"].as_str().unwrap().to_owned()).collect()
}

async fn change_coupon(world: &World, coupon: &Value, change: Value) -> Answer {
    let path = format!("/coupons/{}", id(coupon));
    world.staff(world.server.patch(&path).json(&change)).await
}

#[tokio::test]
async fn a_code_has_one_form_and_one_coupon_of_the_event() {
    let world = World::start().await;
    let (first, second) = (world.popup(json!({})).await, world.popup(json!({})).await);
    let made = world.coupon(first, "  save10 ", json!({})).await.expect(201);
    let expected = json!({
        "id": made["id"], "tenant_id": world.tenant.0, "popup_id": first, "code": "SAVE10",
        "discount_value": 10, "max_uses": null, "current_uses": 0, "start_date": null,
        "end_date": null, "is_active": true, "created_at": made["created_at"],
        "updated_at": made["created_at"],
    });
    assert_eq!(made, expected);
    let path = format!("/coupons/{}", id(&made));
    assert_eq!(world.staff(world.server.get(&path)).await.expect(200), expected);
    let twice = world.coupon(first, "Save10", json!({})).await;
    assert_eq!(
        (twice.status, twice.detail()),
        (400, "This event has a coupon with this code already")
    );
    world.coupon(second, "Save10", json!({})).await.expect(201);
}

#[tokio::test]
async fn wrong_fields_are_named_on_create_and_change() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let coupon = world.coupon(popup, "X", json!({ "start_date": "2026-05-02" })).await.expect(201);
    for (field, value) in [
        ("discount_value", json!(15)),
        ("discount_value", json!(110)),
        ("discount_value", json!(-10)),
        ("discount_value", json!("20.5")),
        ("discount_value", json!(null)),
        ("code", json!("  ")),
        ("code", json!("c".repeat(101))),
        ("code", json!("a\nb")),
        ("code", json!("a\u{0}b")),
        ("code", json!(null)),
        ("max_uses", json!(-1)),
        ("max_uses", json!(3_000_000_000_u64)),
        ("is_active", json!(null)),
    ] {
        let answers = [
            world.coupon(popup, "Y", json!({ field: value })).await,
            change_coupon(&world, &coupon, json!({ field: value })).await,
        ];
        for answer in answers {
            assert_eq!(answer.status, 422, "{field} {value}: {answer:?}");
            assert_eq!(answer.faults()[0].1, json!(["body", field]), "{value}");
        }
    }
    let backwards = json!({ "start_date": "2026-05-02", "end_date": "2026-05-01" });
    world.coupon(popup, "Y", backwards).await.expect(422);
    change_coupon(&world, &coupon, json!({ "end_date": "2026-05-01" })).await.expect(422);
    change_coupon(&world, &coupon, json!({ "end_date": "2026-05-02" })).await.expect(200);
}

#[tokio::test]
async fn discounts_are_numbers_in_tens() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    for (index, (sent, stored)) in
        [(json!(0), 0), (json!(100), 100), (json!(10.0), 10), (json!("20"), 20)].iter().enumerate()
    {
        let settings = json!({ "discount_value": sent });
        let made = world.coupon(popup, &format!("C{index}"), settings).await.expect(201);
        assert_eq!(made["discount_value"], json!(stored), "{sent}");
    }
    world.coupon(popup, &"c".repeat(100), json!({ "max_uses": 0 })).await.expect(201);
}

#[tokio::test]
async fn a_change_keeps_the_form_and_what_is_counted() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let coupon = world.coupon(popup, "X", json!({ "current_uses": 7, "max_uses": 3 })).await;
    let coupon = coupon.expect(201);
    assert_eq!(coupon["current_uses"], 0);
    let used = sqlx::query("UPDATE coupons SET current_uses = 2 WHERE id = $1").bind(id(&coupon));
    used.execute(&world.server.sql).await.unwrap();
    world.coupon(popup, "OTHER", json!({})).await.expect(201);
    let change =
        json!({ "code": " lower ", "current_uses": 7, "popup_id": nobody(), "max_uses": 1 });
    let changed = change_coupon(&world, &coupon, change).await.expect(200);
    assert_eq!((&changed["code"], &changed["current_uses"]), (&json!("LOWER"), &json!(2)));
    assert_eq!((&changed["max_uses"], &changed["popup_id"]), (&json!(1), &json!(popup)));
    assert_ne!(changed["updated_at"], coupon["updated_at"]);
    change_coupon(&world, &coupon, json!({ "code": "oTher" })).await.expect(400);
    change_coupon(&world, &coupon, json!({ "code": "Lower" })).await.expect(200);
    let unlimited = change_coupon(&world, &coupon, json!({ "max_uses": null })).await.expect(200);
    assert_eq!(unlimited["max_uses"], Value::Null);
    change_coupon(&world, &json!({ "id": nobody() }), json!({ "code": "X" })).await.expect(404);
}

#[tokio::test]
async fn two_at_once_make_one_coupon_of_a_code() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let both = join(world.coupon(popup, "X", json!({})), world.coupon(popup, "x", json!({}))).await;
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400]);
    assert_eq!(codes(&world, "").await, ["X"]);
}

#[tokio::test]
async fn filters_work_with_and_without_an_event() {
    let world = World::start().await;
    let (first, second) = (world.popup(json!({})).await, world.popup(json!({})).await);
    let alpha = world.coupon(first, "alpha", json!({ "is_active": false })).await.expect(201);
    world.coupon(first, "beta%", json!({})).await.expect(201);
    world.coupon(second, "gam", json!({})).await.expect(201);
    change_coupon(&world, &alpha, json!({ "discount_value": 50 })).await.expect(200);
    for (query, expected) in [
        (String::new(), vec!["ALPHA", "BETA%", "GAM"]),
        ("is_active=false".to_owned(), vec!["ALPHA"]),
        (format!("popup_id={first}&is_active=true"), vec!["BETA%"]),
        ("search=lp".to_owned(), vec!["ALPHA"]),
        ("search=%25".to_owned(), vec!["BETA%"]),
        (format!("popup_id={}", nobody()), vec![]),
        ("skip=1&limit=1".to_owned(), vec!["BETA%"]),
    ] {
        assert_eq!(codes(&world, &query).await, expected, "{query}");
    }
    let list = world.staff(world.server.get("/coupons?skip=1&limit=1")).await.expect(200);
    assert_eq!(list["paging"], json!({ "limit": 1, "offset": 1, "total": 3 }));
}

#[tokio::test]
async fn payments_outlive_the_coupon_that_they_used() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let application = id(&world.apply(&person, popup, json!({})).await.expect(201));
    let product = id(&world.product(popup, "P", json!({})).await.expect(201));
    let coupon = world.coupon(popup, "all100", json!({ "discount_value": 100 })).await.expect(201);
    for status in ["approved", "pending"] {
        let payment = world.ordered(application, product, status).await;
        let sql = "UPDATE payments SET coupon_id = $2, coupon_code = 'ALL100', discount_value = 100 \
                   WHERE id = $1";
        let used = sqlx::query(sql).bind(payment).bind(id(&coupon));
        used.execute(&world.server.sql).await.unwrap();
    }
    let path = format!("/coupons/{}", id(&coupon));
    world.staff(world.server.delete(&path)).await.expect(204);
    world.staff(world.server.get(&path)).await.expect(404);
    world.staff(world.server.delete(&path)).await.expect(404);
    let sql = "SELECT count(*) FROM payments \
               WHERE coupon_id IS NULL AND coupon_code = 'ALL100' AND discount_value = 100";
    let kept: i64 = sqlx::query_scalar(sql).fetch_one(&world.server.sql).await.unwrap();
    assert_eq!(kept, 2);
}

#[tokio::test]
async fn coupons_are_for_the_staff_of_their_organisation() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let coupon = world.coupon(popup, "X", json!({})).await.expect(201);
    let path = format!("/coupons/{}", id(&coupon));
    let theirs = world.server.tenant("theirs").await;
    let (_, stranger) = world.server.user("admin", Some(theirs)).await;
    let (_, viewer) = world.server.user("viewer", Some(world.tenant)).await;
    let human = world.person().await.token;
    let body = json!({ "popup_id": popup, "code": "MINE", "discount_value": 10 });
    let server = &world.server;
    let calls = async |token: &str| {
        [
            server.get("/coupons").bearer_auth(token).answer().await.status,
            server.get(&path).bearer_auth(token).answer().await.status,
            server.post("/coupons").bearer_auth(token).json(&body).answer().await.status,
            server.patch(&path).bearer_auth(token).json(&json!({})).answer().await.status,
            server.delete(&path).bearer_auth(token).answer().await.status,
        ]
    };
    assert_eq!(calls(&viewer).await, [200, 200, 403, 403, 403]);
    assert_eq!(calls(&human).await, [403; 5]);
    assert_eq!(calls("nobody").await, [401; 5]);
    assert_eq!(calls(&stranger).await, [200, 404, 404, 404, 404]);
    // What a stranger tried took no code.
    assert_eq!(calls(&world.admin).await, [200, 200, 201, 200, 204]);
    world.coupon(nobody(), "MINE", json!({})).await.expect(404);
}
