//! A popup in numbers: each as it is defined, and all of them against a count by hand.

use std::collections::HashMap;

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, nobody},
    world::World,
};

impl World {
    async fn stats(&self, popup: impl std::fmt::Display) -> Value {
        let path = format!("/dashboard/stats?popup_id={popup}");
        self.staff(self.server.get(&path)).await.expect(200)
    }

    /// An application of somebody new, put straight into the database.
    async fn stored(&self, popup: Uuid, status: &str) -> Uuid {
        let person = self.person().await;
        let sql = "INSERT INTO applications (id, tenant_id, popup_id, human_id, status) \
                   VALUES (gen_random_uuid(), $1, $2, $3, $4) RETURNING id";
        let application = sqlx::query_scalar(sql).bind(self.tenant.0).bind(popup);
        let application = application.bind(person.id.0).bind(status);
        application.fetch_one(&self.server.sql).await.unwrap()
    }

    async fn attendee(&self, popup: Uuid, application: Uuid, category: &str) -> Uuid {
        let sql = "INSERT INTO attendees (id, tenant_id, popup_id, application_id, name, category, check_in_code) \
                   VALUES (gen_random_uuid(), $1, $2, $3, 'Ann', $4, upper(gen_random_uuid()::text)) RETURNING id";
        let attendee = sqlx::query_scalar(sql).bind(self.tenant.0).bind(popup);
        let attendee = attendee.bind(application).bind(category);
        attendee.fetch_one(&self.server.sql).await.unwrap()
    }

    async fn ware(&self, popup: Uuid, category: &str) -> Uuid {
        let sql = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price, category) \
                   VALUES (gen_random_uuid(), $1, $2, 'Ware', gen_random_uuid()::text, 1, upper($3)::productcategory) \
                   RETURNING id";
        let ware = sqlx::query_scalar(sql).bind(self.tenant.0).bind(popup).bind(category);
        ware.fetch_one(&self.server.sql).await.unwrap()
    }

    async fn hold(&self, attendee: Uuid, product: Uuid) {
        let sql = "INSERT INTO attendee_products (tenant_id, attendee_id, product_id) VALUES ($1, $2, $3)";
        let held = sqlx::query(sql).bind(self.tenant.0).bind(attendee).bind(product);
        held.execute(&self.server.sql).await.unwrap();
    }

    async fn payment(&self, popup: Uuid, application: Uuid, payment: &Paid) -> Uuid {
        let sql = "INSERT INTO payments (id, tenant_id, popup_id, application_id, status, amount, \
                   payment_type, discount_value, discount_amount) \
                   VALUES (gen_random_uuid(), $1, $2, $3, $4, $5::numeric, $6, $7::numeric, $8::numeric) RETURNING id";
        let text = |amount: Option<Decimal>| amount.map(|amount| amount.to_string());
        let id: Uuid = sqlx::query_scalar(sql)
            .bind(self.tenant.0)
            .bind(popup)
            .bind(application)
            .bind(payment.status)
            .bind(payment.amount.to_string())
            .bind(payment.kind)
            .bind(text(payment.percent))
            .bind(text(payment.discount))
            .fetch_one(&self.server.sql)
            .await
            .unwrap();
        for line in &payment.lines {
            let sql = "INSERT INTO payment_products (tenant_id, payment_id, product_id, attendee_id, \
                       quantity, product_name, product_price, product_category) \
                       VALUES ($1, $2, $3, $4, $5, 'Ware', $6::numeric, $7)";
            sqlx::query(sql)
                .bind(self.tenant.0)
                .bind(id)
                .bind(line.product)
                .bind(line.attendee)
                .bind(line.quantity)
                .bind(line.price.to_string())
                .bind(line.category)
                .execute(&self.server.sql)
                .await
                .unwrap();
        }
        id
    }
}

