//! The log.

use alloc::vec::Vec;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{Entries, LogIndex, Term};
use crate::state_machine::Command;

/// An entry: what is to be done, and the term "when entry was received by leader" (Figure 2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Entry<C> {
    /// The term of the leader that made it.
    pub term: Term,
    /// What is to be done.
    pub payload: Payload<C>,
}

/// What an entry holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Payload<C> {
    /// Nothing: "a blank no-op entry into the log at the start of its term" (section 8).
    NoOp,
    /// A client's command.
    Command(Command<C>),
}

/// A log: entries from index 1 on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct Log<C> {
    entries: Vec<Entry<C>>,
}

impl<C> Default for Log<C> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

/// How the entries of a message relate to those that a log holds after the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// So many of them are in the log already.
    pub known: usize,
    /// The log goes on differently after those: it has to be cut off after this place.
    pub cut_after: Option<LogIndex>,
}

impl<C> Log<C> {
    /// All entries, from index 1 on.
    pub fn entries(&self) -> &[Entry<C>] {
        &self.entries
    }

    /// The place of the last entry, and 0 for an empty log.
    pub fn last_index(&self) -> LogIndex {
        LogIndex(self.entries.len() as u64)
    }

    /// The term of the last entry, and 0 for an empty log.
    pub fn last_term(&self) -> Term {
        self.entries.last().map_or(Term(0), |entry| entry.term)
    }

    /// The entry at a place.
    pub fn get(&self, index: LogIndex) -> Option<&Entry<C>> {
        self.entries.get(self.offset(index)?)
    }

    /// The term of the entry at a place: 0 for the place before the log, `None` beyond its end.
    pub fn term_at(&self, index: LogIndex) -> Option<Term> {
        match index {
            LogIndex(0) => Some(Term(0)),
            _ => self.get(index).map(|entry| entry.term),
        }
    }

    /// The first place whose entry has the same term as the one at `index`.
    pub fn first_of_term_at(&self, index: LogIndex) -> Option<LogIndex> {
        let term = self.get(index)?.term;
        // Terms never decrease along a log.
        let before = self.entries.partition_point(|entry| entry.term < term);
        Some(LogIndex(before as u64).next())
    }

    /// The last place whose entry has this term.
    pub fn last_of_term(&self, term: Term) -> Option<LogIndex> {
        let count = self.entries.partition_point(|entry| entry.term <= term);
        let last = LogIndex(count as u64);
        (self.term_at(last) == Some(term) && last > LogIndex(0)).then_some(last)
    }

    /// Rules 3 and 4 of AppendEntries: compares the entries of a message, which follow the place
    /// `prev`, with the log.
    pub fn compare(&self, prev: LogIndex, entries: &[Entry<C>]) -> Comparison {
        let mut place = prev;
        for (known, entry) in entries.iter().enumerate() {
            match self.term_at(place.next()) {
                Some(term) if term == entry.term => place = place.next(),
                Some(_) => return Comparison { known, cut_after: Some(place) },
                None => return Comparison { known, cut_after: None },
            }
        }
        Comparison { known: entries.len(), cut_after: None }
    }

    /// Removes every entry after a place.
    pub fn cut_after(&mut self, index: LogIndex) {
        if let Ok(length) = usize::try_from(index.0) {
            self.entries.truncate(length);
        }
    }

    /// The place of an entry in the vector.
    fn offset(&self, index: LogIndex) -> Option<usize> {
        usize::try_from(index.0).ok()?.checked_sub(1)
    }
}

impl<C: Clone> Log<C> {
    /// Adds entries at the end.
    pub fn append(&mut self, entries: &[Entry<C>]) {
        self.entries.extend_from_slice(entries);
    }

    /// The entries from a place on, but no more than `most`.
    pub fn entries_from(&self, first: LogIndex, most: usize) -> Entries<C> {
        let rest = self.offset(first).and_then(|offset| self.entries.get(offset..));
        let rest = rest.unwrap_or_default();
        rest[..rest.len().min(most)].into()
    }
}

impl<C> FromIterator<Entry<C>> for Log<C> {
    fn from_iter<I: IntoIterator<Item = Entry<C>>>(entries: I) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}
