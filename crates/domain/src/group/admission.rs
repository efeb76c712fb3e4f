use super::GroupRefusal;
use crate::{Application, GroupId};

/// Somebody whom a leader wants in a group, and what decides about that, read once it is locked.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "as many facts, independent of each other")]
pub struct Candidate<'a> {
    /// Whether the popup is archived or over.
    pub popup_closed: bool,
    /// Whether this person is a member of the group.
    pub is_member: bool,
    /// Whether the group takes nobody else.
    pub is_full: bool,
    /// Whether staff want every application of this person refused.
    pub red_flag: bool,
    /// Whether the group is open, or this person on its list.
    pub is_listed: bool,
    /// This person's application to the popup.
    pub application: Option<&'a Application>,
    /// Whether this person takes part in the popup as somebody else's companion.
    pub is_companion: bool,
}

/// Whether a leader may bring `candidate` into `group`.
///
/// # Errors
///
/// The first of `PopupClosed`, `AlreadyMember`, `Full`, `RedFlagged`, `NotListed`, `InAnotherGroup`, `Final`
/// and `Companion` that applies.
pub fn check_candidate(group: GroupId, candidate: &Candidate<'_>) -> Result<(), GroupRefusal> {
    let application = candidate.application;
    let elsewhere = application.and_then(|own| own.group).is_some_and(|present| present != group);
    let is_final = application.is_some_and(|own| own.status().is_final());
    let refusals = [
        (candidate.popup_closed, GroupRefusal::PopupClosed),
        (candidate.is_member, GroupRefusal::AlreadyMember),
        (candidate.is_full, GroupRefusal::Full),
        (candidate.red_flag, GroupRefusal::RedFlagged),
        (!candidate.is_listed, GroupRefusal::NotListed),
        (elsewhere, GroupRefusal::InAnotherGroup),
        (is_final, GroupRefusal::Final),
        (candidate.is_companion, GroupRefusal::Companion),
    ];
    match refusals.into_iter().find(|(applies, _)| *applies) {
        Some((_, refusal)) => Err(refusal),
        None => Ok(()),
    }
}
