//! Mail survives the server: whatever was committed is sent once, by whoever is there to send it.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use edgeos_app::tokens::Subject;
use edgeos_domain::{HumanId, TenantId};
use edgeos_mail::inbox::{Inbox, Mood, ReceivedMail};
use edgeos_testkit::TestDatabase;
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{
    harness::{SECRET_KEY, TestServer},
    patience::until,
};

const ADMIN: &str = "admin@acme.example";
const EVE: &str = "eve@people.example";

/// The program as it runs in production: a process of its own.
pub(crate) struct Program {
    process: Child,
    pub(crate) base: String,
    log: Arc<Mutex<Vec<String>>>,
}

/// Where programs work: a database with an organisation and its event, and a mail server.
pub(crate) struct Site {
    database: TestDatabase,
    pub(crate) sql: PgPool,
    pub(crate) inbox: Inbox,
    mail_port: u16,
    pub(crate) tenant: Uuid,
    pub(crate) popup: Uuid,
    pub(crate) human: Uuid,
}

impl Site {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::new().await.unwrap();
        let sql = database.superuser().await.unwrap();
        let (inbox, address) = Inbox::start(("127.0.0.1", 0)).await.unwrap();
        let tenant = "INSERT INTO tenants (id, name, slug)
                      VALUES (gen_random_uuid(), 'Acme', 'acme') RETURNING id";
        let tenant: Uuid = sqlx::query_scalar(tenant).fetch_one(&sql).await.unwrap();
        sqlx::query(
            "INSERT INTO users (id, email, role, tenant_id) VALUES (gen_random_uuid(), $1, 'admin', $2)",
        )
        .bind(ADMIN)
        .bind(tenant)
        .execute(&sql)
        .await
        .unwrap();
        let popup = "INSERT INTO popups (id, tenant_id, name, slug, status)
                     VALUES (gen_random_uuid(), $1, 'Summit', 'summit', 'active') RETURNING id";
        let popup = sqlx::query_scalar(popup).bind(tenant).fetch_one(&sql).await.unwrap();
        let human = "INSERT INTO humans (id, tenant_id, email)
                     VALUES (gen_random_uuid(), $1, $2) RETURNING id";
        let human = sqlx::query_scalar(human).bind(tenant).bind(EVE).fetch_one(&sql).await.unwrap();
        Self { database, sql, inbox, mail_port: address.port(), tenant, popup, human }
    }

    /// Starts the program, and waits until it serves.
    async fn start(&self) -> Program {
        self.start_with(&[]).await
    }

    /// As [`start`](Self::start), with further variables in its environment.
    pub(crate) async fn start_with(&self, variables: &[(&str, &str)]) -> Program {
        let mut process = Command::new(env!("CARGO_BIN_EXE_edgeos"))
            .env_clear()
            .envs([
                ("SECRET_KEY", SECRET_KEY),
                ("POSTGRES_SERVER", self.database.host()),
                ("POSTGRES_PORT", &self.database.port().to_string()),
                ("POSTGRES_USER", self.database.owner_name()),
                ("POSTGRES_DB", self.database.name()),
                ("POSTGRES_SSL_MODE", "disable"),
                ("DATABASE_POOL_SIZE", "5"),
                ("HOST", "127.0.0.1"),
                ("PORT", "0"),
                ("SMTP_HOST", "127.0.0.1"),
                ("SMTP_PORT", &self.mail_port.to_string()),
                ("SMTP_TLS", "false"),
                ("SENDER_EMAIL", "noreply@edgeos.example"),
            ])
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (serves, served) = oneshot::channel();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let kept = log.clone();
        std::thread::spawn(move || {
            let mut serves = Some(serves);
            for line in lines.map_while(Result::ok) {
                let base = line.split_once("EdgeOS serves on ").map(|(_, rest)| {
                    // Colours may follow.
                    rest.split(|c: char| c.is_control() || c == ' ').next().unwrap().to_owned()
                });
                kept.lock().unwrap().push(line);
                if let Some(base) = base
                    && let Some(serves) = serves.take()
                {
                    let _ = serves.send(base);
                }
            }
        });
        let base = served.await;
        let base = base.unwrap_or_else(|_| panic!("{:#?}", log.lock().unwrap()));
        Program { process, base, log }
    }

    /// Puts so many mails into the outbox, each to an address of its own.
    async fn queue(&self, mails: i32) {
        let queue = "INSERT INTO outbox (id, tenant_id, template_type, to_email, context)
                     SELECT gen_random_uuid(), $1, 'application_received',
                         'human' || n || '@people.example',
                         '{\"first_name\": \"Eve\", \"popup_name\": \"Summit\"}'
                     FROM generate_series(1, $2) n";
        let queue = sqlx::query(queue).bind(self.tenant).bind(mails);
        queue.execute(&self.sql).await.unwrap();
    }

    /// Makes mail that waits for its next attempt, or for the end of a lease, due at once.
    pub(crate) async fn let_time_pass(&self) {
        for table in ["outbox", "platform_outbox"] {
            let due = format!(
                "UPDATE {table} SET next_attempt_at = now() - interval '1 second',
                     locked_until = CASE WHEN locked_until IS NOT NULL
                         THEN now() - interval '1 second' END
                 WHERE state = 'queued'"
            );
            sqlx::query(sqlx::AssertSqlSafe(due)).execute(&self.sql).await.unwrap();
        }
    }

    /// Ids, addressees and attempts of the mails in this state; `held` ones lie with somebody who sends
    /// them.
    pub(crate) async fn mails(&self, state: &str, held: bool) -> Vec<(Uuid, String, i32)> {
        let columns = "SELECT id, to_email, attempts, state, locked_until";
        let sql = format!(
            "SELECT id, to_email, attempts
             FROM ({columns} FROM outbox UNION ALL {columns} FROM platform_outbox) mails
             WHERE state = $1 AND (locked_until IS NOT NULL) = $2 ORDER BY to_email"
        );
        let mails = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(state).bind(held);
        mails.fetch_all(&self.sql).await.unwrap()
    }

    /// Asserts that the mail server has these mails and no others, each once, under its own name.
    #[track_caller]
    fn assert_delivered_once(&self, mails: &[(Uuid, String, i32)]) {
        let mut expected: Vec<_> = mails.iter().map(|(id, to, _)| name(*id, to)).collect();
        let mut arrived: Vec<_> = self.inbox.messages().iter().map(name_of).collect();
        expected.sort();
        arrived.sort();
        assert_eq!(arrived, expected);
    }
}