/// A payment as the database has it.
#[derive(Debug, Clone)]
struct Paid {
    status: &'static str,
    kind: &'static str,
    amount: Decimal,
    percent: Option<Decimal>,
    discount: Option<Decimal>,
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
struct Line {
    attendee: Uuid,
    product: Uuid,
    category: &'static str,
    price: Decimal,
    quantity: i32,
}

fn usd(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn purchase(status: &'static str, amount: &str) -> Paid {
    let amount = usd(amount);
    Paid { status, kind: "pass_purchase", amount, percent: None, discount: None, lines: Vec::new() }
}

#[tokio::test]
async fn a_popup_without_anything_has_zeros_and_so_has_one_that_is_not_there() {
    let world = World::start().await;
    let theirs = world.server.tenant("theirs").await;
    let (_, stranger) = world.server.user("admin", Some(theirs)).await;
    let popup = world.popup(json!({})).await;
    let nothing = json!({
        "applications": {
            "total": 0, "draft": 0, "pending_fee": 0, "in_review": 0, "accepted": 0, "rejected": 0,
            "withdrawn": 0,
        },
        "attendees": { "total": 0, "main": 0, "spouse": 0, "kid": 0, "accepted": 0, "with_products": 0 },
        "payments": {
            "total": 0, "pending": 0, "approved": 0, "rejected": 0, "expired": 0, "cancelled": 0,
            "total_revenue": "0", "pending_revenue": "0", "approved_revenue": "0",
            "total_discounts": "0", "application_fee_revenue": "0",
        },
    });
    assert_eq!(world.stats(popup).await, nothing);
    assert_eq!(world.stats(nobody()).await, nothing);

    let application = world.stored(popup, "accepted").await;
    world.payment(popup, application, &purchase("approved", "10")).await;
    let path = format!("/dashboard/stats?popup_id={popup}");
    let seen = world.server.get(&path).bearer_auth(&stranger).answer().await.expect(200);
    assert_eq!(seen, nothing);
    let elsewhere = theirs.0.to_string();
    let governor = world.server.get(&path).bearer_auth(&world.superadmin);
    let seen = governor.header("X-Tenant-Id", elsewhere).answer().await.expect(200);
    assert_eq!(seen, nothing);
    let seen = world.governor(world.server.get(&path)).await.expect(200);
    assert_eq!(seen["payments"]["approved_revenue"], "10.00");
}

#[tokio::test]
async fn the_popup_has_to_be_named() {
    let world = World::start().await;
    for query in ["", "?popup_id=zz"] {
        let path = format!("/dashboard/stats{query}");
        let answer: Answer = world.staff(world.server.get(&path)).await;
        let problem = answer.expect(422);
        assert_eq!(problem["detail"][0]["loc"], json!(["query", "popup_id"]), "{query}");
    }
}

#[tokio::test]
async fn every_status_and_every_category_is_counted_for_its_popup_alone() {
    let world = World::start().await;
    let (popup, other) = (world.popup(json!({})).await, world.popup(json!({})).await);
    let statuses = ["draft", "pending_fee", "in review", "accepted", "rejected", "withdrawn"];
    let mut applications = HashMap::new();
    for status in statuses {
        applications.insert(status, world.stored(popup, status).await);
    }
    let brought = applications["draft"];
    for category in ["main", "spouse", "kid", "kid"] {
        world.attendee(popup, brought, category).await;
    }
    let accepted = world.attendee(popup, applications["accepted"], "main").await;
    world.hold(accepted, world.ware(popup, "ticket").await).await;
    world.stored(other, "accepted").await;

    let stats = world.stats(popup).await;
    assert_eq!(
        stats["applications"],
        json!({
            "total": 6, "draft": 1, "pending_fee": 1, "in_review": 1, "accepted": 1, "rejected": 1,
            "withdrawn": 1,
        })
    );
    assert_eq!(
        stats["attendees"],
        json!({ "total": 5, "main": 2, "spouse": 1, "kid": 2, "accepted": 1, "with_products": 1 })
    );
}

#[tokio::test]
async fn money_is_added_up_by_status_and_fees_apart() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let application = world.stored(popup, "accepted").await;
    for (status, amount) in
        [("approved", "100.00"), ("approved", "0.00"), ("pending", "50.00"), ("expired", "70.00")]
    {
        world.payment(popup, application, &purchase(status, amount)).await;
    }
    let payments = &world.stats(popup).await["payments"];
    assert_eq!((&payments["total"], &payments["approved"]), (&json!(4), &json!(2)));
    assert_eq!(payments["total_revenue"], "220.00");
    assert_eq!(payments["approved_revenue"], "100.00");
    assert_eq!(payments["pending_revenue"], "50.00");
    assert_eq!(payments["application_fee_revenue"], "0");

    let fee = Paid { kind: "application_fee", ..purchase("approved", "25.50") };
    world.payment(popup, application, &fee).await;
    let payments = &world.stats(popup).await["payments"];
    assert_eq!((&payments["approved"], &payments["total_discounts"]), (&json!(3), &json!("0")));
    assert_eq!(payments["approved_revenue"], "125.50");
    assert_eq!(payments["application_fee_revenue"], "25.50");
}

#[tokio::test]
async fn discounts_are_money_that_approved_purchases_were_spared() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let application = world.stored(popup, "accepted").await;
    let attendee = world.attendee(popup, application, "main").await;
    let (week, shirt, patron) = (
        world.ware(popup, "ticket").await,
        world.ware(popup, "merch").await,
        world.ware(popup, "patreon").await,
    );
    let line = |product, category, price: &str, quantity| Line {
        attendee,
        product,
        category,
        price: usd(price),
        quantity,
    };
    let reduced = |percent: &str, discount: Option<&str>, lines| Paid {
        percent: Some(usd(percent)),
        discount: discount.map(usd),
        lines,
        ..purchase("approved", "1")
    };
    let order = [
        reduced("20", Some("112.00"), Vec::new()),
        reduced("12.5", None, vec![line(week, "ticket", "99.99", 1)]),
        reduced(
            "20",
            None,
            vec![line(patron, "patreon", "1000", 1), line(week, "ticket", "500", 1)],
        ),
        Paid {
            status: "pending",
            ..reduced("20", Some("100"), vec![line(shirt, "merch", "500", 1)])
        },
    ];
    for payment in &order {
        world.payment(popup, application, payment).await;
    }
    assert_eq!(world.stats(popup).await["payments"]["total_discounts"], "124.50");
}

