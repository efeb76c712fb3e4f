use std::collections::HashMap;

use edgeos_domain::{ApplicationId, ApplicationStatus, HumanId, PopupId, Trigger};
use edgeos_ports::{
    ApplicationReviews, Applications, ApprovalStrategies, Humans, Popups, Resource, Store,
    Transaction, Writer,
};

use super::{
    ApplicationTx, ManageApplications,
    step::{Bystanders, advance},
};
use crate::{
    AppError,
    audit::{self, Action, Subject},
};

/// How many applications one transaction locks at most.
const BATCH: u64 = 100;

/// What the present rules made of the applications in review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recalculation {
    /// How many were looked at.
    pub evaluated: u64,
    /// How many of them are accepted now.
    pub accepted: u64,
    /// How many of them are rejected now.
    pub rejected: u64,
}

impl<S: Store<Tx: ApplicationTx>> ManageApplications<S> {
    /// Has the present rules of `popup` applied to all its applications in review. Each hundred is a
    /// transaction: what was decided until a failure stays.
    ///
    /// # Errors
    ///
    /// `NotFound(Popup)`, `Conflict` for a popup without strategy.
    pub async fn recalculate(
        &self,
        by: &Writer,
        popup: PopupId,
    ) -> Result<Recalculation, AppError> {
        let mut total = Recalculation::default();
        let mut after = None;
        loop {
            let (batch, last) = self.recalculate_batch(by, popup, after).await?;
            total.evaluated += batch.evaluated;
            total.accepted += batch.accepted;
            total.rejected += batch.rejected;
            match last {
                Some(last) => after = Some(last),
                None => return Ok(total),
            }
        }
    }

    /// The next batch, and its last application if there may be more.
    async fn recalculate_batch(
        &self,
        by: &Writer,
        popup: PopupId,
        after: Option<ApplicationId>,
    ) -> Result<(Recalculation, Option<ApplicationId>), AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(&by.scope()).await?;
        let popup = tx.hold_popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let strategy = tx.strategy(popup.id).await?.map(|strategy| strategy.strategy);
        if strategy.is_none() {
            return Err(AppError::Conflict("this event has no approval strategy".into()));
        }
        let reviewers = tx.voting_reviewers(popup.id).await?;
        let waiting = tx.applications_in_review(popup.id, after, BATCH).await?;
        let (ids, humans): (Vec<ApplicationId>, Vec<HumanId>) = waiting.into_iter().unzip();
        let humans: HashMap<_, _> =
            tx.hold_humans(&humans).await?.into_iter().map(|human| (human.id, human)).collect();
        let applications = tx.lock_applications(&ids).await?;
        let mut votes = tx.votes(&ids).await?;

        let mut batch = Recalculation::default();
        let mut bystanders = Bystanders { strategy, reviewers, ..Bystanders::default() };
        for application in applications {
            if application.status() != ApplicationStatus::InReview {
                continue;
            }
            let human = humans.get(&application.human);
            let human = human.ok_or(AppError::NotFound(Resource::Human))?;
            bystanders.votes = votes.remove(&application.id).unwrap_or_default();
            let trigger = Trigger::Recalculate;
            let after =
                advance(&mut tx, env, application, trigger, &popup, human, &bystanders).await?;
            batch.evaluated += 1;
            batch.accepted += u64::from(after.status() == ApplicationStatus::Accepted);
            batch.rejected += u64::from(after.status() == ApplicationStatus::Rejected);
        }
        if after.is_none() || batch.evaluated > 0 {
            let Recalculation { evaluated, accepted, rejected } = batch;
            let action = Action::ApplicationsRecalculated { evaluated, accepted, rejected };
            let subject = Subject::Popup(popup.id);
            audit::record_on(&mut tx, env, by.actor(), by.tenant(), subject, action).await?;
        }
        tx.commit().await?;
        let full = u64::try_from(ids.len()).is_ok_and(|count| count == BATCH);
        Ok((batch, ids.last().copied().filter(|_| full)))
    }
}
