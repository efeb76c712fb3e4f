//! What is deleted or ended in portions: no portion is larger than asked, however PostgreSQL chooses to join.

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{Email, MailId, MailTemplate, Role, StaffEmail, User, UserId};
use edgeos_ports::{
    HumanLoginCodes, IdempotencyKeys, IdempotentRequest, KeyClaim, NewMail, NewUserMail, OldMail,
    Outbox, PendingHuman, PlatformOutbox, PlatformStore, Store, StoredAnswer, StoredLoginCode,
    TenantScope, UserLoginCodes, Users,
};
use sea_orm::sqlx::{AssertSqlSafe, Executor};
use serde_json::json;

use crate::support::{TestStore, uuid};

/// Before every test.
const BEFORE: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// After every test.
fn later() -> DateTime<Utc> {
    DateTime::from_timestamp(4_000_000_000, 0).unwrap()
}

/// The names of three people.
const PEOPLE: [&str; 3] = ["ann", "bob", "cat"];

/// A store whose database looks into the inner table anew for every row of the outer one, if a statement lets it.
async fn by_nested_loops() -> TestStore {
    let test = TestStore::new().await;
    let superuser = test.database.superuser().await.unwrap();
    for join in ["hashjoin", "mergejoin", "hashagg", "sort", "material"] {
        let set = format!("ALTER DATABASE {} SET enable_{join} = off", test.database.name());
        superuser.execute(AssertSqlSafe(set)).await.unwrap();
    }
    test
}

fn old_mail() -> OldMail {
    OldMail { settled_before: later(), dead_before: later() }
}

#[tokio::test]
async fn mail_ends_and_goes_in_portions() {
    let test = by_nested_loops().await;
    let tenant = test.tenant("Ours").await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    for name in PEOPLE {
        let mail = NewMail {
            id: MailId(uuid()),
            popup_id: None,
            template: MailTemplate::PaymentConfirmed,
            to: format!("{name}@x.example"),
            context: json!({}),
            dedupe_key: None,
            priority: 0,
            not_after: Some(BEFORE),
        };
        tx.enqueue_mail(&mail).await.unwrap();
    }
    assert_eq!(tx.expire_mail(1).await.unwrap(), 1);
    assert_eq!(tx.expire_mail(10).await.unwrap(), 2);
    assert_eq!(tx.purge_mail(old_mail(), 1).await.unwrap(), 1);
    assert_eq!(tx.purge_mail(old_mail(), 10).await.unwrap(), 2);
}

#[tokio::test]
async fn mail_and_codes_of_users_go_in_portions() {
    let test = by_nested_loops().await;
    let mut tx = test.store.begin_platform(None).await.unwrap();
    for name in PEOPLE {
        let user = User {
            id: UserId(uuid()),
            email: StaffEmail::parse(&format!("{name}@x.example")).unwrap(),
            full_name: None,
            role: Role::Superadmin,
            tenant: None,
            deleted: false,
        };
        tx.insert_user(&user).await.unwrap();
        let code = StoredLoginCode { hash: [1; 32], expires_at: BEFORE };
        tx.replace_user_login_code(user.id, &code).await.unwrap();
        let mail = NewUserMail {
            id: MailId(uuid()),
            user: user.id,
            template: MailTemplate::LoginCodeUser,
            to: user.email.as_str().to_owned(),
            context: json!({}),
            priority: 0,
            not_after: Some(BEFORE),
        };
        tx.enqueue_user_mail(&mail).await.unwrap();
    }
    assert_eq!(tx.purge_user_login_codes(later(), 1).await.unwrap(), 1);
    assert_eq!(tx.purge_user_login_codes(later(), 10).await.unwrap(), 2);
    assert_eq!(tx.expire_user_mail(1).await.unwrap(), 1);
    assert_eq!(tx.expire_user_mail(10).await.unwrap(), 2);
    assert_eq!(tx.purge_user_mail(old_mail(), 1).await.unwrap(), 1);
    assert_eq!(tx.purge_user_mail(old_mail(), 10).await.unwrap(), 2);
}

#[tokio::test]
async fn codes_and_keys_of_a_tenant_go_in_portions() {
    let test = by_nested_loops().await;
    let tenant = test.tenant("Ours").await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    let ended = BEFORE + TimeDelta::hours(1);
    for name in PEOPLE {
        let email = Email::parse(&format!("{name}@x.example")).unwrap();
        let code = StoredLoginCode { hash: [1; 32], expires_at: ended };
        tx.replace_human_login_code(&email, &code).await.unwrap();
        let pending = PendingHuman { id: uuid(), email, picture_url: None, expires_at: ended };
        tx.replace_pending_human(&pending).await.unwrap();
        let request = IdempotentRequest {
            actor: uuid(),
            operation: "a-b",
            key: name.to_owned(),
            hash: [1; 32],
        };
        assert_eq!(tx.claim_key(&request, BEFORE).await.unwrap(), KeyClaim::New);
        let answer = StoredAnswer { status: 201, body: "{}".to_owned() };
        tx.store_answer(&request, &answer, BEFORE, ended).await.unwrap();
    }
    assert_eq!(tx.purge_human_login_codes(later(), 1).await.unwrap(), 1);
    assert_eq!(tx.purge_human_login_codes(later(), 10).await.unwrap(), 2);
    assert_eq!(tx.purge_pending_humans(later(), 1).await.unwrap(), 1);
    assert_eq!(tx.purge_pending_humans(later(), 10).await.unwrap(), 2);
    assert_eq!(tx.purge_idempotency_keys(later(), 1).await.unwrap(), 1);
    assert_eq!(tx.purge_idempotency_keys(later(), 10).await.unwrap(), 2);
}
