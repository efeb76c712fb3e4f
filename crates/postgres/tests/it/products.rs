use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{
    ApplicationId, AttendeeCategory, NewProduct, Offer, Percentage, Period, Popup, Price, Product,
    ProductCategory, ProductId, ProductKind, ProductSlug, TicketDuration,
};
use edgeos_ports::{
    Deletion, Key, Paging, ProductFilter, Products, Store, StoreError, TenantScope, Transaction,
};
use edgeos_postgres::PgStore;
use futures_util::future::{join, join_all};
use sea_orm::{
    prelude::Uuid,
    sqlx::{self, PgPool},
};

use crate::support::{TestStore, patient, uuid};

const ALL: Paging = Paging { skip: 0, limit: 100 };

fn noon() -> DateTime<Utc> {
    "2030-06-10T12:00:00Z".parse().unwrap()
}

/// A ticket that isn't stored.
fn product(popup: &Popup, name: &str, max_quantity: Option<u32>) -> Product {
    let new = NewProduct {
        name: name.to_owned(),
        slug: None,
        price: Price::new(100.into()).unwrap(),
        compare_price: None,
        description: None,
        image_url: None,
        category: ProductCategory::Ticket,
        attendee_category: None,
        duration_type: None,
        start_date: None,
        end_date: None,
        is_active: true,
        exclusive: false,
        max_quantity,
        insurance_percentage: None,
    };
    new.into_product(ProductId(uuid()), popup.tenant, popup.id, noon()).unwrap()
}

async fn store(store: &PgStore, product: &Product) {
    let mut tx = store.begin(&TenantScope::of_worker(product.tenant)).await.unwrap();
    tx.insert_products(std::slice::from_ref(product)).await.unwrap();
    tx.commit().await.unwrap();
}

/// Somebody's application to `popup`, which brings one attendee; both ids.
async fn applicant(sql: &PgPool, popup: &Popup) -> (ApplicationId, Uuid) {
    let human = "INSERT INTO humans (id, tenant_id, email) \
                 VALUES (gen_random_uuid(), $1, gen_random_uuid() || '@x.example') RETURNING id";
    let human = sqlx::query_scalar(human).bind(popup.tenant.0).fetch_one(sql).await;
    let application = "INSERT INTO applications (id, tenant_id, popup_id, human_id, status) \
                       VALUES (gen_random_uuid(), $1, $2, $3, 'accepted') RETURNING id";
    let application = sqlx::query_scalar(application).bind(popup.tenant.0).bind(popup.id.0);
    let application: Uuid = application.bind::<Uuid>(human.unwrap()).fetch_one(sql).await.unwrap();
    let attendee = "INSERT INTO attendees (id, tenant_id, application_id, popup_id, name, category, check_in_code) \
                    VALUES (gen_random_uuid(), $1, $2, $3, 'Ann', 'main', upper(gen_random_uuid()::text)) RETURNING id";
    let attendee = sqlx::query_scalar(attendee).bind(popup.tenant.0).bind(application);
    let attendee = attendee.bind(popup.id.0).fetch_one(sql).await.unwrap();
    (ApplicationId(application), attendee)
}

async fn hold(sql: &PgPool, product: &Product, attendee: Uuid, quantity: i32) {
    let held = "INSERT INTO attendee_products (tenant_id, attendee_id, product_id, quantity) \
                VALUES ($1, $2, $3, $4)";
    let held = sqlx::query(held).bind(product.tenant.0).bind(attendee).bind(product.id.0);
    held.bind(quantity).execute(sql).await.unwrap();
}

/// A payment that is to add units of `product`, by its plan or, without one, by what it names.
async fn payment(
    sql: &PgPool,
    product: &Product,
    (application, attendee): (ApplicationId, Uuid),
    status: &str,
    planned: Option<i32>,
    named: i32,
) {
    let plan = planned.map(|quantity| {
        format!(
            r#"{{"add": [{{"attendee_id": "{attendee}", "product_id": "{}", "quantity": {quantity}, "paid": "1.00"}}],
                "remove": [{{"attendee_id": "{attendee}", "product_id": "{}", "quantity": 9}}]}}"#,
            product.id, product.id,
        )
    });
    let payment = "INSERT INTO payments (id, tenant_id, application_id, popup_id, status, amount, settlement) \
                   VALUES (gen_random_uuid(), $1, $2, $3, $4, 1, $5::jsonb) RETURNING id";
    let payment = sqlx::query_scalar(payment).bind(product.tenant.0).bind(application.0);
    let payment = payment.bind(product.popup.0).bind(status).bind(plan);
    let payment: Uuid = payment.fetch_one(sql).await.unwrap();
    let line = "INSERT INTO payment_products (tenant_id, payment_id, product_id, attendee_id, quantity, \
                product_name, product_price, product_category) VALUES ($1, $2, $3, $4, $5, 'P', 1, 'ticket')";
    let line = sqlx::query(line).bind(product.tenant.0).bind(payment).bind(product.id.0);
    line.bind(attendee).bind(named).execute(sql).await.unwrap();
}

