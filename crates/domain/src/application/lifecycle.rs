//! Every change of an application's status. Nothing else gives an application a status.

use chrono::{DateTime, Utc};

use super::{
    Application, ApplicationRefusal, ApplicationStatus, Progress, SnapshotEvent, step::Step,
};
use crate::{
    GroupId, MailTemplate, Patch, Popup, Reviewer, Scholarship, Strategy, Submission, Vote,
};

/// What a transition rests on, read once the application is locked.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The popup applied to.
    pub popup: &'a Popup,
    /// Whether staff want every application of the human refused.
    pub red_flag: bool,
    /// Whether an application fee was paid for this application.
    pub fee_paid: bool,
    /// The popup's strategy.
    pub strategy: Option<&'a Strategy>,
    /// The votes on the application, the one just cast included.
    pub votes: &'a [Vote],
    /// The popup's reviewers who can still vote.
    pub reviewers: &'a [Reviewer],
    /// The present.
    pub now: DateTime<Utc>,
}

/// How an application comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// The human applies in the portal.
    Portal(PortalEdit),
    /// A superadmin enters somebody.
    Staff {
        /// The status asked for.
        status: ApplicationStatus,
        /// The group in which the person becomes a member.
        group: Option<GroupId>,
    },
    /// A leader adds somebody to a group.
    Leader(GroupId),
}

/// What a request from the portal asks for beyond new answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PortalEdit {
    /// The status that the pressed button stands for.
    pub status: Option<RequestedStatus>,
    /// The group to take part through.
    pub group: Option<GroupId>,
}

/// A status that applicants ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestedStatus {
    /// To go on writing.
    Draft,
    /// To be decided about.
    InReview,
}

/// What a request from the portal amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditEffect {
    /// New answers, nothing more.
    Plain,
    /// The application is a draft again.
    TakeBack,
    /// The application is submitted.
    Submit,
    /// The human takes part through this group.
    Join(GroupId),
}

/// What happens to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Its human saves it in the portal.
    Edit(PortalEdit),
    /// Somebody has voted.
    Vote,
    /// The scholarship has been decided.
    ScholarshipDecided,
    /// The fee has been paid.
    FeePaid,
    /// The human has been red-flagged.
    RedFlagSet,
    /// A leader adds the human to a group.
    LeaderAdds(GroupId),
    /// A leader takes the human out of a group.
    LeaderRemoves {
        /// Which one.
        group: GroupId,
        /// Whether joining it had made the application accepted.
        admitted: bool,
    },
    /// Staff accept by hand.
    AcceptByHand,
    /// Staff reject by hand.
    RejectByHand,
    /// Staff take a rejection back.
    Reopen,
    /// Staff have the present rules applied.
    Recalculate,
}

/// What has to be stored and sent when something happens to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The status before; `None` when there was no application.
    pub from: Option<ApplicationStatus>,
    /// Status and times after.
    pub progress: Progress,
    /// What to take snapshots of, in this order. The last one leads to the status after.
    pub snapshots: Vec<SnapshotEvent>,
    /// What to send to the human.
    pub mail: Option<MailTemplate>,
    /// What becomes of the application's group. To be set means: the human becomes a member.
    pub group: Patch<GroupId>,
    /// Whether the votes go.
    pub deletes_votes: bool,
    /// Whether the form of this moment is to be kept with the answers.
    pub captures_schema: bool,
}

impl Application {
    /// What an edit from the portal amounts to, as far as it is allowed at all.
    ///
    /// # Errors
    ///
    /// `Final`, then `PopupClosed`.
    pub fn edit_effect(
        &self,
        edit: PortalEdit,
        popup: &Popup,
        fee_paid: bool,
    ) -> Result<EditEffect, ApplicationRefusal> {
        use ApplicationStatus as Status;

        if self.status().is_final() {
            return Err(ApplicationRefusal::Final);
        }
        let fee_due = popup.fee.required() && !fee_paid;
        let joins = edit.group.filter(|group| self.group != Some(*group));
        let effect = match (joins, self.status(), edit.status) {
            (Some(group), ..) => EditEffect::Join(group),
            (_, Status::Draft, Some(RequestedStatus::InReview)) => EditEffect::Submit,
            (_, Status::PendingFee, Some(RequestedStatus::InReview)) if !fee_due => {
                EditEffect::Submit
            }
            (_, Status::PendingFee | Status::InReview, Some(RequestedStatus::Draft)) => {
                EditEffect::TakeBack
            }
            _ => EditEffect::Plain,
        };
        let takes_part = matches!(effect, EditEffect::Submit | EditEffect::Join(_));
        if takes_part && popup.is_closed() {
            return Err(ApplicationRefusal::PopupClosed);
        }
        Ok(effect)
    }

