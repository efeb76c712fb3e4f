use chrono::{DateTime, Utc};

use crate::{
    ApplicationId, PopupId, ReviewDecision, ReviewId, Reviewer, ReviewerId, Role, TenantId, User,
    UserId, Vote,
};

/// One user's vote on one application, with a word about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Identifies the vote within the tenant; stays when the user changes it.
    pub id: ReviewId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// About what.
    pub application: ApplicationId,
    /// By whom; one vote each.
    pub reviewer: UserId,
    /// What it says.
    pub decision: ReviewDecision,
    /// A word to colleagues, at most [`NOTES_MAX`](Review::NOTES_MAX) characters.
    pub notes: Option<String>,
    /// When the user voted first.
    pub created_at: DateTime<Utc>,
    /// When the user voted last.
    pub updated_at: DateTime<Utc>,
}

/// How many votes say what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReviewCounts {
    /// All of them.
    pub total: usize,
    /// Those that say `StrongYes`.
    pub strong_yes: usize,
    /// Those that say `Yes`.
    pub yes: usize,
    /// Those that say `No`.
    pub no: usize,
    /// Those that say `StrongNo`.
    pub strong_no: usize,
}

/// The designation of a user as reviewer of a popup.
#[derive(Debug, Clone, PartialEq)]
pub struct PopupReviewer {
    /// Identifies the designation within the tenant.
    pub id: ReviewerId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// Whose applications.
    pub popup: PopupId,
    /// Who; once per popup.
    pub user: UserId,
    /// Whether decisions wait for this vote, where the strategy says so.
    pub is_required: bool,
    /// How much the vote weighs, where votes weigh.
    pub weight_multiplier: WeightMultiplier,
    /// When the user was designated.
    pub created_at: DateTime<Utc>,
}

/// What a vote is multiplied with: 0 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct WeightMultiplier(f64);

/// A multiplier out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a number between 0 and 1000")]
pub struct InvalidWeightMultiplier;

/// Why somebody isn't made a reviewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReviewerRefusal {
    /// As if there were no such user.
    #[error("user not found")]
    Deleted,
    /// Not of this organisation.
    #[error("this user belongs to another organisation")]
    OtherTenant,
    /// Viewers don't vote.
    #[error("only admins can be reviewers")]
    NotAdmin,
    /// Designated before.
    #[error("this user is a reviewer of the event already")]
    AlreadyReviewer,
}

impl Review {
    /// The longest notes, in characters.
    pub const NOTES_MAX: usize = 2000;

    /// What counts of it.
    #[must_use]
    pub fn vote(&self) -> Vote {
        Vote { reviewer: self.reviewer, decision: self.decision }
    }

    /// This vote after the user voted again. Notes stay unless others are sent; empty ones remove them.
    #[must_use]
    pub fn revised(
        self,
        decision: ReviewDecision,
        notes: Option<String>,
        now: DateTime<Utc>,
    ) -> Self {
        Self { decision, notes: notes.or(self.notes), updated_at: now, ..self }
    }
}

impl ReviewCounts {
    /// How many of `decisions` say what.
    #[must_use]
    pub fn of(decisions: impl IntoIterator<Item = ReviewDecision>) -> Self {
        let mut counts = Self::default();
        for decision in decisions {
            counts.total += 1;
            *match decision {
                ReviewDecision::StrongYes => &mut counts.strong_yes,
                ReviewDecision::Yes => &mut counts.yes,
                ReviewDecision::No => &mut counts.no,
                ReviewDecision::StrongNo => &mut counts.strong_no,
            } += 1;
        }
        counts
    }
}

impl PopupReviewer {
    /// Whether `user` can be made a reviewer in `tenant`.
    ///
    /// # Errors
    ///
    /// `Deleted`, `OtherTenant` or `NotAdmin`.
    pub fn admit(user: &User, tenant: TenantId) -> Result<(), ReviewerRefusal> {
        if user.deleted {
            return Err(ReviewerRefusal::Deleted);
        }
        if user.tenant != Some(tenant) {
            return Err(ReviewerRefusal::OtherTenant);
        }
        match user.role {
            Role::Admin | Role::Superadmin => Ok(()),
            Role::Viewer => Err(ReviewerRefusal::NotAdmin),
        }
    }

