//! Messages as they cross the wire.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use edgeos_domain::MailId;
use edgeos_ports::{ComposedMail, Mailbox, Sender};
use lettre::{
    Address, Message,
    message::{
        Attachment, MultiPart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

/// Why no message can be made of a mail. Names no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidMessage {
    /// Mail can't be addressed like this.
    #[error("the recipient's address is not valid")]
    To,
    /// Mail can't come from there.
    #[error("the sender's address is not valid")]
    From,
    /// A header or the body can't be encoded.
    #[error("the message can't be encoded")]
    Content,
}

/// Whether mail can come from `address`, or go there.
#[must_use]
pub fn is_address(address: &str) -> bool {
    address.parse::<Address>().is_ok()
}

/// `mail` as a message: text and HTML as alternatives, its files beside them, marked as sent by a machine. Its Message-ID follows
/// from `id`, so that one sent twice is known as the same.
pub(crate) fn message(
    id: MailId,
    date: DateTime<Utc>,
    to: &str,
    sender: &Sender,
    mail: &ComposedMail,
) -> Result<Message, InvalidMessage> {
    let to: Address = to.parse().map_err(|_| InvalidMessage::To)?;
    let from = encodable(&sender.from)?;
    let message_id = format!("<{id}@{}>", from.email.domain());
    let mut builder = Message::builder()
        .message_id(Some(message_id))
        .date(SystemTime::from(date))
        .from(from)
        .to(lettre::message::Mailbox::new(None, to))
        .subject(mail.subject.as_str());
    if let Some(reply_to) = &sender.reply_to {
        builder = builder.reply_to(encodable(reply_to)?);
    }
    let by_machine = HeaderName::new_from_ascii_str("Auto-Submitted");
    let words = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
    let body = if mail.attachments.is_empty() { words } else { with_files(words, mail)? };
    builder
        .raw_header(HeaderValue::new(by_machine, "auto-generated".to_owned()))
        .multipart(body)
        .map_err(|_| InvalidMessage::Content)
}

fn with_files(words: MultiPart, mail: &ComposedMail) -> Result<MultiPart, InvalidMessage> {
    let mut body = MultiPart::mixed().multipart(words);
    for file in &mail.attachments {
        let kind = ContentType::parse(&file.content_type).map_err(|_| InvalidMessage::Content)?;
        let name = printable(&file.file_name);
        body = body.singlepart(Attachment::new(name).body(file.bytes.clone(), kind));
    }
    Ok(body)
}

/// The mailbox without what can't stand in a header. The name becomes a phrase when it is written, the
/// address stays apart from it.
fn encodable(mailbox: &Mailbox) -> Result<lettre::message::Mailbox, InvalidMessage> {
    let address: Address = mailbox.address.parse().map_err(|_| InvalidMessage::From)?;
    let name = mailbox.name.as_deref().map(printable).filter(|name| !name.is_empty());
    Ok(lettre::message::Mailbox::new(name, address))
}

fn printable(name: &str) -> String {
    let printable: String = name.chars().filter(|c| !c.is_control()).collect();
    printable.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders};
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    const ID: MailId = MailId(Uuid::from_u128(7));

    fn composed() -> ComposedMail {
        ComposedMail {
            subject: "Café: O'Neil & Co".to_owned(),
            text: "Grüße\n.\nEnd\n".to_owned(),
            html: "<p>Grüße</p>\n".to_owned(),
            attachments: Vec::new(),
        }
    }

    fn sender(name: &str) -> Sender {
        let from = Mailbox { name: Some(name.to_owned()), address: "mail@edge.example".to_owned() };
        Sender { from, reply_to: None }
    }

    fn formatted(sender: &Sender) -> Vec<u8> {
        formatted_mail(sender, &composed())
    }

    fn formatted_mail(sender: &Sender, mail: &ComposedMail) -> Vec<u8> {
        let date = DateTime::from_timestamp(1_795_328_340, 0).unwrap();
        message(ID, date, "ann@x.example", sender, mail).unwrap().formatted()
    }

    #[test]
    fn files_come_after_the_words() {
        let file = edgeos_ports::Attachment {
            file_name: "invoice-7.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            bytes: vec![0, 159, 146, 150],
        };
        let mail = ComposedMail { attachments: vec![file], ..composed() };
        let raw = formatted_mail(&sender("Edge"), &mail);
        let parsed = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>Grüße</p>");
        assert_eq!(parsed.attachment_count(), 1);
        let attachment = parsed.attachment(0).unwrap();
        assert_eq!(attachment.contents(), [0, 159, 146, 150]);
        assert_eq!(attachment.attachment_name(), Some("invoice-7.pdf"));
        assert_eq!(attachment.content_type().unwrap().subtype(), Some("pdf"));
        let headers = String::from_utf8_lossy(&raw).into_owned();
        assert!(headers.contains("Content-Type: multipart/mixed"), "{headers}");
    }

    #[test]
    fn a_message_has_two_parts_a_date_and_an_identity() {
        let raw = formatted(&sender("Edge"));
        let parsed = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(parsed.subject(), Some("Café: O'Neil & Co"));
        assert_eq!(parsed.body_text(0).unwrap().trim_end(), "Grüße\r\n.\r\nEnd");
        assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>Grüße</p>");
        assert_eq!(parsed.date().unwrap().to_timestamp(), 1_795_328_340);
        assert_eq!(parsed.message_id(), Some("00000000-0000-0000-0000-000000000007@edge.example"));
        assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some("ann@x.example"));
        let headers = String::from_utf8(raw).unwrap();
        assert!(headers.contains("Auto-Submitted: auto-generated\r\n"), "{headers}");
        assert!(headers.contains("MIME-Version: 1.0\r\n"), "{headers}");
        assert!(headers.contains("multipart/alternative"), "{headers}");
        assert!(!headers.contains("Reply-To"), "{headers}");
    }

    #[rstest]
    #[case("Café, Ñandú", "Café, Ñandú")]
    #[case("Edge, \"the\" <city>", "Edge, \"the\" <city>")]
    #[case("Edge\r\nBcc: eve@x.example", "EdgeBcc: eve@x.example")]
    #[case(
        "東京のとても長い名前を持つ組織とその仲間たちの集まり",
        "東京のとても長い名前を持つ組織とその仲間たちの集まり"
    )]
    fn a_name_never_touches_the_address(#[case] name: &str, #[case] read: &str) {
        let raw = formatted(&sender(name));
        let parsed = MessageParser::default().parse(&raw).unwrap();
        let from = parsed.from().unwrap().first().unwrap();
        assert_eq!(from.name(), Some(read));
        assert_eq!(from.address(), Some("mail@edge.example"));
        assert!(parsed.bcc().is_none());
    }

    #[test]
    fn answers_may_go_elsewhere() {
        let reply_to = Mailbox { name: Some("Team".to_owned()), address: "a@b.example".to_owned() };
        let raw = formatted(&Sender { reply_to: Some(reply_to), ..sender("Edge") });
        let parsed = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(parsed.reply_to().unwrap().first().unwrap().address(), Some("a@b.example"));
    }

    #[rstest]
    #[case("ann@localhost")]
    #[case("ann+tag@x.example")]
    #[case("ännchen@bücher.example")]
    fn people_have_all_kinds_of_addresses(#[case] to: &str) {
        assert!(message(ID, DateTime::UNIX_EPOCH, to, &sender("Edge"), &composed()).is_ok());
    }

    #[rstest]
    #[case("nobody", InvalidMessage::To)]
    #[case("ann@x.example>\r\nRCPT TO:<eve@x.example", InvalidMessage::To)]
    fn an_address_has_to_be_one(#[case] to: &str, #[case] expected: InvalidMessage) {
        let made = message(ID, DateTime::UNIX_EPOCH, to, &sender("Edge"), &composed());
        assert_eq!(made.unwrap_err(), expected);
    }
}
