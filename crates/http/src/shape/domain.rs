//! Texts that the domain reads.

use edgeos_domain::{Email, HostName, InvalidEmail, InvalidHostName, InvalidUrl, Link, StaffEmail};

use super::{FromText, Parsed, Patch};

// Descriptions are looked up by name, and a name in angle brackets would be the domain's.

/// The address of any person.
pub(crate) type EmailText = Parsed<Email>;
/// The address of any person; blank is none.
pub(crate) type OptionalEmailText = Parsed<OptionalEmail>;
/// The address of a backoffice user.
pub(crate) type StaffEmailText = Parsed<StaffEmail>;
/// The name of a host.
pub(crate) type HostText = Parsed<HostName>;
/// A link; blank is none.
pub(crate) type LinkText = Parsed<OptionalLink>;

/// What an [`OptionalEmailText`] says.
#[derive(Debug)]
pub(crate) struct OptionalEmail(Option<Email>);

impl OptionalEmailText {
    /// The address, if it is one.
    pub(crate) fn email(self) -> Option<Email> {
        self.0.0
    }
}

/// What a [`LinkText`] says.
#[derive(Debug)]
pub(crate) struct OptionalLink(Option<Link>);

impl LinkText {
    /// The link, if it is one.
    pub(crate) fn link(self) -> Option<Link> {
        self.0.0
    }
}

impl From<Patch<LinkText>> for edgeos_domain::Patch<Link> {
    /// A blank link goes.
    fn from(patch: Patch<LinkText>) -> Self {
        patch.change().map(|link| link.and_then(LinkText::link)).into()
    }
}

impl FromText for Email {
    const MAX: usize = 255;
    type Refusal = InvalidEmail;

    fn from_text(text: &str) -> Result<Self, InvalidEmail> {
        Self::parse(text)
    }
}

impl FromText for OptionalEmail {
    const MAX: usize = 255;
    type Refusal = InvalidEmail;

    fn from_text(text: &str) -> Result<Self, InvalidEmail> {
        Email::optional(text).map(Self)
    }
}

impl FromText for StaffEmail {
    const MAX: usize = 255;
    const FORMAT: Option<&'static str> = Some("email");
    type Refusal = InvalidEmail;

    fn from_text(text: &str) -> Result<Self, InvalidEmail> {
        Self::parse(text)
    }
}

impl FromText for HostName {
    const MAX: usize = 255;
    type Refusal = InvalidHostName;

    fn from_text(text: &str) -> Result<Self, InvalidHostName> {
        Self::parse(text)
    }
}

impl FromText for OptionalLink {
    const MAX: usize = Link::MAX_LENGTH;
    type Refusal = InvalidUrl;

    fn from_text(text: &str) -> Result<Self, InvalidUrl> {
        Link::optional(text).map(Self)
    }
}
