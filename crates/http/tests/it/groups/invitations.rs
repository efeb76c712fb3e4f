//! Invite links, which come with a pass.

use edgeos_app::groups::invite_link;
use edgeos_domain::{GroupId, PopupId};
use edgeos_http::Machine;
use edgeos_ports::{Humans, Popups, Store, TenantScope, Transaction};
use edgeos_postgres::PgStore;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Send, settings},
    world::{Person, World},
};

/// What happens once a pass of `person` is paid for.
async fn invite(world: &World, popup: Uuid, person: &Person) -> Option<GroupId> {
    let store = PgStore::connect(&settings(&world.server.database, &[]).postgres);
    let mut tx = store.begin(&TenantScope::of_worker(world.tenant)).await.unwrap();
    let popup = tx.popup(PopupId(popup)).await.unwrap().unwrap();
    let human = tx.human(person.id).await.unwrap().unwrap();
    let made = invite_link(&mut tx, &Machine, &popup, &human).await.unwrap();
    tx.commit().await.unwrap();
    made
}

async fn led(world: &World, person: &Person) -> Vec<Value> {
    let mine = world.server.get("/groups/my/groups").bearer_auth(&person.token);
    let mine = mine.answer().await.expect(200);
    mine["results"].as_array().unwrap().clone()
}

#[tokio::test]
async fn whoever_has_bought_a_pass_leads_one_invite_link_per_event() {
    let world = World::start().await;
    let popup = world.popup(json!({ "name": "Race" })).await;
    let person = world.person().await;
    let names = json!({ "first_name": " R0 ", "last_name": "X" });
    world.apply(&person, popup, names).await.expect(201);

    let made = invite(&world, popup, &person).await.unwrap();
    assert_eq!(invite(&world, popup, &person).await, None);
    let groups = led(&world, &person).await;
    assert_eq!(groups.len(), 1);
    let group = &groups[0];
    assert_eq!(group["id"], json!(made.0));
    assert_eq!(group["name"], "R0 X Invite List");
    let end = group["slug"].as_str().unwrap().strip_prefix("race-").unwrap();
    assert!(end.len() == 8 && end.bytes().all(|byte| byte.is_ascii_hexdigit()), "{end}");
    assert_eq!(group["discount_percentage"], "0.00");
    assert_eq!((&group["is_open"], &group["max_members"]), (&json!(true), &Value::Null));
    assert_eq!(group["ambassador_id"], json!(person.id.0));
    assert!(group["welcome_message"].as_str().unwrap().starts_with("R0 X invites you"));
    assert!(group["description"].as_str().unwrap().contains("Race"));

    let elsewhere = world.popup(json!({})).await;
    assert!(invite(&world, elsewhere, &person).await.is_some());
}

#[tokio::test]
async fn two_passes_at_once_make_one_invite_link() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    for _ in 0..4 {
        let person = world.person().await;
        let made = join_all((0..3).map(|_| invite(&world, popup, &person))).await;
        assert_eq!(made.iter().flatten().count(), 1, "{made:?}");
        let groups = led(&world, &person).await;
        assert_eq!((groups.len(), &groups[0]["name"]), (1, &json!("Invite List")));
    }
}
