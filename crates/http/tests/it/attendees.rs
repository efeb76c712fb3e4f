//! The people whom applications bring.

mod clashes;
mod codes;
mod linking;
mod lists;
mod removal;
mod tickets;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, nobody},
    world::{Person, World, id},
};

impl World {
    /// An event to which families come.
    async fn family_popup(&self) -> Uuid {
        self.popup(json!({ "allows_spouse": true, "allows_children": true })).await
    }

    /// Adds somebody to the application of `person` to `popup`.
    async fn add_attendee(&self, person: &Person, popup: Uuid, attendee: Value) -> Answer {
        let path = format!("/applications/my/{popup}/attendees");
        self.server.post(&path).bearer_auth(&person.token).json(&attendee).answer().await
    }

    /// Changes an attendee of the application of `person` to `popup`.
    async fn change_attendee(
        &self,
        person: &Person,
        popup: Uuid,
        attendee: Uuid,
        change: Value,
    ) -> Answer {
        let path = format!("/applications/my/{popup}/attendees/{attendee}");
        self.server.patch(&path).bearer_auth(&person.token).json(&change).answer().await
    }

    /// Takes an attendee out of the application of `person` to `popup`.
    async fn remove_attendee(&self, person: &Person, popup: Uuid, attendee: Uuid) -> Answer {
        let path = format!("/applications/my/{popup}/attendees/{attendee}");
        self.server.delete(&path).bearer_auth(&person.token).answer().await
    }

    /// Lets `person` be nobody's companion at `popup` any more.
    async fn decline(&self, person: &Person, popup: Uuid) -> Answer {
        let path = format!("/applications/my/participation/{popup}");
        self.server.delete(&path).bearer_auth(&person.token).answer().await
    }

    /// The tickets that `person` sees.
    async fn tickets(&self, person: &Person) -> Vec<Value> {
        let request = self.server.get("/applications/my/tickets").bearer_auth(&person.token);
        request.answer().await.expect(200).as_array().unwrap().clone()
    }

    /// Calls an operation on one attendee as an admin.
    async fn on_attendee(&self, method: Method, attendee: Uuid, body: Option<Value>) -> Answer {
        let request = self.server.request(method, &format!("/attendees/{attendee}"));
        self.staff(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }
}

/// The attendee in this place of an application.
#[track_caller]
fn nth(application: &Value, place: usize) -> Uuid {
    id(&application["attendees"][place])
}

#[tokio::test]
async fn somebody_is_added_to_an_application() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let (ada, bo) = (world.person().await, world.person().await);
    world.apply(&ada, popup, json!({})).await.expect(201);
    let spouse = json!({
        "name": " Bo ", "category": "spouse", "email": format!(" {} ", bo.email.to_uppercase()),
        "gender": " x ",
    });
    let with_bo = world.add_attendee(&ada, popup, spouse).await.expect(201);
    let added = &with_bo["attendees"][1];
    assert_eq!(
        [&added["name"], &added["category"], &added["email"], &added["gender"]],
        [&json!("Bo"), &json!("spouse"), &json!(bo.email), &json!("x")]
    );
    assert_eq!(added["human_id"], json!(bo.id.0));
    assert_eq!((&with_bo["brings_spouse"], &with_bo["kid_count"]), (&json!(true), &json!(0)));
    // The portal sends an empty address for kids.
    let kid = json!({ "name": "Cy", "category": "kid", "email": "", "gender": "" });
    let with_cy = world.add_attendee(&ada, popup, kid).await.expect(201);
    let cy = &with_cy["attendees"][2];
    assert_eq!([&cy["email"], &cy["gender"], &cy["human_id"]], [&Value::Null; 3]);
    assert!(cy["check_in_code"].as_str().unwrap().starts_with("CON"), "{cy}");
    assert_eq!(with_cy["kid_count"], 1);
}