#[tokio::test]
async fn a_vote_is_seen_in_the_next_answer() {
    let world = World::start().await;
    let popup = world.reviewed_popup("any_reviewer").await;
    let (_, application) = world.submitted(popup).await;
    let counted = |stats: &Value| {
        let applications = &stats["applications"];
        (applications["in_review"].clone(), applications["accepted"].clone())
    };
    assert_eq!(counted(&world.stats(popup).await), (json!(1), json!(0)));
    world.vote(&world.admin, application, "yes").await.expect(201);
    assert_eq!(counted(&world.stats(popup).await), (json!(0), json!(1)));
}

#[tokio::test]
async fn a_count_by_hand_comes_to_the_same_figures() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let mut random = StdRng::seed_from_u64(32);
    let applications = ["draft", "pending_fee", "in review", "accepted", "rejected", "withdrawn"];
    let payments = ["pending", "approved", "rejected", "expired", "cancelled"];
    let categories = ["ticket", "housing", "merch", "other", "patreon"];
    let mut wares = Vec::new();
    for category in categories {
        wares.push((world.ware(popup, category).await, category));
    }
    let mut by_hand = Tally::default();
    for _ in 0..40 {
        let status = *applications.choose(&mut random).unwrap();
        let application = world.stored(popup, status).await;
        by_hand.count("applications", &status.replace(' ', "_"));
        let mut attendees = Vec::new();
        for category in ["main", "spouse", "kid", "kid"].iter().take(random.random_range(1..=4)) {
            let attendee = world.attendee(popup, application, category).await;
            by_hand.count("attendees", category);
            by_hand.add("attendees", "accepted", u64::from(status == "accepted"));
            let held = random.random_bool(0.5);
            if held {
                world.hold(attendee, wares[0].0).await;
            }
            by_hand.add("attendees", "with_products", u64::from(held));
            attendees.push(attendee);
        }
        for _ in 0..random.random_range(0..4) {
            let status = payments.choose(&mut random).unwrap();
            let paid = some_payment(&mut random, status, &attendees, &wares);
            world.payment(popup, application, &paid).await;
            by_hand.count("payments", paid.status);
            by_hand.pay(&paid);
        }
    }
    let stats = world.stats(popup).await;
    for ((part, name), count) in &by_hand.counts {
        assert_eq!(stats[part][name], json!(count), "{part}.{name}");
    }
    for (name, amount) in &by_hand.sums {
        let shown: Decimal = stats["payments"][name].as_str().unwrap().parse().unwrap();
        assert_eq!(shown, *amount, "{name}");
    }
}

