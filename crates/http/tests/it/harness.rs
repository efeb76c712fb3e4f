//! A real server for one test: a database of its own, a port of its own, an inbox.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use edgeos_app::{
    keys::Keyring,
    tokens::{Subject, Tokens},
};
use edgeos_domain::{HumanId, TenantId, UserId};
use edgeos_http::{Machine, RunningServer, settings::Settings, spawn};
use edgeos_mail::inbox::{Inbox, ReceivedMail};
use edgeos_testkit::TestDatabase;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use crate::{counting::Cost, promises::Asked};

pub(crate) const SECRET_KEY: &str = "a-secret-key-for-tests-0123456789";

/// Storage that isn't there; addresses for uploads are signed all the same.
pub(crate) const NO_STORAGE: [(&str, &str); 3] = [
    ("STORAGE_ENDPOINT_URL", "http://localhost:1"),
    ("STORAGE_ACCESS_KEY", "id"),
    ("STORAGE_SECRET_KEY", "key"),
];

/// A server, its database, and a client to talk to it. Paths without a prefix are below `/api/v1`.
pub(crate) struct TestServer {
    server: Option<RunningServer>,
    base: String,
    client: Client,
    pub(crate) database: Arc<TestDatabase>,
    /// A superuser's connections, for what a test needs to be there.
    pub(crate) sql: PgPool,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
    /// What it cost a server of this process.
    pub(crate) cost: Cost,
}

impl TestServer {
    /// A server over a database of its own.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// As [`start`](Self::start), with further variables in its environment.
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::over(Arc::new(TestDatabase::new().await.unwrap()), variables).await
    }

    /// A server over a database that is there.
    pub(crate) async fn on(database: TestDatabase) -> Self {
        Self::over(Arc::new(database), &[]).await
    }

    /// As [`on`](Self::on), with further variables in its environment.
    pub(crate) async fn on_with(database: TestDatabase, variables: &[(&str, &str)]) -> Self {
        Self::over(Arc::new(database), variables).await
    }

    /// Another server over the same database.
    pub(crate) async fn beside(&self) -> Self {
        self.beside_with(&[]).await
    }

    /// As [`beside`](Self::beside), with further variables in its environment.
    pub(crate) async fn beside_with(&self, variables: &[(&str, &str)]) -> Self {
        Self::over(self.database.clone(), variables).await
    }

    async fn over(database: Arc<TestDatabase>, variables: &[(&str, &str)]) -> Self {
        let server = spawn(&settings(&database, variables)).await.unwrap();
        Self {
            base: format!("http://127.0.0.1:{}", server.address().port()),
            server: Some(server),
            client: client(),
            sql: database.superuser().await.unwrap(),
            database,
        }
    }

    /// Where `path` is on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        let outside = ["/api/", "/v1/", "/docs", "/redoc", "/openapi", "/health", "/dev/", "/x"];
        if outside.iter().any(|prefix| path.starts_with(prefix)) {
            format!("{}{path}", self.base)
        } else {
            format!("{}/api/v1{path}", self.base)
        }
    }

    /// Where this server sends its mail.
    pub(crate) fn inbox(&self) -> &Inbox {
        self.server.as_ref().and_then(RunningServer::inbox).unwrap()
    }

    /// The newest mail to `address`, as soon as there is one.
    pub(crate) async fn mail_to(&self, address: &str) -> ReceivedMail {
        let is_to = |mail: &ReceivedMail| mail.to.iter().any(|to| to == address);
        let mail = tokio::time::timeout(Duration::from_secs(20), self.inbox().wait_for(is_to));
        mail.await.unwrap_or_else(|_| panic!("no mail to {address}"))
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    pub(crate) fn put(&self, path: &str) -> RequestBuilder {
        self.request(Method::PUT, path)
    }

    pub(crate) fn patch(&self, path: &str) -> RequestBuilder {
        self.request(Method::PATCH, path)
    }

    pub(crate) fn delete(&self, path: &str) -> RequestBuilder {
        self.request(Method::DELETE, path)
    }

    /// Stops the server, the connection to it included.
    pub(crate) async fn stop(mut self) {
        self.server.take().unwrap().stop().await;
    }

    /// A token of somebody, whether they exist or not.
    pub(crate) fn token(subject: Subject) -> String {
        let keys = Arc::new(Keyring::new(SECRET_KEY, None));
        Tokens::new(keys, Arc::new(Machine), TimeDelta::hours(1)).issue(subject)
    }

    /// A tenant that is put straight into the database.
    pub(crate) async fn tenant(&self, slug: &str) -> TenantId {
        let sql =
            "INSERT INTO tenants (id, name, slug) VALUES (gen_random_uuid(), $1, $1) RETURNING id";
        TenantId(sqlx::query_scalar(sql).bind(slug).fetch_one(&self.sql).await.unwrap())
    }

    /// A user who is put straight into the database, and a token.
    pub(crate) async fn user(&self, role: &str, tenant: Option<TenantId>) -> (UserId, String) {
        let sql = "INSERT INTO users (id, email, role, tenant_id) \
                   VALUES (gen_random_uuid(), $1, $2, $3) RETURNING id";
        let email = format!("{role}-{}@example.com", edgeos_testkit::random_text());
        let user =
            sqlx::query_scalar(sql).bind(email).bind(role).bind(tenant.map(|tenant| tenant.0));
        let id = UserId(user.fetch_one(&self.sql).await.unwrap());
        (id, Self::token(Subject::User(id)))
    }

    /// A human who is put straight into the database, and a token.
    pub(crate) async fn human(&self, tenant: TenantId) -> (HumanId, String) {
        let sql = "INSERT INTO humans (id, tenant_id, email) VALUES (gen_random_uuid(), $1, $2) RETURNING id";
        let email = format!("human-{}@example.com", edgeos_testkit::random_text());
        let human = sqlx::query_scalar(sql).bind(tenant.0).bind(email);
        let id = HumanId(human.fetch_one(&self.sql).await.unwrap());
        (id, Self::token(Subject::Human(id, Some(tenant))))
    }
}

