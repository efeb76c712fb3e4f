//! A server that is killed anywhere on the way: afterwards there is one order, one charge, one mail.

use std::time::Duration;

use edgeos_app::tokens::Subject;
use edgeos_domain::{HumanId, TenantId, UserId};
use edgeos_mail::inbox::Mood;
use edgeos_testkit::simplefi::{Event, Fault, Faults, SimpleFiServer};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::{free_port, line};
use crate::{
    crash::{Program, Site},
    harness::{Answer, Send, TestServer},
    patience::until,
    world::id,
};

/// Everything that our own crates have to say.
const TALKATIVE: &str = "info,edgeos_http=trace,edgeos_app=trace,edgeos_payments=trace,edgeos_mail=trace,\
                         edgeos_postgres=trace,edgeos_invoices=trace";

/// A site with an event that sells one pass, and somebody accepted who wants it.
pub(super) struct Stage {
    pub(super) site: Site,
    pub(super) provider: SimpleFiServer,
    port: String,
    token: String,
    order: Value,
}

impl Stage {
    /// The stage, and the first server on it.
    pub(super) async fn set() -> (Self, Program) {
        let site = Site::new().await;
        let human = Subject::Human(HumanId(site.human), Some(TenantId(site.tenant)));
        let mut stage = Self {
            site,
            provider: SimpleFiServer::start().await.unwrap(),
            port: free_port().to_string(),
            token: TestServer::token(human),
            order: Value::Null,
        };
        let program = stage.start().await;
        let admin = sqlx::query_scalar("SELECT id FROM users WHERE role = 'admin'");
        let admin = UserId(admin.fetch_one(&stage.site.sql).await.unwrap());
        let admin = TestServer::token(Subject::User(admin));
        let (http, base, popup) = (Client::new(), &program.base, stage.site.popup);
        let key = json!({ "simplefi_api_key": "sk_test_0123456789" });
        let keyed = http.patch(format!("{base}/v1/popups/{popup}")).bearer_auth(&admin).json(&key);
        keyed.answer().await.expect(200);
        let pass = json!({ "popup_id": popup, "name": "Pass", "price": 100, "max_quantity": 1 });
        let pass = http.post(format!("{base}/v1/products")).bearer_auth(&admin).json(&pass);
        let pass = id(&pass.answer().await.expect(201));
        let application = json!({
            "popup_id": popup, "first_name": "Eve", "last_name": "Moss", "status": "in review",
        });
        let applied = http.post(format!("{base}/v1/applications/my")).bearer_auth(&stage.token);
        let application = applied.json(&application).answer().await.expect(201);
        let main = id(&application["attendees"][0]);
        stage.order = json!({
            "application_id": id(&application), "products": [line(pass, main, 1)],
        });
        (stage, program)
    }

    pub(super) async fn start(&self) -> Program {
        let backend = format!("http://127.0.0.1:{}", self.port);
        let variables = [
            ("SIMPLEFI_API_URL", self.provider.url()),
            ("BACKEND_URL", &backend),
            ("PORT", &self.port),
            ("RUST_LOG", TALKATIVE),
            ("DATABASE_LOCK_TIMEOUT", "30s"),
            ("DATABASE_ACQUIRE_TIMEOUT", "30s"),
        ];
        self.site.start_with(&variables).await
    }

    /// The order, which the buyer's page sends again until it is answered.
    pub(super) fn order(&self, program: &Program) -> RequestBuilder {
        let request = Client::new().post(format!("{}/v1/payments/my", program.base));
        request.bearer_auth(&self.token).header("Idempotency-Key", "key").json(&self.order)
    }

