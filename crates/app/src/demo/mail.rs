use edgeos_domain::{EmailTemplateId, MailTemplate, NewEmailTemplate};
use edgeos_ports::{
    EmailTemplates, Environment, MailOutcome, Outbox, Popups, Resource, TenantScope, Transaction,
};

use super::{
    DemoStore,
    popups::{LANTERN, VILLAGE},
    stage::Stage,
};
use crate::AppError;

/// Whose mails came back.
const BOUNCES: &str = "hello.there@example.com";

/// Mails that are settled at a time.
const BATCH: u32 = 100;

/// An organiser's words for a mail.
struct Words {
    popup: &'static str,
    template: MailTemplate,
    subject: Option<&'static str>,
    /// What stands between greeting and goodbye.
    body: &'static str,
    active: bool,
}

const PLAIN: Words = Words {
    popup: VILLAGE,
    template: MailTemplate::ApplicationReceived,
    subject: None,
    body: "",
    active: true,
};

static WORDS: [Words; 8] = [
    Words {
        template: MailTemplate::ApplicationReceived,
        subject: Some("We have your letter, {{ first_name }}"),
        body: "<p>Your application to {{ popup_name }} lies on our table. \
               Three of us will read it, and you will hear from us within a week.</p>",
        ..PLAIN
    },
    Words {
        template: MailTemplate::ApplicationAccepted,
        subject: Some("Come to {{ popup_name }}!"),
        body: "<p>Yes! We'd love to have you. Your pass waits for you in the portal.</p>\
               <p><a href=\"{{ portal_url }}\">Choose your pass</a></p>",
        ..PLAIN
    },
    Words {
        template: MailTemplate::ApplicationAcceptedWithDiscount,
        body: "<p>You are in, and {{ discount_percentage }} % of your pass are on us.</p>",
        ..PLAIN
    },
    Words {
        template: MailTemplate::ApplicationAcceptedWithIncentive,
        body: "<p>You are in, {{ discount_percentage }} % of your pass are on us, and \
               {{ incentive_amount }} {{ incentive_currency }} help you to get here.</p>",
        ..PLAIN
    },
    Words {
        template: MailTemplate::ApplicationAcceptedScholarshipRejected,
        body: "<p>You are in. The scholarships went to others this time; we hope that you can \
               come all the same.</p>",
        ..PLAIN
    },
    Words {
        template: MailTemplate::ApplicationRejected,
        body: "<p>There were many more letters than beds. Please write to us again next year.</p>",
        ..PLAIN
    },
    Words {
        template: MailTemplate::PaymentConfirmed,
        subject: Some("Paid"),
        body: "<p>A draft that nobody has finished.</p>",
        active: false,
        ..PLAIN
    },
    Words {
        popup: LANTERN,
        template: MailTemplate::ApplicationAccepted,
        subject: Some("A light with your name on it"),
        body: "<p>See you at {{ popup_name }}. Bring a warm coat.</p>",
        ..PLAIN
    },
];

/// Writes the organiser's words on `day`.
pub(super) async fn fill<S: DemoStore>(stage: &Stage<S>, day: i64) -> Result<(), AppError> {
    stage.script.turn_to(day, 15 * 60);
    let mut tx = stage.store.begin(&TenantScope::of_worker(stage.tenant.id)).await?;
    for words in &WORDS {
        stage.draw_for(format!("{}/mail/{}", words.popup, words.template.as_str()));
        let popup = stage.popup(words.popup)?;
        tx.hold_popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let new = NewEmailTemplate {
            popup,
            template: words.template,
            subject: words.subject.map(str::to_owned),
            html_content: format!(
                "<html><body><h1>Dear {{{{ first_name }}}},</h1>{}<p>The village</p></body></html>",
                words.body
            ),
            is_active: words.active,
        };
        let id = EmailTemplateId(stage.script.uuid());
        let made = new.into_template(id, stage.tenant.id, stage.script.now())?;
        tx.insert_email_template(&made).await?;
    }
    Ok(tx.commit().await?)
}

/// Puts every mail that the story has queued into the log as sent, or as undeliverable: nothing leaves the house.
pub(super) async fn deliver<S: DemoStore>(stage: &Stage<S>) -> Result<(), AppError> {
    stage.draw_for("mail");
    let mut tx = stage.store.begin(&TenantScope::of_worker(stage.tenant.id)).await?;
    loop {
        // The database dates what is queued, so the clock of the story is of no use here.
        let now = stage.script.world().now();
        let queued = tx.claim_due_mail(BATCH).await?;
        for mail in &queued {
            let outcome = if mail.to == BOUNCES {
                MailOutcome::Dead { error: "550: there is no such mailbox".to_owned() }
            } else {
                MailOutcome::Sent { at: now }
            };
            tx.settle_mail(mail.lease, &outcome).await?;
        }
        if queued.is_empty() {
            return Ok(tx.commit().await?);
        }
    }
}
