use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::Value;

use super::samples::Samples;
use crate::sign_in::token;

/// In whose name is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    Superadmin,
    Admin,
    Viewer,
    Human,
    Nobody,
}

impl Role {
    /// Those who can do away with others come after them.
    pub(crate) const ALL: [Self; 5] =
        [Self::Nobody, Self::Human, Self::Viewer, Self::Admin, Self::Superadmin];

    /// Operations by which this caller would lock itself out.
    pub(crate) fn spared(self) -> &'static [&'static str] {
        match self {
            Self::Superadmin => &[
                "auth-revoke_token",
                "tenants-delete_tenant",
                "users-delete_user",
                "users-update_user",
            ],
            _ => &["auth-revoke_token"],
        }
    }
}

/// Somebody with a token.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) role: Role,
    pub(crate) token: Option<String>,
}

/// Signs in at a server of development, whose mails can be read.
pub(crate) struct Callers {
    client: reqwest::Client,
    base: String,
    superadmin: String,
}

impl Callers {
    pub(crate) fn at(base: &str, superadmin: &str) -> Self {
        Self {
            client: reqwest::Client::new(),
            base: base.to_owned(),
            superadmin: superadmin.to_owned(),
        }
    }

    pub(crate) async fn sign_in(&self, role: Role, samples: &Samples) -> Result<Caller> {
        let token = match role {
            Role::Superadmin => Some(self.superadmin().await?),
            Role::Admin => Some(token(&self.base, "admin@demo.example.com", None).await?),
            Role::Viewer => Some(token(&self.base, "viewer@demo.example.com", None).await?),
            Role::Human => Some(token(&self.base, &samples.human, Some(&samples.tenant)).await?),
            Role::Nobody => None,
        };
        Ok(Caller { role, token })
    }

    pub(crate) async fn superadmin(&self) -> Result<String> {
        token(&self.base, &self.superadmin, None).await
    }

    /// What asking for oneself answers.
    pub(crate) async fn status(&self, caller: &Caller) -> Result<u16> {
        let path = if caller.role == Role::Human { "humans/me" } else { "users/me" };
        let request = self.client.get(format!("{}/api/v1/{path}", self.base));
        let token = caller.token.as_deref().unwrap_or_default();
        Ok(request.bearer_auth(token).send().await?.status().as_u16())
    }

    /// The answer to a question of a superadmin about one tenant.
    pub(crate) async fn read(
        &self,
        path: &str,
        token: &str,
        tenant: Option<&str>,
    ) -> Result<Value> {
        let mut request =
            self.client.get(format!("{}/api/v1/{path}", self.base)).bearer_auth(token);
        if let Some(tenant) = tenant {
            request = request.header("X-Tenant-Id", tenant);
        }
        let answer = request.send().await?.error_for_status().with_context(|| path.to_owned())?;
        Ok(answer.json().await?)
    }
}
