//! What a node must remember over a crash.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{Ballot, Vote};

/// What a node must remember over a crash. A node uses the fields of the roles that it plays.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Durable<V> {
    /// Proposer: the highest ballot that it ever began. After a restart it must not use it
    /// again, for it does not remember which value it proposed (Lamport 2001, section 2.5).
    pub tried: Option<Ballot>,
    /// Acceptor: the highest ballot that it ever took part in, `maxBal`.
    pub promised: Option<Ballot>,
    /// Acceptor: its vote in the highest ballot, `maxVBal, maxVal`.
    pub accepted: Option<Vote<V>>,
}

impl<V> Default for Durable<V> {
    fn default() -> Self {
        Self { tried: None, promised: None, accepted: None }
    }
}

/// One atomic change of the durable state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Record<V> {
    /// A proposer begins a ballot.
    Tried(Ballot),
    /// An acceptor promises to accept nothing below a ballot.
    Promised(Ballot),
    /// An acceptor votes, and with that promises to accept nothing below the vote's ballot.
    Accepted(Vote<V>),
}

impl<V: Clone> Record<V> {
    /// Changes the durable state.
    pub fn apply(&self, durable: &mut Durable<V>) {
        match self {
            Self::Tried(ballot) => durable.tried = Some(*ballot),
            Self::Promised(ballot) => durable.promised = Some(*ballot),
            Self::Accepted(vote) => {
                durable.promised = Some(vote.ballot);
                durable.accepted = Some(vote.clone());
            }
        }
    }
}
