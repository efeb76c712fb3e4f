use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
};

use edgeos_domain::{EmailTemplateId, HumanId, MailId, PopupId, TenantSlug};
use edgeos_ports::{
    Attachment, Change, ComposeError, Composition, CustomTemplate, Draft, InvalidTemplate,
    MAIL_LEASE, MailFrame, MailLease, NewMail, NewUserMail, OldMail, Page, Paging, RenderError,
    Rendered, Sender, Source, TemplateWords, TenantFilter, WordsToCheck,
};
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const ID: MailId = MailId(Uuid::from_u128(7));

/// A live tenant without settings of its own.
pub(super) fn tenant() -> Tenant {
    Tenant {
        id: TENANT,
        name: "Edge City".to_owned(),
        slug: TenantSlug::parse("edge").expect("a slug"),
        deleted: false,
        sender_email: None,
        sender_name: None,
        image_url: None,
        icon_url: None,
        logo_url: None,
        custom_domain: None,
        custom_domain_active: false,
        is_demo: false,
    }
}

struct Row {
    of_user: bool,
    mail: QueuedMail,
    state: &'static str,
    due: DateTime<Utc>,
    error: Option<String>,
}

struct World {
    now: DateTime<Utc>,
    tenant: Tenant,
    rows: Vec<Row>,
    /// What the mail server answers; it takes what comes after.
    answers: VecDeque<Result<(), SendError>>,
    sent: Vec<(String, Sender, ComposedMail)>,
    frames: Vec<MailFrame>,
    /// What was reported of templates.
    reports: Vec<(EmailTemplateId, String)>,
    /// Takes over each mail while it is being sent.
    rival: bool,
    /// How long it takes to compose a mail.
    composing: TimeDelta,
    /// Whether too many mails are being composed.
    busy: bool,
    /// Tenants whose mail can't be read.
    broken: Vec<TenantId>,
}

/// Store, mail server, composer and clock in one.
#[derive(Clone)]
struct Fake(Arc<Mutex<World>>);

impl Fake {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(World {
            now: DateTime::UNIX_EPOCH,
            tenant: tenant(),
            rows: Vec::new(),
            answers: VecDeque::new(),
            sent: Vec::new(),
            frames: Vec::new(),
            reports: Vec::new(),
            rival: false,
            composing: TimeDelta::zero(),
            busy: false,
            broken: Vec::new(),
        })))
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().expect("no test panics while it holds this")
    }

    fn queue(&self, template: &str, change: impl FnOnce(&mut QueuedMail)) {
        let mut mail = QueuedMail {
            lease: MailLease { id: ID, until: DateTime::UNIX_EPOCH },
            tenant: Some(TENANT),
            popup_id: None,
            popup_deleted: false,
            template: template.to_owned(),
            to: "ann@x.example".to_owned(),
            context: json!({ "auth_code": "042137" }),
            custom: None,
            attempts: 0,
            not_after: None,
            stale: false,
        };
        change(&mut mail);
        let of_user = template == "login_code_user";
        let due = DateTime::UNIX_EPOCH;
        self.world().rows.push(Row { of_user, mail, state: "queued", due, error: None });
    }

    fn answer(&self, answer: SendError) {
        self.world().answers.push_back(Err(answer));
    }

    fn wait(&self, time: TimeDelta) {
        self.world().now += time;
    }

    fn delivery(&self) -> DeliverMail<Self, Self, Self, Self> {
        let sender = SenderRules {
            email: "noreply@edgeos.example".to_owned(),
            name: "EdgeOS".to_owned(),
            domains: Vec::new(),
        };
        let branding = MailBranding {
            project_name: "EdgeOS".to_owned(),
            portal_url: "http://localhost:3000".to_owned(),
            backoffice_url: "http://localhost:5173".to_owned(),
            sender,
        };
        let this = Arc::new(self.clone());
        DeliverMail::new(self.clone(), this.clone(), self.clone(), self.clone(), this, branding)
    }

    async fn run(&self) -> DeliveryReport {
        self.delivery().run_once(100).await.expect("the store is there")
    }

    fn state(&self) -> &'static str {
        self.world().rows[0].state
    }

    fn claim(&self, of_user: bool, limit: u32) -> Vec<QueuedMail> {
        let mut world = self.world();
        let now = world.now;
        let due = world.rows.iter_mut().filter(|row| {
            row.of_user == of_user
                && row.state == "queued"
                && row.due <= now
                && row.mail.lease.until <= now
        });
        let claimed = due.take(limit as usize).map(|row| {
            row.mail.lease.until = now + MAIL_LEASE;
            row.mail.attempts += 1;
            row.mail.clone()
        });
        claimed.collect()
    }

    fn settle(&self, lease: MailLease, outcome: &MailOutcome) -> bool {
        let mut world = self.world();
        let row = world.rows.iter_mut().find(|row| row.mail.lease == lease);
        let Some(row) = row.filter(|row| row.state == "queued") else { return false };
        row.mail.lease.until = DateTime::UNIX_EPOCH;
        match outcome {
            MailOutcome::Sent { .. } => row.state = "sent",
            MailOutcome::Expired => row.state = "expired",
            MailOutcome::Dead { error } => {
                row.state = "dead";
                row.error = Some(error.clone());
            }
            MailOutcome::PutBack { at } => {
                row.due = *at;
                row.mail.attempts -= 1;
            }
            MailOutcome::Retry { at, error } => {
                row.due = *at;
                row.error = Some(error.clone());
            }
        }
        true
    }
}

