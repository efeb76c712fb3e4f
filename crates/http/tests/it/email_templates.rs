//! Organisers' words for the mails of their events.

mod at_work;
mod drafts;
mod hostile;

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, nobody},
    world::{World, id},
};

/// What the tests of this resource have: a popup, and somebody who may only read.
struct Mails {
    world: World,
    popup: Uuid,
    viewer: String,
}

impl Mails {
    async fn start() -> Self {
        let world = World::start().await;
        let popup = world.popup(json!({ "name": "Dated Event" })).await;
        let (_, viewer) = world.server.user("viewer", Some(world.tenant)).await;
        Self { world, popup, viewer }
    }

    /// The popup of another tenant, and somebody who works there.
    async fn foreign(&self) -> (Uuid, String) {
        let server = &self.world.server;
        let theirs = server.tenant(&edgeos_testkit::random_text()).await;
        let (_, admin) = server.user("admin", Some(theirs)).await;
        let body = json!({ "name": "Theirs", "status": "active" });
        let popup = server.post("/popups").bearer_auth(&admin).json(&body).answer().await;
        (id(&popup.expect(201)), admin)
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.world.staff(self.world.server.post(path).json(&body)).await
    }

    /// Words for a mail of the popup, with these further fields.
    async fn create(&self, template: &str, fields: Value) -> Answer {
        let mut body = json!({
            "popup_id": self.popup, "template_type": template, "html_content": "<p>Hi</p>",
        });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post("/email-templates", body).await
    }

    async fn patch(&self, template: &Value, body: Value) -> Answer {
        let path = format!("/email-templates/{}", id(template));
        self.world.staff(self.world.server.patch(&path).json(&body)).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.world.staff(self.world.server.get(path)).await
    }

    async fn delete(&self, template: &Value) -> Answer {
        let path = format!("/email-templates/{}", id(template));
        self.world.staff(self.world.server.delete(&path)).await
    }
}

#[tokio::test]
async fn nine_types_are_offered_each_with_what_is_known_of_the_event() {
    let mails = Mails::start().await;
    let server = &mails.world.server;
    let types = server.get("/email-templates/types").bearer_auth(&mails.viewer);
    let types = types.answer().await.expect(200);
    let types = types.as_array().unwrap();
    assert_eq!(types.len(), 9);
    for info in types {
        assert!(!info["type"].as_str().unwrap().starts_with("login"), "{info}");
        let variables = info["variables"].as_array().unwrap();
        let event: Vec<_> = variables[variables.len() - 8..].iter().map(|v| &v["group"]).collect();
        assert_eq!(event, ["Event"; 8]);
        assert_eq!(variables[variables.len() - 8]["name"], "popup_name");
        assert!(["Application", "Payment"].contains(&info["category"].as_str().unwrap()));
    }
    assert_eq!(types[0]["type"], "application_received");
    assert_eq!(types[0]["default_subject"], "{{ popup_name }}: application received");
    let anonymous = server.get("/email-templates/types").answer().await;
    assert_eq!(anonymous.status, 401);
}

#[tokio::test]
async fn a_default_is_a_template_to_start_from() {
    let mails = Mails::start().await;
    let default = mails.get("/email-templates/default/payment_confirmed").await.expect(200);
    let html = default["html_content"].as_str().unwrap();
    assert!(html.contains("{{ popup_name }}") && html.contains("{% for product in products %}"));
    assert!(html.contains("format(amount)") && !html.contains("0.00"));
    assert_eq!(html.matches("<style>").count(), 1);
    mails.get("/email-templates/default/login_code_user").await.expect(200);
    mails.get("/email-templates/default/foo").await.expect(422);
}

