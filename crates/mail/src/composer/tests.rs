use minijinja::UndefinedBehavior;
use rstest::rstest;
use serde_json::json;

use super::*;

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

fn with(changes: Value) -> Value {
    let (Value::Object(mut all), Value::Object(changes)) = (context(), changes) else {
        panic!("both are objects")
    };
    all.extend(changes);
    Value::Object(all)
}

fn compose(template: MailTemplate, context: &Value) -> ComposedMail {
    TemplateComposer::new().compose(template, context, &frame()).unwrap()
}

fn composable() -> impl Iterator<Item = MailTemplate> {
    MailTemplate::ALL.into_iter().filter(|template| built_in::subject(*template).is_some())
}

/// The runs of six digits or more.
fn codes(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() >= 6).collect()
}

#[test]
fn every_template_names_only_variables_that_exist() {
    let mut composer = TemplateComposer::new();
    composer.built_in.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    for template in composable() {
        composer.compose(template, &context(), &frame()).unwrap();
    }
}

#[test]
fn a_mail_without_its_variables_is_a_mail() {
    for template in composable() {
        let mail = compose(template, &json!({ "popup_name": null }));
        assert!(!mail.subject.is_empty(), "{template:?}");
        let shown = mail.text.to_lowercase();
        assert!(!shown.contains("none") && !shown.contains("undefined"), "{}", mail.text);
    }
}

