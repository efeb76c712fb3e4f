//! A mail server that keeps what it gets, instead of passing it on: for development and tests.
//!
//! It speaks enough SMTP for the mailer, listens where it is told and forgets everything when it is dropped.

mod received;
mod session;

use std::{
    collections::VecDeque,
    fmt, io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    net::{TcpListener, ToSocketAddrs},
    sync::{Notify, watch},
    task::{AbortHandle, JoinSet},
};

pub use self::received::{ReceivedFile, ReceivedMail};

/// Messages that are kept at most.
const KEPT_MAX: usize = 500;

/// A mail server that keeps what it gets. Clones are the same server; it stops with the last of them.
#[derive(Clone)]
pub struct Inbox {
    shared: Arc<Shared>,
    _listening: Arc<Listening>,
}

/// How the server treats its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It takes their mail.
    Well,
    /// It answers nothing, until the mood changes.
    Silent,
    /// It hangs up at once.
    Down,
}

/// What sessions and owner share.
struct Shared {
    kept: Mutex<Kept>,
    arrived: Notify,
    mood: watch::Sender<Mood>,
}

#[derive(Default)]
struct Kept {
    /// The oldest first.
    messages: VecDeque<ReceivedMail>,
    received: u64,
    refusals: Refusals,
}

/// Mail that is yet to be turned away.
#[derive(Default)]
struct Refusals {
    recipients: u32,
    code: u16,
    hang_ups: u32,
}

struct Listening(AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").finish_non_exhaustive()
    }
}

impl Inbox {
    /// Listens on `bind`; port 0 takes any that is free. Also tells where it listens.
    ///
    /// # Errors
    ///
    /// When it can't listen there.
    pub async fn start(bind: impl ToSocketAddrs) -> io::Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind(bind).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            kept: Mutex::default(),
            arrived: Notify::new(),
            mood: watch::Sender::new(Mood::Well),
        });
        let listening = tokio::spawn(listen(listener, shared.clone())).abort_handle();
        Ok((Self { shared, _listening: Arc::new(Listening(listening)) }, address))
    }

    /// The messages that are kept, the newest first.
    #[must_use]
    pub fn messages(&self) -> Vec<ReceivedMail> {
        self.shared.kept().messages.iter().rev().cloned().collect()
    }

    /// The message with this id, if it is still kept.
    #[must_use]
    pub fn message(&self, id: u64) -> Option<ReceivedMail> {
        self.shared.kept().messages.iter().find(|message| message.id == id).cloned()
    }

    /// The newest message that `wanted` says yes to, as soon as there is one. Waits for ever: put it under a
    /// timeout.
    pub async fn wait_for(&self, mut wanted: impl FnMut(&ReceivedMail) -> bool) -> ReceivedMail {
        loop {
            let arrival = self.shared.arrived.notified();
            if let Some(found) = self.messages().into_iter().find(|message| wanted(message)) {
                return found;
            }
            arrival.await;
        }
    }

    /// Forgets the messages that are kept.
    pub fn clear(&self) {
        self.shared.kept().messages.clear();
    }

    /// Answers the next `mails` recipients with this SMTP code, 400 to 599.
    pub fn refuse_next(&self, mails: u32, code: u16) {
        let refusals = &mut self.shared.kept().refusals;
        (refusals.recipients, refusals.code) = (mails, code);
    }

    /// Hangs up on the next `mails` when they were transmitted, without keeping or confirming them.
    pub fn hang_up_on_next(&self, mails: u32) {
        self.shared.kept().refusals.hang_ups = mails;
    }

    /// Treats clients differently from now on, those that are connected too.
    pub fn set_mood(&self, mood: Mood) {
        self.shared.mood.send_replace(mood);
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The code that refuses the next recipient, if it is to be refused.
    fn refusal(&self) -> Option<u16> {
        let refusals = &mut self.kept().refusals;
        refusals.recipients = refusals.recipients.checked_sub(1)?;
        Some(refusals.code)
    }

    fn hangs_up(&self) -> bool {
        let refusals = &mut self.kept().refusals;
        let left = refusals.hang_ups.checked_sub(1);
        refusals.hang_ups = left.unwrap_or_default();
        left.is_some()
    }

    fn keep(&self, recipients: Vec<String>, raw: &[u8]) {
        let mut kept = self.kept();
        kept.received += 1;
        let message = ReceivedMail::read(kept.received, recipients, raw);
        kept.messages.push_back(message);
        if kept.messages.len() > KEPT_MAX {
            kept.messages.pop_front();
        }
        drop(kept);
        self.arrived.notify_waiters();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, which ends the sessions too.
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    sessions.spawn(session::serve(stream, shared.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "the inbox can't take a connection");
                    tokio::task::yield_now().await;
                }
            },
            Some(_) = sessions.join_next() => {}
        }
    }
}

#[cfg(test)]
mod tests;
