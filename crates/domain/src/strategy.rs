use chrono::{DateTime, Utc};

use crate::{PopupId, StrategyId, TenantId, Vote};

/// How votes decide about the applications to a popup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StrategyType {
    /// Nobody has to look.
    AutoAccept,
    /// One vote in favour suffices.
    AnyReviewer,
    /// Everybody whose vote is required has to be in favour.
    AllReviewers,
    /// A number of votes in favour suffices.
    Threshold,
    /// Votes weigh, and their sum decides.
    Weighted,
}

/// What somebody says about an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewDecision {
    /// By all means.
    StrongYes,
    /// Yes.
    Yes,
    /// No.
    No,
    /// By no means.
    StrongNo,
}

/// The parameters of a strategy. Those of other types are kept, in case the type changes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrategyRules {
    /// How votes decide.
    pub strategy_type: StrategyType,
    /// For `Threshold`: how many votes in favour suffice.
    pub required_approvals: i32,
    /// For `Weighted`: the sum that accepts.
    pub accept_threshold: i32,
    /// For `Weighted`: the sum that rejects.
    pub reject_threshold: i32,
    /// For `Weighted`: what `StrongYes` adds to the sum.
    pub strong_yes_weight: i32,
    /// For `Weighted`: what `Yes` adds to the sum.
    pub yes_weight: i32,
    /// For `Weighted`: what `No` adds to the sum.
    pub no_weight: i32,
    /// For `Weighted`: what `StrongNo` adds to the sum.
    pub strong_no_weight: i32,
}

/// What a request changes about a strategy; `None` changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StrategyChange {
    /// See [`StrategyRules::strategy_type`].
    pub strategy_type: Option<StrategyType>,
    /// See [`StrategyRules::required_approvals`].
    pub required_approvals: Option<i32>,
    /// See [`StrategyRules::accept_threshold`].
    pub accept_threshold: Option<i32>,
    /// See [`StrategyRules::reject_threshold`].
    pub reject_threshold: Option<i32>,
    /// See [`StrategyRules::strong_yes_weight`].
    pub strong_yes_weight: Option<i32>,
    /// See [`StrategyRules::yes_weight`].
    pub yes_weight: Option<i32>,
    /// See [`StrategyRules::no_weight`].
    pub no_weight: Option<i32>,
    /// See [`StrategyRules::strong_no_weight`].
    pub strong_no_weight: Option<i32>,
}

/// Rules that can decide: at least one approval is required, the sum that accepts lies above the one that
/// rejects, and no number is further from 0 than a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strategy(StrategyRules);

/// Which rule a strategy would break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidStrategy {
    /// The field named is too far from 0.
    #[error("must be between -1000000 and 1000000")]
    OutOfRange(&'static str),
    /// Nobody's approval would suffice.
    #[error("must be at least 1")]
    RequiredApprovals,
    /// One sum would accept and reject.
    #[error("must be greater than reject_threshold")]
    Thresholds,
}

/// The strategy of a popup, which has one at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalStrategy {
    /// Identifies it within the tenant; stays when the strategy is replaced.
    pub id: StrategyId,
    /// Whose strategy it is.
    pub tenant: TenantId,
    /// About whose applications it decides.
    pub popup: PopupId,
    /// How it decides.
    pub strategy: Strategy,
    /// When the popup got it.
    pub created_at: DateTime<Utc>,
    /// When it was written last.
    pub updated_at: DateTime<Utc>,
}

impl StrategyType {
    /// Every type.
    pub const ALL: [Self; 5] =
        [Self::AutoAccept, Self::AnyReviewer, Self::AllReviewers, Self::Threshold, Self::Weighted];

    /// The type as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AutoAccept => "auto_accept",
            Self::AnyReviewer => "any_reviewer",
            Self::AllReviewers => "all_reviewers",
            Self::Threshold => "threshold",
            Self::Weighted => "weighted",
        }
    }

    /// The type that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl ReviewDecision {
    /// Every decision, from the best to the worst.
    pub const ALL: [Self; 4] = [Self::StrongYes, Self::Yes, Self::No, Self::StrongNo];

    /// The decision as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StrongYes => "strong_yes",
            Self::Yes => "yes",
            Self::No => "no",
            Self::StrongNo => "strong_no",
        }
    }

    /// The decision that is stored and sent as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.as_str() == text)
    }

    /// Whether it speaks in favour.
    #[must_use]
    pub fn is_positive(self) -> bool {
        matches!(self, Self::StrongYes | Self::Yes)
    }
}

impl Default for StrategyRules {
    /// One vote in favour suffices.
    fn default() -> Self {
        Self {
            strategy_type: StrategyType::AnyReviewer,
            required_approvals: 1,
            accept_threshold: 2,
            reject_threshold: -2,
            strong_yes_weight: 2,
            yes_weight: 1,
            no_weight: -1,
            strong_no_weight: -2,
        }
    }
}

impl Strategy {
    /// How far from 0 a number may be.
    const LIMIT: u32 = 1_000_000;

