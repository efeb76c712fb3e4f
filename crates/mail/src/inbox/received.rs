use std::fmt;

use chrono::{DateTime, Utc};
use mail_parser::{Address, Message, MessageParser, MessagePart, MimeHeaders};
use serde::Serialize;

/// A message as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceivedMail {
    /// Counts the messages of the inbox, from 1.
    pub id: u64,
    /// The sender: `name <address>`, or the address.
    pub from: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// The addresses that the envelope names.
    pub to: Vec<String>,
    /// The subject, decoded.
    pub subject: String,
    /// When it was sent, if it says so.
    pub date: Option<DateTime<Utc>>,
    /// Its Message-ID without angle brackets.
    pub message_id: Option<String>,
    /// The part for readers of text, with `\n` at the end of lines; empty without one.
    pub text: String,
    /// The part for readers of HTML, likewise.
    pub html: String,
    /// The files that came along.
    pub files: Vec<ReceivedFile>,
    /// Names and values of the headers, as they came.
    pub headers: Vec<(String, String)>,
}

/// A file that came with a message.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ReceivedFile {
    /// What it is called.
    pub name: String,
    /// Its media type: `application/pdf`.
    pub content_type: String,
    /// What is in it.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl ReceivedMail {
    pub(super) fn read(id: u64, to: Vec<String>, raw: &[u8]) -> Self {
        // What has no header is no message.
        let message = MessageParser::default().parse(raw);
        let message = message.as_ref();
        let date = message.and_then(|message| message.date());
        let headers = message.map(Message::headers_raw).into_iter().flatten();
        Self {
            id,
            from: message.and_then(|message| mailbox(message.from()?)).unwrap_or_default(),
            reply_to: message.and_then(|message| mailbox(message.reply_to()?)),
            to,
            subject: message.and_then(|message| message.subject()).unwrap_or_default().to_owned(),
            date: date.and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0)),
            message_id: message.and_then(|message| message.message_id()).map(str::to_owned),
            text: message.and_then(text_part).unwrap_or_default(),
            html: message.and_then(html_part).unwrap_or_default(),
            files: message.map(files).unwrap_or_default(),
            headers: headers.map(|(name, value)| (name.to_owned(), unfolded(value))).collect(),
        }
    }

    /// The value of the first header with this name, in any letter case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }
}

impl fmt::Debug for ReceivedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedFile").field("name", &self.name).finish_non_exhaustive()
    }
}

fn mailbox(address: &Address<'_>) -> Option<String> {
    let first = address.first()?;
    let address = first.address().unwrap_or_default();
    Some(match first.name() {
        Some(name) => format!("{name} <{address}>"),
        None => address.to_owned(),
    })
}

/// A part counts only when it was sent: the parser would make up one out of the other.
fn text_part(message: &Message<'_>) -> Option<String> {
    let part = message.text_bodies().find(|part| !part.is_text_html())?;
    part.text_contents().map(with_plain_line_ends)
}

fn html_part(message: &Message<'_>) -> Option<String> {
    let part = message.html_bodies().find(|part| part.is_text_html())?;
    part.text_contents().map(with_plain_line_ends)
}

fn files(message: &Message<'_>) -> Vec<ReceivedFile> {
    let file = |part: &MessagePart<'_>| {
        let kind = part.content_type();
        let kind = kind.map(|kind| (kind.ctype(), kind.subtype().unwrap_or_default()));
        ReceivedFile {
            name: part.attachment_name().unwrap_or_default().to_owned(),
            content_type: kind.map(|(main, sub)| format!("{main}/{sub}")).unwrap_or_default(),
            bytes: part.contents().to_vec(),
        }
    };
    message.attachments().map(file).collect()
}

fn with_plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn unfolded(value: &str) -> String {
    value.trim().replace(['\r', '\n'], "")
}