impl Environment for Fake {
    fn now(&self) -> DateTime<Utc> {
        self.world().now
    }

    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }

    fn fill(&self, bytes: &mut [u8]) {
        // The middle of the spread.
        bytes.fill(128);
    }
}

impl MailComposer for Fake {
    async fn compose(
        &self,
        template: MailTemplate,
        custom: Option<&CustomTemplate>,
        context: &Value,
        frame: &MailFrame,
    ) -> Result<Composition, ComposeError> {
        if template == MailTemplate::AbandonedCart {
            return Err(ComposeError::Fails(template, "no words".into()));
        }
        assert!(template != MailTemplate::ApplicationRejected, "nobody expects this");
        let mut world = self.world();
        if world.busy {
            return Err(ComposeError::Busy);
        }
        world.now = world.now + world.composing;
        world.frames.push(frame.clone());
        drop(world);
        let subject = template.as_str().to_owned();
        let (text, html) = (context.to_string(), String::new());
        let mail = ComposedMail { subject, text, html, attachments: Vec::new() };
        let words = custom.and_then(|custom| custom.words.as_ref());
        let fails = words.filter(|words| words.html == "fails");
        Ok(Composition { mail, fell_back: fails.map(|_| "it fails".to_owned()) })
    }

    async fn preview(
        &self,
        draft: Draft<'_>,
        _: &Value,
        _: &MailFrame,
    ) -> Result<Rendered, RenderError> {
        Err(InvalidTemplate::Content(draft.html.to_owned()).into())
    }

    async fn check(&self, _: WordsToCheck<'_>) -> Result<(), RenderError> {
        Ok(())
    }

    fn built_in(&self, template: MailTemplate) -> &str {
        template.as_str()
    }
}

impl MailAttachments for Fake {
    async fn attachments_of(&self, mail: &QueuedMail) -> Result<Vec<Attachment>, Source> {
        match mail.template.as_str() {
            "payment_confirmed" => Ok(vec![Attachment {
                file_name: "invoice.pdf".to_owned(),
                content_type: "application/pdf".to_owned(),
                bytes: vec![1, 2, 3],
            }]),
            "edit_passes_confirmed" => Err("no invoice can be made".into()),
            _ => Ok(Vec::new()),
        }
    }
}

impl MailTransport for Fake {
    async fn send(
        &self,
        _id: MailId,
        to: &str,
        sender: &Sender,
        mail: &ComposedMail,
    ) -> Result<(), SendError> {
        let mut world = self.world();
        if world.rival {
            for row in &mut world.rows {
                row.mail.lease.until += MAIL_LEASE;
            }
        }
        let answer = world.answers.pop_front().unwrap_or(Ok(()));
        if answer.is_ok() {
            world.sent.push((to.to_owned(), sender.clone(), mail.clone()));
        }
        answer
    }

    async fn check(&self) -> Result<(), SendError> {
        Ok(())
    }
}

impl Store for Fake {
    type Tx = Self;

    async fn begin(&self, scope: &TenantScope) -> Result<Self, StoreError> {
        if self.world().broken.contains(&scope.tenant()) {
            return Err(StoreError::Unavailable("out of reach".into()));
        }
        assert_eq!(scope.tenant(), TENANT);
        Ok(self.clone())
    }

