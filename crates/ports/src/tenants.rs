use edgeos_domain::{CredentialId, HumanId, Tenant, TenantId};

use crate::{Page, Paging, StoreError, Transaction};

/// Which tenants a list shows; what is `None` doesn't narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantFilter {
    /// Part of the name, in any letter case.
    pub search: Option<String>,
    /// Deleted tenants, or live ones.
    pub deleted: Option<bool>,
}

/// Tenants, and which of them something belongs to.
#[trait_variant::make(Send)]
pub trait Tenants: Transaction {
    /// The tenant `id`, deleted or not.
    async fn tenant(&mut self, id: TenantId) -> Result<Option<Tenant>, StoreError>;

    /// As [`tenant`](Self::tenant), locked until the transaction ends.
    async fn lock_tenant(&mut self, id: TenantId) -> Result<Option<Tenant>, StoreError>;

    /// One page of the tenants that match `filter`: live ones first, then by name in any letter case.
    async fn tenants(
        &mut self,
        filter: &TenantFilter,
        paging: Paging,
    ) -> Result<Page<Tenant>, StoreError>;

    /// Every tenant, deleted ones too, by id.
    async fn every_tenant(&mut self) -> Result<Vec<TenantId>, StoreError>;

    /// The live tenant with this slug.
    async fn tenant_of_slug(&mut self, slug: &str) -> Result<Option<Tenant>, StoreError>;

    /// The live tenant whose active custom domain is `host` (in normal form).
    async fn tenant_of_active_domain(&mut self, host: &str) -> Result<Option<Tenant>, StoreError>;

    /// The active custom domains of live tenants.
    async fn active_domains(&mut self) -> Result<Vec<String>, StoreError>;

    /// The tenant that knows the human `id`.
    async fn tenant_of_human(&mut self, id: HumanId) -> Result<Option<TenantId>, StoreError>;

    /// The live tenant that has groups with this slug; `None` when none has, or several have.
    async fn tenant_of_group_slug(&mut self, slug: &str) -> Result<Option<TenantId>, StoreError>;

    /// Stores a new tenant and the host labels that lead to it. [`Taken`](StoreError::Taken) when another
    /// tenant has its slug, its domain or a label.
    async fn insert_tenant(&mut self, tenant: &Tenant, labels: &[String])
    -> Result<(), StoreError>;

    /// Stores `tenant` anew with the host labels that lead to it; errors as for
    /// [`insert_tenant`](Self::insert_tenant).
    async fn update_tenant(&mut self, tenant: &Tenant, labels: &[String])
    -> Result<(), StoreError>;
}

/// What a direct login to the database may do in its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CredentialType {
    /// Read and change rows.
    Crud,
    /// Read rows.
    Readonly,
}

impl CredentialType {
    /// Both kinds, in the order of lists.
    pub const ALL: [Self; 2] = [Self::Crud, Self::Readonly];

    /// The kind as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crud => "crud",
            Self::Readonly => "readonly",
        }
    }

    /// The kind that is stored as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A direct login of a tenant to the database. The password is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Identifies the row.
    pub id: CredentialId,
    /// Whose rows the login sees.
    pub tenant: TenantId,
    /// What it may do.
    pub credential_type: CredentialType,
    /// The database role: `usr_` and 16 hex digits.
    pub db_username: String,
    /// Its password, sealed for `tenant_credentials.db_password_encrypted:<id>`.
    pub sealed_password: String,
}

/// Direct logins of tenants to the database.
#[trait_variant::make(Send)]
pub trait Credentials: Transaction {
    /// The logins of `tenant`, `crud` first.
    async fn credentials(&mut self, tenant: TenantId) -> Result<Vec<Credential>, StoreError>;

    /// Stores `credential`, replacing the one of its kind, and makes the database role with `password`,
    /// of which the database gets no more than a verifier with this random `salt`. `false` when the
    /// server may not make roles here; then nothing is stored.
    async fn issue_credential(
        &mut self,
        credential: &Credential,
        password: &str,
        salt: &[u8],
    ) -> Result<bool, StoreError>;

    /// Drops the logins of `tenant`, ending their sessions; how many there were.
    async fn drop_credentials(&mut self, tenant: TenantId) -> Result<u64, StoreError>;
}