    /// What counts of the designation, while the user can still vote.
    #[must_use]
    pub fn reviewer(&self) -> Reviewer {
        Reviewer {
            user: self.user,
            required: self.is_required,
            weight_e4: self.weight_multiplier.e4(),
        }
    }
}

impl WeightMultiplier {
    /// Changes nothing.
    pub const ONE: Self = Self(1.0);

    /// Takes `value` as a multiplier.
    ///
    /// # Errors
    ///
    /// [`InvalidWeightMultiplier`] outside 0 to 1000, and when it is no number.
    pub fn new(value: f64) -> Result<Self, InvalidWeightMultiplier> {
        if (0.0..=1000.0).contains(&value) { Ok(Self(value)) } else { Err(InvalidWeightMultiplier) }
    }

    /// The multiplier as stored and sent.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// The multiplier in ten-thousandths, rounded half away from zero.
    #[must_use]
    pub fn e4(self) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "at most ten million")]
        let rounded = (self.0 * 10_000.0).round() as i64;
        rounded
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::{
        StaffEmail,
        fixtures::{TENANT, noon},
    };

    #[rstest]
    #[case(0.0, Some(0))]
    #[case(0.5, Some(5_000))]
    #[case(1.0, Some(10_000))]
    #[case(1000.0, Some(10_000_000))]
    #[case(0.00005, Some(1))]
    #[case(0.00004, Some(0))]
    #[case(-0.1, None)]
    #[case(1000.1, None)]
    #[case(f64::NAN, None)]
    #[case(f64::INFINITY, None)]
    fn a_multiplier_is_a_number_up_to_1000(#[case] value: f64, #[case] e4: Option<i64>) {
        assert_eq!(WeightMultiplier::new(value).ok().map(WeightMultiplier::e4), e4);
    }

    #[test]
    fn a_changed_mind_keeps_the_notes_unless_there_are_others() {
        let review = Review {
            id: ReviewId(Uuid::from_u128(1)),
            tenant: TENANT,
            application: ApplicationId(Uuid::from_u128(2)),
            reviewer: UserId(Uuid::from_u128(3)),
            decision: ReviewDecision::No,
            notes: Some("hmm".to_owned()),
            created_at: noon(),
            updated_at: noon(),
        };
        let later = noon() + chrono::TimeDelta::hours(1);
        let again = review.revised(ReviewDecision::StrongNo, None, later);
        assert_eq!(again.notes.as_deref(), Some("hmm"));
        assert_eq!((again.created_at, again.updated_at), (noon(), later));
        let emptied = again.revised(ReviewDecision::Yes, Some(String::new()), later);
        assert_eq!(emptied.notes.as_deref(), Some(""));
    }

    #[rstest]
    #[case::of_an_admin(Role::Admin, Some(TENANT), false, Ok(()))]
    #[case::of_a_viewer(Role::Viewer, Some(TENANT), false, Err(ReviewerRefusal::NotAdmin))]
    #[case::of_a_superadmin(Role::Superadmin, None, false, Err(ReviewerRefusal::OtherTenant))]
    #[case::of_somebody_gone(Role::Viewer, None, true, Err(ReviewerRefusal::Deleted))]
    fn the_reviewer_is_made(
        #[case] role: Role,
        #[case] tenant: Option<TenantId>,
        #[case] deleted: bool,
        #[case] expected: Result<(), ReviewerRefusal>,
    ) {
        let email = StaffEmail::parse("ann@x.example.com").unwrap();
        let id = UserId(Uuid::from_u128(3));
        let user = User { id, email, full_name: None, role, tenant, deleted };
        assert_eq!(PopupReviewer::admit(&user, TENANT), expected);
    }

    #[test]
    fn votes_are_counted_by_what_they_say() {
        let counts = ReviewCounts::of([ReviewDecision::Yes, ReviewDecision::No]);
        assert_eq!(counts, ReviewCounts { total: 2, yes: 1, no: 1, ..ReviewCounts::default() });
    }
}