    /// Whether every required question has to be answered for `edit`: whenever the button to submit is pressed,
    /// however often, unless a group lets the human in.
    #[must_use]
    pub fn asks_for_answers(&self, edit: PortalEdit) -> bool {
        let group = edit.group.or(self.group);
        edit.status == Some(RequestedStatus::InReview) && group.is_none()
    }

    /// What has to be stored and sent when `trigger` happens. The scholarship is the one after it.
    ///
    /// # Errors
    ///
    /// [`ApplicationRefusal`], when it must not happen to this application.
    pub fn transition(
        &self,
        trigger: Trigger,
        circumstances: &Circumstances<'_>,
    ) -> Result<Transition, ApplicationRefusal> {
        use ApplicationStatus as Status;

        let status = self.status();
        let step =
            Step { before: Some(self.progress), scholarship: &self.scholarship, circumstances };
        Ok(match (trigger, status) {
            (Trigger::Edit(edit), _) => return self.edited(edit, &step),

            (Trigger::Vote, Status::Draft) => return Err(ApplicationRefusal::Draft),
            (Trigger::Vote | Trigger::Recalculate, Status::InReview) => step.evaluated(),
            (Trigger::ScholarshipDecided, Status::InReview) => step.scholarship_decided(),
            (Trigger::FeePaid, Status::PendingFee) => {
                step.submitted(Submission { fee_due: false, ..step.submission() })
            }
            (Trigger::RedFlagSet, Status::InReview | Status::PendingFee) => {
                step.to(&[SnapshotEvent::AutoRejected])
            }

            (Trigger::AcceptByHand, Status::InReview) => {
                if circumstances.red_flag {
                    return Err(ApplicationRefusal::RedFlagged);
                }
                if step.scholarship_open() {
                    return Err(ApplicationRefusal::ScholarshipUndecided);
                }
                step.to(&[SnapshotEvent::Accepted])
            }
            (Trigger::RejectByHand, Status::InReview) => step.to(&[SnapshotEvent::Rejected]),
            (Trigger::AcceptByHand | Trigger::RejectByHand, _) => {
                return Err(ApplicationRefusal::NotInReview);
            }
            (Trigger::Reopen, Status::Rejected) => {
                if circumstances.red_flag {
                    return Err(ApplicationRefusal::RedFlagged);
                }
                let reopened = step.to(&[SnapshotEvent::Reopened]);
                Transition { mail: None, deletes_votes: true, ..reopened }
            }
            (Trigger::Reopen, _) => return Err(ApplicationRefusal::NotRejected),

            (Trigger::LeaderAdds(group), _) => return self.added(group, &step),
            (Trigger::LeaderRemoves { group, admitted }, _) => self.removed(group, admitted, &step),

            // Too late, or too early: nothing to do.
            (
                Trigger::Vote
                | Trigger::Recalculate
                | Trigger::ScholarshipDecided
                | Trigger::FeePaid
                | Trigger::RedFlagSet,
                _,
            ) => step.unchanged(status),
        })
    }

    fn edited(&self, edit: PortalEdit, step: &Step<'_>) -> Result<Transition, ApplicationRefusal> {
        let circumstances = step.circumstances;
        let effect = self.edit_effect(edit, circumstances.popup, circumstances.fee_paid)?;
        Ok(match effect {
            EditEffect::Plain => step.unchanged(self.status()),
            // What reviewers said about the text taken back doesn't hold for the next one.
            EditEffect::TakeBack => {
                Transition { deletes_votes: true, ..step.unchanged(ApplicationStatus::Draft) }
            }
            EditEffect::Submit => step.submitted_by_applicant(None),
            EditEffect::Join(_) if self.group.is_some() => {
                return Err(ApplicationRefusal::InAnotherGroup);
            }
            EditEffect::Join(group) if self.status() == ApplicationStatus::Accepted => {
                Transition { group: Patch::Set(group), ..step.unchanged(self.status()) }
            }
            EditEffect::Join(group) => step.submitted_by_applicant(Some(group)),
        })
    }

