use std::fmt;

use edgeos_domain::{TenantId, UserId};

use crate::TenantScope;

/// Opens transactions, each within one tenant.
#[trait_variant::make(Send)]
pub trait Store: Clone + Sync + 'static {
    /// A transaction; the repositories of tenant-scoped resources are traits on it.
    type Tx: Transaction;

    /// Begins a transaction that sees the rows of `scope` and no others.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when no connection is to be had in time.
    async fn begin(&self, scope: &TenantScope) -> Result<Self::Tx, StoreError>;

    /// As [`begin`](Self::begin), for reading alone; every statement sees what was there at the first one.
    /// For what is read in several steps.
    ///
    /// # Errors
    ///
    /// As for [`begin`](Self::begin).
    async fn begin_snapshot(&self, scope: &TenantScope) -> Result<Self::Tx, StoreError>;
}

/// Opens transactions on what belongs to the whole installation: tenants, users, sign-in of users,
/// revoked tokens. They see no tenant's rows, but for those of the tenant named.
#[trait_variant::make(Send)]
pub trait PlatformStore: Clone + Sync + 'static {
    /// A transaction; the repositories of global resources are traits on it.
    type PlatformTx: Transaction;

    /// Begins a transaction on the global tables, and on the rows of `tenant` when one is named.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when no connection is to be had in time.
    async fn begin_platform(
        &self,
        tenant: Option<TenantId>,
    ) -> Result<Self::PlatformTx, StoreError>;
}

/// Makes one transaction of what use cases do in several.
#[trait_variant::make(Send)]
pub trait OneTransaction: Store + PlatformStore {
    /// A store like this one, whose transactions are parts of a single one. There is one part at a time; what it
    /// commits is seen by those after it, and what it drops didn't happen.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when no connection is to be had in time.
    async fn in_one_transaction(&self) -> Result<Self, StoreError>;

    /// Makes everything last that parts have committed. A store that is dropped without this leaves nothing behind.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database refuses; then nothing has changed.
    async fn finish(self) -> Result<(), StoreError>;
}

/// Changes that happen together. Dropped without [`commit`](Self::commit), none of them happened.
#[trait_variant::make(Send)]
pub trait Transaction: Sized {
    /// Makes the changes last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database refuses; then nothing has changed.
    async fn commit(self) -> Result<(), StoreError>;

    /// Tells every server, once and if this commits, that something they may have cached has changed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    async fn announce(&mut self, change: Change) -> Result<(), StoreError>;
}

/// News that every server gets within a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The role, tenant, e-mail or deletion of a user.
    User(UserId),
    /// Anything about a tenant.
    Tenant(TenantId),
    /// A token that no longer counts.
    TokenRevoked,
    /// There is mail to send.
    Mail,
}

/// What an announcement tells: of what something changed, not which. Whoever has a login to the database
/// can listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// A user.
    User,
    /// A tenant.
    Tenant,
    /// The list of revoked tokens.
    Token,
    /// There is mail to send.
    Mail,
}

impl Change {
    /// What it is a change of.
    #[must_use]
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::User(_) => ChangeKind::User,
            Self::Tenant(_) => ChangeKind::Tenant,
            Self::TokenRevoked => ChangeKind::Token,
            Self::Mail => ChangeKind::Mail,
        }
    }
}

