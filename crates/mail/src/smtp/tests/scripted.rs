//! Mail servers that go wrong in every way, and those that encrypt.

use std::{net::SocketAddr, sync::Arc};

use lettre::transport::smtp::client::{Certificate, TlsParameters};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

use super::*;

const HOST: &str = "127.0.0.1";

/// Where a server goes wrong, and what it says there; `None` hangs up.
type Fault = (&'static str, Option<&'static str>);

/// Nowhere.
const NO_FAULT: Fault = ("NOOP", None);

/// What a server with this fault says to a line. No line at all is the greeting, a dot alone stands for the
/// whole mail.
fn answer(line: &str, (at, says): Fault) -> Option<&'static str> {
    if line == at || line.split(' ').next() == Some(at) {
        return says;
    }
    Some(match line.get(..4).unwrap_or(line) {
        "EHLO" => "250-scripted\r\n250 AUTH PLAIN LOGIN",
        "AUTH" => "235 welcome",
        "DATA" => "354 end with a dot",
        "" => "220 scripted",
        _ => "250 fine",
    })
}

/// Where a server with this fault listens.
async fn scripted(fault: Fault) -> SocketAddr {
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, fault));
        }
    });
    address
}

async fn serve(stream: TcpStream, fault: Fault) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut in_mail = false;
    let mut line = String::new();
    let mut reply = answer("", fault)?;
    loop {
        if !in_mail || line == "." {
            stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
            in_mail = reply.starts_with("354");
        }
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        line.truncate(line.trim_end().len());
        if !in_mail || line == "." {
            reply = answer(&line, fault)?;
        }
    }
}

fn plain(address: SocketAddr) -> SmtpSettings {
    SmtpSettings::plain(HOST, address.port())
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
    #[case] fault: Fault,
    #[case] outcome: Result<(), SendError>,
) {
    let credentials = SmtpCredentials { user: "edge".to_owned(), password: "hush".to_owned() };
    let settings = SmtpSettings { credentials: Some(credentials), ..plain(scripted(fault).await) };
    assert_eq!(send(&mailer(settings), "ann@x.example").await, outcome);
}

#[rstest]
#[case::at_the_greeting("")]
#[case::at_the_name("EHLO")]
#[case::at_the_recipient("RCPT")]
#[case::after_the_mail(".")]
#[tokio::test]
async fn a_server_that_falls_silent_is_given_up(#[case] stage: &'static str) {
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let mut settings = plain(listener.local_addr().unwrap());
    settings.timeout = Duration::from_millis(300);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // The first line of several, and never the last.
        let first = if stage.is_empty() { "220-" } else { "250-" };
        serve(stream, (stage, Some(first))).await
    });
    let given_up = send(&mailer(settings), "ann@x.example").await;
    let reason = "the mail server takes too long".to_owned();
    assert_eq!(given_up, Err(SendError::Temporary(reason)));
}

/// A certificate for the server, made for the test.
struct Certified {
    acceptor: TlsAcceptor,
    certificate: Vec<u8>,
}

fn certified() -> Certified {
    let made = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
    let certificate = CertificateDer::from(made.cert.der().to_vec());
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Certified { acceptor, certificate: certificate.to_vec() }
}

/// An inbox that is only to be reached encrypted, and where.
async fn encrypted(certified: &Certified, encryption: Encryption) -> (Inbox, SmtpSettings) {
    let (inbox, plain) = Inbox::start((HOST, 0)).await.unwrap();
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = certified.acceptor.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(guard(stream, acceptor.clone(), plain, encryption));
        }
    });
    let credentials = SmtpCredentials { user: "edge".to_owned(), password: "hush".to_owned() };
    (inbox, SmtpSettings::new(HOST, port, encryption, Some(credentials)))
}

async fn guard(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    inbox: SocketAddr,
    encryption: Encryption,
) -> std::io::Result<()> {
    let mut inside = TcpStream::connect(inbox).await?;
    let mut stream = BufReader::new(stream);
    if encryption == Encryption::StartTls {
        let mut line = String::new();
        for (asked, reply) in
            [("", "220 guard"), ("EHLO", "250-guard\r\n250 STARTTLS"), ("STARTTLS", "220 go")]
        {
            line.clear();
            if !asked.is_empty() {
                stream.read_line(&mut line).await?;
            }
            assert!(line.starts_with(asked), "{line} in the clear");
            stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        }
        // The inbox greets too; the client has been greeted.
        while inside.read_u8().await? != b'\n' {}
    }
    let mut outside = acceptor.accept(stream.into_inner()).await?;
    join(&mut outside, &mut inside).await
}

async fn join(
    outside: &mut (impl AsyncRead + AsyncWrite + Unpin),
    inside: &mut TcpStream,
) -> std::io::Result<()> {
    tokio::io::copy_bidirectional(outside, inside).await.map(drop)
}

/// A mailer that trusts this certificate and no other.
fn trusting(settings: SmtpSettings, certificate: Vec<u8>) -> SmtpMailer {
    let tls = TlsParameters::builder(settings.host.clone())
        .add_root_certificate(Certificate::from_der(certificate).unwrap())
        .build()
        .unwrap();
    SmtpMailer { tls: Some(tls), ..mailer(settings) }
}

#[rstest]
#[case(Encryption::StartTls)]
#[case(Encryption::Implicit)]
#[tokio::test]
async fn a_mail_goes_out_encrypted(#[case] encryption: Encryption) {
    let certified = certified();
    let (inbox, settings) = encrypted(&certified, encryption).await;
    let mailer = trusting(settings, certified.certificate);
    mailer.check().await.unwrap();
    send(&mailer, "ann@x.example").await.unwrap();
    assert_eq!(inbox.messages()[0].to, ["ann@x.example"]);
}

#[rstest]
#[case(Encryption::StartTls)]
#[case(Encryption::Implicit)]
#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_no_mail(#[case] encryption: Encryption) {
    let (inbox, settings) = encrypted(&certified(), encryption).await;
    for mailer in [mailer(settings.clone()), trusting(settings, certified().certificate)] {
        let refused = send(&mailer, "ann@x.example").await;
        assert!(matches!(refused, Err(SendError::Temporary(_))), "{refused:?}");
    }
    assert!(inbox.messages().is_empty());
}
