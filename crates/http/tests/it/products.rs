//! What events sell.

mod batches;
mod deleted;
mod portal;
mod slugs;
mod stock;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Send, TestServer, nobody},
    world::{World, id},
};

impl World {
    /// Has `popup` sell something, which costs 100 unless `settings` say otherwise.
    pub(crate) async fn product(&self, popup: Uuid, name: &str, settings: Value) -> Answer {
        let mut body = json!({ "popup_id": popup, "name": name, "price": 100 });
        for (name, value) in settings.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.staff(self.server.post("/products").json(&body)).await
    }

    /// Puts units of `product` in the hands of everybody whom `application` brings.
    pub(crate) async fn all_hold(&self, application: Uuid, product: Uuid, quantity: i32) {
        let sql = "INSERT INTO attendee_products (tenant_id, attendee_id, product_id, quantity) \
                   SELECT tenant_id, id, $1, $3 FROM attendees WHERE application_id = $2";
        let held = sqlx::query(sql).bind(product).bind(application).bind(quantity);
        held.execute(&self.server.sql).await.unwrap();
    }

    /// A payment for `application`, of this status, that names `product`.
    pub(crate) async fn ordered(&self, application: Uuid, product: Uuid, status: &str) -> Uuid {
        let sql = "INSERT INTO payments (id, tenant_id, application_id, popup_id, status, amount) \
                   SELECT gen_random_uuid(), tenant_id, id, popup_id, $2, 100 FROM applications \
                   WHERE id = $1 RETURNING id";
        let payment = sqlx::query_scalar(sql).bind(application).bind(status);
        let payment: Uuid = payment.fetch_one(&self.server.sql).await.unwrap();
        let sql = "INSERT INTO payment_products (tenant_id, payment_id, product_id, attendee_id, \
                   product_name, product_price, product_category) \
                   SELECT tenant_id, $1, $2, id, 'It', 100, 'ticket' FROM attendees \
                   WHERE application_id = $3";
        let named = sqlx::query(sql).bind(payment).bind(product).bind(application);
        named.execute(&self.server.sql).await.unwrap();
        payment
    }
}

/// The names of the products that the admin lists with this query.
async fn listed(world: &World, query: &str) -> Vec<String> {
    let path = format!("/products?{query}");
    names(&world.staff(world.server.get(&path)).await.expect(200))
}

async fn change_product(world: &World, product: &Value, change: Value) -> Answer {
    let path = format!("/products/{}", id(product));
    world.staff(world.server.patch(&path).json(&change)).await
}

/// The names in a list, in its order.
fn names(list: &Value) -> Vec<String> {
    let results = list["results"].as_array().unwrap().iter();
    results.map(|product| product["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_product_needs_a_name_and_a_price_and_gets_the_rest() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let made = world.product(popup, "Gen Adm", json!({})).await.expect(201);
    let expected = json!({
        "id": made["id"], "tenant_id": world.tenant.0, "popup_id": popup, "name": "Gen Adm",
        "slug": "gen-adm", "price": "100.00", "compare_price": null, "description": null,
        "image_url": null, "category": "ticket", "attendee_category": null, "duration_type": null,
        "start_date": null, "end_date": null, "is_active": true, "exclusive": false,
        "max_quantity": null, "insurance_percentage": null, "created_at": made["created_at"],
        "updated_at": made["created_at"],
    });
    assert_eq!(made, expected);
    let path = format!("/products/{}", id(&made));
    assert_eq!(world.staff(world.server.get(&path)).await.expect(200), expected);
    let again = world.product(popup, "Gen Adm", json!({})).await.expect(201);
    assert_eq!(again["slug"], "gen-adm-1");
    let other = world.product(popup, "Other", json!({ "slug": "Gen Adm!" })).await.expect(201);
    assert_eq!(other["slug"], "gen-adm-2");
}

#[tokio::test]
async fn everything_that_is_written_is_read() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let settings = json!({
        "name": "  Week 1 ", "price": "250.5", "compare_price": 300, "description": " All week ",
        "image_url": "https://x.example/a.png", "attendee_category": "kid",
        "duration_type": "week", "start_date": "2026-05-10", "end_date": "2026-05-17T10:00:00+02:00",
        "is_active": false, "exclusive": true, "max_quantity": "5", "insurance_percentage": "5",
    });
    let made = world.product(popup, "", settings).await.expect(201);
    let shown = [
        ("name", json!("Week 1")),
        ("price", json!("250.50")),
        ("compare_price", json!("300.00")),
        ("description", json!("All week")),
        ("image_url", json!("https://x.example/a.png")),
        ("category", json!("ticket")),
        ("attendee_category", json!("kid")),
        ("duration_type", json!("week")),
        ("start_date", json!("2026-05-10T00:00:00Z")),
        ("end_date", json!("2026-05-17T08:00:00Z")),
        ("is_active", json!(false)),
        ("exclusive", json!(true)),
        ("max_quantity", json!(5)),
        ("insurance_percentage", json!("5.00")),
    ];
    for (field, value) in &shown {
        assert_eq!(made[field], *value, "{field}");
    }
    let empty = json!({
        "compare_price": null, "description": null, "image_url": "", "attendee_category": null,
        "duration_type": null, "start_date": null, "end_date": null, "max_quantity": null,
        "insurance_percentage": null, "id": nobody(), "tenant_id": nobody(), "popup_id": nobody(),
    });
    let emptied = change_product(&world, &made, empty.clone()).await.expect(200);
    for field in ["id", "tenant_id", "popup_id", "name", "slug", "created_at"] {
        assert_eq!(emptied[field], made[field], "{field}");
    }
    for (field, _) in empty.as_object().unwrap().iter().filter(|(_, value)| value.is_null()) {
        assert_eq!(emptied[field], Value::Null, "{field}");
    }
    assert_eq!(emptied["image_url"], Value::Null);
    assert_ne!(emptied["updated_at"], made["updated_at"]);
}

#[tokio::test]
async fn ten_at_once_get_ten_slugs() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let made = (0..10).map(|_| world.product(popup, "Gen Adm", json!({})));
    let made = futures_util::future::join_all(made).await;
    let mut slugs: Vec<String> = Vec::new();
    for product in made {
        slugs.push(product.expect(201)["slug"].as_str().unwrap().to_owned());
    }
    slugs.sort();
    let mut expected = vec!["gen-adm".to_owned()];
    expected.extend((1..10).map(|number| format!("gen-adm-{number}")));
    assert_eq!(slugs, expected);
}

