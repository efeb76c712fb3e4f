//! What goes on besides requests: news from other servers, tokens that no longer count, mail, forgotten
//! payments, tidying up.

mod uploads;

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use edgeos_app::{
    Hearing, invoices::MakeInvoices, outbox::DeliverMail, payments::SweepReport,
    uploads::RemoveOrphans,
};
use edgeos_mail::{SmtpMailer, TemplateComposer};
use edgeos_ports::{ChangeKind, MailTransport};
use edgeos_postgres::{News, PgStore};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::{
    sync::{Notify, watch},
    task::{JoinError, JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use crate::{error::chain, state::AppState};

/// How often revoked tokens and custom domains are read, in case an announcement got lost.
const LOOK: Duration = Duration::from_secs(5);
/// How often the mail server is asked for a sign of life.
const MAIL_SERVER: Duration = Duration::from_secs(30);
/// How often the outbox is looked into, in case an announcement got lost.
const OUTBOX: Duration = Duration::from_secs(1);
/// How often mail is looked at that may be over.
const EXPIRY: Duration = Duration::from_mins(1);
/// How long a worker that failed stays away.
const RECOVERY: Duration = Duration::from_secs(1);
/// How often what is over is deleted.
const TIDY: Duration = Duration::from_hours(1);
/// How often payments that have been pending for long are looked at.
const PENDING: Duration = Duration::from_mins(5);
/// Mails of one round of delivery.
const MAILS: u32 = 8;
/// Rounds that are under way at the same time.
const ROUNDS: usize = 4;

/// Delivers mail from the store through the mail server.
pub(crate) type Delivery =
    DeliverMail<PgStore, SmtpMailer, TemplateComposer, MakeInvoices<PgStore>>;

/// Everything that goes on besides requests.
#[derive(Debug)]
pub(crate) struct Workers {
    stopping: watch::Sender<bool>,
    /// Mail that is on its way is finished before the end.
    delivering: Option<JoinHandle<()>>,
    others: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts all of them; each goes on until it is stopped.
    pub(crate) fn start(
        state: &Arc<AppState>,
        hearing: Arc<Hearing>,
        delivery: Option<Delivery>,
        orphans: Option<RemoveOrphans<PgStore>>,
    ) -> Self {
        let stopping = watch::Sender::new(false);
        let mail = Arc::new(Notify::new());
        let look = Arc::new(Notify::new());
        let delivering = delivery.map(|delivery| {
            let (delivery, mail, stop) = (Arc::new(delivery), mail.clone(), stopping.subscribe());
            let stopped = stop.clone();
            let work = move || deliver(delivery.clone(), mail.clone(), stop.clone());
            tokio::spawn(keep_on("delivery", work, move || *stopped.borrow()))
        });
        let at_work = |name, work: fn(Arc<AppState>) -> BoxFuture<'static, ()>| {
            let state = state.clone();
            tokio::spawn(keep_on(name, move || work(state.clone()), || false))
        };
        let mut others = vec![
            at_work("expiry of mail", |state| expire_mail(state).boxed()),
            at_work("tidying up", |state| tidy(state).boxed()),
            at_work("pending payments", |state| sweep_payments(state).boxed()),
        ];
        if state.mailer.is_some() {
            others.push(at_work("watch on the mail server", |state| watch_mail(state).boxed()));
        }
        if state.storage.is_some() {
            others.push(at_work("watch on storage", |state| uploads::watch_storage(state).boxed()));
            others.push(at_work("look at uploads", |state| uploads::inspect(state).boxed()));
        }
        if let Some(orphans) = orphans.map(Arc::new) {
            let work = move || uploads::remove_orphans(orphans.clone());
            others.push(tokio::spawn(keep_on("orphaned uploads", work, || false)));
        }
        let (told, looked) = (state.clone(), look.clone());
        others.push(tokio::spawn(keep_on(
            "hearing",
            move || hear(told.clone(), hearing.clone(), mail.clone(), look.clone()),
            || false,
        )));
        let kept_up = state.clone();
        others.push(tokio::spawn(keep_on(
            "keeping up",
            move || keep_up(kept_up.clone(), looked.clone()),
            || false,
        )));
        Self { stopping, delivering, others }
    }

    /// Stops them, in peace.
    pub(crate) async fn stop(&mut self) {
        self.stopping.send_replace(true);
        self.others.iter().for_each(JoinHandle::abort);
        if let Some(delivering) = self.delivering.take() {
            // Whatever ended it, the mail is still in the outbox.
            let _ = delivering.await;
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.others.iter().chain(&self.delivering).for_each(JoinHandle::abort);
    }
}

/// Does `work` again and again until it is `over`: whatever ends it, the server needs it.
async fn keep_on<W>(name: &'static str, work: impl Fn() -> W, over: impl Fn() -> bool)
where
    W: Future<Output = ()>,
{
    loop {
        let ended = AssertUnwindSafe(async { work().await }).catch_unwind().await;
        if over() {
            return;
        }
        let how = if ended.is_ok() { "ended" } else { "panicked" };
        tracing::error!("the worker for {name} {how}, and begins anew");
        sleep(RECOVERY).await;
    }
}

async fn hear(state: Arc<AppState>, hearing: Arc<Hearing>, mail: Arc<Notify>, look: Arc<Notify>) {
    let store = state.store.clone();
    let deaf = Deaf(hearing.clone());
    edgeos_postgres::listen(store, |news| match news {
        News::Changed(ChangeKind::Mail) => mail.notify_one(),
        News::Changed(ChangeKind::Token) => look.notify_one(),
        News::Changed(kind) => {
            state.sessions.heard(kind);
            state.hosts.heard(kind);
            look.notify_one();
        }
        News::Listening => {
            state.sessions.forget_all();
            state.hosts.forget_all();
            hearing.set_listening(true);
            look.notify_one();
        }
        News::Deaf => hearing.set_listening(false),
    })
    .await;
    drop(deaf);
}

/// Whatever ends the hearing, what is cached isn't believed from then on.
struct Deaf(Arc<Hearing>);

impl Drop for Deaf {
    fn drop(&mut self) {
        self.0.set_listening(false);
    }
}

/// Keeps up to date what requests need without a query: at once when something was announced, or when
/// announcements arrive again, since some were missed.
async fn keep_up(state: Arc<AppState>, look: Arc<Notify>) {
    loop {
        if let Err(error) = state.sessions.read_revoked(state.env.now()).await {
            tracing::warn!("revoked tokens can't be read: {}", chain(&error));
        }
        if let Err(error) = state.hosts.read_domains().await {
            tracing::warn!("custom domains can't be read: {}", chain(&error));
        }
        // Whichever comes first.
        let _ = timeout(LOOK, look.notified()).await;
    }
}

/// Asks the mail server from time to time whether it would talk to us.
async fn watch_mail(state: Arc<AppState>) {
    let Some(mailer) = &state.mailer else { return };
    let mut pulse = interval(MAIL_SERVER);
    loop {
        pulse.tick().await;
        let answered = timeout(MAIL_SERVER, mailer.check()).await;
        state.mail_works.store(matches!(answered, Ok(Ok(()))), Ordering::Relaxed);
    }
}

/// A mail server that takes its time holds up one round, not the mail that comes after it.
async fn deliver(delivery: Arc<Delivery>, mail: Arc<Notify>, mut stopping: watch::Receiver<bool>) {
    let mut rounds = JoinSet::new();
    let mut wanted = 1;
    while !*stopping.borrow() {
        while wanted > 0 && rounds.len() < ROUNDS {
            rounds.spawn(deliver_once(delivery.clone()));
            wanted -= 1;
        }
        wanted = 1;
        let next_look = sleep(OUTBOX);
        tokio::pin!(next_look);
        loop {
            tokio::select! {
                () = mail.notified() => break,
                () = &mut next_look => break,
                _ = stopping.changed() => break,
                Some(found) = rounds.join_next() => match found.unwrap_or_else(|error| failed(&error)) {
                    0 => {}
                    // There will be more of it.
                    found if found >= MAILS => {
                        wanted = ROUNDS;
                        break;
                    }
                    _ => break,
                },
            }
        }
    }
    while rounds.join_next().await.is_some() {}
}

/// What a round found that failed itself.
fn failed(error: &JoinError) -> u32 {
    tracing::error!(%error, "a round of delivery failed");
    0
}

/// Delivers what is due; how many mails that were.
async fn deliver_once(delivery: Arc<Delivery>) -> u32 {
    match delivery.run_once(MAILS).await {
        Ok(report) => u32::try_from(report.claimed).unwrap_or(u32::MAX),
        Err(error) => {
            tracing::warn!("the outbox can't be read: {}", chain(&error));
            0
        }
    }
}

/// Gives up mail that is over, whether there is a mail server or not.
async fn expire_mail(state: Arc<AppState>) {
    let mut pulse = interval(EXPIRY);
    loop {
        pulse.tick().await;
        match state.mail_upkeep.expire().await {
            Ok(0) => {}
            Ok(expired) => tracing::info!(expired, "mail is given up that is over"),
            Err(error) => tracing::warn!("mail that is over can't be given up: {}", chain(&error)),
        }
    }
}

async fn tidy(state: Arc<AppState>) {
    let mut pulse = interval(TIDY);
    loop {
        pulse.tick().await;
        let done = [state.expired.run().await, state.mail_upkeep.sweep_old().await];
        for error in done.into_iter().filter_map(Result::err) {
            tracing::warn!("what is over can't be deleted: {}", chain(&error));
        }
    }
}

async fn sweep_payments(state: Arc<AppState>) {
    let mut pulse = interval(PENDING);
    // A round that took its time isn't made up for by others at once.
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        match state.payments.sweep().await {
            Ok(report) if report == SweepReport::default() => {}
            Ok(SweepReport { dropped, moved, expired }) => {
                tracing::info!(dropped, moved, expired, "pending payments are looked at");
            }
            Err(error) => {
                tracing::warn!("pending payments can't be looked at: {}", chain(&error));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[tokio::test]
    async fn a_worker_that_panics_begins_anew() {
        let begun = AtomicU32::new(0);
        let work = async || assert!(begun.fetch_add(1, Ordering::Relaxed) > 0, "the first time");
        keep_on("this test", work, || begun.load(Ordering::Relaxed) == 2).await;
        assert_eq!(begun.load(Ordering::Relaxed), 2);
    }
}
