//! Invite links, which come with a pass.

use edgeos_testkit::simplefi::Event;
use futures_util::future::join;
use serde_json::{Value, json};

use crate::{
    harness::Send,
    payments::{Buyer, Shop, line},
    world::{Person, World, id},
};

const KEY: &str = "sk_test_0123456789";

/// The groups that `person` leads, newest first.
async fn led(world: &World, person: &Person) -> Vec<Value> {
    let mine = world.server.get("/groups/my/groups").bearer_auth(&person.token);
    let mine = mine.answer().await.expect(200);
    mine["results"].as_array().unwrap().clone()
}

async fn named(shop: &Shop, first: &str, last: &str) -> Buyer {
    let buyer = shop.buyer().await;
    let names = json!({ "first_name": first, "last_name": last });
    shop.world.edit(&buyer.person, shop.popup, names).await.expect(200);
    buyer
}

#[tokio::test]
async fn whoever_has_bought_a_pass_leads_one_invite_link_per_event() {
    let mut shop = Shop::open_with(json!({ "name": "Race", "simplefi_api_key": KEY })).await;
    let pass = shop.sells("Pass", "50", json!({})).await;
    let shirt = shop.sells("Shirt", "10", json!({ "category": "merch" })).await;
    let buyer = named(&shop, " R0 ", "X").await;
    let first = shop.buys(&buyer, pass).await.expect(201);
    assert_eq!(led(&shop.world, &buyer.person).await, [] as [Value; 0]);
    shop.happens(&first, Event::CardPaid).await;

    let groups = led(&shop.world, &buyer.person).await;
    assert_eq!(groups.len(), 1);
    let group = &groups[0];
    assert_eq!(group["name"], "R0 X Invite List");
    let end = group["slug"].as_str().unwrap().strip_prefix("race-").unwrap();
    assert!(end.len() == 8 && end.bytes().all(|byte| byte.is_ascii_hexdigit()), "{end}");
    assert_eq!(group["discount_percentage"], "0.00");
    assert_eq!((&group["is_open"], &group["max_members"]), (&json!(true), &Value::Null));
    assert_eq!(group["is_ambassador_group"], true);
    assert_eq!(group["ambassador_id"], json!(buyer.person.id.0));
    assert!(group["welcome_message"].as_str().unwrap().starts_with("R0 X invites you"));
    assert!(group["description"].as_str().unwrap().contains("Race"));

    let second = shop.buys(&buyer, shirt).await.expect(201);
    shop.happens(&second, Event::CardPaid).await;
    assert_eq!(shop.payment(&second).await["status"], "approved");
    assert_eq!(led(&shop.world, &buyer.person).await, groups);

    shop.popup = shop.world.popup(json!({ "simplefi_api_key": KEY })).await;
    let pass = shop.sells("Pass", "50", json!({})).await;
    let submit = json!({ "status": "in review" });
    let there = shop.world.apply(&buyer.person, shop.popup, submit).await.expect(201);
    let main = id(&there["attendees"][0]);
    let buyer = Buyer { application: id(&there), main, spouse: main, person: buyer.person };
    let third = shop.buys(&buyer, pass).await.expect(201);
    shop.happens(&third, Event::CardPaid).await;
    assert_eq!(led(&shop.world, &buyer.person).await.len(), 2);
}

#[tokio::test]
async fn two_purchases_that_are_paid_at_once_make_one_invite_link() {
    let shop = Shop::open().await;
    let pass = shop.sells("Pass", "50", json!({})).await;
    for _ in 0..4 {
        let buyer = shop.buyer().await;
        let first = shop.buys(&buyer, pass).await.expect(201);
        // Takes the place of the first, which is paid all the same.
        let lines = [line(pass, buyer.spouse, 1)];
        let second = shop.order(&buyer, &lines, json!({})).await.expect(201);
        join(shop.happens(&first, Event::CardPaid), shop.happens(&second, Event::CardPaid)).await;
        for payment in [&first, &second] {
            assert_eq!(shop.payment(payment).await["status"], "approved");
        }
        assert_eq!(led(&shop.world, &buyer.person).await.len(), 1);
    }
}
