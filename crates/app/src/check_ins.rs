//! Who comes and goes at the door.

use std::{fmt, sync::Arc};

use edgeos_domain::{
    AttendeeId, CheckIn, CheckInChange, CheckInCode, CheckInId, InvalidCheckIn, PopupId,
    ScanRefusal, ScanWarning, check_admission, scan_warnings,
};
use edgeos_ports::{
    Applications, AttendeeView, AttendeeViews, Attendees, AuditLog, CheckInEntry, CheckInFilter,
    CheckIns, Environment, Page, Paging, Popups, Reader, Resource, Store, Transaction, Writer,
};

use crate::{
    AppError,
    attempts::Attempts,
    attendees::count_code,
    audit::{self, Action, Subject},
};

/// Everything that a check-in touches.
pub trait CheckInTx:
    Applications + Attendees + AttendeeViews + AuditLog + CheckIns + Popups
{
}

impl<T> CheckInTx for T where
    T: Applications + Attendees + AttendeeViews + AuditLog + CheckIns + Popups
{
}

/// Check-ins as staff make and correct them.
#[derive(Clone)]
pub struct ManageCheckIns<S> {
    store: S,
    env: Arc<dyn Environment>,
    attempts: Attempts,
}

/// What whoever scans a code is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Admission {
    /// Whether the attendee hadn't arrived before.
    pub first: bool,
    /// Who is at the door.
    pub attendee: AttendeeView,
    /// The check-in as it is now.
    pub check_in: CheckIn,
    /// What to look at.
    pub warnings: Vec<ScanWarning>,
}

impl<S: Store<Tx: CheckInTx>> ManageCheckIns<S> {
    /// The use cases over `store`; `attempts` counts scans.
    pub fn new(store: S, env: Arc<dyn Environment>, attempts: Attempts) -> Self {
        Self { store, env, attempts }
    }

    /// Lets in whom `code` stands for in `popup`; `None` stands for nobody. Of scans at the same moment,
    /// one is the first.
    ///
    /// # Errors
    ///
    /// `TooMany`; `NotFound(Popup)`, `NotFound(Attendee)`; `Conflict` when the application isn't accepted or
    /// the attendee holds no product.
    pub async fn scan(
        &self,
        by: &Writer,
        popup: PopupId,
        code: Option<CheckInCode>,
    ) -> Result<Admission, AppError> {
        count_code(&self.attempts, by.actor()).await?;
        let missing = || AppError::NotFound(Resource::Attendee);
        let mut tx = self.store.begin(&by.scope()).await?;
        let popup = tx.popup(popup).await?.ok_or(AppError::NotFound(Resource::Popup))?;
        let code = code.ok_or_else(missing)?;
        let known = tx.attendee_by_code(popup.id, &code).await?.ok_or_else(missing)?;
        // Payments hold the application, too, while they give and take products.
        let application = tx.hold_application(known.application).await?.ok_or_else(missing)?;
        tx.lock_attendee(known.id).await?.ok_or_else(missing)?;
        // Of two scans at once, the second one is the later one.
        let now = self.env.now();
        let attendee = tx.attendee_view(known.id).await?.ok_or_else(missing)?;
        check_admission(application.status(), attendee.products.len())?;

        let before = tx.check_in(known.id).await?;
        let periods = attendee.products.iter().map(|held| held.product.period);
        let warnings = scan_warnings(&popup, periods, before.as_ref(), now);
        let scan = before.unwrap_or_else(|| self.blank(by, known.id)).scanned(now);
        tx.upsert_check_in(&scan.check_in).await?;
        tx.commit().await?;
        Ok(Admission { first: scan.first, attendee, check_in: scan.check_in, warnings })
    }

    /// One page of the attendees that match `filter`, who arrived last first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        filter: &CheckInFilter,
        paging: Paging,
    ) -> Result<Page<CheckInEntry>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.check_ins(filter, paging).await?)
    }

    /// Writes down by hand when `attendee` came and left.
    ///
    /// # Errors
    ///
    /// `NotFound(Attendee)`; `Invalid` for times in the wrong order or too far ahead.
    pub async fn update(
        &self,
        by: &Writer,
        attendee: AttendeeId,
        change: CheckInChange,
    ) -> Result<CheckIn, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let known = tx.lock_attendee(attendee).await?;
        known.ok_or(AppError::NotFound(Resource::Attendee))?;
        let before = tx.check_in(attendee).await?;
        let after = before.unwrap_or_else(|| self.blank(by, attendee));
        let after = after.changed(change, self.env.now())?;
        tx.upsert_check_in(&after).await?;
        let (subject, action) =
            (Subject::Attendee(attendee), Action::CheckInEdited { before, after });
        audit::record_on(&mut tx, &*self.env, by.actor(), by.tenant(), subject, action).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Takes the check-in of `attendee` back, as if it had never been.
    ///
    /// # Errors
    ///
    /// `NotFound(CheckIn)`.
    pub async fn delete(&self, by: &Writer, attendee: AttendeeId) -> Result<(), AppError> {
        let missing = || AppError::NotFound(Resource::CheckIn);
        let mut tx = self.store.begin(&by.scope()).await?;
        tx.lock_attendee(attendee).await?.ok_or_else(missing)?;
        let before = tx.check_in(attendee).await?.ok_or_else(missing)?;
        tx.delete_check_in(attendee).await?;
        let (subject, action) = (Subject::Attendee(attendee), Action::CheckInTakenBack { before });
        audit::record_on(&mut tx, &*self.env, by.actor(), by.tenant(), subject, action).await?;
        tx.commit().await?;
        Ok(())
    }

    fn blank(&self, by: &Writer, attendee: AttendeeId) -> CheckIn {
        CheckIn::new(CheckInId(self.env.uuid()), by.tenant(), attendee, self.env.now())
    }
}

impl<S> fmt::Debug for ManageCheckIns<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManageCheckIns").finish_non_exhaustive()
    }
}

impl From<ScanRefusal> for AppError {
    fn from(refusal: ScanRefusal) -> Self {
        Self::conflict(refusal)
    }
}

impl From<InvalidCheckIn> for AppError {
    fn from(rule: InvalidCheckIn) -> Self {
        Self::invalid(rule.field())(rule)
    }
}
