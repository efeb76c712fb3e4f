//! Mail servers that go wrong in every way, and those that encrypt.

use edgeos_testkit::{SmtpBehaviour, SmtpEncryption, SmtpFailure, SmtpFault, SmtpServer};

use super::*;

/// Where a server goes wrong, and what it says there; `None` hangs up.
type Fault = (&'static str, Option<&'static str>);

/// Nowhere.
const NO_FAULT: Fault = ("NOOP", None);

const LOGIN: (&str, &str) = ("edge", "hush");

fn settings_for(server: &SmtpServer) -> SmtpSettings {
    let (user, password) = LOGIN;
    let credentials = SmtpCredentials { user: user.to_owned(), password: password.to_owned() };
    let (host, port) = (server.address().ip().to_string(), server.address().port());
    SmtpSettings { credentials: Some(credentials), ..SmtpSettings::plain(host, port) }
}

fn put_off(code: &str) -> SendError {
    SendError::Temporary(format!("the mail server put the mail off ({code})"))
}

fn refused(code: &str) -> SendError {
    SendError::Permanent(format!("the mail server refused the mail ({code})"))
}

fn turned_away(code: &str) -> SendError {
    SendError::Temporary(format!("the mail server turned us away ({code})"))
}

fn broke() -> SendError {
    SendError::Temporary("the connection to the mail server broke".to_owned())
}

#[rstest]
#[case::well(NO_FAULT, Ok(()))]
#[case::busy_at_the_greeting(("", Some("421 busy")), Err(turned_away("421")))]
#[case::refusing_at_the_greeting(("", Some("554 go away")), Err(turned_away("554")))]
#[case::a_password_that_is_wrong(("AUTH", Some("535 who?")), Err(turned_away("535")))]
#[case::a_sender_too_many(("MAIL", Some("451 slow down")), Err(put_off("451")))]
#[case::a_sender_refused(("MAIL", Some("550 not you")), Err(refused("550")))]
#[case::greylisting(("RCPT", Some("450 come back")), Err(put_off("450")))]
#[case::nobody_of_this_name(("RCPT", Some("550 nobody")), Err(refused("550")))]
#[case::a_full_mailbox(("DATA", Some("452 full")), Err(put_off("452")))]
#[case::no_mail_wanted(("DATA", Some("554 no")), Err(refused("554")))]
#[case::a_mail_put_off((".", Some("451 later")), Err(put_off("451")))]
#[case::a_mail_refused((".", Some("554 spam")), Err(refused("554")))]
#[case::gone_at_the_sender(("MAIL", None), Err(broke()))]
#[case::gone_at_the_recipient(("RCPT", None), Err(broke()))]
#[case::gone_before_the_mail(("DATA", None), Err(broke()))]
#[case::gone_after_the_mail((".", None), Err(broke()))]
#[tokio::test]
async fn every_way_to_go_wrong_has_its_outcome(
    #[case] (at, says): Fault,
    #[case] outcome: Result<(), SendError>,
) {
    let does = says.map_or(SmtpFailure::HangsUp, SmtpFailure::Says);
    let fault = Some(SmtpFault { at, does });
    let behaviour = SmtpBehaviour { login: Some(LOGIN), fault, ..SmtpBehaviour::default() };
    let server = SmtpServer::start(behaviour).await.unwrap();
    assert_eq!(send(&mailer(settings_for(&server)), "ann@x.example").await, outcome);
    assert_eq!(server.taken().len(), usize::from(outcome.is_ok()));
}

#[rstest]
#[case::at_the_greeting("")]
#[case::at_the_name("EHLO")]
#[case::at_the_recipient("RCPT")]
#[case::after_the_mail(".")]
#[tokio::test]
async fn a_server_that_falls_silent_is_given_up(
    #[case] at: &'static str,
    // Nothing, or the first line of several.
    #[values(SmtpFailure::FallsSilent, SmtpFailure::Says("250-"))] does: SmtpFailure,
) {
    let fault = Some(SmtpFault { at, does });
    let behaviour = SmtpBehaviour { login: Some(LOGIN), fault, ..SmtpBehaviour::default() };
    let server = SmtpServer::start(behaviour).await.unwrap();
    let settings = SmtpSettings { timeout: Duration::from_millis(300), ..settings_for(&server) };
    let given_up = send(&mailer(settings), "ann@x.example").await;
    let reason = "the mail server takes too long".to_owned();
    assert_eq!(given_up, Err(SendError::Temporary(reason)));
}

/// A server that is only to be reached encrypted, and the settings of somebody who trusts it.
async fn encrypted(how: SmtpEncryption) -> (SmtpServer, SmtpSettings) {
    let behaviour = SmtpBehaviour { encryption: how, login: Some(LOGIN), fault: None };
    let server = SmtpServer::start(behaviour).await.unwrap();
    let encryption = match how {
        SmtpEncryption::None => Encryption::None,
        SmtpEncryption::StartTls => Encryption::StartTls,
        SmtpEncryption::Implicit => Encryption::Implicit,
    };
    let authority = Some(server.authority().as_bytes().to_vec());
    let settings = SmtpSettings { encryption, authority, ..settings_for(&server) };
    (server, settings)
}

#[rstest]
#[case(SmtpEncryption::StartTls)]
#[case(SmtpEncryption::Implicit)]
#[tokio::test]
async fn a_mail_goes_out_encrypted(#[case] how: SmtpEncryption) {
    let (server, settings) = encrypted(how).await;
    let mailer = mailer(settings);
    mailer.check().await.unwrap();
    send(&mailer, "ann@x.example").await.unwrap();
    assert_eq!(server.taken()[0].to, ["ann@x.example"]);
}

#[rstest]
#[case(SmtpEncryption::StartTls)]
#[case(SmtpEncryption::Implicit)]
#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_no_mail(#[case] how: SmtpEncryption) {
    let (server, settings) = encrypted(how).await;
    let (other, _) = encrypted(how).await;
    let of_other = Some(other.authority().as_bytes().to_vec());
    for authority in [None, of_other] {
        let settings = SmtpSettings { authority, ..settings.clone() };
        let refused = send(&mailer(settings), "ann@x.example").await;
        assert!(matches!(refused, Err(SendError::Temporary(_))), "{refused:?}");
    }
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn a_certificate_that_is_none_vouches_for_nothing() {
    let (server, settings) = encrypted(SmtpEncryption::Implicit).await;
    let authority = Some(b"-----BEGIN CERTIFICATE-----\nnonsense".to_vec());
    let settings = SmtpSettings { authority, ..settings };
    if let Ok(mailer) = SmtpMailer::new(settings, Arc::new(Frozen)) {
        send(&mailer, "ann@x.example").await.unwrap_err();
    }
    assert!(server.taken().is_empty());
}
