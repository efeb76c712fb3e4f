use proptest::{
    prelude::{Just, any, prop_assert, prop_assert_eq, prop_assert_ne, prop_oneof, proptest},
    strategy::Strategy as Arbitrary,
};
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::{ReviewDecision::*, StrategyRules};

/// Not designated.
const A: u128 = 0xa;
/// Designated, where a case says so.
const B: u128 = 0xb;
/// Designated, where a case says so.
const C: u128 = 0xc;

fn person(id: u128) -> UserId {
    UserId(Uuid::from_u128(id))
}

fn votes(votes: &[(u128, ReviewDecision)]) -> Vec<Vote> {
    votes.iter().map(|&(id, decision)| Vote { reviewer: person(id), decision }).collect()
}

fn required(id: u128) -> Reviewer {
    Reviewer { user: person(id), required: true, weight_e4: 10_000 }
}

fn asked(id: u128) -> Reviewer {
    Reviewer { required: false, ..required(id) }
}

fn weighing(id: u128, weight_e4: i64) -> Reviewer {
    Reviewer { weight_e4, ..asked(id) }
}

fn strategy(strategy_type: StrategyType) -> Strategy {
    Strategy::stored(StrategyRules { strategy_type, ..StrategyRules::default() })
}

fn threshold(required_approvals: i32) -> Strategy {
    let strategy_type = StrategyType::Threshold;
    Strategy::stored(StrategyRules {
        strategy_type,
        required_approvals,
        ..StrategyRules::default()
    })
}

fn outcome(
    strategy: &Strategy,
    cast: &[(u128, ReviewDecision)],
    designated: &[Reviewer],
) -> Decision {
    decide(Some(strategy), &votes(cast), designated, false)
}

#[rstest]
#[case(&[], &[(A, No)], Decision::Undecided)]
#[case(&[], &[(A, No), (0x5, Yes)], Decision::Accept)]
#[case(&[], &[], Decision::Undecided)]
#[case(&[required(B), asked(C)], &[], Decision::Undecided)]
#[case(&[required(B), asked(C)], &[(C, No)], Decision::Undecided)]
#[case(&[required(B), asked(C)], &[(C, No), (B, No)], Decision::Reject)]
#[case(&[required(B), asked(C)], &[(B, StrongNo), (A, Yes)], Decision::Accept)]
#[case(&[required(B), required(C)], &[(B, No)], Decision::Undecided)]
#[case(&[asked(B), asked(C)], &[(B, No), (C, No)], Decision::Undecided)]
fn any_reviewer(
    #[case] designated: &[Reviewer],
    #[case] cast: &[(u128, ReviewDecision)],
    #[case] expected: Decision,
) {
    assert_eq!(outcome(&strategy(StrategyType::AnyReviewer), cast, designated), expected);
}

#[rstest]
#[case(&[required(B), required(C)], &[(A, Yes)], Decision::Undecided)]
#[case(&[required(B), required(C)], &[(B, Yes), (C, StrongNo)], Decision::Undecided)]
#[case(&[required(B), required(C)], &[(B, No), (C, StrongNo)], Decision::Undecided)]
#[case(&[required(B), required(C)], &[(B, Yes), (C, StrongYes)], Decision::Accept)]
#[case(&[required(B), asked(C)], &[(B, Yes), (C, No)], Decision::Accept)]
#[case(&[asked(B)], &[(A, No)], Decision::Undecided)]
#[case(&[asked(B)], &[(A, Yes)], Decision::Accept)]
#[case(&[], &[], Decision::Undecided)]
fn all_reviewers(
    #[case] designated: &[Reviewer],
    #[case] cast: &[(u128, ReviewDecision)],
    #[case] expected: Decision,
) {
    assert_eq!(outcome(&strategy(StrategyType::AllReviewers), cast, designated), expected);
}

#[rstest]
#[case(2, &[required(B), required(C)], &[(B, Yes)], Decision::Undecided)]
#[case(2, &[required(B), required(C)], &[(B, Yes), (C, StrongYes)], Decision::Accept)]
#[case(2, &[required(B), required(C)], &[(B, Yes), (C, No)], Decision::Reject)]
#[case(2, &[required(B)], &[(B, Yes)], Decision::Undecided)]
#[case(2, &[required(B), asked(C)], &[(C, No), (B, Yes)], Decision::Reject)]
#[case(0, &[], &[(A, No)], Decision::Undecided)]
#[case(0, &[], &[(A, Yes)], Decision::Accept)]
#[case(3, &[], &[(A, Yes), (B, Yes)], Decision::Undecided)]
#[case(2, &[required(B), required(C)], &[(B, No), (A, No)], Decision::Undecided)]
fn a_threshold(
    #[case] needed: i32,
    #[case] designated: &[Reviewer],
    #[case] cast: &[(u128, ReviewDecision)],
    #[case] expected: Decision,
) {
    assert_eq!(outcome(&threshold(needed), cast, designated), expected);
}