fn some_payment(
    random: &mut StdRng,
    status: &'static str,
    attendees: &[Uuid],
    wares: &[(Uuid, &'static str)],
) -> Paid {
    let cents = |random: &mut StdRng| Decimal::new(random.random_range(0..100_000), 2);
    let amount = cents(random);
    if random.random_bool(0.2) {
        return Paid { kind: "application_fee", amount, ..purchase(status, "0") };
    }
    let mut lines = Vec::new();
    for attendee in attendees {
        for (product, category) in wares {
            if random.random_bool(0.4) {
                let quantity = random.random_range(1..4);
                let (attendee, product, price) = (*attendee, *product, cents(random));
                lines.push(Line { attendee, product, category, price, quantity });
            }
        }
    }
    let percent = random.random_bool(0.7).then(|| Decimal::new(random.random_range(0..10_000), 2));
    let discount = random.random_bool(0.5).then(|| cents(random));
    Paid { amount, percent, discount, lines, ..purchase(status, "0") }
}

/// What a patient person counts.
#[derive(Debug, Default)]
struct Tally {
    counts: HashMap<(&'static str, String), u64>,
    sums: HashMap<&'static str, Decimal>,
}

impl Tally {
    fn add(&mut self, part: &'static str, name: &str, count: u64) {
        *self.counts.entry((part, name.to_owned())).or_default() += count;
    }

    fn count(&mut self, part: &'static str, name: &str) {
        self.add(part, name, 1);
        self.add(part, "total", 1);
    }

    fn pay(&mut self, paid: &Paid) {
        let mut add = |name, amount| *self.sums.entry(name).or_default() += amount;
        add("total_revenue", paid.amount);
        match paid.status {
            "pending" => add("pending_revenue", paid.amount),
            "approved" => {
                add("approved_revenue", paid.amount);
                if paid.kind == "application_fee" {
                    add("application_fee_revenue", paid.amount);
                } else {
                    add("total_discounts", spared(paid));
                }
            }
            _ => {}
        }
    }
}

/// What the discount took off.
fn spared(paid: &Paid) -> Decimal {
    if let Some(discount) = paid.discount {
        return discount;
    }
    let Some(percent) = paid.percent else { return Decimal::ZERO };
    let is_patron = |attendee: Uuid| {
        paid.lines.iter().any(|line| line.attendee == attendee && line.category == "patreon")
    };
    let reduced = paid.lines.iter().filter(|line| {
        line.category != "patreon" && !(line.category == "ticket" && is_patron(line.attendee))
    });
    let sum: Decimal = reduced.map(|line| line.price * Decimal::from(line.quantity)).sum();
    let left = sum * (Decimal::ONE - percent / Decimal::ONE_HUNDRED);
    sum - left.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}
