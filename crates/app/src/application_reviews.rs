//! Votes on applications, and what they lead to.

use std::{fmt, sync::Arc};

use edgeos_domain::{
    ApplicationId, ApplicationRefusal, ApplicationStatus, PopupId, ReviewCounts, ReviewDecision,
    ReviewId, Trigger, Vote, weighted_score,
};
use edgeos_ports::{
    ApplicationReviews, ApplicationView, Applications, ApprovalStrategies, Environment, NewReview,
    Page, Paging, Reader, Resource, ReviewView, Store, Transaction, Writer,
};

use crate::{
    AppError,
    applications::{ApplicationTx, advance, lock, look_around},
};

/// Votes on applications.
#[derive(Clone)]
pub struct ReviewApplications<S> {
    store: S,
    env: Arc<dyn Environment>,
}

/// Every vote on an application, and their sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewSummary {
    /// How many say what.
    pub counts: ReviewCounts,
    /// What they weigh together; `None` where votes don't weigh.
    pub weighted_score: Option<i64>,
    /// The votes, in the order in which they were first given.
    pub reviews: Vec<ReviewView>,
}

impl<S: Store<Tx: ApplicationTx>> ReviewApplications<S> {
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// Stores the caller's vote on `application`, in place of the one before, and decides about the
    /// application while it is in review.
    ///
    /// # Errors
    ///
    /// `NotFound`; `Refused` for a draft.
    pub async fn vote(
        &self,
        by: &Writer,
        application: ApplicationId,
        decision: ReviewDecision,
        notes: Option<String>,
    ) -> Result<ReviewView, AppError> {
        let env = &*self.env;
        let mut tx = self.store.begin(&by.scope()).await?;
        let (popup, human, application) = lock(&mut tx, application).await?;
        if application.status() == ApplicationStatus::Draft {
            return Err(ApplicationRefusal::Draft.into());
        }
        let review = NewReview {
            id: ReviewId(env.uuid()),
            application: application.id,
            reviewer: by.actor().id,
            decision,
            notes,
            now: env.now(),
        };
        let vote = tx.upsert_review(&review).await?;
        if application.status() == ApplicationStatus::InReview {
            let bystanders = look_around(&mut tx, &popup, &application).await?;
            let trigger = Trigger::Vote;
            advance(&mut tx, env, application, trigger, &popup, &human, &bystanders).await?;
        }
        tx.commit().await?;
        Ok(vote)
    }

    /// One page of the votes on `application`, in the order in which they were first given.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn list(
        &self,
        by: &Reader,
        application: ApplicationId,
        paging: Paging,
    ) -> Result<Page<ReviewView>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let known = tx.application(application).await?;
        known.ok_or(AppError::NotFound(Resource::Application))?;
        Ok(tx.reviews(application, paging).await?)
    }

    /// The votes on `application` in numbers, by the present rules of its popup.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn summary(
        &self,
        by: &Reader,
        application: ApplicationId,
    ) -> Result<ReviewSummary, AppError> {
        let mut tx = self.store.begin_snapshot(&by.scope()).await?;
        let known = tx.application(application).await?;
        let known = known.ok_or(AppError::NotFound(Resource::Application))?;
        let reviews = tx.all_reviews(application).await?;
        let strategy = tx.strategy(known.popup).await?.map(|strategy| strategy.strategy);
        let reviewers = tx.voting_reviewers(known.popup).await?;
        let votes: Vec<Vote> = reviews.iter().map(|view| view.review.vote()).collect();
        Ok(ReviewSummary {
            counts: ReviewCounts::of(votes.iter().map(|vote| vote.decision)),
            weighted_score: weighted_score(strategy.as_ref(), &votes, &reviewers),
            reviews,
        })
    }

    /// One page of the applications that wait for the caller's vote, newest first; of `popup` alone if it is
    /// given.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn pending(
        &self,
        by: &Writer,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<ApplicationView>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.pending_reviews(by.actor().id, popup, paging).await?)
    }

    /// One page of the caller's own votes, newest change first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list_mine(
        &self,
        by: &Writer,
        paging: Paging,
    ) -> Result<Page<ReviewView>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.reviews_of(by.actor().id, paging).await?)
    }
}

impl<S> fmt::Debug for ReviewApplications<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReviewApplications").finish_non_exhaustive()
    }
}
