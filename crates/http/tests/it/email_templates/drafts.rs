//! Words that nobody has stored: previews and test mails.

use std::sync::Arc;

use edgeos_mail::inbox::Mood;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Mutex};

use super::Mails;
use crate::harness::{Answer, Send, TestServer};

impl Mails {
    pub(super) async fn preview(&self, html: &str, fields: Value) -> Answer {
        let mut body = json!({ "template_type": "payment_confirmed", "html_content": html });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post("/email-templates/preview", body).await
    }

    async fn send_test(&self, html: &str, fields: Value) -> Answer {
        let mut body = json!({
            "template_type": "payment_confirmed", "html_content": html,
            "to_email": "ann@people.example",
        });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post("/email-templates/send-test", body).await
    }
}

#[track_caller]
pub(super) fn body(preview: Answer) -> String {
    let preview = preview.expect(200);
    let html = preview["rendered_html"].as_str().unwrap();
    let (_, body) = html.split_once("<body>").unwrap();
    body.split_once("</body>").unwrap().0.to_owned()
}

#[tokio::test]
async fn a_preview_shows_what_is_known_and_the_names_of_the_rest() {
    let mails = Mails::start().await;
    let of_popup = json!({ "popup_id": mails.popup });
    let html = "Hi {{ first_name }}, {{ popup_name }}";
    let shown = body(mails.preview(html, of_popup).await);
    assert_eq!(shown, "Hi {{ first_name }}, Dated Event");
    let fields = json!({ "popup_id": mails.popup, "preview_variables": { "popup_name": "X" } });
    assert_eq!(body(mails.preview(html, fields).await), "Hi {{ first_name }}, X");
    assert_eq!(body(mails.preview(html, json!({})).await), "Hi {{ first_name }}, {{ popup_name }}");
    let (foreign, _) = mails.foreign().await;
    let shown = body(mails.preview(html, json!({ "popup_id": foreign })).await);
    assert_eq!(shown, "Hi {{ first_name }}, {{ popup_name }}");
    let portal = body(mails.preview("{{ portal_url }}", json!({ "popup_id": mails.popup })).await);
    assert!(portal.starts_with("http://") && portal.ends_with(".localhost:3000"), "{portal}");
    assert_eq!(body(mails.preview("{{ portal_url }}", json!({})).await), "{{ portal_url }}");
    // The popup has no dates yet.
    let dates = "[{{ popup_start_date }}]";
    let shown = body(mails.preview(dates, json!({ "popup_id": mails.popup })).await);
    assert_eq!(shown, "[{{ popup_start_date }}]");
}

#[tokio::test]
async fn a_preview_that_fails_says_why() {
    let mails = Mails::start().await;
    mails.preview("x", json!({ "template_type": "zzz" })).await.expect(400);
    let refused = mails.preview("line\n{{ a", json!({})).await;
    assert_eq!(refused.status, 400);
    assert!(refused.detail().contains("content") && refused.detail().contains("line 2"));
    let refused = mails.preview("x", json!({ "subject": "{{ a" })).await;
    assert_eq!(refused.status, 400);
    assert!(refused.detail().contains("subject"), "{refused:?}");
    mails.preview("{{ 1/0 }}", json!({})).await.expect(400);
    mails.preview("", json!({})).await.expect(422);
    mails.preview(&"é".repeat(300_000), json!({})).await.expect(422);
    mails.preview("x", json!({ "subject": "x".repeat(501) })).await.expect(422);
}

#[tokio::test]
async fn values_are_escaped_but_not_in_subjects() {
    let mails = Mails::start().await;
    let fields = json!({
        "subject": "For {{ name }}", "preview_variables": { "name": "<b>O'Neil & Co</b>" },
    });
    let preview = mails.preview("{{ name }}", fields).await.expect(200);
    assert_eq!(preview["rendered_subject"], "For <b>O'Neil & Co</b>");
    assert!(
        preview["rendered_html"].as_str().unwrap().contains("&lt;b&gt;O'Neil &amp; Co&lt;/b&gt;")
    );
    for none in [json!({}), json!({ "subject": null }), json!({ "subject": "" })] {
        let preview = mails.preview("x", none).await.expect(200);
        assert_eq!(preview["rendered_subject"], Value::Null);
    }
}

/// Somewhere that must never be asked for anything.
async fn trap() -> (u16, Arc<Mutex<u32>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let caught = Arc::new(Mutex::new(0));
    let count = caught.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            *count.lock().await += 1;
        }
    });
    (port, caught)
}

