use edgeos_domain::{
    Application, ApplicationId, Human, Popup, ScholarshipDecision, ScholarshipStatus, Trigger,
};
use edgeos_ports::{ApplicationView, Applications, Resource, Store, Transaction, Writer};

use super::{
    ApplicationTx, ManageApplications, seen,
    step::{advance, look_around},
};
use crate::{
    AppError,
    audit::{self, Action, Subject},
};

/// What staff decide where votes don't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandDecision {
    /// The application is accepted.
    Accept,
    /// The application is rejected.
    Reject,
    /// The rejection is taken back.
    Reopen,
}

impl<S: Store<Tx: ApplicationTx>> ManageApplications<S> {
    /// Decides about the application `id` by hand; `notes` are kept in the audit log.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Conflict` when the application's state, its human's red flag or an open scholarship
    /// says no.
    pub async fn decide(
        &self,
        by: &Writer,
        id: ApplicationId,
        decision: HandDecision,
        notes: Option<String>,
    ) -> Result<ApplicationView, AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(&by.scope()).await?;
        let (popup, human, application) = lock(&mut tx, id).await?;
        let bystanders = look_around(&mut tx, &popup, &application).await?;
        let (trigger, action) = match decision {
            HandDecision::Accept => {
                (Trigger::AcceptByHand, Action::ApplicationDecided { decision: "accept", notes })
            }
            HandDecision::Reject => {
                (Trigger::RejectByHand, Action::ApplicationDecided { decision: "reject", notes })
            }
            HandDecision::Reopen => (Trigger::Reopen, Action::ApplicationReopened { notes }),
        };
        advance(&mut tx, env, application, trigger, &popup, &human, &bystanders).await?;
        let subject = Subject::Application(id);
        audit::record_on(&mut tx, env, by.actor(), by.tenant(), subject, action).await?;
        let view = seen(&mut tx, id).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Decides about the scholarship that the application `id` asks for.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Refused` where the popup offers no scholarships, or no incentives; `Conflict` when none
    /// was asked for.
    pub async fn decide_scholarship(
        &self,
        by: &Writer,
        id: ApplicationId,
        decision: ScholarshipDecision,
    ) -> Result<ApplicationView, AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(&by.scope()).await?;
        let (popup, human, mut application) = lock(&mut tx, id).await?;
        let before = application.scholarship.status;
        application.scholarship = application.scholarship.decided(decision, &popup)?;
        application.updated_at = env.now();
        let action = Action::ScholarshipDecided {
            before: before.map(ScholarshipStatus::as_str),
            after: application.scholarship.status.map(ScholarshipStatus::as_str),
        };
        tx.update_application(&application).await?;
        let bystanders = look_around(&mut tx, &popup, &application).await?;
        let trigger = Trigger::ScholarshipDecided;
        advance(&mut tx, env, application, trigger, &popup, &human, &bystanders).await?;
        let subject = Subject::Application(id);
        audit::record_on(&mut tx, env, by.actor(), by.tenant(), subject, action).await?;
        let view = seen(&mut tx, id).await?;
        tx.commit().await?;
        Ok(view)
    }
}

/// The application `id`, locked, with popup and human, which stay as they are meanwhile.
pub(crate) async fn lock(
    tx: &mut impl ApplicationTx,
    id: ApplicationId,
) -> Result<(Popup, Human, Application), AppError> {
    let missing = || AppError::NotFound(Resource::Application);
    let known = tx.application(id).await?.ok_or_else(missing)?;
    let popup = tx.hold_popup(known.popup).await?;
    let popup = popup.ok_or(AppError::NotFound(Resource::Popup))?;
    let human = tx.hold_human(known.human).await?.ok_or(AppError::NotFound(Resource::Human))?;
    // Read anew: what was read before the lock may be of yesterday.
    let application = tx.lock_application(id).await?.ok_or_else(missing)?;
    Ok((popup, human, application))
}
