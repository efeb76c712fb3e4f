use edgeos_domain::{
    ApplicationId, ApplicationStatus, AttendeeCategory, AttendeeId, CheckInCode, HumanId, PopupId,
};

use crate::{StoreError, Transaction};

/// How a human takes part in a popup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Participation {
    /// By an application of their own.
    Applicant {
        /// Which one.
        application: ApplicationId,
        /// How far it is.
        status: ApplicationStatus,
    },
    /// By somebody else's application that is neither rejected nor withdrawn.
    Companion {
        /// Who the human is there.
        attendee: AttendeeId,
        /// What the human is called there.
        name: String,
        /// What the human is to the applicant.
        category: AttendeeCategory,
        /// What is scanned at the door.
        check_in_code: CheckInCode,
        /// How far that application is.
        status: ApplicationStatus,
    },
    /// Not at all.
    None,
}

/// Who takes part in the popups of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait Participations: Transaction {
    /// How `human` takes part in `popup`: an own application comes first, then the place as a companion that
    /// was given first. A popup that isn't there has no participants.
    async fn participation(
        &mut self,
        human: HumanId,
        popup: PopupId,
    ) -> Result<Participation, StoreError>;
}
