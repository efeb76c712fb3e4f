use chrono::{TimeDelta, TimeZone, Utc};
use edgeos_domain::AuditEntryId;
use edgeos_ports::{
    AuditEntries, AuditFilter, AuditLog, IdempotencyKeys, IdempotentRequest, KeyClaim,
    NewAuditEntry, Paging, PlatformStore, Store, StoredAnswer, TenantScope, Transaction,
};

use crate::support::{TestStore, uuid};

fn request() -> IdempotentRequest {
    IdempotentRequest { actor: uuid(), operation: "a-b", key: "key".to_owned(), hash: [1; 32] }
}

#[tokio::test]
async fn a_key_belongs_to_one_transaction_at_a_time() {
    let db = TestStore::new().await;
    let scope = TenantScope::of_worker(db.tenant("Ours").await.id);
    let now = Utc.with_ymd_and_hms(2030, 6, 10, 12, 0, 0).unwrap();
    let (later, request) = (now + TimeDelta::hours(24), request());
    let answer = StoredAnswer { status: 201, body: "{}".to_owned() };

    let mut first = db.store.begin(&scope).await.unwrap();
    assert_eq!(first.claim_key(&request, now).await.unwrap(), KeyClaim::New);
    let mut twin = db.store.begin(&scope).await.unwrap();
    assert_eq!(twin.claim_key(&request, now).await.unwrap(), KeyClaim::Running);
    let mut other = db.store.begin(&scope).await.unwrap();
    let elsewhere = IdempotentRequest { actor: uuid(), ..request.clone() };
    assert_eq!(other.claim_key(&elsewhere, now).await.unwrap(), KeyClaim::New);
    first.store_answer(&request, &answer, now, later).await.unwrap();
    first.commit().await.unwrap();

    let claimed = twin.claim_key(&request, now).await.unwrap();
    assert_eq!(claimed, KeyClaim::Answered(answer.clone()));
    let misused = IdempotentRequest { hash: [2; 32], ..request.clone() };
    assert_eq!(twin.claim_key(&misused, now).await.unwrap(), KeyClaim::Misused);
    // When it is over, it is anybody's.
    assert_eq!(twin.claim_key(&misused, later).await.unwrap(), KeyClaim::New);
    twin.store_answer(&misused, &answer, later, later + TimeDelta::hours(24)).await.unwrap();
    twin.commit().await.unwrap();

    let mut sweeper = db.store.begin(&scope).await.unwrap();
    assert_eq!(sweeper.purge_idempotency_keys(later, 10).await.unwrap(), 0);
    let end = later + TimeDelta::hours(24);
    assert_eq!(sweeper.purge_idempotency_keys(end, 10).await.unwrap(), 1);
}

#[tokio::test]
async fn the_audit_log_is_kept_by_tenant_and_stays() {
    let db = TestStore::new().await;
    let (ours, theirs) = (db.tenant("Ours").await.id, db.tenant("Theirs").await.id);
    let now = Utc.with_ymd_and_hms(2030, 6, 10, 12, 0, 0).unwrap();
    let entry = |action, created_at| NewAuditEntry {
        id: AuditEntryId(uuid()),
        actor: None,
        action,
        subject_type: "tenant",
        subject_id: Some(ours.0),
        details: serde_json::Map::new(),
        request: None,
        created_at,
    };
    let mut tx = db.store.begin(&TenantScope::of_worker(ours)).await.unwrap();
    tx.insert_audit_entry(ours, &entry("a", now)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.store.begin_platform(Some(ours)).await.unwrap();
    tx.insert_audit_entry(ours, &entry("b", now + TimeDelta::seconds(1))).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.store.begin_platform(Some(ours)).await.unwrap();
    assert!(tx.insert_audit_entry(theirs, &entry("c", now)).await.is_err());

    let paging = Paging { skip: 0, limit: 10 };
    let mut tx = db.store.begin(&TenantScope::of_worker(ours)).await.unwrap();
    let list = tx.audit_entries(&AuditFilter::default(), paging).await.unwrap();
    let actions: Vec<_> = list.items.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["b", "a"]);
    let filter = AuditFilter { action: Some("a".to_owned()), ..AuditFilter::default() };
    assert_eq!(tx.audit_entries(&filter, paging).await.unwrap().total, 1);
    let mut tx = db.store.begin(&TenantScope::of_worker(theirs)).await.unwrap();
    let nothing = tx.audit_entries(&AuditFilter::default(), paging).await.unwrap();
    assert_eq!(nothing.total, 0);
}
