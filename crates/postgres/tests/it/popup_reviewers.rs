use chrono::{DateTime, TimeDelta};
use edgeos_domain::{
    PopupId, PopupReviewer, ReviewerId, Role, StaffEmail, Tenant, User, UserId, WeightMultiplier,
};
use edgeos_ports::{
    Key, Paging, PlatformStore, PopupReviewers, Store, StoreError, TenantScope, Transaction, Users,
};

use crate::support::{TestStore, uuid};

const ALL: Paging = Paging { skip: 0, limit: 100 };

async fn user(test: &TestStore, tenant: &Tenant, role: Role) -> User {
    let id = UserId(uuid());
    let user = User {
        id,
        email: StaffEmail::parse(&format!("{id}@x.example.com")).unwrap(),
        full_name: Some("Ann".to_owned()),
        role,
        tenant: Some(tenant.id),
        deleted: false,
    };
    let mut tx = test.store.begin_platform(Some(tenant.id)).await.unwrap();
    tx.insert_user(&user).await.unwrap();
    tx.commit().await.unwrap();
    user
}

fn designation(tenant: &Tenant, popup: PopupId, user: &User, second: i64) -> PopupReviewer {
    PopupReviewer {
        id: ReviewerId(uuid()),
        tenant: tenant.id,
        popup,
        user: user.id,
        is_required: false,
        weight_multiplier: WeightMultiplier::ONE,
        created_at: DateTime::UNIX_EPOCH + TimeDelta::seconds(second),
    }
}

#[tokio::test]
async fn reviewers_are_listed_in_the_order_of_their_designation() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let other = test.popup(&tenant, "Other").await;
    let admin = user(&test, &tenant, Role::Admin).await;
    let viewer = user(&test, &tenant, Role::Viewer).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    let late = designation(&tenant, popup.id, &admin, 2);
    let early = designation(&tenant, popup.id, &viewer, 1);
    for reviewer in [&late, &early, &designation(&tenant, other.id, &admin, 0)] {
        tx.insert_reviewer(reviewer).await.unwrap();
    }
    let page = tx.reviewers(popup.id, ALL).await.unwrap();
    assert_eq!(page.total, 2);
    let seen: Vec<_> = page.items.iter().map(|view| (view.reviewer.user, view.is_active)).collect();
    assert_eq!(seen, [(viewer.id, false), (admin.id, true)]);
    assert_eq!(page.items[0].user_email.as_deref(), Some(viewer.email.as_str()));
    let second = tx.reviewers(popup.id, Paging { skip: 1, limit: 1 }).await.unwrap();
    assert_eq!(second.items[0].reviewer, late);

    let weight = WeightMultiplier::new(0.3).unwrap();
    let changed = PopupReviewer { is_required: true, weight_multiplier: weight, ..early.clone() };
    tx.update_reviewer(&changed).await.unwrap();
    let stored = tx.lock_reviewer(popup.id, viewer.id).await.unwrap().unwrap();
    assert_eq!(stored.reviewer, changed);
    assert!(tx.delete_reviewer(popup.id, viewer.id).await.unwrap());
    assert!(!tx.delete_reviewer(popup.id, viewer.id).await.unwrap());
    let again = tx.insert_reviewer(&designation(&tenant, popup.id, &admin, 3)).await;
    assert!(matches!(again, Err(StoreError::Taken(Key::Reviewer))), "{again:?}");
}

#[tokio::test]
async fn another_tenants_reviewers_arent_there() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let popup = test.popup(&ours, "Fair").await;
    let admin = user(&test, &ours, Role::Admin).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(ours.id)).await.unwrap();
    tx.insert_reviewer(&designation(&ours, popup.id, &admin, 0)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = test.store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    assert_eq!(tx.reviewers(popup.id, ALL).await.unwrap().total, 0);
    assert_eq!(tx.lock_reviewer(popup.id, admin.id).await.unwrap(), None);
    assert!(!tx.delete_reviewer(popup.id, admin.id).await.unwrap());
}
