mod organisers;

use edgeos_domain::TenantId;
use edgeos_ports::TemplateWords;
use rstest::rstest;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::document::plain_text;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));

/// A composer that does everything itself.
fn composer() -> TemplateComposer {
    TemplateComposer::with(Guests::here())
}

fn frame() -> MailFrame {
    MailFrame {
        name: "Edge City".to_owned(),
        logo_url: None,
        link: "https://edge.portal.example".to_owned(),
        project_name: "EdgeOS".to_owned(),
        current_year: 2026,
    }
}

/// Every variable that a mail may get.
fn context() -> Value {
    merged(general(), payment())
}

fn general() -> Value {
    json!({
        "user_name": "Ann Lee", "first_name": "Ann", "last_name": "Lee", "email": "ann@x.example",
        "auth_code": "042137", "expiration_minutes": 15, "is_new": false,
        "popup_name": "Patagonia 2026", "popup_image_url": "https://cdn.example/p.jpg",
        "popup_icon_url": "https://cdn.example/i.png", "popup_web_url": "https://p.example",
        "popup_blog_url": "https://blog.example", "popup_twitter_url": "https://x.example/p",
        "popup_start_date": "June 05, 2026", "popup_end_date": "June 28, 2026",
        "submitted_at": "November 22, 2026, 06:19 UTC", "discount_assigned": 10,
        "discount_percentage": 50.55, "incentive_amount": 1000.0, "incentive_currency": "EUR",
    })
}

/// Every variable that a mail about a payment may get besides.
fn payment() -> Value {
    json!({
        "payment_id": "5f0c6f4e-0001-4c5e-9d0e-000000000001", "amount": 463.5, "currency": "USD",
        "coin": "ETH", "discount_value": 10, "discount_amount": 50.0, "original_amount": 500.0,
        "insurance_amount": 13.5, "credit_applied": 36.5, "remaining_credit": 20.0,
        "checkout_url": "https://pay.example/7", "order_summary": "<b>Month pass</b>, Ann, 400.00",
        "products": [
            { "name": "Month pass", "price": 400.0, "quantity": 1 },
            { "name": "Day & night", "price": 50.0, "quantity": 2 },
        ],
        "attendees": [
            { "name": "Ann Lee", "category": "main",
              "products": [{ "name": "Month pass", "price": 400.0, "quantity": 1 }] },
            { "name": "Bo Lee", "category": "spouse",
              "products": [{ "name": "Day & night", "price": 50.0, "quantity": 2 }] },
        ],
    })
}

fn with(changes: Value) -> Value {
    merged(context(), changes)
}

fn merged(all: Value, changes: Value) -> Value {
    let (Value::Object(mut all), Value::Object(changes)) = (all, changes) else {
        panic!("both are objects")
    };
    all.extend(changes);
    Value::Object(all)
}

async fn compose(template: MailTemplate, context: &Value) -> ComposedMail {
    compose_in(template, context, &frame()).await
}

async fn compose_in(template: MailTemplate, context: &Value, frame: &MailFrame) -> ComposedMail {
    composer().compose(template, None, context, frame).await.unwrap().mail
}

/// The runs of six digits or more.
fn codes(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() >= 6).collect()
}

#[tokio::test]
async fn a_mail_without_its_variables_is_a_mail() {
    for template in MailTemplate::ALL {
        let mail = compose(template, &json!({ "popup_name": null })).await;
        assert!(!mail.subject.is_empty(), "{template:?}");
        let shown = mail.text.to_lowercase();
        assert!(!shown.contains("none") && !shown.contains("undefined"), "{}", mail.text);
    }
}

#[rstest]
#[case(MailTemplate::LoginCodeUser, json!({}), "Login code for Edge City")]
#[case(MailTemplate::LoginCodeHuman, json!({}), "Login code for Edge City")]
#[case(MailTemplate::LoginCodeHuman, json!({ "is_new": true }), "Verification code for Edge City")]
#[case(MailTemplate::ApplicationReceived, json!({}), "Patagonia 2026: application received")]
#[case(MailTemplate::ApplicationAccepted, json!({ "popup_name": "O'Neil & Co\r\n<x>" }),
    "O'Neil & Co <x>: application accepted")]
#[case(MailTemplate::ApplicationAcceptedWithDiscount, json!({}),
    "Patagonia 2026: application accepted, scholarship granted")]
