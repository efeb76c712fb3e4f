use std::fmt;

use uuid::Uuid;

/// Declares identifiers that can't be mistaken for one another.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A tenant: one organisation and everything that row-level security keeps to it.
    TenantId;
    /// A backoffice user.
    UserId;
    /// A person known to one tenant.
    HumanId;
    /// A popup: one event.
    PopupId;
    /// One human's request to take part in one popup.
    ApplicationId;
    /// A person whom an application brings.
    AttendeeId;
    /// One user's vote on one application.
    ReviewId;
    /// The designation of a user as reviewer of a popup.
    ReviewerId;
    /// The approval strategy of a popup.
    StrategyId;
    /// What an application looked like at one event.
    SnapshotId;
    /// A group of a popup.
    GroupId;
    /// An address on the list of a group.
    ListedEmailId;
    /// A section of an application form.
    SectionId;
    /// A custom question of an application form.
    FieldId;
    /// The configuration of a built-in question in one popup.
    FieldConfigId;
    /// A tenant's direct login to the database.
    CredentialId;
    /// An organiser's words for a mail.
    EmailTemplateId;
    /// A mail in the outbox.
    MailId;
    /// An entry of the audit log.
    AuditEntryId;
    /// An attendee's check-in.
    CheckInId;
    /// Something that a popup sells.
    ProductId;
    /// A payment.
    PaymentId;
    /// An unfinished purchase.
    CartId;
    /// A code that takes a percentage off the orders of a popup.
    CouponId;
}
