use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// First labels of hosts, or words in paths, that must not mean a tenant.
const RESERVED_FOR_PLATFORM: [&str; 7] =
    ["www", "api", "admin", "public", "by-domain", "app", "static"];

/// Words in paths of the portal that must not mean a popup.
const RESERVED_FOR_PORTAL: [&str; 3] = ["list", "profile", "poaps"];

/// The part of a tenant's portal address before the portal's host: 1 to 63 characters of `a–z 0–9 _ -`,
/// a letter or digit at both ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TenantSlug(String);

/// A text that can't be the slug of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTenantSlug {
    /// A name of which nothing is left.
    #[error("must contain a letter or digit that can stand in an address")]
    Empty,
    /// Not of the required form.
    #[error(
        "must have 1 to 63 lower-case letters, digits, hyphens or underscores, and begin and end with a \
         letter or digit"
    )]
    Form,
    /// A word that the platform needs itself.
    #[error("is reserved")]
    Reserved,
}

/// The word that stands for a popup in addresses: at most 255 characters of `a–z 0–9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PopupSlug(String);

/// A text of which no slug can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must contain a letter or digit that can stand in an address")]
pub struct InvalidPopupSlug;

/// `text` for an address, `max` characters at most: accents and everything else outside of ASCII dropped,
/// lower case, letters, digits and underscores kept, white space and hyphens made one hyphen, none at the
/// ends. Possibly empty.
#[must_use]
pub fn slugify(text: &str, max: usize) -> String {
    let mut slug = String::new();
    for c in text.nfkd().filter(char::is_ascii) {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() || c == '_' => slug.push(c),
            c if (c == '-' || c.is_whitespace()) && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    let slug = slug.trim_matches('-');
    slug[..slug.len().min(max)].trim_end_matches('-').to_owned()
}

impl TenantSlug {
    /// Takes `text` as it is.
    ///
    /// # Errors
    ///
    /// [`InvalidTenantSlug`], `Form` or `Reserved`.
    pub fn parse(text: &str) -> Result<Self, InvalidTenantSlug> {
        let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = text.as_bytes();
        let sound = bytes.len() <= 63
            && is_end(bytes.first())
            && is_end(bytes.last())
            && bytes.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
        if !sound {
            return Err(InvalidTenantSlug::Form);
        }
        if RESERVED_FOR_PLATFORM.contains(&text) {
            return Err(InvalidTenantSlug::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The slug of a tenant called `name`.
    ///
    /// # Errors
    ///
    /// [`InvalidTenantSlug`], `Empty` or `Reserved`.
    pub fn from_name(name: &str) -> Result<Self, InvalidTenantSlug> {
        let ends = ['-', '_'];
        let slug = slugify(name, usize::MAX);
        let slug = slug.trim_matches(ends);
        let slug = slug[..slug.len().min(63)].trim_end_matches(ends);
        if slug.is_empty() { Err(InvalidTenantSlug::Empty) } else { Self::parse(slug) }
    }

    /// A slug as the database has it. Older rows may hold texts that [`parse`](Self::parse) refuses.
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

impl PopupSlug {
    /// The slug of a popup called `name`. A name of which nothing is left gets one of eight hex digits,
    /// which `random` draws.
    #[must_use]
    pub fn from_name(name: &str, random: [u8; 4]) -> Self {
        Self::parse(name)
            .unwrap_or_else(|_| Self(format!("event-{:08x}", u32::from_be_bytes(random))))
    }

    /// Makes a slug of `text`; a word that the portal needs itself gets `-1` appended.
    ///
    /// # Errors
    ///
    /// [`InvalidPopupSlug`] when nothing is left.
    pub fn parse(text: &str) -> Result<Self, InvalidPopupSlug> {
        let slug = slugify(text, 255);
        if slug.is_empty() {
            return Err(InvalidPopupSlug);
        }
        if RESERVED_FOR_PORTAL.contains(&slug.as_str()) {
            return Ok(Self(slug + "-1"));
        }
        Ok(Self(slug))
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

impl fmt::Display for TenantSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PopupSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Héllo  Wörld_ — 2026!", "hello-world_-2026")]
    #[case("Tech Summit 2025", "tech-summit-2025")]
    #[case(" - a -- b - ", "a-b")]
    #[case("日本", "")]
    #[case("ﬁne", "fine")]
    fn a_slug_is_made_of_what_an_address_can_hold(#[case] text: &str, #[case] slug: &str) {
        assert_eq!(slugify(text, 255), slug);
    }

    #[rstest]
    #[case("Spec Plát  63 -- Two!_x ", Ok("spec-plat-63-two_x"))]
    #[case("Edge City 2026", Ok("edge-city-2026"))]
    #[case("_Acme_", Ok("acme"))]
    #[case("!!!", Err(InvalidTenantSlug::Empty))]
    #[case("日本", Err(InvalidTenantSlug::Empty))]
    #[case("", Err(InvalidTenantSlug::Empty))]
    #[case("___", Err(InvalidTenantSlug::Empty))]
    #[case("By Domain", Err(InvalidTenantSlug::Reserved))]
    fn a_tenant_is_addressed_by_its_name(
        #[case] name: &str,
        #[case] expected: Result<&str, InvalidTenantSlug>,
    ) {
        let slug = TenantSlug::from_name(name);
        assert_eq!(slug.as_ref().map(TenantSlug::as_str), expected.as_ref().copied());
    }

    #[rstest]
    #[case("fairs", None)]
    #[case("a", None)]
    #[case("a_b-c", None)]
    #[case("Fairs", Some(InvalidTenantSlug::Form))]
    #[case("Weird Slug/..?%", Some(InvalidTenantSlug::Form))]
    #[case("-a", Some(InvalidTenantSlug::Form))]
    #[case("a_", Some(InvalidTenantSlug::Form))]
    #[case("", Some(InvalidTenantSlug::Form))]
    #[case("www", Some(InvalidTenantSlug::Reserved))]
    fn a_given_tenant_slug_is_taken_as_it_is_or_not_at_all(
        #[case] text: &str,
        #[case] expected: Option<InvalidTenantSlug>,
    ) {
        assert_eq!(TenantSlug::parse(text).err(), expected);
    }

    #[rstest]
    #[case("Tech Summit", "tech-summit")]
    #[case("List", "list-1")]
    #[case("日本語", "event-0000002a")]
    #[case("!!!", "event-0000002a")]
    fn every_popup_gets_a_slug(#[case] name: &str, #[case] slug: &str) {
        assert_eq!(PopupSlug::from_name(name, [0, 0, 0, 42]).as_str(), slug);
    }

    proptest! {
        #[test]
        fn a_slug_of_a_name_is_one_that_could_be_given(name in "\\PC{0,100}") {
            if let Ok(slug) = TenantSlug::from_name(&name) {
                prop_assert_eq!(TenantSlug::parse(slug.as_str()), Ok(slug));
            }
        }

        #[test]
        fn a_slug_is_its_own_slug(text in "\\PC{0,40}", max in 0..60_usize) {
            let slug = slugify(&text, max);
            prop_assert!(slug.len() <= max);
            prop_assert_eq!(slugify(&slug, max), slug);
        }
    }
}
