use chrono::{DateTime, Utc};
use edgeos_domain::{
    Application, ApplicationSnapshot, ApplicationStatus, Circumstances, Human, MailId,
    MailTemplate, Patch, Popup, Reviewer, SnapshotId, Strategy, Transition, Trigger, Vote,
};
use edgeos_ports::{Change as News, Environment, NewMail, Resource};

use super::{ApplicationTx, mail};
use crate::AppError;

/// What decides about an application besides itself, its popup and its human.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bystanders {
    /// The popup's strategy.
    pub(crate) strategy: Option<Strategy>,
    /// The popup's reviewers who can still vote.
    pub(crate) reviewers: Vec<Reviewer>,
    /// The votes on the application.
    pub(crate) votes: Vec<Vote>,
    /// Whether its fee was paid.
    pub(crate) fee_paid: bool,
}

impl Bystanders {
    /// These, the popup, the human and the present, for a transition.
    pub(crate) fn with<'a>(
        &'a self,
        popup: &'a Popup,
        human: &Human,
        now: DateTime<Utc>,
    ) -> Circumstances<'a> {
        Circumstances {
            popup,
            red_flag: human.red_flag,
            fee_paid: self.fee_paid,
            strategy: self.strategy.as_ref(),
            votes: &self.votes,
            reviewers: &self.reviewers,
            now,
        }
    }
}

/// Reads what decides about `application`, which is locked.
pub(crate) async fn look_around(
    tx: &mut impl ApplicationTx,
    popup: &Popup,
    application: &Application,
) -> Result<Bystanders, AppError> {
    let strategy = tx.strategy(popup.id).await?.map(|strategy| strategy.strategy);
    let votes = tx.votes(&[application.id]).await?.remove(&application.id).unwrap_or_default();
    let reviewers = tx.voting_reviewers(popup.id).await?;
    let fee_paid = popup.fee.required() && tx.fee_is_paid(application.id).await?;
    Ok(Bystanders { strategy, reviewers, votes, fee_paid })
}

/// A transition on its way into the store.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    /// The popup applied to.
    pub(crate) popup: &'a Popup,
    /// Who applies, as the human is after the change.
    pub(crate) human: &'a Human,
    /// The application after the change.
    pub(crate) application: &'a Application,
    /// What happens.
    pub(crate) transition: &'a Transition,
    /// Whether a group joined with it is what made the application accepted.
    pub(crate) admitted: bool,
}

impl Change<'_> {
    /// Stores what comes with the change of the application, but not the application itself.
    pub(crate) async fn follow_up(
        &self,
        tx: &mut impl ApplicationTx,
        env: &dyn Environment,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let Self { human, application, transition, .. } = *self;
        if transition.deletes_votes {
            tx.delete_reviews(application.id).await?;
        }
        if let Patch::Set(group) = transition.group {
            tx.insert_member(group, human.id, self.admitted, now).await?;
        }
        let snapshots: Vec<_> = transition
            .snapshots
            .iter()
            .map(|event| {
                let id = SnapshotId(env.uuid());
                ApplicationSnapshot::of(id, application, human, *event, now)
            })
            .collect();
        tx.insert_snapshots(&snapshots).await?;
        if let (Some(template), Some(last)) = (transition.mail, snapshots.last()) {
            self.enqueue(tx, env, template, last).await?;
        }
        Ok(())
    }

    async fn enqueue(
        &self,
        tx: &mut impl ApplicationTx,
        env: &dyn Environment,
        template: MailTemplate,
        snapshot: &ApplicationSnapshot,
    ) -> Result<(), AppError> {
        let Self { popup, human, application, .. } = *self;
        let discount = match application.group {
            Some(group) if template == MailTemplate::ApplicationAccepted => {
                tx.group_discount(group).await?
            }
            _ => None,
        };
        let status = application.status().as_str();
        tx.enqueue_mail(&NewMail {
            id: MailId(env.uuid()),
            popup_id: Some(popup.id),
            template,
            to: human.email.as_str().to_owned(),
            context: mail::context(template, popup, human, application, discount),
            dedupe_key: Some(format!("application:{}:{status}:{}", application.id, snapshot.id)),
            priority: 0,
            not_after: None,
        })
        .await?;
        Ok(tx.announce(News::Mail).await?)
    }
}

/// What `trigger` makes of `application`, which is locked, stored with everything that comes with it.
pub(crate) async fn advance(
    tx: &mut impl ApplicationTx,
    env: &dyn Environment,
    application: Application,
    trigger: Trigger,
    popup: &Popup,
    human: &Human,
    bystanders: &Bystanders,
) -> Result<Application, AppError> {
    let now = env.now();
    let transition = application.transition(trigger, &bystanders.with(popup, human, now))?;
    if !transition.changes_status() {
        return Ok(application);
    }
    let application = application.after(&transition, now);
    tx.update_application(&application).await?;
    let change = Change {
        popup,
        human,
        application: &application,
        transition: &transition,
        admitted: false,
    };
    change.follow_up(tx, env, now).await?;
    Ok(application)
}

/// Rejects what waits for a decision or the fee of `human`, who has just been red-flagged and whose row is
/// locked; how many.
///
/// # Errors
///
/// `Store`.
pub async fn reject_open_applications(
    tx: &mut impl ApplicationTx,
    env: &dyn Environment,
    human: &Human,
) -> Result<usize, AppError> {
    let mut rejected = 0;
    for application in tx.lock_open_applications_of(human.id).await? {
        // Nothing rests on the popup, so it needn't be held: the mail names it.
        let popup = tx.popup(application.popup).await?;
        let popup = popup.ok_or(AppError::NotFound(Resource::Popup))?;
        let bystanders = Bystanders::default();
        let after =
            advance(tx, env, application, Trigger::RedFlagSet, &popup, human, &bystanders).await?;
        rejected += usize::from(after.status() == ApplicationStatus::Rejected);
    }
    Ok(rejected)
}
