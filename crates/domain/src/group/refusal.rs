/// Why nothing is done to a group, or to somebody in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupRefusal {
    /// Another group of the popup has the slug.
    #[error("another group of this event has this slug already")]
    SlugTaken,
    /// One invite link per person and popup.
    #[error("this person has an ambassador group in this event already")]
    SecondAmbassadorGroup,
    /// What members hold was bought through the group.
    #[error("a member of this group holds products")]
    MemberHoldsProducts,
    /// Groups are run by their leaders.
    #[error("only the leaders of a group may do this")]
    NotLeader,
    /// Whoever buys a pass leads an ambassador group.
    #[error("nobody is added to, changed in or removed from an ambassador group by hand")]
    AmbassadorGroup,
    /// The organiser says how many.
    #[error("only the organiser may let more members in")]
    CapRaised,
    /// The popup is archived or over.
    #[error("this event is closed")]
    PopupClosed,
    /// Nobody is a member twice.
    #[error("this person is a member of this group already")]
    AlreadyMember,
    /// Nobody else gets in.
    #[error("this group is full")]
    Full,
    /// Staff want every application of this person refused, which is for staff to know.
    #[error("this person can't be added to a group")]
    RedFlagged,
    /// The group has a list.
    #[error("this e-mail address is not on the list of this group")]
    NotListed,
    /// Nobody is moved from one group to another.
    #[error("this person takes part through another group")]
    InAnotherGroup,
    /// No group opens for the rejected.
    #[error("this person's application can't be accepted any more")]
    Final,
    /// Nobody takes part twice.
    #[error("this person takes part in this event as a companion already")]
    Companion,
    /// Who holds something stays.
    #[error("this person holds products")]
    HoldsProducts,
    /// The address is the person's login.
    #[error("the e-mail address of a member can't be changed")]
    EmailFixed,
}