#[tokio::test]
async fn a_name_and_its_slug_may_be_changed_by_many_at_once() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let mut products = Vec::new();
    for number in 0..5 {
        products.push(world.product(popup, &format!("P{number}"), json!({})).await.expect(201));
    }
    let renamed =
        products.iter().map(|product| change_product(&world, product, json!({ "name": "VIP" })));
    let renamed = futures_util::future::join_all(renamed).await;
    let mut slugs: Vec<Value> =
        renamed.into_iter().map(|answer| answer.expect(200)["slug"].clone()).collect();
    slugs.sort_by_key(Value::to_string);
    assert_eq!(json!(slugs), json!(["vip", "vip-1", "vip-2", "vip-3", "vip-4"]));
}

#[tokio::test]
async fn a_slug_follows_the_name_and_its_own_is_free() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    world.product(popup, "Gen Adm", json!({})).await.expect(201);
    let second = world.product(popup, "Gen Adm", json!({})).await.expect(201);
    for (change, slug) in [
        (json!({ "name": "Gen adm" }), "gen-adm-1"),
        (json!({ "price": 5 }), "gen-adm-1"),
        (json!({ "name": "VIP" }), "vip"),
        (json!({ "name": "Vip!" }), "vip"),
        (json!({ "name": "Other", "slug": "vip" }), "vip"),
        (json!({ "slug": "Gen Adm" }), "gen-adm-1"),
        (json!({ "slug": "Early Bird!" }), "early-bird"),
    ] {
        assert_eq!(
            change_product(&world, &second, change.clone()).await.expect(200)["slug"],
            slug,
            "{change}"
        );
    }
    for slug in [json!(null), json!(""), json!("  ")] {
        let answer = change_product(&world, &second, json!({ "slug": slug })).await;
        assert_eq!(answer.status, 422, "{answer:?}");
    }
}

#[tokio::test]
async fn prices_are_whole_cents() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    for (price, shown) in [
        (json!(100.005), "100.01"),
        (json!("1e2"), "100.00"),
        (json!(0), "0.00"),
        (json!("99999999.99"), "99999999.99"),
    ] {
        let made = world.product(popup, "P", json!({ "price": price })).await.expect(201);
        assert_eq!(made["price"], shown, "{price}");
    }
    for price in [json!(-1), json!("abc"), json!(100_000_000), json!("NaN"), json!(null)] {
        let answer = world.product(popup, "P", json!({ "price": price })).await;
        assert_eq!(answer.status, 422, "{price}");
        assert_eq!(answer.faults()[0].1, json!(["body", "price"]), "{price}");
    }
}

