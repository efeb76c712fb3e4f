use std::fmt;

use chrono::TimeDelta;

/// How many digits a code has.
const DIGITS: usize = 6;

/// The first byte that would make some digits likelier than others: 250 is 25 × 10.
const UNFAIR: u8 = 250;

/// A code that signs somebody in: six decimal digits, leading zeros among them. Doesn't print.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginCode(String);

/// Something else than six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has six digits, 0 to 9")]
pub struct InvalidLoginCode;

impl LoginCode {
    /// How long a code counts.
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);

    /// How many tries there are at a code; the next is refused whatever it is.
    pub const TRIES: u32 = 5;

    /// A code as somebody typed it.
    ///
    /// # Errors
    ///
    /// [`InvalidLoginCode`]; digits of other scripts are none.
    pub fn parse(text: &str) -> Result<Self, InvalidLoginCode> {
        let valid = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidLoginCode) }
    }

    /// A code in which each digit is as likely as any other; `fill` fills its argument with random bytes.
    pub fn draw(mut fill: impl FnMut(&mut [u8])) -> Self {
        let mut code = String::with_capacity(DIGITS);
        while code.len() < DIGITS {
            let mut byte = [0];
            fill(&mut byte);
            if byte[0] < UNFAIR {
                code.push(char::from(b'0' + byte[0] % 10));
            }
        }
        Self(code)
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LoginCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::six_digits("012345", true)]
    #[case::five("01234", false)]
    #[case::seven("0123456", false)]
    #[case::a_letter("01234a", false)]
    #[case::a_sign("+12345", false)]
    #[case::a_blank(" 12345", false)]
    #[case::digits_of_another_script("٠١٢٣٤٥", false)]
    #[case::six_bytes_of_another_script("٠١٢", false)]
    #[case::nothing("", false)]
    fn is_six_ascii_digits(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(LoginCode::parse(text).is_ok(), valid);
    }

    #[test]
    fn every_digit_is_as_likely_as_any_other() {
        let mut bytes = (0..=u8::MAX).cycle();
        let mut counts = [0; 10];
        for _ in 0..1000 {
            let code = LoginCode::draw(|room| room.fill_with(|| bytes.next().unwrap()));
            assert!(LoginCode::parse(code.as_str()).is_ok());
            for digit in code.as_str().bytes() {
                counts[usize::from(digit - b'0')] += 1;
            }
        }
        assert_eq!(counts, [600; 10]);
    }

    #[test]
    fn does_not_print() {
        let code = LoginCode::parse("123456").unwrap();
        assert!(!format!("{code:?}").contains("123456"));
    }
}
