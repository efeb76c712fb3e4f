//! Everything at once: many who want the last units, notices that come twice and in any order, forged ones among them,
//! and a server that is killed in the middle of it.

use std::collections::BTreeSet;

use edgeos_app::tokens::Subject;
use edgeos_domain::{HumanId, TenantId};
use edgeos_testkit::simplefi::{Event, Occurrence, Proof};
use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use reqwest::Client;
use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

use super::{kills::Stage, line};
use crate::{harness::TestServer, patience::until};

const ROUNDS: u32 = 20;
const BUYERS: usize = 64;

/// Somebody who is accepted, and wants what is sold.
struct Buyer {
    token: String,
    application: Uuid,
    attendee: Uuid,
}

impl Stage {
    async fn crowd(&self) -> Vec<Buyer> {
        let sql = "WITH people AS (
                INSERT INTO humans (id, tenant_id, email)
                SELECT gen_random_uuid(), $1, 'buyer' || n || '@people.example'
                FROM generate_series(1, $3) n RETURNING id
            ), accepted AS (
                INSERT INTO applications (id, tenant_id, popup_id, human_id, status, accepted_at)
                SELECT gen_random_uuid(), $1, $2, id, 'accepted', now() FROM people
                RETURNING id, human_id
            ), main AS (
                INSERT INTO attendees
                    (id, tenant_id, application_id, popup_id, human_id, name, category, check_in_code)
                SELECT gen_random_uuid(), $1, id, $2, human_id, 'Buyer', 'main',
                       upper(left(md5(id::text), 12))
                FROM accepted RETURNING id, application_id
            )
            SELECT human_id, accepted.id, main.id FROM accepted
            JOIN main ON main.application_id = accepted.id";
        let count = i32::try_from(BUYERS).unwrap();
        let rows = sqlx::query_as::<_, (Uuid, Uuid, Uuid)>(sql).bind(self.site.tenant);
        let rows = rows.bind(self.site.popup).bind(count).fetch_all(&self.site.sql).await.unwrap();
        let buyer = |(human, application, attendee)| {
            let human = Subject::Human(HumanId(human), Some(TenantId(self.site.tenant)));
            Buyer { token: TestServer::token(human), application, attendee }
        };
        rows.into_iter().map(buyer).collect()
    }

    async fn sells(&self, round: u32, units: i32) -> Uuid {
        let sql = "INSERT INTO products (id, tenant_id, popup_id, name, slug, price, category, max_quantity)
                   VALUES (gen_random_uuid(), $1, $2, $3, $3, 10, 'MERCH', $4) RETURNING id";
        let product = sqlx::query_scalar(sql).bind(self.site.tenant).bind(self.site.popup);
        let product = product.bind(format!("last-{round}")).bind(units);
        product.fetch_one(&self.site.sql).await.unwrap()
    }

    /// What can be paid.
    async fn open(&self) -> Vec<String> {
        let sql = "SELECT external_id FROM payments WHERE status = 'pending' \
                   AND external_id IS NOT NULL AND checkout_url IS NOT NULL ORDER BY external_id";
        sqlx::query_scalar(sql).fetch_all(&self.site.sql).await.unwrap()
    }

    /// All buyers order at once, each with the same key as before; the statuses of those who are answered.
    async fn rush(
        &self,
        base: &str,
        buyers: &[Buyer],
        product: Uuid,
        answered: &watch::Sender<usize>,
    ) -> Vec<Option<u16>> {
        let http = Client::new();
        let orders = buyers.iter().map(|buyer| {
            let body = json!({
                "application_id": buyer.application,
                "products": [line(product, buyer.attendee, 1)],
            });
            let order = http.post(format!("{base}/v1/payments/my")).bearer_auth(&buyer.token);
            let order = order.header("Idempotency-Key", product.to_string()).json(&body).send();
            async move {
                let status = order.await.ok().map(|answer| answer.status().as_u16());
                answered.send_modify(|count| *count += 1);
                status
            }
        });
        join_all(orders).await
    }

    /// Announces that `paid` are paid and `left` have expired: twice, with what came before after it, and with lies in
    /// between.
    async fn announce(&self, paid: &[String], left: &[String], random: &mut StdRng) {
        let lie = |event: Event, status: &str| Occurrence {
            status: Some(status.to_owned()),
            attempts: 1,
            ..event.into()
        };
        let forged =
            |signed, token| Occurrence { signed, token, ..lie(Event::CardPaid, "approved") };
        let mut notices: Vec<(&String, Occurrence)> = Vec::new();
        for request in paid {
            let twice = Occurrence { times: 2, ..Event::CardPaid.into() };
            notices.push((request, twice));
            notices.push((request, lie(Event::CryptoPartial, "pending")));
            notices.push((request, Event::CardPaid.into()));
        }
        for request in left {
            notices.push((request, forged(Proof::None, Proof::None)));
            notices.push((request, forged(Proof::Wrong, Proof::None)));
            notices.push((request, forged(Proof::None, Proof::Wrong)));
        }
        notices.shuffle(random);
        let all = notices.iter().map(|(request, what)| self.provider.happens(request, what));
        for delivered in join_all(all).await {
            delivered.unwrap();
        }
    }

    /// What holds after every round, for all that was ever sold here.
    async fn assert_books_balance(&self, round: u32) {
        let wrong: Vec<String> = sqlx::query_scalar(
            "WITH held AS (
                SELECT product_id, attendee_id, quantity, paid_amount FROM attendee_products
            ), sold AS (
                SELECT l.product_id, l.attendee_id, p.id, l.quantity FROM payments p
                JOIN payment_products l ON l.payment_id = p.id WHERE p.status = 'approved'
            ), promised AS (
                SELECT l.product_id, l.quantity FROM payments p
                JOIN payment_products l ON l.payment_id = p.id WHERE p.status = 'pending'
            )
            SELECT 'sold and held are more than there are of ' || p.name FROM products p
            WHERE p.max_quantity < (SELECT coalesce(sum(quantity), 0) FROM held WHERE product_id = p.id)
                                 + (SELECT coalesce(sum(quantity), 0) FROM promised WHERE product_id = p.id)
            UNION ALL
            SELECT 'goods without payment' FROM held LEFT JOIN sold USING (product_id, attendee_id)
            WHERE sold.id IS NULL OR sold.quantity <> held.quantity
            UNION ALL
            SELECT 'payment without goods' FROM sold LEFT JOIN held USING (product_id, attendee_id)
            WHERE held.quantity IS NULL
            UNION ALL
            SELECT 'worth more than was paid' WHERE
                (SELECT coalesce(sum(paid_amount), 0) FROM held) + (SELECT sum(credit) FROM applications)
                > (SELECT coalesce(sum(amount), 0) FROM payments WHERE status = 'approved')
            UNION ALL
            SELECT 'not one mail for a payment' FROM payments p WHERE p.status = 'approved' AND 1 <>
                (SELECT count(*) FROM outbox m WHERE m.template_type = 'payment_confirmed'
                 AND m.context ->> 'payment_id' = p.id::text)
            UNION ALL
            SELECT 'a mail for nothing' FROM outbox m WHERE m.template_type = 'payment_confirmed'
                AND NOT EXISTS (SELECT FROM payments p WHERE p.status = 'approved'
                                AND m.context ->> 'payment_id' = p.id::text)
            UNION ALL
            SELECT 'two payments for one request' FROM payments
            GROUP BY external_id HAVING external_id IS NOT NULL AND count(*) > 1",
        )
        .fetch_all(&self.site.sql)
        .await
        .unwrap();
        assert!(wrong.is_empty(), "round {round}: {wrong:?}");
    }
}

