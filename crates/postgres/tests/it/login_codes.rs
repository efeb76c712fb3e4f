use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{
    Email, HttpUrl, Human, HumanId, Profile, Role, StaffEmail, TenantId, User, UserId,
};
use edgeos_ports::{
    CodeTry, HumanLoginCodes, Humans, PendingHuman, PlatformStore, RevokedToken, RevokedTokens,
    Store, StoredLoginCode, TenantScope, Transaction, UserLoginCodes, Users,
};
use edgeos_postgres::PgTx;
use sea_orm::sqlx;

use crate::support::{TestStore, uuid};

/// Tries at a code in these tests.
const TRIES: u32 = 3;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn code(byte: u8, minutes: i64) -> StoredLoginCode {
    StoredLoginCode { hash: [byte; 32], expires_at: now() + TimeDelta::minutes(minutes) }
}

fn ann() -> Email {
    Email::parse("ann@x.example").unwrap()
}

fn pending(minutes: i64) -> PendingHuman {
    PendingHuman {
        id: uuid(),
        email: ann(),
        picture_url: HttpUrl::optional("https://x.example/ann.png", Human::PICTURE_MAX).unwrap(),
        expires_at: now() + TimeDelta::minutes(minutes),
    }
}

fn human(tenant: TenantId) -> Human {
    Human::new(HumanId(uuid()), tenant, ann(), Profile::default(), None)
}

async fn begin(test: &TestStore, tenant: TenantId) -> PgTx {
    test.store.begin(&TenantScope::of_worker(tenant)).await.unwrap()
}

async fn user(test: &TestStore) -> UserId {
    let user = User {
        id: UserId(uuid()),
        email: StaffEmail::parse("ann@x.example").unwrap(),
        full_name: None,
        role: Role::Superadmin,
        tenant: None,
        deleted: false,
    };
    let mut tx = test.store.begin_platform(None).await.unwrap();
    tx.insert_user(&user).await.unwrap();
    tx.commit().await.unwrap();
    user.id
}

#[tokio::test]
async fn tries_are_used_up_until_there_is_a_new_code() {
    let test = TestStore::new().await;
    let (user, tenant) = (user(&test).await, test.tenant("Ours").await.id);
    let mut users = test.store.begin_platform(None).await.unwrap();
    let mut humans = begin(&test, tenant).await;
    for byte in [1, 2] {
        users.replace_user_login_code(user, &code(byte, 15)).await.unwrap();
        humans.replace_human_login_code(&ann(), &code(byte, 15)).await.unwrap();
        let counted = CodeTry::Counted(vec![byte; 32]);
        for _ in 0..TRIES {
            assert_eq!(users.try_user_login_code(user, TRIES, now()).await.unwrap(), counted);
            assert_eq!(humans.try_human_login_code(&ann(), TRIES, now()).await.unwrap(), counted);
        }
        let (at_users, at_humans) = (
            users.try_user_login_code(user, TRIES, now()).await.unwrap(),
            humans.try_human_login_code(&ann(), TRIES, now()).await.unwrap(),
        );
        assert_eq!((at_users, at_humans), (CodeTry::Exhausted, CodeTry::Exhausted));
    }
}

#[tokio::test]
async fn a_code_that_is_over_or_deleted_is_missing() {
    let test = TestStore::new().await;
    let (user, tenant) = (user(&test).await, test.tenant("Ours").await.id);
    let mut users = test.store.begin_platform(None).await.unwrap();
    let mut humans = begin(&test, tenant).await;
    let later = now() + TimeDelta::minutes(15);

    users.replace_user_login_code(user, &code(1, 15)).await.unwrap();
    assert_eq!(users.try_user_login_code(user, TRIES, later).await.unwrap(), CodeTry::Missing);
    users.delete_user_login_code(user).await.unwrap();
    assert_eq!(users.try_user_login_code(user, TRIES, now()).await.unwrap(), CodeTry::Missing);

    humans.replace_human_login_code(&ann(), &code(1, 15)).await.unwrap();
    assert_eq!(humans.try_human_login_code(&ann(), TRIES, later).await.unwrap(), CodeTry::Missing);
    humans.delete_human_login_code(&ann()).await.unwrap();
    assert_eq!(humans.try_human_login_code(&ann(), TRIES, now()).await.unwrap(), CodeTry::Missing);
}

#[tokio::test]
async fn a_code_of_one_tenant_is_none_of_another() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await.id, test.tenant("Theirs").await.id);
    let mut tx = begin(&test, ours).await;
    tx.replace_human_login_code(&ann(), &code(1, 15)).await.unwrap();
    tx.replace_pending_human(&pending(15)).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = begin(&test, theirs).await;
    assert_eq!(tx.try_human_login_code(&ann(), TRIES, now()).await.unwrap(), CodeTry::Missing);
    assert_eq!(tx.take_pending_human(&ann(), now()).await.unwrap(), None);
    assert_eq!(tx.purge_human_login_codes(now() + TimeDelta::days(1), 10).await.unwrap(), 0);
}

