//! Texts that the domain reads.

use edgeos_domain::{Email, HostName, InvalidEmail, InvalidHostName, StaffEmail};

use super::{FromText, Parsed};

// Descriptions are looked up by name, and a name in angle brackets would be the domain's.

/// The address of any person.
pub(crate) type EmailText = Parsed<Email>;
/// The address of a backoffice user.
pub(crate) type StaffEmailText = Parsed<StaffEmail>;
/// The name of a host.
pub(crate) type HostText = Parsed<HostName>;

impl FromText for Email {
    const MAX: usize = 255;
    type Refusal = InvalidEmail;

    fn from_text(text: &str) -> Result<Self, InvalidEmail> {
        Self::parse(text)
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