#[tokio::test]
async fn an_application_takes_nobody_beyond_its_limits() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    let spouse = json!({ "name": "S", "category": "spouse", "email": "s@x.com" });
    world.add_attendee(&ada, popup, spouse.clone()).await.expect(404);
    world.apply(&ada, popup, json!({ "companions": [spouse] })).await.expect(201);
    for (attendee, status) in [
        (json!({ "name": "T", "category": "spouse" }), 400),
        (json!({ "name": "T", "category": "main" }), 400),
        (json!({ "name": "T", "category": "baby" }), 422),
        (json!({ "name": "T", "category": "kid", "email": "S@X.COM" }), 400),
        (json!({ "name": "T", "category": "kid", "email": ada.email.to_uppercase() }), 400),
        (json!({ "name": " ", "category": "kid" }), 422),
        (json!({ "name": null, "category": "kid" }), 422),
        (json!({ "category": "kid" }), 422),
        (json!({ "name": "é".repeat(256), "category": "kid" }), 422),
        (json!({ "name": "a\0b", "category": "kid" }), 422),
        (json!({ "name": "T", "category": "kid", "email": "nope" }), 422),
        (json!({ "name": "T", "category": "kid", "gender": "x".repeat(51) }), 422),
        (json!({ "name": "é".repeat(255), "category": "kid", "gender": "x".repeat(50) }), 201),
    ] {
        let answer = world.add_attendee(&ada, popup, attendee.clone()).await;
        assert_eq!(answer.status, status, "{attendee}: {answer:?}");
    }
    let everything =
        world.add_attendee(&ada, popup, json!({ "name": "", "category": "x", "email": "y" })).await;
    let mut places: Vec<_> =
        everything.faults().into_iter().map(|(_, place)| place[1].clone()).collect();
    places.sort_by_key(Value::to_string);
    assert_eq!(places, ["category", "email", "name"]);
    for n in 0..18 {
        world
            .add_attendee(&ada, popup, json!({ "name": n.to_string(), "category": "kid" }))
            .await
            .expect(201);
    }
    let full = world.add_attendee(&ada, popup, json!({ "name": "T", "category": "kid" })).await;
    assert_eq!(full.status, 400);
    assert!(full.detail().contains("20"), "{full:?}");
}

#[tokio::test]
async fn a_popup_and_the_state_of_the_application_say_who_comes() {
    let world = World::start().await;
    let kid = json!({ "name": "K", "category": "kid" });
    let spouse = json!({ "name": "S", "category": "spouse" });

    let childless = world.popup(json!({ "allows_spouse": true, "allows_children": false })).await;
    let ada = world.person().await;
    world.apply(&ada, childless, json!({})).await.expect(201);
    world.add_attendee(&ada, childless, kid.clone()).await.expect(400);
    world.add_attendee(&ada, childless, spouse.clone()).await.expect(201);

    let popup = world.family_popup().await;
    world.strategy(popup, json!({ "strategy_type": "any_reviewer" })).await;
    let (bo, application) = world.submitted(popup).await;
    world.add_attendee(&bo, popup, kid.clone()).await.expect(201);
    world.decide(application, "reject").await.expect(200);
    world.add_attendee(&bo, popup, kid.clone()).await.expect(400);
    world.decide(application, "reopen").await.expect(200);
    world.decide(application, "accept").await.expect(200);
    world.add_attendee(&bo, popup, kid.clone()).await.expect(201);
    let withdraw = "UPDATE applications SET status = 'withdrawn' WHERE id = $1";
    sqlx::query(withdraw).bind(application).execute(&world.server.sql).await.unwrap();
    world.add_attendee(&bo, popup, kid.clone()).await.expect(400);

    let (cy, _) = world.submitted(popup).await;
    let ended = json!({ "status": "ended" });
    let path = format!("/popups/{popup}");
    world.staff(world.server.patch(&path).json(&ended)).await.expect(200);
    world.add_attendee(&cy, popup, kid).await.expect(400);
    world.add_attendee(&cy, nobody(), spouse).await.expect(404);
}

#[tokio::test]
async fn of_six_spouses_at_once_one_comes() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    world.apply(&ada, popup, json!({})).await.expect(201);
    let spouse = |n: usize| json!({ "name": format!("S{n}"), "category": "spouse" });
    let answers = join_all((0..6).map(|n| world.add_attendee(&ada, popup, spouse(n)))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400]);
}

#[tokio::test]
async fn somebody_added_twenty_times_at_once_comes_once() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    world.apply(&ada, popup, json!({})).await.expect(201);
    let kid = json!({ "name": "K", "category": "kid", "email": "k@x.com" });
    let answers = join_all((0..20).map(|_| world.add_attendee(&ada, popup, kid.clone()))).await;
    let (added, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(added.len(), 1);
    for answer in refused {
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.detail().contains("e-mail"), "{answer:?}");
    }
    let count = "SELECT count(*) FROM attendees WHERE email = 'k@x.com'";
    let count: i64 = sqlx::query_scalar(count).fetch_one(&world.server.sql).await.unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn an_addition_that_is_repeated_adds_nobody() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    world.apply(&ada, popup, json!({})).await.expect(201);
    let path = format!("/applications/my/{popup}/attendees");
    let add = async |name: &str| {
        let request = world.server.post(&path).bearer_auth(&ada.token);
        let body = json!({ "name": name, "category": "kid" });
        request.header("Idempotency-Key", "kid-1").json(&body).answer().await
    };
    let (first, second) = (add("K").await, add("K").await);
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.body, second.body);
    add("L").await.expect(422);
}

