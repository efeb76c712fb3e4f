//! What goes on besides requests: news from other servers, tokens that no longer count, mail, forgotten
//! payments, tidying up.

mod uploads;

use std::{
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
use tokio::{
    sync::{Notify, watch},
    task::{JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use crate::{error::chain, state::AppState};

/// How often revoked tokens and custom domains are read, in case an announcement got lost.
const LOOK: Duration = Duration::from_secs(5);
/// How often the mail server is asked for a sign of life.
const MAIL_SERVER: Duration = Duration::from_secs(30);
/// How often the outbox is looked into, in case an announcement got lost.
const OUTBOX: Duration = Duration::from_secs(1);
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
        let delivery = delivery.map(Arc::new);
        let delivering = delivery
            .clone()
            .map(|delivery| tokio::spawn(deliver(delivery, mail.clone(), stopping.subscribe())));
        let others = vec![
            tokio::spawn(hear(state.clone(), hearing, mail, look.clone())),
            tokio::spawn(keep_up(state.clone(), look)),
            tokio::spawn(watch_mail(state.clone())),
            tokio::spawn(tidy(state.clone(), delivery)),
            tokio::spawn(sweep_payments(state.clone())),
            tokio::spawn(uploads::watch_storage(state.clone())),
            tokio::spawn(uploads::inspect(state.clone())),
            tokio::spawn(uploads::remove_orphans(orphans)),
        ];
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

async fn hear(state: Arc<AppState>, hearing: Arc<Hearing>, mail: Arc<Notify>, look: Arc<Notify>) {
    let store = state.store.clone();
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
                Some(found) = rounds.join_next() => match found.unwrap_or_default() {
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

async fn tidy(state: Arc<AppState>, delivery: Option<Arc<Delivery>>) {
    let mut pulse = interval(TIDY);
    loop {
        pulse.tick().await;
        let mut done = vec![state.sign_in.sweep_expired(state.env.now()).await];
        if let Some(delivery) = &delivery {
            done.push(delivery.sweep_old().await);
        }
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
