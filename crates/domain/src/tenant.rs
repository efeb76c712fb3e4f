use crate::{HostName, HttpUrl, InvalidTenantSlug, Patch, Role, TenantId, TenantSlug};

/// An organisation with its own people, events and portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Identifies the tenant over the installation.
    pub id: TenantId,
    /// What people read.
    pub name: String,
    /// Leads to the portal; one tenant per slug, deleted ones included.
    pub slug: TenantSlug,
    /// Whether the tenant is out, which can be undone.
    pub deleted: bool,
    /// The From address of its mails, if it has its own.
    pub sender_email: Option<String>,
    /// The From name of its mails, if it has its own.
    pub sender_name: Option<String>,
    /// The portal's background.
    pub image_url: Option<String>,
    /// The portal's small icon.
    pub icon_url: Option<String>,
    /// The organisation's logo.
    pub logo_url: Option<String>,
    /// A host of its own that leads to the portal once it is active.
    pub custom_domain: Option<HostName>,
    /// Whether the custom domain leads to the portal. Never without one.
    pub custom_domain_active: bool,
    /// Whether the tenant was made as a demonstration.
    pub is_demo: bool,
}

/// An organisation to be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// What people will read; the slug is made of it.
    pub name: String,
    /// The From address of its mails.
    pub sender_email: Option<String>,
    /// The From name of its mails; the name of the organisation if there is none.
    pub sender_name: Option<String>,
    /// The portal's background.
    pub image_url: Option<HttpUrl>,
    /// The portal's small icon.
    pub icon_url: Option<HttpUrl>,
    /// The organisation's logo.
    pub logo_url: Option<HttpUrl>,
}

/// What a request changes about a tenant; `None` and `Keep` change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TenantChange {
    /// Another name. The slug follows, unless it is the same one.
    pub name: Option<String>,
    /// Another slug. Counts unless the name changes.
    pub slug: Option<String>,
    /// The From address of its mails.
    pub sender_email: Patch<String>,
    /// The From name of its mails.
    pub sender_name: Patch<String>,
    /// The portal's background.
    pub image_url: Patch<HttpUrl>,
    /// The portal's small icon.
    pub icon_url: Patch<HttpUrl>,
    /// The organisation's logo.
    pub logo_url: Patch<HttpUrl>,
    /// A host of its own; without one it can't be active.
    pub custom_domain: Patch<HostName>,
    /// Switches the custom domain, which only superadmins do.
    pub custom_domain_active: Option<bool>,
}

