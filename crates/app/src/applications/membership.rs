use std::collections::HashMap;

use edgeos_domain::{
    Application, ApplicationId, ApplicationRefusal, ApplicationStatus, Beginning, GroupId, Human,
    Popup, Scholarship, Trigger,
};
use edgeos_ports::{Environment, Membership};
use serde_json::Value;

use super::{
    ApplicationTx,
    attendees::{self, Party},
    create::applied_meanwhile,
    step::{Bystanders, Change, look_around},
};
use crate::AppError;

/// Where a leader brings people in. Popup and group are locked.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// The popup that the group gathers participants of.
    pub(crate) popup: &'a Popup,
    /// The group.
    pub(crate) group: GroupId,
    /// The popup's form, for those who haven't filled one in.
    pub(crate) form: &'a Value,
}

/// Makes `human`, who is locked and may be brought in, a member: with a new application, or with the one from
/// `before`, which is locked.
pub(crate) async fn bring_in(
    tx: &mut impl ApplicationTx,
    env: &dyn Environment,
    entry: &Entry<'_>,
    human: &Human,
    before: Option<Application>,
) -> Result<(), AppError> {
    let Entry { popup, group, form } = *entry;
    let now = env.now();
    let bystanders = Bystanders::default();
    let circumstances = bystanders.with(popup, human, now);
    let (application, transition) = if let Some(before) = before {
        let transition = before.transition(Trigger::LeaderAdds(group), &circumstances)?;
        let application = before.after(&transition, now);
        tx.update_application(&application).await?;
        (application, transition)
    } else {
        let transition =
            Beginning::Leader(group).transition(&Scholarship::default(), &circumstances)?;
        let id = ApplicationId(env.uuid());
        let application = Application {
            custom_fields_schema: transition.captures_schema.then(|| form.clone()),
            ..Application::new(id, popup.id, human, &transition, now)
        };
        tx.insert_application(&application)
            .await
            .map_err(|error| applied_meanwhile(error, ApplicationRefusal::PersonAlreadyApplied))?;
        let alone = Party { companions: Vec::new(), humans: &HashMap::new() };
        attendees::bring(tx, env, popup, human, &application, alone).await?;
        (application, transition)
    };
    let accepted = transition.status() == ApplicationStatus::Accepted;
    let change = Change {
        popup,
        human,
        application: &application,
        transition: &transition,
        admitted: accepted && transition.changes_status(),
    };
    change.follow_up(tx, env, now).await
}

/// Ends what `membership` in `group` meant for the application from `before`, which is locked like its popup
/// and its human. The membership itself isn't touched.
pub(crate) async fn take_out(
    tx: &mut impl ApplicationTx,
    env: &dyn Environment,
    popup: &Popup,
    human: &Human,
    before: Application,
    group: GroupId,
    membership: Membership,
) -> Result<(), AppError> {
    let now = env.now();
    let bystanders = look_around(tx, popup, &before).await?;
    let trigger = Trigger::LeaderRemoves { group, admitted: membership.admitted };
    let transition = before.transition(trigger, &bystanders.with(popup, human, now))?;
    if !transition.group.is_sent() && !transition.changes_status() {
        return Ok(());
    }
    let application = before.after(&transition, now);
    tx.update_application(&application).await?;
    let change = Change {
        popup,
        human,
        application: &application,
        transition: &transition,
        admitted: false,
    };
    change.follow_up(tx, env, now).await
}
