use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{MailId, MailTemplate, Tenant};
use edgeos_ports::{
    MailOutcome, NewMail, OldMail, Outbox, PlatformOutbox, PlatformStore, Store, TenantScope,
    Transaction,
};
use edgeos_postgres::PgTx;
use sea_orm::sqlx::{self, AssertSqlSafe};
use serde_json::json;

use crate::support::{TestStore, uuid};

/// Before every test.
const LONG_AGO: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Changes every mail of the outbox past the store.
async fn set(test: &TestStore, changes: &str) {
    let superuser = test.database.superuser().await.unwrap();
    let update = format!("UPDATE outbox SET {changes}");
    sqlx::query(AssertSqlSafe(update)).execute(&superuser).await.unwrap();
}

/// Puts a mail into the outbox.
async fn queued(test: &TestStore, tenant: &Tenant, mail: &NewMail) {
    let mut tx = begin(test, tenant).await;
    tx.enqueue_mail(mail).await.unwrap();
    tx.commit().await.unwrap();
}

fn mail(template: MailTemplate, key: Option<&str>) -> NewMail {
    NewMail {
        id: MailId(uuid()),
        popup_id: None,
        template,
        to: "ann@x.example".to_owned(),
        context: json!({ "first_name": "Ann" }),
        dedupe_key: key.map(str::to_owned),
        priority: 0,
        not_after: None,
    }
}

async fn begin(test: &TestStore, tenant: &Tenant) -> PgTx {
    test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap()
}

#[tokio::test]
async fn a_claimed_mail_is_nobody_elses_until_its_lease_ends() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Acme").await;
    let mut tx = begin(&test, &tenant).await;
    tx.enqueue_mail(&mail(MailTemplate::ApplicationReceived, None)).await.unwrap();
    tx.commit().await.unwrap();

    let mut platform = test.store.begin_platform(None).await.unwrap();
    assert_eq!(platform.tenants_with_due_mail(10).await.unwrap(), [tenant.id]);

    let mut first = begin(&test, &tenant).await;
    let claimed = first.claim_due_mail(10).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].attempts), (1, 1));
    // Another worker passes over the row while it is being taken, and while it is leased.
    let mut second = begin(&test, &tenant).await;
    assert!(second.claim_due_mail(10).await.unwrap().is_empty());
    first.commit().await.unwrap();
    assert!(second.claim_due_mail(10).await.unwrap().is_empty());

    set(&test, "locked_until = locked_until - interval '61 seconds'").await;
    let taken_over = second.claim_due_mail(10).await.unwrap();
    assert_eq!(taken_over[0].attempts, 2);
    // The first worker comes back too late to say anything.
    let sent = MailOutcome::Sent { at: LONG_AGO };
    assert!(!second.settle_mail(claimed[0].lease, &sent).await.unwrap());
    assert!(second.settle_mail(taken_over[0].lease, &sent).await.unwrap());
    assert!(!second.settle_mail(taken_over[0].lease, &sent).await.unwrap());
    assert!(second.claim_due_mail(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_event_is_one_mail() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Acme").await;
    let mut tx = begin(&test, &tenant).await;
    for _ in 0..3 {
        tx.enqueue_mail(&mail(MailTemplate::ApplicationAccepted, Some("application:1")))
            .await
            .unwrap();
    }
    assert_eq!(tx.claim_due_mail(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn login_mails_go_first_and_forget_their_code() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Acme").await;
    let mut tx = begin(&test, &tenant).await;
    tx.enqueue_mail(&mail(MailTemplate::ApplicationReceived, None)).await.unwrap();
    let login = NewMail {
        priority: NewMail::LOGIN_PRIORITY,
        context: json!({ "auth_code": "123456" }),
        ..mail(MailTemplate::LoginCodeHuman, None)
    };
    tx.enqueue_mail(&login).await.unwrap();
    let claimed = tx.claim_due_mail(1).await.unwrap();
    assert_eq!(claimed[0].lease.id, login.id);

    let retry = MailOutcome::Retry { at: LONG_AGO, error: "450 later".to_owned() };
    assert!(tx.settle_mail(claimed[0].lease, &retry).await.unwrap());
    let again = tx.claim_due_mail(1).await.unwrap();
    assert_eq!(again[0].context, json!({ "auth_code": "123456" }));
    assert!(tx.settle_mail(again[0].lease, &MailOutcome::Expired).await.unwrap());
    tx.commit().await.unwrap();

    let superuser = test.database.superuser().await.unwrap();
    let row: (String, serde_json::Value, Option<String>) =
        sea_orm::sqlx::query_as("SELECT state, context, last_error FROM outbox WHERE id = $1")
            .bind(login.id.0)
            .fetch_one(&superuser)
            .await
            .unwrap();
    assert_eq!(row, ("expired".to_owned(), json!({}), None));
}

#[tokio::test]
async fn a_lease_is_as_long_as_the_database_says() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Acme").await;
    queued(&test, &tenant, &mail(MailTemplate::ApplicationReceived, None)).await;
    let mut tx = begin(&test, &tenant).await;
    let claimed = tx.claim_due_mail(1).await.unwrap();
    tx.commit().await.unwrap();
    let superuser = test.database.superuser().await.unwrap();
    let exact =
        "SELECT locked_until = $1 AND locked_until <= now() + interval '60 seconds' FROM outbox";
    let exact = sqlx::query_scalar(exact).bind(claimed[0].lease.until);
    let exact: bool = exact.fetch_one(&superuser).await.unwrap();
    assert!(exact);
    assert!(!claimed[0].stale);
}

#[tokio::test]
async fn a_mail_that_is_put_back_is_as_before() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Acme").await;
    let mut tx = begin(&test, &tenant).await;
    tx.enqueue_mail(&mail(MailTemplate::ApplicationReceived, None)).await.unwrap();
    let lease = tx.claim_due_mail(1).await.unwrap()[0].lease;
    let retry = MailOutcome::Retry { at: LONG_AGO, error: "450 later".to_owned() };
    assert!(tx.settle_mail(lease, &retry).await.unwrap());
    for _ in 0..3 {
        let claimed = tx.claim_due_mail(1).await.unwrap();
        assert_eq!(claimed[0].attempts, 2);
        let back = MailOutcome::PutBack { at: LONG_AGO };
        assert!(tx.settle_mail(claimed[0].lease, &back).await.unwrap());
    }
    tx.commit().await.unwrap();
    let superuser = test.database.superuser().await.unwrap();
    let row: (String, i32, Option<String>) =
        sqlx::query_as("SELECT state, attempts, last_error FROM outbox")
            .fetch_one(&superuser)
            .await
            .unwrap();
    assert_eq!(row, ("queued".to_owned(), 1, Some("450 later".to_owned())));
}

#[tokio::test]
async fn what_nobody_sends_in_time_is_given_up_with_its_code() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Acme").await;
    queued(&test, &tenant, &mail(MailTemplate::ApplicationReceived, None)).await;
    set(&test, "next_attempt_at = now() - interval '8 days'").await;
    let mut tx = begin(&test, &tenant).await;
    assert!(tx.claim_due_mail(1).await.unwrap()[0].stale);
    drop(tx);
    let code = NewMail {
        not_after: Some(LONG_AGO),
        context: json!({ "auth_code": "123456" }),
        ..mail(MailTemplate::LoginCodeHuman, None)
    };
    queued(&test, &tenant, &code).await;
    let fresh = NewMail { not_after: None, ..mail(MailTemplate::LoginCodeHuman, None) };
    queued(&test, &tenant, &fresh).await;

    let mut tx = begin(&test, &tenant).await;
    assert_eq!(tx.expire_mail(1).await.unwrap(), 1);
    assert_eq!(tx.expire_mail(10).await.unwrap(), 1);
    assert_eq!(tx.expire_mail(10).await.unwrap(), 0);
    let left = tx.claim_due_mail(10).await.unwrap();
    assert_eq!(left.iter().map(|mail| mail.lease.id).collect::<Vec<_>>(), [fresh.id]);
    tx.commit().await.unwrap();
    let superuser = test.database.superuser().await.unwrap();
    let context = sqlx::query_scalar("SELECT context FROM outbox WHERE id = $1").bind(code.id.0);
    let context: serde_json::Value = context.fetch_one(&superuser).await.unwrap();
    assert_eq!(context, json!({}));

    let mut platform = test.store.begin_platform(None).await.unwrap();
    assert_eq!(platform.expire_user_mail(10).await.unwrap(), 0);
}