/// Why a tenant isn't changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TenantRefusal {
    /// Deleted tenants are shown, but not changed: as if there were none.
    #[error("tenant not found")]
    Deleted,
    /// No slug can be made of the new name.
    #[error("{0}")]
    Name(#[source] InvalidTenantSlug),
    /// The new slug can't be one.
    #[error("{0}")]
    Slug(#[source] InvalidTenantSlug),
    /// The new domain is a host of the platform itself.
    #[error("this host belongs to the platform")]
    PlatformHost,
    /// Only superadmins switch a custom domain, on or off.
    #[error("only superadmins may switch a custom domain")]
    Activation,
    /// Only superadmins change a custom domain that is active.
    #[error("an active custom domain can only be changed by a superadmin")]
    ActiveDomain,
    /// There is nothing to switch on.
    #[error("there is no custom domain to activate")]
    NoDomain,
}

impl NewTenant {
    /// The tenant that is made of this.
    ///
    /// # Errors
    ///
    /// [`InvalidTenantSlug`] when no slug can be made of the name.
    pub fn into_tenant(self, id: TenantId) -> Result<Tenant, InvalidTenantSlug> {
        let sender_name = self.sender_name.filter(|name| !name.trim().is_empty());
        Ok(Tenant {
            id,
            slug: TenantSlug::from_name(&self.name)?,
            deleted: false,
            sender_email: self.sender_email,
            sender_name: sender_name.or_else(|| Some(self.name.clone())),
            name: self.name,
            image_url: self.image_url.map(String::from),
            icon_url: self.icon_url.map(String::from),
            logo_url: self.logo_url.map(String::from),
            custom_domain: None,
            custom_domain_active: false,
            is_demo: false,
        })
    }
}

impl Tenant {
    /// This tenant after `patch`, which somebody with the role `by` asks for. `platform_hosts` are the hosts
    /// of portal, backoffice and API.
    ///
    /// # Errors
    ///
    /// The first [`TenantRefusal`] that applies, in the order of its variants.
    pub fn patched(
        &self,
        patch: TenantChange,
        by: Role,
        platform_hosts: &[HostName],
    ) -> Result<Self, TenantRefusal> {
        if self.deleted {
            return Err(TenantRefusal::Deleted);
        }
        let slug = self.slug_after(&patch)?;
        let custom_domain = patch.custom_domain.over(self.custom_domain.clone());
        let moves = custom_domain != self.custom_domain;
        if moves && custom_domain.as_ref().is_some_and(|host| platform_hosts.contains(host)) {
            return Err(TenantRefusal::PlatformHost);
        }
        if by != Role::Superadmin && patch.custom_domain_active.is_some() {
            return Err(TenantRefusal::Activation);
        }
        if by != Role::Superadmin && moves && self.custom_domain_active {
            return Err(TenantRefusal::ActiveDomain);
        }
        let custom_domain_active = match (&custom_domain, patch.custom_domain_active) {
            (None, Some(true)) => return Err(TenantRefusal::NoDomain),
            (None, _) => false,
            (Some(_), sent) => sent.unwrap_or(self.custom_domain_active),
        };
        Ok(Self {
            id: self.id,
            name: patch.name.unwrap_or_else(|| self.name.clone()),
            slug,
            deleted: false,
            sender_email: patch.sender_email.over(self.sender_email.clone()),
            sender_name: patch.sender_name.over(self.sender_name.clone()),
            image_url: patch.image_url.map(String::from).over(self.image_url.clone()),
            icon_url: patch.icon_url.map(String::from).over(self.icon_url.clone()),
            logo_url: patch.logo_url.map(String::from).over(self.logo_url.clone()),
            custom_domain,
            custom_domain_active,
            is_demo: self.is_demo,
        })
    }

    /// This tenant deleted: its domain is free for others, its slug isn't, so that old links never lead to
    /// another organisation.
    #[must_use]
    pub fn into_deleted(self) -> Self {
        Self { deleted: true, custom_domain: None, custom_domain_active: false, ..self }
    }

    /// This tenant back from deletion.
    #[must_use]
    pub fn restored(self) -> Self {
        Self { deleted: false, ..self }
    }

    /// The host under which the tenant is reached, if it is one of its own.
    #[must_use]
    pub fn active_domain(&self) -> Option<&HostName> {
        self.custom_domain.as_ref().filter(|_| self.custom_domain_active)
    }

    /// Where people find the tenant's portal, without a final slash. `portal_base` is the address of the
    /// portal, like `https://portal.example.com`.
    #[must_use]
    pub fn portal_url(&self, portal_base: &str) -> String {
        if let Some(domain) = self.active_domain() {
            return format!("https://{domain}");
        }
        let base = portal_base.trim_end_matches('/');
        let (scheme, host) = base.split_once("://").unwrap_or(("https", base));
        format!("{scheme}://{}.{host}", self.slug)
    }

    /// Every first host label that leads to this tenant, or will: its slug, and that of a custom domain which
    /// is one label or lies under `portal_host`. No two tenants may share one.
    #[must_use]
    pub fn host_labels(&self, portal_host: &HostName) -> Vec<String> {
        let mut labels = vec![self.slug.as_str().to_owned()];
        let of_domain = self.custom_domain.as_ref().and_then(|host| host.portal_label(portal_host));
        if let Some(label) = of_domain.filter(|label| *label != self.slug.as_str()) {
            labels.push(label.to_owned());
        }
        labels
    }

    fn slug_after(&self, patch: &TenantChange) -> Result<TenantSlug, TenantRefusal> {
        if let Some(name) = patch.name.as_ref().filter(|name| **name != self.name) {
            return TenantSlug::from_name(name).map_err(TenantRefusal::Name);
        }
        match &patch.slug {
            Some(slug) if slug != self.slug.as_str() => {
                TenantSlug::parse(slug).map_err(TenantRefusal::Slug)
            }
            _ => Ok(self.slug.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