    pub(super) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.site.sql).await.unwrap()
    }

    /// Holds the application, so that whatever wants to change its payments waits.
    async fn hold(&self) -> sqlx::Transaction<'static, sqlx::Postgres> {
        let mut tx = self.site.sql.begin().await.unwrap();
        sqlx::query("SELECT id FROM applications FOR UPDATE").execute(&mut *tx).await.unwrap();
        tx
    }

    /// Somebody waits for what is held.
    async fn is_waiting(&self) -> bool {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        self.count(waiting).await > 0
    }

    /// The server is killed in the middle of the order. The next one doesn't take the order twice, and takes it anew
    /// once nobody can be at work on it any more.
    async fn goes_on_after_an_order_without_checkout(self) {
        let next = self.start().await;
        assert_eq!(self.order(&next).answer().await.status, 409);
        next.kill();
        let age = "UPDATE payments SET created_at = created_at - interval '11 minutes'";
        sqlx::query(age).execute(&self.site.sql).await.unwrap();
        let last = self.start().await;
        until(async || self.count("SELECT count(*) FROM payments").await == 0).await;
        let payment = self.order(&last).answer().await.expect(201);
        self.pays(&payment).await;
        self.assert_all_is_well().await;
        last.kill();
    }

    /// The same, when the buyer orders anew instead of waiting.
    async fn goes_on_with_another_order(self) {
        let next = self.start().await;
        let http = Client::new().post(format!("{}/v1/payments/my", next.base));
        let other = http.bearer_auth(&self.token).json(&self.order).answer().await.expect(201);
        let cancelled = "SELECT count(*) FROM payments WHERE status = 'cancelled'";
        assert_eq!(self.count(cancelled).await, 1);
        assert_eq!(self.order(&next).answer().await.status, 409);
        let age = "UPDATE idempotency_keys SET expires_at = expires_at - interval '11 minutes'";
        sqlx::query(age).execute(&self.site.sql).await.unwrap();
        let last = self.order(&next).answer().await.expect(201);
        assert_ne!(last["id"], other["id"]);
        self.pays(&last).await;
        assert_eq!(self.count("SELECT sum(quantity) FROM attendee_products").await, 1);
        next.kill();
    }

    pub(super) async fn pays(&self, payment: &Value) {
        let request = payment["external_id"].as_str().unwrap();
        let deliveries = self.provider.happens(request, &Event::CardPaid.into()).await.unwrap();
        assert_eq!(deliveries.last().unwrap().status, 200, "{deliveries:?}");
    }

    /// One order, one pass, one mail.
    async fn assert_all_is_well(&self) {
        assert_eq!(self.count("SELECT count(*) FROM payments").await, 1);
        assert_eq!(self.count("SELECT count(*) FROM payments WHERE status = 'approved'").await, 1);
        assert_eq!(self.count("SELECT sum(quantity) FROM attendee_products").await, 1);
        until(async || {
            self.site.let_time_pass().await;
            self.confirmations() > 0
        })
        .await;
        let queued = "SELECT count(*) FROM outbox WHERE template_type = 'payment_confirmed'";
        assert_eq!((self.count(queued).await, self.confirmations()), (1, 1));
    }

    fn confirmations(&self) -> usize {
        let messages = self.site.inbox.messages();
        messages.iter().filter(|mail| mail.subject.contains("payment confirmed")).count()
    }
}

#[tokio::test]
async fn killed_while_the_provider_is_asked() {
    let (stage, program) = Stage::set().await;
    stage.provider.fail(Faults::next(1, Fault::Timeout));
    let order = tokio::spawn(stage.order(&program).send());
    until(async || stage.provider.calls().len() == 1).await;
    program.kill();
    order.await.unwrap().unwrap_err();
    stage.goes_on_after_an_order_without_checkout().await;
}

#[tokio::test]
async fn killed_while_the_provider_is_asked_and_ordered_anew() {
    let (stage, program) = Stage::set().await;
    stage.provider.fail(Faults::next(1, Fault::Timeout));
    let order = tokio::spawn(stage.order(&program).send());
    until(async || stage.provider.calls().len() == 1).await;
    program.kill();
    order.await.unwrap().unwrap_err();
    stage.goes_on_with_another_order().await;
}

#[tokio::test]
async fn killed_between_the_provider_s_answer_and_the_record() {
    let (stage, program) = Stage::set().await;
    stage.provider.fail(Faults::next(1, Fault::Slow(Duration::from_secs(1))));
    let order = tokio::spawn(stage.order(&program).send());
    until(async || stage.provider.calls().len() == 1).await;
    let held = stage.hold().await;
    until(async || stage.is_waiting().await).await;
    program.kill();
    held.rollback().await.unwrap();
    order.await.unwrap().unwrap_err();
    stage.goes_on_after_an_order_without_checkout().await;
}

#[tokio::test]
async fn killed_between_record_and_settlement() {
    let (stage, first) = Stage::set().await;
    let payment = stage.order(&first).answer().await.expect(201);
    first.kill();
    let second = stage.start().await;
    let again: Answer = stage.order(&second).answer().await;
    assert_eq!((again.status, &again.body["id"]), (201, &payment["id"]));

    let held = stage.hold().await;
    let request = payment["external_id"].as_str().unwrap();
    let paid = Event::CardPaid.into();
    let announced = async {
        let announced = stage.provider.happens(request, &paid).await.unwrap();
        assert!(announced.iter().all(|delivery| delivery.status != 200), "{announced:?}");
    };
    let killed = async {
        until(async || stage.is_waiting().await).await;
        second.kill();
    };
    tokio::join!(announced, killed);
    held.rollback().await.unwrap();
    assert_eq!(stage.count("SELECT count(*) FROM payments WHERE status = 'pending'").await, 1);
    let third = stage.start().await;
    stage.pays(&payment).await;
    stage.pays(&payment).await;
    stage.assert_all_is_well().await;
    third.kill();
}

#[tokio::test]
async fn killed_between_settlement_and_mail() {
    let (stage, first) = Stage::set().await;
    let payment = stage.order(&first).answer().await.expect(201);
    until(async || stage.site.mails("queued", false).await.is_empty()).await;
    stage.site.inbox.set_mood(Mood::Silent);
    stage.pays(&payment).await;
    until(async || !stage.site.mails("queued", true).await.is_empty()).await;
    first.kill();
    stage.site.inbox.set_mood(Mood::Well);
    let second = stage.start().await;
    stage.pays(&payment).await;
    stage.assert_all_is_well().await;
    second.kill();
}
