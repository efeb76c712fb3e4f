use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use edgeos_domain::{
    ApplicationFee, ApprovalStrategy, NewPopup, Popup, PopupChange, PopupId, PopupSlug,
    PopupStatus, Strategy, StrategyId, StrategyRules, Tenant,
};
use edgeos_ports::{
    ApprovalStrategies, Key, Paging, Popups, Store, StoreError, TenantScope, Transaction,
};

use crate::support::{TestStore, uuid};

const ALL: Paging = Paging { skip: 0, limit: 100 };

fn noon() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2030, 6, 10).unwrap().and_hms_opt(12, 0, 0).unwrap().and_utc()
}

/// A popup of this name that isn't stored.
pub(crate) fn popup(tenant: &Tenant, name: &str) -> Popup {
    let new = NewPopup {
        name: name.to_owned(),
        tagline: None,
        location: None,
        start_date: None,
        end_date: None,
        status: PopupStatus::Draft,
        allows_spouse: false,
        allows_children: false,
        allows_coupons: false,
        allows_scholarship: false,
        allows_incentive: false,
        image_url: None,
        icon_url: None,
        express_checkout_background: None,
        web_url: None,
        blog_url: None,
        twitter_url: None,
        terms_and_conditions_url: None,
        invoice_company_name: None,
        invoice_company_address: None,
        invoice_company_email: None,
        requires_application_fee: false,
        application_fee_amount: None,
    };
    new.into_popup(PopupId(uuid()), tenant.id, [0; 4], noon()).unwrap()
}

impl TestStore {
    /// A popup of this name.
    pub(crate) async fn popup(&self, tenant: &Tenant, name: &str) -> Popup {
        let popup = popup(tenant, name);
        let mut tx = self.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
        tx.insert_popup(&popup).await.unwrap();
        tx.commit().await.unwrap();
        popup
    }
}

#[tokio::test]
async fn a_popup_comes_back_as_it_was_stored() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let scope = TenantScope::of_worker(tenant.id);
    let plain = test.popup(&tenant, "Fair").await;
    let mut tx = test.store.begin(&scope).await.unwrap();
    assert_eq!(tx.popup(plain.id).await.unwrap().as_ref(), Some(&plain));

    let text = |text: &str| Some(text.to_owned());
    let full = Popup {
        name: "Great fair".to_owned(),
        slug: PopupSlug::parse("great-fair").unwrap(),
        tagline: text("t"),
        location: text("l"),
        start_date: Some(noon().naive_utc()),
        end_date: Some(noon().naive_utc() + TimeDelta::microseconds(1)),
        status: PopupStatus::Archived,
        allows_spouse: true,
        allows_children: true,
        allows_coupons: true,
        allows_scholarship: true,
        allows_incentive: true,
        image_url: text("i"),
        icon_url: text("c"),
        express_checkout_background: text("e"),
        web_url: text("w"),
        blog_url: text("b"),
        twitter_url: text("x"),
        terms_and_conditions_url: text("u"),
        payment_key: text("sealed"),
        invoice_company_name: text("n"),
        invoice_company_address: text("a"),
        invoice_company_email: text("m"),
        fee: ApplicationFee::new(true, Some("99999999.99".parse().unwrap())).unwrap(),
        updated_at: noon() + TimeDelta::hours(1),
        ..plain.clone()
    };
    tx.update_popup(&full).await.unwrap();
    assert_eq!(tx.popup(full.id).await.unwrap().as_ref(), Some(&full));
    assert_eq!(tx.popup_by_slug("great-fair").await.unwrap(), Some(full));
    assert_eq!(tx.popup_by_slug("fair").await.unwrap(), None);
}

