//! Check-in codes: each of one attendee.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::{DateTime, Utc};
use edgeos_app::{
    AppError,
    applications::{ManageApplications, NewApplication},
    idempotency::Once,
};
use edgeos_domain::{PopupId, Profile, ScholarshipRequest};
use edgeos_http::Machine;
use edgeos_ports::{Environment, Participant, StoreError};
use edgeos_postgres::PgStore;
use futures_util::future::join_all;
use serde_json::{Map, json};
use uuid::Uuid;

use super::nth;
use crate::{
    harness::{Send, settings},
    passes::{give, product},
    world::World,
};

#[tokio::test]
async fn five_thousand_attendees_have_as_many_codes() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let kids = json!(vec![json!({ "name": "K", "category": "kid" }); 19]);
    for _ in 0..50 {
        let families = (0..5).map(async |_| {
            let person = world.person().await;
            world.apply(&person, popup, json!({ "companions": kids })).await.expect(201);
        });
        join_all(families).await;
    }
    let codes = "SELECT count(*), count(DISTINCT check_in_code) FROM attendees WHERE popup_id = $1";
    let codes: (i64, i64) =
        sqlx::query_as(codes).bind(popup).fetch_one(&world.server.sql).await.unwrap();
    assert_eq!(codes, (5000, 5000));
}

/// A machine whose generator draws the same letters so many times, and then others.
#[derive(Debug)]
struct Loaded {
    same: usize,
    drawn: AtomicUsize,
}

impl Environment for Loaded {
    fn now(&self) -> DateTime<Utc> {
        Machine.now()
    }

    fn uuid(&self) -> Uuid {
        Machine.uuid()
    }

    fn fill(&self, bytes: &mut [u8]) {
        let drawn = self.drawn.fetch_add(1, Ordering::Relaxed);
        bytes.fill(if drawn < self.same { 0 } else { 7 });
    }
}

async fn apply(
    store: PgStore,
    by: Participant,
    popup: Uuid,
    env: Arc<Loaded>,
) -> Result<String, AppError> {
    let new = NewApplication {
        popup: PopupId(popup),
        profile: Profile::default(),
        referral: None,
        info_not_shared: Vec::new(),
        custom_fields: Map::new(),
        status: None,
        group: None,
        companions: Vec::new(),
        scholarship: ScholarshipRequest::default(),
    };
    match ManageApplications::new(store, env).create_mine(&by, new, None).await? {
        Once::Done(view) => Ok(view.attendees[0].attendee.check_in_code.as_str().to_owned()),
        Once::Repeated(answer) => panic!("{answer:?}"),
    }
}

#[tokio::test]
async fn a_code_that_somebody_has_is_drawn_anew() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let store = PgStore::connect(&settings(&world.server.database, &[]).postgres);
    let apply = async |same| {
        let person = world.person().await;
        let env = Arc::new(Loaded { same, drawn: AtomicUsize::new(0) });
        let by = Participant::authenticated(person.id, world.tenant);
        (apply(store.clone(), by, popup, env.clone()).await, env.drawn.load(Ordering::Relaxed))
    };
    let (first, draws) = apply(5).await;
    assert_eq!((first.unwrap(), draws), ("CONAAAAAAAA".to_owned(), 1));
    let (second, draws) = apply(4).await;
    assert_ne!(second.unwrap(), "CONAAAAAAAA");
    assert_eq!(draws, 5);
    let (third, draws) = apply(5).await;
    assert!(matches!(third, Err(AppError::Store(StoreError::Failed(_)))), "{third:?}");
    assert_eq!(draws, 5);
    let path = format!("/attendees?popup_id={popup}");
    let list = world.staff(world.server.get(&path)).await.expect(200);
    assert_eq!(list["paging"]["total"], 2);
}

#[tokio::test]
async fn a_code_is_looked_up_as_printed_and_as_scanned() {
    let world = World::start().await;
    let server = &world.server;
    let popup = world.popup(json!({})).await;
    let person = world.person().await;
    let begun = world.apply(&person, popup, json!({})).await.expect(201);
    let old = "UPDATE attendees SET check_in_code = 'SP-FGIT'";
    sqlx::query(old).execute(&server.sql).await.unwrap();
    let pass = product(server, world.tenant.0, popup, "Pass").await;
    give(server, nth(&begun, 0), pass, 2).await;

    let (_, viewer) = server.user("viewer", Some(world.tenant)).await;
    let path = |code: &str| format!("/attendees/check-in/{code}");
    let look_up =
        async |token: &str, code: &str| server.get(&path(code)).bearer_auth(token).answer().await;
    let printed = look_up(&viewer, "sp-fgit").await.expect(200);
    assert_eq!([&printed["name"], &printed["check_in_code"]], ["Ada Lovelace", "SP-FGIT"]);
    assert_eq!(printed["products"][0]["quantity"], 2);
    assert_eq!(printed["popup_id"], json!(popup));
    assert!(printed["popup_name"].as_str().unwrap().starts_with("Conclave"), "{printed}");
    assert_eq!(printed["application_status"], "draft");
    for code in ["%7B%22code%22%3A%22SP-FGIT%22%7D", "%20sp-fgit%20", "SP-FGIT"] {
        assert_eq!(look_up(&viewer, code).await.expect(200), printed, "{code}");
    }
    let long = "A".repeat(101);
    for code in ["SP-FGIU", "%7B%22kode%22%3A%22SP-FGIT%22%7D", "%7B", "A%2FB", &long] {
        look_up(&viewer, code).await.expect(404);
    }
    look_up(&viewer, "%00").await.expect(422);
    look_up(&person.token, "SP-FGIT").await.expect(403);
    server.get(&path("SP-FGIT")).answer().await.expect(401);
    let theirs = server.tenant("theirs").await;
    let (_, stranger) = server.user("admin", Some(theirs)).await;
    look_up(&stranger, "SP-FGIT").await.expect(404);
}
