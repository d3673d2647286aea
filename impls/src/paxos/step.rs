//! The steps of the model that a node takes, and its reasons to take none.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::Ballot;
use crate::protocol::NodeId;

/// The actions of Paxos.tla.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Step<V> {
    /// A proposer begins a ballot.
    Phase1a {
        /// The ballot.
        ballot: Ballot,
    },
    /// An acceptor promises.
    Phase1b {
        /// The acceptor.
        acceptor: NodeId,
        /// The ballot of the promise.
        ballot: Ballot,
    },
    /// A proposer issues its proposal.
    Phase2a {
        /// The proposal's number.
        ballot: Ballot,
        /// The proposal's value.
        value: V,
    },
    /// An acceptor accepts a proposal.
    Phase2b {
        /// The acceptor.
        acceptor: NodeId,
        /// The proposal's number.
        ballot: Ballot,
        /// The proposal's value.
        value: V,
    },
}

/// Why a node ignored an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Ignored {
    /// The node does not play the role that the event is for.
    NotMyRole,
    /// The sender does not play the role that sends such messages.
    NotFromThatRole,
    /// Acceptor: it has promised this ballot, or accepted in it, already: a duplicate.
    AlreadyPromised,
    /// Acceptor: it has promised a higher ballot.
    PromisedHigher,
    /// Acceptor: it has accepted this proposal already: a duplicate.
    AlreadyAccepted,
    /// Proposer: the promise is not for the ballot that it is collecting promises for.
    NotMyBallot,
    /// Proposer: it has this acceptor's promise already: a duplicate.
    PromiseCounted,
    /// Proposer: it is working for an earlier request; the client learns what is chosen.
    AlreadyProposing,
    /// Proposer: the timer fired when there was nothing to retry.
    NothingToRetry,
    /// Proposer: it has no ballot left, after 2^64 of them.
    OutOfBallots,
    /// Learner: it has this acceptor's vote already: a duplicate.
    VoteCounted,
    /// Learner: it counts the votes of a higher ballot.
    LowerBallot,
    /// Learner: it has learned what is chosen.
    AlreadyLearned,
    /// The node waits for no write: what depends on one, the driver holds back.
    NoNews,
}
