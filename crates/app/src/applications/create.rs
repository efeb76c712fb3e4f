use edgeos_domain::{
    Application, ApplicationId, ApplicationRefusal, ApplicationStatus, Beginning, Companion,
    GroupId, Patch, PopupId, PortalEdit, Profile, ProfileChange, RequestedStatus, Scholarship,
    ScholarshipRequest, check_answer_limits, check_companions,
};
use edgeos_ports::{
    ApplicationView, Applications, ApprovalStrategies, Attendees, Forms, Humans, Key, Participant,
    Popups, Resource, Store, StoreError, Transaction,
};
use serde_json::{Map, Value};

use super::{
    ApplicationTx, ManageApplications,
    attendees::{self, Party},
    group::{check_list, check_room, lock_named, of_popup},
    seen,
    step::{Bystanders, Change},
    veiled,
};
use crate::{
    AppError,
    idempotency::{Once, Repeatable},
};

/// What a human begins an application with.
#[derive(Debug, Clone, PartialEq)]
pub struct NewApplication {
    /// Where to take part.
    pub popup: PopupId,
    /// What the human tells about themselves. Blank texts tell nothing.
    pub profile: Profile,
    /// See [`Application::referral`].
    pub referral: Option<String>,
    /// See [`Application::info_not_shared`].
    pub info_not_shared: Vec<String>,
    /// See [`Application::custom_fields`].
    pub custom_fields: Map<String, Value>,
    /// To submit it at once; otherwise it is a draft.
    pub status: Option<RequestedStatus>,
    /// The group to take part through.
    pub group: Option<GroupId>,
    /// Who comes along.
    pub companions: Vec<Companion>,
    /// What is asked for beyond taking part.
    pub scholarship: ScholarshipRequest,
}

impl<S: Store<Tx: ApplicationTx>> ManageApplications<S> {
    /// Begins the human's application to a popup.
    ///
    /// # Errors
    ///
    /// `Invalid` for answers that no form could take; `NotFound(Popup)`; `Refused` for a closed popup and for
    /// somebody who has an application there;
    /// `Conflict` for a companion; `Invalid` for a scholarship that isn't offered; `Answers`; `Refused` for
    /// companions; `NotFound(Group)`, `Refused` or `Forbidden` by the group. With a key, as
    /// [`Repeatable`] says.
    pub async fn create_mine(
        &self,
        by: &Participant,
        new: NewApplication,
        once: Option<&Repeatable<'_, ApplicationView>>,
    ) -> Result<Once<ApplicationView>, AppError> {
        check_answer_limits(&new.custom_fields).map_err(AppError::invalid("custom_fields"))?;
        let env = &*self.env;
        let now = env.now();
        let mut tx = self.store.begin(&by.scope()).await?;
        if let Some(answer) = Repeatable::claim(once, &mut tx, env).await? {
            return Ok(Once::Repeated(answer));
        }
        let popup = tx.hold_popup(new.popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let named = lock_named(&mut tx, new.group).await?;
        let humans = attendees::humans(&mut tx, None, &new.companions).await?;
        let human = tx.lock_human(by.human()).await?.ok_or(AppError::NotFound(Resource::Human))?;

        if popup.is_closed() {
            return Err(ApplicationRefusal::PopupClosed.into());
        }
        if tx.lock_application_of(human.id, popup.id).await?.is_some() {
            return Err(ApplicationRefusal::AlreadyApplied.into());
        }
        if tx.is_companion(human.id, popup.id).await? {
            return Err(ApplicationRefusal::AlreadyCompanion.into());
        }
        let scholarship = Scholarship::default()
            .requested(new.scholarship, &popup)
            .map_err(AppError::invalid("scholarship_request"))?;
        let submits = new.status == Some(RequestedStatus::InReview) && new.group.is_none();
        let form = tx.form(popup.id).await?;
        let answers = form
            .check_answers(&Map::new(), new.custom_fields, submits)
            .map_err(AppError::Answers)?;
        check_companions(&new.companions, Some(&human.email), Some(&popup))?;
        let door = of_popup(named, popup.id)?;
        if let Some(door) = &door {
            check_list(&mut tx, door, &human.email).await?;
        }

        let strategy = tx.strategy(popup.id).await?.map(|strategy| strategy.strategy);
        let bystanders = Bystanders { strategy, ..Bystanders::default() };
        let beginning = Beginning::Portal(PortalEdit { status: new.status, group: new.group });
        let transition =
            beginning.transition(&scholarship, &bystanders.with(&popup, &human, now))?;
        if let (Some(door), Patch::Set(_)) = (&door, transition.group) {
            check_room(&mut tx, door, human.id).await?;
        }

        let mut human = human;
        let profile = human.profile.clone().changed(ProfileChange::filling_in(new.profile));
        if profile != human.profile {
            human.profile = profile;
            tx.update_human(&human).await?;
        }
        let application = Application {
            referral: new.referral,
            info_not_shared: new.info_not_shared,
            custom_fields: answers,
            custom_fields_schema: transition.captures_schema.then(|| form.schema(&popup)),
            scholarship,
            ..Application::new(ApplicationId(env.uuid()), popup.id, &human, &transition, now)
        };
        tx.insert_application(&application)
            .await
            .map_err(|error| applied_meanwhile(error, ApplicationRefusal::AlreadyApplied))?;
        let party = Party { companions: new.companions, humans: &humans };
        attendees::bring(&mut tx, env, &popup, &human, &application, party).await?;
        let accepted = transition.status() == ApplicationStatus::Accepted;
        let admitted = accepted && matches!(transition.group, Patch::Set(_));
        let change = Change {
            popup: &popup,
            human: &human,
            application: &application,
            transition: &transition,
            admitted,
        };
        change.follow_up(&mut tx, env, now).await?;

        let view = veiled(seen(&mut tx, application.id).await?);
        Repeatable::settle(once, &mut tx, env, &view).await?;
        tx.commit().await?;
        Ok(Once::Done(view))
    }
}

/// Who was faster made the same application.
pub(super) fn applied_meanwhile(error: StoreError, refusal: ApplicationRefusal) -> AppError {
    match error {
        StoreError::Taken(Key::Application) => refusal.into(),
        error => error.into(),
    }
}
