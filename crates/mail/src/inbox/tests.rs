use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;

const MESSAGE: &str = "From: a@x.example\r\nSubject: Hi\r\n\r\n";

/// Says everything at once and reads until the server hangs up.
async fn say(address: SocketAddr, lines: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the inbox listens");
    stream.write_all(lines.as_bytes()).await.expect("the inbox listens");
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.expect("the inbox answers");
    answers
}

fn codes(answers: &str) -> Vec<&str> {
    answers.lines().map(|line| &line[..3]).collect()
}

#[tokio::test]
async fn lines_lose_the_dot_before_them() {
    let (inbox, address) = Inbox::start("127.0.0.1:0").await.unwrap();
    let mail = format!("{MESSAGE}..a\r\n...\r\nb.\r\n.\r\n");
    let said = format!(
        "HELO me\r\nmail from:<>\r\nRCPT TO:<b@x.example> NOTIFY=NEVER\r\nDATA\r\n{mail}QUIT\r\n"
    );
    assert_eq!(
        codes(&say(address, &said).await),
        ["220", "250", "250", "250", "354", "250", "221"]
    );
    let message = inbox.message(1).unwrap();
    assert_eq!(message.text, ".a\n..\nb.\n");
    assert_eq!(message.html, "");
    assert_eq!(message.to, ["b@x.example"]);
}

#[tokio::test]
async fn commands_come_in_their_order() {
    let (inbox, address) = Inbox::start("127.0.0.1:0").await.unwrap();
    let said = "RCPT TO:<b@x.example>\r\nDATA\r\nMAIL FROM:<a@x.example>\r\nRSET\r\nDATA\r\nNOOP\r\n\
        MAIL a@x.example\r\nMAIL FROM:<a@x.example> SIZE=99999999\r\nVRFY b\r\nQUIT\r\n";
    assert_eq!(
        codes(&say(address, said).await),
        ["220", "503", "503", "250", "250", "503", "250", "501", "552", "502", "221"]
    );
    assert!(inbox.messages().is_empty());
}

#[tokio::test]
async fn anybody_signs_in() {
    let (_inbox, address) = Inbox::start("127.0.0.1:0").await.unwrap();
    let said = "AUTH PLAIN AGEAYg==\r\nAUTH PLAIN\r\nAGEAYg==\r\nAUTH LOGIN\r\nYQ==\r\nYg==\r\n\
        AUTH GSSAPI\r\nQUIT\r\n";
    assert_eq!(
        codes(&say(address, said).await),
        ["220", "235", "334", "235", "334", "334", "235", "504", "221"]
    );
}

#[tokio::test]
async fn what_is_no_message_is_kept_too() {
    let (inbox, address) = Inbox::start("127.0.0.1:0").await.unwrap();
    let mail = "MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n.\r\n";
    say(address, &format!("{mail}QUIT\r\n")).await;
    assert_eq!(inbox.messages()[0].subject, "");
}

#[tokio::test]
async fn the_oldest_messages_are_forgotten() {
    let (inbox, address) = Inbox::start("127.0.0.1:0").await.unwrap();
    let mail = format!("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n{MESSAGE}.\r\n");
    say(address, &format!("{}QUIT\r\n", mail.repeat(KEPT_MAX + 2))).await;
    let messages = inbox.messages();
    assert_eq!(messages.len(), KEPT_MAX);
    assert_eq!((messages[0].id, messages[KEPT_MAX - 1].id), (502, 3));
    inbox.clear();
    assert!(inbox.messages().is_empty());
}

#[tokio::test]
async fn whoever_waits_gets_the_message_when_it_comes() {
    let (inbox, address) = Inbox::start("127.0.0.1:0").await.unwrap();
    let waiting = inbox.wait_for(|message| message.subject == "Hi");
    let mail = format!("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n{MESSAGE}.\r\nQUIT\r\n");
    let (found, _) = tokio::join!(waiting, say(address, &mail));
    assert_eq!(found.id, 1);
}
