//! Templates at work.

use serde_json::{Value, json};

use super::Mails;
use crate::{
    harness::Send,
    patience::until,
    world::{Person, id},
};

impl Mails {
    /// Somebody new who applies, and whose application is accepted at once.
    pub(super) async fn accepted(&self, first_name: &str) -> Person {
        let person = self.world.person().await;
        let fields = json!({ "first_name": first_name, "status": "in review" });
        let applied = self.world.apply(&person, self.popup, fields).await.expect(201);
        assert_eq!(applied["status"], "accepted");
        person
    }
}

#[tokio::test]
async fn a_mail_is_in_the_organisers_words_while_they_are_in_use() {
    let mails = Mails::start().await;
    let world = &mails.world;
    let sender =
        "UPDATE tenants SET sender_name = 'Edge', sender_email = 'hi@edge.example' WHERE id = $1";
    sqlx::query(sender).bind(world.tenant.0).execute(&world.server.sql).await.unwrap();
    let fields = json!({
        "subject": "Hello {{ first_name }} {{ nope }}",
        "html_content": "<style>p { color: red }</style><p>Dear {{ first_name }}, [{{ popup_start_date }}]</p>",
    });
    let made = mails.create("application_accepted", fields).await.expect(201);
    let ann = mails.accepted("<i>Ann</i>").await;
    let mail = world.server.mail_to(&ann.email).await;
    assert_eq!(mail.subject, "Hello <i>Ann</i>");
    assert_eq!(mail.from, "Edge <hi@edge.example>");
    assert_eq!(mail.text.trim(), "Dear <i>Ann</i>, []");
    assert!(mail.html.contains("<p style=\"color: red;\">Dear &lt;i&gt;Ann"), "{}", mail.html);

    mails.patch(&made, json!({ "is_active": false })).await.expect(200);
    let bo = mails.accepted("Bo").await;
    let mail = world.server.mail_to(&bo.email).await;
    assert_eq!(mail.subject, "Dated Event: application accepted");

    mails.patch(&made, json!({ "is_active": true, "subject": null })).await.expect(200);
    let cy = mails.accepted("Cy").await;
    let mail = world.server.mail_to(&cy.email).await;
    assert_eq!(mail.subject, "Dated Event: application accepted");
    assert!(mail.text.starts_with("Dear Cy"), "{}", mail.text);

    mails.delete(&made).await.expect(204);
    let di = mails.accepted("Di").await;
    assert!(world.server.mail_to(&di.email).await.text.contains("Congratulations"));
}

#[tokio::test]
async fn words_that_fail_lose_no_mail_and_are_reported() {
    let mails = Mails::start().await;
    let failing = json!({ "html_content": "{{ 1/0 }}" });
    let made = mails.create("application_accepted", failing).await.expect(201);
    let person = mails.accepted("Ann").await;
    let mail = mails.world.server.mail_to(&person.email).await;
    assert!(mail.text.contains("Congratulations"), "{}", mail.text);
    let path = format!("/email-templates/{}", id(&made));
    until(async || mails.get(&path).await.expect(200)["last_error"].is_string()).await;
    let reported = mails.get(&path).await.expect(200);
    assert!(reported["last_error_at"].is_string() && reported["updated_at"].is_null());
    let mended = mails.patch(&made, json!({ "html_content": "Welcome" })).await.expect(200);
    assert_eq!((&mended["last_error"], &mended["last_error_at"]), (&Value::Null, &Value::Null));
    let person = mails.accepted("Bo").await;
    assert_eq!(mails.world.server.mail_to(&person.email).await.text.trim(), "Welcome");
}

#[tokio::test]
async fn nobody_is_written_to_in_the_words_of_another_tenant() {
    let mails = Mails::start().await;
    let (_, stranger) = mails.foreign().await;
    let server = &mails.world.server;
    let made = mails.create("application_accepted", json!({ "html_content": "Ours" })).await;
    let path = format!("/email-templates/{}", id(&made.expect(201)));
    for request in [server.get(&path), server.patch(&path).json(&json!({})), server.delete(&path)] {
        request.bearer_auth(&stranger).answer().await.expect(404);
    }
    let person = mails.accepted("Ann").await;
    assert_eq!(mails.world.server.mail_to(&person.email).await.text.trim(), "Ours");
}
