//! Who sees which tickets.

use serde_json::{Value, json};
use uuid::Uuid;

use super::nth;
use crate::{
    auth::human_token,
    harness::{Send, nobody},
    passes::{give, product},
    world::{Person, World},
};

impl World {
    /// How `person` takes part in `popup`.
    async fn participation(&self, person: &Person, popup: Uuid) -> Value {
        let path = format!("/applications/my/participation/{popup}");
        self.see(person, &path).await.expect(200)["type"].clone()
    }

    async fn tickets_by_email(&self, email: &str) -> Vec<Value> {
        let answer = self.staff(self.server.get(&format!("/attendees/tickets/{email}"))).await;
        answer.expect(200).as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn a_ticket_tells_the_event_and_what_is_held() {
    let world = World::start().await;
    let server = &world.server;
    let popup = world.family_popup().await;
    let carl = world.person().await;
    let kid = json!([{ "name": "K", "category": "kid", "email": "k@x.com" }]);
    let begun = world.apply(&carl, popup, json!({ "companions": kid })).await.expect(201);
    let (main, kid) = (nth(&begun, 0), nth(&begun, 1));
    assert_eq!(world.tickets_by_email(&carl.email).await, [] as [Value; 0]);
    for (name, quantity) in [("Week10", 1), ("Week1", 2)] {
        let pass = product(server, world.tenant.0, popup, name).await;
        give(server, main, pass, quantity).await;
    }
    let tickets = world.tickets(&carl).await;
    assert_eq!(tickets.len(), 1, "{tickets:?}");
    let event = world.staff(server.get(&format!("/popups/{popup}"))).await.expect(200);
    let products: Vec<_> = [("Week1", 2), ("Week10", 1)]
        .map(|(name, quantity)| {
            json!({
                "name": name, "category": "ticket", "start_date": null, "end_date": null,
                "quantity": quantity,
            })
        })
        .into();
    assert_eq!(
        tickets[0],
        json!({
            "id": main, "name": "Ada Lovelace", "email": carl.email, "category": "main",
            "check_in_code": begun["attendees"][0]["check_in_code"], "popup_id": popup,
            "popup_name": event["name"], "popup_slug": event["slug"], "products": products,
        })
    );
    assert_eq!(world.tickets_by_email(&carl.email.to_uppercase()).await, tickets);
    // With a plus sign, as browsers write it.
    let plus = json!({ "email": "carl+1@x.com" });
    world.change_attendee(&carl, popup, main, plus).await.expect(200);
    assert_eq!(world.tickets_by_email("Carl%2B1%40x.com").await.len(), 1);
    assert_eq!(world.tickets_by_email(&carl.email).await, [] as [Value; 0]);
    // Who holds nothing has a ticket nobody looks for.
    assert_eq!(world.tickets_by_email("k@x.com").await, [] as [Value; 0]);
    assert_eq!(world.tickets_by_email("nobody").await, [] as [Value; 0]);
    let request = server.get("/attendees/tickets/%00");
    assert_eq!(world.staff(request).await.status, 422);

    let shown = world.staff(server.get(&format!("/attendees/{kid}"))).await.expect(200);
    assert_eq!(shown["products"], json!([]));
}

#[tokio::test]
async fn the_ticket_of_a_companion_is_found_by_the_address_in_any_letters() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    let family = json!([
        { "name": "S", "category": "spouse", "email": " Spouse@X.org " },
        { "name": "K", "category": "kid", "email": "kid@x.org" },
    ]);
    let begun = world.apply(&ada, popup, json!({ "companions": family })).await.expect(201);
    let pass = product(&world.server, world.tenant.0, popup, "Week1").await;
    give(&world.server, nth(&begun, 1), pass, 1).await;
    for email in ["SPOUSE@X.ORG", "spouse@x.org"] {
        let tickets = world.tickets_by_email(email).await;
        assert_eq!(tickets.len(), 1, "{email}");
        assert_eq!(tickets[0]["id"], begun["attendees"][1]["id"]);
        assert_eq!(tickets[0]["check_in_code"], begun["attendees"][1]["check_in_code"]);
        assert_eq!(
            (&tickets[0]["category"], &tickets[0]["products"][0]["name"]),
            (&json!("spouse"), &json!("Week1"))
        );
    }
    assert_eq!(world.tickets_by_email("kid@x.org").await, [] as [Value; 0]);
}

#[tokio::test]
async fn newest_tickets_come_first_over_all_events() {
    let world = World::start().await;
    let person = world.person().await;
    let mut popups = Vec::new();
    for _ in 0..3 {
        let popup = world.popup(json!({})).await;
        world.apply(&person, popup, json!({})).await.expect(201);
        popups.push(json!(popup));
    }
    popups.reverse();
    let tickets = world.tickets(&person).await;
    let shown: Vec<_> = tickets.iter().map(|ticket| ticket["popup_id"].clone()).collect();
    assert_eq!(shown, popups);
}

#[tokio::test]
async fn a_companion_sees_the_ticket_while_the_address_names_them() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let (ada, carl, dora) = (world.person().await, world.person().await, world.person().await);
    let spouse = json!([{ "name": "Carl", "category": "spouse", "email": carl.email }]);
    let begun = world.apply(&ada, popup, json!({ "companions": spouse })).await.expect(201);
    let spouse = nth(&begun, 1);
    assert_eq!(begun["attendees"][1]["human_id"], json!(carl.id.0));
    let tickets = world.tickets(&carl).await;
    assert_eq!([&tickets[0]["id"], &tickets[0]["category"]], [&json!(spouse), &json!("spouse")]);
    assert_eq!(world.participation(&carl, popup).await, "companion");
    world.apply(&carl, popup, json!({})).await.expect(409);
    assert_eq!(world.tickets(&ada).await.len(), 1);

