use std::fmt;

/// What a request is called in the log, in its answer, and in what is remembered of it: 1 to 64 visible ASCII
/// characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId {
    /// The characters, then zeros.
    bytes: [u8; Self::MAX],
    length: usize,
}

impl RequestId {
    /// The longest name, in characters.
    const MAX: usize = 64;

    /// The name that `text` is; `None` when it can't be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let (mut bytes, length) = ([0; Self::MAX], text.len());
        bytes.get_mut(..length)?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length })
    }

    /// The name as it is written down and sent.
    ///
    /// # Panics
    ///
    /// Never: nothing but ASCII goes in.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.length]).expect("ASCII went in")
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestId").field(&self.as_str()).finish()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_visible() {
        let read = |text: &str| RequestId::parse(text).map(|id| id.to_string());
        let longest = "r".repeat(64);
        for name in ["r", "4d9f-00/a", &longest] {
            assert_eq!(read(name).as_deref(), Some(name));
        }
        for text in ["", "two words", "line\n", "é", &"r".repeat(65)] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
