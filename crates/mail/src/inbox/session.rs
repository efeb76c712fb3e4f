//! One client of the inbox, by RFC 5321 and as much of RFC 4954 as mailers need.

use std::{io, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::{Mood, Shared};

/// The longest message, in bytes.
const SIZE_MAX: usize = 25 * 1024 * 1024;

/// The longest line of a command, in bytes. RFC 5321 section 4.5.3.1.4 asks for 512; AUTH may take more.
const LINE_MAX: u64 = 12 * 1024;

/// The most recipients of a message.
const RECIPIENTS_MAX: usize = 100;

/// What a client has said so far, and the connection to it.
struct Session {
    stream: BufReader<TcpStream>,
    shared: Arc<Shared>,
    sender_named: bool,
    recipients: Vec<String>,
}

/// Whether a session goes on.
enum Next {
    Command,
    HangUp,
}

/// Serves a client until it leaves. An error ends the connection, which is all that can be done about it.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let stream = BufReader::new(stream);
    let mut session = Session { stream, shared, sender_named: false, recipients: Vec::new() };
    if let Err(error) = session.run().await {
        tracing::debug!(%error, "a client of the inbox is gone");
    }
}

impl Session {
    async fn run(&mut self) -> io::Result<()> {
        self.reply("220 inbox ready").await?;
        while let Some(line) = self.line().await? {
            if let Next::HangUp = self.command(&line).await? {
                break;
            }
        }
        Ok(())
    }

    async fn command(&mut self, line: &str) -> io::Result<Next> {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "HELO" => self.reply("250 inbox").await?,
            "EHLO" => {
                let extensions = format!(
                    "250-inbox\r\n250-SIZE {SIZE_MAX}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN"
                );
                self.reply(&extensions).await?;
            }
            "AUTH" => self.authenticate(argument).await?,
            "MAIL" => self.mail(argument).await?,
            "RCPT" => self.recipient(argument).await?,
            "DATA" => return self.data().await,
            "RSET" => {
                self.forget_mail();
                self.reply("250 forgotten").await?;
            }
            "NOOP" => self.reply("250 still here").await?,
            "QUIT" => {
                self.reply("221 bye").await?;
                return Ok(Next::HangUp);
            }
            _ => self.reply("502 unknown command").await?,
        }
        Ok(Next::Command)
    }

    /// Anybody may sign in.
    async fn authenticate(&mut self, argument: &str) -> io::Result<()> {
        let (mechanism, initial) = argument.split_once(' ').unwrap_or((argument, ""));
        let questions: &[&str] = match (mechanism.to_ascii_uppercase().as_str(), initial) {
            ("PLAIN", "") => &["334 "],
            ("PLAIN", _) => &[],
            // "Username:" and "Password:" in base64.
            ("LOGIN", "") => &["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"],
            ("LOGIN", _) => &["334 UGFzc3dvcmQ6"],
            _ => return self.reply("504 unknown mechanism").await,
        };
        for question in questions {
            self.reply(question).await?;
            if self.line().await?.is_none() {
                return Ok(());
            }
        }
        self.reply("235 welcome").await
    }

    async fn mail(&mut self, argument: &str) -> io::Result<()> {
        let size = argument.split(' ').find_map(|parameter| parameter.strip_prefix("SIZE="));
        let too_large =
            size.and_then(|size| size.parse().ok()).is_some_and(|size: usize| size > SIZE_MAX);
        match path(argument, "FROM:") {
            None => self.reply("501 MAIL FROM:<address>").await,
            Some(_) if too_large => self.reply("552 too large").await,
            Some(_) => {
                self.forget_mail();
                self.sender_named = true;
                self.reply("250 go on").await
            }
        }
    }

    async fn recipient(&mut self, argument: &str) -> io::Result<()> {
        let Some(address) = path(argument, "TO:").filter(|address| !address.is_empty()) else {
            return self.reply("501 RCPT TO:<address>").await;
        };
        if !self.sender_named {
            return self.reply("503 MAIL first").await;
        }
        if let Some(code) = self.shared.refusal() {
            return self.reply(&format!("{code} refused as told")).await;
        }
        if self.recipients.len() == RECIPIENTS_MAX {
            return self.reply("452 too many recipients").await;
        }
        self.recipients.push(address.to_owned());
        self.reply("250 go on").await
    }

    async fn data(&mut self) -> io::Result<Next> {
        if self.recipients.is_empty() {
            self.reply("503 RCPT first").await?;
            return Ok(Next::Command);
        }
        self.reply("354 end with a dot").await?;
        let Some(message) = self.message().await? else {
            self.reply("552 too large").await?;
            return Ok(Next::HangUp);
        };
        if self.shared.hangs_up() {
            return Ok(Next::HangUp);
        }
        let recipients = std::mem::take(&mut self.recipients);
        self.forget_mail();
        self.shared.keep(recipients, &message);
        self.reply("250 kept").await?;
        Ok(Next::Command)
    }

    /// The lines up to the one that is a dot, each without the dot that was put before it (RFC 5321 section
    /// 4.5.2); `None` when they are too many.
    async fn message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        loop {
            let start = message.len();
            let room = (SIZE_MAX - start) as u64;
            let read = (&mut self.stream).take(room).read_until(b'\n', &mut message).await?;
            if read == 0 && room > 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if message.last() != Some(&b'\n') || read == 0 {
                return Ok(None);
            }
            match &message[start..] {
                b".\r\n" | b".\n" => {
                    message.truncate(start);
                    return Ok(Some(message));
                }
                [b'.', ..] => {
                    message.remove(start);
                }
                _ => {}
            }
        }
    }

    fn forget_mail(&mut self) {
        self.sender_named = false;
        self.recipients.clear();
    }

    /// The next line without its end; `None` when the client is gone or sends no lines.
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        (&mut self.stream).take(LINE_MAX).read_until(b'\n', &mut line).await?;
        if line.last() != Some(&b'\n') {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    /// Answers as the mood is.
    async fn reply(&mut self, reply: &str) -> io::Result<()> {
        let mut mood = self.shared.mood.subscribe();
        // The sender lives as long as `shared`.
        let mood = *mood.wait_for(|mood| *mood != Mood::Silent).await.map_err(io::Error::other)?;
        if mood == Mood::Down {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        self.stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }
}

/// The address in `FROM:<address> PARAMETERS`.
fn path<'a>(argument: &'a str, keyword: &str) -> Option<&'a str> {
    let (start, rest) = argument.split_at_checked(keyword.len())?;
    let (address, _) = rest.trim_start().strip_prefix('<')?.split_once('>')?;
    start.eq_ignore_ascii_case(keyword).then_some(address)
}
