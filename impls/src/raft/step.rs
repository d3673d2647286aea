//! The steps of the model that a server takes, and its reasons to take none.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{LogIndex, Message, Payload};
use crate::protocol::NodeId;

/// The actions of raft.tla that a server takes. (A restart is the driver's.)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Step<C> {
    /// A server starts an election.
    Timeout {
        /// The server.
        server: NodeId,
    },
    /// A candidate asks a server for its vote.
    RequestVote {
        /// The candidate.
        server: NodeId,
        /// Whom it asks; itself first.
        peer: NodeId,
    },
    /// A candidate has the votes of a majority.
    BecomeLeader {
        /// The candidate.
        server: NodeId,
    },
    /// A leader appends an entry to its log.
    ClientRequest {
        /// The leader.
        server: NodeId,
        /// What the entry holds.
        payload: Payload<C>,
    },
    /// A leader commits what a majority has.
    AdvanceCommitIndex {
        /// The leader.
        server: NodeId,
    },
    /// A leader sends entries, or none as a heartbeat.
    AppendEntries {
        /// The leader.
        server: NodeId,
        /// To whom.
        peer: NodeId,
        /// How many entries.
        entries: usize,
    },
    /// A server takes one step towards handling a message. It may need several for one: to enter a
    /// later term, to remove each entry that is in the way, to append each new one, to answer.
    Receive(Received<C>),
    /// What is left of a message says nothing new.
    DropMessage(Received<C>),
    /// A leader becomes a follower in its own term: check-quorum.
    StepDown {
        /// The leader.
        server: NodeId,
    },
    /// A leader decides what it sends next: pipelining, and fast backtracking.
    SetNextIndex {
        /// The leader.
        server: NodeId,
        /// To whom.
        peer: NodeId,
        /// The next entry.
        next: LogIndex,
    },
}

/// A message that has arrived.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Received<C> {
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// What it says.
    pub message: Message<C>,
}

/// Why a server ignored an event. Ignoring it changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum Ignored {
    /// The server is no member of the cluster, or has not recovered yet.
    NotAMember,
    /// The sender is no other member of the cluster.
    NotAPeer,
    /// A request: the server does not lead. It knows, or believes, that this one does.
    NotLeader(Option<NodeId>),
    /// A request: the client has had the answer to a later command, or no command was given.
    OldCommand,
    /// A response: it is not of this term.
    OldTerm,
    /// A response: the server is no longer what it was when it asked.
    OldRole,
    /// A response: the leader knows better by now.
    OldAnswer,
    /// A vote, or the promise of one, that has been counted.
    VoteCounted,
    /// A pre-vote: the server would not vote for that candidate, or hears from a leader.
    WouldNotVote,
    /// A timer that has nothing to say in this role.
    NotNow,
    /// The server has no term left, after 2^64 of them.
    OutOfTerms,
    /// A message that no correct server sends: indices beyond all logs.
    Malformed,
    /// A message that no correct server sends: a second leader in a term, or entries that
    /// contradict what is committed.
    Impossible,
    /// The server waits for no write: what depends on one, the driver holds back.
    NoNews,
}
