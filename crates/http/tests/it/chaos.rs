//! A mail server that fails at random, and the outbox that has to live with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use sqlx::PgPool;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

use crate::{harness::TestServer, patience::until_within};

/// The mails of the test.
const MAILS: u32 = 10_000;

/// Decides what goes wrong.
const SEED: u64 = 33;

/// Failures of one mail at most: it has six more attempts.
const FAILURES_MAX: u32 = 4;

/// What becomes of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Accepted,
    /// Put off at the recipient.
    Greylisted,
    /// The connection dies before the mail.
    LostBefore,
    /// The mail is taken, and the connection dies before anybody says so.
    LostAfter,
    /// Put off after the mail.
    PutOff,
}

/// The same for every run: what becomes of each attempt at a mail depends on nothing else.
fn fate(mail: u32, attempt: u32) -> Fate {
    if attempt >= FAILURES_MAX {
        return Fate::Accepted;
    }
    let seed = SEED ^ u64::from(mail) << 8 ^ u64::from(attempt);
    match StdRng::seed_from_u64(seed).random_range(0..100) {
        0..3 => Fate::Greylisted,
        3..6 => Fate::LostBefore,
        6..9 => Fate::LostAfter,
        9..12 => Fate::PutOff,
        _ => Fate::Accepted,
    }
}

/// How often a mail arrives: once, and once more for each time that the server took it and didn't say so.
fn arrivals(mail: u32) -> u32 {
    let mut arrivals = 0;
    for attempt in 0.. {
        let fate = fate(mail, attempt);
        arrivals += u32::from(matches!(fate, Fate::Accepted | Fate::LostAfter));
        if fate == Fate::Accepted {
            break;
        }
    }
    arrivals
}

/// What the mail server knows of a mail.
#[derive(Debug, Default, Clone)]
struct Seen {
    attempts: u32,
    arrivals: u32,
    message_ids: BTreeSet<String>,
}

type Ledger = Arc<Mutex<BTreeMap<u32, Seen>>>;

/// A mail server that fails as fate has it; what it saw, and its port.
async fn mail_server() -> (Ledger, u16) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let ledger = Ledger::default();
    let seen = ledger.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, seen.clone()));
        }
    });
    (ledger, port)
}

async fn serve(stream: TcpStream, ledger: Ledger) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut reply = "220 chaos".to_owned();
    let mut at_hand = (0, Fate::Accepted);
    let mut line = String::new();
    loop {
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default();
        reply = match verb {
            "EHLO" => "250-chaos\r\n250 8BITMIME".to_owned(),
            "RCPT" => {
                let mail = line.chars().filter(char::is_ascii_digit).collect::<String>();
                let mail = mail.parse().unwrap();
                let mut ledger = ledger.lock().unwrap();
                let seen = ledger.entry(mail).or_default();
                at_hand = (mail, fate(mail, seen.attempts));
                seen.attempts += 1;
                let put_off = at_hand.1 == Fate::Greylisted;
                if put_off { "450 come back" } else { "250 fine" }.to_owned()
            }
            "DATA" if at_hand.1 == Fate::LostBefore => return Ok(()),
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let message_id = message(&mut stream).await?;
                if at_hand.1 == Fate::PutOff {
                    "451 later".to_owned()
                } else {
                    let mut ledger = ledger.lock().unwrap();
                    let seen = ledger.entry(at_hand.0).or_default();
                    seen.arrivals += 1;
                    seen.message_ids.insert(message_id);
                    if at_hand.1 == Fate::LostAfter {
                        return Ok(());
                    }
                    "250 taken".to_owned()
                }
            }
            _ => "250 fine".to_owned(),
        };
    }
}

/// Reads a mail; its Message-ID.
async fn message(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let (mut id, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(value) = line.strip_prefix("Message-ID: ") {
            value.trim().clone_into(&mut id);
        }
        if line == ".\r\n" {
            return Ok(id);
        }
    }
}

/// Puts the mails into the outbox of an organisation with short words of its own; their ids by number.
async fn queue(sql: &PgPool, tenant: Uuid) -> BTreeMap<u32, Uuid> {
    let popup = "INSERT INTO popups (id, tenant_id, name, slug, status)
                 VALUES (gen_random_uuid(), $1, 'Summit', 'summit', 'active') RETURNING id";
    let popup: Uuid = sqlx::query_scalar(popup).bind(tenant).fetch_one(sql).await.unwrap();
    let words = "INSERT INTO email_templates (id, tenant_id, popup_id, template_type, subject, html_content)
                 VALUES (gen_random_uuid(), $1, $2, 'application_received', 'Hi', 'Hi')";
    sqlx::query(words).bind(tenant).bind(popup).execute(sql).await.unwrap();
    let queue = "INSERT INTO outbox (id, tenant_id, popup_id, template_type, to_email)
                 SELECT gen_random_uuid(), $1, $2, 'application_received', 'human' || n || '@x.example'
                 FROM generate_series(1, $3) AS n
                 RETURNING substring(to_email FROM '[0-9]+')::int, id";
    let rows: Vec<(i32, Uuid)> = sqlx::query_as(queue)
        .bind(tenant)
        .bind(popup)
        .bind(MAILS.cast_signed())
        .fetch_all(sql)
        .await
        .unwrap();
    rows.into_iter().map(|(number, id)| (number.cast_unsigned(), id)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_mails_survive_a_mail_server_that_fails_at_random() {
    let (ledger, port) = mail_server().await;
    let port = port.to_string();
    let variables = [
        ("SMTP_HOST", "127.0.0.1"),
        ("SMTP_PORT", port.as_str()),
        ("SMTP_TLS", "false"),
        ("SENDER_EMAIL", "noreply@edgeos.example"),
        ("DATABASE_POOL_SIZE", "12"),
    ];
    let one = TestServer::start_with(&variables).await;
    let _two = one.beside_with(&variables).await;
    let tenant = one.tenant("ours").await;
    let ids = queue(&one.sql, tenant.0).await;

    let (patience, pause) = (Duration::from_mins(5), Duration::from_millis(250));
    until_within(patience, pause, async || {
        // Nobody waits for the hours between attempts.
        let hurry = "UPDATE outbox SET next_attempt_at = now()
                     WHERE state = 'queued' AND locked_until IS NULL AND next_attempt_at > now()";
        sqlx::query(hurry).execute(&one.sql).await.unwrap();
        let done = "SELECT NOT EXISTS (SELECT FROM outbox WHERE state = 'queued')";
        sqlx::query_scalar(done).fetch_one(&one.sql).await.unwrap()
    })
    .await;

    let states: Vec<(String, i64)> =
        sqlx::query_as("SELECT state, count(*) FROM outbox GROUP BY state")
            .fetch_all(&one.sql)
            .await
            .unwrap();
    assert_eq!(states, [("sent".to_owned(), i64::from(MAILS))]);
    let ledger = ledger.lock().unwrap();
    assert_eq!(ledger.len(), ids.len());
    let mut twice = 0;
    for (mail, seen) in ledger.iter() {
        // Each time that the server took it and said nothing, and no more often.
        assert_eq!(seen.arrivals, arrivals(*mail), "mail {mail}: {seen:?}");
        let expected = format!("<{}@edgeos.example>", ids[mail]);
        assert_eq!(seen.message_ids, BTreeSet::from([expected]), "mail {mail}");
        twice += seen.arrivals - 1;
    }
    assert!((200..500).contains(&twice), "{twice}");
}
