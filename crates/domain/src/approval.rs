//! How votes become a decision.

use std::collections::HashSet;

use crate::{ReviewDecision, Strategy, StrategyType, UserId};

/// One user's vote on an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vote {
    /// Whose vote it is; nobody has two.
    pub reviewer: UserId,
    /// What it says.
    pub decision: ReviewDecision,
}

/// A designated reviewer who can still vote: an active admin of the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reviewer {
    /// Who was designated; nobody twice.
    pub user: UserId,
    /// Whether the decision waits for this vote, where the strategy says so.
    pub required: bool,
    /// What the vote is multiplied with where votes are weighed, in ten-thousandths.
    pub weight_e4: i64,
}

/// What votes amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The application is accepted.
    Accept,
    /// The application is rejected.
    Reject,
    /// More votes, or a person, have to decide.
    Undecided,
}

/// What decides about an application at the moment it enters the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four facts, independent of each other")]
pub struct Submission {
    /// Whether staff want every application of this human refused.
    pub red_flag: bool,
    /// Whether a request of the applicant names a group.
    pub via_group: bool,
    /// Whether the popup requires a fee that isn't paid.
    pub fee_due: bool,
    /// Whether a scholarship is asked for and not decided.
    pub scholarship_open: bool,
}

/// Where an application is once it was submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Submitted {
    /// Refused at once.
    Rejected,
    /// Accepted at once.
    Accepted,
    /// Waiting for the fee.
    PendingFee,
    /// Waiting for votes, or for a decision on the scholarship.
    InReview,
}

/// What `reviews` amount to under `strategy`. Depends on which votes there are, never on their order.
///
/// Without a positive vote nothing but `auto_accept` accepts; without a negative vote nothing but the red
/// flag rejects.
#[must_use]
pub fn decide(
    strategy: Option<&Strategy>,
    reviews: &[Vote],
    reviewers: &[Reviewer],
    red_flag: bool,
) -> Decision {
    if red_flag {
        return Decision::Reject;
    }
    // Manual mode: without a strategy, people decide by hand.
    let Some(strategy) = strategy else { return Decision::Undecided };
    let tally = Tally::of(reviews, reviewers);
    match strategy.rules().strategy_type {
        StrategyType::AutoAccept => tally.auto_accept(),
        StrategyType::AnyReviewer => tally.any_reviewer(),
        StrategyType::AllReviewers => tally.all_reviewers(),
        StrategyType::Threshold => tally.threshold(strategy),
        StrategyType::Weighted => weigh(strategy, reviews, reviewers),
    }
}

/// Where an application goes when it is submitted.
#[must_use]
pub fn on_submit(strategy: Option<&Strategy>, submission: Submission) -> Submitted {
    if submission.red_flag {
        return Submitted::Rejected;
    }
    if submission.via_group {
        return Submitted::Accepted;
    }
    if submission.fee_due {
        return Submitted::PendingFee;
    }
    // Without a strategy, nobody is asked to look.
    let unseen = strategy.is_none_or(Strategy::accepts_unseen);
    if !unseen || submission.scholarship_open {
        return Submitted::InReview;
    }
    Submitted::Accepted
}

/// The weighed sum of `reviews` cut toward zero, so that it never shows a threshold as reached which isn't;
/// 0 without votes, `None` unless `strategy` weighs them.
#[must_use]
pub fn weighted_score(
    strategy: Option<&Strategy>,
    reviews: &[Vote],
    reviewers: &[Reviewer],
) -> Option<i64> {
    let strategy = strategy.filter(|strategy| strategy.weighs())?;
    let score = score_e4(strategy, reviews, reviewers) / i128::from(ONE_E4);
    Some(i64::try_from(score).unwrap_or(if score < 0 { i64::MIN } else { i64::MAX }))
}

/// A multiplier of one, in ten-thousandths.
const ONE_E4: i64 = 10_000;

/// Votes, counted.
struct Tally {
    positive: usize,
    negative: usize,
    /// Whether anybody's vote is required.
    anybody_required: bool,
    /// Whether everybody whose vote is required has voted.
    all_required_voted: bool,
    /// Whether everybody whose vote is required is in favour.
    all_required_agree: bool,
}

impl Tally {
    fn of(reviews: &[Vote], reviewers: &[Reviewer]) -> Self {
        let voters: HashSet<_> = reviews.iter().map(|vote| vote.reviewer).collect();
        let in_favour = reviews.iter().filter(|vote| vote.decision.is_positive());
        let agreeing: HashSet<_> = in_favour.map(|vote| vote.reviewer).collect();
        let required = || reviewers.iter().filter(|reviewer| reviewer.required);
        let positive = reviews.iter().filter(|vote| vote.decision.is_positive()).count();
        Self {
            positive,
            negative: reviews.len() - positive,
            anybody_required: required().next().is_some(),
            all_required_voted: required().all(|reviewer| voters.contains(&reviewer.user)),
            all_required_agree: required().all(|reviewer| agreeing.contains(&reviewer.user)),
        }
    }

    /// Applications come under votes here when they waited for a scholarship, or when the strategy changed.
    fn auto_accept(&self) -> Decision {
        if self.negative > 0 && self.positive == 0 { Decision::Reject } else { Decision::Accept }
    }

    fn any_reviewer(&self) -> Decision {
        if self.positive > 0 {
            return Decision::Accept;
        }
        self.rejected_by_required()
    }

    /// Never rejects: somebody may change their mind.
    fn all_reviewers(&self) -> Decision {
        let agreed =
            if self.anybody_required { self.all_required_agree } else { self.positive > 0 };
        if agreed { Decision::Accept } else { Decision::Undecided }
    }

    fn threshold(&self, strategy: &Strategy) -> Decision {
        let needed = usize::try_from(strategy.rules().required_approvals).unwrap_or(0).max(1);
        if self.positive >= needed {
            return Decision::Accept;
        }
        self.rejected_by_required()
    }

    /// Once everybody required has voted, what wasn't accepted is rejected, if anybody is against it.
    fn rejected_by_required(&self) -> Decision {
        if self.anybody_required && self.all_required_voted && self.negative > 0 {
            Decision::Reject
        } else {
            Decision::Undecided
        }
    }
}

fn weigh(strategy: &Strategy, reviews: &[Vote], reviewers: &[Reviewer]) -> Decision {
    let rules = strategy.rules();
    let score = score_e4(strategy, reviews, reviewers);
    let bound = |threshold: i32| i128::from(threshold) * i128::from(ONE_E4);
    let anybody = |positive| reviews.iter().any(|vote| vote.decision.is_positive() == positive);
    if anybody(true) && score >= bound(rules.accept_threshold) {
        Decision::Accept
    } else if anybody(false) && score <= bound(rules.reject_threshold) {
        Decision::Reject
    } else {
        Decision::Undecided
    }
}

fn score_e4(strategy: &Strategy, reviews: &[Vote], reviewers: &[Reviewer]) -> i128 {
    let multiplier = |vote: &Vote| {
        let designated = reviewers.iter().find(|reviewer| reviewer.user == vote.reviewer);
        designated.map_or(ONE_E4, |reviewer| reviewer.weight_e4)
    };
    let weighed = |vote| i128::from(strategy.weight_of(vote)) * i128::from(multiplier(vote));
    reviews.iter().map(weighed).sum()
}

#[cfg(test)]
mod tests;
