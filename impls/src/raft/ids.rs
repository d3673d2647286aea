//! Terms and places in the log.

use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// A term, "numbered with consecutive integers" (section 5.1): there is at most one leader in
/// each. It counts from 0, in which no server leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct Term(pub u64);

impl Term {
    /// The term after it; `None` after 2^64 terms.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t{}", self.0)
    }
}

/// A place in the log. "First index is 1" (Figure 2); 0 is the place before the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct LogIndex(pub u64);

impl LogIndex {
    /// The place `entries` further on; `None` beyond 2^64.
    pub fn forward(self, entries: usize) -> Option<Self> {
        self.0.checked_add(u64::try_from(entries).ok()?).map(Self)
    }

    /// The next place. The last is its own next, and no log is so long.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The place before, and 0 for 0.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for LogIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "i{}", self.0)
    }
}