#[tokio::test]
async fn a_product_comes_back_as_it_was_stored() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let plain = product(&popup, "Plain", None);
    store(&test.store, &plain).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    assert_eq!(tx.product(plain.id).await.unwrap().as_ref(), Some(&plain));
    let mut full = Product {
        name: "Full".to_owned(),
        slug: ProductSlug::wanted("full"),
        price: Price::new("99999999.99".parse().unwrap()).unwrap(),
        compare_price: Some(Price::new(0.into()).unwrap()),
        description: Some("d".to_owned()),
        image_url: Some("i".to_owned()),
        period: Period::new(Some(noon()), Some(noon() + TimeDelta::microseconds(1))).unwrap(),
        is_active: false,
        exclusive: true,
        max_quantity: Some(2_147_483_647),
        insurance_percentage: Some(Percentage::new("99.99".parse().unwrap()).unwrap()),
        updated_at: noon() + TimeDelta::hours(1),
        ..plain
    };
    let attendees = [AttendeeCategory::Main, AttendeeCategory::Spouse, AttendeeCategory::Kid];
    let durations =
        [TicketDuration::Day, TicketDuration::Week, TicketDuration::Month, TicketDuration::Full];
    let tickets = attendees.into_iter().flat_map(|attendee| {
        let ticket = move |duration| ProductKind::Ticket {
            attendee: Some(attendee),
            duration: Some(duration),
        };
        durations.map(ticket)
    });
    let others =
        ProductCategory::ALL.map(|category| ProductKind::new(category, None, None).unwrap());
    for kind in tickets.chain(others) {
        full.kind = kind;
        tx.update_product(&full).await.unwrap();
        assert_eq!(tx.lock_product(full.id).await.unwrap().as_ref(), Some(&full));
    }
}

#[tokio::test]
async fn products_are_of_one_tenant_and_one_popup() {
    let test = TestStore::new().await;
    let (ours, theirs) = (test.tenant("Ours").await, test.tenant("Theirs").await);
    let (fair, feast) = (test.popup(&ours, "Fair").await, test.popup(&ours, "Feast").await);
    let (one, other) = (product(&fair, "One", None), product(&feast, "Other", None));
    store(&test.store, &one).await;
    store(&test.store, &other).await;
    let ids = [other.id, one.id, ProductId(uuid())];
    let mut tx = test.store.begin(&TenantScope::of_worker(ours.id)).await.unwrap();
    assert_eq!(tx.products_of(fair.id, &ids).await.unwrap(), std::slice::from_ref(&one));
    assert_eq!(tx.lock_products(fair.id, &ids).await.unwrap(), std::slice::from_ref(&one));
    assert_eq!(tx.lock_products(fair.id, &[]).await.unwrap(), []);
    drop(tx);
    let mut tx = test.store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    assert_eq!(tx.product(one.id).await.unwrap(), None);
    assert_eq!(tx.products_of(fair.id, &ids).await.unwrap(), []);
    assert!(tx.product_slugs(fair.id, None).await.unwrap().is_empty());
    assert_eq!(tx.products(&ProductFilter::default(), None, ALL).await.unwrap().total, 0);
    assert_eq!(tx.delete_product(one.id).await.unwrap(), Deletion::Missing);
    let foreign = Product { tenant: theirs.id, ..product(&fair, "Foreign", None) };
    let refused = tx.insert_products(&[foreign]).await;
    assert!(matches!(refused, Err(StoreError::Missing(_))), "{refused:?}");
}

#[tokio::test]
async fn a_slug_is_taken_within_its_popup() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let (fair, feast) = (test.popup(&tenant, "Fair").await, test.popup(&tenant, "Feast").await);
    for name in ["Gen Adm", "Gen", "Adm"] {
        store(&test.store, &product(&fair, name, None)).await;
    }
    store(&test.store, &product(&feast, "Gen Adm", None)).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    let like = tx.product_slugs(fair.id, Some(&ProductSlug::wanted("gen"))).await.unwrap();
    assert_eq!(like, ["gen", "gen-adm"].map(str::to_owned).into());
    assert_eq!(tx.product_slugs(fair.id, None).await.unwrap().len(), 3);
    let taken = tx.insert_products(&[product(&fair, "GEN", None)]).await;
    assert!(matches!(taken, Err(StoreError::Taken(Key::ProductSlug))), "{taken:?}");
}