#[tokio::test]
async fn whoever_is_pending_is_replaced_and_taken_once() {
    let test = TestStore::new().await;
    let mut tx = begin(&test, test.tenant("Ours").await.id).await;
    let first = pending(5);
    tx.replace_pending_human(&first).await.unwrap();
    let second = PendingHuman { picture_url: None, ..pending(15) };
    tx.replace_pending_human(&second).await.unwrap();
    let taken = tx.take_pending_human(&ann(), now()).await.unwrap();
    assert_eq!(taken, Some(PendingHuman { id: first.id, ..second }));
    assert_eq!(tx.take_pending_human(&ann(), now()).await.unwrap(), None);

    tx.replace_pending_human(&pending(0)).await.unwrap();
    assert_eq!(tx.take_pending_human(&ann(), now()).await.unwrap(), None, "it is over");
}

#[tokio::test]
async fn a_human_is_inserted_once() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await.id;
    let first = human(tenant);
    let mut tx = begin(&test, tenant).await;
    assert!(tx.insert_human_if_new(&first).await.unwrap());
    assert!(!tx.insert_human_if_new(&human(tenant)).await.unwrap());
    assert_eq!(tx.human_by_email(&ann()).await.unwrap(), Some(first.clone()));
    assert_eq!(tx.human(first.id).await.unwrap(), Some(first));
}

#[tokio::test]
async fn upkeep_deletes_what_is_over_and_nothing_else() {
    let test = TestStore::new().await;
    let (user, tenant) = (user(&test).await, test.tenant("Ours").await.id);
    let bob = Email::parse("bob@x.example").unwrap();
    let mut humans = begin(&test, tenant).await;
    humans.replace_human_login_code(&ann(), &code(1, 0)).await.unwrap();
    humans.replace_human_login_code(&bob, &code(1, 1)).await.unwrap();
    humans.replace_pending_human(&pending(0)).await.unwrap();
    humans.replace_pending_human(&PendingHuman { email: bob, ..pending(1) }).await.unwrap();
    assert_eq!(humans.purge_human_login_codes(now(), 10).await.unwrap(), 1);
    assert_eq!(humans.purge_pending_humans(now(), 10).await.unwrap(), 1);
    let later = now() + TimeDelta::hours(1);
    assert_eq!(
        humans.purge_human_login_codes(later, 0).await.unwrap(),
        0,
        "no more than the limit"
    );
    assert_eq!(humans.purge_human_login_codes(later, 10).await.unwrap(), 1);
    assert_eq!(humans.purge_pending_humans(later, 10).await.unwrap(), 1);

    let mut platform = test.store.begin_platform(None).await.unwrap();
    platform.replace_user_login_code(user, &code(1, 1)).await.unwrap();
    assert_eq!(platform.purge_user_login_codes(now(), 10).await.unwrap(), 0);
    assert_eq!(platform.purge_user_login_codes(later, 10).await.unwrap(), 1);
}

#[tokio::test]
async fn a_revoked_token_is_remembered_until_its_end() {
    let test = TestStore::new().await;
    let token = |key: &str, minutes| RevokedToken {
        key: key.to_owned(),
        expires_at: now() + TimeDelta::minutes(minutes),
    };
    let mut tx = test.store.begin_platform(None).await.unwrap();
    for token in [token("one", 5), token("one", 5), token("other", 10)] {
        tx.revoke_token(&token).await.unwrap();
    }
    tx.commit().await.unwrap();

    let mut tx = test.store.begin_platform(None).await.unwrap();
    let long_ago = DateTime::UNIX_EPOCH;
    let all = tx.revoked_tokens(long_ago, now()).await.unwrap();
    assert_eq!(all, [token("one", 5), token("other", 10)]);
    let later = now() + TimeDelta::minutes(6);
    assert_eq!(tx.revoked_tokens(long_ago, later).await.unwrap(), [token("other", 10)]);
    let tomorrow: DateTime<Utc> = sqlx::query_scalar("SELECT now() + interval '1 day'")
        .fetch_one(&test.database.superuser().await.unwrap())
        .await
        .unwrap();
    assert_eq!(tx.revoked_tokens(tomorrow, now()).await.unwrap(), [], "nothing was revoked since");
    assert_eq!(tx.purge_revoked_tokens(later).await.unwrap(), 1);
    assert_eq!(tx.revoked_tokens(long_ago, now()).await.unwrap(), [token("other", 10)]);
}
