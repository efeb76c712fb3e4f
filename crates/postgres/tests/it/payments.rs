use chrono::{DateTime, TimeDelta, Utc};
use edgeos_domain::{
    Application, AttendeeId, Currency, Holding, HoldingChanges, Payment, PaymentId,
    PaymentProgress, PaymentStatus, PaymentTerms, PaymentType, ProductId, Rate, Settlement, Units,
};
use edgeos_ports::{
    Applications, Belongings, IdempotencyKeys, IdempotentRequest, Key, KeyClaim, Paging,
    PaidInstallment, PaymentFilter, PaymentLine, PaymentTenants, Payments, PlatformStore, Resource,
    Store, StoreError, StoredAnswer, TenantScope, Transaction,
};
use edgeos_postgres::{PgStore, PgTx};
use futures_util::future::join_all;
use rust_decimal::Decimal;
use sea_orm::prelude::Uuid;

use crate::{
    applications::{ALL, Slate, noon},
    support::{patient, uuid},
};

fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// An application with an attendee, and something to sell.
struct Desk {
    slate: Slate,
    application: Application,
    attendee: AttendeeId,
    products: [ProductId; 2],
}

impl Desk {
    async fn new() -> Self {
        Self::on(Slate::new().await).await
    }

    async fn on(slate: Slate) -> Self {
        let attendee = "INSERT INTO attendees \
                        (id, tenant_id, application_id, popup_id, name, category, check_in_code) \
                        VALUES (gen_random_uuid(), $1, $2, $3, 'Ada', 'main', $4) RETURNING id";
        let attendee = sqlx::query_scalar(attendee).bind(slate.tenant.id.0);
        let attendee = attendee.bind(slate.application.0).bind(slate.popup.0);
        let attendee = attendee.bind(uuid().simple().to_string()[..8].to_uppercase());
        let attendee: Uuid = attendee.fetch_one(&slate.sql).await.unwrap();
        let mut products = Vec::new();
        for name in ["bed", "cup"] {
            let product = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price) \
                           VALUES (gen_random_uuid(), $1, $2, $3, $3, 100) RETURNING id";
            let product = sqlx::query_scalar(product).bind(slate.tenant.id.0);
            let product = product.bind(slate.popup.0).bind(name);
            products.push(ProductId(product.fetch_one(&slate.sql).await.unwrap()));
        }
        let application =
            slate.begin().await.application(slate.application).await.unwrap().unwrap();
        let products = [products[0], products[1]];
        Self { slate, application, attendee: AttendeeId(attendee), products }
    }

    async fn begin(&self) -> PgTx {
        self.slate.begin().await
    }

    /// A pending fee of this application.
    fn fee(&self) -> Payment {
        Payment::fee(PaymentId(uuid()), &self.application, money("25.5"), noon())
    }

    /// A pending purchase of two beds, with a plan.
    fn purchase(&self) -> Payment {
        let settlement = Settlement {
            add: vec![self.units(2)],
            credit_used: money("10.00"),
            ..Settlement::default()
        };
        Payment {
            payment_type: PaymentType::PassPurchase,
            settlement: Some(settlement),
            ..self.fee()
        }
    }

    fn units(&self, quantity: u32) -> Units {
        let [product, _] = self.products;
        Units { attendee: self.attendee, product, quantity, paid: Some(money("200.00")) }
    }

    fn line(&self, product: ProductId, quantity: i32) -> PaymentLine {
        PaymentLine {
            product,
            attendee: self.attendee,
            quantity,
            name: "Bed".to_owned(),
            description: Some("Soft".to_owned()),
            price: money("100.00"),
            category: "ticket".to_owned(),
            created_at: noon(),
        }
    }

    /// A request of the applicant's that may be repeated.
    fn request(&self) -> IdempotentRequest {
        IdempotentRequest {
            actor: self.slate.human.0,
            operation: "payments-create_my_payment",
            key: "key".to_owned(),
            hash: [1; 32],
        }
    }

    async fn keep(&self, payment: &Payment) {
        let mut tx = self.begin().await;
        tx.insert_payment(payment, &[], &[]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Number, the provider's name, amount, currency, and when it was paid.
type InstallmentRow = (i32, String, Decimal, String, DateTime<Utc>);

fn at(status: PaymentStatus, payment: Payment) -> Payment {
    Payment { progress: PaymentProgress::stored(status), ..payment }
}

fn called(external_id: &str, payment: Payment) -> Payment {
    Payment { external_id: Some(external_id.to_owned()), ..payment }
}

fn made(seconds: i64, payment: Payment) -> Payment {
    Payment { created_at: noon() + TimeDelta::seconds(seconds), ..payment }
}

fn eth() -> PaymentTerms {
    PaymentTerms {
        currency: Currency::parse("ETH").unwrap(),
        rate: Some(Rate::new(money("2500.5")).unwrap()),
        source: None,
    }
}

#[tokio::test]
async fn a_plan_that_cannot_be_read_is_none() {
    let desk = Desk::new().await;
    let payment = called("pr_1", desk.purchase());
    desk.keep(&payment).await;
    for odd in ["[1]", "\"x\"", "{\"add\": 5}", "{\"add\": [], \"credit_used\": \"x\"}"] {
        let change = "UPDATE payments SET settlement = $1::jsonb";
        sqlx::query(change).bind(odd).execute(&desk.slate.sql).await.unwrap();
        let mut tx = desk.begin().await;
        let view = tx.payment_view(payment.id).await.unwrap().unwrap();
        assert_eq!(view.payment, Payment { settlement: None, ..payment.clone() }, "{odd}");
        // The next one takes its place.
        tx.update_payment(&payment).await.unwrap();
        assert_eq!(tx.payment(payment.id).await.unwrap().as_ref(), Some(&payment), "{odd}");
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_payment_comes_back_as_it_went_in() {
    let desk = Desk::new().await;
    let [bed, cup] = desk.products;
    let payment = called("pr_1", desk.purchase());
    let lines = [desk.line(bed, 2), desk.line(cup, 0)];
    let mut tx = desk.begin().await;
    tx.insert_payment(&payment, &lines, &[]).await.unwrap();
    assert_eq!(tx.payment(payment.id).await.unwrap().as_ref(), Some(&payment));
    assert_eq!(tx.lock_payment(payment.id).await.unwrap().as_ref(), Some(&payment));
    let view = tx.payment_view(payment.id).await.unwrap().unwrap();
    assert_eq!(view.payment, payment);
    let mut sold: Vec<_> = view.lines.iter().map(|view| view.line.clone()).collect();
    sold.sort_by_key(|line| lines.iter().position(|known| known == line));
    assert_eq!(sold, lines);
    assert!(view.lines.iter().all(|line| line.attendee_name.as_deref() == Some("Ada")));
    // Lines of less than one unit sell nothing.
    let units = tx.sold_units(payment.id).await.unwrap();
    assert_eq!(units, [Units { paid: None, ..desk.units(2) }]);
    assert_eq!(tx.payment(PaymentId(uuid())).await.unwrap(), None);
    assert_eq!(tx.payment_view(PaymentId(uuid())).await.unwrap(), None);
}

#[tokio::test]
async fn what_moves_is_stored_and_what_was_agreed_stays() {
    let desk = Desk::new().await;
    let payment = desk.purchase();
    desk.keep(&payment).await;
    let trace = "UPDATE payments SET settlement = settlement || '{\"trace\": [1]}'";
    sqlx::query(trace).execute(&desk.slate.sql).await.unwrap();
    let later = noon() + TimeDelta::hours(1);
    let settled = payment.settlement.clone().map(|plan| Settlement { settled: true, ..plan });
    let moved = Payment {
        checkout_url: Some("https://pay.example/c/1".to_owned()),
        terms: eth(),
        settlement: settled,
        updated_at: later,
        ..called("pr_2", at(PaymentStatus::Approved, payment.clone()))
    };
    let mut tx = desk.begin().await;
    let dearer = Payment { amount: money("1.00"), edit_passes: true, ..moved.clone() };
    tx.update_payment(&dearer).await.unwrap();
    assert_eq!(tx.payment(payment.id).await.unwrap(), Some(moved));
    tx.commit().await.unwrap();
    let kept = "SELECT settlement -> 'trace' = '[1]' FROM payments";
    assert!(sqlx::query_scalar::<_, bool>(kept).fetch_one(&desk.slate.sql).await.unwrap());
}

#[tokio::test]
async fn pending_payments_are_found_by_what_they_are_for() {
    let desk = Desk::new().await;
    let mut purchases = [desk.purchase(), desk.purchase()];
    purchases.sort_by_key(|payment| payment.id);
    let fee = desk.fee();
    for payment in purchases.iter().chain([&fee]) {
        desk.keep(payment).await;
    }
    for status in [PaymentStatus::Approved, PaymentStatus::Expired] {
        desk.keep(&at(status, desk.purchase())).await;
        desk.keep(&at(status, desk.fee())).await;
    }
    let application = desk.application.id;
    let mut tx = desk.begin().await;
    assert_eq!(tx.pending_purchases(application).await.unwrap(), purchases);
    assert_eq!(tx.lock_pending_purchases(application).await.unwrap(), purchases);
    assert_eq!(tx.lock_pending_fee(application).await.unwrap(), Some(fee));
}

#[tokio::test]
async fn what_is_locked_is_waited_for() {
    let desk = Desk::new().await;
    let payment = desk.purchase();
    desk.keep(&payment).await;
    let mut first = desk.begin().await;
    first.lock_payment(payment.id).await.unwrap();
    let mut second = desk.begin().await;
    // Who only looks doesn't wait.
    assert!(second.payment(payment.id).await.unwrap().is_some());
    let waits = second.lock_payment(payment.id).await;
    assert!(matches!(waits, Err(StoreError::Busy(_))), "{waits:?}");
    let mut third = desk.begin().await;
    let waits = third.lock_pending_purchases(desk.application.id).await;
    assert!(matches!(waits, Err(StoreError::Busy(_))), "{waits:?}");
}

#[tokio::test]
async fn an_application_has_one_pending_fee() {
    let desk = Desk::new().await;
    let fee = desk.fee();
    desk.keep(&fee).await;
    let second = desk.begin().await.insert_payment(&desk.fee(), &[], &[]).await;
    assert!(matches!(second, Err(StoreError::Taken(Key::PendingFee))), "{second:?}");
    let mut tx = desk.begin().await;
    tx.update_payment(&at(PaymentStatus::Expired, fee)).await.unwrap();
    tx.insert_payment(&desk.fee(), &[], &[]).await.unwrap();
}

#[tokio::test]
async fn of_many_who_open_a_fee_at_once_one_does() {
    let desk = Desk::new().await;
    let crowd = PgStore::connect(&patient(&desk.slate.db.database));
    let tries = (0..16).map(|_| {
        let (crowd, fee) = (crowd.clone(), desk.fee());
        async move {
            let mut tx = crowd.begin(&TenantScope::of_worker(fee.tenant)).await.unwrap();
            tx.insert_payment(&fee, &[], &[]).await?;
            tx.commit().await
        }
    });
    let opened = join_all(tries).await;
    assert_eq!(opened.iter().filter(|opened| opened.is_ok()).count(), 1);
    for refused in opened.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, StoreError::Taken(Key::PendingFee)), "{refused:?}");
    }
}

#[tokio::test]
async fn the_provider_s_names_are_unique_within_a_tenant() {
    let desk = Desk::new().await;
    let payment = called("pr_1", desk.purchase());
    desk.keep(&payment).await;
    let twin = called("pr_1", desk.purchase());
    let taken = desk.begin().await.insert_payment(&twin, &[], &[]).await;
    assert!(matches!(taken, Err(StoreError::Taken(Key::ExternalPayment))), "{taken:?}");
    let other = desk.purchase();
    desk.keep(&other).await;
    let taken = desk.begin().await.update_payment(&called("pr_1", other)).await;
    assert!(matches!(taken, Err(StoreError::Taken(Key::ExternalPayment))), "{taken:?}");
    let mut tx = desk.begin().await;
    assert_eq!(tx.payment_by_external_id("pr_1").await.unwrap(), Some(payment));
    assert_eq!(tx.payment_by_external_id("pr_2").await.unwrap(), None);
}

#[tokio::test]
async fn the_tenant_of_a_payment_is_found_unless_several_have_it() {
    let desk = Desk::new().await;
    let payment = called("pr_1", desk.purchase());
    desk.keep(&payment).await;
    let store = &desk.slate.db.store;
    let mut tx = store.begin_platform(None).await.unwrap();
    let ours = Some(desk.slate.tenant.id);
    assert_eq!(tx.tenant_of_payment(payment.id).await.unwrap(), ours);
    assert_eq!(tx.tenant_of_external_payment("pr_1").await.unwrap(), ours);
    assert_eq!(tx.tenant_of_payment(PaymentId(uuid())).await.unwrap(), None);
    assert_eq!(tx.tenant_of_external_payment("pr_2").await.unwrap(), None);
    drop(tx);

    let twin = uuid();
    for sql in [
        "INSERT INTO tenants (id, name, slug) VALUES ($1, 'Theirs', 'theirs')",
        "INSERT INTO popups (id, tenant_id, name, slug, status) VALUES ($1, $1, 'P', 'p', 'active')",
        "INSERT INTO humans (id, tenant_id, email) VALUES ($1, $1, 'b@x.com')",
        "INSERT INTO applications (id, tenant_id, popup_id, human_id, status) \
         VALUES ($1, $1, $1, $1, 'accepted')",
        "INSERT INTO payments (id, tenant_id, application_id, popup_id, amount, external_id) \
         VALUES ($1, $1, $1, $1, 5, 'pr_1')",
    ] {
        sqlx::query(sql).bind(twin).execute(&desk.slate.sql).await.unwrap();
    }
    let mut tx = store.begin_platform(None).await.unwrap();
    assert_eq!(tx.tenant_of_external_payment("pr_1").await.unwrap(), None);
    assert_eq!(tx.tenant_of_payment(payment.id).await.unwrap(), ours);
}

#[tokio::test]
async fn lists_are_in_order_and_narrowed_by_everything_at_once() {
    let desk = Desk::new().await;
    let mut twins = [made(2, desk.purchase()), made(2, desk.purchase())];
    twins.sort_by_key(|payment| std::cmp::Reverse(payment.id));
    let [first, second] = twins;
    let oldest = made(1, at(PaymentStatus::Approved, called("pr_1", desk.purchase())));
    for payment in [&oldest, &second, &first] {
        desk.keep(payment).await;
    }
    let mut tx = desk.begin().await;
    let mut found = async |filter: PaymentFilter, paging: Paging| {
        let page = tx.payment_views(&filter, paging).await.unwrap();
        let ids: Vec<_> = page.items.iter().map(|view| view.payment.id).collect();
        (page.total, ids)
    };
    let all = PaymentFilter::default();
    assert_eq!(found(all.clone(), ALL).await, (3, vec![first.id, second.id, oldest.id]));
    let one = Paging { skip: 1, limit: 1 };
    assert_eq!(found(all.clone(), one).await, (3, vec![second.id]));
    let approved = PaymentFilter {
        popup: Some(desk.slate.popup),
        application: Some(desk.application.id),
        external_id: Some("pr_1".to_owned()),
        status: Some(PaymentStatus::Approved),
    };
    assert_eq!(found(approved.clone(), ALL).await, (1, vec![oldest.id]));
    for wrong in [
        PaymentFilter { popup: Some(edgeos_domain::PopupId(uuid())), ..approved.clone() },
        PaymentFilter { external_id: Some("pr_2".to_owned()), ..approved.clone() },
        PaymentFilter { status: Some(PaymentStatus::Pending), ..approved.clone() },
    ] {
        assert_eq!(found(wrong, ALL).await, (0, vec![]));
    }
    let latest = tx.latest_payment(desk.application.id).await.unwrap();
    assert_eq!(latest, Some((first.id, PaymentStatus::Pending)));
}

#[tokio::test]
async fn an_installment_is_kept_once_and_has_its_number() {
    let desk = Desk::new().await;
    let payment = desk.purchase();
    desk.keep(&payment).await;
    let installment = |external_id: &str| PaidInstallment {
        external_id: external_id.to_owned(),
        amount: money("0.00000001"),
        currency: "ETH".to_owned(),
        paid_at: noon(),
    };
    let mut tx = desk.begin().await;
    for (external_id, kept) in [("r1", Some(1)), ("r1", None), ("r2", Some(2)), ("r1", None)] {
        let stored = tx.insert_installment(payment.id, uuid(), &installment(external_id)).await;
        assert_eq!(stored.unwrap(), kept, "{external_id}");
    }
    tx.commit().await.unwrap();
    let sql = "SELECT installment_number, external_payment_id, amount, currency, paid_at \
               FROM payment_installments ORDER BY installment_number";
    let rows: Vec<InstallmentRow> = sqlx::query_as(sql).fetch_all(&desk.slate.sql).await.unwrap();
    let row = |number, name: &str| {
        (number, name.to_owned(), money("0.00000001"), "ETH".to_owned(), noon())
    };
    assert_eq!(rows, [row(1, "r1"), row(2, "r2")]);
}

#[tokio::test]
async fn what_is_deleted_takes_its_lines_and_its_key_along() {
    let desk = Desk::new().await;
    let [bed, _] = desk.products;
    let payment = desk.purchase();
    let request = desk.request();
    let end = noon() + TimeDelta::hours(24);
    let mut tx = desk.begin().await;
    assert_eq!(tx.claim_key(&request, noon()).await.unwrap(), KeyClaim::New);
    tx.insert_payment(&payment, &[desk.line(bed, 2)], &[]).await.unwrap();
    tx.hold_key(&request, payment.id, noon(), end).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = desk.begin().await;
    assert_eq!(tx.claim_key(&request, noon()).await.unwrap(), KeyClaim::Running);
    let misused = IdempotentRequest { hash: [2; 32], ..request.clone() };
    assert_eq!(tx.claim_key(&misused, noon()).await.unwrap(), KeyClaim::Misused);
    tx.delete_payment(payment.id).await.unwrap();
    assert_eq!(tx.payment(payment.id).await.unwrap(), None);
    assert_eq!(tx.sold_units(payment.id).await.unwrap(), []);
    assert_eq!(tx.claim_key(&request, noon()).await.unwrap(), KeyClaim::New);
}

#[tokio::test]
async fn a_key_that_is_answered_outlives_its_payment() {
    let desk = Desk::new().await;
    let payment = desk.purchase();
    let request = desk.request();
    let (answer, end) =
        (StoredAnswer { status: 201, body: "{}".to_owned() }, noon() + TimeDelta::hours(24));
    let mut tx = desk.begin().await;
    tx.insert_payment(&payment, &[], &[]).await.unwrap();
    tx.hold_key(&request, payment.id, noon(), end).await.unwrap();
    tx.store_answer(&request, &answer, noon(), end).await.unwrap();
    assert_eq!(tx.claim_key(&request, noon()).await.unwrap(), KeyClaim::Answered(answer.clone()));
    tx.delete_payment(payment.id).await.unwrap();
    assert_eq!(tx.claim_key(&request, noon()).await.unwrap(), KeyClaim::Answered(answer));
    assert_eq!(tx.claim_key(&request, end).await.unwrap(), KeyClaim::New);
}

#[tokio::test]
async fn holdings_become_what_changes_say() {
    let desk = Desk::new().await;
    let [bed, cup] = desk.products;
    let place = |product| (desk.attendee, product);
    let holding = |quantity, paid: Option<&str>| Holding { quantity, paid: paid.map(money) };
    let changes = |after: &[(ProductId, Option<Holding>)]| HoldingChanges {
        after: after.iter().map(|(product, holding)| (place(*product), *holding)).collect(),
        missing: Vec::new(),
        stranded: Decimal::ZERO,
    };
    let application = desk.application.id;
    let mut tx = desk.begin().await;
    assert!(tx.holdings(application).await.unwrap().is_empty());
    let (two, one) = (holding(2, Some("200.00")), holding(1, None));
    tx.change_holdings(&changes(&[(bed, Some(two)), (cup, Some(one))])).await.unwrap();
    let held = tx.holdings(application).await.unwrap();
    assert_eq!(held.into_iter().collect::<Vec<_>>().len(), 2);
    let more = holding(3, Some("250.50"));
    tx.change_holdings(&changes(&[(bed, Some(more)), (cup, None)])).await.unwrap();
    let held: Vec<_> = tx.holdings(application).await.unwrap().into_iter().collect();
    assert_eq!(held, [(place(bed), more)]);
    tx.change_holdings(&changes(&[(cup, None)])).await.unwrap();
    tx.change_holdings(&HoldingChanges::default()).await.unwrap();
    assert_eq!(tx.holdings(application).await.unwrap().len(), 1);
    let too_many = changes(&[(bed, Some(holding(u32::MAX, None)))]);
    let refused = tx.change_holdings(&too_many).await;
    assert!(matches!(refused, Err(StoreError::OutOfBounds(_))), "{refused:?}");
}

#[tokio::test]
async fn credit_is_what_it_is_set_to() {
    let desk = Desk::new().await;
    let later = noon() + TimeDelta::hours(1);
    let mut tx = desk.begin().await;
    tx.set_credit(desk.application.id, money("466.67"), later).await.unwrap();
    let now = tx.application(desk.application.id).await.unwrap().unwrap();
    assert_eq!((now.credit, now.updated_at), (money("466.67"), later));
}

#[tokio::test]
async fn another_tenant_sees_changes_and_adds_nothing() {
    let desk = Desk::new().await;
    let [bed, _] = desk.products;
    let payment = called("pr_1", desk.purchase());
    desk.keep(&payment).await;
    let store = &desk.slate.db.store;
    let theirs = desk.slate.db.tenant("Theirs").await;
    let begin = async || store.begin(&TenantScope::of_worker(theirs.id)).await.unwrap();
    let application = desk.application.id;

    let mut tx = begin().await;
    assert_eq!(tx.payment(payment.id).await.unwrap(), None);
    assert_eq!(tx.lock_payment(payment.id).await.unwrap(), None);
    assert_eq!(tx.payment_by_external_id("pr_1").await.unwrap(), None);
    assert_eq!(tx.pending_purchases(application).await.unwrap(), []);
    assert_eq!(tx.lock_pending_purchases(application).await.unwrap(), []);
    assert_eq!(tx.lock_pending_fee(application).await.unwrap(), None);
    assert_eq!(tx.sold_units(payment.id).await.unwrap(), []);
    assert_eq!(tx.payment_view(payment.id).await.unwrap(), None);
    assert_eq!(tx.payment_views(&PaymentFilter::default(), ALL).await.unwrap().total, 0);
    assert_eq!(tx.latest_payment(application).await.unwrap(), None);
    assert!(tx.holdings(application).await.unwrap().is_empty());
    let installment = PaidInstallment {
        external_id: "r1".to_owned(),
        amount: money("1"),
        currency: "USD".to_owned(),
        paid_at: noon(),
    };
    let kept = tx.insert_installment(payment.id, uuid(), &installment).await;
    assert!(matches!(kept, Err(StoreError::Missing(Resource::Payment))), "{kept:?}");

    let mut tx = begin().await;
    tx.set_credit(application, money("1000"), noon()).await.unwrap();
    tx.update_payment(&at(PaymentStatus::Approved, payment.clone())).await.unwrap();
    tx.delete_payment(payment.id).await.unwrap();
    tx.commit().await.unwrap();
    let foreign = Payment { tenant: theirs.id, ..desk.purchase() };
    let refused = begin().await.insert_payment(&foreign, &[], &[]).await;
    assert!(matches!(refused, Err(StoreError::Missing(Resource::Application))), "{refused:?}");
    let after = [((desk.attendee, bed), Some(Holding { quantity: 1, paid: None }))].into();
    let changes = HoldingChanges { after, missing: Vec::new(), stranded: Decimal::ZERO };
    let refused = begin().await.change_holdings(&changes).await;
    assert!(matches!(refused, Err(StoreError::Missing(_))), "{refused:?}");

    let mut tx = desk.begin().await;
    let untouched = tx.payment(payment.id).await.unwrap();
    // What is ours names our tenant, whoever stores it.
    assert_eq!(untouched.as_ref(), Some(&payment));
    assert_eq!(tx.application(application).await.unwrap().unwrap().credit, money("0"));
    let smuggled = begin().await.insert_payment(&desk.purchase(), &[], &[]).await;
    assert!(smuggled.is_err(), "row-level security says no");
}
