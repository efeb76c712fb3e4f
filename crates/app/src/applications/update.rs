use edgeos_domain::{
    Application, ApplicationStatus, Companion, EditEffect, GroupId, Patch, PopupId, PortalEdit,
    ProfileChange, RequestedStatus, ScholarshipRequest, Trigger, check_answer_limits,
};
use edgeos_ports::{
    ApplicationView, Applications, Forms, Humans, Participant, Popups, Resource, Store, Transaction,
};
use serde_json::{Map, Value};

use super::{
    ApplicationTx, ManageApplications,
    attendees::{self, Party, Replacement},
    group::{check_list, check_room, lock_named, of_popup},
    seen,
    step::{Change, look_around},
    veiled,
};
use crate::AppError;

/// What a human changes about an own application; `None` and `Keep` change nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ApplicationChange {
    /// What the human tells about themselves.
    pub profile: ProfileChange,
    /// See [`Application::referral`].
    pub referral: Patch<String>,
    /// See [`Application::info_not_shared`].
    pub info_not_shared: Option<Vec<String>>,
    /// All answers, in place of those before.
    pub custom_fields: Option<Map<String, Value>>,
    /// The status that the pressed button stands for.
    pub status: Option<RequestedStatus>,
    /// The group to take part through.
    pub group: Option<GroupId>,
    /// Who comes along, in place of those before who can go.
    pub companions: Option<Vec<Companion>>,
    /// What is asked for beyond taking part.
    pub scholarship: ScholarshipRequest,
}

impl<S: Store<Tx: ApplicationTx>> ManageApplications<S> {
    /// Changes the human's own application to `popup`, submits it or takes it back.
    ///
    /// # Errors
    ///
    /// `Invalid` for answers that no form could take; `NotFound(Application)`; `Refused` once it is rejected or
    /// withdrawn, and when it is submitted to a closed popup or brings somebody new there; then as for
    /// [`create_mine`](Self::create_mine); `Refused` when it belongs to another group.
    pub async fn update_mine(
        &self,
        by: &Participant,
        popup: PopupId,
        change: ApplicationChange,
    ) -> Result<ApplicationView, AppError> {
        if let Some(answers) = &change.custom_fields {
            check_answer_limits(answers).map_err(AppError::invalid("custom_fields"))?;
        }
        let env = &*self.env;
        let missing = || AppError::NotFound(Resource::Application);
        let mut tx = self.store.begin(&by.scope()).await?;
        let popup = tx.hold_popup(popup).await?.ok_or_else(missing)?;
        let named = lock_named(&mut tx, change.group).await?;
        let companions = change.companions.as_deref().unwrap_or_default();
        let humans = attendees::humans(&mut tx, None, companions).await?;
        let mut human = tx.lock_human(by.human()).await?.ok_or_else(missing)?;
        let before = tx.lock_application_of(human.id, popup.id).await?.ok_or_else(missing)?;
        // Now, not when the request came: whoever held the application meanwhile came before.
        let now = env.now();
        let bystanders = look_around(&mut tx, &popup, &before).await?;

        let edit = PortalEdit { status: change.status, group: change.group };
        let effect = before.edit_effect(edit, &popup, bystanders.fee_paid)?;
        let scholarship = before
            .scholarship
            .clone()
            .requested(change.scholarship, &popup)
            .map_err(AppError::invalid("scholarship_request"))?;
        let form = tx.form(popup.id).await?;
        let complete = before.asks_for_answers(edit);
        let answers = match change.custom_fields {
            None if !complete => before.custom_fields.clone(),
            sent => {
                let new = sent.unwrap_or_else(|| before.custom_fields.clone());
                form.check_answers(&before.custom_fields, new, complete)
                    .map_err(AppError::Answers)?
            }
        };
        let companions = match change.companions {
            Some(companions) => {
                let wanted = Party { companions, humans: &humans };
                Some(Replacement::plan(&mut tx, &before, wanted, &human, &popup).await?)
            }
            None => None,
        };
        let door = match effect {
            EditEffect::Join(_) => of_popup(named, popup.id)?,
            EditEffect::Plain | EditEffect::TakeBack | EditEffect::Submit => None,
        };
        if let Some(door) = &door {
            check_list(&mut tx, door, &human.email).await?;
        }

        let application = Application {
            referral: change.referral.over(before.referral.clone()),
            info_not_shared: change.info_not_shared.unwrap_or(before.info_not_shared.clone()),
            custom_fields: answers,
            scholarship,
            ..before.clone()
        };
        let transition =
            application.transition(Trigger::Edit(edit), &bystanders.with(&popup, &human, now))?;
        if let (Some(door), Patch::Set(_)) = (&door, transition.group) {
            check_room(&mut tx, door, human.id).await?;
        }

        let profile = human.profile.clone().changed(change.profile.keeping_names());
        if profile != human.profile {
            human.profile = profile;
            tx.update_human(&human).await?;
        }
        let mut application = application.after(&transition, now);
        if transition.captures_schema {
            application.custom_fields_schema = Some(form.schema(&popup));
        }
        tx.update_application(&application).await?;
        if let Some(companions) = companions {
            companions.carry_out(&mut tx, env, &popup, &application, now).await?;
        }
        let accepted = transition.status() == ApplicationStatus::Accepted;
        let admitted = accepted && transition.changes_status();
        let change = Change {
            popup: &popup,
            human: &human,
            application: &application,
            transition: &transition,
            admitted,
        };
        change.follow_up(&mut tx, env, now).await?;

        let view = veiled(seen(&mut tx, application.id).await?);
        tx.commit().await?;
        Ok(view)
    }
}
