use edgeos_domain::{
    Application, ApplicationRefusal, Attendee, AttendeeCategory, AttendeeChange, AttendeeId,
    AttendeeRefusal, NewAttendee, PopupId, admit_companion,
};
use edgeos_ports::{
    ApplicationView, Applications, Attendees, HeldAttendee, Participant, Popups, Resource, Store,
    Transaction,
};

use super::{
    ApplicationTx, ManageApplications,
    attendees::{Party, add},
    seen, veiled,
};
use crate::{
    AppError, attendees,
    idempotency::{Once, Repeatable},
};

impl<S: Store<Tx: ApplicationTx>> ManageApplications<S> {
    /// Adds somebody to the human's own application to `popup`.
    ///
    /// # Errors
    ///
    /// `NotFound(Application)`; `Refused` for a closed popup, for an application that is rejected or
    /// withdrawn, and as [`admit_companion`] says. With a key, as [`Repeatable`] says.
    pub async fn add_attendee(
        &self,
        by: &Participant,
        popup: PopupId,
        new: NewAttendee,
        once: Option<&Repeatable<'_, ApplicationView>>,
    ) -> Result<Once<ApplicationView>, AppError> {
        let env = &*self.env;
        let missing = || AppError::NotFound(Resource::Application);
        let mut tx = self.store.begin(&by.scope()).await?;
        if let Some(answer) = Repeatable::claim(once, &mut tx, env).await? {
            return Ok(Once::Repeated(answer));
        }
        let popup = tx.hold_popup(popup).await?.ok_or_else(missing)?;
        let humans = tx.humans_with(new.email.as_slice()).await?.into_iter().collect();
        let application = lock_own(&mut tx, by, popup.id).await?;
        if popup.is_closed() {
            return Err(ApplicationRefusal::PopupClosed.into());
        }
        if application.status().is_final() {
            return Err(ApplicationRefusal::Final.into());
        }
        let present = tx.lock_attendees_of(&[application.id]).await?;
        let attendees = present.iter().map(|held| &held.attendee);
        let companion = admit_companion(new, attendees, &popup)?;
        let party = Party { companions: vec![companion], humans: &humans };
        add(&mut tx, env, &popup, &application, party, env.now()).await?;

        let view = veiled(seen(&mut tx, application.id).await?);
        Repeatable::settle(once, &mut tx, env, &view).await?;
        tx.commit().await?;
        Ok(Once::Done(view))
    }

    /// Changes an attendee, the main one included, of the human's own application to `popup`.
    ///
    /// # Errors
    ///
    /// `NotFound(Application)`, `NotFound(Attendee)`, `Refused` when another attendee of the application has
    /// the address.
    pub async fn update_attendee(
        &self,
        by: &Participant,
        popup: PopupId,
        id: AttendeeId,
        change: AttendeeChange,
    ) -> Result<ApplicationView, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let holder = attendees::holder(&mut tx, &change).await?;
        let application = lock_own(&mut tx, by, popup).await?;
        attendees::change(&mut tx, application.id, id, change, holder, self.env.now()).await?;
        let view = veiled(seen(&mut tx, application.id).await?);
        tx.commit().await?;
        Ok(view)
    }

    /// Takes an attendee out of the human's own application to `popup`.
    ///
    /// # Errors
    ///
    /// `NotFound(Application)`, `NotFound(Attendee)`; `Refused` or `Conflict` for whom an
    /// [`AttendeeRefusal`] keeps.
    pub async fn delete_attendee(
        &self,
        by: &Participant,
        popup: PopupId,
        id: AttendeeId,
    ) -> Result<ApplicationView, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let application = lock_own(&mut tx, by, popup).await?;
        attendees::remove(&mut tx, application.id, id).await?;
        let view = veiled(seen(&mut tx, application.id).await?);
        tx.commit().await?;
        Ok(view)
    }

    /// Lets the human be nobody's companion in `popup` any more: the attendees stay with those who brought
    /// them, without address.
    ///
    /// # Errors
    ///
    /// `NotFound(Attendee)` for somebody who is no companion there, `Refused` for one who holds products.
    pub async fn decline_participation(
        &self,
        by: &Participant,
        popup: PopupId,
    ) -> Result<(), AppError> {
        let now = self.env.now();
        let mut tx = self.store.begin(&by.scope()).await?;
        let applications = tx.accompanied(by.human(), popup).await?;
        // Read anew under the lock: one of them may have been rejected, or name somebody else by now.
        let applications = tx.lock_applications(&applications).await?;
        let counting = applications.iter().filter(|application| !application.status().is_final());
        let counting: Vec<_> = counting.map(|application| application.id).collect();
        let present = tx.lock_attendees_of(&counting).await?;
        let is_caller = |held: &&HeldAttendee| {
            let attendee = &held.attendee;
            attendee.category != AttendeeCategory::Main && attendee.human == Some(by.human())
        };
        let own: Vec<_> = present.iter().filter(is_caller).collect();
        if own.is_empty() {
            return Err(AppError::NotFound(Resource::Attendee));
        }
        if own.iter().any(|held| held.ties.holds_products) {
            return Err(AttendeeRefusal::HoldsProducts.into());
        }
        let declined: Vec<Attendee> =
            own.into_iter().map(|held| held.attendee.clone().declined(now)).collect();
        tx.update_attendees(&declined).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The human's own application to `popup`, locked.
async fn lock_own(
    tx: &mut impl Applications,
    by: &Participant,
    popup: PopupId,
) -> Result<Application, AppError> {
    let application = tx.lock_application_of(by.human(), popup).await?;
    application.ok_or(AppError::NotFound(Resource::Application))
}
