//! Persistent state: what a server must remember over a crash.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{Entries, Log, LogIndex, Term};
use crate::protocol::NodeId;

/// "Persistent state on all servers, updated on stable storage before responding to RPCs"
/// (Figure 2), but for the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct HardState {
    /// "Latest term server has seen (initialized to 0 on first boot, increases monotonically)".
    pub current_term: Term,
    /// "CandidateId that received vote in current term (or null if none)".
    pub voted_for: Option<NodeId>,
}

/// What a server must remember over a crash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Durable<C> {
    /// Term and vote.
    pub hard: HardState,
    /// The log.
    pub log: Log<C>,
}

impl<C> Default for Durable<C> {
    fn default() -> Self {
        Self { hard: HardState::default(), log: Log::default() }
    }
}

/// One atomic change of the durable state: never the whole log, only what is new.
///
/// Each event leads to one record at most, so that a crash never separates what belongs together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Record<C> {
    /// The new term and vote, if they change.
    pub hard: Option<HardState>,
    /// The log loses every entry after this place.
    pub truncate_to: Option<LogIndex>,
    /// Then the log gains these entries at its end.
    pub append: Entries<C>,
}

impl<C: Clone> Record<C> {
    /// Changes the durable state.
    pub fn apply(&self, durable: &mut Durable<C>) {
        if let Some(hard) = self.hard {
            durable.hard = hard;
        }
        if let Some(last) = self.truncate_to {
            durable.log.cut_after(last);
        }
        durable.log.append(&self.append);
    }
}
