//! What becomes of a mail with each kind of mail server, as its row in the outbox tells.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use edgeos_testkit::{SmtpBehaviour, SmtpEncryption, SmtpFailure, SmtpFault, SmtpServer};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::{patience::until, world::World};

const LOGIN: (&str, &str) = ("mailer@edge.example", "hush-hush");

/// A mail server, and how our server is set up to talk to it.
#[derive(Debug, Clone, Copy)]
struct Case {
    behaviour: SmtpBehaviour,
    /// What ours asks for.
    encryption: SmtpEncryption,
    /// Whether ours trusts who vouches for the mail server.
    trusts: bool,
    password: &'static str,
}

/// What the row says of the mail: its state, and a part of the reason.
type Outcome = (&'static str, Option<&'static str>);

const WELL: Case = Case {
    behaviour: SmtpBehaviour { encryption: SmtpEncryption::None, login: Some(LOGIN), fault: None },
    encryption: SmtpEncryption::None,
    trusts: true,
    password: LOGIN.1,
};

fn failing(at: &'static str, does: SmtpFailure) -> Case {
    let fault = Some(SmtpFault { at, does });
    Case { behaviour: SmtpBehaviour { fault, ..WELL.behaviour }, ..WELL }
}

fn encrypted(encryption: SmtpEncryption) -> Case {
    Case { behaviour: SmtpBehaviour { encryption, ..WELL.behaviour }, encryption, ..WELL }
}

/// The row of the first mail after its first attempt, and how many mails the mail server took.
async fn first_attempt(case: Case) -> (Value, usize) {
    let mail_server = SmtpServer::start(case.behaviour).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let authority = directory.path().join("authority.pem");
    fs::write(&authority, mail_server.authority()).unwrap();
    let (host, port) = (mail_server.address().ip().to_string(), mail_server.address().port());
    let (port, authority) = (port.to_string(), authority.display().to_string());
    let mut variables = vec![
        ("SMTP_HOST", host.as_str()),
        ("SMTP_PORT", port.as_str()),
        ("SMTP_TLS", "false"),
        ("SMTP_SSL", "false"),
        ("SMTP_USER", LOGIN.0),
        ("SMTP_PASSWORD", case.password),
        ("SENDER_EMAIL", "noreply@edgeos.example"),
    ];
    match case.encryption {
        SmtpEncryption::None => {}
        SmtpEncryption::StartTls => variables.push(("SMTP_TLS", "true")),
        SmtpEncryption::Implicit => variables.push(("SMTP_SSL", "true")),
    }
    if case.trusts {
        variables.push(("SMTP_CA_FILE", &authority));
    }
    let world = World::start_with(&variables).await;
    let popup = world.reviewed_popup("any_reviewer").await;
    world.submitted(popup).await;
    let row = async || {
        let page = world.staff(world.server.get("/emails")).await.expect(200);
        page["results"][0].clone()
    };
    until(async || {
        let row = row().await;
        row["state"] != "queued" || row["last_error"].is_string()
    })
    .await;
    (row().await, mail_server.taken().len())
}

fn at(time: &Value) -> DateTime<Utc> {
    time.as_str().unwrap().parse().unwrap()
}

#[track_caller]
fn assert_outcome(case: &Case, (row, taken): &(Value, usize), (state, reason): Outcome) {
    assert_eq!(row["state"], state, "{case:?}: {row}");
    assert_eq!(row["attempts"], 1, "{case:?}: {row}");
    assert_eq!(*taken, usize::from(state == "sent"), "{case:?}: {row}");
    match reason {
        Some(reason) => {
            let told = row["last_error"].as_str().unwrap();
            assert!(told.contains(reason), "{case:?}: {row}");
            for secret in
                [LOGIN.0, LOGIN.1, case.password, "gossip", row["to_email"].as_str().unwrap()]
            {
                assert!(!told.contains(secret), "{case:?}: {row}");
            }
        }
        None => assert_eq!(row["last_error"], Value::Null, "{case:?}: {row}"),
    }
    assert_eq!(row["sent_at"].is_string(), state == "sent", "{case:?}: {row}");
    if state == "queued" {
        // Ten seconds, give or take two, after an attempt that took up to thirty.
        let wait = at(&row["next_attempt_at"]) - at(&row["created_at"]);
        assert!(wait >= TimeDelta::seconds(8), "{case:?}: {row}");
    } else {
        assert_eq!(row["next_attempt_at"], json!(null), "{case:?}: {row}");
    }
}

async fn each(cases: Vec<(Case, Outcome)>) {
    let attempts = cases.into_iter().map(async |(case, expected)| {
        assert_outcome(&case, &first_attempt(case).await, expected);
    });
    stream::iter(attempts).buffer_unordered(3).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn a_mail_goes_out_through_every_kind_of_door() {
    use SmtpEncryption::{Implicit, StartTls};
    let open = SmtpBehaviour { login: None, ..WELL.behaviour };
    each(vec![
        (WELL, ("sent", None)),
        (Case { behaviour: open, password: "", ..WELL }, ("sent", None)),
        (encrypted(StartTls), ("sent", None)),
        (encrypted(Implicit), ("sent", None)),
    ])
    .await;
}

#[tokio::test]
async fn what_a_mail_server_says_decides_whether_the_mail_is_tried_again() {
    use SmtpFailure::Says;
    each(vec![
        (
            failing("RCPT", Says("450 come back, gossip")),
            ("queued", Some("put the mail off (450)")),
        ),
        (failing(".", Says("451 later")), ("queued", Some("put the mail off (451)"))),
        (failing("", Says("421 busy, gossip")), ("queued", Some("turned us away (421)"))),
        (failing("RCPT", Says("550 nobody, gossip")), ("dead", Some("refused the mail (550)"))),
        (failing("MAIL", Says("553 not you")), ("dead", Some("refused the mail (553)"))),
        (failing(".", Says("554 spam")), ("dead", Some("refused the mail (554)"))),
    ])
    .await;
}

#[tokio::test]
async fn a_mail_waits_for_a_mail_server_that_drops_or_hangs() {
    use SmtpFailure::{FallsSilent, HangsUp};
    each(vec![
        (failing("", HangsUp), ("queued", Some("can't be reached"))),
        (failing("RCPT", HangsUp), ("queued", Some("broke"))),
        (failing(".", HangsUp), ("queued", Some("broke"))),
        (failing("", FallsSilent), ("queued", Some("doesn't answer"))),
        (failing("DATA", FallsSilent), ("queued", Some("takes too long"))),
    ])
    .await;
}

#[tokio::test]
async fn a_mail_waits_until_both_sides_trust_each_other() {
    use SmtpEncryption::{Implicit, StartTls};
    let untrusted = |how| Case { trusts: false, ..encrypted(how) };
    let asks = |encryption| Case { encryption, ..WELL };
    each(vec![
        (Case { password: "guessed", ..WELL }, ("queued", Some("turned us away (535)"))),
        (untrusted(StartTls), ("queued", Some("can't be reached"))),
        (untrusted(Implicit), ("queued", Some("can't be reached"))),
        (asks(StartTls), ("queued", Some("can't do what the settings ask for"))),
        // It wants to be spoken to encrypted, and isn't.
        (
            Case { encryption: SmtpEncryption::None, ..encrypted(StartTls) },
            ("queued", Some("the mail server")),
        ),
    ])
    .await;
}
