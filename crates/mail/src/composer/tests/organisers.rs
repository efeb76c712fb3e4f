use super::*;

/// What an organiser's document makes of the context.
async fn custom(html: &str) -> String {
    let made = custom_mail(MailTemplate::PaymentConfirmed, None, html, &context()).await;
    assert_eq!(made.fell_back, None, "{html}");
    let body = made.mail.html.split_once("<body>").unwrap().1;
    body.split_once("</body>").unwrap().0.trim_end().to_owned()
}

async fn previewed(html: &str, variables: Value) -> Result<String, RenderError> {
    let draft =
        Draft { tenant: TENANT, template: MailTemplate::PaymentConfirmed, subject: None, html };
    let made = composer().preview(draft, &variables, &frame()).await?;
    let body = made.html.split_once("<body>").unwrap().1;
    Ok(body.split_once("</body>").unwrap().0.trim_end().to_owned())
}

#[rstest]
#[case("{{ first_name }}, {{ nope }}{{ nope.at.all }}{{ nope[0] }}.", "Ann, .")]
#[case("{{ amount }} {{ discount_value }}", "463.50 10")]
#[case("{{ \"%.2f\"|format(amount) }}|{{ \"%.2f\"|format(nope) }}|{{ nope|round(1) }}", "463.50||")]
#[case(
    "{{ amount * 2 }} {{ nope * 2 }}{{ -nope }}{{ 7 // 2 }} {{ 2 ** 3 }} {{ 'a' + 'b' }}",
    "927.00 3 8 ab"
)]
#[case(
    "{% for p in products %}{{ loop.index }}{{ p.name }}{% else %}none{% endfor %}",
    "1Month pass2Day &amp; night"
)]
#[case("{% for p in nope %}x{% else %}none{% endfor %}{% if nope %}x{% endif %}", "none")]
#[case("{% if nope >= 100 %}x{% elif not nope %}y{% endif %}", "y")]
#[case(
    "{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m(first_name) }}{% set x = 1 %}{% with y = 2 %}{{ x + y }}{% endwith %}",
    "[Ann]3"
)]
#[case("{# no #}{% raw %}{{ a }}{% endraw %}{{- ' b' }}", "{{ a }} b")]
#[case(
    "{{ order_summary }} {{ '<i>x</i>'|safe }} {{ '<i>' }}",
    "<b>Month pass</b>, Ann, 400.00 <i>x</i> &lt;i&gt;"
)]
#[case(
    "{{ products|map(attribute='price')|sum }} {{ products|selectattr('quantity', '>', 1)|list|length }}",
    "450.00 1"
)]
#[case("{{ products|sort(attribute='price')|first|tojson|length > 5 }}", "True")]
#[case(
    "{{ 'a b c'|title|replace('B', 'x') }} {{ 'one two'|truncate(5, end='~', leeway=0) }} {{ 'a b'|wordcount }}",
    "A x C one~ 2"
)]
#[case(
    "{{ '<b>x</b>  y'|striptags }} {{ 'ä b'|urlencode }} {{ [3,1,2]|sort|join('-') }} {{ [1,1]|unique|list|length }}",
    "x y %C3%A4%20b 1-2-3 1"
)]
#[case(
    "{{ range(3)|list|length }} {{ [1, 2, 3, 4]|batch(2)|list|length }} {{ {'a': 1}|items|first|join('=') }}",
    "3 2 a=1"
)]
#[case(
    "{{ {'b': 1, 'a': 2}|dictsort|first|first }} {{ products|groupby('quantity')|length }} {{ 'x'|indent(2) }}",
    "a 2 x"
)]
#[case(
    "{{ ' x '|trim|upper|lower|capitalize }} {{ 3.7|int }} {{ '4'|float }} {{ -3|abs }} {{ [1,2]|reverse|last }}",
    "X 3 4.00 3 1"
)]
#[tokio::test]
async fn organisers_speak_jinja(#[case] html: &str, #[case] shown: &str) {
    assert_eq!(custom(html).await, shown);
}

#[rstest]
#[case("Hi {{ first_name }}, {{ popup_name }}", "Hi {{ first_name }}, Dated Event")]
#[case("{{ a.b.c }} {{ products[0].name }}", "{{ a.b.c }} {{ products[0].name }}")]
#[case(
    "{% if a and a > 1 and 1 > a and a <= 1 and 1 <= a and a != 1 %}y{% endif %}{% if a == 1 %}n{% endif %}",
    "y"
)]
#[case("{% for p in products %}x{% else %}none{% endfor %}", "none")]
#[case(
    "{{ amount * 2 + 1 }} {{ 2 - amount }} {{ -amount }} {{ 1 + 2 }}",
    "{{ amount }} {{ amount }} {{ amount }} 3"
)]
#[case(
    "{{ \"%.2f\"|format(amount) }} {{ amount|round(2) }} {{ name|upper|trim }} {{ x|default('d') }}",
    "{{ amount }} {{ amount }} {{ name }} {{ x }}"
)]
#[case(
    "{{ 'x' in a }} {{ 1 < 2 }} {{ 'b' > 'a' }} {{ 3 in [1] }} {{ tenant_name }} {{ project_name }}",
    "True True True False Edge City EdgeOS"
)]
#[case(
    "{% for i in range(2) %}{{ i }}{{ loop.last }}{% endfor %} {{ dict(a=1).a }}",
    "0False1True 1"
)]
#[case("{% macro m(a, b) %}{{ a }}{{ c }}{% endmacro %}{{ m(x) }}", "{{ x }}{{ c }}")]
#[case(
    "{% set n = namespace(i=0) %}{% for i in [1, 2] %}{% set n.i = n.i + i %}{% endfor %}{{ n.i }}",
    "3"
)]
#[tokio::test]
async fn a_preview_shows_what_is_still_to_come(#[case] html: &str, #[case] shown: &str) {
    assert_eq!(previewed(html, json!({ "popup_name": "Dated Event" })).await.unwrap(), shown);
}