/// The error of an adapter, kept for the log.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why the store refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another row has this value already.
    #[error("{0} is taken")]
    Taken(Key),
    /// A row that this one refers to doesn't exist.
    #[error("{0} not found")]
    Missing(Resource),
    /// A value is outside of what the named check admits.
    #[error("a value is not allowed: {0}")]
    OutOfBounds(String),
    /// Something else holds the rows for too long; trying again will help.
    #[error("the database is busy")]
    Busy(#[source] Source),
    /// The database can't be reached; trying again may help.
    #[error("the database is unavailable")]
    Unavailable(#[source] Source),
    /// Anything else; trying again won't help.
    #[error("the database failed")]
    Failed(#[source] Source),
}

/// A uniqueness rule that the database enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The slug of a tenant, or a host label that leads to one.
    TenantSlug,
    /// The custom domain of a tenant.
    CustomDomain,
    /// The e-mail of a user, over the installation.
    UserEmail,
    /// The e-mail of a human, within the tenant.
    HumanEmail,
    /// The slug of a popup, within the tenant.
    PopupSlug,
    /// A popup's one approval strategy.
    Strategy,
    /// A reviewer of a popup.
    Reviewer,
    /// The slug of a product, within the popup.
    ProductSlug,
    /// The code of a coupon, within the popup.
    CouponCode,
    /// The slug of a group, within the popup.
    GroupSlug,
    /// A human's one ambassador group in a popup.
    AmbassadorGroup,
    /// A human's one application to a popup.
    Application,
    /// An application's one main attendee.
    MainAttendee,
    /// An application's one spouse.
    Spouse,
    /// The e-mail of an attendee, within the application.
    AttendeeEmail,
    /// A check-in code, within the tenant.
    CheckInCode,
    /// The one database login of a kind that a tenant has.
    Credential,
    /// A popup's one template for a mail.
    EmailTemplate,
    /// The provider's name for a payment, within the tenant.
    ExternalPayment,
    /// An application's one pending fee.
    PendingFee,
    /// An idempotency key of a caller.
    IdempotencyKey,
    /// Any other key.
    Other,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GroupSlug | Self::PopupSlug | Self::ProductSlug | Self::TenantSlug => "the slug",
            Self::CustomDomain => "the custom domain",
            Self::UserEmail | Self::HumanEmail | Self::AttendeeEmail => "the e-mail address",
            Self::Strategy => "the popup's approval strategy",
            Self::Reviewer => "the reviewer's place",
            Self::CouponCode => "the code",
            Self::AmbassadorGroup => "the person's place",
            Self::Application => "the application",
            Self::MainAttendee => "the main attendee",
            Self::Spouse => "the spouse's place",
            Self::CheckInCode => "the check-in code",
            Self::Credential => "the database login",
            Self::EmailTemplate => "the popup's template",
            Self::ExternalPayment => "the external id",
            Self::PendingFee => "the application's pending fee",
            Self::IdempotencyKey => "the idempotency key",
            Self::Other => "the value",
        })
    }
}

/// A kind of thing that can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// An organisation.
    Tenant,
    /// The database logins of a tenant.
    Credentials,
    /// A backoffice user.
    User,
    /// A human.
    Human,
    /// A popup.
    Popup,
    /// The approval strategy of a popup.
    Strategy,
    /// A reviewer of a popup.
    Reviewer,
    /// Something that a popup sells.
    Product,
    /// A coupon.
    Coupon,
    /// An application.
    Application,
    /// An attendee.
    Attendee,
    /// An attendee's check-in.
    CheckIn,
    /// A group.
    Group,
    /// A member of a group.
    GroupMember,
    /// A payment.
    Payment,
    /// The invoice for a payment.
    Invoice,
    /// A form section.
    FormSection,
    /// A template for a mail.
    EmailTemplate,
    /// A mail.
    Mail,
    /// A question of a form.
    FormField,
    /// The configuration of a built-in question.
    FieldConfig,
    /// Anything else.
    Other,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tenant => "Tenant",
            Self::Credentials => "Database credentials",
            Self::User => "User",
            Self::Human => "Human",
            Self::Popup => "Popup",
            Self::Strategy => "Approval strategy",
            Self::Reviewer => "Reviewer",
            Self::Product => "Product",
            Self::Coupon => "Coupon",
            Self::Application => "Application",
            Self::Attendee => "Attendee",
            Self::CheckIn => "Check-in",
            Self::Group => "Group",
            Self::GroupMember => "Member",
            Self::Payment => "Payment",
            Self::Invoice => "Invoice",
            Self::FormSection => "Form section",
            Self::EmailTemplate => "Email template",
            Self::Mail => "Email",
            Self::FormField => "Form field",
            Self::FieldConfig => "Base field configuration",
            Self::Other => "Resource",
        })
    }
}

/// What became of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It is gone.
    Done,
    /// There was nothing to delete.
    Missing,
    /// Something has to stay that needs it; nothing has changed.
    InUse,
}

/// A stretch of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// Entries to leave out first.
    pub skip: u64,
    /// Entries to return at most, 1 to 1000.
    pub limit: u64,
}

/// The entries of a stretch, and how many the whole list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries, in the order of the list.
    pub items: Vec<T>,
    /// How many entries the list has without paging.
    pub total: u64,
}

impl<T> Page<T> {
    /// The stretch that `paging` names of `list`, which is whole.
    #[must_use]
    pub fn of(list: Vec<T>, paging: Paging) -> Self {
        let total = list.len() as u64;
        let stretch = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let items = list.into_iter().skip(stretch(paging.skip)).take(stretch(paging.limit));
        Self { items: items.collect(), total }
    }

    /// The same page with each entry put through `convert`.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(convert).collect(), total: self.total }
    }

    /// The same page with each entry put through `convert`.
    ///
    /// # Errors
    ///
    /// The first error of `convert`.
    pub fn try_map<U, E>(self, convert: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let items = self.items.into_iter().map(convert).collect::<Result<_, _>>()?;
        Ok(Page { items, total: self.total })
    }
}
