use edgeos_domain::{
    Attendee, AttendeeCategory, AttendeeId, AttendeeTies, CheckIn, CheckInCode, CheckInId, Email,
    HumanId, PopupId,
};
use edgeos_ports::{
    AttendeeFilter, AttendeeViews, Attendees, CheckInFilter, CheckIns, Key, Store, StoreError,
    TenantScope, Transaction,
};
use sea_orm::prelude::Uuid;

use crate::{
    applications::{ALL, Slate, noon},
    support::uuid,
};

impl Slate {
    fn attendee(&self, category: AttendeeCategory, code: &str, email: Option<&str>) -> Attendee {
        Attendee {
            id: AttendeeId(uuid()),
            tenant: self.tenant.id,
            application: self.application,
            popup: self.popup,
            human: None,
            name: "Bo".to_owned(),
            category,
            email: email.map(|email| Email::parse(email).unwrap()),
            gender: None,
            check_in_code: CheckInCode::stored(code.to_owned()),
            poap_url: None,
            created_at: noon(),
            updated_at: noon(),
        }
    }

    /// A kid of the application, stored.
    async fn kid(&self, code: &str, email: Option<&str>) -> Attendee {
        let kid = self.attendee(AttendeeCategory::Kid, code, email);
        let mut tx = self.begin().await;
        assert!(tx.insert_attendee(&kid).await.unwrap());
        tx.commit().await.unwrap();
        kid
    }

    /// A product of the popup.
    async fn product(&self) -> Uuid {
        let sql = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price) \
                   VALUES (gen_random_uuid(), $1, $2, 'Pass', 'pass', 10) RETURNING id";
        let product = sqlx::query_scalar(sql).bind(self.tenant.id.0).bind(self.popup.0);
        product.fetch_one(&self.sql).await.unwrap()
    }

    async fn ties(&self, attendee: AttendeeId) -> AttendeeTies {
        let mut tx = self.begin().await;
        let all = tx.lock_attendees_of(&[self.application]).await.unwrap();
        all.into_iter().find(|held| held.attendee.id == attendee).unwrap().ties
    }

    fn check_in(&self, attendee: AttendeeId) -> CheckIn {
        CheckIn::new(CheckInId(uuid()), self.tenant.id, attendee, noon())
    }
}

