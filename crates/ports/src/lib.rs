//! What the use cases need from the world.

mod actor;
mod application_reviews;
mod applications;
mod approval_strategies;
mod attendee_views;
mod attendees;
mod audit;
mod base_field_configs;
mod belongings;
mod carts;
mod check_ins;
mod coupons;
mod crowds;
mod dashboard;
mod directory;
mod email_templates;
mod emails;
mod environment;
mod form_fields;
mod form_sections;
mod forms;
mod group_leaders;
mod group_members;
mod group_products;
mod groups;
mod humans;
mod idempotency;
mod invoices;
mod limits;
mod login_codes;
mod mail;
mod mail_words;
mod participations;
mod payment_provider;
mod payments;
mod popup_reviewers;
mod popups;
mod products;
mod request_id;
mod revoked_tokens;
mod savepoints;
mod snapshots;
mod storage;
mod store;
mod tenants;
mod upload_mentions;
mod users;

pub use crate::{
    actor::{
        Class, Forbidden, Govern, Governor, Participant, PlatformStaff, Read, Reader, Staff,
        TenantScope, UserActor, Write, Writer,
    },
    application_reviews::{ApplicationReviews, NewReview, ReviewView},
    applications::{ApplicationFilter, ApplicationView, Applications},
    approval_strategies::ApprovalStrategies,
    attendee_views::{AttendeeFilter, AttendeeViews, CodeHolder, Ticket},
    attendees::{AttendeeView, Attendees, HeldAttendee, HeldProduct},
    audit::{AuditEntries, AuditEntry, AuditFilter, AuditLog, NewAuditEntry},
    base_field_configs::BaseFieldConfigs,
    belongings::Belongings,
    carts::{CartHuman, CartPayment, CartPopup, CartView, Carts},
    check_ins::{CheckInEntry, CheckInFilter, CheckIns},
    coupons::{CouponFilter, Coupons},
    crowds::Crowds,
    dashboard::{ApplicationStats, AttendeeStats, Dashboard, PaymentStats, PopupStats},
    directory::{Directories, DirectoryFilter, DirectoryPlace},
    email_templates::EmailTemplates,
    emails::{MailFilter, MailRecord, MailRecords, MailState},
    environment::Environment,
    form_fields::FormFields,
    form_sections::FormSections,
    forms::Forms,
    group_leaders::GroupLeaders,
    group_members::{GroupMemberView, GroupMembers, Membership},
    group_products::GroupProducts,
    groups::{GroupDoor, GroupFilter, GroupView, Groups},
    humans::{HumanFilter, Humans},
    idempotency::{IdempotencyKeys, IdempotentRequest, KeyClaim, StoredAnswer},
    invoices::{InvoicePrinter, Picture, PictureFormat, Pictures},
    limits::{LimitReached, Limits},
    login_codes::{CodeTry, HumanLoginCodes, PendingHuman, StoredLoginCode, UserLoginCodes},
    mail::{
        MAIL_LEASE, MailLease, MailOutcome, MailTransport, Mailbox, NewMail, NewUserMail, OldMail,
        Outbox, PlatformOutbox, QueuedMail, SEND_TIMEOUT, SendError, Sender,
    },
    mail_words::{
        Attachment, ComposeError, ComposedMail, Composition, CustomTemplate, Draft,
        InvalidTemplate, MailAttachments, MailComposer, MailFrame, RenderError, Rendered,
        TemplateWords, WordsToCheck,
    },
    participations::{Participation, Participations},
    payment_provider::{
        CreatedRequest, InstallmentEvent, NewPaymentRequest, PaymentEvent, PaymentProvider,
        PaymentReference, PaymentSubject, ProviderAccount, ProviderError, ProviderEvent,
        ReferencedProduct, RequestState, RequestStatus,
    },
    payments::{
        PaidInstallment, PaymentFilter, PaymentLine, PaymentLineView, PaymentTenants, PaymentView,
        Payments, StalePayment,
    },
    popup_reviewers::{PopupReviewerView, PopupReviewers},
    popups::Popups,
    products::{ProductFilter, ProductSort, ProductSortKey, Products},
    request_id::RequestId,
    revoked_tokens::{RevokedToken, RevokedTokens},
    savepoints::Savepoints,
    snapshots::Snapshots,
    storage::{FileStorage, StorageError, StoredFile, StoredPage},
    store::{
        Change, ChangeKind, Deletion, Key, OneTransaction, Page, Paging, PlatformStore, Resource,
        Source, Store, StoreError, Transaction,
    },
    tenants::{Credential, CredentialType, Credentials, TenantFilter, Tenants},
    upload_mentions::UploadMentions,
    users::{UserFilter, Users},
};
