use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{EmailTemplate, EmailTemplateId, MailId, MailTemplate, PopupId, Tenant};
use edgeos_ports::{
    EmailTemplates, Key, MailFilter, MailOutcome, MailRecords, MailState, NewMail, OldMail, Outbox,
    Paging, Store, StoreError, TenantScope, Transaction,
};
use edgeos_postgres::PgTx;
use sea_orm::sqlx;
use serde_json::json;

use crate::support::{TestStore, uuid};

const ALL: Paging = Paging { skip: 0, limit: 100 };

/// Rows are due from the database's present on; this is later.
fn later() -> DateTime<Utc> {
    DateTime::from_timestamp(4_000_000_000, 0).unwrap()
}

async fn begin(test: &TestStore, tenant: &Tenant) -> PgTx {
    test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap()
}

async fn popup(test: &TestStore, tenant: &Tenant) -> PopupId {
    let sql = "INSERT INTO popups (id, tenant_id, name, slug, status) \
               VALUES (gen_random_uuid(), $1, 'Fair', gen_random_uuid()::text, 'draft') RETURNING id";
    let superuser = test.database.superuser().await.unwrap();
    PopupId(sqlx::query_scalar(sql).bind(tenant.id.0).fetch_one(&superuser).await.unwrap())
}

fn words(tenant: &Tenant, popup: PopupId, template: MailTemplate) -> EmailTemplate {
    EmailTemplate {
        id: EmailTemplateId(uuid()),
        tenant: tenant.id,
        popup,
        template,
        subject: Some("Hi".to_owned()),
        html_content: "<p>Hi</p>".to_owned(),
        is_active: true,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: None,
        last_error: None,
        last_error_at: None,
    }
}

fn mail(popup: Option<PopupId>, template: MailTemplate) -> NewMail {
    NewMail {
        id: MailId(uuid()),
        popup_id: popup,
        template,
        to: "ann@x.example".to_owned(),
        context: json!({ "first_name": "Ann" }),
        dedupe_key: None,
        priority: 0,
        not_after: None,
    }
}

#[tokio::test]
async fn a_popup_has_one_template_of_a_type() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let (fair, show) = (popup(&test, &ours).await, popup(&test, &ours).await);
    let template = words(&ours, fair, MailTemplate::AbandonedCart);
    let mut tx = begin(&test, &ours).await;
    tx.insert_email_template(&template).await.unwrap();
    tx.insert_email_template(&words(&ours, show, MailTemplate::AbandonedCart)).await.unwrap();
    tx.insert_email_template(&words(&ours, fair, MailTemplate::PaymentConfirmed)).await.unwrap();
    assert!(tx.has_email_template(fair, MailTemplate::AbandonedCart).await.unwrap());
    assert!(!tx.has_email_template(show, MailTemplate::PaymentConfirmed).await.unwrap());
    let of_popup = tx.email_templates(Some(fair), ALL).await.unwrap();
    let types: Vec<_> = of_popup.items.iter().map(|template| template.template).collect();
    assert_eq!(types, [MailTemplate::AbandonedCart, MailTemplate::PaymentConfirmed]);
    assert_eq!(tx.email_templates(None, ALL).await.unwrap().total, 3);
    tx.commit().await.unwrap();

    let mut tx = begin(&test, &ours).await;
    let again = tx.insert_email_template(&words(&ours, fair, MailTemplate::AbandonedCart)).await;
    assert!(matches!(again, Err(StoreError::Taken(Key::EmailTemplate))), "{again:?}");

    let mut tx = begin(&test, &theirs).await;
    assert_eq!(tx.email_template(template.id).await.unwrap(), None);
    assert!(!tx.delete_email_template(template.id).await.unwrap());
    let foreign =
        tx.insert_email_template(&words(&theirs, fair, MailTemplate::AbandonedCart)).await;
    assert!(matches!(foreign, Err(StoreError::Missing(_))), "{foreign:?}");
}

