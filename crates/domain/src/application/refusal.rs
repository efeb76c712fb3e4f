/// Why an application isn't created, changed or decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApplicationRefusal {
    /// The popup is archived or over.
    #[error("this event is closed")]
    PopupClosed,
    /// One application per human and popup. Clients look for `already have an application`.
    #[error("you already have an application for this event")]
    AlreadyApplied,
    /// As [`AlreadyApplied`](Self::AlreadyApplied), told to staff.
    #[error("this person already has an application for this event")]
    PersonAlreadyApplied,
    /// Somebody else's application brings this human along.
    #[error("you already take part in this event as a companion")]
    AlreadyCompanion,
    /// An unknown person without a name.
    #[error("first and last name are required for a person who is new")]
    NameMissing,
    /// The group belongs to another popup.
    #[error("this group belongs to another event")]
    GroupOfAnotherPopup,
    /// The group has a list, and the human isn't on it.
    #[error("this e-mail address is not on the list of this group")]
    NotWhitelisted,
    /// Nobody else gets in.
    #[error("this group is full")]
    GroupFull,
    /// Nobody changes groups on their own.
    #[error("this application belongs to another group")]
    InAnotherGroup,
    /// Applicants change nothing about a rejected or withdrawn application, nor do leaders.
    #[error("a rejected or withdrawn application can't be changed")]
    Final,
    /// Nobody votes on what isn't submitted.
    #[error("a draft can't be reviewed")]
    Draft,
    /// Only what waits for a decision is decided.
    #[error("the application is not in review")]
    NotInReview,
    /// Only a rejection is taken back.
    #[error("the application is not rejected")]
    NotRejected,
    /// Every application of this human is refused.
    #[error("this person is red-flagged")]
    RedFlagged,
    /// The request for a scholarship comes first.
    #[error("the scholarship has to be decided first")]
    ScholarshipUndecided,
}
