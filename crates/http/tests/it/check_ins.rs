//! At the door.

use chrono::TimeDelta;
use edgeos_http::Machine;
use edgeos_ports::Environment;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, TestServer, nobody},
    passes::{give, product, set_period, take},
    world::{Person, World, id},
};

/// An event with somebody who is accepted and holds a pass.
struct Door {
    world: World,
    popup: Uuid,
    person: Person,
    application: Uuid,
    attendee: Uuid,
    code: String,
    pass: Uuid,
}

impl Door {
    async fn new() -> Self {
        Self::of(World::start().await).await
    }

    async fn of(world: World) -> Self {
        let family = json!({ "allows_spouse": true, "allows_children": true });
        let popup = world.popup(family).await;
        let person = world.person().await;
        let application = world.apply(&person, popup, json!({ "status": "in review" })).await;
        let application = application.expect(201);
        assert_eq!(application["status"], "accepted");
        let attendee = &application["attendees"][0];
        let code = attendee["check_in_code"].as_str().unwrap().to_owned();
        let (attendee, application) = (id(attendee), id(&application));
        let pass = product(&world.server, world.tenant.0, popup, "Pass").await;
        give(&world.server, attendee, pass, 1).await;
        Self { world, popup, person, application, attendee, code, pass }
    }

    fn server(&self) -> &TestServer {
        &self.world.server
    }

    async fn scan_as(&self, token: &str, code: &str, popup: Uuid) -> Answer {
        let body = json!({ "code": code, "popup_id": popup });
        self.server().post("/check-ins/scan").bearer_auth(token).json(&body).answer().await
    }

    async fn scan(&self) -> Answer {
        self.scan_as(&self.world.admin, &self.code, self.popup).await
    }

    async fn by_hand(&self, attendee: Uuid, change: Value) -> Answer {
        let path = format!("/check-ins/{attendee}");
        self.world.staff(self.server().patch(&path).json(&change)).await
    }

    async fn take_back(&self, attendee: Uuid) -> Answer {
        self.world.staff(self.server().delete(&format!("/check-ins/{attendee}"))).await
    }

    async fn list(&self, query: &str) -> Answer {
        let path = format!("/check-ins?popup_id={}&{query}", self.popup);
        self.world.staff(self.server().get(&path)).await
    }

    async fn rows(&self) -> i64 {
        let sql = "SELECT count(*) FROM check_ins";
        sqlx::query_scalar(sql).fetch_one(&self.server().sql).await.unwrap()
    }
}

#[tokio::test]
async fn the_first_scan_lets_in_and_the_second_says_so() {
    let door = Door::new().await;
    let first = door.scan().await.expect(200);
    assert_eq!([&first["first"], &first["warnings"]], [&json!(true), &json!([])]);
    assert_eq!(first["attendee"]["id"], json!(door.attendee));
    assert_eq!(first["attendee"]["products"][0]["quantity"], 1);
    let arrival = &first["check_in"];
    assert_eq!(arrival["qr_check_in"], true);
    assert_eq!(arrival["arrival_date"], arrival["qr_scan_timestamp"]);
    assert_eq!(
        [&arrival["attendee_id"], &arrival["tenant_id"], &arrival["departure_date"]],
        [&json!(door.attendee), &json!(door.world.tenant.0), &Value::Null]
    );

    let qr = json!({ "code": door.code.to_lowercase() }).to_string();
    let second = door.scan_as(&door.world.admin, &qr, door.popup).await.expect(200);
    assert_eq!(second["first"], false);
    assert_eq!(second["check_in"]["id"], arrival["id"]);
    assert_eq!(second["check_in"]["arrival_date"], arrival["arrival_date"]);
    assert_ne!(second["check_in"]["qr_scan_timestamp"], arrival["qr_scan_timestamp"]);
    assert_eq!(door.rows().await, 1);
}

#[tokio::test]
async fn of_twenty_scanners_at_once_one_is_the_first() {
    let door = Door::new().await;
    let answers = join_all((0..20).map(|_| door.scan())).await;
    let bodies: Vec<_> = answers.into_iter().map(|answer| answer.expect(200)).collect();
    assert_eq!(bodies.iter().filter(|body| body["first"] == true).count(), 1);
    let arrivals: Vec<_> = bodies.iter().map(|body| &body["check_in"]["arrival_date"]).collect();
    assert!(arrivals.iter().all(|arrival| *arrival == arrivals[0]), "{arrivals:?}");
    assert_eq!(door.rows().await, 1);
}

