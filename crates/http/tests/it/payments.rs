//! Orders, what the provider announces, and what follows.

mod carts;
mod edits;
mod fees;
mod gateway;
mod invoices;
mod kills;
mod log;
mod mails;
mod notices;
mod orders;
mod plans;
mod prices;
mod races;
mod repeats;
mod staff;
mod storm;
mod sweeps;

use edgeos_testkit::simplefi::{Delivery, Event, Occurrence, SimpleFiServer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send},
    world::{Person, World, id},
};

/// An event that sells something, and a provider that takes the money for it.
pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) provider: SimpleFiServer,
    pub(crate) popup: Uuid,
}

/// Somebody who is accepted, and brings a spouse.
pub(crate) struct Buyer {
    pub(crate) person: Person,
    pub(crate) application: Uuid,
    pub(crate) main: Uuid,
    pub(crate) spouse: Uuid,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with(json!({ "simplefi_api_key": "sk_test_0123456789" })).await
    }

    /// As [`open`](Self::open), for an event with these settings.
    pub(crate) async fn open_with(settings: Value) -> Self {
        Self::open_at(&[], settings).await
    }

    /// As [`open_with`](Self::open_with), at a server with further variables in its environment.
    pub(crate) async fn open_at(variables: &[(&str, &str)], settings: Value) -> Self {
        let provider = SimpleFiServer::start().await.unwrap();
        let port = free_port().to_string();
        let backend = format!("http://127.0.0.1:{port}");
        let own = [
            ("SIMPLEFI_API_URL", provider.url()),
            ("BACKEND_URL", &backend),
            ("PORT", &port),
            ("DATABASE_POOL_SIZE", "10"),
        ];
        let world = World::start_with(&[&own, variables].concat()).await;
        let mut event = json!({ "allows_spouse": true, "allows_coupons": true });
        for (name, value) in settings.as_object().unwrap() {
            event[name] = value.clone();
        }
        let popup = world.popup(event).await;
        Self { world, provider, popup }
    }

    pub(crate) async fn sells(&self, name: &str, price: &str, settings: Value) -> Uuid {
        let mut settings = settings;
        settings["price"] = price.into();
        id(&self.world.product(self.popup, name, settings).await.expect(201))
    }

    pub(crate) async fn buyer(&self) -> Buyer {
        let person = self.world.person().await;
        let fields = json!({
            "status": "in review", "companions": [{ "name": "Bo", "category": "spouse" }],
        });
        let application = self.world.apply(&person, self.popup, fields).await.expect(201);
        assert_eq!(application["status"], "accepted");
        let attendee = |category: &str| {
            let attendees = application["attendees"].as_array().unwrap();
            id(attendees.iter().find(|attendee| attendee["category"] == category).unwrap())
        };
        let (main, spouse) = (attendee("main"), attendee("spouse"));
        Buyer { application: id(&application), main, spouse, person }
    }

    /// Calls `path` with an order of these lines and fields.
    async fn send(&self, path: &str, buyer: &Buyer, lines: &[Value], fields: Value) -> Answer {
        let mut body = json!({ "application_id": buyer.application, "products": lines });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        let request = self.world.server.post(path).bearer_auth(&buyer.person.token);
        request.json(&body).answer().await
    }

    pub(crate) async fn order(&self, buyer: &Buyer, lines: &[Value], fields: Value) -> Answer {
        self.send("/payments/my", buyer, lines, fields).await
    }

    async fn preview(&self, buyer: &Buyer, lines: &[Value], fields: Value) -> Answer {
        self.send("/payments/my/preview", buyer, lines, fields).await
    }

    /// Orders one unit of `product` for the main attendee.
    pub(crate) async fn buys(&self, buyer: &Buyer, product: Uuid) -> Answer {
        self.order(buyer, &[line(product, buyer.main, 1)], json!({})).await
    }

    /// Lets `event` happen to `payment`, as it was answered.
    pub(crate) async fn happens(&self, payment: &Value, event: Event) -> Vec<Delivery> {
        self.occurs(payment, &Occurrence::from(event)).await
    }

    async fn occurs(&self, payment: &Value, what: &Occurrence) -> Vec<Delivery> {
        let request = payment["external_id"].as_str().unwrap();
        self.provider.happens(request, what).await.unwrap()
    }

    /// The payment as staff see it now.
    pub(crate) async fn payment(&self, payment: &Value) -> Value {
        let path = format!("/payments/{}", id(payment));
        self.world.staff(self.world.server.get(&path)).await.expect(200)
    }

    async fn status(&self, payment: &Value) -> String {
        self.payment(payment).await["status"].as_str().unwrap().to_owned()
    }

    async fn patch(&self, payment: &Value, change: Value) -> Answer {
        let path = format!("/payments/{}", id(payment));
        self.world.staff(self.world.server.patch(&path).json(&change)).await
    }

    /// How many units of `product` the attendee holds.
    pub(crate) async fn held(&self, attendee: Uuid, product: Uuid) -> i64 {
        let sql = "SELECT coalesce(sum(quantity), 0) FROM attendee_products \
                   WHERE attendee_id = $1 AND product_id = $2";
        let held = sqlx::query_scalar(sql).bind(attendee).bind(product);
        held.fetch_one(&self.world.server.sql).await.unwrap()
    }

    /// A number that `sql` yields.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.world.server.sql).await.unwrap()
    }

    /// How many transactions wait for a lock.
    async fn waiting(&self) -> i64 {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        self.count(waiting).await
    }

    async fn uses(&self, coupon: &Value) -> i64 {
        let path = format!("/coupons/{}", id(coupon));
        let coupon = self.world.staff(self.world.server.get(&path)).await.expect(200);
        coupon["current_uses"].as_i64().unwrap()
    }

    async fn coupon(&self, code: &str, percent: i64, settings: Value) -> Value {
        let mut settings = settings;
        settings["discount_value"] = percent.into();
        self.world.coupon(self.popup, code, settings).await.expect(201)
    }

    async fn credit(&self, buyer: &Buyer) -> String {
        let application = self.world.application(buyer.application).await;
        application["credit"].as_str().unwrap().to_owned()
    }

    async fn give_credit(&self, buyer: &Buyer, credit: i64) {
        let sql = "UPDATE applications SET credit = $1 WHERE id = $2";
        let given = sqlx::query(sql).bind(credit).bind(buyer.application);
        given.execute(&self.world.server.sql).await.unwrap();
    }

    /// Puts a cart into the database.
    async fn fill_cart(&self, buyer: &Buyer) {
        let sql = "INSERT INTO carts (id, tenant_id, human_id, popup_id) \
                   VALUES (gen_random_uuid(), $1, $2, $3)";
        let cart = sqlx::query(sql).bind(self.world.tenant.0).bind(buyer.person.id.0);
        cart.bind(self.popup).execute(&self.world.server.sql).await.unwrap();
    }

    async fn carts(&self) -> i64 {
        self.count("SELECT count(*) FROM carts").await
    }

    /// The mails that payments caused.
    async fn payment_mails(&self, buyer: &Buyer) -> Vec<String> {
        let mails = self.world.mails(&buyer.person).await;
        mails.into_iter().filter(|mail| !mail.starts_with("application")).collect()
    }

    async fn mine(&self, buyer: &Buyer) -> Value {
        let path = format!("/payments/my/{}", buyer.application);
        let request = self.world.server.get(&path).bearer_auth(&buyer.person.token);
        request.answer().await.expect(200)
    }
}

/// A line of an order.
pub(crate) fn line(product: Uuid, attendee: Uuid, quantity: i64) -> Value {
    json!({ "product_id": product, "attendee_id": attendee, "quantity": quantity })
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// What the announcements were answered.
fn statuses(deliveries: &[Delivery]) -> Vec<u16> {
    deliveries.iter().map(|delivery| delivery.status).collect()
}
