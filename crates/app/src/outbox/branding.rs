use chrono::{DateTime, Datelike, Utc};
use edgeos_domain::{MailTemplate, Tenant};
use edgeos_ports::MailFrame;

use super::SenderRules;

/// Who the mails are from, and where they lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailBranding {
    /// The name of the installation.
    pub project_name: String,
    /// The address of the portal, of which each tenant's is made (see [`Tenant::portal_url`]).
    pub portal_url: String,
    /// The address of the backoffice.
    pub backoffice_url: String,
    /// In whose name mails go out.
    pub sender: SenderRules,
}

impl MailBranding {
    /// What surrounds a mail of `tenant` that is composed at `now`.
    pub(crate) fn frame(
        &self,
        template: MailTemplate,
        tenant: Option<&Tenant>,
        now: DateTime<Utc>,
    ) -> MailFrame {
        let link = match tenant {
            Some(tenant) if template != MailTemplate::LoginCodeUser => {
                tenant.portal_url(&self.portal_url)
            }
            _ => self.backoffice_url.clone(),
        };
        MailFrame {
            name: tenant.map_or(&self.project_name, |tenant| &tenant.name).clone(),
            logo_url: tenant.and_then(|tenant| tenant.logo_url.clone()),
            link,
            project_name: self.project_name.clone(),
            current_year: now.year(),
        }
    }
}