#[tokio::test]
async fn nobody_gets_in_without_acceptance_and_a_pass() {
    let door = Door::new().await;
    take(door.server(), door.attendee).await;
    let empty_handed = door.scan().await;
    assert_eq!(empty_handed.status, 409);
    assert!(empty_handed.detail().contains("no product"), "{empty_handed:?}");
    give(door.server(), door.attendee, door.pass, 1).await;
    let set_status = async |status: &str| {
        let sql = "UPDATE applications SET status = $2 WHERE id = $1";
        let change = sqlx::query(sql).bind(door.application).bind(status);
        change.execute(&door.server().sql).await.unwrap();
    };
    for status in ["draft", "pending_fee", "in review", "rejected", "withdrawn"] {
        set_status(status).await;
        let refused = door.scan().await;
        assert_eq!(refused.status, 409, "{status}");
        assert!(refused.detail().contains("not accepted"), "{refused:?}");
    }
    assert_eq!(door.rows().await, 0);
    set_status("accepted").await;
    door.scan().await.expect(200);
}

#[tokio::test]
async fn a_code_opens_the_door_of_its_own_event() {
    let door = Door::new().await;
    let world = &door.world;
    let other = world.popup(json!({})).await;
    let scan = async |code: &str, popup| door.scan_as(&world.admin, code, popup).await;
    let wrong_door = scan(&door.code, other).await;
    assert_eq!((wrong_door.status, wrong_door.detail()), (404, "Attendee not found"));
    let no_door = scan(&door.code, nobody()).await;
    assert_eq!((no_door.status, no_door.detail()), (404, "Popup not found"));
    for code in ["CONXXXXXXXX", "{\"kode\":1}", "", "{", &"A".repeat(101)] {
        let unknown = scan(code, door.popup).await;
        assert_eq!((unknown.status, unknown.detail()), (404, "Attendee not found"), "{code}");
    }
    scan("a\0", door.popup).await.expect(422);
    let request = door.server().post("/check-ins/scan").json(&json!({ "code": 5 }));
    let mut faults = world.staff(request).await.faults();
    faults.sort_by_key(|(_, place)| place.to_string());
    let places: Vec<_> = faults.into_iter().map(|(_, place)| place).collect();
    assert_eq!(places, [json!(["body", "code"]), json!(["body", "popup_id"])]);
    assert_eq!(door.rows().await, 0);
}

#[tokio::test]
async fn only_who_may_write_opens_the_door() {
    let door = Door::new().await;
    let server = door.server();
    let (_, viewer) = server.user("viewer", Some(door.world.tenant)).await;
    let theirs = server.tenant("theirs").await;
    let (_, stranger) = server.user("admin", Some(theirs)).await;
    door.scan_as(&viewer, &door.code, door.popup).await.expect(403);
    door.scan_as(&door.person.token, &door.code, door.popup).await.expect(403);
    door.scan_as(&stranger, &door.code, door.popup).await.expect(404);
    let path = format!("/check-ins?popup_id={}", door.popup);
    let list = async |token: &str| server.get(&path).bearer_auth(token).answer().await;
    list(&viewer).await.expect(200);
    list(&door.person.token).await.expect(403);
    assert_eq!(list(&stranger).await.expect(200)["paging"]["total"], 0);
    let one = format!("/check-ins/{}", door.attendee);
    for (token, status) in [(&viewer, 403), (&door.person.token, 403), (&stranger, 404)] {
        let change = server.patch(&one).bearer_auth(token).json(&json!({}));
        assert_eq!(change.answer().await.status, status);
        assert_eq!(server.delete(&one).bearer_auth(token).answer().await.status, status);
    }
    assert_eq!(door.rows().await, 0);
}

