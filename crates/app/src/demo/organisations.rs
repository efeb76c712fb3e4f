use edgeos_domain::{HostName, HttpUrl, NewTenant, Role, Tenant, TenantId, TenantSlug};

use super::{DemoStore, harbour, people::VILLAGERS, scale, stage::Stage, stories};
use crate::AppError;

/// An organisation of the catalogue.
pub(super) struct Organisation<'a> {
    pub(super) slug: &'a str,
    pub(super) name: &'a str,
    /// Whether it has pictures, a sender and a domain of its own.
    pub(super) dressed: bool,
    /// Days from today.
    pub(super) founded: i64,
    pub(super) deleted: bool,
    pub(super) staff: &'a [Staff<'a>],
    pub(super) story: Plot,
}

/// Somebody with an account in the backoffice.
pub(super) struct Staff<'a> {
    pub(super) word: &'static str,
    pub(super) email: &'a str,
    pub(super) name: &'static str,
    pub(super) role: Role,
    pub(super) deleted: bool,
}

/// What happens in an organisation.
pub(super) enum Plot {
    Village,
    Harbour,
    /// So many people.
    Crowd(u64),
    Nothing,
}

/// The organisations, the one with everything in it first.
pub(super) static ORGANISATIONS: [Organisation<'static>; 3] = [
    Organisation {
        slug: "demo",
        name: "Demo Village",
        dressed: true,
        founded: -540,
        deleted: false,
        staff: &[
            Staff { word: "dana", ..admin("admin@demo.example.com", "Dana Okafor") },
            Staff { word: "lin", ..admin("lin@demo.example.com", "Lin Bergström") },
            Staff { word: "robin", ..admin("reviewer@demo.example.com", "Robin Reyes") },
            Staff {
                word: "vic",
                role: Role::Viewer,
                ..admin("viewer@demo.example.com", "Vic Moreau")
            },
            Staff { word: "fay", deleted: true, ..admin("former@demo.example.com", "Fay Hollis") },
        ],
        story: Plot::Village,
    },
    Organisation {
        slug: "harbour",
        name: "Harbour Commons",
        dressed: false,
        founded: -120,
        deleted: false,
        staff: &[Staff { word: "sol", ..admin("admin@harbour.example.com", "Sol Maran") }],
        story: Plot::Harbour,
    },
    Organisation {
        slug: "old-mill",
        name: "Old Mill",
        dressed: false,
        founded: -300,
        deleted: true,
        staff: &[],
        story: Plot::Nothing,
    },
];

/// An admin.
pub(super) const fn admin<'a>(email: &'a str, name: &'static str) -> Staff<'a> {
    Staff { word: "", email, name, role: Role::Admin, deleted: false }
}

/// Who may sign in to the backoffice: address, role, organisation.
pub(super) fn staff() -> Vec<(&'static str, &'static str, &'static str)> {
    let all = ORGANISATIONS.iter().flat_map(|organisation| {
        let active = organisation.staff.iter().filter(|staff| !staff.deleted);
        active.map(|staff| (staff.email, staff.role.as_str(), organisation.slug))
    });
    all.collect()
}

/// Who may sign in to a portal: some addresses, each with its organisation.
pub(super) fn people() -> Vec<(&'static str, &'static str)> {
    let villagers = VILLAGERS.iter().take(3).map(|person| (person.email, "demo"));
    villagers.chain([(harbour::GUEST, "harbour")]).collect()
}

impl Organisation<'_> {
    pub(super) fn tenant(&self, id: TenantId) -> Result<Tenant, AppError> {
        let picture = |name: &str| {
            let url = format!("https://pictures.{}.example.com/{name}.png", self.slug);
            let url = HttpUrl::parse(&url, url.len()).map_err(AppError::invalid("image_url"))?;
            Ok::<_, AppError>(self.dressed.then_some(url))
        };
        let new = NewTenant {
            name: self.name.to_owned(),
            sender_email: self.dressed.then(|| format!("hello@{}.example.com", self.slug)),
            sender_name: Some(self.name.to_owned()),
            image_url: picture("background")?,
            icon_url: picture("icon")?,
            logo_url: picture("logo")?,
        };
        let domain = if self.dressed {
            let domain = HostName::parse("village.example.org");
            Some(domain.map_err(AppError::invalid("custom_domain"))?)
        } else {
            None
        };
        Ok(Tenant {
            slug: TenantSlug::parse(self.slug).map_err(AppError::invalid("slug"))?,
            custom_domain: domain,
            is_demo: true,
            ..new.into_tenant(id).map_err(AppError::invalid("name"))?
        })
    }
}

impl Plot {
    pub(super) async fn fill<S: DemoStore>(&self, stage: &mut Stage<S>) -> Result<(), AppError> {
        match self {
            Self::Village => stories::fill(stage).await,
            Self::Harbour => harbour::fill(stage).await,
            Self::Crowd(size) => scale::fill(stage, *size).await,
            Self::Nothing => Ok(()),
        }
    }
}
