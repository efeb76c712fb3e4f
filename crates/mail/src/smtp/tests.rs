mod scripted;

use chrono::{DateTime, Utc};
use edgeos_ports::Mailbox;
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::inbox::{Inbox, Mood};

const ID: MailId = MailId(Uuid::from_u128(7));

struct Frozen;

impl Environment for Frozen {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }

    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

async fn inbox() -> (Inbox, SmtpSettings) {
    let (inbox, address) = Inbox::start("127.0.0.1:0").await.expect("a port is free");
    (inbox, SmtpSettings::plain(address.ip().to_string(), address.port()))
}

fn mailer(settings: SmtpSettings) -> SmtpMailer {
    SmtpMailer::new(settings, Arc::new(Frozen)).expect("nothing is encrypted")
}

async fn send(mailer: &SmtpMailer, to: &str) -> Result<(), SendError> {
    let from =
        Mailbox { name: Some("Café, Ñandú".to_owned()), address: "mail@e.example".to_owned() };
    let sender = Sender { from, reply_to: None };
    let mail = ComposedMail {
        subject: "Grüße".to_owned(),
        text: "Hi,\n.hidden\n..\n".to_owned(),
        html: "<p>Hi ✓</p>\n".to_owned(),
        attachments: Vec::new(),
    };
    mailer.send(ID, to, &sender, &mail).await
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_sent() {
    let (inbox, settings) = inbox().await;
    send(&mailer(settings), "ann@x.example").await.unwrap();
    let received = inbox.messages().remove(0);
    assert_eq!(received.from, "Café, Ñandú <mail@e.example>");
    assert_eq!(received.to, ["ann@x.example"]);
    assert_eq!(received.subject, "Grüße");
    assert_eq!(received.date, Some(DateTime::UNIX_EPOCH));
    assert_eq!(received.text.trim_end(), "Hi,\n.hidden\n..");
    assert_eq!(received.html.trim_end(), "<p>Hi ✓</p>");
    assert_eq!(
        received.message_id.as_deref(),
        Some("00000000-0000-0000-0000-000000000007@e.example")
    );
    assert_eq!(received.header("auto-submitted"), Some("auto-generated"));
}

#[tokio::test]
async fn mails_share_a_connection_and_survive_its_end() {
    let (inbox, settings) = inbox().await;
    let mailer = mailer(settings);
    for to in ["a@x.example", "b@x.example"] {
        send(&mailer, to).await.unwrap();
    }
    assert_eq!(mailer.idle.lock().await.len(), 1);
    inbox.set_mood(Mood::Down);
    assert_eq!(
        send(&mailer, "c@x.example").await,
        Err(SendError::Temporary("the mail server can't be reached".to_owned()))
    );
    inbox.set_mood(Mood::Well);
    send(&mailer, "d@x.example").await.unwrap();
    let recipients: Vec<String> =
        inbox.messages().into_iter().flat_map(|message| message.to).collect();
    assert_eq!(recipients, ["d@x.example", "b@x.example", "a@x.example"]);
}

#[rstest]
#[case(550, SendError::Permanent("the mail server refused the mail (550)".to_owned()))]
#[case(451, SendError::Temporary("the mail server put the mail off (451)".to_owned()))]
#[tokio::test]
async fn a_refusal_says_whether_to_try_again(#[case] code: u16, #[case] expected: SendError) {
    let (inbox, settings) = inbox().await;
    let mailer = mailer(settings);
    inbox.refuse_next(1, code);
    assert_eq!(send(&mailer, "ann@x.example").await, Err(expected));
    assert!(inbox.messages().is_empty());
    send(&mailer, "ann@x.example").await.unwrap();
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_mail_leaves_it_to_be_sent_again() {
    let (inbox, settings) = inbox().await;
    let mailer = mailer(settings);
    inbox.hang_up_on_next(1);
    let broken = send(&mailer, "ann@x.example").await;
    assert_eq!(
        broken,
        Err(SendError::Temporary("the connection to the mail server broke".to_owned()))
    );
    send(&mailer, "ann@x.example").await.unwrap();
    assert_eq!(inbox.messages().len(), 1);
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let (inbox, mut settings) = inbox().await;
    settings.timeout = Duration::from_millis(50);
    inbox.set_mood(Mood::Silent);
    assert!(matches!(send(&mailer(settings), "ann@x.example").await, Err(SendError::Temporary(_))));
}

#[tokio::test]
async fn nobody_listening_is_temporary() {
    let (inbox, settings) = inbox().await;
    drop(inbox);
    let mailer = mailer(settings);
    assert!(matches!(send(&mailer, "ann@x.example").await, Err(SendError::Temporary(_))));
    assert!(mailer.check().await.is_err());
}

#[tokio::test]
async fn an_address_that_is_none_is_permanent() {
    let (_inbox, settings) = inbox().await;
    assert_eq!(
        send(&mailer(settings), "nobody").await,
        Err(SendError::Permanent("the recipient's address is not valid".to_owned()))
    );
}

#[tokio::test]
async fn a_mailer_signs_in() {
    let (inbox, mut settings) = inbox().await;
    let credentials = SmtpCredentials { user: "edge".to_owned(), password: "hush".to_owned() };
    assert_eq!(format!("{credentials:?}"), "********");
    settings.credentials = Some(credentials);
    let mailer = mailer(settings);
    mailer.check().await.unwrap();
    send(&mailer, "ann@x.example").await.unwrap();
    assert_eq!(inbox.messages().len(), 1);
}

#[tokio::test]
async fn a_server_without_encryption_gets_no_mail_that_asks_for_it() {
    let (inbox, mut settings) = inbox().await;
    settings.encryption = Encryption::StartTls;
    let refused = send(&mailer(settings), "ann@x.example").await;
    let reason = "the mail server can't do what the settings ask for".to_owned();
    assert_eq!(refused, Err(SendError::Temporary(reason)));
    assert!(inbox.messages().is_empty());
}
