use edgeos_domain::GroupRefusal;
use edgeos_ports::{Key, StoreError};

use crate::AppError;

impl From<GroupRefusal> for AppError {
    fn from(refusal: GroupRefusal) -> Self {
        match refusal {
            GroupRefusal::SlugTaken
            | GroupRefusal::SecondAmbassadorGroup
            | GroupRefusal::MemberHoldsProducts
            | GroupRefusal::PopupClosed
            | GroupRefusal::AlreadyMember
            | GroupRefusal::Full
            | GroupRefusal::RedFlagged
            | GroupRefusal::InAnotherGroup
            | GroupRefusal::Final
            | GroupRefusal::HoldsProducts
            | GroupRefusal::EmailFixed => Self::refused(refusal),
            GroupRefusal::NotLeader
            | GroupRefusal::AmbassadorGroup
            | GroupRefusal::CapRaised
            | GroupRefusal::NotListed => Self::forbidden(refusal),
            GroupRefusal::Companion => Self::conflict(refusal),
        }
    }
}

/// Whoever was faster has the slug, or the invite link.
pub(super) fn taken(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(Key::GroupSlug) => GroupRefusal::SlugTaken.into(),
        StoreError::Taken(Key::AmbassadorGroup) => GroupRefusal::SecondAmbassadorGroup.into(),
        error => error.into(),
    }
}
