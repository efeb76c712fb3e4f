use chrono::{DateTime, Utc};

use crate::{
    Email, GroupId, Human, HumanId, ListedEmailId, Patch, Percentage, Popup, PopupId, TenantId,
    slugify,
};

mod admission;
mod refusal;

pub use self::{
    admission::{Candidate, check_candidate},
    refusal::GroupRefusal,
};

/// People who take part in a popup without review, possibly for less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Identifies the group within the tenant.
    pub id: GroupId,
    /// In whose organisation.
    pub tenant: TenantId,
    /// Whose participants it gathers. Never changes.
    pub popup: PopupId,
    /// What people read; never blank, at most [`NAME_MAX`](Group::NAME_MAX) characters.
    pub name: String,
    /// What its link says; one group of the popup per slug.
    pub slug: GroupSlug,
    /// What visitors read, shown as HTML.
    pub description: Option<String>,
    /// How much less its members pay.
    pub discount: Percentage,
    /// How many members it takes; `None` is any number.
    pub max_members: Option<u32>,
    /// What visitors are greeted with, plain text.
    pub welcome_message: Option<String>,
    /// Whether it is one person's invite link, in which nobody adds, edits or removes anybody.
    pub is_ambassador_group: bool,
    /// Whose invite link it is; one ambassador group per person and popup.
    pub ambassador: Option<HumanId>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When anything about it or its list changed last.
    pub updated_at: DateTime<Utc>,
}

/// The word that stands for a group in addresses: at most 255 characters of `a–z 0–9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GroupSlug(String);

/// A text of which no slug of a group can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must contain a letter or digit that can stand in an address")]
pub struct InvalidGroupSlug;

/// An address that may join a group. A group without any is open to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEmail {
    /// Identifies the entry within the tenant.
    pub id: ListedEmailId,
    /// Who may join.
    pub email: Email,
    /// When the address was listed.
    pub created_at: DateTime<Utc>,
}

/// A group to be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// See [`Group::popup`].
    pub popup: PopupId,
    /// See [`Group::name`].
    pub name: String,
    /// See [`Group::slug`]; made a slug if it isn't one. Blank or `None` follows from the name.
    pub slug: Option<String>,
    /// See [`Group::description`].
    pub description: Option<String>,
    /// See [`Group::discount`].
    pub discount: Percentage,
    /// See [`Group::max_members`].
    pub max_members: Option<u32>,
    /// See [`Group::welcome_message`].
    pub welcome_message: Option<String>,
    /// See [`Group::is_ambassador_group`].
    pub is_ambassador_group: bool,
    /// See [`Group::ambassador`].
    pub ambassador: Option<HumanId>,
}

/// What staff change about a group; `None` and `Keep` change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupChange {
    /// See [`Group::name`]. The slug stays.
    pub name: Option<String>,
    /// See [`Group::slug`].
    pub slug: Option<GroupSlug>,
    /// See [`Group::description`].
    pub description: Patch<String>,
    /// See [`Group::discount`].
    pub discount: Option<Percentage>,
    /// See [`Group::max_members`].
    pub max_members: Patch<u32>,
    /// See [`Group::welcome_message`].
    pub welcome_message: Patch<String>,
    /// See [`Group::is_ambassador_group`].
    pub is_ambassador_group: Option<bool>,
    /// See [`Group::ambassador`].
    pub ambassador: Patch<HumanId>,
}

/// What a leader changes about a group; `Keep` changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeaderChange {
    /// See [`Group::description`].
    pub description: Patch<String>,
    /// See [`Group::max_members`].
    pub max_members: Patch<u32>,
    /// See [`Group::welcome_message`].
    pub welcome_message: Patch<String>,
}

impl GroupSlug {
    /// The longest slug, in characters.
    const MAX: usize = 255;

    /// Makes a slug of `text`.
    ///
    /// # Errors
    ///
    /// [`InvalidGroupSlug`] when nothing is left.
    pub fn parse(text: &str) -> Result<Self, InvalidGroupSlug> {
        let slug = slugify(text, Self::MAX);
        if slug.is_empty() { Err(InvalidGroupSlug) } else { Ok(Self(slug)) }
    }

    /// The slug made of `text`, or else one of eight hex digits, which `random` draws.
    #[must_use]
    pub fn of(text: &str, random: [u8; 4]) -> Self {
        Self::parse(text).unwrap_or_else(|_| Self(format!("group-{}", hex(random))))
    }

