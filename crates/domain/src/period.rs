use chrono::{DateTime, Utc};

use crate::Patch;

/// A stretch of time, open at either end or at both. Both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
}

/// A stretch of time that would end before it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must not be before the start date")]
pub struct InvalidPeriod;

impl Period {
    /// From `start` to `end`.
    ///
    /// # Errors
    ///
    /// [`InvalidPeriod`].
    pub fn new(
        start: Option<DateTime<Utc>>,
        end: Option<DateTime<Utc>>,
    ) -> Result<Self, InvalidPeriod> {
        match (start, end) {
            (Some(start), Some(end)) if end < start => Err(InvalidPeriod),
            _ => Ok(Self { start, end }),
        }
    }

    /// A period as the database has it. Older rows may hold ends that [`new`](Self::new) refuses.
    #[must_use]
    pub fn stored(start: Option<DateTime<Utc>>, end: Option<DateTime<Utc>>) -> Self {
        Self { start, end }
    }

    /// This period after a change; one that isn't touched stays, whatever it is.
    ///
    /// # Errors
    ///
    /// [`InvalidPeriod`].
    pub fn changed(
        self,
        start: Patch<DateTime<Utc>>,
        end: Patch<DateTime<Utc>>,
    ) -> Result<Self, InvalidPeriod> {
        if !start.is_sent() && !end.is_sent() {
            return Ok(self);
        }
        Self::new(start.over(self.start), end.over(self.end))
    }

    /// The first instant that belongs to it; `None` for all that were before the end.
    #[must_use]
    pub fn start(self) -> Option<DateTime<Utc>> {
        self.start
    }

    /// The last instant that belongs to it; `None` for all that come after the start.
    #[must_use]
    pub fn end(self) -> Option<DateTime<Utc>> {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::fixtures::noon;

    #[test]
    fn a_period_ends_after_it_starts() {
        let (early, late) = (noon(), noon() + TimeDelta::seconds(1));
        assert_eq!(Period::new(Some(late), Some(early)), Err(InvalidPeriod));
        assert!(Period::new(Some(early), Some(early)).is_ok());
        assert!(Period::new(None, Some(early)).is_ok());
    }

    #[test]
    fn only_a_change_of_an_end_is_checked() {
        let (early, late) = (noon(), noon() + TimeDelta::seconds(1));
        let odd = Period::stored(Some(late), Some(early));
        assert_eq!(odd.changed(Patch::Keep, Patch::Keep), Ok(odd));
        assert_eq!(odd.changed(Patch::Set(late), Patch::Keep), Err(InvalidPeriod));
        assert_eq!(odd.changed(Patch::Clear, Patch::Keep), Period::new(None, Some(early)));
        assert_eq!(odd.changed(Patch::Keep, Patch::Set(late)), Period::new(Some(late), Some(late)));
    }
}
