use edgeos_domain::{NewTenant, Tenant, TenantId};
use edgeos_ports::{
    OneTransaction, PlatformStore, Popups, Store, StoreError, TenantScope, Tenants, Transaction,
};
use edgeos_postgres::PgStore;

use crate::support::{TestStore, uuid};

fn tenant(name: &str) -> Tenant {
    let new = NewTenant {
        name: name.to_owned(),
        sender_email: None,
        sender_name: None,
        image_url: None,
        icon_url: None,
        logo_url: None,
    };
    new.into_tenant(TenantId(uuid())).unwrap()
}

async fn found(store: &PgStore, slug: &str) -> bool {
    let mut tx = store.begin_platform(None).await.unwrap();
    tx.tenant_of_slug(slug).await.unwrap().is_some()
}

/// Inserts a tenant in a part of its own, which is committed or dropped.
async fn part(store: &PgStore, name: &str, commits: bool) {
    let tenant = tenant(name);
    let mut tx = store.begin_platform(None).await.unwrap();
    tx.insert_tenant(&tenant, &[tenant.slug.as_str().to_owned()]).await.unwrap();
    if commits {
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn what_parts_have_committed_happens_at_once_or_not_at_all() {
    let test = TestStore::new().await;
    let whole = test.store.in_one_transaction().await.unwrap();
    part(&whole, "First", true).await;
    part(&whole, "Dropped", false).await;
    part(&whole, "Second", true).await;
    assert!(found(&whole, "first").await && !found(&whole, "dropped").await);
    assert!(!found(&test.store, "first").await);
    whole.clone().finish().await.unwrap();
    for (slug, expected) in [("first", true), ("dropped", false), ("second", true)] {
        assert_eq!(found(&test.store, slug).await, expected, "{slug}");
    }
    assert!(matches!(whole.begin_platform(None).await, Err(StoreError::Failed(_))));

    let unfinished = test.store.in_one_transaction().await.unwrap();
    part(&unfinished, "Third", true).await;
    drop(unfinished);
    assert!(!found(&test.store, "third").await);
}

#[tokio::test]
async fn a_part_that_fails_takes_nothing_else_along() {
    let test = TestStore::new().await;
    let whole = test.store.in_one_transaction().await.unwrap();
    part(&whole, "First", true).await;
    let again = tenant("First");
    let mut tx = whole.begin_platform(None).await.unwrap();
    tx.insert_tenant(&again, &[]).await.unwrap_err();
    drop(tx);
    part(&whole, "Second", true).await;
    whole.finish().await.unwrap();
    assert!(found(&test.store, "first").await && found(&test.store, "second").await);
}

#[tokio::test]
async fn there_is_one_part_at_a_time() {
    let test = TestStore::new().await;
    let whole = test.store.in_one_transaction().await.unwrap();
    let held = whole.begin_platform(None).await.unwrap();
    assert!(matches!(whole.begin_platform(None).await, Err(StoreError::Failed(_))));
    assert!(matches!(whole.clone().finish().await, Err(StoreError::Failed(_))));
    drop(held);
    whole.finish().await.unwrap();
    assert!(matches!(test.store.clone().finish().await, Err(StoreError::Failed(_))));
}

#[tokio::test]
async fn each_part_has_the_scope_that_it_was_begun_with() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let whole = test.store.in_one_transaction().await.unwrap();
    let mut tx = whole.begin_platform(Some(ours.id)).await.unwrap();
    assert!(tx.tenant(theirs.id).await.unwrap().is_some());
    tx.commit().await.unwrap();
    // What the platform may see, a tenant may not.
    let mut tx = whole.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    assert!(tx.shown_popups(10).await.unwrap().is_empty());
    tx.commit().await.unwrap();
    let mut tx = whole.begin_platform(None).await.unwrap();
    assert!(tx.tenant(ours.id).await.unwrap().is_some());
    tx.commit().await.unwrap();
    whole.finish().await.unwrap();
}
