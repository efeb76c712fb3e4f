//! Attendees as the backoffice sees them.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::nth;
use crate::{
    harness::{Send, nobody},
    passes::{give, product},
    world::{World, id},
};

impl World {
    async fn attendees(&self, query: &str) -> Value {
        self.staff(self.server.get(&format!("/attendees?{query}"))).await.expect(200)
    }
}

fn names(page: &Value) -> Vec<&str> {
    let rows = page["results"].as_array().unwrap().iter();
    rows.map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn filters_narrow_each_other() {
    let world = World::start().await;
    let (popup, other) = (world.family_popup().await, world.family_popup().await);
    let (ada, bo) = (world.person().await, world.person().await);
    let family = json!([
        { "name": "Spot", "category": "spouse", "email": "sp@x.com" },
        { "name": "50%_off", "category": "kid" },
    ]);
    let ours = world.apply(&ada, popup, json!({ "companions": family })).await.expect(201);
    let elsewhere = json!([{ "name": "Spot", "category": "spouse", "email": "sp@x.com" }]);
    world.apply(&ada, other, json!({ "companions": elsewhere })).await.expect(201);
    let later = json!([{ "name": "Spike", "category": "kid", "email": "spike@x.com" }]);
    let theirs = world.apply(&bo, popup, json!({ "companions": later })).await.expect(201);

    let all = format!("popup_id={popup}&search=sp&email=SP@x.com");
    assert_eq!(names(&world.attendees(&all).await), ["Spot"]);
    let by_both = format!("popup_id={popup}&search=SP");
    assert_eq!(names(&world.attendees(&by_both).await), ["Spike", "Spot"]);
    assert_eq!(world.attendees("email=sp@x.com").await["paging"]["total"], 2);
    assert_eq!(names(&world.attendees("search=50%25_").await), ["50%_off"]);
    assert_eq!(world.attendees("search=%25").await["paging"]["total"], 1);
    let own = format!("application_id={}", id(&theirs));
    assert_eq!(names(&world.attendees(&own).await), ["Spike", "Ada Lovelace"]);
    let neither = format!("{own}&popup_id={other}");
    assert_eq!(world.attendees(&neither).await["results"], json!([]));
    let unknown = format!("popup_id={}", nobody());
    assert_eq!(world.attendees(&unknown).await["paging"]["total"], 0);
    assert_eq!(world.attendees("email=&search=").await["paging"]["total"], 7);
    let page = world.attendees(&format!("popup_id={popup}&skip=1&limit=2")).await;
    assert_eq!(names(&page), ["Ada Lovelace", "50%_off"]);
    assert_eq!(page["paging"], json!({ "limit": 2, "offset": 1, "total": 5 }));
    let request = world.server.get("/attendees?search=%00");
    assert_eq!(world.staff(request).await.status, 422);

    let main = world.on_attendee(Method::GET, nth(&ours, 0), None).await.expect(200);
    assert_eq!(main, ours["attendees"][0]);
    assert_eq!(main.get("popup_name"), None);
}

#[tokio::test]
async fn pages_read_at_once_show_everybody_once() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let application = id(&world.apply(&world.person().await, popup, json!({})).await.expect(201));
    // All of one moment: only the order by id keeps the pages apart.
    let crowd = "INSERT INTO attendees (id, tenant_id, application_id, popup_id, name, category, check_in_code) \
                 SELECT gen_random_uuid(), tenant_id, id, popup_id, 'K', 'kid', 'K' || n \
                 FROM applications, generate_series(1, 2499) AS n WHERE id = $1";
    sqlx::query(crowd).bind(application).execute(&world.server.sql).await.unwrap();
    let pages = [0, 1000, 2000].map(async |skip| {
        world.attendees(&format!("popup_id={popup}&limit=1000&skip={skip}")).await
    });
    let mut seen = BTreeSet::new();
    let mut rows = 0;
    for page in join_all(pages).await {
        assert_eq!(page["paging"]["total"], 2500);
        for row in page["results"].as_array().unwrap() {
            rows += 1;
            seen.insert(id(row));
        }
    }
    assert_eq!((rows, seen.len()), (2500, 2500));
}

#[tokio::test]
async fn products_are_shown_in_full_with_their_quantity() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let begun = world.apply(&world.person().await, popup, json!({})).await.expect(201);
    let main = nth(&begun, 0);
    let pass = product(&world.server, world.tenant.0, popup, "Week1").await;
    give(&world.server, main, pass, 3).await;
    let shown = world.on_attendee(Method::GET, main, None).await.expect(200);
    let held = &shown["products"][0];
    assert_eq!([&held["id"], &held["price"]], [&json!(pass), &json!("10.00")]);
    assert_eq!([&held["quantity"], &held["category"]], [&json!(3), &json!("ticket")]);
    assert_eq!(world.attendees("").await["results"][0], shown);
}

#[tokio::test]
async fn the_backoffice_and_the_portal_keep_to_themselves() {
    let world = World::start().await;
    let person = world.person().await;
    let list = world.server.get("/attendees").bearer_auth(&person.token).answer().await;
    assert_eq!(list.status, 403);
    let tickets = || world.server.get("/applications/my/tickets");
    world.staff(tickets()).await.expect(403);
    tickets().answer().await.expect(401);
    let nowhere = world.server.get("/attendees").bearer_auth(&world.superadmin).answer().await;
    assert_eq!(nowhere.status, 400);
    world.governor(world.server.get("/attendees")).await.expect(200);
}
