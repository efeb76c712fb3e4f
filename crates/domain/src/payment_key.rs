use crate::Patch;

/// What stands for the part of a key that isn't shown.
const HIDDEN: &str = "********";

/// A text that looks like a masked key, but isn't the mask of the stored one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("looks like a hidden key; enter the whole key, or leave it as it is")]
pub struct MaskedKey;

/// What staff see of a payment key: eight `*` and its last four characters; of a key of eight characters or
/// fewer, only `*`.
#[must_use]
pub fn mask_payment_key(key: &str) -> String {
    let shown = if key.chars().count() > 8 { 4 } else { 0 };
    let tail = key.char_indices().rev().take(shown).last().map_or("", |(at, _)| &key[at..]);
    format!("{HIDDEN}{tail}")
}

/// What becomes of a payment key when a request writes `written`, and `stored` is the key in clear so far.
/// Forms send back the mask that they were shown: it keeps the key.
///
/// # Errors
///
/// [`MaskedKey`] for a mask that isn't that of `stored`.
pub fn payment_key_change(
    written: Patch<&str>,
    stored: Option<&str>,
) -> Result<Patch<String>, MaskedKey> {
    match written {
        Patch::Keep => Ok(Patch::Keep),
        Patch::Clear | Patch::Set("") => Ok(Patch::Clear),
        Patch::Set(key) if stored.is_some_and(|stored| mask_payment_key(stored) == key) => {
            Ok(Patch::Keep)
        }
        Patch::Set(key) if key.starts_with(HIDDEN) => Err(MaskedKey),
        Patch::Set(key) => Ok(Patch::Set(key.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("sk_live_abcd1234", "********1234")]
    #[case("123456789", "********6789")]
    #[case("12345678", "********")]
    #[case("", "********")]
    #[case("schlüsselöß", "********elöß")]
    fn a_key_shows_its_end_at_most(#[case] key: &str, #[case] mask: &str) {
        assert_eq!(mask_payment_key(key), mask);
    }

    #[rstest]
    #[case(Patch::Keep, Ok(Patch::Keep))]
    #[case(Patch::Clear, Ok(Patch::Clear))]
    #[case(Patch::Set(""), Ok(Patch::Clear))]
    #[case(Patch::Set("********1234"), Ok(Patch::Keep))]
    #[case(Patch::Set("********9999"), Err(MaskedKey))]
    #[case(Patch::Set("********"), Err(MaskedKey))]
    #[case(Patch::Set("sk_new"), Ok(Patch::Set("sk_new".to_owned())))]
    fn a_form_sent_back_changes_no_key(
        #[case] written: Patch<&str>,
        #[case] expected: Result<Patch<String>, MaskedKey>,
    ) {
        assert_eq!(payment_key_change(written, Some("sk_live_abcd1234")), expected);
    }

    #[test]
    fn a_mask_is_no_key_where_there_is_none() {
        assert_eq!(payment_key_change(Patch::Set("********1234"), None), Err(MaskedKey));
    }
}