#[test]
fn what_comes_later_is_missing() {
    let composed =
        TemplateComposer::new().compose(MailTemplate::AbandonedCart, &context(), &frame());
    assert!(matches!(composed, Err(ComposeError::Missing(MailTemplate::AbandonedCart))));
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
fn a_subject_is_one_line_of_plain_text(
    #[case] template: MailTemplate,
    #[case] changes: Value,
    #[case] subject: &str,
) {
    assert_eq!(compose(template, &with(changes)).subject, subject);
}

#[test]
fn a_subject_fits_its_limit() {
    let mail =
        compose(MailTemplate::ApplicationReceived, &with(json!({ "popup_name": "é".repeat(300) })));
    assert_eq!(mail.subject.chars().count(), SUBJECT_MAX);
}

#[rstest]
#[case(MailTemplate::LoginCodeUser, json!({}))]
#[case(MailTemplate::LoginCodeHuman, json!({}))]
#[case(MailTemplate::LoginCodeHuman, json!({ "is_new": true }))]
#[case(MailTemplate::LoginCodeHuman, json!({ "first_name": "bob.20260605" }))]
#[case(MailTemplate::LoginCodeUser, json!({ "user_name": "1234567" }))]
fn the_code_is_the_only_run_of_six_digits(#[case] template: MailTemplate, #[case] changes: Value) {
    let frame = MailFrame {
        logo_url: Some("https://cdn.example/1700000000/123456.png?a=1&b=2".to_owned()),
        link: "https://202606.portal.example".to_owned(),
        ..frame()
    };
    let mail = TemplateComposer::new().compose(template, &with(changes), &frame).unwrap();
    assert_eq!(codes(&mail.html), ["042137"], "{}", mail.html);
    assert_eq!(codes(&mail.text), ["042137"], "{}", mail.text);
    assert!(mail.text.contains("code is 042137\n"), "{}", mail.text);
    // Still the same address to whoever reads references.
    assert!(mail.html.contains("&#54;.png?a=1&amp;b=2"), "{}", mail.html);
}

#[test]
fn mails_greet_by_name_and_without_one() {
    for template in composable() {
        let called =
            if template == MailTemplate::LoginCodeUser { "Hi Ann Lee," } else { "Hi Ann," };
        let mail = compose(template, &context());
        assert!(mail.html.contains(called) && mail.text.contains(called), "{}", mail.text);
        let mail = compose(template, &with(json!({ "first_name": "", "user_name": null })));
        assert!(mail.html.contains("Hi,") && mail.text.starts_with("Hi,\n"), "{}", mail.text);
    }
}

#[test]
fn what_people_typed_is_text() {
    let name = json!("<b>Ann</b>");
    let changes =
        json!({ "first_name": name, "user_name": name, "popup_name": name, "email": name });
    for template in composable() {
        let mail = compose(template, &with(changes.clone()));
        assert!(!mail.html.contains("<b>"), "{}", mail.html);
        assert!(mail.html.contains("&lt;b&gt;Ann&lt;/b&gt;"), "{}", mail.html);
        assert!(mail.text.contains("Hi <b>Ann</b>,"), "{}", mail.text);
    }
}

#[test]
fn an_application_that_is_received_tells_when() {
    let mail = compose(MailTemplate::ApplicationReceived, &context());
    for said in ["Ann Lee", "ann@x.example", "In review", "November 22, 2026, 06:19 UTC"] {
        assert!(mail.html.contains(said) && mail.text.contains(said), "{said}: {}", mail.text);
    }
    let link = "href=\"https://edge.portal.example\"";
    assert_eq!(mail.html.matches(link).count(), 3, "{}", mail.html);
    assert!(mail.text.contains("https://edge.portal.example"), "{}", mail.text);
}

#[test]
fn a_group_gives_its_discount() {
    let mail = compose(MailTemplate::ApplicationAccepted, &context());
    assert!(mail.html.contains("10 % off") && mail.text.contains("10 % off"), "{}", mail.text);
    let mail = compose(MailTemplate::ApplicationAccepted, &with(json!({ "discount_assigned": 0 })));
    assert!(!mail.html.contains("% off") && !mail.text.contains("% off"), "{}", mail.text);
}

#[rstest]
#[case(json!(50.55), "50.55 %")]
#[case(json!(25.0), "25.00 %")]
#[case(json!(25), "25 %")]
#[case(json!(100), "your ticket is free")]
fn a_scholarship_tells_what_it_covers(#[case] percentage: Value, #[case] said: &str) {
    for template in [
        MailTemplate::ApplicationAcceptedWithDiscount,
        MailTemplate::ApplicationAcceptedWithIncentive,
    ] {
        let mail = compose(template, &with(json!({ "discount_percentage": percentage })));
        assert!(mail.html.contains(said), "{}", mail.html);
        assert!(mail.text.contains(said), "{}", mail.text);
    }
}

#[rstest]
#[case(json!(1000))]
#[case(json!(1000.0))]
fn a_grant_has_an_amount_and_a_currency(#[case] amount: Value) {
    let context = with(json!({ "incentive_amount": amount }));
    let mail = compose(MailTemplate::ApplicationAcceptedWithIncentive, &context);
    assert!(mail.html.contains("1000.00 EUR") && mail.text.contains("1000.00 EUR"));
}

#[test]
fn what_is_unknown_is_not_promised() {
    let unknown = json!({ "discount_percentage": null, "incentive_currency": null });
    for template in [
        MailTemplate::ApplicationAcceptedWithDiscount,
        MailTemplate::ApplicationAcceptedWithIncentive,
    ] {
        let mail = compose(template, &with(unknown.clone()));
        assert!(!mail.text.contains("free") && !mail.text.contains('%'), "{}", mail.text);
        assert!(!mail.html.contains("is free") && !mail.html.contains("% off"), "{}", mail.html);
    }
    let mail = compose(MailTemplate::ApplicationAcceptedWithIncentive, &with(unknown));
    assert!(mail.text.contains("1000.00 USD"), "{}", mail.text);
}

#[test]
fn a_mail_is_read_without_images() {
    let logo_url = Some("https://cdn.example/logo.png".to_owned());
    let framed = MailFrame { logo_url, ..frame() };
    let composer = TemplateComposer::new();
    let mail = composer.compose(MailTemplate::ApplicationReceived, &context(), &framed).unwrap();
    assert!(mail.html.contains("alt=\"Edge City\""), "{}", mail.html);
    assert!(mail.html.contains("alt=\"Patagonia 2026\""), "{}", mail.html);
    assert!(mail.html.contains("© 2026 EdgeOS"), "{}", mail.html);
}
