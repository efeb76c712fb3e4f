use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{Coupon, CouponCode, CouponId, CouponPercent, NewCoupon, Period, Popup};
use edgeos_ports::{
    CouponFilter, Coupons, Key, Paging, Store, StoreError, TenantScope, Transaction,
};
use edgeos_postgres::PgStore;
use futures_util::future::join_all;

use crate::support::{TestStore, patient, uuid};

fn noon() -> DateTime<Utc> {
    "2030-06-10T12:00:00Z".parse().unwrap()
}

/// A coupon that isn't stored.
fn coupon(popup: &Popup, code: &str, max_uses: Option<u32>) -> Coupon {
    let new = NewCoupon {
        code: CouponCode::parse(code).unwrap(),
        discount: CouponPercent::new(10).unwrap(),
        max_uses,
        start_date: None,
        end_date: None,
        is_active: true,
    };
    new.into_coupon(CouponId(uuid()), popup.tenant, popup.id, noon()).unwrap()
}

async fn store(store: &PgStore, coupon: &Coupon) {
    let mut tx = store.begin(&TenantScope::of_worker(coupon.tenant)).await.unwrap();
    tx.insert_coupon(coupon).await.unwrap();
    tx.commit().await.unwrap();
}

async fn uses(store: &PgStore, coupon: &Coupon) -> u32 {
    let mut tx = store.begin(&TenantScope::of_worker(coupon.tenant)).await.unwrap();
    tx.coupon(coupon.id).await.unwrap().unwrap().current_uses
}

#[tokio::test]
async fn a_coupon_comes_back_as_it_was_stored() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let plain = coupon(&popup, "plain", None);
    store(&test.store, &plain).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    assert_eq!(tx.coupon(plain.id).await.unwrap().as_ref(), Some(&plain));
    let full = Coupon {
        code: CouponCode::parse("full").unwrap(),
        discount: CouponPercent::new(100).unwrap(),
        max_uses: Some(2_147_483_647),
        period: Period::new(Some(noon()), Some(noon() + TimeDelta::microseconds(1))).unwrap(),
        is_active: false,
        updated_at: noon() + TimeDelta::hours(1),
        ..plain.clone()
    };
    tx.update_coupon(&full).await.unwrap();
    assert_eq!(tx.lock_coupon(plain.id).await.unwrap().as_ref(), Some(&full));
    assert_eq!(tx.coupon_by_code(popup.id, &full.code).await.unwrap(), Some(full));
    assert_eq!(tx.coupon_by_code(popup.id, &plain.code).await.unwrap(), None);
}

#[tokio::test]
async fn a_code_is_taken_within_its_popup() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let (fair, feast) = (test.popup(&tenant, "Fair").await, test.popup(&tenant, "Feast").await);
    store(&test.store, &coupon(&fair, "x", None)).await;
    store(&test.store, &coupon(&feast, "x", None)).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    let taken = tx.insert_coupon(&coupon(&fair, "X", None)).await;
    assert!(matches!(taken, Err(StoreError::Taken(Key::CouponCode))), "{taken:?}");
}

#[tokio::test]
async fn coupons_are_of_one_tenant() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let popup = test.popup(&ours, "Fair").await;
    let limited = coupon(&popup, "x", Some(1));
    store(&test.store, &limited).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    assert_eq!(tx.coupon(limited.id).await.unwrap(), None);
    assert_eq!(tx.coupon_by_code(popup.id, &limited.code).await.unwrap(), None);
    let all = Paging { skip: 0, limit: 100 };
    assert_eq!(tx.coupons(&CouponFilter::default(), all).await.unwrap().total, 0);
    assert!(!tx.claim_coupon_use(limited.id).await.unwrap());
    tx.reclaim_coupon_use(limited.id).await.unwrap();
    assert!(!tx.delete_coupon(limited.id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(uses(&test.store, &limited).await, 0);
    let mut tx = test.store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    let foreign = Coupon { tenant: theirs.id, ..coupon(&popup, "y", None) };
    assert!(matches!(tx.insert_coupon(&foreign).await, Err(StoreError::Missing(_))));
}

#[tokio::test]
async fn uses_are_claimed_released_and_claimed_again() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let (twice, always) = (coupon(&popup, "twice", Some(2)), coupon(&popup, "always", None));
    store(&test.store, &twice).await;
    store(&test.store, &always).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    for expected in [true, true, false] {
        assert_eq!(tx.claim_coupon_use(twice.id).await.unwrap(), expected);
        assert!(tx.claim_coupon_use(always.id).await.unwrap());
    }
    tx.release_coupon_use(twice.id).await.unwrap();
    assert!(tx.claim_coupon_use(twice.id).await.unwrap());
    // Late money counts beyond the maximum.
    tx.reclaim_coupon_use(twice.id).await.unwrap();
    assert_eq!(tx.coupon(twice.id).await.unwrap().unwrap().current_uses, 3);
    for _ in 0..5 {
        tx.release_coupon_use(twice.id).await.unwrap();
    }
    assert_eq!(tx.coupon(twice.id).await.unwrap().unwrap().current_uses, 0);
    // What isn't there has no uses, and harms nobody.
    let gone = CouponId(uuid());
    assert!(!tx.claim_coupon_use(gone).await.unwrap());
    tx.reclaim_coupon_use(gone).await.unwrap();
    tx.release_coupon_use(gone).await.unwrap();
}

#[tokio::test]
async fn a_claim_that_does_not_commit_is_none() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let once = coupon(&popup, "once", Some(1));
    store(&test.store, &once).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    assert!(tx.claim_coupon_use(once.id).await.unwrap());
    drop(tx);
    assert_eq!(uses(&test.store, &once).await, 0);
}

/// Nobody has changed the coupon meanwhile, and everybody waits for everybody.
#[tokio::test]
async fn the_last_use_is_claimed_by_one_of_sixty_four() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let crowd = PgStore::connect(&patient(&test.database));
    for round in 0..20 {
        let once = coupon(&popup, &format!("once{round}"), Some(1));
        store(&test.store, &once).await;
        let claims = (0..64).map(|_| {
            let (crowd, once) = (crowd.clone(), once.clone());
            tokio::spawn(async move {
                let mut tx = crowd.begin(&TenantScope::of_worker(once.tenant)).await.unwrap();
                let claimed = tx.claim_coupon_use(once.id).await.unwrap();
                tx.commit().await.unwrap();
                claimed
            })
        });
        let claims = join_all(claims).await;
        let claimed = claims.into_iter().filter(|claim| *claim.as_ref().unwrap()).count();
        assert_eq!((claimed, uses(&test.store, &once).await), (1, 1), "round {round}");
    }
}
