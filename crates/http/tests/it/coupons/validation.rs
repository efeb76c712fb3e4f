//! What a code is worth.

use chrono::TimeDelta;
use edgeos_http::Machine;
use edgeos_ports::Environment;
use futures_util::future::join;
use serde_json::{Value, json};
use uuid::Uuid;

use super::change_coupon;
use crate::{
    harness::{Answer, Send, nobody},
    patience::until,
    world::{Person, World, id},
};

async fn try_code(world: &World, person: &Person, popup: Uuid, code: &str) -> Answer {
    let body = json!({ "popup_id": popup, "code": code });
    let request = world.server.post("/coupons/validate").bearer_auth(&person.token);
    request.json(&body).answer().await
}

/// An active popup that takes coupons.
async fn shop(world: &World) -> Uuid {
    world.popup(json!({ "allows_coupons": true })).await
}

fn in_hours(hours: i64) -> Value {
    json!((Machine.now() + TimeDelta::hours(hours)).to_rfc3339())
}

#[tokio::test]
async fn trying_a_code_takes_no_use() {
    let world = World::start().await;
    let popup = shop(&world).await;
    let coupon = world.coupon(popup, "X", json!({ "max_uses": 1 })).await.expect(201);
    let person = world.person().await;
    for _ in 0..10 {
        let worth = try_code(&world, &person, popup, " x ").await.expect(200);
        assert_eq!(worth, coupon);
    }
    let change = json!({ "code": " lower " });
    change_coupon(&world, &coupon, change).await.expect(200);
    let worth = try_code(&world, &person, popup, "lower").await.expect(200);
    assert_eq!((&worth["code"], &worth["current_uses"]), (&json!("LOWER"), &json!(0)));
}

#[tokio::test]
async fn buyers_are_told_why_a_code_does_not_count() {
    let world = World::start().await;
    let popup = shop(&world).await;
    let person = world.person().await;
    for (code, settings, expected) in [
        ("GOOD", json!({ "start_date": in_hours(-1), "end_date": in_hours(1) }), None),
        (
            "OFF",
            json!({ "is_active": false, "end_date": in_hours(-1) }),
            Some("This coupon is not active"),
        ),
        ("EARLY", json!({ "start_date": in_hours(1) }), Some("This coupon is not valid yet")),
        ("LATE", json!({ "end_date": in_hours(-1) }), Some("This coupon has expired")),
        ("NONE", json!({ "max_uses": 0 }), Some("This coupon has been used up")),
    ] {
        world.coupon(popup, code, settings).await.expect(201);
        let answer = try_code(&world, &person, popup, code).await;
        match expected {
            None => assert_eq!(answer.status, 200, "{code}: {answer:?}"),
            Some(words) => assert_eq!((answer.status, answer.detail()), (400, words), "{code}"),
        }
    }
    for code in ["UNKNOWN", "", "  ", &"c".repeat(500), "a\nb"] {
        let answer = try_code(&world, &person, popup, code).await;
        assert_eq!((answer.status, answer.detail()), (404, "Coupon not found"), "{code:?}");
    }
}

#[tokio::test]
async fn an_event_takes_coupons_only_while_it_says_so() {
    let world = World::start().await;
    let popup = shop(&world).await;
    world.coupon(popup, "X", json!({})).await.expect(201);
    let person = world.person().await;
    let path = format!("/popups/{popup}");
    for (change, expected) in [
        (json!({ "allows_coupons": false }), 400),
        (json!({ "allows_coupons": null }), 400),
        (json!({ "allows_coupons": true, "status": "draft" }), 200),
        (json!({ "status": "archived" }), 400),
        (json!({ "status": "ended" }), 400),
        (json!({ "status": "active" }), 200),
    ] {
        world.staff(world.server.patch(&path).json(&change)).await.expect(200);
        let answer = try_code(&world, &person, popup, "X").await;
        assert_eq!(answer.status, expected, "{change}: {answer:?}");
    }
    let unset = sqlx::query("UPDATE popups SET allows_coupons = NULL WHERE id = $1").bind(popup);
    unset.execute(&world.server.sql).await.unwrap();
    try_code(&world, &person, popup, "X").await.expect(400);
}

