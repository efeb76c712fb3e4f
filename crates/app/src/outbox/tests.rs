mod delivery;

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
