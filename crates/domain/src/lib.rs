//! Rules of organisations, people, events and applications, as values and pure functions.
//!
//! Nothing here waits, reads a clock, draws a random number or logs: times, identifiers and random bytes
//! come in as arguments.

mod email;
mod host_name;
mod id;
mod patch;
mod slug;
mod tenant;
mod text;
mod url;
mod user;

pub use crate::{
    email::{Email, InvalidEmail, StaffEmail},
    host_name::{HostName, InvalidHostName, RequestedHost},
    id::{
        ApplicationId, AttendeeId, AuditEntryId, CredentialId, FieldConfigId, FieldId, GroupId,
        HumanId, MailId, PaymentId, PopupId, ProductId, ReviewId, ReviewerId, SectionId,
        SnapshotId, StrategyId, TenantId, UserId,
    },
    patch::Patch,
    slug::{InvalidPopupSlug, InvalidTenantSlug, PopupSlug, TenantSlug, slugify},
    tenant::{NewTenant, Tenant, TenantPatch, TenantRefusal},
    text::{InvalidText, optional_text, required_text, verbatim_text},
    url::{HttpUrl, InvalidUrl, Link},
    user::{NewUser, OtherHolders, Role, User, UserChange, UserRefusal},
};