#[tokio::test]
async fn a_code_of_another_organisation_or_event_is_unknown() {
    let world = World::start().await;
    let popup = shop(&world).await;
    world.coupon(popup, "X", json!({})).await.expect(201);
    let theirs = world.server.tenant("theirs").await;
    let (stranger, token) = world.server.human(theirs).await;
    let stranger = Person { id: stranger, email: String::new(), token };
    try_code(&world, &stranger, popup, "X").await.expect(404);
    let person = world.person().await;
    try_code(&world, &person, shop(&world).await, "X").await.expect(404);
    try_code(&world, &person, nobody(), "X").await.expect(404);
    let body = json!({ "popup_id": popup, "code": "X" });
    let request = || world.server.post("/coupons/validate").json(&body);
    world.staff(request()).await.expect(403);
    request().answer().await.expect(401);
}

#[tokio::test]
async fn guessing_ends_after_twenty_codes() {
    let world = World::start().await;
    let popup = shop(&world).await;
    world.coupon(popup, "X", json!({})).await.expect(201);
    let (person, other) = (world.person().await, world.person().await);
    for number in 0..20 {
        // What is found doesn't count.
        try_code(&world, &person, popup, "X").await.expect(200);
        try_code(&world, &person, popup, &format!("GUESS{number}")).await.expect(404);
    }
    for code in ["GUESS20", "X"] {
        let answer = try_code(&world, &person, popup, code).await;
        assert_eq!(answer.status, 429, "{answer:?}");
        let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=600).contains(&seconds), "{seconds}");
        assert!(answer.body["detail"].is_string());
    }
    // Nor can the rest be guessed by ordering.
    let application = world.apply(&person, popup, json!({ "status": "in review" })).await;
    let application = application.expect(201);
    let product = world.product(popup, "Pass", json!({ "price": 100 })).await.expect(201);
    let line = json!({
        "product_id": id(&product), "attendee_id": id(&application["attendees"][0]), "quantity": 1,
    });
    let order = json!({
        "application_id": id(&application), "products": [line], "coupon_code": "GUESS21",
    });
    for path in ["/payments/my", "/payments/my/preview"] {
        let request = world.server.post(path).bearer_auth(&person.token).json(&order);
        assert_eq!(request.answer().await.status, 429, "{path}");
    }
    try_code(&world, &other, popup, "GUESS").await.expect(404);
    try_code(&world, &other, popup, "X").await.expect(200);
}

#[tokio::test]
async fn guesses_at_once_are_counted_all() {
    let world = World::start().await;
    let popup = shop(&world).await;
    let person = world.person().await;
    let guesses = (0..30).map(|_| try_code(&world, &person, popup, "GUESS"));
    let answers = futures_util::future::join_all(guesses).await;
    let unknown = answers.iter().filter(|answer| answer.status == 404).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((unknown, refused), (20, 10));
}

/// Codes that are being looked up count already: nobody finds one by asking for many at once.
#[tokio::test]
async fn a_code_among_too_many_at_once_is_not_told() {
    let world = World::start_with(&[("RATE_LIMIT_COUPON", "2")]).await;
    let popup = shop(&world).await;
    world.coupon(popup, "X", json!({})).await.expect(201);
    let product = world.product(popup, "Week", json!({ "price": "10" })).await.expect(201);
    for path in ["/coupons/validate", "/payments/my/preview", "/payments/my"] {
        let person = world.person().await;
        let applied = world.apply(&person, popup, json!({ "status": "in review" })).await;
        let application = applied.expect(201);
        let line = json!({
            "product_id": product["id"], "attendee_id": application["attendees"][0]["id"],
        });
        let send = |code: &str| {
            let body = json!({
                "popup_id": popup, "code": code, "coupon_code": code,
                "application_id": application["id"], "products": [line],
            });
            world.server.post(path).bearer_auth(&person.token).json(&body).answer()
        };
        let mut held = world.server.sql.begin().await.unwrap();
        let hold = "LOCK TABLE coupons IN ACCESS EXCLUSIVE MODE";
        sqlx::query(hold).execute(&mut *held).await.unwrap();
        let among = async {
            let waiting = "SELECT count(*) FROM pg_stat_activity \
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let waiting = async || {
                let waiting = sqlx::query_scalar::<_, i64>(waiting);
                waiting.fetch_one(&world.server.sql).await.unwrap()
            };
            until(async || waiting().await == 2).await;
            if path == "/payments/my" {
                // An order waits for the one before it.
                let end = async {
                    until(async || waiting().await == 3).await;
                    held.rollback().await.unwrap();
                };
                return join(send("X"), end).await.0;
            }
            let refused = send("X").await;
            held.rollback().await.unwrap();
            refused
        };
        let (first, (second, refused)) = join(send("A"), join(send("B"), among)).await;
        assert_eq!((first.status, second.status), (404, 404), "{path}");
        assert_eq!((refused.status, send("X").await.status), (429, 429), "{path}");
    }
}