#[tokio::test]
async fn every_wrong_field_is_named_on_create_and_change() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let product = world.product(popup, "P", json!({ "start_date": "2026-05-02" })).await;
    let product = product.expect(201);
    for (field, value) in [
        ("max_quantity", json!(-1)),
        ("max_quantity", json!(1.5)),
        ("max_quantity", json!(3_000_000_000_u64)),
        ("insurance_percentage", json!(150)),
        ("insurance_percentage", json!(-1)),
        ("insurance_percentage", json!("1000")),
        ("compare_price", json!(-1)),
        ("name", json!("  ")),
        ("name", json!("n".repeat(256))),
        ("name", json!("a\u{0}b")),
        ("name", json!(null)),
        ("slug", json!("s".repeat(256))),
        ("description", json!("d".repeat(10_001))),
        ("image_url", json!("javascript:alert(1)")),
        ("category", json!("supporter")),
        ("category", json!("TICKET")),
        ("category", json!(null)),
        ("is_active", json!(null)),
        ("exclusive", json!(null)),
    ] {
        let answers = [
            world.product(popup, "P", json!({ field: value })).await,
            change_product(&world, &product, json!({ field: value })).await,
        ];
        for answer in answers {
            assert_eq!(answer.status, 422, "{field} {value}: {answer:?}");
            assert_eq!(answer.faults()[0].1, json!(["body", field]), "{value}");
        }
    }
    let backwards = json!({ "start_date": "2026-05-02", "end_date": "2026-05-01" });
    let answer = world.product(popup, "P", backwards).await;
    assert_eq!((answer.status, &answer.faults()[0].1), (422, &json!(["body", "end_date"])));
    change_product(&world, &product, json!({ "end_date": "2026-05-01" })).await.expect(422);
    change_product(&world, &product, json!({ "end_date": "2026-05-02" })).await.expect(200);
}

#[tokio::test]
async fn only_tickets_have_ticket_fields() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    for field in [json!({ "attendee_category": "main" }), json!({ "duration_type": "day" })] {
        let mut merch = field.clone();
        merch["category"] = json!("merch");
        world.product(popup, "P", merch).await.expect(422);
    }
    let ticket = json!({ "attendee_category": "main", "duration_type": "full" });
    let ticket = world.product(popup, "P", ticket).await.expect(201);
    let refused = json!({ "category": "merch", "attendee_category": "kid" });
    let refused = change_product(&world, &ticket, refused).await;
    assert_eq!(
        (refused.status, &refused.faults()[0].1),
        (422, &json!(["body", "attendee_category"]))
    );
    let merch = change_product(&world, &ticket, json!({ "category": "merch" })).await.expect(200);
    assert_eq!(
        (&merch["attendee_category"], &merch["duration_type"]),
        (&json!(null), &json!(null))
    );
    change_product(&world, &ticket, json!({ "duration_type": "day" })).await.expect(422);
    let nothing = json!({ "duration_type": null, "attendee_category": null });
    change_product(&world, &ticket, nothing).await.expect(200);
}

#[tokio::test]
async fn a_list_is_in_one_order_whatever_is_edited() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let mut products = Vec::new();
    for (name, price, attendee) in [("A", 5, "kid"), ("B", 1, "main"), ("C", 5, "spouse")] {
        let settings = json!({ "price": price, "attendee_category": attendee });
        products.push(world.product(popup, name, settings).await.expect(201));
    }
    let merch = json!({ "category": "merch", "price": 9, "is_active": false });
    world.product(popup, "D", merch).await.expect(201);
    change_product(&world, &products[1], json!({ "description": "Edited" })).await.expect(200);
    for (query, expected) in [
        ("", "ABCD"),
        ("sort_order=asc", "ABCD"),
        ("sort_by=metadata", "ABCD"),
        ("sort_by=price&sort_order=asc", "BACD"),
        ("sort_by=price", "DACB"),
        ("sort_by=name", "DCBA"),
        ("sort_by=attendee_category&sort_order=asc", "BCAD"),
        ("sort_by=attendee_category&sort_order=desc", "DACB"),
        ("sort_by=is_active&sort_order=asc", "DABC"),
        ("sort_by=price&sort_order=asc&skip=1&limit=2", "AC"),
    ] {
        assert_eq!(listed(&world, query).await.concat(), expected, "{query}");
    }
    let path = "/products?skip=1&limit=2";
    let list = world.staff(world.server.get(path)).await.expect(200);
    assert_eq!(list["paging"], json!({ "limit": 2, "offset": 1, "total": 4 }));
    for query in ["sort_order=up", "category=TICKET", "is_active=maybe", "popup_id=zz", "limit=0"] {
        let path = format!("/products?{query}");
        assert_eq!(world.staff(world.server.get(&path)).await.status, 422, "{query}");
    }
}