#[tokio::test]
async fn the_main_attendee_is_a_copy_that_stays_the_applicant() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    let begun = world.apply(&ada, popup, json!({})).await.expect(201);
    let main = nth(&begun, 0);
    let change = json!({
        "email": "z@z.com", "name": "Renamed", "category": "kid", "check_in_code": "X",
        "human_id": null,
    });
    let changed = world.change_attendee(&ada, popup, main, change).await.expect(200);
    let shown = &changed["attendees"][0];
    assert_eq!([&shown["email"], &shown["name"]], ["z@z.com", "Renamed"]);
    assert_eq!(shown["category"], "main");
    assert_eq!(shown["human_id"], json!(ada.id.0));
    assert_eq!(shown["check_in_code"], begun["attendees"][0]["check_in_code"]);
    assert_eq!(changed["human"]["email"], json!(ada.email));
    assert_eq!(world.tickets(&ada).await.len(), 1);

    let renamed = world.edit(&ada, popup, json!({ "first_name": "Augusta" })).await.expect(200);
    assert_eq!(renamed["human"]["first_name"], "Augusta");
    assert_eq!(renamed["attendees"][0]["name"], "Renamed");
}

#[tokio::test]
async fn an_attendee_is_changed_by_the_applicant_and_by_staff() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    let family = json!([
        { "name": "K", "category": "kid", "gender": "x" },
        { "name": "S", "category": "spouse", "email": "s@x.com" },
    ]);
    let begun = world.apply(&ada, popup, json!({ "companions": family })).await.expect(201);
    let (kid, spouse) = (nth(&begun, 1), nth(&begun, 2));

    let same = world.change_attendee(&ada, popup, kid, json!({})).await.expect(200);
    for field in ["name", "email", "gender", "check_in_code", "created_at"] {
        assert_eq!(same["attendees"][1][field], begun["attendees"][1][field], "{field}");
    }
    let change = json!({ "name": " L ", "email": "L@x.com", "gender": null });
    let changed = world.change_attendee(&ada, popup, kid, change).await.expect(200);
    let shown = &changed["attendees"][1];
    assert_eq!(
        [&shown["name"], &shown["email"], &shown["gender"]],
        [&json!("L"), &json!("l@x.com"), &Value::Null]
    );
    for taken in ["S@x.com".to_owned(), ada.email.to_uppercase()] {
        let change = json!({ "email": taken });
        world.change_attendee(&ada, popup, kid, change.clone()).await.expect(400);
        world.on_attendee(Method::PATCH, kid, Some(change)).await.expect(400);
    }
    for wrong in [
        json!({ "name": null }),
        json!({ "name": "  " }),
        json!({ "name": "x".repeat(256) }),
        json!({ "email": "nope" }),
        json!({ "gender": "x".repeat(51) }),
    ] {
        let refused = world.change_attendee(&ada, popup, kid, wrong.clone()).await;
        assert_eq!(refused.status, 422, "{wrong}");
        let refused = world.on_attendee(Method::PATCH, kid, Some(wrong.clone())).await;
        assert_eq!(refused.status, 422, "{wrong}");
    }
    let own = json!({ "email": "S@X.com", "name": "T" });
    let by_staff = world.on_attendee(Method::PATCH, spouse, Some(own)).await.expect(200);
    assert_eq!([&by_staff["email"], &by_staff["name"]], ["s@x.com", "T"]);
    let cleared = world.on_attendee(Method::PATCH, spouse, Some(json!({ "email": "" }))).await;
    assert_eq!(cleared.expect(200)["email"], Value::Null);
    world.change_attendee(&ada, popup, kid, json!({ "email": "s@x.com" })).await.expect(200);

    let stranger = world.person().await;
    world.change_attendee(&stranger, popup, kid, json!({})).await.expect(404);
    let foreign = world.apply(&stranger, popup, json!({})).await.expect(201);
    world.change_attendee(&stranger, popup, kid, json!({})).await.expect(404);
    world.change_attendee(&ada, popup, nth(&foreign, 0), json!({})).await.expect(404);
    world.on_attendee(Method::PATCH, nobody(), Some(json!({}))).await.expect(404);
}
