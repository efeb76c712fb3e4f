//! Applications: begun and submitted by humans, entered and decided by staff.
//!
//! Each change of a status is a transition of the domain. What it rests on is locked before it is read: popup,
//! group, addresses, human, application, in this order.

mod attendees;
mod companions;
mod create;
mod decide;
mod enter;
mod group;
mod mail;
mod membership;
mod recalculate;
mod refusal;
mod step;
mod update;

use std::{fmt, sync::Arc};

use edgeos_domain::{ApplicationId, PopupId};
use edgeos_ports::{
    ApplicationFilter, ApplicationReviews, ApplicationView, Applications, ApprovalStrategies,
    Attendees, AuditLog, Environment, Forms, GroupMembers, Groups, Humans, IdempotencyKeys, Outbox,
    Page, Paging, Participant, Popups, Reader, Resource, Snapshots, Store,
};

use crate::AppError;

pub use self::{
    create::NewApplication, decide::HandDecision, enter::NewStaffApplication,
    recalculate::Recalculation, step::reject_open_applications, update::ApplicationChange,
};
pub(crate) use self::{
    decide::lock,
    membership::{Entry, bring_in, take_out},
    refusal::brought_meanwhile,
    step::{advance, look_around},
};

/// Everything that a change of an application touches.
pub trait ApplicationTx:
    Applications
    + ApplicationReviews
    + ApprovalStrategies
    + Attendees
    + AuditLog
    + Forms
    + GroupMembers
    + Groups
    + Humans
    + IdempotencyKeys
    + Outbox
    + Popups
    + Snapshots
{
}

impl<T> ApplicationTx for T where
    T: Applications
        + ApplicationReviews
        + ApprovalStrategies
        + Attendees
        + AuditLog
        + Forms
        + GroupMembers
        + Groups
        + Humans
        + IdempotencyKeys
        + Outbox
        + Popups
        + Snapshots
{
}

/// Applications, as humans and staff work with them.
#[derive(Clone)]
pub struct ManageApplications<S> {
    store: S,
    env: Arc<dyn Environment>,
}

impl<S: Store<Tx: ApplicationTx>> ManageApplications<S> {
    /// The use cases over `store`.
    pub fn new(store: S, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// One page of the tenant's applications that match `filter`, newest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list(
        &self,
        by: &Reader,
        filter: &ApplicationFilter,
        paging: Paging,
    ) -> Result<Page<ApplicationView>, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        Ok(tx.application_views(filter, paging).await?)
    }

    /// The application `id`.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get(&self, by: &Reader, id: ApplicationId) -> Result<ApplicationView, AppError> {
        let mut tx = self.store.begin(&by.scope()).await?;
        let view = tx.application_view(id).await?;
        view.ok_or(AppError::NotFound(Resource::Application))
    }

    /// One page of the human's own applications, newest first.
    ///
    /// # Errors
    ///
    /// `Store`.
    pub async fn list_mine(
        &self,
        by: &Participant,
        paging: Paging,
    ) -> Result<Page<ApplicationView>, AppError> {
        let filter = ApplicationFilter { human: Some(by.human()), ..ApplicationFilter::default() };
        let mut tx = self.store.begin(&by.reading()).await?;
        Ok(tx.application_views(&filter, paging).await?.map(veiled))
    }

    /// The human's own application to `popup`.
    ///
    /// # Errors
    ///
    /// `NotFound`.
    pub async fn get_mine(
        &self,
        by: &Participant,
        popup: PopupId,
    ) -> Result<ApplicationView, AppError> {
        let mut tx = self.store.begin(&by.reading()).await?;
        let view = tx.application_view_of(by.human(), popup).await?.map(veiled);
        view.ok_or(AppError::NotFound(Resource::Application))
    }
}

impl<S> fmt::Debug for ManageApplications<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManageApplications").finish_non_exhaustive()
    }
}

/// The application as an answer shows it, after this transaction's changes.
async fn seen(tx: &mut impl Applications, id: ApplicationId) -> Result<ApplicationView, AppError> {
    let view = tx.application_view(id).await?;
    view.ok_or(AppError::NotFound(Resource::Application))
}

/// `view` without what only staff know.
fn veiled(mut view: ApplicationView) -> ApplicationView {
    view.human.red_flag = false;
    view
}