#[tokio::test]
async fn units_are_taken_by_holders_and_by_pending_payments_of_others() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let sql = test.database.superuser().await.unwrap();
    let (bed, cup, mug) = (
        product(&popup, "Bed", Some(9)),
        product(&popup, "Cup", None),
        product(&popup, "Mug", None),
    );
    for product in [&bed, &cup, &mug] {
        store(&test.store, product).await;
    }
    let (buyer, other) = (applicant(&sql, &popup).await, applicant(&sql, &popup).await);
    hold(&sql, &bed, buyer.1, 2).await;
    hold(&sql, &bed, other.1, 1).await;
    for (status, planned) in [("pending", 4), ("approved", 8), ("expired", 16), ("cancelled", 32)] {
        payment(&sql, &bed, other, status, Some(planned), 1000).await;
        payment(&sql, &bed, buyer, status, Some(planned), 1000).await;
    }
    // Of payments without a plan what they name counts.
    payment(&sql, &bed, other, "pending", None, 64).await;
    payment(&sql, &bed, other, "pending", None, -7).await;
    payment(&sql, &bed, buyer, "pending", None, 128).await;
    payment(&sql, &cup, other, "pending", Some(3), 1).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    let ids = [bed.id, mug.id];
    let taken = tx.taken_units(popup.id, &ids, buyer.0).await.unwrap();
    assert_eq!(taken, HashMap::from([(bed.id, 2 + 1 + 4 + 64)]));
    let taken = tx.taken_units(popup.id, &[cup.id], other.0).await.unwrap();
    assert_eq!(taken, HashMap::new());
    assert_eq!(tx.taken_units(popup.id, &[], buyer.0).await.unwrap(), HashMap::new());
}

#[tokio::test]
async fn what_is_sold_is_not_deleted() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let sql = test.database.superuser().await.unwrap();
    let (bed, cup, mug) =
        (product(&popup, "Bed", None), product(&popup, "Cup", None), product(&popup, "Mug", None));
    for product in [&bed, &cup, &mug] {
        store(&test.store, product).await;
    }
    let somebody = applicant(&sql, &popup).await;
    hold(&sql, &bed, somebody.1, 1).await;
    payment(&sql, &cup, somebody, "expired", None, 1).await;
    let mut tx = test.store.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
    assert_eq!(tx.delete_product(bed.id).await.unwrap(), Deletion::InUse);
    assert_eq!(tx.delete_product(cup.id).await.unwrap(), Deletion::InUse);
    assert_eq!(tx.delete_product(mug.id).await.unwrap(), Deletion::Done);
    assert_eq!(tx.delete_product(mug.id).await.unwrap(), Deletion::Missing);
    tx.commit().await.unwrap();
}

/// A sale under way is waited for, whichever comes first.
#[tokio::test]
async fn what_is_being_sold_is_not_deleted() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let sql = test.database.superuser().await.unwrap();
    let (_, attendee) = applicant(&sql, &popup).await;
    let crowd = PgStore::connect(&patient(&test.database));
    for name in ["One", "Two", "Three"] {
        let sold = product(&popup, name, None);
        store(&test.store, &sold).await;
        let mut sale = sql.begin().await.unwrap();
        let held = "INSERT INTO attendee_products (tenant_id, attendee_id, product_id) VALUES ($1, $2, $3)";
        let held = sqlx::query(held).bind(tenant.id.0).bind(attendee).bind(sold.id.0);
        held.execute(&mut *sale).await.unwrap();
        let mut tx = crowd.begin(&TenantScope::of_worker(tenant.id)).await.unwrap();
        let (deleted, sale) = join(tx.delete_product(sold.id), sale.commit()).await;
        sale.unwrap();
        assert_eq!(deleted.unwrap(), Deletion::InUse, "{name}");
    }
}

/// Everybody counts what is taken under the lock, and takes one if there is one.
#[tokio::test]
async fn the_last_unit_is_sold_to_one_of_sixty_four() {
    let test = TestStore::new().await;
    let tenant = test.tenant("Ours").await;
    let popup = test.popup(&tenant, "Fair").await;
    let sql = test.database.superuser().await.unwrap();
    let crowd = PgStore::connect(&patient(&test.database));
    let buyers = join_all((0..64).map(|_| applicant(&sql, &popup))).await;
    for round in 0..20 {
        let last = product(&popup, &format!("Last {round}"), Some(1));
        store(&test.store, &last).await;
        let sales = buyers.iter().map(|&(application, attendee)| {
            let (crowd, sql, last) = (crowd.clone(), sql.clone(), last.clone());
            tokio::spawn(async move {
                let mut tx = crowd.begin(&TenantScope::of_worker(last.tenant)).await.unwrap();
                let locked = tx.lock_products(last.popup, &[last.id]).await.unwrap();
                let taken = tx.taken_units(last.popup, &[last.id], application).await.unwrap();
                let taken = taken.get(&last.id).copied().unwrap_or_default();
                let left = Offer::of(&locked[0], taken).available.unwrap();
                if left > 0 {
                    hold(&sql, &last, attendee, 1).await;
                }
                tx.commit().await.unwrap();
                left > 0
            })
        });
        let sales = join_all(sales).await;
        let sold = sales.into_iter().filter(|sale| *sale.as_ref().unwrap()).count();
        assert_eq!(sold, 1, "round {round}");
    }
}