impl Program {
    /// A login of the admin and an application, both of which have mail sent.
    async fn write_two_mails(&self, site: &Site) {
        let http = reqwest::Client::new();
        let login = http.post(format!("{}/v1/auth/user/login", self.base));
        let login = login.json(&json!({ "email": ADMIN })).send().await.unwrap();
        assert_eq!(login.status(), 200);
        let strategy = "INSERT INTO approvalstrategies (id, tenant_id, popup_id, strategy_type)
                        VALUES (gen_random_uuid(), $1, $2, 'all_reviewers') ON CONFLICT DO NOTHING";
        let strategy = sqlx::query(strategy).bind(site.tenant).bind(site.popup);
        strategy.execute(&site.sql).await.unwrap();
        let eve = Subject::Human(HumanId(site.human), Some(TenantId(site.tenant)));
        let application = json!({
            "popup_id": site.popup, "first_name": "Eve", "last_name": "Moss", "status": "in review",
        });
        let applied = http.post(format!("{}/v1/applications/my", self.base));
        let applied = applied.bearer_auth(TestServer::token(eve)).json(&application).send();
        assert_eq!(applied.await.unwrap().status(), 201);
    }

    /// Asks it to stop, and waits until it has begun to.
    async fn terminate(&self) {
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(told.unwrap().success());
        let stopping = |line: &String| line.contains("stopping: no new requests");
        until(async || self.log.lock().unwrap().iter().any(stopping)).await;
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// What it has said so far, line by line.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// How many mails it says it has sent.
    fn sent(&self) -> usize {
        self.log().iter().filter(|line| line.contains(" is sent")).count()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What tells a mail from others: its Message-ID and where it goes.
fn name(id: Uuid, to: &str) -> (String, String) {
    (format!("{id}@edgeos.example"), to.to_owned())
}

fn name_of(mail: &ReceivedMail) -> (String, String) {
    (mail.message_id.clone().unwrap_or_default(), mail.to.join(","))
}

#[tokio::test]
async fn a_server_killed_while_it_sends_leaves_the_mail_to_the_next() {
    let site = Site::new().await;
    site.inbox.set_mood(Mood::Silent);
    let first = site.start().await;
    first.write_two_mails(&site).await;
    until(async || site.mails("queued", true).await.len() == 2).await;
    first.kill();

    site.inbox.set_mood(Mood::Well);
    let second = site.start().await;
    site.let_time_pass().await;
    until(async || site.mails("sent", false).await.len() == 2).await;
    let mails = site.mails("sent", false).await;
    assert_eq!(mails.iter().map(|(_, to, _)| to.as_str()).collect::<Vec<_>>(), [ADMIN, EVE]);
    assert!(mails.iter().all(|(_, _, attempts)| *attempts >= 2), "{mails:?}");
    site.assert_delivered_once(&mails);
    let codes = "SELECT count(*) FROM platform_outbox WHERE context <> '{}'";
    let codes: i64 = sqlx::query_scalar(codes).fetch_one(&site.sql).await.unwrap();
    assert_eq!(codes, 0, "a code is forgotten when it is sent");
    second.kill();
}

#[tokio::test]
async fn a_code_that_is_over_when_the_next_server_comes_is_not_sent() {
    let site = Site::new().await;
    site.inbox.set_mood(Mood::Silent);
    let first = site.start().await;
    first.write_two_mails(&site).await;
    until(async || site.mails("queued", true).await.len() == 2).await;
    first.kill();

    let over = "UPDATE platform_outbox SET not_after = now() - interval '1 second'";
    sqlx::query(over).execute(&site.sql).await.unwrap();
    site.inbox.set_mood(Mood::Well);
    let second = site.start().await;
    site.let_time_pass().await;
    let settled = async |state: &str| site.mails(state, false).await;
    until(async || settled("sent").await.len() + settled("expired").await.len() == 2).await;
    assert_eq!(settled("expired").await[0].1, ADMIN);
    site.assert_delivered_once(&settled("sent").await);
    second.kill();
}

#[tokio::test]
async fn a_server_killed_while_mail_waits_for_its_next_attempt_loses_none() {
    let site = Site::new().await;
    site.inbox.set_mood(Mood::Down);
    let first = site.start().await;
    first.write_two_mails(&site).await;
    let tried = async || {
        let waiting = site.mails("queued", false).await;
        waiting.iter().filter(|(_, _, attempts)| *attempts == 1).count() == 2
    };
    until(tried).await;
    first.kill();
    assert!(site.inbox.messages().is_empty());

    site.inbox.set_mood(Mood::Well);
    let second = site.start().await;
    site.let_time_pass().await;
    until(async || site.mails("sent", false).await.len() == 2).await;
    site.assert_delivered_once(&site.mails("sent", false).await);
    second.kill();
}

#[tokio::test]
async fn two_servers_share_the_outbox_without_sending_anything_twice() {
    let site = Site::new().await;
    let (one, other) = tokio::join!(site.start(), site.start());
    site.queue(200).await;
    until(async || site.mails("sent", false).await.len() == 200).await;
    let mails = site.mails("sent", false).await;
    let addresses: BTreeSet<_> = mails.iter().map(|(_, to, _)| to).collect();
    assert_eq!(addresses.len(), 200);
    site.assert_delivered_once(&mails);
    until(async || one.sent() + other.sent() >= 200).await;
    assert_eq!(one.sent() + other.sent(), 200);
}

/// What the test above would see, were a mail not marked as somebody's own.
#[tokio::test]
async fn without_the_mark_on_a_mail_it_is_sent_twice() {
    let site = Site::new().await;
    for forget in [
        "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql
         AS 'BEGIN NEW.locked_until = now() - interval ''1 hour''; RETURN NEW; END'",
        "CREATE TRIGGER forget BEFORE UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION forget()",
    ] {
        sqlx::query(forget).execute(&site.sql).await.unwrap();
    }
    site.inbox.set_mood(Mood::Silent);
    let programs = tokio::join!(site.start(), site.start());
    site.queue(1).await;
    let taken = async || {
        let mails = site.mails("queued", true).await;
        mails.iter().any(|(_, _, attempts)| *attempts >= 2)
    };
    until(taken).await;
    site.inbox.set_mood(Mood::Well);
    until(async || site.inbox.messages().len() > 1).await;
    let names: BTreeSet<_> = site.inbox.messages().iter().map(name_of).collect();
    assert_eq!(names.len(), 1, "the same mail, under the same name");
    drop(programs);
}

#[tokio::test]
async fn a_mail_that_is_put_off_arrives_once_at_last() {
    let site = Site::new().await;
    let program = site.start().await;
    site.inbox.refuse_next(2, 451);
    site.queue(1).await;
    for attempt in 1..=2 {
        let tried = async || {
            let waiting = site.mails("queued", false).await;
            waiting.iter().any(|(_, _, attempts)| *attempts == attempt)
        };
        until(tried).await;
        assert!(site.inbox.messages().is_empty());
        site.let_time_pass().await;
    }
    until(async || !site.mails("sent", false).await.is_empty()).await;
    let mails = site.mails("sent", false).await;
    assert_eq!(mails[0].2, 3);
    site.assert_delivered_once(&mails);
    program.kill();
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_ends_what_it_has_begun() {
    let site = Site::new().await;
    site.inbox.set_mood(Mood::Silent);
    let program = site.start_with(&[("DATABASE_LOCK_TIMEOUT", "30s")]).await;
    site.queue(1).await;
    until(async || site.mails("queued", true).await.len() == 1).await;
    // A request waits for something that somebody else holds.
    let mut holder = site.sql.begin().await.unwrap();
    let held = sqlx::query("SELECT FROM popups WHERE id = $1 FOR UPDATE").bind(site.popup);
    held.execute(&mut *holder).await.unwrap();
    let eve = Subject::Human(HumanId(site.human), Some(TenantId(site.tenant)));
    let application = json!({ "popup_id": site.popup, "first_name": "Eve", "last_name": "Moss" });
    let applied = reqwest::Client::new()
        .post(format!("{}/v1/applications/my", program.base))
        .bearer_auth(TestServer::token(eve))
        .json(&application)
        .send();
    let applied = tokio::spawn(applied);
    let waits = "SELECT count(*) > 0 FROM pg_stat_activity
                 WHERE wait_event_type = 'Lock' AND datname = current_database()";
    until(async || sqlx::query_scalar(waits).fetch_one(&site.sql).await.unwrap()).await;

    program.terminate().await;
    holder.rollback().await.unwrap();
    assert_eq!(applied.await.unwrap().unwrap().status(), 201);
    site.inbox.set_mood(Mood::Well);
    let mut program = program;
    let ended = tokio::task::spawn_blocking(move || program.process.wait().unwrap());
    assert!(ended.await.unwrap().success());
    let sent = site.mails("sent", false).await;
    assert_eq!(sent.len(), 1);
    site.assert_delivered_once(&sent);
}

/// The process that renders them is this program, as it is installed.
#[tokio::test]
async fn words_that_end_their_process_end_no_server() {
    let site = Site::new().await;
    let program = site.start().await;
    let doubling = "{% set a = [a, a] %}".repeat(40) + &"{% set b = [b, b] %}".repeat(40);
    let words = format!("{{% set a = [1] %}}{{% set b = [1] %}}{doubling}{{{{ a == b }}}}");
    for (template, html) in [
        ("application_received", words.as_str()),
        ("application_accepted", "Dear {{ first_name }}"),
    ] {
        let words = "INSERT INTO email_templates
                         (id, tenant_id, popup_id, template_type, subject, html_content)
                     VALUES (gen_random_uuid(), $1, $2, $3, 'Ours', $4)";
        let words = sqlx::query(words).bind(site.tenant).bind(site.popup).bind(template).bind(html);
        words.execute(&site.sql).await.unwrap();
        let queue = "INSERT INTO outbox (id, tenant_id, popup_id, template_type, to_email, context)
                     VALUES (gen_random_uuid(), $1, $2, $3, $4, '{\"first_name\": \"Eve\"}')";
        let queue = sqlx::query(queue).bind(site.tenant).bind(site.popup).bind(template).bind(EVE);
        queue.execute(&site.sql).await.unwrap();
    }
    until(async || site.mails("sent", false).await.len() == 2).await;
    let subjects: BTreeSet<_> =
        site.inbox.messages().into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(subjects.contains("Ours"), "{subjects:?}");
    let told =
        "SELECT last_error FROM email_templates WHERE template_type = 'application_received'";
    let told: Option<String> = sqlx::query_scalar(told).fetch_one(&site.sql).await.unwrap();
    assert!(told.is_some_and(|told| told.contains("too much memory or time")));
    program.kill();
}
