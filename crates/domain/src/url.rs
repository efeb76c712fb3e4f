use crate::RequestedHost;

/// An absolute web address (http or https) with a host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HttpUrl(String);

/// What an organiser links to: if it has a scheme, http or https. Without one it is whatever the page that
/// shows it makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Link(String);

/// A text that isn't an acceptable web address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// No absolute address with the scheme http or https.
    #[error("must be an http or https address")]
    NotWeb,
    /// More characters than this.
    #[error("must not be longer than {0} characters")]
    TooLong(usize),
}

impl HttpUrl {
    /// Takes `input` without its outer white space.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`], `TooLong` above `max` characters.
    pub fn parse(input: &str, max: usize) -> Result<Self, InvalidUrl> {
        let url = bounded(input, max)?;
        if url.contains(' ') {
            return Err(InvalidUrl::NotWeb);
        }
        let (scheme, rest) = url.split_once("://").ok_or(InvalidUrl::NotWeb)?;
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        if is_web(scheme) && is_host(host) { Ok(Self(url)) } else { Err(InvalidUrl::NotWeb) }
    }

    /// As [`parse`](Self::parse); `None` for a blank text.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`].
    pub fn optional(input: &str, max: usize) -> Result<Option<Self>, InvalidUrl> {
        if input.trim().is_empty() { Ok(None) } else { Self::parse(input, max).map(Some) }
    }

    /// The address as stored and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Link {
    /// The longest link, in characters.
    pub const MAX_LENGTH: usize = 2048;

    /// Takes `input` without its outer white space; `None` when nothing is left.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`].
    pub fn optional(input: &str) -> Result<Option<Self>, InvalidUrl> {
        let link = bounded(input, Self::MAX_LENGTH)?;
        match scheme(&link) {
            Some(scheme) if !is_web(scheme) => Err(InvalidUrl::NotWeb),
            _ => Ok((!link.is_empty()).then_some(Self(link))),
        }
    }

    /// The link as stored and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<HttpUrl> for String {
    fn from(url: HttpUrl) -> Self {
        url.0
    }
}

impl From<Link> for String {
    fn from(link: Link) -> Self {
        link.0
    }
}

/// Nothing with control characters, and no white space but blanks: browsers skip some of them, so that they could hide
/// a scheme.
fn bounded(input: &str, max: usize) -> Result<String, InvalidUrl> {
    let url = input.trim();
    if url.contains(|c: char| c.is_control() || (c.is_whitespace() && c != ' ')) {
        return Err(InvalidUrl::NotWeb);
    }
    if url.chars().count() > max { Err(InvalidUrl::TooLong(max)) } else { Ok(url.to_owned()) }
}

/// RFC 3986 section 3.1.
fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let starts = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let goes_on = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (starts && goes_on).then_some(scheme)
}

fn is_web(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

fn is_host(authority: &str) -> bool {
    if let Some(address) = authority.strip_prefix('[') {
        return address.contains(':') && address.contains(']');
    }
    let port = authority.split_once(':').map_or("", |(_, port)| port);
    RequestedHost::parse(authority).is_ok() && port.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(" https://x.com/a?b#c ", true)]
    #[case("HTTPS://x", true)]
    #[case("http://localhost:3000", true)]
    #[case("http://[::1]/", true)]
    #[case("http://", false)]
    #[case("http:///path", false)]
    #[case("http://:80", false)]
    #[case("https://x:y", false)]
    #[case("javascript:alert(1)", false)]
    #[case("javascript://x.com/%0aalert(1)", false)]
    #[case("//x.com", false)]
    #[case("x.com", false)]
    #[case("", false)]
    #[case("https://x.com/a b", false)]
    fn an_address_is_absolute_and_on_the_web(#[case] input: &str, #[case] sound: bool) {
        assert_eq!(HttpUrl::parse(input, 500).is_ok(), sound);
    }

    #[test]
    fn an_address_fits_its_column() {
        let url = format!("https://x.com/{}", "a".repeat(486));
        assert!(HttpUrl::parse(&url, 500).is_ok());
        assert_eq!(HttpUrl::parse(&url, 499), Err(InvalidUrl::TooLong(499)));
    }

    #[rstest]
    #[case("", Ok(None))]
    #[case("  ", Ok(None))]
    #[case("x.com/a", Ok(Some("x.com/a")))]
    #[case("/images/a.png", Ok(Some("/images/a.png")))]
    #[case("Https://x.com", Ok(Some("Https://x.com")))]
    #[case("javascript:alert(1)", Err(InvalidUrl::NotWeb))]
    #[case("java\tscript:alert(1)", Err(InvalidUrl::NotWeb))]
    #[case("java\u{a0}script:alert(1)", Err(InvalidUrl::NotWeb))]
    #[case(" https://x.com/a b ", Ok(Some("https://x.com/a b")))]
    #[case("data:text/html,x", Err(InvalidUrl::NotWeb))]
    fn a_link_leads_nowhere_but_to_the_web(
        #[case] input: &str,
        #[case] expected: Result<Option<&str>, InvalidUrl>,
    ) {
        let link = Link::optional(input);
        assert_eq!(
            link.as_ref().map(|link| link.as_ref().map(Link::as_str)),
            expected.as_ref().copied()
        );
    }
}