#[rstest]
#[case(&[], &[(A, Yes)], 1, Decision::Undecided)]
#[case(&[], &[(A, StrongYes)], 2, Decision::Accept)]
#[case(&[], &[(A, Yes), (B, No), (C, StrongNo)], -2, Decision::Reject)]
#[case(&[], &[(A, StrongYes), (B, No)], 1, Decision::Undecided)]
#[case(&[weighing(B, 50_000)], &[(B, Yes)], 5, Decision::Accept)]
#[case(&[weighing(B, 5_000), weighing(C, 5_000)], &[(B, Yes), (C, StrongYes)], 1,
    Decision::Undecided)]
#[case(&[weighing(B, 5_000), weighing(C, 5_000)], &[(B, No), (C, StrongNo)], -1,
    Decision::Undecided)]
#[case(&[weighing(B, 0)], &[(B, StrongNo), (A, StrongYes)], 2, Decision::Accept)]
fn votes_that_weigh(
    #[case] designated: &[Reviewer],
    #[case] cast: &[(u128, ReviewDecision)],
    #[case] score: i64,
    #[case] expected: Decision,
) {
    let strategy = strategy(StrategyType::Weighted);
    assert_eq!(outcome(&strategy, cast, designated), expected);
    assert_eq!(weighted_score(Some(&strategy), &votes(cast), designated), Some(score));
}

#[rstest]
#[case::accept_at_zero_without_a_vote(0, -2, &[], Decision::Undecided)]
#[case::reject_above_zero_without_a_no(9, 5, &[(A, Yes)], Decision::Undecided)]
#[case::accept_below_zero_without_a_yes(-5, -9, &[(A, No)], Decision::Undecided)]
#[case::accept_is_looked_at_first(-5, -9, &[(A, Yes), (B, No)], Decision::Accept)]
#[case::old_thresholds_that_overlap(0, 0, &[(A, Yes), (B, No)], Decision::Accept)]
fn contrived_thresholds(
    #[case] accept_threshold: i32,
    #[case] reject_threshold: i32,
    #[case] cast: &[(u128, ReviewDecision)],
    #[case] expected: Decision,
) {
    let rules = StrategyRules {
        accept_threshold,
        reject_threshold,
        ..*strategy(StrategyType::Weighted).rules()
    };
    assert_eq!(outcome(&Strategy::stored(rules), cast, &[]), expected);
}

#[rstest]
#[case(&[], Decision::Accept)]
#[case(&[(A, StrongNo)], Decision::Reject)]
#[case(&[(A, StrongNo), (B, Yes)], Decision::Accept)]
fn auto_accept(#[case] cast: &[(u128, ReviewDecision)], #[case] expected: Decision) {
    assert_eq!(outcome(&Strategy::auto_accept(), cast, &[]), expected);
}

#[test]
fn without_a_strategy_people_decide_by_hand() {
    for decision in ReviewDecision::ALL {
        assert_eq!(decide(None, &votes(&[(A, decision)]), &[], false), Decision::Undecided);
    }
    assert_eq!(decide(None, &[], &[], true), Decision::Reject);
    assert_eq!(weighted_score(None, &votes(&[(A, Yes)]), &[]), None);
    let other = strategy(StrategyType::Threshold);
    assert_eq!(weighted_score(Some(&other), &votes(&[(A, Yes)]), &[]), None);
}

#[rstest]
#[case::red_flag(Submission { red_flag: true, via_group: true, fee_due: true,
    scholarship_open: true }, Submitted::Rejected, Submitted::Rejected)]
#[case::group(Submission { via_group: true, fee_due: true, scholarship_open: true,
    ..Submission::default() }, Submitted::Accepted, Submitted::Accepted)]
#[case::fee(Submission { fee_due: true, scholarship_open: true, ..Submission::default() },
    Submitted::PendingFee, Submitted::PendingFee)]
#[case::scholarship(Submission { scholarship_open: true, ..Submission::default() },
    Submitted::InReview, Submitted::InReview)]
#[case::plain(Submission::default(), Submitted::InReview, Submitted::Accepted)]
fn a_submission_goes_where_it_belongs(
    #[case] submission: Submission,
    #[case] with_reviews: Submitted,
    #[case] without: Submitted,
) {
    for strategy_type in StrategyType::ALL {
        let expected =
            if strategy_type == StrategyType::AutoAccept { without } else { with_reviews };
        assert_eq!(on_submit(Some(&strategy(strategy_type)), submission), expected);
    }
    assert_eq!(on_submit(None, submission), without);
}