#[case(MailTemplate::ApplicationAcceptedWithIncentive, json!({}),
    "Patagonia 2026: application accepted, scholarship and grant awarded")]
#[case(MailTemplate::ApplicationAcceptedScholarshipRejected, json!({}),
    "Patagonia 2026: application accepted, decision on your scholarship")]
#[case(MailTemplate::ApplicationRejected, json!({}), "Patagonia 2026: application update")]
#[case(MailTemplate::PaymentConfirmed, json!({}), "Patagonia 2026: payment confirmed")]
#[case(MailTemplate::AbandonedCart, json!({}), "Patagonia 2026: complete your purchase")]
#[case(MailTemplate::EditPassesConfirmed, json!({}), "Patagonia 2026: pass changes confirmed")]
#[tokio::test]
async fn a_subject_is_one_line_of_plain_text(
    #[case] template: MailTemplate,
    #[case] changes: Value,
    #[case] subject: &str,
) {
    assert_eq!(compose(template, &with(changes)).await.subject, subject);
}

#[tokio::test]
async fn a_subject_fits_its_limit() {
    let mail =
        compose(MailTemplate::ApplicationReceived, &with(json!({ "popup_name": "é".repeat(300) })))
            .await;
    assert_eq!(mail.subject.chars().count(), SUBJECT_MAX);
}

#[rstest]
#[case(MailTemplate::LoginCodeUser, json!({}))]
#[case(MailTemplate::LoginCodeHuman, json!({}))]
#[case(MailTemplate::LoginCodeHuman, json!({ "is_new": true }))]
#[case(MailTemplate::LoginCodeHuman, json!({ "first_name": "bob.20260605" }))]
#[case(MailTemplate::LoginCodeUser, json!({ "user_name": "1234567" }))]
#[tokio::test]
async fn the_code_is_the_only_run_of_six_digits(
    #[case] template: MailTemplate,
    #[case] changes: Value,
) {
    let frame = MailFrame {
        name: "Camp 202612, 1234567890123".to_owned(),
        project_name: "Events 2026121".to_owned(),
        logo_url: Some("https://cdn.example/1700000000/123456.png?a=1&b=2".to_owned()),
        link: "https://202606.portal.example".to_owned(),
        ..frame()
    };
    let mail = compose_in(template, &with(changes), &frame).await;
    assert_eq!(codes(&mail.html), ["042137"], "{}", mail.html);
    assert_eq!(codes(&mail.text), ["042137"], "{}", mail.text);
    assert!(mail.text.contains("code is 042137\n"), "{}", mail.text);
    let shown = mail.text.replace('\u{2060}', "");
    assert!(shown.contains("Camp 202612, 1234567890123"), "{shown}");
    // Still the same address to whoever reads references.
    assert!(mail.html.contains("&#54;.png?a=1&amp;b=2"), "{}", mail.html);
}

#[tokio::test]
async fn mails_greet_by_name_and_without_one() {
    for template in MailTemplate::ALL {
        let called =
            if template == MailTemplate::LoginCodeUser { "Hi Ann Lee," } else { "Hi Ann," };
        let mail = compose(template, &context()).await;
        assert!(mail.html.contains(called) && mail.text.contains(called), "{}", mail.text);
        let mail = compose(template, &with(json!({ "first_name": "", "user_name": null }))).await;
        assert!(mail.html.contains("Hi,") && mail.text.starts_with("Hi,\n"), "{}", mail.text);
    }
}

#[tokio::test]
async fn what_people_typed_is_text() {
    let name = json!("<b>Ann</b>");
    let changes = json!({ "first_name": name, "user_name": name, "popup_name": name, "email": name,
            "popup_image_url": null, "attendees": null });
    for template in MailTemplate::ALL {
        let mail = compose(template, &with(changes.clone())).await;
        assert!(!mail.html.contains("<b>"), "{}", mail.html);
        assert!(mail.html.contains("&lt;b&gt;Ann&lt;/b&gt;"), "{}", mail.html);
        assert!(mail.text.contains("Hi <b>Ann</b>,"), "{}", mail.text);
    }
}

