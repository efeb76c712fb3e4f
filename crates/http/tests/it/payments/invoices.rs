use edgeos_testkit::{S3Server, simplefi::Event};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, net::TcpListener};
use uuid::Uuid;

use super::{Buyer, Shop, line};
use crate::{
    harness::{Send, nobody},
    world::id,
};

/// What was answered instead of a value.
struct Document {
    status: u16,
    kind: String,
    disposition: String,
    bytes: Vec<u8>,
}

impl Document {
    async fn of(request: RequestBuilder) -> Self {
        let (answer, bytes) = request.answer_and_bytes().await;
        let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
        let (kind, disposition) = (header("content-type"), header("content-disposition"));
        Self { status: answer.status, kind, disposition, bytes }
    }

    /// What is written on it, with one space wherever there is white space.
    fn text(&self) -> String {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.bytes));
        let text = pdf_extract::extract_text_from_mem(&self.bytes).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether there is an image on it.
    fn is_illustrated(&self) -> bool {
        let contains = |what: &[u8]| self.bytes.windows(what.len()).any(|window| window == what);
        contains(b"/Subtype /Image") || contains(b"/Subtype/Image")
    }

    #[track_caller]
    fn assert_says(&self, texts: &[&str]) {
        let all = self.text();
        for text in texts {
            assert!(all.contains(text), "{text} is not in {all}");
        }
    }
}

/// A shop of somebody who issues invoices.
async fn issuing() -> Shop {
    issuing_with(json!({})).await
}

async fn issuing_with(settings: Value) -> Shop {
    issuing_at(&[], settings).await
}

async fn issuing_at(variables: &[(&str, &str)], settings: Value) -> Shop {
    let mut all = json!({
        "simplefi_api_key": "sk_test_0123456789",
        "invoice_company_name": "Edge City GmbH",
        "invoice_company_address": "Hauptplatz 1",
        "invoice_company_email": "billing@edge.example",
    });
    for (name, value) in settings.as_object().unwrap() {
        all[name] = value.clone();
    }
    Shop::open_at(variables, all).await
}

impl Shop {
    /// The invoice as the buyer gets it.
    async fn my_invoice(&self, buyer: &Buyer, payment: &Value) -> Document {
        let path = format!("/payments/my/{}/invoice", id(payment));
        Document::of(self.world.server.get(&path).bearer_auth(&buyer.person.token)).await
    }

    /// The invoice as somebody of the backoffice gets it.
    async fn invoice(&self, token: &str, payment: Uuid) -> Document {
        let path = format!("/payments/{payment}/invoice");
        Document::of(self.world.server.get(&path).bearer_auth(token)).await
    }

    async fn change_event(&self, change: Value) {
        let path = format!("/popups/{}", self.popup);
        self.world.staff(self.world.server.patch(&path).json(&change)).await.expect(200);
    }
}

/// 473.00 for a week and two shirts, with a coupon and insurance.
async fn worked_example(shop: &Shop) -> (Buyer, Value) {
    let week = json!({ "duration_type": "week", "insurance_percentage": 5 });
    let week = shop.sells("Week1", "500", week).await;
    let shirt = shop.sells("Shirt", "30", json!({ "category": "merch" })).await;
    shop.coupon("C20", 20, json!({})).await;
    let buyer = shop.buyer().await;
    let lines = [line(shirt, buyer.spouse, 2), line(week, buyer.main, 1)];
    let wish = json!({ "coupon_code": "C20", "insurance": true });
    let payment = shop.order(&buyer, &lines, wish).await.expect(201);
    (buyer, payment)
}