    /// A strategy with these rules.
    ///
    /// # Errors
    ///
    /// The first [`InvalidStrategy`] that applies, in the order of its variants.
    pub fn new(rules: StrategyRules) -> Result<Self, InvalidStrategy> {
        let numbers = [
            ("required_approvals", rules.required_approvals),
            ("accept_threshold", rules.accept_threshold),
            ("reject_threshold", rules.reject_threshold),
            ("strong_yes_weight", rules.strong_yes_weight),
            ("yes_weight", rules.yes_weight),
            ("no_weight", rules.no_weight),
            ("strong_no_weight", rules.strong_no_weight),
        ];
        let far = numbers.into_iter().find(|(_, number)| number.unsigned_abs() > Self::LIMIT);
        if let Some((field, _)) = far {
            return Err(InvalidStrategy::OutOfRange(field));
        }
        if rules.required_approvals < 1 {
            return Err(InvalidStrategy::RequiredApprovals);
        }
        if rules.accept_threshold <= rules.reject_threshold {
            return Err(InvalidStrategy::Thresholds);
        }
        Ok(Self(rules))
    }

    /// A strategy as the database has it. Older rows may break the rules of [`new`](Self::new); less than one
    /// required approval counts as one.
    #[must_use]
    pub fn stored(rules: StrategyRules) -> Self {
        Self(StrategyRules { required_approvals: rules.required_approvals.max(1), ..rules })
    }

    /// The strategy that a popup starts with.
    #[must_use]
    pub fn auto_accept() -> Self {
        let strategy_type = StrategyType::AutoAccept;
        Self(StrategyRules { strategy_type, ..StrategyRules::default() })
    }

    /// This strategy after `change`.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new), of all values together.
    pub fn changed(self, change: StrategyChange) -> Result<Self, InvalidStrategy> {
        let Self(rules) = self;
        Self::new(StrategyRules {
            strategy_type: change.strategy_type.unwrap_or(rules.strategy_type),
            required_approvals: change.required_approvals.unwrap_or(rules.required_approvals),
            accept_threshold: change.accept_threshold.unwrap_or(rules.accept_threshold),
            reject_threshold: change.reject_threshold.unwrap_or(rules.reject_threshold),
            strong_yes_weight: change.strong_yes_weight.unwrap_or(rules.strong_yes_weight),
            yes_weight: change.yes_weight.unwrap_or(rules.yes_weight),
            no_weight: change.no_weight.unwrap_or(rules.no_weight),
            strong_no_weight: change.strong_no_weight.unwrap_or(rules.strong_no_weight),
        })
    }

    /// What it decides by.
    #[must_use]
    pub fn rules(&self) -> &StrategyRules {
        &self.0
    }

    /// Whether applications are accepted without anybody looking at them.
    #[must_use]
    pub fn accepts_unseen(&self) -> bool {
        self.0.strategy_type == StrategyType::AutoAccept
    }

    /// Whether votes weigh.
    #[must_use]
    pub fn weighs(&self) -> bool {
        self.0.strategy_type == StrategyType::Weighted
    }

    /// What `vote` adds to the sum, before the reviewer's multiplier.
    pub(crate) fn weight_of(&self, vote: &Vote) -> i32 {
        match vote.decision {
            ReviewDecision::StrongYes => self.0.strong_yes_weight,
            ReviewDecision::Yes => self.0.yes_weight,
            ReviewDecision::No => self.0.no_weight,
            ReviewDecision::StrongNo => self.0.strong_no_weight,
        }
    }
}

impl InvalidStrategy {
    /// The field to blame, as the contract names it.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::OutOfRange(field) => field,
            Self::RequiredApprovals => "required_approvals",
            Self::Thresholds => "accept_threshold",
        }
    }
}

impl ApprovalStrategy {
    /// The strategy that a new popup gets.
    #[must_use]
    pub fn of_new_popup(
        id: StrategyId,
        tenant: TenantId,
        popup: PopupId,
        now: DateTime<Utc>,
    ) -> Self {
        let strategy = Strategy::auto_accept();
        Self { id, tenant, popup, strategy, created_at: now, updated_at: now }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(StrategyChange { required_approvals: Some(0), ..StrategyChange::default() },
        Some(InvalidStrategy::RequiredApprovals))]
    #[case(StrategyChange { accept_threshold: Some(-5), reject_threshold: Some(5),
        ..StrategyChange::default() }, Some(InvalidStrategy::Thresholds))]
    #[case(StrategyChange { accept_threshold: Some(-2), ..StrategyChange::default() },
        Some(InvalidStrategy::Thresholds))]
    #[case(StrategyChange { reject_threshold: Some(1), ..StrategyChange::default() }, None)]
    #[case(StrategyChange { yes_weight: Some(1_000_001), ..StrategyChange::default() },
        Some(InvalidStrategy::OutOfRange("yes_weight")))]
    #[case(StrategyChange { no_weight: Some(i32::MIN), ..StrategyChange::default() },
        Some(InvalidStrategy::OutOfRange("no_weight")))]
    #[case(StrategyChange { no_weight: Some(-1_000_000), ..StrategyChange::default() }, None)]
    #[case(StrategyChange::default(), None)]
    fn a_change_is_checked_with_what_was_there(
        #[case] change: StrategyChange,
        #[case] expected: Option<InvalidStrategy>,
    ) {
        assert_eq!(Strategy::auto_accept().changed(change).err(), expected);
    }

    #[test]
    fn an_old_strategy_needs_one_approval_at_least() {
        let old = StrategyRules { required_approvals: 0, ..StrategyRules::default() };
        assert_eq!(Strategy::stored(old).rules().required_approvals, 1);
    }

    #[test]
    fn a_new_popup_accepts_everybody() {
        let rules = *Strategy::auto_accept().rules();
        assert_eq!(rules.strategy_type, StrategyType::AutoAccept);
        assert_eq!((rules.accept_threshold, rules.reject_threshold), (2, -2));
        assert_eq!(Strategy::new(rules), Ok(Strategy::auto_accept()));
    }
}
