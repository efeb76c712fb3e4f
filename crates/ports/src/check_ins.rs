use edgeos_domain::{AttendeeId, CheckIn, PopupId};

use crate::{AttendeeView, Page, Paging, StoreError, Transaction};

/// An attendee, and when they came and left.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckInEntry {
    /// `None` while nothing is known.
    pub check_in: Option<CheckIn>,
    /// Whose it is.
    pub attendee: AttendeeView,
}

/// Which attendees a list of check-ins shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInFilter {
    /// The popup that they attend.
    pub popup: PopupId,
    /// Only those who have arrived, or only those who haven't; `None` for all.
    pub arrived: Option<bool>,
    /// Part of the name or the e-mail, in any letter case.
    pub search: Option<String>,
}

/// The check-ins of the transaction's tenant. Whoever changes one locks its attendee first.
#[trait_variant::make(Send)]
pub trait CheckIns: Transaction {
    /// The check-in of `attendee`.
    async fn check_in(&mut self, attendee: AttendeeId) -> Result<Option<CheckIn>, StoreError>;

    /// One page of the attendees that match `filter`: who arrived last comes first, who didn't arrive
    /// comes last, then by name, then by id.
    async fn check_ins(
        &mut self,
        filter: &CheckInFilter,
        paging: Paging,
    ) -> Result<Page<CheckInEntry>, StoreError>;

    /// Stores `check_in` in place of the one that its attendee has, if any.
    async fn upsert_check_in(&mut self, check_in: &CheckIn) -> Result<(), StoreError>;

    /// Deletes the check-in of `attendee`, if there is one.
    async fn delete_check_in(&mut self, attendee: AttendeeId) -> Result<(), StoreError>;
}
