use std::fmt;

use serde_json::Value;

use crate::PopupSlug;

/// A code that is scanned at the door, in upper case: up to three letters or digits of the popup's slug, then
/// eight letters. Older codes look otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CheckInCode(String);

impl CheckInCode {
    /// What stands before the letters when the slug has neither letters nor digits.
    const FALLBACK: &str = "ATT";

    /// Letters that aren't mistaken for digits.
    const ALPHABET: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

    /// How many letters are drawn.
    const DRAWN: usize = 8;

    /// The longest code, in characters.
    const MAX: usize = 100;

    /// A code for the door of the popup `slug`; `random` draws its letters. Among 24⁸ codes, some are
    /// likelier than others by less than one in a hundred million.
    #[must_use]
    pub fn new(slug: &PopupSlug, random: [u8; 8]) -> Self {
        let slug = slug.as_str().chars().filter(char::is_ascii_alphanumeric);
        let mut code: String = slug.take(3).map(|c| c.to_ascii_uppercase()).collect();
        if code.is_empty() {
            code.push_str(Self::FALLBACK);
        }
        let mut rest = u64::from_be_bytes(random);
        for _ in 0..Self::DRAWN {
            let letter = usize::try_from(rest % 24).expect("less than 24");
            code.push(char::from(Self::ALPHABET[letter]));
            rest /= 24;
        }
        Self(code)
    }

    /// A code as the database has it.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The code as stored and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code that a scanner or a person sends: as it is printed, in any letter case, or the text of the QR
    /// code, `{"code": "CONQWERTYAS"}`. `None` when it can't be anybody's.
    #[must_use]
    pub fn sent(text: &str) -> Option<Self> {
        let text = text.trim();
        let code = if text.starts_with('{') {
            let shown: Value = serde_json::from_str(text).ok()?;
            shown.get("code")?.as_str()?.trim().to_ascii_uppercase()
        } else {
            text.to_ascii_uppercase()
        };
        let fits = !code.is_empty() && !code.contains('\0') && code.chars().count() <= Self::MAX;
        fits.then_some(Self(code))
    }
}

impl fmt::Display for CheckInCode {
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
    #[case("sp-1", "SP1")]
    #[case("conclave", "CON")]
    #[case("a_b-c", "ABC")]
    #[case("a", "A")]
    #[case("_", "ATT")]
    fn a_code_tells_of_its_popup(#[case] slug: &str, #[case] prefix: &str) {
        let code = CheckInCode::new(&PopupSlug::stored(slug.to_owned()), [0; 8]);
        assert_eq!(code.as_str(), format!("{prefix}AAAAAAAA"));
    }

    #[rstest]
    #[case("SP-FGIT", Some("SP-FGIT"))]
    #[case("  sp-fgit\n", Some("SP-FGIT"))]
    #[case(r#"{"code":"SP-FGIT"}"#, Some("SP-FGIT"))]
    #[case(r#" { "v": 1, "code": " sp-fgit " } "#, Some("SP-FGIT"))]
    #[case(r#"{"code":5}"#, None)]
    #[case(r#"{"kode":"SP-FGIT"}"#, None)]
    #[case(r#"{"code":"SP-FGIT""#, None)]
    #[case("{", None)]
    #[case(r#"["SP-FGIT"]"#, Some(r#"["SP-FGIT"]"#))]
    #[case(r#"{"code":""}"#, None)]
    #[case(r#"{"code":"\u0000"}"#, None)]
    #[case(" ", None)]
    fn a_code_is_understood_as_printed_and_as_scanned(
        #[case] sent: &str,
        #[case] code: Option<&str>,
    ) {
        assert_eq!(CheckInCode::sent(sent).as_ref().map(CheckInCode::as_str), code);
    }

    #[test]
    fn a_code_has_at_most_a_hundred_characters() {
        assert!(CheckInCode::sent(&"é".repeat(100)).is_some());
        assert_eq!(CheckInCode::sent(&"é".repeat(101)), None);
    }

    proptest! {
        #[test]
        fn a_code_has_eight_letters_that_look_like_nothing_else(random in any::<[u8; 8]>()) {
            let code = CheckInCode::new(&PopupSlug::stored("conclave".to_owned()), random);
            let letters = code.as_str().strip_prefix("CON").unwrap();
            prop_assert_eq!(letters.len(), 8);
            prop_assert!(letters.bytes().all(|b| b.is_ascii_uppercase() && b != b'I' && b != b'O'));
            prop_assert_eq!(CheckInCode::sent(&code.as_str().to_lowercase()), Some(code));
        }
    }
}