#[tokio::test]
async fn popups_are_of_one_tenant() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let fair = test.popup(&ours, "Fair").await;
    test.popup(&theirs, "Fair").await;
    let mut tx = test.store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    assert_eq!(tx.popup(fair.id).await.unwrap(), None);
    assert_eq!(tx.lock_popup(fair.id).await.unwrap(), None);
    assert_eq!(tx.popups(None, ALL).await.unwrap().total, 1);
    let taken = tx.insert_popup(&popup(&theirs, "Fair")).await;
    assert!(matches!(taken, Err(StoreError::Taken(Key::PopupSlug))), "{taken:?}");
}

#[tokio::test]
async fn popups_are_listed_by_age() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let scope = TenantScope::of_worker(tenant.id);
    let mut tx = test.store.begin(&scope).await.unwrap();
    for (name, age, status) in [
        ("New", 1, PopupStatus::Active),
        ("Old", 3, PopupStatus::Active),
        ("Hidden", 2, PopupStatus::Draft),
    ] {
        let made = noon() - TimeDelta::days(age);
        let change = PopupChange { status: Some(status), ..PopupChange::default() };
        let popup = popup(&tenant, name).changed(change, noon()).unwrap();
        tx.insert_popup(&Popup { created_at: made, ..popup }).await.unwrap();
    }
    let names = |popups: Vec<Popup>| popups.into_iter().map(|p| p.name).collect::<Vec<_>>();
    assert_eq!(names(tx.popups(None, ALL).await.unwrap().items), ["Old", "Hidden", "New"]);
    let one = tx.popups(None, Paging { skip: 1, limit: 1 }).await.unwrap();
    assert_eq!((names(one.items), one.total), (vec!["Hidden".to_owned()], 3));
    assert_eq!(names(tx.popups(Some("OL"), ALL).await.unwrap().items), ["Old"]);
    assert_eq!(tx.popups(Some("%"), ALL).await.unwrap().total, 0);
    assert_eq!(names(tx.shown_popups(10).await.unwrap()), ["Old", "New"]);
    assert_eq!(names(tx.shown_popups(1).await.unwrap()), ["Old"]);
}

#[tokio::test]
async fn a_held_popup_stays_as_it_is() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let scope = TenantScope::of_worker(tenant.id);
    let popup = test.popup(&tenant, "Fair").await;
    let mut holder = test.store.begin(&scope).await.unwrap();
    holder.hold_popup(popup.id).await.unwrap().unwrap();
    let mut another = test.store.begin(&scope).await.unwrap();
    another.hold_popup(popup.id).await.unwrap().unwrap();
    let mut writer = test.store.begin(&scope).await.unwrap();
    let refused = writer.lock_popup(popup.id).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
}

#[tokio::test]
async fn a_popup_has_one_strategy() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let popup = test.popup(&ours, "Fair").await;
    let mut tx = test.store.begin(&TenantScope::of_worker(ours.id)).await.unwrap();
    assert_eq!(tx.strategy(popup.id).await.unwrap(), None);
    let first = ApprovalStrategy::of_new_popup(StrategyId(uuid()), ours.id, popup.id, noon());
    assert_eq!(tx.put_strategy(&first).await.unwrap(), first);
    let later = noon() + TimeDelta::hours(1);
    let rules = StrategyRules { required_approvals: 7, ..StrategyRules::default() };
    let second = ApprovalStrategy {
        id: StrategyId(uuid()),
        strategy: Strategy::new(rules).unwrap(),
        created_at: later,
        updated_at: later,
        ..first
    };
    let stored = tx.put_strategy(&second).await.unwrap();
    assert_eq!(stored, ApprovalStrategy { id: first.id, created_at: noon(), ..second });
    assert_eq!(tx.strategy(popup.id).await.unwrap(), Some(stored));
    tx.commit().await.unwrap();

    let mut tx = test.store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    assert_eq!(tx.strategy(popup.id).await.unwrap(), None);
    assert!(!tx.delete_strategy(popup.id).await.unwrap());
    let mut tx = test.store.begin(&TenantScope::of_worker(ours.id)).await.unwrap();
    assert!(tx.delete_strategy(popup.id).await.unwrap());
    assert!(!tx.delete_strategy(popup.id).await.unwrap());
}