#[tokio::test]
async fn a_mail_comes_with_the_words_that_are_in_use() {
    let test = TestStore::new().await;
    let ours = test.tenant("Ours").await;
    let (fair, show) = (popup(&test, &ours).await, popup(&test, &ours).await);
    let active = words(&ours, fair, MailTemplate::PaymentConfirmed);
    let idle =
        EmailTemplate { is_active: false, ..words(&ours, show, MailTemplate::PaymentConfirmed) };
    let mut tx = begin(&test, &ours).await;
    tx.insert_email_template(&active).await.unwrap();
    tx.insert_email_template(&idle).await.unwrap();
    let custom = mail(Some(fair), MailTemplate::PaymentConfirmed);
    tx.enqueue_mail(&custom).await.unwrap();
    for (popup, template) in [
        (Some(show), MailTemplate::PaymentConfirmed),
        (Some(fair), MailTemplate::AbandonedCart),
        (None, MailTemplate::PaymentConfirmed),
    ] {
        tx.enqueue_mail(&mail(popup, template)).await.unwrap();
    }
    let claimed = tx.claim_due_mail(10).await.unwrap();
    let with_words: Vec<_> = claimed.iter().filter(|mail| mail.custom.is_some()).collect();
    assert_eq!((claimed.len(), with_words.len()), (4, 1));
    assert_eq!(with_words[0].lease.id, custom.id);
    let used = with_words[0].custom.clone().unwrap();
    let words = used.words.as_ref().unwrap();
    assert_eq!(
        (used.id, used.tenant, words.html.as_str(), words.subject.as_deref()),
        (active.id, ours.id, "<p>Hi</p>", Some("Hi"))
    );

    tx.report_template_error(&used, "it fails", later()).await.unwrap();
    let told = tx.lock_email_template(active.id).await.unwrap().unwrap();
    assert_eq!((told.last_error.as_deref(), told.last_error_at), (Some("it fails"), Some(later())));
    // Written anew meanwhile: the error was about other words.
    let written = EmailTemplate { updated_at: Some(later()), last_error: None, ..told };
    tx.update_email_template(&written).await.unwrap();
    tx.report_template_error(&used, "it failed", later()).await.unwrap();
    assert_eq!(tx.email_template(active.id).await.unwrap(), Some(written));
}

#[tokio::test]
async fn a_dead_mail_comes_back_to_life() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let mut tx = begin(&test, &ours).await;
    tx.enqueue_mail(&mail(None, MailTemplate::PaymentConfirmed)).await.unwrap();
    let lease = tx.claim_due_mail(1).await.unwrap()[0].lease;
    let dead = MailOutcome::Dead { error: "no such mailbox".to_owned() };
    assert!(tx.settle_mail(lease, &dead).await.unwrap());
    let record = tx.lock_mail_record(lease.id).await.unwrap().unwrap();
    assert_eq!((record.state, record.attempts, record.next_attempt_at), (MailState::Dead, 1, None));
    assert_eq!(record.last_error.as_deref(), Some("no such mailbox"));
    tx.commit().await.unwrap();

    let mut stranger = begin(&test, &theirs).await;
    assert_eq!(stranger.lock_mail_record(lease.id).await.unwrap(), None);
    stranger.revive_mail(lease.id, later()).await.unwrap();
    stranger.commit().await.unwrap();

    let mut tx = begin(&test, &ours).await;
    let found = async |tx: &mut PgTx, state| {
        let filter = MailFilter { state: Some(state), ..MailFilter::default() };
        tx.mail_records(&filter, ALL).await.unwrap().total
    };
    assert_eq!(found(&mut tx, MailState::Dead).await, 1);
    tx.revive_mail(lease.id, DateTime::UNIX_EPOCH).await.unwrap();
    assert_eq!(found(&mut tx, MailState::Queued).await, 1);
    let again = tx.claim_due_mail(1).await.unwrap();
    assert_eq!((again[0].lease.id, again[0].attempts), (lease.id, 1));
}

#[tokio::test]
async fn mails_are_kept_as_long_as_somebody_may_ask() {
    let test = TestStore::new().await;
    let ours = test.tenant("Ours").await;
    let mut tx = begin(&test, &ours).await;
    for outcome in [
        None,
        Some(MailOutcome::Sent { at: DateTime::UNIX_EPOCH }),
        Some(MailOutcome::Expired),
        Some(MailOutcome::Dead { error: "no".to_owned() }),
    ] {
        tx.enqueue_mail(&mail(None, MailTemplate::PaymentConfirmed)).await.unwrap();
        if let Some(outcome) = outcome {
            let lease = tx.claim_due_mail(1).await.unwrap()[0].lease;
            assert!(tx.settle_mail(lease, &outcome).await.unwrap());
        } else {
            // Keeps it from the others.
            tx.claim_due_mail(1).await.unwrap();
        }
    }
    let old = |settled_before, dead_before| OldMail { settled_before, dead_before };
    let long_ago = DateTime::UNIX_EPOCH;
    assert_eq!(tx.purge_mail(old(long_ago, long_ago), 10).await.unwrap(), 0);
    assert_eq!(tx.purge_mail(old(later(), long_ago), 1).await.unwrap(), 1);
    assert_eq!(tx.purge_mail(old(later(), long_ago), 10).await.unwrap(), 1);
    assert_eq!(tx.purge_mail(old(later(), later() + TimeDelta::days(1)), 10).await.unwrap(), 1);
    // What waits is never too old.
    assert_eq!(tx.mail_records(&MailFilter::default(), ALL).await.unwrap().total, 1);
}