fn any_strategy() -> impl Arbitrary<Value = Strategy> {
    let number = || -5..=5_i32;
    let weights = (number(), number(), number(), number());
    (0..5_usize, 0..4_i32, number(), number(), weights).prop_map(
        |(kind, required_approvals, accept_threshold, reject_threshold, weights)| {
            Strategy::stored(StrategyRules {
                strategy_type: StrategyType::ALL[kind],
                required_approvals,
                accept_threshold,
                reject_threshold,
                strong_yes_weight: weights.0,
                yes_weight: weights.1,
                no_weight: weights.2,
                strong_no_weight: weights.3,
            })
        },
    )
}

/// Votes of different people, in any order.
fn any_votes() -> impl Arbitrary<Value = Vec<Vote>> {
    let decision = proptest::sample::select(&ReviewDecision::ALL[..]);
    proptest::collection::btree_map(0..6_u128, decision, 0..6).prop_map(|cast| {
        cast.into_iter().map(|(id, decision)| Vote { reviewer: person(id), decision }).collect()
    })
}

fn any_reviewers() -> impl Arbitrary<Value = Vec<Reviewer>> {
    let weight = prop_oneof![0..30_000_i64, Just(10_000), Just(10_000_000)];
    proptest::collection::btree_map(0..6_u128, (any::<bool>(), weight), 0..6).prop_map(|people| {
        let reviewer =
            |(id, (required, weight_e4))| Reviewer { user: person(id), required, weight_e4 };
        people.into_iter().map(reviewer).collect()
    })
}

proptest! {
    #[test]
    fn without_a_positive_vote_only_auto_accept_accepts(
        strategy in any_strategy(), cast in any_votes(), designated in any_reviewers(),
    ) {
        let against: Vec<_> =
            cast.into_iter().filter(|vote| !vote.decision.is_positive()).collect();
        if !strategy.accepts_unseen() {
            let outcome = decide(Some(&strategy), &against, &designated, false);
            prop_assert_ne!(outcome, Decision::Accept);
        }
    }

    #[test]
    fn without_a_negative_vote_only_the_red_flag_rejects(
        strategy in any_strategy(), cast in any_votes(), designated in any_reviewers(),
    ) {
        let in_favour: Vec<_> =
            cast.into_iter().filter(|vote| vote.decision.is_positive()).collect();
        let outcome = decide(Some(&strategy), &in_favour, &designated, false);
        prop_assert_ne!(outcome, Decision::Reject);
    }

    #[test]
    fn the_red_flag_always_rejects(
        strategy in proptest::option::of(any_strategy()), cast in any_votes(),
        designated in any_reviewers(),
    ) {
        prop_assert_eq!(decide(strategy.as_ref(), &cast, &designated, true), Decision::Reject);
    }

    #[test]
    fn the_order_of_votes_and_reviewers_means_nothing(
        strategy in any_strategy(),
        (cast, shuffled) in any_votes().prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle())),
        (designated, others) in
            any_reviewers().prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle())),
    ) {
        let outcome = decide(Some(&strategy), &cast, &designated, false);
        prop_assert_eq!(decide(Some(&strategy), &shuffled, &others, false), outcome);
        prop_assert_eq!(
            weighted_score(Some(&strategy), &shuffled, &others),
            weighted_score(Some(&strategy), &cast, &designated)
        );
    }

    #[test]
    fn all_reviewers_never_reject(cast in any_votes(), designated in any_reviewers()) {
        let strategy = strategy(StrategyType::AllReviewers);
        prop_assert_ne!(decide(Some(&strategy), &cast, &designated, false), Decision::Reject);
    }

    #[test]
    fn a_shown_score_reaches_a_threshold_only_when_the_votes_do(
        accept in 1..50_i32, reject in -50..0_i32, cast in any_votes(),
        designated in any_reviewers(),
    ) {
        let rules = StrategyRules {
            strategy_type: StrategyType::Weighted,
            accept_threshold: accept,
            reject_threshold: reject,
            ..StrategyRules::default()
        };
        let strategy = Strategy::stored(rules);
        let score = weighted_score(Some(&strategy), &cast, &designated).unwrap();
        let outcome = decide(Some(&strategy), &cast, &designated, false);
        prop_assert_eq!(outcome == Decision::Accept, score >= i64::from(accept));
        prop_assert_eq!(outcome == Decision::Reject, score <= i64::from(reject));
    }

    #[test]
    fn extreme_weights_neither_overflow_nor_lose_their_sign(
        cast in any_votes(), designated in any_reviewers(),
    ) {
        let rules = StrategyRules {
            strategy_type: StrategyType::Weighted,
            strong_yes_weight: i32::MAX,
            yes_weight: i32::MAX,
            no_weight: i32::MAX,
            strong_no_weight: i32::MAX,
            ..StrategyRules::default()
        };
        let score = weighted_score(Some(&Strategy::stored(rules)), &cast, &designated).unwrap();
        prop_assert!(score >= 0);
    }
}
