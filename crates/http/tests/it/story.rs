//! The whole way: an organisation is set up, somebody applies to its event, two reviewers decide, mail
//! arrives.

use edgeos_mail::inbox::ReceivedMail;
use serde_json::{Value, json};

use crate::{
    fingerprint::fingerprint,
    harness::TestServer,
    organisation::Organisation,
    people::{id_of, text},
    surface::{Class, Role, operations},
};

const BOSS: &str = "boss@example.com";
const ANN: &str = "ann@acme.example";
const BOB: &str = "bob@acme.example";
const EVE: &str = "eve@people.example";

#[tokio::test]
async fn somebody_is_accepted_by_the_votes_of_two_reviewers() {
    let server = TestServer::start().await;
    sqlx::query("INSERT INTO users (id, email, role) VALUES (gen_random_uuid(), $1, 'superadmin')")
        .bind(BOSS)
        .execute(&server.sql)
        .await
        .unwrap();
    let root = server.signs_in(BOSS).await;
    let acme = root.organisation("Acme Events").await;
    let ann = json!({ "email": ANN, "role": "admin", "tenant_id": acme["id"] });
    root.post("/users", ann).await.expect(201);

    let ann = server.signs_in(ANN).await;
    let bob = json!({ "email": BOB, "role": "admin", "full_name": "Bob" });
    assert_eq!(ann.post("/users", bob).await.expect(201)["tenant_id"], acme["id"]);
    let bob = server.signs_in(BOB).await;
    let event =
        json!({ "name": "Summit", "status": "active", "start_date": "2027-06-05T09:00:00" });
    let event = ann.post("/popups", event).await.expect(201);
    let at_event = format!("/popups/{}", id_of(&event));
    let strategy = json!({ "strategy_type": "threshold", "required_approvals": 2 });
    ann.post(&format!("{at_event}/approval-strategy"), strategy).await.expect(201);
    for reviewer in [&ann, &bob] {
        let body = json!({ "user_id": reviewer.id() });
        ann.post(&format!("{at_event}/reviewers"), body).await.expect(201);
    }

    let portal = server.anonymous().get("/tenants/public/acme-events").await.expect(200);
    assert_eq!(portal["id"], acme["id"]);
    let eve = server.signs_in_at(&portal, EVE).await;
    let events = eve.get("/popups/portal/list").await.expect(200);
    assert_eq!(events[0]["id"], event["id"]);
    let draft = json!({ "popup_id": event["id"], "first_name": "Eve", "last_name": "Moss" });
    let draft = eve.post("/applications/my", draft).await.expect(201);
    assert_eq!((&draft["status"], &draft["submitted_at"]), (&json!("draft"), &Value::Null));
    let mine = format!("/applications/my/{}", id_of(&event));
    let submitted = eve.patch(&mine, json!({ "status": "in review" })).await.expect(200);
    assert_eq!(submitted["status"], "in review");

    let votes = format!("/applications/{}/reviews", id_of(&submitted));
    for (reviewer, decision, status) in
        [(&ann, "yes", "in review"), (&bob, "strong_yes", "accepted")]
    {
        let waiting = reviewer.get("/applications/pending-review").await.expect(200);
        assert_eq!(waiting["results"][0]["id"], submitted["id"]);
        reviewer.post(&votes, json!({ "decision": decision })).await.expect(201);
        let waiting = reviewer.get("/applications/pending-review").await.expect(200);
        assert_eq!(waiting["results"], json!([]));
        assert_eq!(eve.get(&mine).await.expect(200)["status"], status);
    }

    let accepted = eve.get(&mine).await.expect(200);
    assert!(accepted["accepted_at"].is_string(), "{accepted}");
    let attendees = accepted["attendees"].as_array().unwrap();
    assert_eq!(attendees.len(), 1);
    let applicant = &attendees[0];
    assert_eq!((&applicant["category"], &applicant["name"]), (&json!("main"), &json!("Eve Moss")));
    assert_eq!((&applicant["human_id"], &applicant["email"]), (&json!(eve.id()), &json!(EVE)));

    for (address, subject) in [
        (BOSS, "Login code"),
        (ANN, "Login code"),
        (BOB, "Login code"),
        (EVE, "Verification code for Acme Events"),
        (EVE, "Summit: application received"),
        (EVE, "Summit: application accepted"),
    ] {
        let wanted =
            |mail: &ReceivedMail| mail.to == [address] && mail.subject.starts_with(subject);
        let wait = server.inbox().wait_for(wanted);
        let mail = tokio::time::timeout(std::time::Duration::from_mins(1), wait).await;
        mail.unwrap_or_else(|_| panic!("no {subject:?} for {address}: {:#?}", subjects(&server)));
    }
    assert_eq!(server.inbox().messages().len(), 6, "{:#?}", subjects(&server));
}

fn subjects(server: &TestServer) -> Vec<(String, Vec<String>)> {
    let mails = server.inbox().messages().into_iter();
    mails.map(|mail| (mail.subject, mail.to)).collect()
}

#[tokio::test]
async fn a_viewer_sees_the_organisation_and_changes_nothing() {
    let server = TestServer::start().await;
    let root = server.superadmin().await;
    let ours = Organisation::set_up(&server, &root, "Ours").await;
    let viewer = &ours.viewer;
    let application = viewer.get(&format!("/applications/{}", ours.application)).await.expect(200);
    assert_eq!(text(&application["human"]["email"]), ours.human.email());

    let before = fingerprint(&server.sql, None).await;
    let (mut read, mut refused) = (0, 0);
    for operation in operations(&server).await {
        let path = operation.asked(|place| match place {
            "domain" => "localhost".to_owned(),
            place => ours.value(place),
        });
        let own_name = operation.id == "users-update_current_user";
        if matches!(operation.class, Class::Public | Class::Token) || own_name {
            continue;
        }
        let body = ours.body(&operation);
        let answer = viewer.send(operation.method.clone(), &path, body.as_ref()).await;
        // A preview is read, though what is shown comes in a body.
        let reads = operation.reads() || operation.id == "email-templates-preview_template";
        let may = reads && operation.class.admits(Role::Viewer);
        let expected = if may { 200 } else { 403 };
        assert_eq!(answer.status, expected, "{}: {answer:?}", operation.id);
        *if may { &mut read } else { &mut refused } += 1;
    }
    assert!(read > 8 && refused > 25, "{read} read, {refused} refused");
    assert_eq!(fingerprint(&server.sql, None).await, before);
    let tagline = json!({ "tagline": "For real" });
    ours.admin.patch(&format!("/popups/{}", ours.popup), tagline).await.expect(200);
    assert_ne!(fingerprint(&server.sql, None).await, before);
}
