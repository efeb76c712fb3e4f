use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{MailId, MailTemplate, Tenant};
use edgeos_ports::{
    MailOutcome, NewMail, Outbox, PlatformOutbox, PlatformStore, Store, TenantScope, Transaction,
};
use edgeos_postgres::PgTx;
use serde_json::json;

use crate::support::{TestStore, uuid};

/// Rows are due from the database's present on; this is later.
fn later() -> DateTime<Utc> {
    DateTime::from_timestamp(4_000_000_000, 0).unwrap()
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
    let claimed = first.claim_due_mail(later(), 10).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].attempts), (1, 1));
    // Another worker passes over the row while it is being taken, and while it is leased.
    let mut second = begin(&test, &tenant).await;
    assert!(second.claim_due_mail(later(), 10).await.unwrap().is_empty());
    first.commit().await.unwrap();
    assert!(second.claim_due_mail(later(), 10).await.unwrap().is_empty());

    let after = later() + TimeDelta::seconds(61);
    let taken_over = second.claim_due_mail(after, 10).await.unwrap();
    assert_eq!(taken_over[0].attempts, 2);
    // The first worker comes back too late to say anything.
    let sent = MailOutcome::Sent { at: after };
    assert!(!second.settle_mail(claimed[0].lease, &sent).await.unwrap());
    assert!(second.settle_mail(taken_over[0].lease, &sent).await.unwrap());
    assert!(!second.settle_mail(taken_over[0].lease, &sent).await.unwrap());
    assert!(second.claim_due_mail(after, 10).await.unwrap().is_empty());
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
    assert_eq!(tx.claim_due_mail(later(), 10).await.unwrap().len(), 1);
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
    let claimed = tx.claim_due_mail(later(), 1).await.unwrap();
    assert_eq!(claimed[0].lease.id, login.id);

    let retry = MailOutcome::Retry { at: later(), error: "450 later".to_owned() };
    assert!(tx.settle_mail(claimed[0].lease, &retry).await.unwrap());
    let again = tx.claim_due_mail(later(), 1).await.unwrap();
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
