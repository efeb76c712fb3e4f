use super::{ApplicationStatus, Circumstances, Progress, SnapshotEvent, Transition};
use crate::{
    Decision, GroupId, Patch, Scholarship, Submission, Submitted, decide, mail_for, on_submit,
};

/// An application at the moment when something happens to it.
pub(super) struct Step<'a> {
    /// `None` when it is only coming to be.
    pub(super) before: Option<Progress>,
    pub(super) scholarship: &'a Scholarship,
    pub(super) circumstances: &'a Circumstances<'a>,
}

impl Step<'_> {
    pub(super) fn scholarship_open(&self) -> bool {
        self.scholarship.is_open(self.circumstances.popup.allows_scholarship)
    }

    pub(super) fn submission(&self) -> Submission {
        let Circumstances { popup, red_flag, fee_paid, .. } = *self.circumstances;
        Submission {
            red_flag,
            via_group: false,
            fee_due: popup.fee.required() && !fee_paid,
            scholarship_open: self.scholarship_open(),
        }
    }

    /// The status becomes `status`, and nothing has to be told about it.
    pub(super) fn unchanged(&self, status: ApplicationStatus) -> Transition {
        let now = self.circumstances.now;
        let accepted_before = self.before.and_then(|progress| progress.accepted_at);
        let accepted = status == ApplicationStatus::Accepted;
        let was_accepted = self.before.is_some_and(|p| p.status == ApplicationStatus::Accepted);
        let accepted_at = if was_accepted { accepted_before } else { Some(now) };
        Transition {
            from: self.before.map(|progress| progress.status),
            progress: Progress {
                status,
                submitted_at: self.before.and_then(|progress| progress.submitted_at),
                accepted_at: accepted_at.filter(|_| accepted),
            },
            snapshots: Vec::new(),
            mail: None,
            group: Patch::Keep,
            deletes_votes: false,
            captures_schema: false,
        }
    }

    /// `events` happen one after the other, and the human hears of the last one.
    pub(super) fn to(&self, events: &[SnapshotEvent]) -> Transition {
        let before = self.before.map_or(ApplicationStatus::Draft, |progress| progress.status);
        let status = events.last().map_or(before, |event| event.status());
        let transition = self.unchanged(status);
        let allows_incentive = self.circumstances.popup.allows_incentive;
        let mail = mail_for(status, self.scholarship, allows_incentive);
        let mail = mail.filter(|_| transition.changes_status());
        Transition { snapshots: events.to_vec(), mail, ..transition }
    }

    /// The application enters the process. Votes that exist already are counted at once.
    pub(super) fn submitted(&self, submission: Submission) -> Transition {
        let entered = match on_submit(self.circumstances.strategy, submission) {
            Submitted::Rejected => SnapshotEvent::AutoRejected,
            Submitted::Accepted => SnapshotEvent::AutoAccepted,
            Submitted::PendingFee => SnapshotEvent::PendingFee,
            Submitted::InReview => SnapshotEvent::Submitted,
        };
        let voted = entered == SnapshotEvent::Submitted && !self.circumstances.votes.is_empty();
        match self.decision().filter(|_| voted) {
            Some(decided) => self.to(&[entered, decided]),
            None => self.to(&[entered]),
        }
    }

    pub(super) fn submitted_by_applicant(&self, group: Option<GroupId>) -> Transition {
        let submission = Submission { via_group: group.is_some(), ..self.submission() };
        let submitted = self.submitted(submission);
        let accepted = submitted.progress.status == ApplicationStatus::Accepted;
        let group = group.filter(|_| accepted).map_or(Patch::Keep, Patch::Set);
        let submitted = submitted.first_submitted(self.circumstances.now);
        Transition { group, captures_schema: true, ..submitted }
    }

    /// What the votes on an application in review lead to.
    pub(super) fn evaluated(&self) -> Transition {
        match self.decision() {
            Some(decided) => self.to(&[decided]),
            None => self.unchanged(ApplicationStatus::InReview),
        }
    }

    pub(super) fn scholarship_decided(&self) -> Transition {
        let Circumstances { strategy, votes, red_flag, .. } = *self.circumstances;
        // Without strategy, only the open scholarship held the application back, unless somebody voted.
        let held_back = strategy.is_none() && votes.is_empty() && !self.scholarship_open();
        if held_back && !red_flag {
            return self.to(&[SnapshotEvent::Accepted]);
        }
        self.evaluated()
    }

    fn decision(&self) -> Option<SnapshotEvent> {
        let Circumstances { strategy, votes, reviewers, red_flag, .. } = *self.circumstances;
        match decide(strategy, votes, reviewers, red_flag) {
            Decision::Accept if self.scholarship_open() => None,
            Decision::Accept => Some(SnapshotEvent::Accepted),
            Decision::Reject if red_flag => Some(SnapshotEvent::AutoRejected),
            Decision::Reject => Some(SnapshotEvent::Rejected),
            Decision::Undecided => None,
        }
    }
}
