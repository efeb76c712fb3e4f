//! The people whom applications bring, as staff see and change them.

use std::{fmt, slice, sync::Arc};

use chrono::{DateTime, Utc};
use edgeos_domain::{
    ApplicationId, Attendee, AttendeeChange, AttendeeId, CheckInCode, HumanId, Patch,
};
use edgeos_ports::{
    Applications, AttendeeFilter, AttendeeView, AttendeeViews, Attendees, CodeHolder, Environment,
    Page, Paging, Participant, Reader, Resource, Store, Ticket, Transaction, UserActor, Writer,
};

use crate::{
    AppError,
    applications::brought_meanwhile,
    attempts::{Attempt, Attempts},
};

/// Attendees as staff work with them, and everybody's own tickets.
#[derive(Clone)]
pub struct ManageAttendees<S> {
    store: S,
    env: Arc<dyn Environment>,
    attempts: Attempts,
}

impl<S: Store<Tx: Applications + Attendees + AttendeeViews>> ManageAttendees<S> {
    /// The use cases over `store`; `attempts` counts look-ups.
    pub fn new(store: S, env: Arc<dyn Environment>, attempts: Attempts) -> Self {
        Self { store, env, attempts }
    }

    /// One page of the tenant's attendees that match `filter`, newest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        filter: &AttendeeFilter,
        paging: Paging,
    ) -> Result<Page<AttendeeView>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.attendee_views(filter, paging).await?)
    }

    /// The attendee `id`.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get(&self, by: &Reader, id: AttendeeId) -> Result<AttendeeView, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        seen(&mut tx, id).await
    }

    /// Changes the attendee `id`, the main one included.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Refused` when another attendee of the application has the address.
    pub async fn update(
        &self,
        by: &Writer,
        id: AttendeeId,
        update: AttendeeChange,
    ) -> Result<AttendeeView, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let holder = holder(&mut tx, &update).await?;
        let application = lock_application_of(&mut tx, id).await?;
        change(&mut tx, application, id, update, holder, self.env.now()).await?;
        let view = seen(&mut tx, id).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Deletes the attendee `id`.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Refused` or `Conflict` for whom an
    /// [`AttendeeRefusal`](edgeos_domain::AttendeeRefusal) keeps.
    pub async fn delete(&self, by: &Writer, id: AttendeeId) -> Result<(), AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let application = lock_application_of(&mut tx, id).await?;
        remove(&mut tx, application, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whom `code` stands for, in any popup of the tenant; `None` stands for nobody.
    ///
    /// # Errors
    ///
    /// `TooMany`, `NotFound`.
    pub async fn by_code(
        &self,
        by: &Reader,
        code: Option<CheckInCode>,
    ) -> Result<CodeHolder, AppError> {
        count_code(&self.attempts, by.actor()).await?;
        let missing = || AppError::NotFound(Resource::Attendee);
        let code = code.ok_or_else(missing)?;
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.code_holder(&code).await?.ok_or_else(missing)
    }

    /// The tickets of everybody with this e-mail who holds a product, newest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn tickets_by_email(
        &self,
        by: &Reader,
        email: &str,
    ) -> Result<Vec<Ticket>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.tickets_by_email(email).await?)
    }

    /// The tickets of every attendee who is the caller, newest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn my_tickets(&self, by: &Participant) -> Result<Vec<Ticket>, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        Ok(tx.tickets_of(by.human()).await?)
    }
}

impl<S> fmt::Debug for ManageAttendees<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManageAttendees").finish_non_exhaustive()
    }
}

/// Counts a look-up or scan of a check-in code: codes aren't to be guessed.
pub(crate) async fn count_code(attempts: &Attempts, actor: UserActor) -> Result<(), AppError> {
    let counted = attempts.count(Attempt::CheckIn(actor.id)).await;
    counted.map_err(AppError::too_many("too many check-in codes, try again later"))
}

/// Who has the address that `change` sets, if anybody has. To be asked before anything is locked: whoever comes to
/// be a human locks the address first, too.
pub(crate) async fn holder(
    tx: &mut impl Attendees,
    change: &AttendeeChange,
) -> Result<Option<HumanId>, AppError> {
    let Patch::Set(email) = &change.email else { return Ok(None) };
    Ok(tx.humans_with(slice::from_ref(email)).await?.pop().map(|(_, human)| human))
}

/// Changes the attendee `id` of `application`, which is locked; `holder` as [`holder`] tells.
pub(crate) async fn change(
    tx: &mut impl Attendees,
    application: ApplicationId,
    id: AttendeeId,
    change: AttendeeChange,
    holder: Option<HumanId>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let present = tx.lock_attendees_of(&[application]).await?;
    let attendees = || present.iter().map(|held| &held.attendee);
    let attendee = attendees().find(|attendee| attendee.id == id).cloned();
    let attendee = attendee.ok_or(AppError::NotFound(Resource::Attendee))?;
    let changed: Attendee = attendee.changed(change, attendees(), holder, now)?;
    tx.update_attendees(&[changed]).await.map_err(brought_meanwhile)
}

/// Deletes the attendee `id` of `application`, which is locked.
pub(crate) async fn remove(
    tx: &mut impl Attendees,
    application: ApplicationId,
    id: AttendeeId,
) -> Result<(), AppError> {
    let present = tx.lock_attendees_of(&[application]).await?;
    let held = present.iter().find(|held| held.attendee.id == id);
    let held = held.ok_or(AppError::NotFound(Resource::Attendee))?;
    held.attendee.check_removal(held.ties)?;
    Ok(tx.delete_attendees(&[id]).await?)
}

/// The attendee as an answer shows it, after this transaction's changes.
async fn seen(tx: &mut impl AttendeeViews, id: AttendeeId) -> Result<AttendeeView, AppError> {
    tx.attendee_view(id).await?.ok_or(AppError::NotFound(Resource::Attendee))
}

/// Locks the application that brings the attendee `id`.
async fn lock_application_of(
    tx: &mut (impl Applications + Attendees),
    id: AttendeeId,
) -> Result<ApplicationId, AppError> {
    let missing = || AppError::NotFound(Resource::Attendee);
    let known = tx.attendee(id).await?.ok_or_else(missing)?;
    let application = tx.lock_application(known.application).await?.ok_or_else(missing)?;
    Ok(application.id)
}
