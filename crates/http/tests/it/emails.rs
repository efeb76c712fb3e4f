//! What became of the tenant's mails.

use edgeos_mail::inbox::{Inbox, Mood};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, nobody},
    patience::until,
    world::{Person, World, id},
};

impl World {
    async fn emails(&self, query: &str) -> Value {
        let path = format!("/emails?{query}");
        self.staff(self.server.get(&path)).await.expect(200)
    }

    async fn retry(&self, mail: Uuid) -> Answer {
        self.staff(self.server.post(&format!("/emails/{mail}/retry"))).await
    }

    /// Whoever applied, to whom no mail could be sent; the mail.
    async fn undeliverable(&self, popup: Uuid) -> (Person, Value) {
        self.server.inbox().refuse_next(1, 550);
        let (person, _) = self.submitted(popup).await;
        let dead = format!("state=dead&search={}", person.email);
        until(async || self.emails(&dead).await["paging"]["total"] == 1).await;
        let mail = self.emails(&dead).await["results"][0].clone();
        (person, mail)
    }
}

#[tokio::test]
async fn a_dead_mail_is_listed_and_sent_again_once() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (person, dead) = world.undeliverable(popup).await;
    assert_eq!(dead["to_email"], person.email.as_str());
    assert_eq!(dead["template_type"], "application_received");
    assert_eq!((&dead["popup_id"], &dead["attempts"]), (&json!(popup), &json!(1)));
    assert!(dead["last_error"].as_str().unwrap().contains("550"));
    assert_eq!((&dead["sent_at"], &dead["next_attempt_at"]), (&Value::Null, &Value::Null));
    for hidden in ["context", "dedupe_key", "html"] {
        assert!(dead.get(hidden).is_none());
    }

    world.server.inbox().set_mood(Mood::Silent);
    let queued = world.retry(id(&dead)).await.expect(200);
    assert_eq!((&queued["state"], &queued["attempts"]), (&json!("queued"), &json!(0)));
    assert!(queued["next_attempt_at"].is_string());
    world.retry(id(&dead)).await.expect(409);
    world.server.inbox().set_mood(Mood::Well);
    world.server.mail_to(&person.email).await;
    until(async || world.emails("state=sent").await["paging"]["total"] == 1).await;
    world.retry(id(&dead)).await.expect(409);
    world.retry(nobody()).await.expect(404);

    let entries = world.staff(world.server.get("/audit-entries?action=email.retried")).await;
    let entries = entries.expect(200);
    assert_eq!(entries["paging"]["total"], 1);
    let entry = &entries["results"][0];
    assert_eq!((&entry["subject_type"], &entry["subject_id"]), (&json!("email"), &dead["id"]));
}

#[tokio::test]
async fn of_simultaneous_retries_one_counts() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (person, dead) = world.undeliverable(popup).await;
    let answers = futures_util::future::join_all((0..5).map(|_| world.retry(id(&dead)))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409]);
    world.server.mail_to(&person.email).await;
}

#[tokio::test]
async fn mails_are_for_admins_of_the_tenant() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (_, dead) = world.undeliverable(popup).await;
    let path = format!("/emails/{}/retry", id(&dead));
    let (_, viewer) = world.server.user("viewer", Some(world.tenant)).await;
    let theirs = world.server.tenant("theirs").await;
    let (_, stranger) = world.server.user("admin", Some(theirs)).await;
    let status = async |request: reqwest::RequestBuilder, token: &str| {
        request.bearer_auth(token).answer().await
    };
    status(world.server.get("/emails"), &viewer).await.expect(403);
    status(world.server.post(&path), &viewer).await.expect(403);
    status(world.server.post(&path), &stranger).await.expect(404);
    let list = status(world.server.get("/emails"), &stranger).await.expect(200);
    assert_eq!(list["paging"]["total"], 0);
}

#[tokio::test]
async fn login_mails_are_listed_without_their_code_and_stay_dead() {
    let world = World::start().await;
    let person = world.person().await;
    world.server.inbox().refuse_next(1, 550);
    let login = json!({ "email": person.email, "tenant_id": world.tenant.0 });
    world.server.post("/auth/human/login").json(&login).answer().await.expect(200);
    until(async || world.emails("state=dead").await["paging"]["total"] == 1).await;
    let dead = world.emails("template_type=login_code_human").await["results"][0].clone();
    assert_eq!(dead["to_email"], person.email.as_str());
    let refused = world.retry(id(&dead)).await;
    assert_eq!(refused.status, 409);
    assert!(refused.detail().contains("login"), "{refused:?}");

    // Those of the staff belong to the installation.
    let (user, _) = world.server.user("admin", Some(world.tenant)).await;
    let email = "SELECT email FROM users WHERE id = $1";
    let email: String =
        sqlx::query_scalar(email).bind(user.0).fetch_one(&world.server.sql).await.unwrap();
    let login = json!({ "email": email });
    world.server.post("/auth/user/login").json(&login).answer().await.expect(200);
    world.server.mail_to(&email).await;
    assert_eq!(world.emails("").await["paging"]["total"], 1);
}

