//! Words that would take the server down.

use futures_util::future::join_all;
use serde_json::json;

use super::{Mails, drafts::body};
use crate::{harness::Send, patience::until, world::id};

/// What organisers read whose words are stopped from outside.
const STOPPED: &str = "it needs too much memory or time";

/// Words that grow out of all bounds without working much: what they print, compare, read or leave behind.
fn monsters() -> Vec<(&'static str, String)> {
    let ten = "{% set a = [a,a,a,a,a,a,a,a,a,a] %}".repeat(12);
    let two = |name: &str| format!("{{% set {name} = [{name}, {name}] %}}").repeat(40);
    vec![
        (
            "paths",
            format!(
                "{{% set b = a[a] %}}{}{{{{ b + 1 }}}}{{{{ 1/0 }}}}",
                "{% set b = b[b] %}".repeat(60)
            ),
        ),
        ("printing", format!("{{% set a = [1] %}}{ten}{{{{ a }}}}")),
        ("json", format!("{{% set a = [1] %}}{ten}{{{{ a|tojson }}}}")),
        ("joining", format!("{{% set a = [1] %}}{ten}{{{{ [a, a]|join }}}}")),
        ("concatenation", format!("{{% set a = [1] %}}{ten}{{{{ a ~ a }}}}")),
        (
            "comparing",
            format!(
                "{{% set a = [1] %}}{{% set b = [1] %}}{}{}{{{{ a == b }}}}",
                two("a"),
                two("b")
            ),
        ),
        (
            "reading",
            "{% set s = 'x ' * 2000000 %}{% for i in range(10000) %}{{ s|wordcount }}{% endfor %}"
                .to_owned(),
        ),
        (
            "dropping",
            "{% set n = namespace(x=0) %}{% for i in range(10000) %}{% for j in range(20) %}\
             {% set n.x = [n.x] %}{% endfor %}{% endfor %}"
                .to_owned(),
        ),
    ]
}

/// What the process of this test, and so its server, has in memory at most so far, in KiB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches("kB").trim().parse().unwrap()
}

#[tokio::test]
async fn previews_of_monsters_end_and_the_server_lives() {
    let mails = Mails::start().await;
    mails.preview("x", json!({})).await.expect(200);
    let before = peak_memory();
    for (name, html) in monsters() {
        let refused = mails.preview(&html, json!({})).await;
        assert_eq!(refused.status, 400, "{name}: {refused:?}");
        let in_subject = json!({ "subject": &html[..html.len().min(500)] });
        mails.preview("x", in_subject).await;
    }
    let grown = peak_memory() - before;
    assert!(grown < 100 * 1024, "by {grown} KiB");
    assert_eq!(body(mails.preview("{{ popup_name }}", json!({})).await), "{{ popup_name }}");
}

#[tokio::test]
async fn mails_in_the_words_of_monsters_go_out_in_ours() {
    let mails = Mails::start().await;
    let fields = json!({ "html_content": "x", "subject": "Own" });
    let made = mails.create("application_accepted", fields).await.expect(201);
    let path = format!("/email-templates/{}", id(&made));
    let before = peak_memory();
    for (name, html) in monsters() {
        mails.patch(&made, json!({ "html_content": html })).await.expect(200);
        let person = mails.accepted("Ann").await;
        let mail = mails.world.server.mail_to(&person.email).await;
        assert!(mail.text.contains("Congratulations"), "{name}: {}", mail.text);
        until(async || mails.get(&path).await.expect(200)["last_error"].is_string()).await;
    }
    let grown = peak_memory() - before;
    assert!(grown < 100 * 1024, "by {grown} KiB");
    mails.patch(&made, json!({ "html_content": "Welcome" })).await.expect(200);
    let person = mails.accepted("Bo").await;
    assert_eq!(mails.world.server.mail_to(&person.email).await.text.trim(), "Welcome");
}

