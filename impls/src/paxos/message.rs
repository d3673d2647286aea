//! What nodes tell each other, and what they and their clients do.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{Ballot, Vote};

/// The four messages of the algorithm, with their names in Lamport 2001 and in Paxos.tla.
///
/// Any of them may be lost, duplicated, delayed and reordered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Message<V> {
    /// Prepare request, `1a`: a proposer asks for a promise to accept nothing below `ballot`.
    Prepare {
        /// The number of the proposal to come.
        ballot: Ballot,
    },
    /// Promise, `1b`: the acceptor's answer, with its latest vote, if it ever voted.
    Promise {
        /// The ballot that was asked for.
        ballot: Ballot,
        /// The acceptor's vote in the highest ballot (`mbal, mval`).
        accepted: Option<Vote<V>>,
    },
    /// Accept request, `2a`: the proposal itself.
    Accept {
        /// The proposal's number.
        ballot: Ballot,
        /// The proposal's value.
        value: V,
    },
    /// Vote, `2b`: the acceptor tells the learners that it accepted a proposal.
    Accepted {
        /// The proposal's number.
        ballot: Ballot,
        /// The proposal's value.
        value: V,
    },
}

/// What a client asks of a node: that a value be chosen, this one if the choice is still free.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct Propose<V>(pub V);

/// What a learner tells its client: this value is chosen. It may be told more than once, and it
/// is always the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct Chosen<V>(pub V);

/// The timers of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Timer {
    /// The proposer gives up its ballot and tries a higher one. Two proposers that retry at the
    /// same pace may outbid each other for ever (Lamport 2001, section 2.4): a driver draws the
    /// time at random, and longer after each retry.
    Retry,
}
