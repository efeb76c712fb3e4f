use edgeos_domain::{
    ApplicationId, Attendee, AttendeeId, AttendeeTies, CheckInCode, Email, HumanId, PopupId,
    Product,
};

use crate::{StoreError, Transaction};

/// An attendee, and what they hold.
#[derive(Debug, Clone, PartialEq)]
pub struct AttendeeView {
    /// Who it is.
    pub attendee: Attendee,
    /// What was bought for them, by name, then by id.
    pub products: Vec<HeldProduct>,
}

/// A product in an attendee's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldProduct {
    /// The product as it is now, not as it was bought.
    pub product: Product,
    /// How many units the attendee holds, at least one.
    pub quantity: u32,
}

/// An attendee of an application under change.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldAttendee {
    /// Who it is.
    pub attendee: Attendee,
    /// What else refers to the attendee.
    pub ties: AttendeeTies,
}

/// The attendees of the transaction's tenant.
#[trait_variant::make(Send)]
pub trait Attendees: Transaction {
    /// The attendee `id`, to learn to which application it belongs; that never changes.
    async fn attendee(&mut self, id: AttendeeId) -> Result<Option<Attendee>, StoreError>;

    /// As [`attendee`](Self::attendee), the one of `popup` with this check-in code.
    async fn attendee_by_code(
        &mut self,
        popup: PopupId,
        code: &CheckInCode,
    ) -> Result<Option<Attendee>, StoreError>;

    /// The attendee `id`, locked until the transaction ends and read under the lock; for its check-in.
    async fn lock_attendee(&mut self, id: AttendeeId) -> Result<Option<Attendee>, StoreError>;

    /// The attendees of `application`, in the order in which they were added, then by id.
    async fn attendees_of(
        &mut self,
        application: ApplicationId,
    ) -> Result<Vec<Attendee>, StoreError>;

    /// The attendees of `applications`, in the order in which they were added, then by id, all locked until
    /// the transaction ends and read under the lock. Whoever changes them locks the applications first, and
    /// asks for [`humans_with`](Self::humans_with) the addresses to come before that.
    async fn lock_attendees_of(
        &mut self,
        applications: &[ApplicationId],
    ) -> Result<Vec<HeldAttendee>, StoreError>;

    /// Stores a new attendee, unless the tenant has one with this check-in code: then `false`, and nothing
    /// changes. [`Taken`](StoreError::Taken) when the application has its main attendee, its spouse or the
    /// e-mail already.
    async fn insert_attendee(&mut self, attendee: &Attendee) -> Result<bool, StoreError>;

    /// Stores name, e-mail, gender and human of `attendees` anew, all together.
    async fn update_attendees(&mut self, attendees: &[Attendee]) -> Result<(), StoreError>;

    /// Deletes `attendees`; errors when something refers to one of them.
    async fn delete_attendees(&mut self, attendees: &[AttendeeId]) -> Result<(), StoreError>;

    /// Who of the tenant's humans has which of these addresses. Until the transaction ends nobody with one
    /// of them comes to be a human, so that an attendee stored now is found by whoever does afterwards. Addresses
    /// are locked before humans and applications, all in one call.
    async fn humans_with(&mut self, emails: &[Email]) -> Result<Vec<(Email, HumanId)>, StoreError>;

    /// Whether `human` takes part in `popup` as a companion: is an attendee of somebody else's application
    /// that is neither rejected nor withdrawn.
    async fn is_companion(&mut self, human: HumanId, popup: PopupId) -> Result<bool, StoreError>;

    /// The applications by which `human` is a companion in `popup`, as
    /// [`is_companion`](Self::is_companion) says, by id.
    async fn accompanied(
        &mut self,
        human: HumanId,
        popup: PopupId,
    ) -> Result<Vec<ApplicationId>, StoreError>;
}