    async fn begin_snapshot(&self, scope: &TenantScope) -> Result<Self, StoreError> {
        self.begin(scope).await
    }
}

impl PlatformStore for Fake {
    type PlatformTx = Self;

    async fn begin_platform(&self, _tenant: Option<TenantId>) -> Result<Self, StoreError> {
        Ok(self.clone())
    }
}

impl Transaction for Fake {
    async fn commit(self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn announce(&mut self, _change: Change) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Outbox for Fake {
    async fn enqueue_mail(&mut self, _mail: &NewMail) -> Result<(), StoreError> {
        unimplemented!("delivery queues nothing")
    }

    async fn claim_due_mail(&mut self, limit: u32) -> Result<Vec<QueuedMail>, StoreError> {
        Ok(self.claim(false, limit))
    }

    async fn settle_mail(
        &mut self,
        lease: MailLease,
        outcome: &MailOutcome,
    ) -> Result<bool, StoreError> {
        Ok(self.settle(lease, outcome))
    }

    async fn report_template_error(
        &mut self,
        custom: &CustomTemplate,
        error: &str,
        _at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.world().reports.push((custom.id, error.to_owned()));
        Ok(())
    }

    async fn expire_mail(&mut self, _limit: u64) -> Result<u64, StoreError> {
        Ok(3)
    }

    async fn purge_mail(&mut self, _old: OldMail, _limit: u64) -> Result<u64, StoreError> {
        Ok(2)
    }
}

impl PlatformOutbox for Fake {
    async fn enqueue_user_mail(&mut self, _mail: &NewUserMail) -> Result<(), StoreError> {
        unimplemented!("delivery queues nothing")
    }

    async fn claim_due_user_mail(&mut self, limit: u32) -> Result<Vec<QueuedMail>, StoreError> {
        Ok(self.claim(true, limit))
    }

    async fn settle_user_mail(
        &mut self,
        lease: MailLease,
        outcome: &MailOutcome,
    ) -> Result<bool, StoreError> {
        Ok(self.settle(lease, outcome))
    }

    async fn expire_user_mail(&mut self, _limit: u64) -> Result<u64, StoreError> {
        Ok(4)
    }

    async fn purge_user_mail(&mut self, old: OldMail, _limit: u64) -> Result<u64, StoreError> {
        assert_eq!(old.settled_before - old.dead_before, TimeDelta::days(60));
        Ok(1)
    }

    async fn tenants_with_due_mail(&mut self, _limit: u32) -> Result<Vec<TenantId>, StoreError> {
        let world = self.world();
        let of_tenant = world.rows.iter().any(|row| !row.of_user && row.state == "queued");
        Ok(world.broken.iter().copied().chain(of_tenant.then_some(TENANT)).collect())
    }
}

impl Tenants for Fake {
    async fn tenant(&mut self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        Ok(Some(self.world().tenant.clone()).filter(|tenant| tenant.id == id))
    }

    async fn every_tenant(&mut self) -> Result<Vec<TenantId>, StoreError> {
        Ok(self.world().broken.iter().copied().chain([TENANT]).collect())
    }

    async fn active_domains(&mut self) -> Result<Vec<String>, StoreError> {
        unimplemented!("delivery needs no domains")
    }

    async fn lock_tenant(&mut self, _id: TenantId) -> Result<Option<Tenant>, StoreError> {
        unimplemented!("delivery changes no tenant")
    }

    async fn tenants(
        &mut self,
        _filter: &TenantFilter,
        _paging: Paging,
    ) -> Result<Page<Tenant>, StoreError> {
        unimplemented!("delivery lists no tenants")
    }

    async fn tenant_of_slug(&mut self, _slug: &str) -> Result<Option<Tenant>, StoreError> {
        unimplemented!("delivery knows its tenants by id")
    }

    async fn tenant_of_active_domain(&mut self, _host: &str) -> Result<Option<Tenant>, StoreError> {
        unimplemented!("delivery knows its tenants by id")
    }

    async fn tenant_of_human(&mut self, _id: HumanId) -> Result<Option<TenantId>, StoreError> {
        unimplemented!("delivery knows its tenants by id")
    }

    async fn tenant_of_group_slug(&mut self, _slug: &str) -> Result<Option<TenantId>, StoreError> {
        unimplemented!("delivery knows its tenants by id")
    }

    async fn insert_tenant(&mut self, _: &Tenant, _: &[String]) -> Result<(), StoreError> {
        unimplemented!("delivery changes no tenant")
    }

    async fn update_tenant(&mut self, _: &Tenant, _: &[String]) -> Result<(), StoreError> {
        unimplemented!("delivery changes no tenant")
    }
}

fn busy() -> SendError {
    SendError::Temporary("busy".to_owned())
}

#[tokio::test]
async fn a_mail_goes_out_once_in_the_name_of_its_tenant() {
    let fake = Fake::new();
    fake.world().tenant.sender_name = Some("Edge Team".to_owned());
    fake.world().tenant.logo_url = Some("https://cdn.example/logo.png".to_owned());
    fake.queue("application_received", |_| {});

    let report = fake.run().await;
    assert_eq!(report, DeliveryReport { claimed: 1, sent: 1, ..DeliveryReport::default() });
    assert_eq!(fake.run().await, DeliveryReport::default());

    let world = fake.world();
    let (to, sender, mail) = &world.sent[0];
    assert_eq!((to.as_str(), mail.subject.as_str()), ("ann@x.example", "application_received"));
    assert_eq!(sender.from.name.as_deref(), Some("Edge Team"));
    assert_eq!(sender.from.address, "noreply@edgeos.example");
    let frame = MailFrame {
        name: "Edge City".to_owned(),
        logo_url: Some("https://cdn.example/logo.png".to_owned()),
        link: "http://edge.localhost:3000".to_owned(),
        project_name: "EdgeOS".to_owned(),
        current_year: 1970,
    };
    assert_eq!(world.frames, [frame]);
    assert_eq!(world.rows[0].state, "sent");
}

#[rstest]
#[case(None, "EdgeOS")]
#[case(Some(TENANT), "Edge City")]
#[tokio::test]
async fn a_user_is_led_to_the_backoffice(#[case] of: Option<TenantId>, #[case] name: &str) {
    let fake = Fake::new();
    fake.queue("login_code_user", |mail| mail.tenant = of);
    assert_eq!(fake.run().await.sent, 1);
    let world = fake.world();
    assert_eq!(world.frames[0].name, name);
    assert_eq!(world.frames[0].link, "http://localhost:5173");
}

#[tokio::test]
async fn a_mail_that_is_put_off_comes_back_later_and_later_until_it_is_dead() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    for seconds in [10, 60, 5 * 60, 30 * 60, 2 * 60 * 60, 6 * 60 * 60] {
        fake.answer(busy());
        assert_eq!(fake.run().await.retried, 1);
        fake.wait(TimeDelta::seconds(seconds - 1));
        assert_eq!(fake.run().await.claimed, 0, "too early after {seconds} s");
        fake.wait(TimeDelta::seconds(1));
    }
    fake.answer(busy());
    assert_eq!(fake.run().await.dead, 1);
    assert_eq!(fake.world().rows[0].error.as_deref(), Some("busy"));
    assert_eq!(fake.world().rows[0].mail.attempts, 7);
}

#[tokio::test]
async fn a_mail_that_was_put_off_goes_out_when_the_server_is_back() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    fake.answer(busy());
    fake.run().await;
    fake.wait(TimeDelta::seconds(10));
    assert_eq!(fake.run().await.sent, 1);
    assert_eq!(fake.world().sent.len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_is_dead_at_once() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    fake.answer(SendError::Permanent("refused (550)".to_owned()));
    assert_eq!(fake.run().await.dead, 1);
    assert_eq!(fake.world().rows[0].error.as_deref(), Some("refused (550)"));
}

#[rstest]
#[case("abandoned_cart", "the template abandoned_cart fails")]
#[case("greetings", "there is no such template")]
#[tokio::test]
async fn a_mail_without_words_is_dead(#[case] template: &str, #[case] error: &str) {
    let fake = Fake::new();
    fake.queue(template, |_| {});
    assert_eq!(fake.run().await.dead, 1);
    assert_eq!(fake.world().rows[0].error.as_deref(), Some(error));
}

#[tokio::test]
async fn a_code_that_is_over_is_not_sent() {
    let fake = Fake::new();
    let end = DateTime::UNIX_EPOCH + TimeDelta::minutes(15);
    fake.queue("login_code_human", |mail| mail.not_after = Some(end));
    fake.wait(TimeDelta::minutes(15));
    assert_eq!(fake.run().await.expired, 1);
    assert!(fake.world().sent.is_empty());
}

#[tokio::test]
async fn a_code_that_would_be_over_at_the_next_attempt_is_given_up_now() {
    let fake = Fake::new();
    let end = DateTime::UNIX_EPOCH + TimeDelta::seconds(10);
    fake.queue("login_code_human", |mail| mail.not_after = Some(end));
    fake.answer(busy());
    assert_eq!(fake.run().await.expired, 1);
    assert_eq!(fake.state(), "expired");
}

#[tokio::test]
async fn nothing_is_sent_about_what_is_deleted() {
    let fake = Fake::new();
    fake.queue("application_received", |mail| {
        mail.popup_id = Some(PopupId(Uuid::from_u128(3)));
        mail.popup_deleted = true;
    });
    assert_eq!(fake.run().await.expired, 1);

    let fake = Fake::new();
    fake.world().tenant.deleted = true;
    fake.queue("application_received", |_| {});
    assert_eq!(fake.run().await.expired, 1);
    assert!(fake.world().sent.is_empty());
}

#[tokio::test]
async fn a_mail_of_a_worker_that_died_is_taken_over_when_the_lease_ends() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    let taken = fake.claim(false, 1);
    assert_eq!(fake.run().await.claimed, 0);
    fake.wait(MAIL_LEASE);
    assert_eq!(fake.run().await.sent, 1);
    let late = MailOutcome::Dead { error: "late".to_owned() };
    assert!(!fake.settle(taken[0].lease, &late));
    assert_eq!(fake.state(), "sent");
}

