use std::fmt;

use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};

/// A host name in the form in which it is stored and compared: lower case, ASCII (IDNA), no final dot;
/// labels of 1 to 63 letters, digits and inner hyphens, 253 characters at most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

/// A text that isn't a plain host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a host name, without scheme, port or path")]
pub struct InvalidHostName;

/// The host that somebody asked for, in the form of [`HostName`], but with underscores where the slug of a
/// tenant has them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestedHost(String);

impl HostName {
    /// Takes `input`, of any letter case and script, with or without its final dot.
    ///
    /// # Errors
    ///
    /// [`InvalidHostName`] when it is more, or less, than a host name.
    pub fn parse(input: &str) -> Result<Self, InvalidHostName> {
        to_ascii(input, AsciiDenyList::STD3).map(Self)
    }

    /// The host as stored and compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The label before the first dot.
    #[must_use]
    pub fn first_label(&self) -> &str {
        first_label(&self.0)
    }

    /// The label under `portal` that leads to this host's owner as well: of a host that lies under `portal`,
    /// or that is a single label. `None` for hosts elsewhere.
    #[must_use]
    pub fn portal_label(&self, portal: &HostName) -> Option<&str> {
        if self.0.contains('.') { label_under(&self.0, portal) } else { Some(&self.0) }
    }
}

impl RequestedHost {
    /// Takes the host of `authority`, which may have a port.
    ///
    /// # Errors
    ///
    /// [`InvalidHostName`] when no host can be named so.
    pub fn parse(authority: &str) -> Result<Self, InvalidHostName> {
        let host = authority.split(':').next().unwrap_or_default();
        to_ascii(host, AsciiDenyList::URL).map(Self)
    }

    /// The host as custom domains are compared with it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first label of what precedes `portal`: the slug or the one-label domain of a tenant. `None` for
    /// hosts that don't lie under `portal`.
    #[must_use]
    pub fn portal_label(&self, portal: &HostName) -> Option<&str> {
        label_under(&self.0, portal)
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn to_ascii(input: &str, refused: AsciiDenyList) -> Result<String, InvalidHostName> {
    let host = input.strip_suffix('.').unwrap_or(input);
    Uts46::new()
        .to_ascii(host.as_bytes(), refused, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| InvalidHostName)
}

fn first_label(host: &str) -> &str {
    host.split('.').next().unwrap_or_default()
}

fn label_under<'a>(host: &'a str, portal: &HostName) -> Option<&'a str> {
    let before = host.strip_suffix(portal.as_str())?.strip_suffix('.')?;
    Some(first_label(before))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Tickets.Acme.example.com", Ok("tickets.acme.example.com"))]
    #[case("acme.example.com.", Ok("acme.example.com"))]
    #[case("Bücher.example", Ok("xn--bcher-kva.example"))]
    #[case("demo", Ok("demo"))]
    #[case("a--b.example", Ok("a--b.example"))]
    #[case("", Err(InvalidHostName))]
    #[case(".", Err(InvalidHostName))]
    #[case("a..b", Err(InvalidHostName))]
    #[case("https://x", Err(InvalidHostName))]
    #[case("a/b", Err(InvalidHostName))]
    #[case("x:80", Err(InvalidHostName))]
    #[case("bad_host!", Err(InvalidHostName))]
    #[case("under_score.example", Err(InvalidHostName))]
    #[case("-a.example", Err(InvalidHostName))]
    #[case("a b.example", Err(InvalidHostName))]
    fn a_host_name_is_plain(#[case] input: &str, #[case] expected: Result<&str, InvalidHostName>) {
        let host = HostName::parse(input);
        assert_eq!(host.as_ref().map(HostName::as_str), expected.as_ref().copied());
    }

    #[test]
    fn a_host_name_ends_somewhere() {
        let labels = |count| vec!["a".repeat(62); count].join(".");
        assert!(HostName::parse(&labels(4)).is_ok());
        assert_eq!(HostName::parse(&labels(5)), Err(InvalidHostName));
        assert_eq!(HostName::parse(&"a".repeat(64)), Err(InvalidHostName));
    }

    #[rstest]
    #[case("demo.localhost:3000", "localhost", Some("demo"))]
    #[case("DEMO.foo.localhost", "localhost", Some("demo"))]
    #[case("spec-63-two_x.localhost", "localhost", Some("spec-63-two_x"))]
    #[case("localhost", "localhost", None)]
    #[case("demo.example.com", "localhost", None)]
    #[case("demolocalhost", "localhost", None)]
    #[case("acme.portal.example.com.", "portal.example.com", Some("acme"))]
    fn a_host_under_the_portal_names_a_tenant(
        #[case] asked: &str,
        #[case] portal: &str,
        #[case] label: Option<&str>,
    ) {
        let portal = HostName::parse(portal).unwrap();
        assert_eq!(RequestedHost::parse(asked).unwrap().portal_label(&portal), label);
    }
}
