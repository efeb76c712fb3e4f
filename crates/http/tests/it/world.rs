//! An organisation with an event, and people who want to take part.

use edgeos_app::tokens::Subject;
use edgeos_domain::{HumanId, TenantId, UserId};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Send, TestServer};

/// A tenant with an admin, on a server of its own.
pub(crate) struct World {
    pub(crate) server: TestServer,
    pub(crate) tenant: TenantId,
    pub(crate) admin: String,
    pub(crate) superadmin: String,
}

/// Somebody known to the tenant, and a token.
pub(crate) struct Person {
    pub(crate) id: HumanId,
    pub(crate) email: String,
    pub(crate) token: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// As [`start`](Self::start), with further variables in the server's environment.
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        let server = TestServer::start_with(variables).await;
        let tenant = server.tenant("ours").await;
        let (_, admin) = server.user("admin", Some(tenant)).await;
        let (_, superadmin) = server.user("superadmin", None).await;
        Self { server, tenant, admin, superadmin }
    }

    /// Another admin of the tenant.
    pub(crate) async fn admin(&self) -> (UserId, String) {
        self.server.user("admin", Some(self.tenant)).await
    }

    /// An active popup with these settings. Its strategy is `auto_accept`.
    pub(crate) async fn popup(&self, settings: Value) -> Uuid {
        let name = format!("Conclave {}", edgeos_testkit::random_text());
        let mut body = json!({ "name": name, "status": "active" });
        for (name, value) in settings.as_object().unwrap() {
            body[name] = value.clone();
        }
        let popup = self.staff(self.server.post("/popups").json(&body)).await.expect(201);
        id(&popup)
    }

    pub(crate) async fn strategy(&self, popup: Uuid, strategy: Value) {
        let path = format!("/popups/{popup}/approval-strategy");
        self.staff(self.server.post(&path).json(&strategy)).await.expect(201);
    }

    /// A popup whose applications are decided by votes.
    pub(crate) async fn reviewed_popup(&self, strategy: &str) -> Uuid {
        let popup = self.popup(json!({})).await;
        self.strategy(popup, json!({ "strategy_type": strategy })).await;
        popup
    }

    pub(crate) async fn reviewer(&self, popup: Uuid, user: UserId, settings: Value) {
        let mut body = json!({ "user_id": user.0 });
        for (name, value) in settings.as_object().unwrap() {
            body[name] = value.clone();
        }
        let path = format!("/popups/{popup}/reviewers");
        self.staff(self.server.post(&path).json(&body)).await.expect(201);
    }

    pub(crate) async fn person(&self) -> Person {
        let email = format!("{}@example.com", edgeos_testkit::random_text());
        let sql = "INSERT INTO humans (id, tenant_id, email) VALUES (gen_random_uuid(), $1, $2) RETURNING id";
        let human = sqlx::query_scalar(sql).bind(self.tenant.0).bind(&email);
        let id = HumanId(human.fetch_one(&self.server.sql).await.unwrap());
        let token = TestServer::token(Subject::Human(id, Some(self.tenant)));
        Person { id, email, token }
    }

    /// Sends `request` as the admin.
    pub(crate) async fn staff(&self, request: RequestBuilder) -> Answer {
        request.bearer_auth(&self.admin).answer().await
    }

    /// Sends `request` as the superadmin, at work in the tenant.
    pub(crate) async fn governor(&self, request: RequestBuilder) -> Answer {
        request
            .bearer_auth(&self.superadmin)
            .header("X-Tenant-Id", self.tenant.0.to_string())
            .answer()
            .await
    }

    /// Begins an application of `person` to `popup`, with these further fields.
    pub(crate) async fn apply(&self, person: &Person, popup: Uuid, fields: Value) -> Answer {
        let body = application(popup, &fields);
        let request = self.server.post("/applications/my").bearer_auth(&person.token);
        request.json(&body).answer().await
    }

    /// An application of somebody new that waits for a decision; whose it is, and its id.
    pub(crate) async fn submitted(&self, popup: Uuid) -> (Person, Uuid) {
        let person = self.person().await;
        let answer = self.apply(&person, popup, json!({ "status": "in review" })).await;
        let application = answer.expect(201);
        assert_eq!(application["status"], "in review");
        (person, id(&application))
    }

    /// Changes the application of `person` to `popup`.
    pub(crate) async fn edit(&self, person: &Person, popup: Uuid, change: Value) -> Answer {
        let path = format!("/applications/my/{popup}");
        self.server.patch(&path).bearer_auth(&person.token).json(&change).answer().await
    }

    pub(crate) async fn vote(&self, token: &str, application: Uuid, decision: &str) -> Answer {
        let path = format!("/applications/{application}/reviews");
        let body = json!({ "decision": decision });
        self.server.post(&path).bearer_auth(token).json(&body).answer().await
    }

    pub(crate) async fn decide(&self, application: Uuid, decision: &str) -> Answer {
        let path = format!("/applications/{application}/decision");
        self.staff(self.server.post(&path).json(&json!({ "decision": decision }))).await
    }

    /// The application as staff see it.
    pub(crate) async fn application(&self, application: Uuid) -> Value {
        let path = format!("/applications/{application}");
        self.staff(self.server.get(&path)).await.expect(200)
    }

    pub(crate) async fn status(&self, application: Uuid) -> String {
        self.application(application).await["status"].as_str().unwrap().to_owned()
    }

    /// The events of an application that snapshots were taken of.
    pub(crate) async fn snapshots(&self, application: Uuid) -> Vec<String> {
        let sql =
            "SELECT event FROM application_snapshots WHERE application_id = $1 ORDER BY created_at";
        sqlx::query_scalar(sql).bind(application).fetch_all(&self.server.sql).await.unwrap()
    }

    /// What mails were written to `person`.
    pub(crate) async fn mails(&self, person: &Person) -> Vec<String> {
        let sql = "SELECT template_type FROM outbox WHERE to_email = $1 ORDER BY created_at";
        sqlx::query_scalar(sql).bind(&person.email).fetch_all(&self.server.sql).await.unwrap()
    }

    pub(crate) async fn flag(&self, person: &Person) {
        let path = format!("/humans/{}", person.id.0);
        let body = json!({ "red_flag": true });
        self.staff(self.server.patch(&path).json(&body)).await.expect(200);
    }

    /// A pass of `popup` for the days from `first` to `last`.
    pub(crate) async fn pass(&self, popup: Uuid, name: &str, first: &str, last: &str) -> Uuid {
        let sql = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price, start_date, end_date, duration_type) \
                   VALUES (gen_random_uuid(), $1, $2, $3, lower($3), 100, $4::timestamptz, $5::timestamptz, 'WEEK') \
                   RETURNING id";
        let pass = sqlx::query_scalar(sql).bind(self.tenant.0).bind(popup).bind(name);
        let pass = pass.bind(first.to_owned()).bind(last.to_owned());
        pass.fetch_one(&self.server.sql).await.unwrap()
    }

    /// Puts `quantity` of a product into the hands of one of `application`'s attendees.
    pub(crate) async fn buy(
        &self,
        application: &Value,
        attendee: usize,
        product: Uuid,
        quantity: i32,
    ) {
        let sql = "INSERT INTO attendee_products (tenant_id, attendee_id, product_id, quantity) VALUES ($1, $2, $3, $4)";
        let held =
            sqlx::query(sql).bind(self.tenant.0).bind(id(&application["attendees"][attendee]));
        held.bind(product).bind(quantity).execute(&self.server.sql).await.unwrap();
    }

    /// Gets `path` as `person`.
    pub(crate) async fn see(&self, person: &Person, path: &str) -> Answer {
        self.server.get(path).bearer_auth(&person.token).answer().await
    }

    /// A group of `popup` that takes this many members.
    pub(crate) async fn group(&self, popup: Uuid, max_members: Option<i32>) -> Uuid {
        let sql = "INSERT INTO groups (id, tenant_id, popup_id, name, slug, max_members) \
                   VALUES (gen_random_uuid(), $1, $2, 'Group', gen_random_uuid()::text, $3) RETURNING id";
        let group = sqlx::query_scalar(sql).bind(self.tenant.0).bind(popup).bind(max_members);
        group.fetch_one(&self.server.sql).await.unwrap()
    }
}

/// The body that begins an application.
pub(crate) fn application(popup: Uuid, fields: &Value) -> Value {
    let mut body = json!({ "popup_id": popup, "first_name": "Ada", "last_name": "Lovelace" });
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The id of what was answered.
pub(crate) fn id(answer: &Value) -> Uuid {
    answer["id"].as_str().unwrap().parse().unwrap()
}