#[tokio::test]
async fn whoever_lost_the_lease_settles_nothing() {
    let fake = Fake::new();
    fake.world().rival = true;
    fake.queue("application_received", |_| {});
    let report = fake.run().await;
    assert_eq!(report, DeliveryReport { claimed: 1, unsettled: 1, ..DeliveryReport::default() });
    assert_eq!(fake.state(), "queued");
}

#[tokio::test]
async fn a_round_takes_no_more_than_it_can_send_within_the_lease() {
    let fake = Fake::new();
    for number in 0..10 {
        let id = MailId(Uuid::from_u128(100 + number));
        let template = if number < 5 { "application_received" } else { "login_code_user" };
        fake.queue(template, |mail| mail.lease.id = id);
    }
    assert_eq!(fake.run().await.sent, 8);
    let left = fake.world().rows.iter().filter(|row| row.state == "queued").count();
    assert_eq!(left, 2);
    // Somebody waits for a code: those went first.
    assert!(fake.world().rows.iter().all(|row| !row.of_user || row.state == "sent"));
    assert_eq!(fake.run().await.sent, 2);
}

/// The mail server is away for eight of the fifteen minutes that a code is good for.
#[tokio::test]
async fn a_code_arrives_when_the_mail_server_comes_back_in_time() {
    let fake = Fake::new();
    let end = DateTime::UNIX_EPOCH + TimeDelta::minutes(15);
    fake.queue("login_code_human", |mail| mail.not_after = Some(end));
    let mut seconds = 0;
    while fake.state() == "queued" {
        if seconds < 8 * 60 {
            fake.world().answers = VecDeque::from([Err(busy())]);
        } else {
            fake.world().answers.clear();
        }
        fake.run().await;
        fake.wait(TimeDelta::seconds(1));
        seconds += 1;
    }
    assert_eq!((fake.state(), fake.world().sent.len()), ("sent", 1));
    assert!(seconds <= 9 * 60 + 1, "only after {seconds} s");
}