/// Lets go of idle connections before the server does, which could be while a request is on its way.
fn client() -> Client {
    let client = Client::builder().timeout(Duration::from_secs(30));
    client.pool_idle_timeout(Duration::from_secs(2)).build().unwrap()
}

/// The settings of a server over `database`.
pub(crate) fn settings(database: &TestDatabase, variables: &[(&str, &str)]) -> Settings {
    let port = database.port().to_string();
    let standard = [
        ("SECRET_KEY", SECRET_KEY),
        ("POSTGRES_SERVER", database.host()),
        ("POSTGRES_PORT", &port),
        ("POSTGRES_USER", database.owner_name()),
        ("POSTGRES_DB", database.name()),
        ("POSTGRES_SSL_MODE", "disable"),
        ("DATABASE_POOL_SIZE", "5"),
        ("HOST", "127.0.0.1"),
        ("PORT", "0"),
        ("PORTAL_URL", "http://localhost:3000"),
    ];
    let all: HashMap<&str, &str> = standard.iter().chain(variables).copied().collect();
    let read = Settings::read(&|name| all.get(name).map(|value| (*value).to_owned()));
    // These tests are another program.
    Settings { renderer: Some(env!("CARGO_BIN_EXE_edgeos").into()), ..read.settings.unwrap() }
}

/// Sends a request and reads the whole answer, which has to be as the API describes itself.
pub(crate) trait Send {
    async fn answer(self) -> Answer;
    /// The same, with the body as it came.
    async fn answer_and_bytes(self) -> (Answer, Vec<u8>);
}

impl Send for RequestBuilder {
    async fn answer(self) -> Answer {
        self.answer_and_bytes().await.0
    }

    async fn answer_and_bytes(self) -> (Answer, Vec<u8>) {
        let (client, request) = self.build_split();
        let mut request = request.unwrap();
        let asked = Asked::of(&mut request);
        let (mut answer, bytes) = Answer::read(client.execute(request).await.unwrap()).await;
        asked.answered(&mut answer);
        (answer, bytes)
    }
}

impl Answer {
    async fn read(response: Response) -> (Self, Vec<u8>) {
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
            .collect();
        let bytes = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        (Self { status, headers, body, cost: Cost::default() }, bytes.to_vec())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The text that says what went wrong.
    pub(crate) fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_else(|| panic!("no text in {self:?}"))
    }

    /// Asserts the status, and gives the body.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.body
    }

    /// The type and the place of each wrong value.
    pub(crate) fn faults(&self) -> Vec<(String, Value)> {
        let faults =
            self.body["detail"].as_array().unwrap_or_else(|| panic!("no list in {self:?}"));
        let fault =
            |fault: &Value| (fault["type"].as_str().unwrap().to_owned(), fault["loc"].clone());
        faults.iter().map(fault).collect()
    }
}

/// An identifier that nobody has.
pub(crate) fn nobody() -> Uuid {
    Uuid::from_u128(0xdead)
}