#[tokio::test]
async fn an_arrival_is_written_down_by_hand() {
    let door = Door::new().await;
    let (nine, eight) = ("2020-01-01T09:00:00Z", "2020-01-01T08:00:00Z");
    let backwards = json!({ "arrival_date": nine, "departure_date": eight });
    let refused = door.by_hand(door.attendee, backwards).await;
    let fault = ("value_error".to_owned(), json!(["body", "departure_date"]));
    assert_eq!(refused.faults(), [fault]);
    let tomorrow = Machine.now() + TimeDelta::hours(25);
    for field in ["arrival_date", "departure_date"] {
        let refused = door.by_hand(door.attendee, json!({ field: tomorrow.to_rfc3339() })).await;
        assert_eq!(refused.faults()[0].1, json!(["body", field]));
        let refused = door.by_hand(door.attendee, json!({ field: "soon" })).await;
        assert_eq!(refused.faults()[0].1, json!(["body", field]));
    }
    assert_eq!(door.rows().await, 0);
    door.by_hand(nobody(), json!({ "arrival_date": nine })).await.expect(404);

    let by_hand = door.by_hand(door.attendee, json!({ "arrival_date": nine })).await.expect(200);
    assert_eq!([&by_hand["arrival_date"], &by_hand["qr_check_in"]], [&json!(nine), &json!(false)]);
    let before = door.by_hand(door.attendee, json!({ "departure_date": eight })).await;
    assert_eq!(before.status, 422);
    let scan = door.scan().await.expect(200);
    assert_eq!(scan["first"], false);
    assert_eq!(scan["check_in"]["qr_check_in"], true);
    assert_eq!(scan["check_in"]["arrival_date"], json!(nine));

    let left = json!({ "departure_date": "2020-01-01T10:00:00Z" });
    door.by_hand(door.attendee, left).await.expect(200);
    let again = door.scan().await.expect(200);
    assert_eq!(again["warnings"], json!(["departed"]));
    assert_eq!(again["check_in"]["departure_date"], "2020-01-01T10:00:00Z");
    let cleared = json!({ "arrival_date": null, "departure_date": null });
    let cleared = door.by_hand(door.attendee, cleared).await.expect(200);
    assert_eq!([&cleared["arrival_date"], &cleared["departure_date"]], [&Value::Null; 2]);
    assert_eq!(door.scan().await.expect(200)["first"], true);
}

#[tokio::test]
async fn who_has_left_without_coming_comes() {
    let door = Door::new().await;
    let left = json!({ "departure_date": "2020-01-01T10:00:00Z" });
    door.by_hand(door.attendee, left).await.expect(200);
    let scan = door.scan().await.expect(200);
    assert_eq!([&scan["first"], &scan["warnings"]], [&json!(true), &json!(["departed"])]);
    assert_eq!(scan["check_in"]["departure_date"], Value::Null);
}

#[tokio::test]
async fn odd_times_are_told_and_turn_nobody_away() {
    let door = Door::new().await;
    let server = door.server();
    let now = Machine.now();
    let day = TimeDelta::days(1);
    set_period(server, door.pass, Some(now + day), Some(now + day * 2)).await;
    let early = json!({ "start_date": (now + day).naive_utc().to_string() });
    let path = format!("/popups/{}", door.popup);
    door.world.staff(server.patch(&path).json(&early)).await.expect(200);
    let warnings = door.scan().await.expect(200)["warnings"].clone();
    assert_eq!(warnings, json!(["outside_product_dates", "popup_not_started"]));

    set_period(server, door.pass, Some(now - day), Some(now + day)).await;
    let over = json!({ "start_date": null, "end_date": "2020-06-10" });
    door.world.staff(server.patch(&path).json(&over)).await.expect(200);
    let warnings = door.scan().await.expect(200)["warnings"].clone();
    assert_eq!(warnings, json!(["popup_ended"]));
}

#[tokio::test]
async fn who_has_been_checked_in_stays_until_it_is_taken_back() {
    let door = Door::new().await;
    let (world, server) = (&door.world, door.server());
    let path = format!("/applications/my/{}/attendees", door.popup);
    let kid = json!({ "name": "K", "category": "kid" });
    let kid = server.post(&path).bearer_auth(&door.person.token).json(&kid);
    let kid = id(&kid.answer().await.expect(201)["attendees"][1]);
    door.take_back(kid).await.expect(404);
    door.by_hand(kid, json!({ "arrival_date": "2020-01-01T09:00:00Z" })).await.expect(200);

    let by_staff = async || world.staff(server.delete(&format!("/attendees/{kid}"))).await;
    let by_owner = async || {
        let request = server.delete(&format!("{path}/{kid}")).bearer_auth(&door.person.token);
        request.answer().await
    };
    by_staff().await.expect(409);
    by_owner().await.expect(409);
    door.take_back(kid).await.expect(204);
    door.take_back(kid).await.expect(404);
    by_owner().await.expect(200);
}

