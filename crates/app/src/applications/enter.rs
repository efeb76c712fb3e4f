use edgeos_domain::{
    Application, ApplicationId, ApplicationRefusal, ApplicationStatus, Beginning, Companion, Email,
    GroupId, Human, HumanId, PopupId, Profile, ProfileChange, Scholarship, check_answer_limits,
    check_companions,
};
use edgeos_ports::{
    ApplicationView, Applications, ApprovalStrategies, Forms, Governor, Humans, Popups, Resource,
    Store, Transaction,
};
use serde_json::{Map, Value};

use super::{
    ApplicationTx, ManageApplications,
    attendees::{self, Party},
    create::applied_meanwhile,
    group::{check_room, lock_named, of_popup},
    seen,
    step::{Bystanders, Change},
};
use crate::{
    AppError,
    humans::known_or_new,
    idempotency::{Once, Repeatable},
};

/// Somebody whom a superadmin enters.
#[derive(Debug, Clone, PartialEq)]
pub struct NewStaffApplication {
    /// Where the person takes part.
    pub popup: PopupId,
    /// Who it is, known or not.
    pub email: Email,
    /// What is known about the person. Blank texts tell nothing.
    pub profile: Profile,
    /// See [`Application::referral`].
    pub referral: Option<String>,
    /// See [`Application::info_not_shared`].
    pub info_not_shared: Vec<String>,
    /// See [`Application::custom_fields`].
    pub custom_fields: Map<String, Value>,
    /// The status that it gets; `InReview` is decided about like a submission.
    pub status: ApplicationStatus,
    /// The group in which the person becomes a member.
    pub group: Option<GroupId>,
    /// Who comes along, whatever the popup admits.
    pub companions: Vec<Companion>,
}

impl<S: Store<Tx: ApplicationTx>> ManageApplications<S> {
    /// Enters an application for somebody.
    ///
    /// # Errors
    ///
    /// `Invalid` for answers that no form could take; `NotFound(Popup)`; `Answers`; `Refused` for an unknown
    /// person without a name, and for somebody who has an application there; `NotFound(Group)` or `Refused` by the group; `Conflict` for a red-flagged
    /// person. With a key, as [`Repeatable`] says.
    pub async fn create(
        &self,
        by: &Governor,
        new: NewStaffApplication,
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
        let submits = new.status == ApplicationStatus::InReview && new.group.is_none();
        let form = tx.form(popup.id).await?;
        let answers = form
            .check_answers(&Map::new(), new.custom_fields, submits)
            .map_err(AppError::Answers)?;
        check_companions(&new.companions, Some(&new.email), None)?;

        let humans = attendees::humans(&mut tx, Some(&new.email), &new.companions).await?;
        let told = Human::new(
            HumanId(env.uuid()),
            by.tenant(),
            new.email,
            Profile::default().changed(ProfileChange::filling_in(new.profile.clone())),
            None,
        );
        let (mut human, is_new) = known_or_new(&mut tx, told).await?;
        let Profile { first_name, last_name, .. } = &human.profile;
        if is_new && (first_name.is_none() || last_name.is_none()) {
            return Err(ApplicationRefusal::NameMissing.into());
        }
        if tx.lock_application_of(human.id, popup.id).await?.is_some() {
            return Err(ApplicationRefusal::PersonAlreadyApplied.into());
        }
        if let Some(door) = of_popup(named, popup.id)? {
            check_room(&mut tx, &door, human.id).await?;
        }

        let scholarship = Scholarship::default();
        let strategy = tx.strategy(popup.id).await?.map(|strategy| strategy.strategy);
        let bystanders = Bystanders { strategy, ..Bystanders::default() };
        let beginning = Beginning::Staff { status: new.status, group: new.group };
        let transition =
            beginning.transition(&scholarship, &bystanders.with(&popup, &human, now))?;

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
            ..Application::new(ApplicationId(env.uuid()), popup.id, &human, &transition, now)
        };
        tx.insert_application(&application)
            .await
            .map_err(|error| applied_meanwhile(error, ApplicationRefusal::PersonAlreadyApplied))?;
        let party = Party { companions: new.companions, humans: &humans };
        attendees::bring(&mut tx, env, &popup, &human, &application, party).await?;
        let change = Change {
            popup: &popup,
            human: &human,
            application: &application,
            transition: &transition,
            // The status is the one that was asked for, whatever the group.
            admitted: false,
        };
        change.follow_up(&mut tx, env, now).await?;
        if is_new {
            // Last, since it locks attendees.
            tx.link_attendees(human.id, &human.email).await?;
        }

        let view = seen(&mut tx, application.id).await?;
        Repeatable::settle(once, &mut tx, env, &view).await?;
        tx.commit().await?;
        Ok(Once::Done(view))
    }
}