#[tokio::test]
async fn the_books_balance_whatever_happens() {
    // Every run goes another way, and says which if it fails.
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (stage, mut program) = Stage::set().await;
    let buyers = stage.crowd().await;
    let mut paid_ever = BTreeSet::new();
    for round in 0..ROUNDS {
        let units = random.random_range(1..=3);
        let product = stage.sells(round, units).await;
        let (answered, mut heard) = watch::channel(0);
        let base = program.base.clone();
        let rush = stage.rush(&base, &buyers, product, &answered);
        if round % 2 == 0 {
            let after = random.random_range(0..BUYERS);
            let killed = async {
                heard.wait_for(|count| *count >= after).await.unwrap();
                program.kill();
                stage.start().await
            };
            (_, program) = tokio::join!(rush, killed);
            // Those who heard nothing try again.
            stage.rush(&program.base.clone(), &buyers, product, &answered).await;
        } else {
            let statuses = rush.await;
            let made = statuses.iter().filter(|status| **status == Some(201)).count();
            assert_eq!(made, usize::try_from(units).unwrap(), "round {round}: {statuses:?}");
        }
        stage.assert_books_balance(round).await;

        let mut paid = stage.open().await;
        paid.shuffle(&mut random);
        let left = paid.split_off(random.random_range(0..=paid.len()));
        if round % 2 == 1 {
            let killed = async {
                if !paid.is_empty() {
                    let approved = "SELECT count(*) FROM payments WHERE status = 'approved'";
                    let before = i64::try_from(paid_ever.len()).unwrap();
                    until(async || stage.count(approved).await > before).await;
                }
                program.kill();
                stage.start().await
            };
            ((), program) = tokio::join!(stage.announce(&paid, &left, &mut random), killed);
        }
        stage.announce(&paid, &left, &mut random).await;
        stage.assert_books_balance(round).await;
        for request in &left {
            stage.provider.happens(request, &Event::Expired.into()).await.unwrap();
        }
        paid_ever.extend(paid);
        // What nobody has a checkout for is given up.
        let age = "UPDATE payments SET created_at = created_at - interval '11 minutes' \
                   WHERE status = 'pending'";
        sqlx::query(age).execute(&stage.site.sql).await.unwrap();
    }
    program.kill();
    let last = stage.start().await;
    until(async || {
        stage.count("SELECT count(*) FROM payments WHERE status = 'pending'").await == 0
    })
    .await;
    stage.assert_books_balance(ROUNDS).await;
    let approved = "SELECT external_id FROM payments WHERE status = 'approved'";
    let approved = sqlx::query_scalar::<_, String>(approved).fetch_all(&stage.site.sql).await;
    assert_eq!(BTreeSet::from_iter(approved.unwrap()), paid_ever);
    last.kill();
}