#[tokio::test]
async fn filters_work_with_and_without_an_event() {
    let world = World::start().await;
    let (first, second) = (world.popup(json!({})).await, world.popup(json!({})).await);
    for (popup, name, is_active) in
        [(first, "A%1", true), (first, "a2", false), (second, "B1", true), (second, "B2", false)]
    {
        let category = if is_active { "ticket" } else { "housing" };
        let settings = json!({ "is_active": is_active, "category": category });
        world.product(popup, name, settings).await.expect(201);
    }
    for (query, expected) in [
        ("is_active=false".to_owned(), vec!["a2", "B2"]),
        ("category=ticket".to_owned(), vec!["A%1", "B1"]),
        (format!("popup_id={first}&is_active=false"), vec!["a2"]),
        (format!("popup_id={first}&is_active=false&category=ticket"), vec![]),
        ("search=a".to_owned(), vec!["A%1", "a2"]),
        ("search=%25".to_owned(), vec!["A%1"]),
        (format!("popup_id={}", nobody()), vec![]),
    ] {
        assert_eq!(listed(&world, &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn the_catalogue_is_for_staff_and_writers_change_it() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let product = world.product(popup, "P", json!({})).await.expect(201);
    let (_, viewer) = world.server.user("viewer", Some(world.tenant)).await;
    let human = world.person().await.token;
    let path = format!("/products/{}", id(&product));
    let body = json!({ "popup_id": popup, "name": "Q", "price": 1 });
    let server = &world.server;
    let calls = async |token: &str| {
        [
            server.get("/products").bearer_auth(token).answer().await.status,
            server.get(&path).bearer_auth(token).answer().await.status,
            server.post("/products").bearer_auth(token).json(&body).answer().await.status,
            server.patch(&path).bearer_auth(token).json(&json!({})).answer().await.status,
            server.delete(&path).bearer_auth(token).answer().await.status,
            server.get("/products/portal/products").bearer_auth(token).answer().await.status,
        ]
    };
    assert_eq!(calls(&viewer).await, [200, 200, 403, 403, 403, 403]);
    assert_eq!(calls(&human).await, [403, 403, 403, 403, 403, 200]);
    assert_eq!(calls("nobody").await, [401; 6]);
    assert_eq!(calls(&world.admin).await, [200, 200, 201, 200, 204, 403]);
}

#[tokio::test]
async fn the_catalogue_of_another_organisation_is_as_good_as_none() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let product = world.product(popup, "P", json!({})).await.expect(201);
    let theirs = world.server.tenant("theirs").await;
    let (_, stranger) = world.server.user("admin", Some(theirs)).await;
    let body = json!({ "popup_id": popup, "name": "Q", "price": 1 });
    let as_stranger =
        async |request: reqwest::RequestBuilder| request.bearer_auth(&stranger).answer().await;
    as_stranger(world.server.post("/products").json(&body)).await.expect(404);
    let path = format!("/products/{}", id(&product));
    as_stranger(world.server.get(&path)).await.expect(404);
    as_stranger(world.server.patch(&path).json(&json!({ "name": "Q" }))).await.expect(404);
    as_stranger(world.server.delete(&path)).await.expect(404);
    assert_eq!(listed(&world, "").await, ["P"]);
}

#[tokio::test]
async fn a_rule_comes_before_the_event_that_is_not_there() {
    let world = World::start().await;
    let merch = json!({ "category": "merch", "duration_type": "day" });
    world.product(nobody(), "P", merch).await.expect(422);
    world.product(nobody(), "P", json!({})).await.expect(404);
    let unknown = json!({ "id": nobody() });
    let refused = json!({ "category": "merch", "duration_type": "day" });
    change_product(&world, &unknown, refused).await.expect(404);
}

/// Lowering the maximum below what is sold takes nothing away.
#[tokio::test]
async fn the_maximum_may_be_less_than_what_is_sold() {
    let world = World::start().await;
    let popup = world.popup(json!({})).await;
    let product = world.product(popup, "P", json!({ "max_quantity": 5 })).await.expect(201);
    let person = world.person().await;
    let application = id(&world.apply(&person, popup, json!({})).await.expect(201));
    world.all_hold(application, id(&product), 3).await;
    let changed = change_product(&world, &product, json!({ "max_quantity": 1 })).await.expect(200);
    assert_eq!(changed["max_quantity"], 1);
    let held = &world.application(application).await["attendees"][0]["products"][0];
    assert_eq!((&held["quantity"], &held["max_quantity"]), (&json!(3), &json!(1)));
}

#[tokio::test]
async fn a_product_is_described_field_by_field() {
    let server = TestServer::start().await;
    let document = server.get("/openapi.json").answer().await.expect(200);
    let schemas = &document["components"]["schemas"];
    for (schema, more) in [
        ("ProductPublic", [].as_slice()),
        ("ProductBatchResult", &["success", "err_msg", "row_number"]),
    ] {
        let fields = schemas[schema]["properties"].as_object().unwrap();
        for field in ["id", "name", "price", "created_at"].iter().chain(more) {
            assert!(fields.contains_key(*field), "{schema} has no {field}");
        }
    }
    assert!(schemas["ProductFields"].is_null());
}