#[tokio::test]
async fn what_a_process_dies_of_is_told_and_not_tried_for_every_mail() {
    let mails = Mails::start().await;
    let (_, monster) = monsters().into_iter().find(|(name, _)| *name == "comparing").unwrap();
    let made = mails.create("application_accepted", json!({ "html_content": monster })).await;
    let path = format!("/email-templates/{}", id(&made.expect(201)));
    let people = join_all(["Ann", "Bo", "Cy", "Di", "Ed"].map(|name| mails.accepted(name))).await;
    for person in people {
        let mail = mails.world.server.mail_to(&person.email).await;
        assert!(mail.text.contains("Congratulations"), "{}", mail.text);
    }
    until(async || mails.get(&path).await.expect(200)["last_error"].is_string()).await;
    let told = mails.get(&path).await.expect(200)["last_error"].clone();
    assert!(told.as_str().unwrap().contains(STOPPED), "{told}");
}

/// Both places are wanted again and again by one tenant; the other tenant gets one in turn.
#[tokio::test]
async fn nobody_keeps_others_from_their_previews() {
    let mails = Mails::start().await;
    let (popup, stranger) = mails.foreign().await;
    let (_, monster) = monsters().into_iter().find(|(name, _)| *name == "comparing").unwrap();
    let server = &mails.world.server;
    let theirs = async || {
        let draft = json!({
            "template_type": "payment_confirmed", "html_content": "{{ popup_name }}", "popup_id": popup,
        });
        let request = server.post("/email-templates/preview").bearer_auth(&stranger).json(&draft);
        request.answer().await.status
    };
    let hostile = join_all((0..6).map(|_| mails.preview(&monster, json!({}))));
    let others = async {
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(theirs().await);
        }
        statuses
    };
    let (hostile, others) = tokio::join!(hostile, others);
    assert_eq!(others, [200, 200, 200]);
    for answer in hostile {
        // Stopped, or sent away when its turn didn't come.
        assert!([400, 503].contains(&answer.status), "{answer:?}");
    }
    assert_eq!(theirs().await, 200);
}

/// Written with the tenant's own login to the database, past the server.
#[tokio::test]
async fn words_too_long_to_be_stored_are_not_used() {
    let mails = Mails::start().await;
    let made = mails.create("application_accepted", json!({})).await.expect(201);
    let longer = "UPDATE email_templates SET html_content = repeat('<p>x</p>', 100000)";
    sqlx::query(longer).execute(&mails.world.server.sql).await.unwrap();
    let person = mails.accepted("Ann").await;
    let mail = mails.world.server.mail_to(&person.email).await;
    assert!(mail.text.contains("Congratulations"), "{}", mail.text);
    let path = format!("/email-templates/{}", id(&made));
    until(async || mails.get(&path).await.expect(200)["last_error"].is_string()).await;
    let told = mails.get(&path).await.expect(200)["last_error"].clone();
    assert!(told.as_str().unwrap().contains("too long"), "{told}");
}

#[tokio::test]
async fn hostile_templates_cost_little_and_disturb_nobody() {
    let mails = Mails::start().await;
    let loops = "{% for a in range(1000) %}".repeat(3) + "x" + &"{% endfor %}".repeat(3);
    let doubling =
        format!("{{% set x = 'aaaaaaaa' %}}{}{{{{ x }}}}", "{% set x = x ~ x %}".repeat(40));
    let hostile = [
        loops.as_str(),
        doubling.as_str(),
        "{{ range(100000)|list }}",
        "{{ range(10000000000)|list|length }}",
        "{{ 'a' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ 'x'|indent(1000000000) }}",
        "{{ 2 ** 1000000000 }}",
        "{{ 'ab'|replace('a', 'a' * 100000)|replace('a', 'a' * 100000) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{{ m(n + 1) }}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
        "{% for x in [[[1]]] recursive %}{{ loop([x]) }}{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
    ];
    let started = join_all(hostile.iter().map(|html| mails.preview(html, json!({}))));
    let (answers, healthy) = tokio::join!(started, mails.get("/popups"));
    healthy.expect(200);
    for (html, answer) in hostile.iter().zip(answers) {
        assert_eq!(answer.status, 400, "{html}: {answer:?}");
    }
    // Python's ways out of its sandbox lead nowhere: these are variables like others.
    let escape = "{{ ''.__class__.__mro__[1].__subclasses__() }}";
    mails.preview(escape, json!({})).await.expect(400);
    for harmless in
        ["{{ ''.__class__ }}", "{{ self._TemplateReference__context }}", "{{ a['__class__'] }}"]
    {
        let shown = body(mails.preview(harmless, json!({})).await);
        assert!(!shown.contains("class '"), "{shown}");
    }
}