#[tokio::test]
async fn a_mail_is_kept_from_the_day_on_which_it_was_sent() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Acme").await;
    queued(&test, &tenant, &mail(MailTemplate::ApplicationReceived, None)).await;
    #[expect(clippy::disallowed_methods, reason = "the database dates what is queued")]
    let now = Utc::now();
    let days_ago = |days| now - TimeDelta::days(days);
    let old = OldMail { settled_before: days_ago(30), dead_before: days_ago(90) };
    let purged = async || {
        let mut tx = begin(&test, &tenant).await;
        let purged = tx.purge_mail(old, 10).await.unwrap();
        tx.commit().await.unwrap();
        purged
    };
    // Sent again on its last day.
    let made = "created_at = now() - interval '89 days'";
    set(&test, &format!("{made}, state = 'sent', sent_at = now() - interval '1 hour'")).await;
    assert_eq!(purged().await, 0);
    // Tried again then, and dead again.
    let tried = "sent_at = NULL, next_attempt_at = now() - interval '80 days'";
    set(&test, &format!("state = 'dead', created_at = now() - interval '169 days', {tried}")).await;
    assert_eq!(purged().await, 0);
    set(&test, "next_attempt_at = now() - interval '91 days'").await;
    assert_eq!(purged().await, 1);
}

#[tokio::test]
async fn words_of_any_size_are_not_read() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Acme").await;
    let superuser = test.database.superuser().await.unwrap();
    let popup = "INSERT INTO popups (id, tenant_id, name, slug, status)
                 VALUES (gen_random_uuid(), $1, 'P', 'p', 'active') RETURNING id";
    let popup = sqlx::query_scalar(popup).bind(tenant.id.0).fetch_one(&superuser).await.unwrap();
    let words = "INSERT INTO email_templates (id, tenant_id, popup_id, template_type, subject, html_content)
                 VALUES (gen_random_uuid(), $1, $2, 'application_received', $3, repeat('x', $4))";
    for (subject, length, fits) in
        [("Hi", 512 * 1024, true), ("Hi", 512 * 1024 + 1, false), (&*"x".repeat(2001), 1, false)]
    {
        sqlx::query("DELETE FROM email_templates").execute(&superuser).await.unwrap();
        let words = sqlx::query(words).bind(tenant.id.0).bind(popup).bind(subject).bind(length);
        words.execute(&superuser).await.unwrap();
        let mut tx = begin(&test, &tenant).await;
        let about = Some(edgeos_domain::PopupId(popup));
        let of_popup = NewMail { popup_id: about, ..mail(MailTemplate::ApplicationReceived, None) };
        tx.enqueue_mail(&of_popup).await.unwrap();
        let custom = tx.claim_due_mail(1).await.unwrap()[0].custom.clone().unwrap();
        assert_eq!(custom.words.is_some(), fits, "{length}");
    }
}
