use std::fmt;

use crate::HostName;

/// The longest address that is stored, in characters.
const MAX_LENGTH: usize = 255;

/// Domains without mailboxes (RFC 6761 and its register). `example` stays, for the sake of examples.
const RESERVED: [&str; 6] = ["arpa", "invalid", "local", "localhost", "onion", "test"];

/// A person's address: lower case, `local@domain` with something on both sides and no white space. Whether
/// mail arrives there is shown by the code that comes back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

/// The address of a backoffice user: a mailbox by the rules of RFC 5322, in a domain that can exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StaffEmail(String);

/// A text that can't be an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// Takes `input` without its outer white space, in lower case.
    ///
    /// # Errors
    ///
    /// [`InvalidEmail`] without exactly one `@`, with nothing on a side of it, with white space or control
    /// characters, or with more than 255 characters.
    pub fn parse(input: &str) -> Result<Self, InvalidEmail> {
        let email = input.trim().to_lowercase();
        let (local, domain) = email.split_once('@').ok_or(InvalidEmail)?;
        let refused = |c: char| c.is_whitespace() || c.is_control() || c == '@';
        let sound = !local.is_empty()
            && !domain.is_empty()
            && !local.contains(refused)
            && !domain.contains(refused)
            && email.chars().count() <= MAX_LENGTH;
        if sound { Ok(Self(email)) } else { Err(InvalidEmail) }
    }

    /// As [`parse`](Self::parse); `None` for a blank text.
    ///
    /// # Errors
    ///
    /// [`InvalidEmail`].
    pub fn optional(input: &str) -> Result<Option<Self>, InvalidEmail> {
        if input.trim().is_empty() { Ok(None) } else { Self::parse(input).map(Some) }
    }

    /// An address as the database has it. Older rows may hold texts that [`parse`](Self::parse) refuses.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The address as stored and compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What precedes the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl StaffEmail {
    /// Takes `input` without its outer white space, in lower case, its domain in ASCII.
    ///
    /// # Errors
    ///
    /// [`InvalidEmail`] unless it is a mailbox in a domain of at least two labels that isn't reserved.
    pub fn parse(input: &str) -> Result<Self, InvalidEmail> {
        let email = Email::parse(input)?;
        let (local, domain) = email.0.split_once('@').ok_or(InvalidEmail)?;
        let domain = HostName::parse(domain).map_err(|_| InvalidEmail)?;
        if !is_local_part(local) || !is_public(domain.as_str()) {
            return Err(InvalidEmail);
        }
        Ok(Self(format!("{local}@{}", domain.as_str())))
    }

    /// An address as the database has it: held to the laxer rule of [`Email`], since addresses from before
    /// this rule must still sign in.
    ///
    /// # Errors
    ///
    /// [`InvalidEmail`] when it isn't even an [`Email`].
    pub fn stored(text: &str) -> Result<Self, InvalidEmail> {
        Email::parse(text).map(|email| Self(email.0))
    }

    /// The address as stored and compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<StaffEmail> for Email {
    fn from(email: StaffEmail) -> Self {
        Self(email.0)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for StaffEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A dot-atom of RFC 5322 section 3.2.3, letters of other scripts included (RFC 6532).
fn is_local_part(local: &str) -> bool {
    let is_atext = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.len() <= 64 && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

fn is_public(domain: &str) -> bool {
    let Some((_, top)) = domain.rsplit_once('.') else { return false };
    !RESERVED.contains(&top) && !top.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("  BO@X.COM ", Ok("bo@x.com"))]
    #[case("a@localhost", Ok("a@localhost"))]
    #[case("notanemail", Err(InvalidEmail))]
    #[case("", Err(InvalidEmail))]
    #[case("@x.com", Err(InvalidEmail))]
    #[case("a@", Err(InvalidEmail))]
    #[case("a@b@c", Err(InvalidEmail))]
    #[case("a b@x.com", Err(InvalidEmail))]
    #[case("a\0@x.com", Err(InvalidEmail))]
    fn people_are_known_by_any_address(
        #[case] input: &str,
        #[case] expected: Result<&str, InvalidEmail>,
    ) {
        assert_eq!(Email::parse(input).as_ref().map(Email::as_str), expected.as_ref().copied());
    }

    #[test]
    fn an_address_has_at_most_255_characters() {
        assert!(Email::parse(&format!("{}@x.com", "a".repeat(249))).is_ok());
        assert_eq!(Email::parse(&format!("{}@x.com", "a".repeat(250))), Err(InvalidEmail));
    }

    #[rstest]
    #[case(" Ann@X.example", Ok("ann@x.example"))]
    #[case("ann.b+c@example.com", Ok("ann.b+c@example.com"))]
    #[case("ann@bücher.de", Ok("ann@xn--bcher-kva.de"))]
    #[case("a@localhost", Err(InvalidEmail))]
    #[case("a@b.test", Err(InvalidEmail))]
    #[case("a@b.c.invalid", Err(InvalidEmail))]
    #[case("a@printer.local", Err(InvalidEmail))]
    #[case("a@127.0.0.1", Err(InvalidEmail))]
    #[case("a..b@x.com", Err(InvalidEmail))]
    #[case(".a@x.com", Err(InvalidEmail))]
    #[case("a,b@x.com", Err(InvalidEmail))]
    #[case("Ann <a@x.com>", Err(InvalidEmail))]
    #[case("a@x_y.com", Err(InvalidEmail))]
    #[case("a@-x.com", Err(InvalidEmail))]
    fn staff_have_mailboxes_on_the_net(
        #[case] input: &str,
        #[case] expected: Result<&str, InvalidEmail>,
    ) {
        let email = StaffEmail::parse(input);
        assert_eq!(email.as_ref().map(StaffEmail::as_str), expected.as_ref().copied());
    }
}
