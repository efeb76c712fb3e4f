use super::*;

/// What becomes of an application in each status, in the order of [`STATUSES`].
type Outcomes = [Result<ApplicationStatus, ApplicationRefusal>; 6];

const STATUSES: [ApplicationStatus; 6] =
    [Draft, PendingFee, InReview, Accepted, Rejected, Withdrawn];

/// Every trigger against every status.
#[rstest]
#[case::saved(World::reviewed(), SAVE, [
    Ok(Draft), Ok(PendingFee), Ok(InReview), Ok(Accepted),
    Err(ApplicationRefusal::Final), Err(ApplicationRefusal::Final),
])]
#[case::submitted(World::reviewed(), SUBMIT, [
    Ok(InReview), Ok(InReview), Ok(InReview), Ok(Accepted),
    Err(ApplicationRefusal::Final), Err(ApplicationRefusal::Final),
])]
#[case::submitted_while_a_fee_is_due(World::reviewed().fee(), SUBMIT, [
    Ok(PendingFee), Ok(PendingFee), Ok(InReview), Ok(Accepted),
    Err(ApplicationRefusal::Final), Err(ApplicationRefusal::Final),
])]
#[case::taken_back(World::reviewed(), SAVE_DRAFT, [
    Ok(Draft), Ok(Draft), Ok(Draft), Ok(Accepted),
    Err(ApplicationRefusal::Final), Err(ApplicationRefusal::Final),
])]
#[case::joining(World::reviewed(), JOIN, [
    Ok(Accepted), Ok(Accepted), Ok(Accepted), Ok(Accepted),
    Err(ApplicationRefusal::Final), Err(ApplicationRefusal::Final),
])]
#[case::joining_while_red_flagged(World::reviewed().flagged(), JOIN, [
    Ok(Rejected), Ok(Rejected), Ok(Rejected), Ok(Accepted),
    Err(ApplicationRefusal::Final), Err(ApplicationRefusal::Final),
])]
#[case::voted(World::reviewed().vote(ReviewDecision::Yes), Trigger::Vote, [
    Err(ApplicationRefusal::Draft), Ok(PendingFee), Ok(Accepted), Ok(Accepted),
    Ok(Rejected), Ok(Withdrawn),
])]
#[case::scholarship_decided(World::reviewed().vote(ReviewDecision::Yes), Trigger::ScholarshipDecided, [
    Ok(Draft), Ok(PendingFee), Ok(Accepted), Ok(Accepted), Ok(Rejected), Ok(Withdrawn),
])]
#[case::fee_paid(World::reviewed().paid(), Trigger::FeePaid, [
    Ok(Draft), Ok(InReview), Ok(InReview), Ok(Accepted), Ok(Rejected), Ok(Withdrawn),
])]
#[case::red_flagged(World::reviewed().flagged(), Trigger::RedFlagSet, [
    Ok(Draft), Ok(Rejected), Ok(Rejected), Ok(Accepted), Ok(Rejected), Ok(Withdrawn),
])]
#[case::added_by_a_leader(World::reviewed(), LEADER_ADDS, [
    Ok(Accepted), Ok(Accepted), Ok(Accepted), Ok(Accepted),
    Err(ApplicationRefusal::Final), Err(ApplicationRefusal::Final),
])]
#[case::removed_by_a_leader(World::reviewed(), REMOVED, [
    Ok(Draft), Ok(PendingFee), Ok(InReview), Ok(InReview), Ok(Rejected), Ok(Withdrawn),
])]
#[case::removed_though_accepted_otherwise(World::reviewed(), REMOVED_NOT_ADMITTED, [
    Ok(Draft), Ok(PendingFee), Ok(InReview), Ok(Accepted), Ok(Rejected), Ok(Withdrawn),
])]
#[case::accepted_by_hand(World::manual(), Trigger::AcceptByHand, [
    Err(ApplicationRefusal::NotInReview), Err(ApplicationRefusal::NotInReview), Ok(Accepted),
    Err(ApplicationRefusal::NotInReview), Err(ApplicationRefusal::NotInReview),
    Err(ApplicationRefusal::NotInReview),
])]
#[case::rejected_by_hand(World::manual(), Trigger::RejectByHand, [
    Err(ApplicationRefusal::NotInReview), Err(ApplicationRefusal::NotInReview), Ok(Rejected),
    Err(ApplicationRefusal::NotInReview), Err(ApplicationRefusal::NotInReview),
    Err(ApplicationRefusal::NotInReview),
])]
#[case::reopened(World::reviewed(), Trigger::Reopen, [
    Err(ApplicationRefusal::NotRejected), Err(ApplicationRefusal::NotRejected),
    Err(ApplicationRefusal::NotRejected), Err(ApplicationRefusal::NotRejected), Ok(InReview),
    Err(ApplicationRefusal::NotRejected),
])]
#[case::recalculated(World::auto(), Trigger::Recalculate, [
    Ok(Draft), Ok(PendingFee), Ok(Accepted), Ok(Accepted), Ok(Rejected), Ok(Withdrawn),
])]
fn every_trigger_meets_every_status(
    #[case] world: World,
    #[case] trigger: Trigger,
    #[case] expected: Outcomes,
) {
    for (from, expected) in STATUSES.into_iter().zip(expected) {
        let transition = world.application(from).transition(trigger, &world.circumstances());
        let told = transition.as_ref().map(Transition::status).map_err(|refusal| *refusal);
        assert_eq!(told, expected, "from {from:?}");
        let Ok(transition) = transition else { continue };
        // Whoever stays where they were is told nothing, and nothing is kept about it.
        if !transition.changes_status() {
            assert_eq!(
                (transition.mail, &transition.snapshots[..]),
                (None, &[][..]),
                "from {from:?}"
            );
        }
        let accepted = transition.status() == Accepted;
        assert_eq!(transition.progress.accepted_at().is_some(), accepted, "from {from:?}");
    }
}