#[tokio::test]
async fn corrections_are_remembered() {
    let door = Door::new().await;
    let nine = "2020-01-01T09:00:00Z";
    door.by_hand(door.attendee, json!({ "arrival_date": nine })).await.expect(200);
    door.scan().await.expect(200);
    door.take_back(door.attendee).await.expect(204);
    door.by_hand(door.attendee, json!({ "departure_date": "1" })).await.expect(200);
    let path = format!("/audit-entries?subject_type=attendee&subject_id={}", door.attendee);
    let entries = door.world.staff(door.server().get(&path)).await.expect(200);
    let entries = entries["results"].as_array().unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["check_in.edited", "check_in.taken_back", "check_in.edited"]);
    assert_eq!(entries[0]["details"]["before"], Value::Null);
    assert_eq!(
        entries[1]["details"]["before"],
        json!({ "arrival_date": nine, "departure_date": null, "qr_check_in": true })
    );
    assert_eq!(entries[2]["details"]["after"]["arrival_date"], nine);
    let everything = serde_json::to_string(entries).unwrap();
    assert!(!everything.contains(&door.code), "{everything}");
}

#[tokio::test]
async fn the_list_shows_who_came_last_first() {
    let door = Door::new().await;
    let (world, server) = (&door.world, door.server());
    let path = format!("/applications/my/{}/attendees", door.popup);
    let mut attendees = vec![("Ada Lovelace", door.attendee)];
    for (place, name) in ["Zoe", "Bo", "Cy 50%"].into_iter().enumerate() {
        let kid = json!({ "name": name, "category": "kid", "email": format!("{place}@x.com") });
        let added = server.post(&path).bearer_auth(&door.person.token).json(&kid);
        attendees.push((name, id(&added.answer().await.expect(201)["attendees"][place + 1])));
    }
    let of = |name: &str| attendees.iter().find(|(known, _)| *known == name).unwrap().1;
    for (name, day) in [("Bo", 2), ("Zoe", 3)] {
        let arrival = json!({ "arrival_date": format!("2020-01-0{day}") });
        door.by_hand(of(name), arrival).await.expect(200);
    }
    // A row that says nothing is no arrival.
    door.by_hand(of("Cy 50%"), json!({})).await.expect(200);
    let names = async |query: &str| {
        let page = door.list(query).await.expect(200);
        let rows = page["results"].as_array().unwrap().iter();
        let names = rows.map(|row| row["attendee"]["name"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), page["paging"]["total"].as_u64().unwrap())
    };
    let listed = |names: &[&str], total| {
        (names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), total)
    };
    assert_eq!(names("").await, listed(&["Zoe", "Bo", "Ada Lovelace", "Cy 50%"], 4));
    assert_eq!(names("arrived=true").await, listed(&["Zoe", "Bo"], 2));
    assert_eq!(names("arrived=false").await, listed(&["Ada Lovelace", "Cy 50%"], 2));
    assert_eq!(names("search=50%25").await, listed(&["Cy 50%"], 1));
    assert_eq!(names("search=1@X").await, listed(&["Bo"], 1));
    assert_eq!(names("search=o&arrived=true&skip=1&limit=1").await, listed(&["Bo"], 2));
    assert_eq!(names("skip=9").await, listed(&[], 4));

    let page = door.list("").await.expect(200);
    assert_eq!(page["results"][0]["check_in"]["arrival_date"], "2020-01-03T00:00:00Z");
    assert_eq!(page["results"][2]["check_in"], Value::Null);
    assert_eq!(page["results"][2]["attendee"]["products"][0]["id"], json!(door.pass));
    assert_eq!(page["results"][3]["check_in"]["arrival_date"], Value::Null);
    let missing = world.staff(server.get("/check-ins")).await;
    assert_eq!(missing.faults(), [("missing".to_owned(), json!(["query", "popup_id"]))]);
    let unknown = world.staff(server.get(&format!("/check-ins?popup_id={}", nobody()))).await;
    assert_eq!(unknown.expect(200)["results"], json!([]));
    door.list("arrived=maybe").await.expect(422);
}

#[tokio::test]
async fn codes_are_not_to_be_guessed() {
    let door = Door::of(World::start_with(&[("RATE_LIMIT_CHECK_IN", "4")]).await).await;
    let server = door.server();
    let look_up = async |token: &str, code: &str| {
        let path = format!("/attendees/check-in/{code}");
        server.get(&path).bearer_auth(token).answer().await
    };
    // Of the wrong shape: no attempt.
    look_up(&door.world.admin, "%00").await.expect(422);
    look_up(&door.world.admin, "nobody").await.expect(404);
    look_up(&door.world.admin, &door.code).await.expect(200);
    door.scan_as(&door.world.admin, "nobody", door.popup).await.expect(404);
    door.scan().await.expect(200);
    for refused in [look_up(&door.world.admin, &door.code).await, door.scan().await] {
        assert_eq!(refused.status, 429, "{refused:?}");
        let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    let (_, colleague) = door.world.admin().await;
    look_up(&colleague, &door.code).await.expect(200);
}