#[tokio::test]
async fn mails_are_found_by_state_type_event_and_address() {
    let world = World::start().await;
    let (one, two) = (world.reviewed_popup("any_reviewer").await, world.popup(json!({})).await);
    let (ann, _) = world.submitted(one).await;
    let bo = world.person().await;
    world.apply(&bo, two, json!({ "status": "in review" })).await.expect(201);
    until(async || world.emails("state=sent").await["paging"]["total"] == 2).await;
    let to = async |query: String| -> Vec<String> {
        let page = world.emails(&query).await;
        let results = page["results"].as_array().unwrap().iter();
        results.map(|mail| mail["to_email"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(to(String::new()).await, [bo.email.as_str(), &ann.email]);
    assert_eq!(to(format!("popup_id={one}")).await, [ann.email.as_str()]);
    assert_eq!(to("template_type=application_accepted".to_owned()).await, [bo.email.as_str()]);
    assert_eq!(
        to(format!("search={}", ann.email[..20].to_uppercase())).await,
        [ann.email.as_str()]
    );
    assert!(to("search=%25".to_owned()).await.is_empty());
    assert!(to("state=expired".to_owned()).await.is_empty());
    assert_eq!(to("skip=1&limit=1".to_owned()).await, [ann.email.as_str()]);
    let wrong = world.staff(world.server.get("/emails?state=lost")).await;
    assert_eq!(wrong.status, 422);
}

/// How a mail server goes wrong, and what is said of the mail.
#[tokio::test]
async fn what_goes_wrong_with_a_mail_is_told_and_it_stays_queued() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let inbox = world.server.inbox();
    let faults: [(&dyn Fn(), &str); 3] = [
        (&|| inbox.refuse_next(1, 451), "put the mail off (451)"),
        (&|| inbox.hang_up_on_next(1), "broke"),
        (&|| inbox.set_mood(Mood::Down), "can't be reached"),
    ];
    for (fault, reason) in faults {
        fault();
        let (person, _) = world.submitted(popup).await;
        let queued = format!("state=queued&search={}", person.email);
        let tried = async || world.emails(&queued).await["results"][0]["attempts"] == 1;
        until(async || {
            tried().await && world.emails(&queued).await["results"][0]["last_error"].is_string()
        })
        .await;
        let mail = world.emails(&queued).await["results"][0].clone();
        let told = mail["last_error"].as_str().unwrap();
        assert!(told.contains(reason), "{reason}: {mail}");
        assert!(mail["next_attempt_at"].as_str() > mail["created_at"].as_str(), "{mail}");
    }
    inbox.set_mood(Mood::Well);
    let now = "UPDATE outbox SET next_attempt_at = now()";
    sqlx::query(now).execute(&world.server.sql).await.unwrap();
    until(async || world.emails("state=sent").await["paging"]["total"] == 3).await;
    let attempts = world.emails("state=sent").await["results"].clone();
    for mail in attempts.as_array().unwrap() {
        assert_eq!((&mail["attempts"], &mail["last_error"]), (&json!(2), &Value::Null));
    }
    assert_eq!(inbox.messages().len(), 3);
}

#[tokio::test]
async fn a_mail_server_that_cannot_encrypt_gets_no_mail() {
    let (inbox, address) = Inbox::start(("127.0.0.1", 0)).await.unwrap();
    let port = address.port().to_string();
    for (tls, ssl) in [("true", "false"), ("false", "true")] {
        let world = World::start_with(&[
            ("SMTP_HOST", "127.0.0.1"),
            ("SMTP_PORT", &port),
            ("SMTP_TLS", tls),
            ("SMTP_SSL", ssl),
            ("SENDER_EMAIL", "noreply@edgeos.example"),
        ])
        .await;
        let popup = world.reviewed_popup("any_reviewer").await;
        world.submitted(popup).await;
        until(async || world.emails("").await["results"][0]["last_error"].is_string()).await;
        assert_eq!(world.emails("").await["results"][0]["state"], "queued");
    }
    assert!(inbox.messages().is_empty());
}
