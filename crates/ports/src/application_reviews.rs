use std::collections::HashMap;

use chrono::{DateTime, Utc};
use edgeos_domain::{
    ApplicationId, PopupId, Review, ReviewDecision, ReviewId, Reviewer, UserId, Vote,
};

use crate::{Page, Paging, StoreError, Transaction};

/// A vote, and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewView {
    /// The vote.
    pub review: Review,
    /// The voter's address, deleted or not.
    pub reviewer_email: Option<String>,
    /// The voter's name.
    pub reviewer_full_name: Option<String>,
}

/// A vote to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReview {
    /// Identifies the vote, unless the user voted before.
    pub id: ReviewId,
    /// About what.
    pub application: ApplicationId,
    /// By whom.
    pub reviewer: UserId,
    /// What it says.
    pub decision: ReviewDecision,
    /// A word to colleagues; `None` leaves what was said before.
    pub notes: Option<String>,
    /// When.
    pub now: DateTime<Utc>,
}

/// Votes on the applications of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait ApplicationReviews: Transaction {
    /// Stores `vote`, in place of the one that the user gave before.
    async fn upsert_review(&mut self, vote: &NewReview) -> Result<ReviewView, StoreError>;

    /// What counts of the votes on each of `applications`; those without votes are left out.
    async fn votes(
        &mut self,
        applications: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Vec<Vote>>, StoreError>;

    /// The designated reviewers of `popup` who can still vote: active admins.
    async fn voting_reviewers(&mut self, popup: PopupId) -> Result<Vec<Reviewer>, StoreError>;

    /// One page of the votes on `application`, in the order in which they were first given, then by id.
    async fn reviews(
        &mut self,
        application: ApplicationId,
        paging: Paging,
    ) -> Result<Page<ReviewView>, StoreError>;

    /// Every vote on `application`, in the order of [`reviews`](Self::reviews).
    async fn all_reviews(
        &mut self,
        application: ApplicationId,
    ) -> Result<Vec<ReviewView>, StoreError>;

    /// One page of the votes of `reviewer`, newest change first, then by id.
    async fn reviews_of(
        &mut self,
        reviewer: UserId,
        paging: Paging,
    ) -> Result<Page<ReviewView>, StoreError>;

    /// Deletes the votes on `application`; how many.
    async fn delete_reviews(&mut self, application: ApplicationId) -> Result<u64, StoreError>;
}
