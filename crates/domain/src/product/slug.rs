use std::{collections::HashSet, fmt};

use crate::slugify;

/// The word that stands for a product in addresses and filters: at most 255 characters of `a–z 0–9 _ -`.
/// One product of the popup per slug.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductSlug(String);

impl ProductSlug {
    const MAX_LENGTH: usize = 255;

    /// The slug that `text` asks for; `product` if nothing of it can stand in an address.
    #[must_use]
    pub fn wanted(text: &str) -> Self {
        let slug = slugify(text, Self::MAX_LENGTH);
        Self(if slug.is_empty() { "product".to_owned() } else { slug })
    }

    /// This slug, if `taken` doesn't hold it; else the first of `…-1`, `…-2`, … that it doesn't hold.
    #[must_use]
    pub fn unless_taken(self, taken: &HashSet<String>) -> Self {
        if !taken.contains(&self.0) {
            return self;
        }
        let numbered = (1_u64..).map(|number| self.numbered(number));
        let free = numbered.into_iter().find(|slug| !taken.contains(slug));
        Self(free.expect("there are more numbers than slugs"))
    }

    /// What every slug that [`unless_taken`](Self::unless_taken) may give begins with.
    #[must_use]
    pub fn stem(&self) -> &str {
        // Numbers have at most 20 digits.
        let kept = self.0.len().min(Self::MAX_LENGTH - 21);
        self.0[..kept].trim_end_matches('-')
    }

    /// A slug as the database has it. Older rows may hold texts that [`wanted`](Self::wanted) would change.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The slug as stored and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn numbered(&self, number: u64) -> String {
        let suffix = format!("-{number}");
        let kept = self.0.len().min(Self::MAX_LENGTH - suffix.len());
        format!("{}{suffix}", self.0[..kept].trim_end_matches('-'))
    }
}

impl fmt::Display for ProductSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn set(slugs: &[&str]) -> HashSet<String> {
        slugs.iter().map(|&slug| slug.to_owned()).collect()
    }

    #[rstest]
    #[case("Gen Adm", &[], "gen-adm")]
    #[case("Gen Adm!!", &[], "gen-adm")]
    #[case("Gen Adm", &["gen-adm"], "gen-adm-1")]
    #[case("gen-adm", &["gen-adm", "gen-adm-1"], "gen-adm-2")]
    #[case("gen-adm", &["gen-adm", "gen-adm-2"], "gen-adm-1")]
    #[case("gen-adm-1", &["gen-adm-1"], "gen-adm-1-1")]
    #[case("日本語", &[], "product")]
    #[case("日本語", &["product"], "product-1")]
    fn the_first_free_slug_is_taken(
        #[case] text: &str,
        #[case] taken: &[&str],
        #[case] slug: &str,
    ) {
        assert_eq!(ProductSlug::wanted(text).unless_taken(&set(taken)).as_str(), slug);
    }

    #[test]
    fn a_numbered_slug_fits_its_column() {
        let long = ProductSlug::wanted(&"a".repeat(300));
        let numbered = long.clone().unless_taken(&set(&[long.as_str()]));
        assert_eq!((long.as_str().len(), numbered.as_str().len()), (255, 255));
        assert!(numbered.as_str().ends_with("a-1"));
    }

    #[test]
    fn the_stem_of_a_slug_stays_when_it_is_numbered() {
        for text in ["vip".to_owned(), "a".repeat(300), "a-".repeat(130)] {
            let (wanted, mut taken) = (ProductSlug::wanted(&text), HashSet::new());
            for _ in 0..101 {
                let slug = wanted.clone().unless_taken(&taken);
                assert!(slug.as_str().starts_with(wanted.stem()), "{slug}");
                taken.insert(slug.as_str().to_owned());
            }
        }
    }

    proptest! {
        #[test]
        fn as_many_products_as_one_likes_may_have_one_name(name in ".{0,300}", count in 1..30_usize) {
            let mut taken = HashSet::new();
            for _ in 0..count {
                let slug = ProductSlug::wanted(&name).unless_taken(&taken);
                prop_assert!((1..=255).contains(&slug.as_str().len()));
                prop_assert_eq!(slugify(slug.as_str(), 255), slug.as_str());
                prop_assert!(taken.insert(slug.as_str().to_owned()));
            }
        }
    }
}