#[tokio::test]
async fn an_application_that_is_received_tells_when() {
    let mail = compose(MailTemplate::ApplicationReceived, &context()).await;
    for said in ["Ann Lee", "ann@x.example", "In review", "November 22, 2026, 06:19 UTC"] {
        assert!(mail.html.contains(said) && mail.text.contains(said), "{said}: {}", mail.text);
    }
    let link = "href=\"https://edge.portal.example\"";
    assert_eq!(mail.html.matches(link).count(), 3, "{}", mail.html);
    assert!(mail.text.contains("https://edge.portal.example"), "{}", mail.text);
}

#[tokio::test]
async fn a_group_gives_its_discount() {
    let mail = compose(MailTemplate::ApplicationAccepted, &context()).await;
    assert!(mail.html.contains("10 % off") && mail.text.contains("10 % off"), "{}", mail.text);
    let mail =
        compose(MailTemplate::ApplicationAccepted, &with(json!({ "discount_assigned": 0 }))).await;
    assert!(!mail.html.contains("% off") && !mail.text.contains("% off"), "{}", mail.text);
}

#[rstest]
#[case(json!(50.55), "50.55 %")]
#[case(json!(25.0), "25.00 %")]
#[case(json!(25), "25 %")]
#[case(json!(100), "your ticket is free")]
#[tokio::test]
async fn a_scholarship_tells_what_it_covers(#[case] percentage: Value, #[case] said: &str) {
    for template in [
        MailTemplate::ApplicationAcceptedWithDiscount,
        MailTemplate::ApplicationAcceptedWithIncentive,
    ] {
        let mail = compose(template, &with(json!({ "discount_percentage": percentage }))).await;
        assert!(mail.html.contains(said), "{}", mail.html);
        assert!(mail.text.contains(said), "{}", mail.text);
    }
}

#[rstest]
#[case(json!(1000))]
#[case(json!(1000.0))]
#[tokio::test]
async fn a_grant_has_an_amount_and_a_currency(#[case] amount: Value) {
    let context = with(json!({ "incentive_amount": amount }));
    let mail = compose(MailTemplate::ApplicationAcceptedWithIncentive, &context).await;
    assert!(mail.html.contains("1000.00 EUR") && mail.text.contains("1000.00 EUR"));
}

#[tokio::test]
async fn what_is_unknown_is_not_promised() {
    let unknown = json!({ "discount_percentage": null, "incentive_currency": null });
    for template in [
        MailTemplate::ApplicationAcceptedWithDiscount,
        MailTemplate::ApplicationAcceptedWithIncentive,
    ] {
        let mail = compose(template, &with(unknown.clone())).await;
        assert!(!mail.text.contains("free") && !mail.text.contains('%'), "{}", mail.text);
        assert!(!mail.html.contains("is free") && !mail.html.contains("% off"), "{}", mail.html);
    }
    let mail = compose(MailTemplate::ApplicationAcceptedWithIncentive, &with(unknown)).await;
    assert!(mail.text.contains("1000.00 USD"), "{}", mail.text);
}

#[tokio::test]
async fn a_mail_is_read_without_images() {
    let logo_url = Some("https://cdn.example/logo.png".to_owned());
    let framed = MailFrame { logo_url, ..frame() };
    let mail = compose_in(MailTemplate::ApplicationReceived, &context(), &framed).await;
    assert!(mail.html.contains("alt=\"Edge City\""), "{}", mail.html);
    assert!(mail.html.contains("alt=\"Patagonia 2026\""), "{}", mail.html);
    assert!(mail.html.contains("© 2026 EdgeOS"), "{}", mail.html);
}

fn lines_of(html: &str) -> String {
    plain_text(html).unwrap()
}

#[tokio::test]
async fn a_payment_lists_what_was_bought() {
    let mail = compose(MailTemplate::PaymentConfirmed, &context()).await;
    let read = lines_of(&mail.html);
    for said in [
        "Month pass × 1 400.00 USD\n",
        "Day & night × 2 100.00 USD\n",
        "Discount (10 %) −50.00 USD\n",
        "Insurance 13.50 USD\n",
        "Total 463.50 USD\n",
        "You paid in ETH; the amounts are in USD, as priced.",
        "Payment 5f0c6f4e-0001-4c5e-9d0e-000000000001.",
        "Ann Lee\nMonth pass\n",
        "Bo Lee (spouse)\nDay & night × 2\n",
        "See your passes (https://edge.portal.example)",
    ] {
        assert!(read.contains(said), "{said}: {read}");
    }
    assert!(mail.text.contains("Day & night × 2: 100.00 USD\n"), "{}", mail.text);
    assert!(mail.text.contains("Bo Lee (spouse): Day & night × 2\n"), "{}", mail.text);
    let plain = json!({ "coin": "USD", "discount_amount": 0.0, "insurance_amount": 0.0 });
    let read = lines_of(&compose(MailTemplate::PaymentConfirmed, &with(plain)).await.html);
    for unsaid in ["Discount", "Insurance", "You paid in"] {
        assert!(!read.contains(unsaid), "{read}");
    }
    let invoiced = with(json!({ "attachments": ["invoice.pdf"] }));
    let read = lines_of(&compose(MailTemplate::PaymentConfirmed, &invoiced).await.html);
    assert!(read.contains("The invoice is attached."), "{read}");
}