    fn added(&self, group: GroupId, step: &Step<'_>) -> Result<Transition, ApplicationRefusal> {
        if step.circumstances.popup.is_closed() {
            return Err(ApplicationRefusal::PopupClosed);
        }
        if step.circumstances.red_flag {
            return Err(ApplicationRefusal::RedFlagged);
        }
        if self.group.is_some_and(|present| present != group) {
            return Err(ApplicationRefusal::InAnotherGroup);
        }
        let transition = match self.status() {
            status if status.is_final() => return Err(ApplicationRefusal::Final),
            status @ ApplicationStatus::Accepted => step.unchanged(status),
            _ => step.to(&[SnapshotEvent::Accepted]).first_submitted(step.circumstances.now),
        };
        Ok(Transition { group: Patch::Set(group), ..transition })
    }

    /// The group's favour ends with the membership: the application stands where it would without it.
    fn removed(&self, group: GroupId, admitted: bool, step: &Step<'_>) -> Transition {
        let unchanged = step.unchanged(self.status());
        let transition = if admitted && self.status() == ApplicationStatus::Accepted {
            let anew = step.submitted(step.submission());
            let still_accepted = anew.progress.status == ApplicationStatus::Accepted;
            if still_accepted { unchanged } else { anew }
        } else {
            unchanged
        };
        let group = if self.group == Some(group) { Patch::Clear } else { Patch::Keep };
        Transition { group, mail: None, ..transition }
    }
}

impl Beginning {
    /// What has to be stored and sent when an application with this `scholarship` comes to be.
    ///
    /// # Errors
    ///
    /// [`ApplicationRefusal`], when it must not.
    pub fn transition(
        self,
        scholarship: &Scholarship,
        circumstances: &Circumstances<'_>,
    ) -> Result<Transition, ApplicationRefusal> {
        use ApplicationStatus as Status;

        let step = Step { before: None, scholarship, circumstances };
        let closed = circumstances.popup.is_closed();
        let transition = match self {
            Self::Portal(_) | Self::Leader(_) if closed => {
                return Err(ApplicationRefusal::PopupClosed);
            }
            Self::Portal(PortalEdit { group: Some(group), .. }) => {
                step.submitted_by_applicant(Some(group))
            }
            Self::Portal(PortalEdit { status: Some(RequestedStatus::InReview), .. }) => {
                step.submitted_by_applicant(None)
            }
            Self::Portal(_) => step.unchanged(Status::Draft),
            Self::Staff { status, .. }
                if circumstances.red_flag
                    && !matches!(status, Status::Draft | Status::Rejected) =>
            {
                return Err(ApplicationRefusal::RedFlagged);
            }
            Self::Staff { status, group } => {
                let entered = match status {
                    Status::InReview => {
                        step.submitted(Submission { fee_due: false, ..step.submission() })
                    }
                    Status::Accepted => step.to(&[SnapshotEvent::Accepted]),
                    Status::Rejected => step.to(&[SnapshotEvent::Rejected]),
                    Status::Draft | Status::PendingFee | Status::Withdrawn => {
                        step.unchanged(status)
                    }
                };
                let group = group.map_or(Patch::Keep, Patch::Set);
                Transition { group, ..entered.first_submitted(circumstances.now) }
            }
            Self::Leader(_) if circumstances.red_flag => {
                return Err(ApplicationRefusal::RedFlagged);
            }
            Self::Leader(group) => {
                let added = step.to(&[SnapshotEvent::AutoAccepted]);
                let added = added.first_submitted(circumstances.now);
                Transition { group: Patch::Set(group), mail: None, ..added }
            }
        };
        Ok(Transition { captures_schema: true, ..transition })
    }
}

impl Transition {
    /// The status after.
    #[must_use]
    pub fn status(&self) -> ApplicationStatus {
        self.progress.status
    }

    /// Whether the status is another one than before.
    #[must_use]
    pub fn changes_status(&self) -> bool {
        self.from != Some(self.progress.status)
    }

    pub(super) fn first_submitted(self, now: DateTime<Utc>) -> Self {
        let submitted_at = self.progress.submitted_at.or(Some(now));
        Self { progress: Progress { submitted_at, ..self.progress }, ..self }
    }
}

#[cfg(test)]
mod tests;
