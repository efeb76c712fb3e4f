//! What somebody who has just started the server will try: through the backoffice, and through the portal.

use edgeos_mail::inbox::ReceivedMail;
use edgeos_testkit::simplefi::{Event, Occurrence, SimpleFiServer};
use serde_json::{Value, json};

use super::Seeded;
use crate::{harness::TestServer, payments::free_port, people::text};

const ROOT: &str = "admin@example.com";

/// The entry of a list whose `key` is `value`.
#[track_caller]
fn one<'a>(list: &'a Value, key: &str, value: &str) -> &'a Value {
    let entries = list.as_array().or_else(|| list["results"].as_array()).unwrap();
    let found = entries.iter().find(|entry| entry[key] == value);
    found.unwrap_or_else(|| panic!("no {key} {value:?} in {list}"))
}

async fn mail(server: &TestServer, address: &str, subject: &str) {
    let wanted = |mail: &ReceivedMail| mail.to == [address] && mail.subject == subject;
    let mail = server.inbox().wait_for(wanted);
    let mail = tokio::time::timeout(std::time::Duration::from_mins(1), mail).await;
    mail.unwrap_or_else(|_| panic!("no {subject:?} for {address}"));
}

#[tokio::test]
async fn the_demonstration_can_be_walked_through() {
    let seeded = Seeded::today().await;
    let superadmin =
        "INSERT INTO users (id, email, role) VALUES (gen_random_uuid(), $1, 'superadmin')";
    sqlx::query(superadmin).bind(ROOT).execute(&seeded.sql).await.unwrap();
    let provider = SimpleFiServer::start().await.unwrap();
    let port = free_port().to_string();
    let backend = format!("http://127.0.0.1:{port}");
    let variables =
        [("SIMPLEFI_API_URL", provider.url()), ("BACKEND_URL", &backend), ("PORT", &port)];
    let server = TestServer::on_with(seeded.database, &variables).await;

    // The backoffice: two workspaces, an event, somebody to decide about.
    let root = server.signs_in(ROOT).await;
    let workspaces = root.get("/tenants?deleted=false").await.expect(200);
    assert_eq!(workspaces["paging"]["total"], 2);
    let demo = one(&workspaces, "slug", "demo");
    let root = root.naming(text(&demo["id"]));
    let popups = root.get("/popups").await.expect(200);
    let popup = &popups["results"][0];
    assert_eq!(popup["slug"], "summer-village");
    let path = &format!("/applications?popup_id={}&search=zoe", text(&popup["id"]));
    let application = root.get(path).await.expect(200)["results"][0].clone();
    assert_eq!(application["status"], "in review");
    let at_application = format!("/applications/{}", text(&application["id"]));
    let summary = root.get(&format!("{at_application}/reviews/summary")).await.expect(200);
    assert_eq!(summary["weighted_score"], 3);
    let vote = json!({ "decision": "yes", "notes": "Welcome aboard." });
    root.post(&format!("{at_application}/reviews"), vote).await.expect(201);
    assert_eq!(root.get(&at_application).await.expect(200)["status"], "accepted");
    mail(&server, "zoe.papadakis@example.com", "Come to Summer Village!").await;

    // The portal: passes, a coupon, the provider's checkout, a ticket.
    let portal = server.anonymous().get("/tenants/public/demo").await.expect(200);
    let guest = server.signs_in_at(&portal, "zoe.papadakis@example.com").await;
    let events = guest.get("/popups/portal/list").await.expect(200);
    let event = one(&events, "slug", "summer-village");
    let mine = format!("/applications/my/{}", text(&event["id"]));
    let mine = guest.get(&mine).await.expect(200);
    let path = &format!("/products/portal/products?popup_id={}", text(&event["id"]));
    let goods = guest.get(path).await.expect(200);
    let pass = one(&goods, "slug", "village-pass");
    let order = json!({
        "application_id": mine["id"],
        "products": [{ "product_id": pass["id"], "attendee_id": mine["attendees"][0]["id"] }],
        "coupon_code": "lake20",
    });
    let sold = guest.post("/payments/my", order).await.expect(201);
    assert_eq!((&sold["status"], &sold["amount"]), (&json!("pending"), &json!("480.00")));
    let checkout = text(&sold["checkout_url"]).to_owned();
    assert!(checkout.starts_with(provider.url()), "{checkout}");
    let page = reqwest::get(&checkout).await.unwrap();
    assert_eq!(page.status(), 200);
    let paid = Occurrence::from(Event::CardPaid);
    provider.happens(text(&sold["external_id"]), &paid).await.unwrap();
    let latest = format!("/payments/my/latest?application_id={}", text(&mine["id"]));
    assert_eq!(guest.get(&latest).await.expect(200)["status"], "approved");
    let tickets = guest.get("/applications/my/tickets").await.expect(200);
    let ticket = &tickets[0];
    assert_eq!(ticket["popup_name"], "Summer Village");
    assert!(text(&ticket["check_in_code"]).starts_with("SUM"), "{ticket}");
}
