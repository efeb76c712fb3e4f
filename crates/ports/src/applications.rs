use edgeos_domain::{
    Application, ApplicationId, ApplicationStatus, Human, HumanId, PopupId, UserId,
};

use crate::{AttendeeView, Page, Paging, StoreError, Transaction};

/// An application with the people it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationView {
    /// The application. Without the captured form where it is one of a list.
    pub application: Application,
    /// Who applies.
    pub human: Human,
    /// Whom it brings, in the order in which they were added.
    pub attendees: Vec<AttendeeView>,
}

/// Which applications a list shows; what is `None` doesn't narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationFilter {
    /// Applications to this popup.
    pub popup: Option<PopupId>,
    /// Applications of this human.
    pub human: Option<HumanId>,
    /// Applications in this status.
    pub status: Option<ApplicationStatus>,
    /// Part of the human's first, last or full name or e-mail, in any letter case.
    pub search: Option<String>,
}

/// The applications of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait Applications: Transaction {
    /// The application `id`, to learn whose it is and to which popup; both never change.
    async fn application(&mut self, id: ApplicationId) -> Result<Option<Application>, StoreError>;

    /// The application `id`, locked until the transaction ends and read under the lock.
    async fn lock_application(
        &mut self,
        id: ApplicationId,
    ) -> Result<Option<Application>, StoreError>;

    /// The application `id`, which stays as it is until the transaction ends. Others may hold it like that
    /// too.
    async fn hold_application(
        &mut self,
        id: ApplicationId,
    ) -> Result<Option<Application>, StoreError>;

    /// As [`lock_application`](Self::lock_application), the one of `human` to `popup`.
    async fn lock_application_of(
        &mut self,
        human: HumanId,
        popup: PopupId,
    ) -> Result<Option<Application>, StoreError>;

    /// As [`lock_application`](Self::lock_application), those of `ids` that exist, by id.
    async fn lock_applications(
        &mut self,
        ids: &[ApplicationId],
    ) -> Result<Vec<Application>, StoreError>;

    /// As [`lock_application`](Self::lock_application), those of `humans` to `popup`, by id.
    async fn lock_applications_to(
        &mut self,
        popup: PopupId,
        humans: &[HumanId],
    ) -> Result<Vec<Application>, StoreError>;

    /// The applications of `human` that wait for a decision or the fee, by id, each locked until the
    /// transaction ends.
    async fn lock_open_applications_of(
        &mut self,
        human: HumanId,
    ) -> Result<Vec<Application>, StoreError>;

    /// The next applications to `popup` that are in review, with ids above `after`, by id, `limit` at most.
    async fn applications_in_review(
        &mut self,
        popup: PopupId,
        after: Option<ApplicationId>,
        limit: u64,
    ) -> Result<Vec<(ApplicationId, HumanId)>, StoreError>;

    /// Stores a new application. [`Taken`](StoreError::Taken) when the human has one to this popup.
    async fn insert_application(&mut self, application: &Application) -> Result<(), StoreError>;

    /// Stores `application` anew; its popup, human, credit and time of creation stay.
    async fn update_application(&mut self, application: &Application) -> Result<(), StoreError>;

    /// Whether the application fee of `application` was paid.
    async fn fee_is_paid(&mut self, application: ApplicationId) -> Result<bool, StoreError>;

    /// The application `id` with its people.
    async fn application_view(
        &mut self,
        id: ApplicationId,
    ) -> Result<Option<ApplicationView>, StoreError>;

    /// The application of `human` to `popup` with its people.
    async fn application_view_of(
        &mut self,
        human: HumanId,
        popup: PopupId,
    ) -> Result<Option<ApplicationView>, StoreError>;

    /// One page of the applications that match `filter`, newest first, then by id.
    async fn application_views(
        &mut self,
        filter: &ApplicationFilter,
        paging: Paging,
    ) -> Result<Page<ApplicationView>, StoreError>;

    /// One page of the applications in review that `reviewer` hasn't voted on, newest first, then by id:
    /// of the popups that the user is designated for, or of all popups when there are none; of `popup`
    /// alone if it is given.
    async fn pending_reviews(
        &mut self,
        reviewer: UserId,
        popup: Option<PopupId>,
        paging: Paging,
    ) -> Result<Page<ApplicationView>, StoreError>;
}