#[tokio::test]
async fn a_taken_check_in_code_is_told_and_breaks_nothing() {
    let slate = Slate::new().await;
    let mut tx = slate.begin().await;
    let main = slate.attendee(AttendeeCategory::Main, "PAAAAAAAA", None);
    assert!(tx.insert_attendee(&main).await.unwrap());
    let kid = slate.attendee(AttendeeCategory::Kid, "PAAAAAAAA", None);
    assert!(!tx.insert_attendee(&kid).await.unwrap());
    let kid = slate.attendee(AttendeeCategory::Kid, "PBBBBBBBB", None);
    assert!(tx.insert_attendee(&kid).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_application_has_one_main_attendee_one_spouse_and_nobody_twice() {
    let slate = Slate::new().await;
    for (category, email, key) in [
        (AttendeeCategory::Main, None, Key::MainAttendee),
        (AttendeeCategory::Spouse, None, Key::Spouse),
        (AttendeeCategory::Kid, Some("k@x.com"), Key::AttendeeEmail),
    ] {
        let mut tx = slate.begin().await;
        let first = slate.attendee(category, "PAAAAAAAA", email);
        tx.insert_attendee(&first).await.unwrap();
        let second = slate.attendee(category, "PBBBBBBBB", email);
        let refused = tx.insert_attendee(&second).await;
        assert!(matches!(refused, Err(StoreError::Taken(taken)) if taken == key), "{refused:?}");
    }
}

#[tokio::test]
async fn two_attendees_may_swap_their_addresses() {
    let slate = Slate::new().await;
    let mut tx = slate.begin().await;
    let one = slate.attendee(AttendeeCategory::Kid, "PAAAAAAAA", Some("a@x.com"));
    let two = slate.attendee(AttendeeCategory::Kid, "PBBBBBBBB", Some("b@x.com"));
    for attendee in [&one, &two] {
        tx.insert_attendee(attendee).await.unwrap();
    }
    let swapped = [
        Attendee { email: two.email.clone(), ..one.clone() },
        Attendee { email: one.email.clone(), ..two.clone() },
    ];
    tx.update_attendees(&swapped).await.unwrap();
    let mut stored: Vec<_> = tx
        .lock_attendees_of(&[slate.application])
        .await
        .unwrap()
        .into_iter()
        .map(|held| (held.attendee.id, held.attendee.email))
        .collect();
    stored.sort_unstable();
    let mut expected = vec![(one.id, two.email), (two.id, one.email)];
    expected.sort_unstable();
    assert_eq!(stored, expected);
}

#[tokio::test]
async fn every_tie_of_an_attendee_is_told() {
    let slate = Slate::new().await;
    let kid = slate.kid("PAAAAAAAA", None).await;
    let product = slate.product().await;
    let none = AttendeeTies::default();
    assert_eq!(slate.ties(kid.id).await, none);

    let payment = "INSERT INTO payments (id, tenant_id, application_id, popup_id, amount) \
                   VALUES (gen_random_uuid(), $1, $2, $3, 10) RETURNING id";
    let payment = sqlx::query_scalar(payment)
        .bind(slate.tenant.id.0)
        .bind(slate.application.0)
        .bind(slate.popup.0);
    let payment: Uuid = payment.fetch_one(&slate.sql).await.unwrap();
    let line = "INSERT INTO payment_products (tenant_id, payment_id, product_id, attendee_id, \
                product_name, product_price, product_category) VALUES ($1, $2, $3, $4, 'P', 10, 'ticket')";
    let line = sqlx::query(line).bind(slate.tenant.id.0).bind(payment).bind(product);
    line.bind(kid.id.0).execute(&slate.sql).await.unwrap();
    let pending = AttendeeTies { pending_payment: true, payment: true, ..none };
    assert_eq!(slate.ties(kid.id).await, pending);
    let over = "UPDATE payments SET status = 'approved'";
    sqlx::query(over).execute(&slate.sql).await.unwrap();
    assert_eq!(slate.ties(kid.id).await, AttendeeTies { payment: true, ..none });

    let held =
        "INSERT INTO attendee_products (tenant_id, attendee_id, product_id) VALUES ($1, $2, $3)";
    let held = sqlx::query(held).bind(slate.tenant.id.0).bind(kid.id.0).bind(product);
    held.execute(&slate.sql).await.unwrap();
    let mut tx = slate.begin().await;
    tx.upsert_check_in(&slate.check_in(kid.id)).await.unwrap();
    tx.commit().await.unwrap();
    let all = AttendeeTies {
        holds_products: true,
        pending_payment: false,
        payment: true,
        check_in: true,
    };
    assert_eq!(slate.ties(kid.id).await, all);

    let mut tx = slate.begin().await;
    assert!(tx.delete_attendees(&[kid.id]).await.is_err());
}

#[tokio::test]
async fn an_attendee_has_one_check_in() {
    let slate = Slate::new().await;
    let kid = slate.kid("PAAAAAAAA", None).await;
    let mut tx = slate.begin().await;
    assert_eq!(tx.check_in(kid.id).await.unwrap(), None);
    let first = slate.check_in(kid.id).scanned(noon()).check_in;
    tx.upsert_check_in(&first).await.unwrap();
    assert_eq!(tx.check_in(kid.id).await.unwrap(), Some(first));
    // Another one takes its place, but not its name.
    let second = CheckIn { departure_date: Some(noon()), ..slate.check_in(kid.id) };
    tx.upsert_check_in(&second).await.unwrap();
    let stored = tx.check_in(kid.id).await.unwrap();
    assert_eq!(stored, Some(CheckIn { id: first.id, ..second }));
    tx.delete_check_in(kid.id).await.unwrap();
    assert_eq!(tx.check_in(kid.id).await.unwrap(), None);
    tx.delete_check_in(kid.id).await.unwrap();
}

#[tokio::test]
async fn what_is_locked_waits_and_is_told_to_be_busy() {
    let slate = Slate::new().await;
    let kid = slate.kid("PAAAAAAAA", None).await;
    let mut one = slate.begin().await;
    one.lock_attendee(kid.id).await.unwrap().unwrap();
    let mut two = slate.begin().await;
    let refused = two.lock_attendees_of(&[slate.application]).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    let mut three = slate.begin().await;
    let refused = three.lock_attendee(kid.id).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
}

#[tokio::test]
async fn only_an_application_that_counts_makes_a_companion() {
    let slate = Slate::new().await;
    let carl = "INSERT INTO humans (id, tenant_id, email) \
                VALUES (gen_random_uuid(), $1, 'carl@x.com') RETURNING id";
    let carl = sqlx::query_scalar(carl).bind(slate.tenant.id.0).fetch_one(&slate.sql);
    let carl = HumanId(carl.await.unwrap());
    let mut tx = slate.begin().await;
    let kid = slate.attendee(AttendeeCategory::Kid, "PAAAAAAAA", Some("carl@x.com"));
    tx.insert_attendee(&Attendee { human: Some(carl), ..kid }).await.unwrap();
    let main = slate.attendee(AttendeeCategory::Main, "PBBBBBBBB", Some("ada@x.com"));
    tx.insert_attendee(&Attendee { human: Some(slate.human), ..main }).await.unwrap();
    tx.commit().await.unwrap();
    for (status, counts) in [
        ("draft", true),
        ("pending_fee", true),
        ("in review", true),
        ("accepted", true),
        ("rejected", false),
        ("withdrawn", false),
    ] {
        let sql = "UPDATE applications SET status = $1";
        sqlx::query(sql).bind(status).execute(&slate.sql).await.unwrap();
        let mut tx = slate.begin().await;
        assert_eq!(tx.is_companion(carl, slate.popup).await.unwrap(), counts, "{status}");
        let accompanied = tx.accompanied(carl, slate.popup).await.unwrap();
        assert_eq!(accompanied, vec![slate.application; usize::from(counts)], "{status}");
        assert!(!tx.is_companion(slate.human, slate.popup).await.unwrap(), "{status}");
        assert!(!tx.is_companion(carl, PopupId(uuid())).await.unwrap(), "{status}");
    }
}

#[tokio::test]
async fn another_tenant_finds_no_attendee() {
    let slate = Slate::new().await;
    let kid = slate.kid("PAAAAAAAA", Some("k@x.com")).await;
    let code = &kid.check_in_code;
    let filter = AttendeeFilter::default();
    let arrivals = CheckInFilter { popup: slate.popup, arrived: None, search: None };
    let mut ours = slate.begin().await;
    ours.upsert_check_in(&slate.check_in(kid.id)).await.unwrap();
    assert_eq!(ours.attendee(kid.id).await.unwrap(), Some(kid.clone()));
    assert!(ours.attendee_by_code(slate.popup, code).await.unwrap().is_some());
    assert!(ours.attendee_by_code(PopupId(uuid()), code).await.unwrap().is_none());
    assert!(ours.code_holder(code).await.unwrap().is_some());
    assert_eq!(ours.attendee_views(&filter, ALL).await.unwrap().total, 1);
    assert_eq!(ours.check_ins(&arrivals, ALL).await.unwrap().total, 1);
    ours.commit().await.unwrap();

    let theirs = slate.db.tenant("Theirs").await;
    let mut tx = slate.db.store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    assert_eq!(tx.attendee(kid.id).await.unwrap(), None);
    assert_eq!(tx.lock_attendee(kid.id).await.unwrap(), None);
    assert_eq!(tx.lock_attendees_of(&[slate.application]).await.unwrap(), []);
    assert_eq!(tx.attendee_by_code(slate.popup, code).await.unwrap(), None);
    assert_eq!(tx.attendee_view(kid.id).await.unwrap(), None);
    assert_eq!(tx.code_holder(code).await.unwrap(), None);
    assert_eq!(tx.attendee_views(&filter, ALL).await.unwrap().total, 0);
    assert_eq!(tx.tickets_by_email("k@x.com").await.unwrap(), []);
    assert_eq!(tx.tickets_of(slate.human).await.unwrap(), []);
    assert_eq!(tx.check_in(kid.id).await.unwrap(), None);
    assert_eq!(tx.check_ins(&arrivals, ALL).await.unwrap().total, 0);
    tx.delete_check_in(kid.id).await.unwrap();
    tx.delete_attendees(&[kid.id]).await.unwrap();
    tx.commit().await.unwrap();
    let mut ours = slate.begin().await;
    assert!(ours.check_in(kid.id).await.unwrap().is_some());
}