#[tokio::test]
async fn who_paid_has_an_invoice_that_adds_up() {
    let shop = issuing().await;
    let (buyer, payment) = worked_example(&shop).await;
    // Nothing is paid yet.
    assert_eq!(shop.my_invoice(&buyer, &payment).await.status, 404);
    assert_eq!(shop.invoice(&shop.world.admin, id(&payment)).await.status, 404);
    shop.happens(&payment, Event::CardPaid).await;

    let invoice = shop.my_invoice(&buyer, &payment).await;
    assert_eq!(invoice.kind, "application/pdf");
    let name = format!("attachment; filename=\"invoice-{}.pdf\"", id(&payment));
    assert_eq!(invoice.disposition, name);
    assert!(invoice.bytes.starts_with(b"%PDF-"));
    let number = format!("Invoice #: {}", payment["external_id"].as_str().unwrap());
    let date = format!("Date: {}", &payment["created_at"].as_str().unwrap()[..10]);
    invoice.assert_says(&[
        "Edge City GmbH",
        "Address: Hauptplatz 1",
        "Email: billing@edge.example",
        &number,
        &date,
        "Bill to: Ada Lovelace",
        "2 Shirt 30,00 USD 60,00 USD",
        "1 Week1 500,00 USD 500,00 USD",
        "Subtotal 560,00 USD",
        "Discount (coupon: C20) -112,00 USD",
        "Insurance 25,00 USD",
        "Total 473,00 USD",
    ]);
    let text = invoice.text();
    assert!(text.find("Shirt") < text.find("Week1"), "{text}");
    assert_eq!(shop.invoice(&shop.world.admin, id(&payment)).await.text(), text);
}

#[tokio::test]
async fn coins_are_shown_with_their_rate() {
    let shop = issuing().await;
    let (buyer, payment) = worked_example(&shop).await;
    shop.happens(&payment, Event::CryptoPaid).await;
    shop.my_invoice(&buyer, &payment).await.assert_says(&[
        "Rate",
        "1 ETH = 2.500,50 USD",
        "0,19996001 ETH",
        "0,02399520 ETH",
        "Discount (coupon: C20) -0,04479104 ETH",
        "Insurance 0,00999800 ETH",
        "Total 0,18916217 ETH",
    ]);
}

#[tokio::test]
async fn what_costs_nothing_has_an_invoice_too() {
    let shop = issuing().await;
    let week = shop.sells("Week1", "500", json!({})).await;
    shop.coupon("C100", 100, json!({})).await;
    let buyer = shop.buyer().await;
    let lines = [line(week, buyer.main, 1)];
    let payment = shop.order(&buyer, &lines, json!({ "coupon_code": "C100" })).await.expect(201);
    let number = format!("Invoice #: {}", id(&payment));
    shop.my_invoice(&buyer, &payment).await.assert_says(&[
        &number,
        "Discount (coupon: C100) -500,00 USD",
        "Total 0,00 USD",
    ]);
}

#[tokio::test]
async fn credit_is_no_discount() {
    let shop = issuing().await;
    let first = shop.sells("Week1", "500", json!({})).await;
    let second = shop.sells("Week2", "600", json!({})).await;
    shop.coupon("C10", 10, json!({})).await;
    let buyer = shop.buyer().await;
    let bought = shop.buys(&buyer, first).await.expect(201);
    shop.happens(&bought, Event::CardPaid).await;
    let lines = [line(second, buyer.main, 1)];
    let edit = json!({ "edit_passes": true, "coupon_code": "C10" });
    let change = shop.order(&buyer, &lines, edit).await.expect(201);
    shop.happens(&change, Event::CardPaid).await;
    shop.my_invoice(&buyer, &change).await.assert_says(&[
        "1 Week2 600,00 USD 600,00 USD",
        "Subtotal 600,00 USD",
        "Discount (coupon: C10) -10,00 USD",
        "Credit -500,00 USD",
        "Total 90,00 USD",
    ]);
}

#[tokio::test]
async fn a_fee_is_on_its_invoice() {
    let fee = json!({ "requires_application_fee": true, "application_fee_amount": "25.50" });
    let shop = issuing_with(fee).await;
    let person = shop.world.person().await;
    let applied = shop.world.apply(&person, shop.popup, json!({ "status": "in review" })).await;
    let application = id(&applied.expect(201));
    let request = shop.world.server.post("/payments/my/application-fee").bearer_auth(&person.token);
    let fee = request.json(&json!({ "application_id": application })).answer().await.expect(201);
    shop.happens(&fee, Event::CardPaid).await;
    let invoice = shop.invoice(&shop.world.admin, id(&fee)).await;
    invoice.assert_says(&["1 Application fee 25,50 USD 25,50 USD", "Total 25,50 USD"]);
    assert!(!invoice.text().contains("Subtotal"));
}

