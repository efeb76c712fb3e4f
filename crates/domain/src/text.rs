/// A text that can't be stored where it was meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but white space.
    #[error("must not be blank")]
    Blank,
    /// More characters than this.
    #[error("must not be longer than {0} characters")]
    TooLong(usize),
    /// U+0000, which PostgreSQL can't store.
    #[error("must not contain the character U+0000")]
    Nul,
}

/// `input` as it is, when it has at most `max` characters and no U+0000.
///
/// # Errors
///
/// `TooLong` or `Nul`.
pub fn verbatim_text(input: &str, max: usize) -> Result<String, InvalidText> {
    if input.contains('\0') {
        return Err(InvalidText::Nul);
    }
    if input.chars().count() > max {
        return Err(InvalidText::TooLong(max));
    }
    Ok(input.to_owned())
}

/// `input` without its outer white space: at most `max` characters, and at least one.
///
/// # Errors
///
/// [`InvalidText`].
pub fn required_text(input: &str, max: usize) -> Result<String, InvalidText> {
    optional_text(input, max)?.ok_or(InvalidText::Blank)
}

/// `input` without its outer white space: at most `max` characters; `None` when nothing is left.
///
/// # Errors
///
/// `TooLong` or `Nul`.
pub fn optional_text(input: &str, max: usize) -> Result<Option<String>, InvalidText> {
    let text = verbatim_text(input.trim(), max)?;
    Ok((!text.is_empty()).then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_measured_in_characters_and_without_its_edges() {
        assert_eq!(required_text("  ééé ", 3), Ok("ééé".to_owned()));
        assert_eq!(required_text("éééé", 3), Err(InvalidText::TooLong(3)));
        assert_eq!(required_text(" \t", 3), Err(InvalidText::Blank));
        assert_eq!(optional_text(" \t", 3), Ok(None));
        assert_eq!(optional_text("a\0", 3), Err(InvalidText::Nul));
        assert_eq!(verbatim_text(" a ", 3), Ok(" a ".to_owned()));
    }
}