#[tokio::test]
async fn a_template_is_made_changed_and_deleted() {
    let mails = Mails::start().await;
    let fields = json!({ "html_content": " <p>{{ first_name }}</p>\n", "subject": " Hi " });
    let made = mails.create("application_received", fields).await.expect(201);
    assert_eq!(made["html_content"], "<p>{{ first_name }}</p>");
    assert_eq!((&made["subject"], &made["is_active"]), (&json!("Hi"), &json!(true)));
    assert_eq!((&made["updated_at"], &made["last_error"]), (&Value::Null, &Value::Null));
    let path = format!("/email-templates/{}", id(&made));
    assert_eq!(mails.get(&path).await.expect(200), made);
    let by_viewer = mails.world.server.get(&path).bearer_auth(&mails.viewer);
    assert_eq!(by_viewer.answer().await.expect(200), made);

    let changed = mails.patch(&made, json!({ "html_content": " x " })).await.expect(200);
    assert_eq!((&changed["html_content"], &changed["subject"]), (&json!(" x "), &json!("Hi")));
    assert!(changed["updated_at"].is_string());
    let changed = mails.patch(&made, json!({ "subject": null })).await.expect(200);
    assert_eq!(changed["subject"], Value::Null);
    let changed = mails.patch(&made, json!({ "subject": " ", "is_active": false })).await;
    let changed = changed.expect(200);
    assert_eq!((&changed["subject"], &changed["is_active"]), (&Value::Null, &json!(false)));
    for wrong in [
        json!({ "html_content": null }),
        json!({ "html_content": " " }),
        json!({ "html_content": "é".repeat(300_000) }),
        json!({ "is_active": null }),
        json!({ "subject": "x".repeat(501) }),
        json!({ "subject": "a\u{0}" }),
    ] {
        assert_eq!(mails.patch(&made, wrong.clone()).await.status, 422, "{wrong:.40}");
    }
    for wrong in [json!({ "html_content": "{{ a" }), json!({ "subject": "{% if %}" })] {
        assert_eq!(mails.patch(&made, wrong.clone()).await.status, 400, "{wrong}");
    }
    assert_eq!(mails.get(&path).await.expect(200), changed);
    mails.delete(&made).await.expect(204);
    mails.delete(&made).await.expect(404);
    mails.get(&path).await.expect(404);
    mails.patch(&made, json!({})).await.expect(404);
}

#[tokio::test]
async fn what_cannot_be_a_template_is_refused_in_order() {
    let mails = Mails::start().await;
    let elsewhere = json!({ "popup_id": nobody() });
    mails.create("zzz", elsewhere.clone()).await.expect(400);
    mails.create("login_code_user", elsewhere).await.expect(404);
    let (foreign, _) = mails.foreign().await;
    let foreign = json!({ "popup_id": foreign });
    mails.create("application_received", foreign).await.expect(404);
    mails.create("login_code_user", json!({})).await.expect(422);
    mails.create("login_code_human", json!({})).await.expect(422);
    mails.create("application_received", json!({ "html_content": " " })).await.expect(422);
    mails.create("application_received", json!({ "html_content": "{{ a" })).await.expect(400);
    mails.create("application_received", json!({ "subject": "{{ a" })).await.expect(400);
    for statement in ["{% include 'x' %}", "{% extends 'x' %}", "{% import 'x' as y %}"] {
        let refused = mails.create("application_received", json!({ "html_content": statement }));
        assert_eq!(refused.await.status, 400, "{statement}");
    }
    mails.create("application_received", json!({})).await.expect(201);
    // The popup has one: said before anything about the words.
    let again = mails.create("application_received", json!({ "html_content": "" })).await;
    assert_eq!(
        (again.status, again.detail()),
        (400, "The popup has a template of this type already")
    );
}

#[tokio::test]
async fn of_parallel_templates_one_is_made() {
    let mails = Mails::start().await;
    let answers = join_all((0..10).map(|_| mails.create("application_received", json!({})))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400, 400, 400, 400, 400]);
}

#[tokio::test]
async fn templates_are_listed_by_type_or_by_age() {
    let mails = Mails::start().await;
    let other = mails.world.popup(json!({})).await;
    for template in ["payment_confirmed", "abandoned_cart"] {
        mails.create(template, json!({})).await.expect(201);
    }
    let fields = json!({ "popup_id": other, "is_active": false });
    mails.create("application_rejected", fields).await.expect(201);
    let types = async |query: &str| -> Vec<String> {
        let page = mails.get(&format!("/email-templates?{query}")).await.expect(200);
        let results = page["results"].as_array().unwrap().iter();
        results.map(|template| template["template_type"].as_str().unwrap().to_owned()).collect()
    };
    let of_popup = format!("popup_id={}", mails.popup);
    assert_eq!(types(&of_popup).await, ["abandoned_cart", "payment_confirmed"]);
    assert_eq!(types("").await, ["application_rejected", "abandoned_cart", "payment_confirmed"]);
    assert_eq!(types("skip=1&limit=1").await, ["abandoned_cart"]);
    assert!(types(&format!("popup_id={}", nobody())).await.is_empty());
}

#[tokio::test]
async fn viewers_change_and_send_nothing() {
    let mails = Mails::start().await;
    let made = mails.create("application_received", json!({})).await.expect(201);
    let server = &mails.world.server;
    let path = format!("/email-templates/{}", id(&made));
    let body = json!({
        "popup_id": mails.popup, "template_type": "abandoned_cart", "html_content": "x",
        "to_email": "ann@example.com",
    });
    for request in [
        server.post("/email-templates").json(&body),
        server.post("/email-templates/send-test").json(&body),
        server.patch(&path).json(&json!({})),
        server.delete(&path),
    ] {
        request.bearer_auth(&mails.viewer).answer().await.expect(403);
    }
    let preview = server.post("/email-templates/preview").json(&body).bearer_auth(&mails.viewer);
    preview.answer().await.expect(200);
}