#[tokio::test]
async fn nobody_gets_an_invoice_of_whoever_doesn_t_say_who_they_are() {
    let shop = issuing().await;
    let (buyer, payment) = worked_example(&shop).await;
    shop.happens(&payment, Event::CardPaid).await;
    for field in ["invoice_company_name", "invoice_company_address", "invoice_company_email"] {
        for missing in [json!(""), json!(null)] {
            shop.change_event(json!({ field: missing })).await;
            assert_eq!(shop.my_invoice(&buyer, &payment).await.status, 404, "{field}");
            assert_eq!(shop.invoice(&shop.world.admin, id(&payment)).await.status, 404, "{field}");
        }
        shop.change_event(json!({ field: "There" })).await;
        assert_eq!(shop.my_invoice(&buyer, &payment).await.status, 200, "{field}");
    }
    let change = json!({ "status": "cancelled" });
    shop.patch(&payment, change).await.expect(200);
    assert_eq!(shop.my_invoice(&buyer, &payment).await.status, 404);
}

#[tokio::test]
async fn invoices_are_seen_by_those_whom_they_concern() {
    let shop = issuing().await;
    let (buyer, payment) = worked_example(&shop).await;
    shop.happens(&payment, Event::CardPaid).await;
    let (server, payment_id) = (&shop.world.server, id(&payment));
    let other = shop.buyer().await;
    assert_eq!(shop.my_invoice(&other, &payment).await.status, 404);
    let unknown = json!({ "id": nobody() });
    let missing = shop.my_invoice(&buyer, &unknown).await;
    assert_eq!(
        (missing.status, &missing.bytes),
        (404, &shop.my_invoice(&other, &payment).await.bytes)
    );
    let my_path = format!("/payments/my/{payment_id}/invoice");
    let as_admin = server.get(&my_path).bearer_auth(&shop.world.admin);
    assert_eq!(Document::of(as_admin).await.status, 403);
    assert_eq!(shop.invoice(&buyer.person.token, payment_id).await.status, 403);
    let (_, viewer) = server.user("viewer", Some(shop.world.tenant)).await;
    assert_eq!(shop.invoice(&viewer, payment_id).await.status, 200);
    let theirs = server.tenant("theirs").await;
    let (_, stranger) = server.user("admin", Some(theirs)).await;
    assert_eq!(shop.invoice(&stranger, payment_id).await.status, 404);
    assert_eq!(Document::of(server.get(&my_path)).await.status, 401);
    let malformed = server.get("/payments/zz/invoice").bearer_auth(&viewer);
    assert_eq!(Document::of(malformed).await.status, 422);
}

#[tokio::test]
async fn names_are_printed_as_they_are_written() {
    let shop = issuing_with(json!({ "invoice_company_name": "Край & <script>" })).await;
    let (buyer, payment) = worked_example(&shop).await;
    shop.happens(&payment, Event::CardPaid).await;
    let rename = "UPDATE humans SET first_name = 'Łukasz', last_name = '李 <b>x</b>' WHERE id = $1";
    let rename = sqlx::query(rename).bind(buyer.person.id.0);
    rename.execute(&shop.world.server.sql).await.unwrap();
    let invoice = shop.my_invoice(&buyer, &payment).await;
    invoice.assert_says(&["Bill to: Łukasz 李 <b>x</b>", "Край & <script>"]);
}

/// One red dot.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\
    \x90\x77\x53\xde\x00\x00\x00\x0cIDAT\x78\x9c\x63\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\
    \x00\x00\x00\x00IEND\xaeB\x60\x82";

#[tokio::test]
async fn an_image_that_was_uploaded_goes_on_top() {
    let storage = S3Server::start().await.unwrap();
    let own = storage.variables();
    let mut variables: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    // Nothing is reached there.
    variables.push(("STORAGE_PUBLIC_URL", "http://localhost:1/pictures"));
    let shop = issuing_at(&variables, json!({})).await;
    let (buyer, payment) = worked_example(&shop).await;
    shop.happens(&payment, Event::CardPaid).await;
    let plain = shop.my_invoice(&buyer, &payment).await;

    let asked = json!({ "filename": "a.png", "content_type": "image/png" });
    let request = shop.world.server.post("/uploads/presigned-url").json(&asked);
    let offer = shop.world.staff(request).await.expect(200);
    let put = reqwest::Client::new().put(offer["upload_url"].as_str().unwrap());
    let put = put.header("content-type", "image/png").body(PNG).send().await.unwrap();
    assert_eq!(put.status(), 200);
    shop.change_event(json!({ "image_url": offer["public_url"] })).await;
    let illustrated = shop.my_invoice(&buyer, &payment).await;
    assert_eq!((plain.is_illustrated(), illustrated.is_illustrated()), (false, true));
    assert_eq!(plain.text(), illustrated.text());
}