    let moved = world
        .change_attendee(&ada, popup, spouse, json!({ "email": dora.email }))
        .await
        .expect(200);
    assert_eq!(moved["attendees"][1]["human_id"], json!(dora.id.0));
    assert_eq!(world.tickets(&carl).await, [] as [Value; 0]);
    assert_eq!(world.participation(&carl, popup).await, "none");
    assert_eq!(world.tickets(&dora).await.len(), 1);
    assert_eq!(world.participation(&dora, popup).await, "companion");
    world.apply(&dora, popup, json!({})).await.expect(409);
    world.apply(&carl, popup, json!({})).await.expect(201);
    let stranger =
        world.change_attendee(&ada, popup, spouse, json!({ "email": "who@x.com" })).await;
    assert_eq!(stranger.expect(200)["attendees"][1]["human_id"], Value::Null);
    assert_eq!(world.tickets(&dora).await, [] as [Value; 0]);
}

#[tokio::test]
async fn who_signs_in_for_the_first_time_finds_the_ticket() {
    let world = World::start().await;
    let popup = world.family_popup().await;
    let ada = world.person().await;
    let spouse = json!([{ "name": "New", "category": "spouse", "email": "new@x.com" }]);
    let begun = world.apply(&ada, popup, json!({ "companions": spouse })).await.expect(201);
    assert_eq!(begun["attendees"][1]["human_id"], Value::Null);
    let token = human_token(&world.server, world.tenant, "new@x.com").await;
    let request = world.server.get("/applications/my/tickets").bearer_auth(&token);
    let tickets = request.answer().await.expect(200);
    assert_eq!(tickets[0]["id"], begun["attendees"][1]["id"]);
}

/// Somebody whose application to an event names `carl` as the spouse; the event, and the attendee.
async fn named(world: &World, carl: &Person) -> (Person, Uuid, Uuid) {
    let popup = world.family_popup().await;
    let ada = world.person().await;
    let spouse = json!([{ "name": "Carl", "category": "spouse", "email": carl.email }]);
    let begun = world.apply(&ada, popup, json!({ "companions": spouse })).await.expect(201);
    (ada, popup, nth(&begun, 1))
}

#[tokio::test]
async fn a_companion_may_decline_and_then_apply() {
    let world = World::start().await;
    let carl = world.person().await;
    let (ada, popup, spouse) = named(&world, &carl).await;
    let elsewhere = world.popup(json!({})).await;
    world.decline(&carl, elsewhere).await.expect(404);
    world.decline(&ada, popup).await.expect(404);
    // Named by two people: both forget the address.
    let bo = world.person().await;
    let spouse_of_bo = json!([{ "name": "C", "category": "spouse", "email": carl.email }]);
    world.apply(&bo, popup, json!({ "companions": spouse_of_bo })).await.expect(201);
    assert_eq!(world.tickets(&carl).await.len(), 2);

    world.decline(&carl, popup).await.expect(204);
    assert_eq!(world.participation(&carl, popup).await, "none");
    world.decline(&carl, popup).await.expect(404);
    assert_eq!(world.tickets(&carl).await, [] as [Value; 0]);
    let path = format!("/attendees/{spouse}");
    let left = world.staff(world.server.get(&path)).await.expect(200);
    assert_eq!([&left["name"], &left["category"]], ["Carl", "spouse"]);
    assert_eq!([&left["email"], &left["human_id"]], [&Value::Null; 2]);
    world.apply(&carl, popup, json!({})).await.expect(201);
    // The own application is no companionship.
    world.decline(&carl, popup).await.expect(404);
    world.decline(&carl, nobody()).await.expect(404);
}

#[tokio::test]
async fn who_holds_a_pass_does_not_decline() {
    let world = World::start().await;
    let carl = world.person().await;
    let (_, popup, spouse) = named(&world, &carl).await;
    let pass = product(&world.server, world.tenant.0, popup, "Pass").await;
    give(&world.server, spouse, pass, 1).await;
    world.decline(&carl, popup).await.expect(400);
    assert_eq!(world.tickets(&carl).await.len(), 1);
}

#[tokio::test]
async fn a_rejected_application_holds_nobody_back() {
    let world = World::start().await;
    let carl = world.person().await;
    let (ada, popup, _) = named(&world, &carl).await;
    world.flag(&ada).await;
    world.edit(&ada, popup, json!({ "status": "in review" })).await.expect(200);
    assert_eq!(world.participation(&carl, popup).await, "none");
    world.decline(&carl, popup).await.expect(404);
    world.apply(&carl, popup, json!({})).await.expect(201);
    // Tickets are shown whatever became of the application.
    assert_eq!(world.tickets(&carl).await.len(), 2);
}
