use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{
    Cart, CartHousing, CartId, CartMerch, CartPass, CartPatron, CartState, Email, Human, HumanId,
    PopupId, Profile, Tenant,
};
use edgeos_ports::{Carts, Humans, Paging, Resource, Store, StoreError, TenantScope, Transaction};

use crate::support::{TestStore, uuid};

const ALL: Paging = Paging { skip: 0, limit: 100 };

async fn human(test: &TestStore, tenant: &Tenant) -> Human {
    let id = HumanId(uuid());
    let human = Human {
        id,
        tenant: tenant.id,
        email: Email::parse(&format!("{id}@example.com")).unwrap(),
        profile: Profile::default(),
        picture_url: None,
        red_flag: false,
    };
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    assert!(tx.insert_human_if_new(&human).await.unwrap());
    tx.commit().await.unwrap();
    human
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn cart(human: &Human, popup: PopupId, second: i64, items: CartState) -> Cart {
    Cart {
        id: CartId(uuid()),
        tenant: human.tenant,
        human: human.id,
        popup,
        items,
        created_at: at(second),
        updated_at: at(second),
    }
}

fn full() -> CartState {
    CartState {
        passes: vec![CartPass { attendee: "a".to_owned(), product: "p".to_owned(), quantity: 2 }],
        housing: Some(CartHousing {
            product: "h".to_owned(),
            check_in: "2026-06-01".to_owned(),
            check_out: "2026-06-02".to_owned(),
        }),
        merch: vec![CartMerch { product: "m".to_owned(), quantity: 1 }],
        patron: Some(CartPatron {
            product: "x".to_owned(),
            amount: 2500.55,
            is_custom_amount: true,
        }),
        promo_code: Some("EARLY".to_owned()),
        insurance: true,
        current_step: Some("confirm".to_owned()),
    }
}

#[tokio::test]
async fn a_cart_is_stored_once_and_changes_only_when_it_does() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await.id;
    let human = human(&test, &tenant).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    assert_eq!(tx.cart(human.id, popup).await.unwrap(), None);
    let first = cart(&human, popup, 1, full());
    assert_eq!(tx.put_cart(&first).await.unwrap(), first);
    assert_eq!(tx.put_cart(&cart(&human, popup, 2, full())).await.unwrap(), first);
    let emptied = tx.put_cart(&cart(&human, popup, 3, CartState::default())).await.unwrap();
    let expected = Cart { items: CartState::default(), updated_at: at(3), ..first };
    assert_eq!(emptied, expected);
    assert_eq!(tx.cart(human.id, popup).await.unwrap(), Some(expected));
    assert!(tx.delete_cart(human.id, popup).await.unwrap());
    assert!(!tx.delete_cart(human.id, popup).await.unwrap());
}

#[tokio::test]
async fn carts_are_listed_by_their_latest_change() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let other = test.popup(&tenant, "Other").await.id;
    let (ann, ben) = (human(&test, &tenant).await, human(&test, &tenant).await);
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    for cart in [
        cart(&ann, popup.id, 2, full()),
        cart(&ben, popup.id, 3, CartState::default()),
        cart(&ann, other, 1, CartState::default()),
    ] {
        tx.put_cart(&cart).await.unwrap();
    }
    let page = tx.carts(None, ALL).await.unwrap();
    let seen: Vec<_> = page.items.iter().map(|view| (view.cart.human, view.cart.popup)).collect();
    assert_eq!(seen, [(ben.id, popup.id), (ann.id, popup.id), (ann.id, other)]);
    assert_eq!((page.total, page.items[1].cart.items.clone()), (3, full()));
    assert_eq!(page.items[1].human.email, ann.email.as_str());
    assert_eq!(page.items[1].popup.slug, popup.slug.as_str());
    let second = tx.carts(Some(popup.id), Paging { skip: 1, limit: 1 }).await.unwrap();
    assert_eq!((second.total, second.items.len()), (2, 1));
    assert_eq!(second.items[0], page.items[1]);
}

#[tokio::test]
async fn an_old_cart_is_read_as_far_as_it_can_be() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await.id;
    let human = human(&test, &tenant).await;
    let sql = test.database.superuser().await.unwrap();
    let pass = CartPass { attendee: "a".to_owned(), product: "p".to_owned(), quantity: -5 };
    let passes = CartState { passes: vec![pass], ..CartState::default() };
    for (items, read) in [
        ("{}", CartState::default()),
        (
            r#"{"passes": [{"attendee_id": "a", "product_id": "p", "quantity": -5}], "x": 1}"#,
            passes,
        ),
        (r#"{"passes": 7}"#, CartState::default()),
    ] {
        let insert = "INSERT INTO carts (id, tenant_id, human_id, popup_id, items) \
                      VALUES (gen_random_uuid(), $1, $2, $3, $4::text::jsonb) \
                      ON CONFLICT (tenant_id, human_id, popup_id) DO UPDATE SET items = excluded.items";
        let insert = sqlx::query(insert).bind(tenant.id.0).bind(human.id.0).bind(popup.0);
        insert.bind(items).execute(&sql).await.unwrap();
        let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
        assert_eq!(tx.cart(human.id, popup).await.unwrap().unwrap().items, read, "{items}");
        assert_eq!(tx.carts(None, ALL).await.unwrap().items[0].cart.items, read, "{items}");
    }
}

#[tokio::test]
async fn another_tenants_carts_and_popups_arent_there() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let popup = test.popup(&ours, "Fair").await.id;
    let (human, stranger) = (human(&test, &ours).await, human(&test, &theirs).await);
    let mut tx = test.store.begin(&TenantScope::of_worker(ours.id)).await.unwrap();
    tx.put_cart(&cart(&human, popup, 1, full())).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = test.store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    assert_eq!(tx.cart(human.id, popup).await.unwrap(), None);
    assert_eq!(tx.carts(None, ALL).await.unwrap().total, 0);
    assert!(!tx.delete_cart(human.id, popup).await.unwrap());
    let foreign = tx.put_cart(&cart(&stranger, popup, 1, full())).await;
    assert!(matches!(foreign, Err(StoreError::Missing(Resource::Popup))), "{foreign:?}");
}
