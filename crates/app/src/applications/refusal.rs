use edgeos_domain::{ApplicationRefusal, AttendeeRefusal, CompanionRefusal, ScholarshipRefusal};
use edgeos_ports::{Key, StoreError};

use crate::AppError;

/// Who was faster brought somebody of the same kind or address.
pub(crate) fn brought_meanwhile(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(Key::MainAttendee) => CompanionRefusal::SecondMain.into(),
        StoreError::Taken(Key::Spouse) => CompanionRefusal::SecondSpouse.into(),
        StoreError::Taken(Key::AttendeeEmail) => CompanionRefusal::EmailTaken.into(),
        error => error.into(),
    }
}

impl From<ApplicationRefusal> for AppError {
    fn from(refusal: ApplicationRefusal) -> Self {
        match refusal {
            ApplicationRefusal::PopupClosed
            | ApplicationRefusal::AlreadyApplied
            | ApplicationRefusal::PersonAlreadyApplied
            | ApplicationRefusal::NameMissing
            | ApplicationRefusal::GroupOfAnotherPopup
            | ApplicationRefusal::GroupFull
            | ApplicationRefusal::InAnotherGroup
            | ApplicationRefusal::Final
            | ApplicationRefusal::Draft => Self::refused(refusal),
            ApplicationRefusal::NotWhitelisted => Self::forbidden(refusal),
            ApplicationRefusal::AlreadyCompanion
            | ApplicationRefusal::NotInReview
            | ApplicationRefusal::NotRejected
            | ApplicationRefusal::RedFlagged
            | ApplicationRefusal::ScholarshipUndecided => Self::conflict(refusal),
        }
    }
}

impl From<CompanionRefusal> for AppError {
    fn from(refusal: CompanionRefusal) -> Self {
        Self::refused(refusal)
    }
}

impl From<AttendeeRefusal> for AppError {
    fn from(refusal: AttendeeRefusal) -> Self {
        match refusal {
            AttendeeRefusal::Main
            | AttendeeRefusal::HoldsProducts
            | AttendeeRefusal::PendingPayment => Self::refused(refusal),
            AttendeeRefusal::Payment | AttendeeRefusal::CheckedIn => Self::conflict(refusal),
        }
    }
}

impl From<ScholarshipRefusal> for AppError {
    fn from(refusal: ScholarshipRefusal) -> Self {
        match refusal {
            ScholarshipRefusal::NotOffered | ScholarshipRefusal::NoIncentives => {
                Self::refused(refusal)
            }
            ScholarshipRefusal::NotRequested => Self::conflict(refusal),
        }
    }
}
