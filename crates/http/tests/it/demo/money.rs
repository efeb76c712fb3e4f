//! Prices, counters and stock are what the rules make of them.

use std::collections::{BTreeMap, HashMap};

use edgeos_domain::{
    CouponDiscount, Discounts, GroupDiscount, Holder, Holdings, Offer, Order, OrderLine, Payment,
    PaymentStatus, PaymentType, PopupId, ProductCategory, Quantity, ScholarshipStatus, TenantId,
};
use edgeos_ports::{
    Applications, Attendees, Coupons, Groups, Paging, PaymentFilter, PaymentView, Payments,
    Products, Store, TenantScope,
};
use edgeos_postgres::{PgStore, PgTx};
use rust_decimal::Decimal;

use super::Seeded;
use crate::harness::settings;

/// What an application has at a moment of its history.
#[derive(Default)]
struct Account {
    holdings: Holdings,
    credit: Decimal,
}

#[tokio::test]
async fn every_approved_payment_costs_what_pricing_says() {
    let seeded = Seeded::today().await;
    let store = PgStore::connect(&settings(&seeded.database, &[]).postgres);
    let tenants = sqlx::query_scalar("SELECT id FROM tenants WHERE is_demo AND NOT deleted");
    let mut seen = 0;
    for tenant in tenants.fetch_all(&seeded.sql).await.unwrap() {
        let mut tx = store.begin(&TenantScope::of_worker(TenantId(tenant))).await.unwrap();
        let paging = Paging { skip: 0, limit: 1000 };
        let mut views = tx.payment_views(&PaymentFilter::default(), paging).await.unwrap().items;
        views.sort_by_key(|view| view.payment.created_at);
        let mut accounts: HashMap<_, Account> = HashMap::new();
        for view in &views {
            let application = tx.application(view.payment.application).await.unwrap().unwrap();
            let account = accounts.entry(application.id).or_insert_with(|| Account {
                // What it began with: what is left, without what payments changed about it.
                credit: application.credit - granted(&views, application.id),
                holdings: Holdings::new(),
            });
            let (payment, plan) = (&view.payment, view.payment.settlement.clone());
            if payment.status() != PaymentStatus::Approved
                || payment.payment_type != PaymentType::PassPurchase
            {
                continue;
            }
            let quote = reprice(&mut tx, view, account).await;
            assert_eq!(quote, payment.amount, "{payment:?}");
            let plan = plan.unwrap();
            account.credit += plan.credit_granted - plan.credit_used;
            let outstanding = plan.outstanding;
            let mut open = edgeos_domain::Settlement { settled: false, given: Vec::new(), ..plan };
            let changes = open.settle(&account.holdings, Decimal::ZERO, outstanding);
            for (place, after) in changes.after {
                match after {
                    Some(holding) => account.holdings.insert(place, holding),
                    None => account.holdings.remove(&place),
                };
            }
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

/// What approved payments did to the credit of an application.
fn granted(views: &[PaymentView], application: edgeos_domain::ApplicationId) -> Decimal {
    let approved = |payment: &&Payment| {
        payment.status() == PaymentStatus::Approved && payment.application == application
    };
    let payments = views.iter().map(|view| &view.payment).filter(approved);
    let plans = payments.filter_map(|payment| payment.settlement.as_ref());
    plans.map(|plan| plan.credit_granted - plan.credit_used).sum()
}

async fn reprice(tx: &mut PgTx, view: &PaymentView, account: &Account) -> Decimal {
    let payment = &view.payment;
    let application = tx.application(payment.application).await.unwrap().unwrap();
    let held = account.holdings.keys().map(|(_, product)| *product);
    let ids: Vec<_> = view.lines.iter().map(|line| line.line.product).chain(held).collect();
    let products = tx.products_of(payment.popup, &ids).await.unwrap();
    let patron = |id| {
        let product = products.iter().find(|product| product.id == id).unwrap();
        product.category() == ProductCategory::Patreon
    };
    let lines = view.lines.iter().map(|view| OrderLine {
        product: view.line.product,
        attendee: view.line.attendee,
        quantity: Quantity::new(view.line.quantity.into()).unwrap(),
        custom_amount: patron(view.line.product).then_some(view.line.price),
    });
    let offers = products
        .iter()
        .map(|product| (product.id, Offer { available: None, ..Offer::of(product, 0) }));
    let attendees = tx.attendees_of(application.id).await.unwrap();
    let holders = attendees.iter().map(|attendee| {
        let own = account.holdings.iter().filter(|((holder, _), _)| *holder == attendee.id);
        let owned: BTreeMap<_, _> = own.map(|((_, id), holding)| (*id, *holding)).collect();
        (attendee.id, Holder { category: attendee.category, owned })
    });
    let order = Order {
        lines: lines.collect(),
        offers: offers.collect(),
        holders: holders.collect(),
        account_credit: account.credit,
        edit_passes: payment.edit_passes,
        insurance: payment.insurance_amount > Decimal::ZERO,
    };
    let scholarship = &application.scholarship;
    let granted = scholarship.status == Some(ScholarshipStatus::Approved);
    let group = match application.group {
        Some(id) => {
            let percentage = tx.group_discount(id).await.unwrap().unwrap();
            Some(GroupDiscount { id, percentage })
        }
        None => None,
    };
    let coupon = coupon(tx, payment.popup, payment).await;
    let scholarship = scholarship.discount_percentage.filter(|_| granted);
    let discounts = Discounts { group, coupon, scholarship };
    order.admit().unwrap().quote(&discounts).unwrap().due()
}

async fn coupon(tx: &mut PgTx, popup: PopupId, payment: &Payment) -> Option<CouponDiscount> {
    let coupon = tx.coupon(payment.coupon?).await.unwrap().unwrap();
    assert_eq!(coupon.popup, popup);
    Some(CouponDiscount {
        id: coupon.id,
        code: coupon.code.as_str().to_owned(),
        percentage: coupon.discount.percent().into(),
    })
}

#[tokio::test]
async fn coupons_are_used_as_often_as_payments_hold_them_and_nothing_is_oversold() {
    let seeded = Seeded::today().await;
    for wrong in [
        "SELECT count(*) FROM coupons c WHERE current_uses <>
             (SELECT count(*) FROM payments p WHERE p.tenant_id = c.tenant_id
              AND p.coupon_id = c.id AND p.status IN ('pending', 'approved'))",
        "SELECT count(*) FROM products p WHERE max_quantity <
             (SELECT sum(quantity) FROM attendee_products h WHERE h.tenant_id = p.tenant_id
              AND h.product_id = p.id)",
        "SELECT count(*) FROM groups g WHERE max_members <
             (SELECT count(*) FROM group_members m WHERE m.tenant_id = g.tenant_id
              AND m.group_id = g.id)",
        "SELECT count(*) FROM payment_installments i JOIN payments p
             ON p.tenant_id = i.tenant_id AND p.id = i.payment_id
             GROUP BY p.tenant_id, p.id, p.installments_paid HAVING count(*) <> p.installments_paid",
    ] {
        let found: Option<i64> =
            sqlx::query_scalar(wrong).fetch_optional(&seeded.sql).await.unwrap();
        assert_eq!(found.unwrap_or_default(), 0, "{wrong}");
    }
}
