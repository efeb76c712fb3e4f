use std::{collections::BTreeMap, fmt};

/// How much was made of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    counts: BTreeMap<&'static str, u64>,
}

impl Made {
    /// How much was made in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// One more of `what`, in the plural.
    pub(super) fn count(&mut self, what: &'static str) {
        self.count_many(what, 1);
    }

    /// So many more of `what`.
    pub(super) fn count_many(&mut self, what: &'static str, many: u64) {
        *self.counts.entry(what).or_default() += many;
    }

    /// All that `other` counts, too.
    pub(super) fn add(&mut self, other: Self) {
        for (what, count) in other.counts {
            self.count_many(what, count);
        }
    }
}

/// `57 created: 3 organisations, 54 people`
impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} created", self.total())?;
        for (place, (what, count)) in self.counts.iter().enumerate() {
            write!(f, "{} {count} {what}", if place == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}