#[tokio::test]
async fn a_change_of_passes_is_paid_or_leaves_credit() {
    let paid = with(json!({ "remaining_credit": 0.0 }));
    let read = lines_of(&compose(MailTemplate::EditPassesConfirmed, &paid).await.html);
    assert!(
        read.contains("Credit used −36.50 USD\n") && read.contains("Paid 463.50 USD\n"),
        "{read}"
    );
    let credited = with(json!({ "amount": 0.0 }));
    let read = lines_of(&compose(MailTemplate::EditPassesConfirmed, &credited).await.html);
    assert!(read.contains("Your credit 20.00 USD\n") && !read.contains("Paid"), "{read}");
}

#[tokio::test]
async fn a_cart_that_waits_can_be_paid() {
    let mail = compose(MailTemplate::AbandonedCart, &context()).await;
    let read = lines_of(&mail.html);
    assert!(read.contains("Pay now (https://pay.example/7)"), "{read}");
    assert!(read.contains("The link expires") && mail.text.contains("The link expires"), "{read}");
    let mail = compose(MailTemplate::AbandonedCart, &with(json!({ "checkout_url": null }))).await;
    assert!(!mail.html.contains("Pay now"), "{}", mail.html);
}

#[tokio::test]
async fn the_document_that_an_editor_starts_from_can_be_taken_apart() {
    let composer = composer();
    for template in MailTemplate::ALL {
        let html = composer.built_in(template);
        assert_eq!(html.matches("<style>").count(), 1, "{html}");
        assert_eq!(html.matches("</style>").count(), 1, "{html}");
        let body = html.split_once("<body>").unwrap().1;
        let logic = |text: &str| text.matches("{%").count();
        assert_eq!(logic(body), logic(html), "{html}");
        let words = WordsToCheck { tenant: TENANT, subject: None, html: Some(html) };
        composer.check(words).await.unwrap();
    }
    let html = composer.built_in(MailTemplate::PaymentConfirmed);
    for kept in ["{{ popup_name }}", "{% for product in products %}", "format(amount) }}"] {
        assert!(html.contains(kept), "{html}");
    }
    assert!(!html.contains("0.00"), "{html}");
}

/// What the editor makes of it: its own frame around style and body.
#[tokio::test]
async fn a_default_that_is_saved_sends_what_was_sent_before() {
    let composer = composer();
    for template in MailTemplate::customisable() {
        let html = composer.built_in(template);
        let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let body = html.split_once("<body>").unwrap().1.split_once("</body>").unwrap().0;
        let saved = format!(
            "<!DOCTYPE html><html><head><title>{{{{ subject }}}}</title><style>{style}</style></head>\
             <body>{body}</body></html>"
        );
        let sent = custom_mail(template, None, &saved, &context()).await;
        assert_eq!(sent.fell_back, None);
        let before = compose(template, &context()).await;
        assert_eq!(lines_of(&sent.mail.html), lines_of(&before.html));
        assert_eq!(sent.mail.subject, before.subject);
    }
}

async fn custom_mail(
    template: MailTemplate,
    subject: Option<&str>,
    html: &str,
    context: &Value,
) -> Composition {
    let custom = CustomTemplate {
        id: edgeos_domain::EmailTemplateId(Uuid::nil()),
        tenant: TENANT,
        written_at: chrono::DateTime::UNIX_EPOCH,
        words: Some(TemplateWords { subject: subject.map(str::to_owned), html: html.to_owned() }),
    };
    composer().compose(template, Some(&custom), context, &frame()).await.unwrap()
}