#[tokio::test]
async fn an_image_that_leads_inside_is_not_fetched() {
    let shop = issuing().await;
    let (buyer, payment) = worked_example(&shop).await;
    shop.happens(&payment, Event::CardPaid).await;
    let inside = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = inside.local_addr().unwrap().port();
    for address in [
        format!("http://127.0.0.1:{port}/a.png"),
        format!("http://localhost:{port}/a.png"),
        format!("http://[::ffff:127.0.0.1]:{port}/a.png"),
        "/etc/hostname".to_owned(),
    ] {
        shop.change_event(json!({ "image_url": address })).await;
        let invoice = shop.my_invoice(&buyer, &payment).await;
        invoice.assert_says(&["Total 473,00 USD"]);
    }
    // Nobody has called: the first one who does is this test.
    let probe = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let local = probe.local_addr().unwrap();
    drop(probe);
    let (mut first, from) = inside.accept().await.unwrap();
    assert_eq!(from, local);
    assert_eq!(first.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_long_invoice_has_its_heading_on_every_page() {
    let shop = issuing().await;
    let buyer = shop.buyer().await;
    let sql = "WITH goods AS (
            INSERT INTO products (id, tenant_id, popup_id, name, slug, price)
            SELECT gen_random_uuid(), $1, $2, 'Pass ' || lpad(n::text, 3, '0'), 'pass-' || n, 10
            FROM generate_series(1, 120) n RETURNING id, name
        ), paid AS (
            INSERT INTO payments (id, tenant_id, application_id, popup_id, status, amount)
            VALUES (gen_random_uuid(), $1, $3, $2, 'approved', 1200) RETURNING id
        ), sold AS (
            INSERT INTO payment_products (tenant_id, payment_id, product_id, attendee_id,
                                          product_name, product_price, product_category)
            SELECT $1, paid.id, goods.id, $4, goods.name, 10, 'merch' FROM goods, paid
        )
        SELECT id FROM paid";
    let paid = sqlx::query_scalar(sql).bind(shop.world.tenant.0).bind(shop.popup);
    let paid = paid.bind(buyer.application).bind(buyer.main);
    let paid: Uuid = paid.fetch_one(&shop.world.server.sql).await.unwrap();
    let invoice = shop.invoice(&shop.world.admin, paid).await;
    let pages = pdf_extract::extract_text_from_mem_by_pages(&invoice.bytes).unwrap();
    assert!(pages.len() > 2, "{}", pages.len());
    assert!(pages.iter().all(|page| page.contains("Description")));
    let all = invoice.text();
    assert_eq!((all.matches("Pass ").count(), all.matches("Total").count()), (120, 1));
    // In the order of their names, since they were sold together.
    let places: Vec<_> = (1..=120).map(|number| all.find(&format!("Pass {number:03}"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted());
}

#[tokio::test]
async fn the_confirmation_brings_the_invoice_where_money_was_paid() {
    let shop = issuing().await;
    let (buyer, payment) = worked_example(&shop).await;
    shop.happens(&payment, Event::CardPaid).await;
    let inbox = shop.world.server.inbox();
    let confirmation = async |buyer: &Buyer| {
        let email = buyer.person.email.clone();
        inbox
            .wait_for(move |mail| mail.to == [email.as_str()] && mail.subject.contains("confirmed"))
            .await
    };
    let mail = confirmation(&buyer).await;
    let files: Vec<_> = mail.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(files, [format!("invoice-{}.pdf", id(&payment))]);
    assert_eq!(mail.files[0].content_type, "application/pdf");
    let text = pdf_extract::extract_text_from_mem(&mail.files[0].bytes).unwrap();
    assert!(text.contains("473,00 USD"), "{text}");

    let gift = shop.sells("Gift", "0", json!({ "category": "merch" })).await;
    let guest = shop.buyer().await;
    shop.buys(&guest, gift).await.expect(201);
    assert_eq!(confirmation(&guest).await.files.len(), 0);

    shop.change_event(json!({ "invoice_company_email": null })).await;
    let shirt = shop.sells("Cap", "30", json!({ "category": "merch" })).await;
    let other = shop.buyer().await;
    let payment = shop.buys(&other, shirt).await.expect(201);
    shop.happens(&payment, Event::CardPaid).await;
    assert_eq!(confirmation(&other).await.files.len(), 0);
}