#[tokio::test]
async fn every_default_can_be_previewed_with_nothing() {
    let composer = composer();
    for template in MailTemplate::ALL {
        let html = composer.built_in(template);
        let draft = Draft { tenant: TENANT, template, subject: Some(template.subject()), html };
        let preview = composer.preview(draft, &json!({}), &frame()).await.unwrap();
        let name = if template.is_login() { "{{ auth_code }}" } else { "{{ popup_name }}" };
        assert!(preview.text.contains(name), "{}", preview.text);
    }
}

#[tokio::test]
async fn values_are_escaped_in_documents_and_not_in_subjects() {
    let context = with(json!({ "first_name": "<b>O'Neil & Co</b>\r\nBcc: x" }));
    let made = custom_mail(
        MailTemplate::PaymentConfirmed,
        Some("Hi {{ first_name }}"),
        "{{ first_name }}",
        &context,
    )
    .await;
    assert_eq!(made.mail.subject, "Hi <b>O'Neil & Co</b> Bcc: x");
    assert!(made.mail.html.contains("&lt;b&gt;O'Neil &amp; Co&lt;/b&gt;"), "{}", made.mail.html);
}

#[rstest]
#[case(Some("{{ 1/0 }}"), "fine", "Patagonia 2026: payment confirmed")]
#[case(None, "{{ 1/0 }}", "Patagonia 2026: payment confirmed")]
#[case(None, "{% include 'x' %}", "Patagonia 2026: payment confirmed")]
#[tokio::test]
async fn words_that_fail_are_replaced(
    #[case] subject: Option<&str>,
    #[case] html: &str,
    #[case] expected: &str,
) {
    let made = custom_mail(MailTemplate::PaymentConfirmed, subject, html, &context()).await;
    assert!(made.fell_back.is_some_and(|error| error.contains("can't be rendered")));
    assert_eq!(made.mail.subject, expected);
    assert!(made.mail.text.contains("is paid"), "{}", made.mail.text);
}

#[tokio::test]
async fn a_subject_of_nothing_is_the_built_in_one() {
    let made =
        custom_mail(MailTemplate::PaymentConfirmed, Some(" {{ nope }}"), "x", &context()).await;
    assert_eq!(made.mail.subject, "Patagonia 2026: payment confirmed");
}

#[rstest]
#[case("{{ a")]
#[case("{% for %}")]
#[case("{% include 'x' %}")]
#[case("{% extends 'x' %}")]
#[case("{% import 'x' as y %}")]
#[case("{% from 'x' import y %}")]
#[case("{% block a %}{% endblock %}")]
#[tokio::test]
async fn what_is_not_of_the_language_does_not_pass(#[case] source: &str) {
    let (composer, tenant) = (composer(), TENANT);
    let words = WordsToCheck { tenant, subject: Some("{{ fine }}"), html: Some(source) };
    let refused = composer.check(words).await;
    assert!(matches!(refused, Err(RenderError::Invalid(InvalidTemplate::Content(_)))));
    let words = WordsToCheck { tenant, subject: Some(source), html: Some("{{ fine }}") };
    let refused = composer.check(words).await;
    assert!(matches!(refused, Err(RenderError::Invalid(InvalidTemplate::Subject(_)))));
}

#[tokio::test]
async fn words_that_nobody_could_store_are_not_used() {
    let custom = CustomTemplate {
        id: edgeos_domain::EmailTemplateId(Uuid::nil()),
        tenant: TENANT,
        written_at: chrono::DateTime::UNIX_EPOCH,
        words: None,
    };
    let (template, frame) = (MailTemplate::PaymentConfirmed, frame());
    let made = composer().compose(template, Some(&custom), &context(), &frame).await.unwrap();
    assert_eq!(made.fell_back.as_deref(), Some("the content can't be rendered: it is too long"));
    assert!(made.mail.text.contains("is paid"), "{}", made.mail.text);
}

/// What one value may print, and how long the path of a missing one may be, is bounded without fuel.
#[rstest]
#[case(format!("{}{{{{ a }}}}", "{% set a = [a,a,a,a,a,a,a,a,a,a] %}".repeat(12)))]
#[case(format!("{{% set a = [1] %}}{}{{{{ a|escape }}}}", "{% set a = [a,a,a,a,a,a,a,a,a,a] %}".repeat(12)))]
#[case("{% set s = 'x ' * 1000000 %}{% for i in range(10000) %}{{ s|wordcount }}{% endfor %}".to_owned())]
#[tokio::test]
async fn a_value_that_grows_by_holding_itself_ends_soon(#[case] html: String) {
    let refused = previewed(&html, json!({})).await;
    assert!(
        matches!(refused, Err(RenderError::Invalid(InvalidTemplate::Content(_)))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_path_that_leads_nowhere_stays_short() {
    let html = format!("{{% set b = a[a] %}}{}{{{{ b }}}}", "{% set b = b[b] %}".repeat(60));
    let shown = previewed(&html, json!({})).await.unwrap();
    assert!(shown.starts_with("{{ a[…][…]"), "{shown}");
    let html =
        format!("{{% set b = a.x %}}{}{{{{ b }}}}", "{% set b = b.a_longer_name %}".repeat(60));
    assert!(previewed(&html, json!({})).await.unwrap().len() < 600);
}