#[tokio::test]
async fn a_document_reaches_nothing() {
    let mails = Mails::start().await;
    let (port, caught) = trap().await;
    let own = format!("http://127.0.0.1:{port}");
    let html = format!(
        "<link rel=\"stylesheet\" href=\"{own}/a.css\"><link rel=stylesheet href=\"//127.0.0.1:{port}/b.css\">\
         <link rel=stylesheet href=\"/etc/passwd\"><link rel=stylesheet href=\"file:///etc/passwd\">\
         <style>@import url({own}/c.css); @font-face {{ src: url({own}/f) }} \
         p {{ background: url({own}/d.png) }}</style>\
         <script src=\"{own}/e.js\"></script><iframe src=\"{own}/g\"></iframe>\
         <p>Hi <img src=\"{own}/h.png\"></p>"
    );
    let preview = mails.preview(&html, json!({})).await.expect(200);
    let shown = preview["rendered_html"].as_str().unwrap();
    assert!(!shown.contains("root:") && !shown.contains("stylesheet"), "{shown}");
    mails.send_test(&html, json!({})).await.expect(200);
    assert_eq!(*caught.lock().await, 0);
}

#[tokio::test]
async fn a_test_mail_goes_out_at_once_in_the_tenants_name() {
    let mails = Mails::start().await;
    let world = &mails.world;
    let sender = "UPDATE tenants SET sender_name = 'Café, Ñandú', sender_email = 'hi@edge.example' WHERE id = $1";
    sqlx::query(sender).bind(world.tenant.0).execute(&world.server.sql).await.unwrap();
    let fields = json!({ "subject": "See\n{{ popup_name }}", "popup_id": mails.popup });
    let sent = mails.send_test("<p>Hi <b>{{ first_name }}</b></p>", fields).await.expect(200);
    assert!(sent["message"].as_str().unwrap().contains("ann@people.example"));
    let mail = world.server.mail_to("ann@people.example").await;
    assert_eq!(mail.subject, "[TEST] See Dated Event");
    assert_eq!(mail.from, "Café, Ñandú <hi@edge.example>");
    assert_eq!(mail.text.trim(), "Hi {{ first_name }}");
    let fields = json!({ "custom_variables": { "first_name": "Bo" } });
    mails.send_test("{{ first_name }}", fields).await.expect(200);
    let mail = world.server.mail_to("ann@people.example").await;
    assert_eq!((mail.text.trim(), mail.subject.starts_with("[TEST] ")), ("Bo", true));
    // Not by way of the outbox.
    let queued: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox")
        .fetch_one(&world.server.sql)
        .await
        .unwrap();
    assert_eq!(queued, 0);
}

#[tokio::test]
async fn a_test_mail_that_cannot_be_sent_says_why() {
    let mails = Mails::start().await;
    for wrong in ["nobody", "a@b@c.example", "", "ann@people.example\r\nBcc: x@x.example"] {
        let refused = mails.send_test("x", json!({ "to_email": wrong })).await;
        assert_eq!(refused.status, 422, "{wrong}");
    }
    mails.send_test("{{ a", json!({})).await.expect(400);
    mails.send_test("x", json!({ "subject": "{{ 1/0 }}" })).await.expect(400);
    mails.send_test("x", json!({ "template_type": "zzz" })).await.expect(400);
    let inbox = mails.world.server.inbox();
    inbox.set_mood(Mood::Down);
    mails.send_test("x", json!({})).await.expect(502);
    inbox.set_mood(Mood::Well);
    inbox.refuse_next(1, 550);
    mails.send_test("x", json!({})).await.expect(502);
    mails.send_test("x", json!({})).await.expect(200);
}

/// It greeted before, and says nothing from then on.
#[tokio::test]
async fn a_mail_server_that_falls_silent_is_given_up() {
    let mails = Mails::start().await;
    mails.send_test("x", json!({})).await.expect(200);
    let inbox = mails.world.server.inbox();
    inbox.set_mood(Mood::Silent);
    let (refused, healthy) =
        tokio::join!(mails.send_test("x", json!({})), mails.get("/email-templates/types"));
    assert_eq!(refused.status, 502);
    assert!(refused.detail().starts_with("The test mail was not sent"), "{refused:?}");
    healthy.expect(200);
    inbox.set_mood(Mood::Well);
    mails.send_test("x", json!({})).await.expect(200);
}

#[tokio::test]
async fn test_mails_are_limited_for_each_user() {
    let mails = Mails::start().await;
    for _ in 0..20 {
        mails.send_test("x", json!({})).await.expect(200);
    }
    let refused = mails.send_test("x", json!({})).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some_and(|after| after.parse::<u32>().unwrap() >= 1));
    let (_, other) = mails.world.server.user("admin", Some(mails.world.tenant)).await;
    let body = json!({
        "template_type": "payment_confirmed", "html_content": "x", "to_email": "ann@people.example",
    });
    let request = mails.world.server.post("/email-templates/send-test").json(&body);
    request.bearer_auth(&other).answer().await.expect(200);
}

#[tokio::test]
async fn without_mail_no_test_is_sent() {
    let server = TestServer::start_with(&[
        ("ENVIRONMENT", "staging"),
        ("SECRET_KEY", crate::harness::SECRET_KEY),
    ])
    .await;
    let tenant = server.tenant("ours").await;
    let (_, admin) = server.user("admin", Some(tenant)).await;
    let body = json!({
        "template_type": "payment_confirmed", "html_content": "x", "to_email": "ann@people.example",
    });
    let request = server.post("/email-templates/send-test").json(&body).bearer_auth(&admin);
    request.answer().await.expect(503);
}