    /// The slug of an invite link to `popup`; `random` draws the end of it.
    fn of_invitation(popup: &Popup, random: [u8; 4]) -> Self {
        // Slugs have no characters of more than a byte.
        let start: String = popup.slug.as_str().chars().take(Self::MAX - 9).collect();
        Self(format!("{start}-{}", hex(random)))
    }

    /// A slug as the database has it. Older rows may hold texts that [`parse`](Self::parse) would change.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The slug as stored and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl NewGroup {
    /// The group that is made of this. `random` draws its slug when nothing else gives one.
    #[must_use]
    pub fn into_group(
        self,
        id: GroupId,
        tenant: TenantId,
        random: [u8; 4],
        now: DateTime<Utc>,
    ) -> Group {
        let given = self.slug.filter(|slug| !slug.trim().is_empty());
        Group {
            id,
            tenant,
            popup: self.popup,
            slug: GroupSlug::of(given.as_deref().unwrap_or(&self.name), random),
            name: self.name,
            description: self.description,
            discount: self.discount,
            max_members: self.max_members,
            welcome_message: self.welcome_message,
            is_ambassador_group: self.is_ambassador_group,
            ambassador: self.ambassador,
            created_at: now,
            updated_at: now,
        }
    }
}

impl Group {
    /// The longest name, in characters.
    pub const NAME_MAX: usize = 255;

    /// The longest description, in characters.
    pub const DESCRIPTION_MAX: usize = 20_000;

    /// The longest welcome message, in characters.
    pub const WELCOME_MAX: usize = 2000;

    /// How many addresses its list may have.
    pub const LISTED_MAX: usize = 5000;

    /// The invite link of `human` to `popup`: nothing less to pay, any number of members.
    #[must_use]
    pub fn of_ambassador(
        id: GroupId,
        popup: &Popup,
        human: &Human,
        random: [u8; 4],
        now: DateTime<Utc>,
    ) -> Self {
        let inviter = human.profile.full_name();
        let list = "Invite List";
        let name = inviter.as_ref().map_or_else(|| list.to_owned(), |who| format!("{who} {list}"));
        let who = inviter.as_deref().unwrap_or("A friend");
        Self {
            id,
            tenant: human.tenant,
            popup: popup.id,
            name: name.chars().take(Self::NAME_MAX).collect(),
            slug: GroupSlug::of_invitation(popup, random),
            description: Some(format!(
                "You are invited to {}. There is no application to fill in: get your pass right away.",
                popup.name,
            )),
            discount: Percentage::ZERO,
            max_members: None,
            welcome_message: Some(format!("{who} invites you to {}.", popup.name)),
            is_ambassador_group: true,
            ambassador: Some(human.id),
            created_at: now,
            updated_at: now,
        }
    }

    /// Who leads the group because it is this person's invite link.
    #[must_use]
    pub fn leading_ambassador(&self) -> Option<HumanId> {
        self.ambassador.filter(|_| self.is_ambassador_group)
    }

    /// This group after `change`.
    #[must_use]
    pub fn changed(self, change: GroupChange, now: DateTime<Utc>) -> Self {
        Self {
            name: change.name.unwrap_or(self.name),
            slug: change.slug.unwrap_or(self.slug),
            description: change.description.over(self.description),
            discount: change.discount.unwrap_or(self.discount),
            max_members: change.max_members.over(self.max_members),
            welcome_message: change.welcome_message.over(self.welcome_message),
            is_ambassador_group: change.is_ambassador_group.unwrap_or(self.is_ambassador_group),
            ambassador: change.ambassador.over(self.ambassador),
            updated_at: now,
            ..self
        }
    }

    /// This group after a leader's `change`. Below the present number of members, nobody else gets in.
    ///
    /// # Errors
    ///
    /// `CapRaised` when it would take more members than the organiser admits.
    pub fn changed_by_leader(
        self,
        change: LeaderChange,
        now: DateTime<Utc>,
    ) -> Result<Self, GroupRefusal> {
        let max_members = change.max_members.over(self.max_members);
        let raised = match (self.max_members, max_members) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(before), Some(after)) => after > before,
        };
        if raised {
            return Err(GroupRefusal::CapRaised);
        }
        Ok(Self {
            description: change.description.over(self.description),
            max_members,
            welcome_message: change.welcome_message.over(self.welcome_message),
            updated_at: now,
            ..self
        })
    }
}

fn hex(random: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(random))
}

#[cfg(test)]
mod tests;
