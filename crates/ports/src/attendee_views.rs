use edgeos_domain::{
    ApplicationId, ApplicationStatus, Attendee, AttendeeId, CheckInCode, HumanId, PopupId,
};

use crate::{AttendeeView, HeldProduct, Page, Paging, StoreError, Transaction};

/// Which attendees a list shows; what is `None` doesn't narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttendeeFilter {
    /// Attendees whom this application brings.
    pub application: Option<ApplicationId>,
    /// Attendees of this popup.
    pub popup: Option<PopupId>,
    /// The attendees with this e-mail, in any letter case.
    pub email: Option<String>,
    /// Part of the name or the e-mail, in any letter case.
    pub search: Option<String>,
}

/// Whom a check-in code stands for, and where they take part.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeHolder {
    /// Who it is.
    pub view: AttendeeView,
    /// What the popup is called.
    pub popup_name: String,
    /// How far the application is.
    pub application_status: ApplicationStatus,
}

/// What lets an attendee into a popup.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Whose it is.
    pub attendee: Attendee,
    /// What the popup is called.
    pub popup_name: String,
    /// What stands for the popup in addresses.
    pub popup_slug: String,
    /// What was bought for the attendee, by name, then by id.
    pub products: Vec<HeldProduct>,
}

/// Reads the attendees of the transaction's tenant with what they hold.
#[trait_variant::make(Send)]
pub trait AttendeeViews: Transaction {
    /// The attendee `id`.
    async fn attendee_view(&mut self, id: AttendeeId) -> Result<Option<AttendeeView>, StoreError>;

    /// One page of the attendees that match `filter`, newest first, then by id.
    async fn attendee_views(
        &mut self,
        filter: &AttendeeFilter,
        paging: Paging,
    ) -> Result<Page<AttendeeView>, StoreError>;

    /// Whom `code` stands for, in any popup.
    async fn code_holder(&mut self, code: &CheckInCode) -> Result<Option<CodeHolder>, StoreError>;

    /// The tickets of everybody with this e-mail (in any letter case) who holds a product, newest first,
    /// then by id.
    async fn tickets_by_email(&mut self, email: &str) -> Result<Vec<Ticket>, StoreError>;

    /// The tickets of every attendee who is `human`, with products or without, newest first, then by id.
    async fn tickets_of(&mut self, human: HumanId) -> Result<Vec<Ticket>, StoreError>;
}