#[tokio::test]
async fn a_code_is_tried_until_it_is_over() {
    let fake = Fake::new();
    let end = DateTime::UNIX_EPOCH + TimeDelta::minutes(15);
    fake.queue("login_code_human", |mail| mail.not_after = Some(end));
    fake.world().answers = (0..100).map(|_| Err(busy())).collect();
    while fake.state() == "queued" {
        fake.run().await;
        fake.wait(TimeDelta::seconds(1));
    }
    assert_eq!(fake.state(), "expired");
    let given_up = fake.world().now - DateTime::UNIX_EPOCH;
    assert!(given_up >= TimeDelta::minutes(14), "after {given_up}");
}

#[tokio::test]
async fn a_mail_that_outlasts_its_lease_is_left_to_the_next() {
    let fake = Fake::new();
    fake.world().composing = TimeDelta::seconds(26);
    fake.queue("application_received", |_| {});
    let report = fake.run().await;
    assert_eq!(report, DeliveryReport { claimed: 1, put_back: 1, ..DeliveryReport::default() });
    assert!(fake.world().sent.is_empty());
    fake.world().composing = TimeDelta::seconds(24);
    fake.wait(NEXT_TURN);
    assert_eq!(fake.run().await.sent, 1);
    assert_eq!(fake.world().rows[0].mail.attempts, 1, "the one that was made");
}

