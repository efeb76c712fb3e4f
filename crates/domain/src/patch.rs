/// What a change asks of a field that may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Leave it as it is: the key was absent.
    #[default]
    Keep,
    /// Empty it: the key was null.
    Clear,
    /// Give it this value.
    Set(T),
}

impl<T> Patch<T> {
    /// The value of a field that holds `current`, after this change.
    #[must_use]
    pub fn over(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The same change with its value turned into another.
    pub fn map<U>(self, turn: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(turn(value)),
        }
    }

    /// As [`map`](Self::map), if that is possible.
    ///
    /// # Errors
    ///
    /// What `turn` says.
    pub fn try_map<U, E>(self, turn: impl FnOnce(T) -> Result<U, E>) -> Result<Patch<U>, E> {
        Ok(match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(turn(value)?),
        })
    }

    /// Whether the field is mentioned at all.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        !matches!(self, Self::Keep)
    }
}

impl<T> From<Option<Option<T>>> for Patch<T> {
    /// `None` keeps, `Some(None)` clears.
    fn from(sent: Option<Option<T>>) -> Self {
        match sent {
            None => Self::Keep,
            Some(None) => Self::Clear,
            Some(Some(value)) => Self::Set(value),
        }
    }
}