#[tokio::test]
async fn a_mail_that_cannot_be_composed_now_waits_its_turn_and_loses_no_attempt() {
    let fake = Fake::new();
    fake.world().busy = true;
    fake.queue("application_received", |_| {});
    for _ in 0..20 {
        assert_eq!(fake.run().await.put_back, 1);
        assert_eq!(fake.run().await.claimed, 0);
        fake.wait(NEXT_TURN);
    }
    fake.world().busy = false;
    assert_eq!(fake.run().await.sent, 1);
}

#[tokio::test]
async fn a_mail_that_ends_whoever_takes_it_is_taken_no_more() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    for _ in 0..7 {
        assert_eq!(fake.claim(false, 1).len(), 1);
        // The server died.
        fake.wait(MAIL_LEASE);
    }
    assert_eq!(fake.run().await.dead, 1);
    assert!(fake.world().sent.is_empty());
    assert!(fake.world().rows[0].error.as_deref().is_some_and(|told| told.contains("many times")));
}

#[tokio::test]
async fn a_mail_that_makes_the_server_fail_holds_up_no_other() {
    let fake = Fake::new();
    fake.queue("application_rejected", |mail| mail.lease.id = MailId(Uuid::from_u128(8)));
    fake.queue("application_received", |_| {});
    let report = fake.run().await;
    assert_eq!((report.retried, report.sent), (1, 1));
    assert!(fake.world().rows[0].error.as_deref().is_some_and(|told| told.contains("failed")));
}

#[tokio::test]
async fn a_tenant_whose_mail_cannot_be_taken_holds_up_no_other() {
    let fake = Fake::new();
    fake.world().broken.push(TenantId(Uuid::from_u128(2)));
    fake.queue("application_received", |_| {});
    assert_eq!(fake.run().await.sent, 1);
}

#[tokio::test]
async fn nobody_expects_a_mail_that_lay_for_a_week() {
    let fake = Fake::new();
    fake.queue("application_received", |mail| mail.stale = true);
    assert_eq!(fake.run().await.expired, 1);
    assert!(fake.world().sent.is_empty());
}

#[tokio::test]
async fn old_mails_are_cleared_away_everywhere() {
    let fake = Fake::new();
    fake.queue("application_received", |_| {});
    let upkeep = MailUpkeep::new(fake.clone(), Arc::new(fake.clone()));
    assert_eq!(upkeep.sweep_old().await.unwrap(), 3);
    assert_eq!(upkeep.expire().await.unwrap(), 7);
    // A tenant that can't be reached keeps no other's mail.
    fake.world().broken.push(TenantId(Uuid::from_u128(2)));
    assert_eq!(upkeep.sweep_old().await.unwrap(), 3);
    assert_eq!(upkeep.expire().await.unwrap(), 7);
}

#[tokio::test]
async fn words_that_fail_are_reported_and_the_mail_goes_out() {
    let fake = Fake::new();
    let id = EmailTemplateId(Uuid::nil());
    for html in ["fails", "works"] {
        let words = Some(TemplateWords { subject: None, html: html.to_owned() });
        let written_at = DateTime::UNIX_EPOCH;
        let custom = CustomTemplate { id, tenant: TENANT, written_at, words };
        fake.queue("application_received", |mail| mail.custom = Some(custom));
    }
    assert_eq!(fake.run().await.sent, 2);
    assert_eq!(fake.world().reports, [(id, "it fails".to_owned())]);
}

#[rstest]
#[case("payment_confirmed", 1)]
#[case("edit_passes_confirmed", 0)]
#[case("application_received", 0)]
#[tokio::test]
async fn files_are_made_when_the_mail_goes_and_hold_nothing_up(
    #[case] template: &str,
    #[case] files: usize,
) {
    let fake = Fake::new();
    fake.queue(template, |_| {});
    assert_eq!(fake.run().await.sent, 1);
    let world = fake.world();
    let (_, _, mail) = &world.sent[0];
    assert_eq!(mail.attachments.len(), files);
    // The words know of them.
    assert_eq!(mail.text.contains("[\"invoice.pdf\"]"), files > 0, "{}", mail.text);
}
